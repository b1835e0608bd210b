/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <string.h>

#include "netlab/cmd/cli.h"
#include "netlab/cmd/facts_json.h"
#include "netlab/client/text.h"
#include "netlab/client/lab_facts.h"
#include "netlab/cmd/table.h"
#include "topologies/model/link_settings.h"

static const char about[] =
	"Shows or changes what the links of a running lab do to frames. LINK is the name of a link, or\n"
	"NODE:INTERFACE for the cable of an interface. Changes apply to both directions, or only to frames\n"
	"from NODE (or from the network) at one end of the link.\n\n";

static const char closing[] =
	"\nThe value \"none\" removes a setting. \"reset\" returns to what the lab file says, \"clear\" to a\n"
	"perfect wire; \"set LINK reset NAME=VALUE\" does so before it sets.";

static const char examples[] = "  netlab link show\n"
			       "  netlab link set core delay=50ms loss=2%\n"
			       "  netlab link set core:from=r1 rate=1Mbit queue=32K\n"
			       "  netlab link set pc:eth0 delay=none\n"
			       "  netlab link down core\n"
			       "  netlab link up core\n"
			       "  netlab link reset core\n";

/* "  delay=20ms   Time that ..." for each setting; what is too long for a terminal goes on in the next line. */
static char *settings_help(void)
{
	enum { COLUMN = 23, WIDTH = 95 };
	GString *text = g_string_new(NULL);
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++) {
		g_autofree char *example = g_strdup_printf("  %s=%s", setting->name, setting->example);
		g_auto(GStrv) words = g_strsplit(setting->meaning, " ", -1);
		gsize column = COLUMN;
		g_string_append_printf(text, "%-*s", COLUMN - 1, example);
		for (char **word = words; *word; word++) {
			gsize length = strlen(*word) + 1;
			if (column + length > WIDTH) {
				g_string_append_printf(text, "\n%*s", COLUMN - 1, "");
				column = COLUMN;
			}
			g_string_append_printf(text, " %s", *word);
			column += length;
		}
		g_string_append_c(text, '\n');
	}
	return g_string_free(text, FALSE);
}

/* -- show -- */

/* "delay 20ms, loss 1%" */
static char *impairment_text(const LinkFacts *link, const char *from)
{
	g_autoptr(GVariant) set =
		link->impairment ? g_variant_lookup_value(link->impairment, from, G_VARIANT_TYPE("a{ss}")) : NULL;
	GString *text = g_string_new(NULL);
	GVariantIter each;
	const char *name, *value;
	if (set) {
		g_variant_iter_init(&each, set);
		while (g_variant_iter_next(&each, "{&s&s}", &name, &value))
			g_string_append_printf(text, "%s%s %s", text->len ? ", " : "", name, value);
	}
	if (!text->len)
		g_string_append_c(text, '-');
	return g_string_free(text, FALSE);
}

/* "12 loss, 3 duplicated": what became of frames from there. */
static char *events_text(const LinkFacts *link, const char *from)
{
	g_autoptr(GVariant) counters =
		link->wire ? g_variant_lookup_value(link->wire, from, G_VARIANT_TYPE("a{st}")) : NULL;
	GString *text = g_string_new(NULL);
	GVariantIter each;
	const char *name;
	guint64 value;
	if (counters) {
		g_variant_iter_init(&each, counters);
		while (g_variant_iter_next(&each, "{&st}", &name, &value))
			g_string_append_printf(text, "%s%" G_GUINT64_FORMAT " %s", text->len ? ", " : "", value,
				g_str_has_prefix(name, "drop_") ? name + strlen("drop_") : name);
	}
	if (!text->len)
		g_string_append_c(text, '-');
	return g_string_free(text, FALSE);
}

static const char *state_text(const LinkFacts *link, const char *end)
{
	gboolean carrier = FALSE;
	if (link->carrier)
		g_variant_lookup(link->carrier, end, "b", &carrier);
	return link->down ? "down" : carrier ? "up" : "no carrier";
}

static gboolean show_table(const GPtrArray *links, GError **error)
{
	g_autoptr(Table) table = table_new("LINK", "FROM", "TO", "STATE", "IMPAIRMENT", "EVENTS", NULL);
	for (guint i = 0; i < links->len; i++) {
		const LinkFacts *link = g_ptr_array_index(links, i);
		for (guint k = 0; g_strv_length(link->between) == 2 && k < 2; k++) {
			const char *from = link->between[k], *to = link->between[!k];
			g_autofree char *impairment = impairment_text(link, from), *events = events_text(link, from);
			table_row(table, k ? "" : link->name, from, to, state_text(link, from), impairment, events);
		}
	}
	g_autofree char *text = table_text(table);
	fputs(text, stdout);
	return cli_flush(error);
}

