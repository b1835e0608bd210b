/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What session.c (the file), session_run.c (the supervisor) and session_commands.c (what the user asks for) share. */
#pragma once

#include "gui/session/session.h"
#include "netlab/client/lab_watch.h"

typedef enum { AFTER_STOP_NOTHING, AFTER_STOP_START } AfterStop;

struct _Session {
	GObject parent_instance;
	Scene *scene;

	/* The file. */
	GFile *file;
	GFileMonitor *file_monitor;
	guint reload_source, save_source;
	Lab *lab;
	LabDiagnostics *diagnostics;
	gboolean trusted;  /* the user says so: the lab's paths may leave its folder */
	char *layout_path; /* of the sidecar, of the file now open */
	gboolean layout_complained;
	GCancellable *arranging;

	/* The supervisor. */
	char *run_name; /* name of the lab attached to, or to be; NULL none */
	char *run_directory;
	NetlabLab1 *proxy;
	GDBusConnection *connection;
	GCancellable *attachment; /* of all calls on the supervisor; cancelled when it is left */
	LabWatch *labs_watch;
	guint tick_source;
	gint64 asked;     /* monotonic time when the call not yet answered was made; 0: none */
	gboolean crashed; /* the supervisor died */
	gboolean slow;    /* it does not answer */
	gboolean visible;
	char *state; /* last that was said */

	/* What was asked for. */
	GSubprocess *starter;
	gboolean stopping;
	AfterStop after_stop;
};

enum { SESSION_PATIENCE = 3 * G_USEC_PER_SEC }; /* until a supervisor that does not answer counts as lost */

void session_emit_file(Session *self);
void session_emit_run(Session *self);
/** Finds out which state the lab is in; emits "state" when it has changed. */
void session_update_state(Session *self);
void session_say_problem(Session *self, const char *message);

/** Watches for supervisors that come and go, and attaches when there is one. */
void session_watch_runs(Session *self);
/** Attaches to the supervisor of the lab, if it is running. */
void session_look(Session *self);
/** Leaves the supervisor. */
void session_detach(Session *self);
/** The supervisor has gone, as expected or not: commands that waited for it. */
void session_commands_run_ended(Session *self);
