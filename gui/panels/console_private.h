/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What console.c (a shell in a terminal) and console_keys.c (its actions, keys and menu) share. */
#pragma once

#include <vte/vte.h>

#include "gui/panels/console.h"
#include "netlab/client/guest_command.h"

struct _Console {
	GtkBox parent_instance;
	Session *session; /* borrowed */
	char *node, *name, *title;
	guint number;
	VteTerminal *terminal;
	GSimpleActionGroup *actions;
	GuestCommand *command; /* NULL: not connected */
	gboolean waiting;      /* connects as soon as the node is ready */
	gboolean again;        /* it was connected before: says so with the first output */
	gboolean typed;        /* something was, since it connected */
	char *said;            /* last line of our own since the guest wrote something */
};

/** Ends the shell, if there is one, and starts another one. */
void console_reconnect(Console *self);
/** Adds the console's own actions, and what activates them: keys, wheel, menu. */
void console_add_keys(Console *self);