static gboolean is_meant(const LinkFacts *link, const char *where)
{
	return g_str_equal(link->name, where) || g_strv_contains((const char *const *)link->ends, where);
}

/* What exists instead of a link that does not. */
static int no_such_link(const LabConnection *lab, const GPtrArray *links, const char *where, GError **error)
{
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	g_autoptr(GString) ports = g_string_new(NULL);
	for (guint i = 0; i < links->len; i++) {
		const LinkFacts *link = g_ptr_array_index(links, i);
		g_ptr_array_add(names, link->name);
		for (char **end = link->ends; *end; end++)
			g_ptr_array_add(names, *end);
		if (g_str_equal(link->network, where))
			g_string_append_printf(ports, "%s%s", ports->len ? ", " : "", link->name);
	}
	if (ports->len)
		return cli_failed(error, "\"%s\" is a network, not a link; its links are %s", where, ports->str);
	g_autofree char *hint = did_you_mean(where, names);
	return cli_failed(error, "lab \"%s\" has no link or NODE:INTERFACE \"%s\"%s", lab->name, where,
		*hint ? hint : "; \"netlab link show\" lists them");
}

static int show(LabConnection *lab, const char *where, gboolean json, GError **error)
{
	g_autoptr(GPtrArray) links = lab_links(lab, error), shown = g_ptr_array_new();
	if (!links)
		return STATUS_FAILED;
	/* What a link does to frames, only the switch can tell. */
	const char *fault = netlab_lab1_get_switch_message(lab->proxy);
	if (fault && *fault)
		return cli_failed(error, "%s", fault);
	for (guint i = 0; i < links->len; i++)
		if (!where || is_meant(g_ptr_array_index(links, i), where))
			g_ptr_array_add(shown, g_ptr_array_index(links, i));
	if (where && !shown->len)
		return no_such_link(lab, links, where, error);
	if (!json)
		return show_table(shown, error) ? STATUS_OK : STATUS_FAILED;
	g_autoptr(JsonBuilder) builder = json_builder_new();
	json_builder_begin_object(builder);
	cli_json_string(builder, "lab", lab->name);
	lab_links_to_json(builder, shown);
	json_builder_end_object(builder);
	return cli_json_print(builder, error) ? STATUS_OK : STATUS_FAILED;
}

/* -- changes -- */

typedef struct {
	char *link, *from; /* from is empty for both directions */
	const char *base;  /* as SetLink has it */
	GVariant *attributes;
} Change;

static void change_clear(Change *change)
{
	g_free(change->link);
	g_free(change->from);
	g_clear_pointer(&change->attributes, g_variant_unref);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Change, change_clear)

/* "LINK" or "LINK:from=NODE". */
static void read_place(const char *word, Change *change)
{
	const char *from = g_strrstr(word, ":from=");
	change->link = from ? g_strndup(word, (gsize)(from - word)) : g_strdup(word);
	change->from = g_strdup(from ? from + strlen(":from=") : "");
}

