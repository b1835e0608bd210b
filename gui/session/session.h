/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A lab in a window: its file, and its supervisor when it runs. Talks to netlabd over its D-Bus socket alone, never
 * blocks, and keeps the scene up to date (signals of the supervisor at once, counters once a second while visible).
 *
 * Signals:
 *   "file" ()                 the file was read (again): session_lab() and session_diagnostics() are new
 *   "run" ()                  the lab has started, stopped, was attached to, or was lost: session_proxy() may be new
 *   "state" ()                session_state() has changed
 *   "problem" (const char *)  something that the user asked for went wrong: fit to show */
#pragma once

#include <gio/gio.h>

#include "gui/model/scene.h"
#include "lab-dbus.h"
#include "topologies/model/diagnostics.h"

#define SESSION_TYPE (session_get_type())
G_DECLARE_FINAL_TYPE(Session, session, SESSION, SESSION, GObject)

Session *session_new(void);
/** Opens a lab's file; attaches to its supervisor if it runs. The file is watched and read again when it changes. */
void session_open_file(Session *self, GFile *file);
/** Attaches to a running lab by its name, and opens its file. */
void session_attach(Session *self, const char *lab);
/** Reads the file again. */
void session_reload(Session *self);
/** Whether the user trusts the lab: its paths may lead out of its folder (--trust), when it is read, started and tested. Another
 *  file is not trusted. Reads the file again. */
void session_set_trusted(Session *self, gboolean trusted);
gboolean session_trusted(Session *self);

GFile *session_file(Session *self);    /* NULL: a new lab without one */
const Lab *session_lab(Session *self); /* NULL when the file has errors; the scene then shows the last good one */
const LabDiagnostics *session_diagnostics(Session *self); /* of the last reading; NULL: none yet */
Scene *session_scene(Session *self);
/** The supervisor; NULL when the lab does not run. Its calls are made asynchronously. Borrowed. */
NetlabLab1 *session_proxy(Session *self);
/** "stopped", "starting", "ready", "degraded", "stopping", or "lost" (the supervisor died, or does not answer). */
const char *session_state(Session *self);
/** The name that the lab runs under, or would. */
const char *session_name(Session *self);
/** Saves the places of the scene's vertices beside the file, soon: they were changed by hand. */
void session_save_places(Session *self);
/** Counters are asked for only while somebody looks. */
void session_set_visible(Session *self, gboolean visible);

/** Starts the lab (netlab start, as a separate process), stops it (orderly), or both. Answers come as signals. */
void session_start(Session *self);
void session_stop(Session *self);
void session_restart(Session *self);
/** One node: "start", "stop", "restart", "pause", "resume". */
void session_act_on_node(Session *self, const char *node, const char *action);
/** SetLink of org.netlab.Lab1: attributes a{ss}, floating or not. */
void session_set_link(Session *self, const char *link, const char *from, const char *base, GVariant *attributes);
/** Says "problem". */
void session_complain(Session *self, const GError *error);
