/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/cli.h"
#include "netlab/client/text.h"

#include <errno.h>
#include <langinfo.h>
#include <locale.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "netlab/client/error.h"
#include "topologies/model/diagnostics.h"
#include "topologies/model/values.h"

GQuark cli_error_quark(void)
{
	return g_quark_from_static_string("netlab-cli-error");
}

/** Takes over the user's locale. In one that knows ASCII alone, as on a machine without any, GLib would write "?" for
 * what is not in it: names of files and labs, and the ellipsis in each usage. Every terminal of today shows UTF-8. */
void cli_locale(void)
{
	setlocale(LC_ALL, "");
	if (g_str_equal(nl_langinfo(CODESET), "ANSI_X3.4-1968"))
		setlocale(LC_CTYPE, "C.UTF-8");
}

/** Finds a command by name, or fails with STATUS_USAGE and the nearest name. */
const Command *cli_find(const Command *commands, const char *name, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (const Command *command = commands; command->name; command++) {
		if (g_str_equal(command->name, name))
			return command;
		if (command->summary)
			g_ptr_array_add(names, (char *)command->name);
	}
	g_autofree char *hint = did_you_mean(name, names);
	g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "unknown command \"%s\"%s", name,
		*hint ? hint : "; \"netlab help\" lists all commands");
	return NULL;
}

/** Prints the list of commands. */
void cli_print_commands(const Command *commands, FILE *out)
{
	fprintf(out,
		"netlab: networks of real Linux kernels, from one XML file\n\nUsage: netlab COMMAND [ARGUMENTS]\n\n");
	for (const Command *command = commands; command->name; command++)
		if (command->summary)
			fprintf(out, "  %-9s %-40s %s\n", command->name, command->arguments, command->summary);
	fprintf(out,
		"\n\"netlab COMMAND --help\" shows details and examples; \"netlab help lab\" is the manual of lab "
		"files.\n");
}

/** The exit status of an error. */
int cli_status_of(const GError *error)
{
	static const int own[] = {
		[CLI_ERROR_FAILED] = STATUS_FAILED,
		[CLI_ERROR_USAGE] = STATUS_USAGE,
		[CLI_ERROR_INTERRUPTED] = STATUS_INTERRUPTED,
		[CLI_ERROR_READER_GONE] = 128 + SIGPIPE,
	};
	if (error->domain == CLI_ERROR)
		return own[error->code];
	/* A capture filter or format is part of the command line. */
	if (g_error_matches(error, CLIENT_ERROR, CLIENT_ERROR_INVALID))
		return STATUS_USAGE;
	return STATUS_FAILED;
}

/* The error about an option that does not exist, with the one that was surely meant. GLib's own message is translated
 * and only names the option, so it is found again among the arguments. */
static void unknown_option(char **argv, const GOptionEntry *entries, const char *message, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_ptr_array_add(names, "help");
	for (const GOptionEntry *entry = entries; entry && entry->long_name; entry++)
		g_ptr_array_add(names, (char *)entry->long_name);
	for (char **argument = argv + 1; *argument && !g_str_equal(*argument, "--"); argument++) {
		if (!g_str_has_prefix(*argument, "--"))
			continue;
		g_autofree char *name = g_strndup(*argument + 2, strcspn(*argument + 2, "="));
		if (g_ptr_array_find_with_equal_func(names, name, g_str_equal, NULL))
			continue;
		g_ptr_array_add(names, NULL);
		const char *nearest = lab_nearest(name, (const char *const *)names->pdata);
		g_set_error(error, CLI_ERROR, CLI_ERROR_USAGE, "unknown option --%s%s%s%s", name,
			nearest ? "; did you mean --" : "", nearest ? nearest : "", nearest ? "?" : "");
		return;
	}
	g_set_error_literal(error, CLI_ERROR, CLI_ERROR_USAGE, message);
}