/* The lab checks them too, but knows nothing of the command line. */
static gboolean read_attributes(char **words, Change *change, GError **error)
{
	GVariantIter iter;
	const char *name, *value;
	change->attributes = cli_pairs("link set", "delay=20ms", words, error);
	if (!change->attributes)
		return FALSE;
	g_variant_iter_init(&iter, change->attributes);
	while (g_variant_iter_next(&iter, "{&s&s}", &name, &value)) {
		g_autoptr(GError) wrong = NULL;
		LinkSettings ignored = {0};
		if (link_settings_set(&ignored, name, value, &wrong))
			continue;
		gboolean unknown = g_error_matches(wrong, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
		return cli_usage(error, "link set: %s%s%s", unknown ? "" : name, unknown ? "" : ": ", wrong->message),
		       FALSE;
	}
	return TRUE;
}

/* What an action does without further words; NULL in attribute: nothing is set. */
typedef struct {
	const char *name, *base, *attribute;
	gboolean takes_from;
} Action;

static const Action actions[] = {
	{"set", "", NULL, TRUE},
	{"reset", "declared", NULL, TRUE},
	{"clear", "perfect", NULL, TRUE},
	{"down", "", "down=yes", FALSE},
	{"up", "", "down=no", FALSE},
};

static const Action *find_action(const char *name)
{
	for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
		if (g_str_equal(actions[i].name, name))
			return &actions[i];
	return NULL;
}

static gboolean read_change(const Action *action, char **words, Change *change, GError **error)
{
	gboolean is_set = g_str_equal(action->name, "set");
	char *single[] = {(char *)action->attribute, NULL};
	if (!*words)
		return cli_usage(error, "link %s: name a link; \"netlab link show\" lists them", action->name), FALSE;
	if (g_str_has_suffix(*words, ":from="))
		return cli_usage(error,
			       "link %s: \"%s\" does not name an end; write :from=NODE, or omit it for both directions",
			       action->name, *words),
		       FALSE;
	read_place(*words++, change);
	change->base = action->base;
	if (*change->from && !action->takes_from)
		return cli_usage(error, "link %s: a cable is always unplugged as a whole; omit :from=%s", action->name,
			       change->from),
		       FALSE;
	if (!is_set && *words)
		return cli_usage(error, "link %s: unexpected argument \"%s\"", action->name, *words), FALSE;
	const Action *first = is_set && *words ? find_action(*words) : NULL;
	if (first && *first->base) {
		change->base = first->base;
		words++;
	} else if (is_set && !*words) {
		return cli_usage(error, "link set: nothing to set; write NAME=VALUE, for example delay=20ms"), FALSE;
	}
	return read_attributes(is_set ? words : single, change, error);
}

/* Settings of a direction that are in force but have no effect. */
static void warn_of_idle(const LinkFacts *link, const char *from)
{
	LinkSettings settings = {0};
	g_autoptr(GVariant) in_force =
		link->impairment ? g_variant_lookup_value(link->impairment, from, G_VARIANT_TYPE("a{ss}")) : NULL;
	GVariantIter each;
	const char *name, *value;
	if (!in_force)
		return;
	g_variant_iter_init(&each, in_force);
	while (g_variant_iter_next(&each, "{&s&s}", &name, &value))
		link_settings_set(&settings, name, value, NULL);
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++)
		if (link_setting_is_idle(setting, &settings))
			fprintf(stderr, "warning: %s from %s: %s has no effect without %s; set %s=VALUE, too\n",
				link->name, from, setting->name, setting->needs, setting->needs);
}

static int carry_out(LabConnection *lab, const Change *change, GError **error)
{
	if (netlab_lab1_call_set_link_sync(
		    lab->proxy, change->link, change->from, change->base, change->attributes, NULL, error)) {
		g_autoptr(GPtrArray) links = lab_links(lab, error);
		for (guint i = 0; links && i < links->len; i++) {
			const LinkFacts *link = g_ptr_array_index(links, i);
			for (char **from = link->between; is_meant(link, change->link) && *from; from++)
				warn_of_idle(link, *from);
		}
		return links ? STATUS_OK : STATUS_FAILED;
	}
	g_autofree char *remote = g_dbus_error_get_remote_error(*error);
	lab_remote_failed(error);
	if (g_strcmp0(remote, "org.netlab.Error.NoSuchLink") != 0)
		return STATUS_FAILED;
	g_autoptr(GPtrArray) links = lab_links(lab, NULL);
	if (!links)
		return STATUS_FAILED;
	g_clear_error(error);
	return no_such_link(lab, links, change->link, error);
}

/** netlab link. */
int cmd_link(int argc, char **argv, GError **error)
{
	g_autofree char *which = NULL;
	gboolean json = FALSE;
	const GOptionEntry entries[] = {
		{"json", 0, 0, G_OPTION_ARG_NONE, &json, "show: print JSON", NULL},
		{"lab", 'l', 0, G_OPTION_ARG_STRING, &which, "Use this lab", "LAB"},
		{0},
	};
	g_autofree char *settings = settings_help();
	g_autofree char *summary = g_strconcat(about, settings, closing, NULL);
	const CliHelp help = {
		.usage = "show [LINK] | set LINK[:from=NODE] NAME=VALUE... | reset|clear LINK[:from=NODE] | down|up "
			 "LINK",
		.summary = summary,
		.examples = examples,
	};
	if (!cli_parse(&help, entries, &argc, &argv, error))
		return STATUS_USAGE;
	const char *name = argc > 1 ? argv[1] : "show";
	const Action *action = find_action(name);
	g_auto(Change) change = {0};
	if (!action && !g_str_equal(name, "show")) {
		g_autoptr(GPtrArray) names = g_ptr_array_new();
		g_ptr_array_add(names, "show");
		for (gsize i = 0; i < G_N_ELEMENTS(actions); i++)
			g_ptr_array_add(names, (char *)actions[i].name);
		g_autofree char *hint = did_you_mean(name, names);
		return cli_usage(
			error, "link: unknown action \"%s\"%s; use show, set, reset, clear, down or up", name, hint);
	}
	if (action ? !read_change(action, argv + 2, &change, error) : !cli_count(argc, argv, 0, 2, error))
		return STATUS_USAGE;
	g_autoptr(LabConnection) lab = lab_connect(which, error);
	if (!lab)
		return STATUS_FAILED;
	return action ? carry_out(lab, &change, error) : show(lab, argc > 2 ? argv[2] : NULL, json, error);
}
