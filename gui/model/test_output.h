/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Results of lab checks as "netlab test" prints them: TAP version 13 (testanything.org), with a YAML block of details
 * behind a check that does not hold. */
#pragma once

#include <glib.h>

typedef struct {
	gboolean holds;
	char *name, *took; /* "0.42 s"; "" where not said */
	char *node;        /* where it failed; NULL where not said */
	char *details;     /* lines, without their indentation; "" none */
} TestResult;

typedef struct TestOutput TestOutput;
/** Called for each result, when it is complete; result is borrowed. */
typedef void (*TestOutputTake)(const TestResult *result, gpointer data);

TestOutput *test_output_new(TestOutputTake take, gpointer data);
void test_output_free(TestOutput *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(TestOutput, test_output_free)
/** Takes a line, without its newline. */
void test_output_line(TestOutput *self, const char *line);
/** There are no more lines: the last result is complete. */
void test_output_end(TestOutput *self);