/** Parses the options of a subcommand: see cli.h. */
gboolean cli_parse(const CliHelp *help, const GOptionEntry *entries, int *argc, char ***argv, GError **error)
{
	g_autofree char *program = g_strconcat("netlab ", (*argv)[0], NULL);
	g_autofree char *examples = g_strconcat("Examples:\n", help->examples, NULL);
	g_autofree char **before = g_memdup2(*argv, (*argc + 1) * sizeof(char *));
	g_autoptr(GError) failure = NULL;
	g_autoptr(GOptionContext) context = g_option_context_new(help->usage);
	g_set_prgname(program);
	g_option_context_set_summary(context, help->summary);
	g_option_context_set_description(context, examples);
	if (entries)
		g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, argc, argv, &failure)) {
		if (g_error_matches(failure, G_OPTION_ERROR, G_OPTION_ERROR_UNKNOWN_OPTION))
			unknown_option(before, entries, failure->message, error);
		else
			g_set_error_literal(error, CLI_ERROR, CLI_ERROR_USAGE, failure->message);
		return FALSE;
	}
	if (*argc > 1 && g_str_equal((*argv)[1], "--")) {
		memmove(*argv + 1, *argv + 2, (*argc - 1) * sizeof(char *));
		--*argc;
	}
	return TRUE;
}

/** Fails with STATUS_USAGE unless between min and max arguments (max < 0: any number) follow the command's name. */
gboolean cli_count(int argc, char **argv, int min, int max, GError **error)
{
	if (argc - 1 < min)
		cli_usage(error, "%s: missing argument; see \"netlab %s --help\"", argv[0], argv[0]);
	else if (max >= 0 && argc - 1 > max)
		cli_usage(error, "%s: unexpected argument \"%s\"; see \"netlab %s --help\"", argv[0], argv[max + 1],
			argv[0]);
	else
		return TRUE;
	return FALSE;
}

/** Sets a usage error; returns its status. */
int cli_usage(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, CLI_ERROR, CLI_ERROR_USAGE, message);
	return STATUS_USAGE;
}

/** Sets a failure; returns its status. */
int cli_failed(GError **error, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	g_autofree char *message = g_strdup_vprintf(format, args);
	va_end(args);
	g_set_error_literal(error, CLI_ERROR, CLI_ERROR_FAILED, message);
	return STATUS_FAILED;
}

/** Splits a list of names at commas. Caller frees with g_strfreev. */
char **cli_names(const char *list)
{
	g_autoptr(GStrvBuilder) builder = g_strv_builder_new();
	g_auto(GStrv) words = g_strsplit(list, ",", -1);
	for (char **word = words; *word; word++)
		if (*g_strstrip(*word))
			g_strv_builder_add(builder, *word);
	return g_strv_builder_end(builder);
}

/** Whether STREAM takes colours. */
gboolean cli_colour(FILE *stream)
{
	const char *no = g_getenv("NO_COLOR"), *term = g_getenv("TERM");
	return isatty(fileno(stream)) && !(no && *no) && term && !g_str_equal(term, "dumb");
}

/** TEXT in the colour of its state. Caller frees. */
char *cli_state(const char *state, FILE *stream)
{
	static const struct {
		const char *state, *colour;
	} colours[] = {
		{"ready", "32"},
		{"ok", "32"},
		{"starting", "33"},
		{"booting", "33"},
		{"configuring", "33"},
		{"paused", "33"},
		{"stopping", "33"},
		{"degraded", "31"},
		{"failed", "31"},
		{"crashed", "31"},
		{"does not answer", "31"},
		{"missing", "31"},
		{"note", "33"},
		{"stopped", "2"},
	};
	if (cli_colour(stream))
		for (guint i = 0; i < G_N_ELEMENTS(colours); i++)
			if (g_str_equal(state, colours[i].state))
				return g_strdup_printf("\033[%sm%s\033[0m", colours[i].colour, state);
	return g_strdup(state);
}

/** Flushes standard output; a short write must not look like success. SIGPIPE is ignored, since a guest's stream that
 * ends is no reason to die; main() ends as SIGPIPE would have ended us where our own reader has left. */
gboolean cli_flush(GError **error)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return TRUE;
	int code = errno;
	g_set_error(error, CLI_ERROR, code == EPIPE ? CLI_ERROR_READER_GONE : CLI_ERROR_FAILED,
		"cannot write to standard output: %s", g_strerror(code));
	return FALSE;
}

