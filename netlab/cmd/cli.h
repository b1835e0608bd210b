/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What every subcommand shares: its shape, its errors, its options and its output. */
#pragma once

#include <gio/gio.h>
#include <json-glib/json-glib.h>
#include <stdio.h>

/** Exit statuses, documented in netlab(1). exec, console and test --exec have those of the command as well. */
enum {
	STATUS_OK = 0,
	STATUS_FAILED = 1,
	STATUS_USAGE = 2,         /* wrong command line, or a lab file with errors */
	STATUS_INTERRUPTED = 130, /* Ctrl-C: what was begun was undone */
};

/** The domain of the command line's own errors. cli_status_of() has the exit status of these and of all others. */
#define CLI_ERROR cli_error_quark()
GQuark cli_error_quark(void);

typedef enum {
	CLI_ERROR_FAILED,
	CLI_ERROR_USAGE,       /* wrong command line, or a lab file with errors */
	CLI_ERROR_INTERRUPTED, /* Ctrl-C */
	CLI_ERROR_READER_GONE, /* nobody reads standard output any more: nothing is printed */
} CliError;

/** One subcommand. run() gets its own arguments (argv[0] is the command's name) and returns the exit status; when it
 *  sets error, main() prints it, and a status of 0 is replaced by the error's. Without a summary it is not listed. */
typedef struct {
	const char *name, *arguments, *summary;
	int (*run)(int argc, char **argv, GError **error);
} Command;

int cmd_capture(int argc, char **argv, GError **error);
int cmd_check(int argc, char **argv, GError **error);
int cmd_clean(int argc, char **argv, GError **error);
int cmd_complete(int argc, char **argv, GError **error);
int cmd_console(int argc, char **argv, GError **error);
int cmd_cp(int argc, char **argv, GError **error);
int cmd_doctor(int argc, char **argv, GError **error);
int cmd_exec(int argc, char **argv, GError **error);
int cmd_gui(int argc, char **argv, GError **error);
int cmd_image(int argc, char **argv, GError **error);
int cmd_kernel(int argc, char **argv, GError **error);
int cmd_link(int argc, char **argv, GError **error);
int cmd_list(int argc, char **argv, GError **error);
int cmd_logs(int argc, char **argv, GError **error);
int cmd_plan(int argc, char **argv, GError **error);
int cmd_restart(int argc, char **argv, GError **error);
int cmd_start(int argc, char **argv, GError **error);
int cmd_status(int argc, char **argv, GError **error);
int cmd_stop(int argc, char **argv, GError **error);
int cmd_pause(int argc, char **argv, GError **error);
int cmd_resume(int argc, char **argv, GError **error);
int cmd_switch(int argc, char **argv, GError **error);
int cmd_test(int argc, char **argv, GError **error);
int cmd_wireshark(int argc, char **argv, GError **error);

/** Takes over the user's locale, with UTF-8 where it has no more than ASCII. Before anything is printed. */
void cli_locale(void);
/** Finds a command by name, or fails with STATUS_USAGE and the nearest name. */
const Command *cli_find(const Command *commands, const char *name, GError **error);
/** Prints the list of commands. */
void cli_print_commands(const Command *commands, FILE *out);
/** The exit status of an error of any domain: the one place that knows. */
int cli_status_of(const GError *error);

/** The help of a subcommand. */
typedef struct {
	const char *usage;    /* arguments after the options: "[FILE|FOLDER]" */
	const char *summary;  /* what it does */
	const char *examples; /* a block of lines "  netlab ..." */
} CliHelp;

/** Parses options; argv is left with the name and the arguments. --help prints and exits 0. An unknown option is an
 * error with the nearest one. Options may stand before and after arguments; "--" ends them. entries may be NULL. */
gboolean cli_parse(const CliHelp *help, const GOptionEntry *entries, int *argc, char ***argv, GError **error);
/** Fails with STATUS_USAGE unless between min and max arguments (max < 0: any number) follow the command's name. */
gboolean cli_count(int argc, char **argv, int min, int max, GError **error);
/** Sets a usage error (STATUS_USAGE); returns STATUS_USAGE, to be returned. */
int cli_usage(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** Sets a failure (STATUS_FAILED); returns STATUS_FAILED, to be returned. */
int cli_failed(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);
/** Splits "a,b c" at commas into names without blanks or empty ones. Caller frees with g_strfreev. */
char **cli_names(const char *list);

/** Whether STREAM takes colours: a terminal, and NO_COLOR (no-color.org) not set. */
gboolean cli_colour(FILE *stream);
/** Words NAME=VALUE, up to NULL, as a{ss}. Fails (usage) with a word that is not, or the second of its name.
 *  @what: "link set"; @example: "delay=20ms". Caller owns the result. */
GVariant *cli_pairs(const char *what, const char *example, char **words, GError **error);
/** TEXT in the colour of a state ("ready" green, "failed" red, ...) when STREAM takes colours. Caller frees. */
char *cli_state(const char *state, FILE *stream);
/** Flushes standard output; fails with the reason when it could not be written (full disk, closed pipe). */
gboolean cli_flush(GError **error);

void cli_json_string(JsonBuilder *builder, const char *name, const char *value);
void cli_json_int(JsonBuilder *builder, const char *name, gint64 value);
void cli_json_bool(JsonBuilder *builder, const char *name, gboolean value);
void cli_json_strings(JsonBuilder *builder, const char *name, char **values);
/** Prints the finished document to standard output, indented. */
gboolean cli_json_print(JsonBuilder *builder, GError **error);

/** "1 node", "2 nodes". Caller frees. */
char *cli_many(guint n, const char *noun);
/** "0.42 s", "3 min 5 s", "2 h 10 min", "4 d 3 h". microseconds. Caller frees. */
char *cli_duration(gint64 microseconds);
/** Reads a --timeout ("1.5s", "500ms"; a bare number is seconds) into milliseconds; NULL leaves them alone. */
gboolean cli_timeout(const char *command, const char *text, guint *ms, GError **error);
/** "110 B", "11.2 MB" (powers of 1000). Caller frees. */
char *cli_bytes(guint64 bytes);
