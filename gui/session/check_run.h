/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One run of a lab's checks by "netlab test", on the main loop. Free of GTK. */
#pragma once

#include <gio/gio.h>

#include "gui/model/test_output.h"

typedef struct CheckRun CheckRun;

/** What is reported, never before check_run_new() returns nor after check_run_drop(). */
typedef struct {
	void (*result)(const TestResult *result, gpointer data);
	void (*words)(const char *text, gpointer data); /* beside the results: why it could not run them */
	void (*ended)(gpointer data);                   /* last */
} CheckRunHooks;

/** Starts a run; a lab that does not run is started for it, and keeps running.
 *  @path: the lab's file
 *  @trusted: the user trusts the lab (--trust)
 *  @only: the check that alone is run; NULL: all
 *  @hooks: must outlive it
 *  Returns it, to be given to check_run_drop(); NULL and why. */
CheckRun *check_run_new(const char *path, gboolean trusted, const char *only, const CheckRunHooks *hooks, gpointer data,
	GError **error);
/** The check that alone is run; NULL: all. Borrowed. */
const char *check_run_only(const CheckRun *self);
/** Interrupts it; it ends soon. */
void check_run_stop(CheckRun *self);
/** Nothing is reported any more; the run itself continues, unless it was stopped. */
void check_run_drop(CheckRun *self);