/** Adds a string member (null for NULL); text that is not UTF-8 is made so. */
void cli_json_string(JsonBuilder *builder, const char *name, const char *value)
{
	json_builder_set_member_name(builder, name);
	if (!value) {
		json_builder_add_null_value(builder);
		return;
	}
	g_autofree char *valid = g_utf8_make_valid(value, -1);
	json_builder_add_string_value(builder, valid);
}

/** Adds an integer member. */
void cli_json_int(JsonBuilder *builder, const char *name, gint64 value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_int_value(builder, value);
}

/** Adds a boolean member. */
void cli_json_bool(JsonBuilder *builder, const char *name, gboolean value)
{
	json_builder_set_member_name(builder, name);
	json_builder_add_boolean_value(builder, value);
}

/** Adds an array of strings (NULL-terminated, may be NULL). */
void cli_json_strings(JsonBuilder *builder, const char *name, char **values)
{
	json_builder_set_member_name(builder, name);
	json_builder_begin_array(builder);
	for (char **value = values; value && *value; value++) {
		g_autofree char *valid = g_utf8_make_valid(*value, -1);
		json_builder_add_string_value(builder, valid);
	}
	json_builder_end_array(builder);
}

/** Prints the finished document to standard output, indented. */
gboolean cli_json_print(JsonBuilder *builder, GError **error)
{
	g_autoptr(JsonNode) root = json_builder_get_root(builder);
	g_autofree char *text = json_to_string(root, TRUE);
	puts(text);
	return cli_flush(error);
}

/** "1 node", "2 nodes". Caller frees. */
char *cli_many(guint n, const char *noun)
{
	return g_strdup_printf("%u %s%s", n, noun, n == 1 ? "" : "s");
}

/** Reads the --timeout of COMMAND into milliseconds: "1.5s", "500ms"; a bare number is seconds. NULL leaves MS alone. */
gboolean cli_timeout(const char *command, const char *text, guint *ms, GError **error)
{
	g_autoptr(GError) reason = NULL;
	gboolean bare = text && *text && !text[strspn(text, "0123456789.")];
	g_autofree char *with_unit = bare ? g_strconcat(text, "s", NULL) : g_strdup(text);
	unsigned value;
	if (!text)
		return TRUE;
	if (!value_duration(with_unit, 0, 3600 * 1000, &value, &reason)) {
		cli_usage(error, "%s: --timeout %s", command, reason->message);
		return FALSE;
	}
	*ms = value;
	return TRUE;
}

/** A length of time for people: the two largest units. Caller frees. */
char *cli_duration(gint64 microseconds)
{
	gint64 seconds = microseconds / G_USEC_PER_SEC;
	if (seconds < 60)
		return g_strdup_printf(seconds < 10 ? "%.2f s" : "%.0f s", (double)microseconds / G_USEC_PER_SEC);
	if (seconds < 3600)
		return g_strdup_printf("%d min %d s", (int)(seconds / 60), (int)(seconds % 60));
	if (seconds < 86400)
		return g_strdup_printf("%d h %d min", (int)(seconds / 3600), (int)(seconds / 60 % 60));
	return g_strdup_printf("%d d %d h", (int)(seconds / 86400), (int)(seconds / 3600 % 24));
}

GVariant *cli_pairs(const char *what, const char *example, char **words, GError **error)
{
	g_autoptr(GHashTable) names = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{ss}"));
	for (; *words; words++) {
		const char *equals = strchr(*words, '=');
		char *name = equals ? g_strndup(*words, (gsize)(equals - *words)) : NULL;
		if (!name)
			cli_usage(error, "%s: \"%s\" is not NAME=VALUE, for example %s", what, *words, example);
		else if (g_hash_table_contains(names, name))
			cli_usage(error, "%s: \"%s\": this name was already set", what, *words);
		if (!name || g_hash_table_contains(names, name)) {
			g_free(name);
			g_variant_builder_clear(&builder);
			return NULL;
		}
		g_variant_builder_add(&builder, "{ss}", name, equals + 1);
		g_hash_table_add(names, name);
	}
	return g_variant_ref_sink(g_variant_builder_end(&builder));
}

/** A number of bytes for people. Caller frees. */
char *cli_bytes(guint64 bytes)
{
	return bytes < 1000 ? g_strdup_printf("%u B", (unsigned)bytes) : g_format_size(bytes);
}
