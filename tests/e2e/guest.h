/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A guest kernel run by hand, without switch or supervisor, for tests of the agent: boots, speaks the protocol, and fails
 * the test when an answer takes longer than GUEST_DEADLINE seconds. */
#pragma once

#include <glib.h>
#include <sys/types.h>

#include "filesystems/guest/protocol.h"

#define GUEST_DEADLINE 20

typedef struct {
	pid_t pid;
	int line;          /* our end of the serial line */
	char *folder;      /* boot.log and UML's own files */
	GByteArray *input; /* received and not yet given out */
	gsize looked_at;   /* so much of it is whole frames */
	gboolean counted;  /* the line's own credit is in use: see guest_hello() */
	guint32 line_window;
	guint32 window;   /* bytes of input that the session started last may be sent */
	GString *reports; /* every AGENT_REPORT, one a line */
} Guest;

/** What an exec session gave back. */
typedef struct {
	GByteArray *streams[3]; /* 1 and 2: output */
	char how;               /* of AGENT_EXIT; 0 before */
	guint8 code;
	char *text;
} Result;

/** Path of the guest kernel: $NETLAB_KERNEL or the cache's. NULL when there is none. Caller frees. */
char *guest_kernel(void);
/** Boots with these kernel parameters (NULL-terminated) beside the usual ones. */
Guest *guest_boot(const char *const *parameters);
/** Ends it by force if it still runs, and removes its folder. */
void guest_free(Guest *guest);
/** Waits until the guest's process has ended; its wait status. */
int guest_wait(Guest *guest);

void guest_send(Guest *guest, AgentType type, guint16 channel, const void *payload, gsize length);
/** Sends words, each with its NUL, after PREFIX bytes; NULL-terminated. */
void guest_send_words(Guest *guest, AgentType type, guint16 channel, const void *prefix, gsize prefix_length,
	const char *const *words);
/** SETUP with these words. */
void guest_setup(Guest *guest, const char *verb, ...) G_GNUC_NULL_TERMINATED;
/** The next frame that is no report; payload in PAYLOAD (cleared first). */
AgentHeader guest_receive(Guest *guest, GByteArray *payload);
/** The next frame, which must be of this type; its payload as text, caller frees. */
char *guest_expect(Guest *guest, AgentType type);
/** Waits for AGENT_HELLO and asks for the line's credit. */
void guest_hello(Guest *guest);
/** guest_hello(), then GO, then READY. */
void guest_start(Guest *guest);

/** Sends AGENT_EXEC; SIZE is {rows, columns} for a terminal, or NULL. */
void guest_exec(Guest *guest, guint16 channel, const guint16 *size, const char *const *argv);
/** Sends all of INPUT and then end of file to a session, as credits allow, until its AGENT_EXIT. INPUT may be NULL. */
Result *guest_finish(Guest *guest, guint16 channel, GBytes *input);
/** Runs a shell command to its end with nothing on its input. */
Result *guest_shell(Guest *guest, const char *command);
void result_free(Result *result);
/** An output stream as text, borrowed. */
const char *result_text(Result *result, int stream);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Result, result_free)
