/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The errors of the client library. Errors that GLib or the supervisor reports keep their own domain. */
#pragma once

#include <glib.h>

/** The domain of the library's own errors. What a program does about one (an exit status, a dialog) is the program's choice. */
#define CLIENT_ERROR client_error_quark()
GQuark client_error_quark(void);

typedef enum {
	CLIENT_ERROR_FAILED,      /* none of the following */
	CLIENT_ERROR_NOT_FOUND,   /* the lab has no such node */
	CLIENT_ERROR_NOT_RUNNING, /* no lab, or not this one, is running */
	CLIENT_ERROR_RUNNING,     /* the lab is running, and must not be */
	CLIENT_ERROR_DEAD,        /* the supervisor or the guest went away, or left only its folder */
	CLIENT_ERROR_INVALID,     /* the switch does not accept the filter or the format of a capture */
	CLIENT_ERROR_STUCK,       /* the supervisor does not do what it was asked to do */
} ClientError;
