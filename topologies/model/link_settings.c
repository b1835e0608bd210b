/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "topologies/model/link_settings.h"

#include <string.h>

#include "topologies/model/nearest.h"
#include "topologies/model/quantity.h"

#define ROW(name_, kind_, smallest_, largest_, words_, needs_, common_, example_, usual_, label_, meaning_)            \
	{.name = #name_,                                                                                               \
		.kind = LINK_##kind_,                                                                                  \
		.offset = G_STRUCT_OFFSET(LinkSettings, name_),                                                        \
		.smallest = smallest_,                                                                                 \
		.largest = largest_,                                                                                   \
		.words = words_,                                                                                       \
		.needs = needs_,                                                                                       \
		.common = common_,                                                                                     \
		.example = example_,                                                                                   \
		.usual = usual_,                                                                                       \
		.label = label_,                                                                                       \
		.meaning = meaning_},
const LinkSetting link_setting_table[] = {LINK_SETTINGS(ROW){0}};
#undef ROW

#define NAME(name, ...) #name,
const char *const link_setting_names[] = {LINK_SETTINGS(NAME) NULL};
#undef NAME

/* How settings of a kind are read, written, and put into a D-Bus message. A field is where the value is in LinkSettings.
 * write() returns NULL for what is not set. */
typedef struct {
	const LabQuantity *quantity; /* NULL: no unit */
	const char *type;            /* GVariant's */
	gboolean (*read)(const LinkSetting *setting, const char *value, void *field, GError **error);
	char *(*write)(const LinkSetting *setting, const void *field);
	GVariant *(*pack)(const LinkSetting *setting, const void *field);
	gboolean (*unpack)(const LinkSetting *setting, GVariant *value, void *field);
} Kind;

static const Kind kinds[LINK_WORD + 1];

/* -- whole numbers with a unit -- */

/* "none" is how a live link loses a setting. */
static gboolean read_number(const LinkSetting *setting, const char *value, void *field, GError **error)
{
	if (!strcmp(value, "none")) {
		*(guint64 *)field = 0;
		return TRUE;
	}
	return quantity_read(kinds[setting->kind].quantity, value, setting->smallest, setting->largest, field, error);
}

static char *write_number(const LinkSetting *setting, const void *field)
{
	guint64 value = *(const guint64 *)field;

	/* Bytes need not be whole kibibytes; then the next are near enough. */
	if (setting->kind == LINK_SIZE)
		value = (value + LINK_KIB - 1) / LINK_KIB * LINK_KIB;
	return value ? quantity_to_text(kinds[setting->kind].quantity, value) : NULL;
}

static GVariant *pack_number(const LinkSetting *setting, const void *field)
{
	return g_variant_new_uint64(*(const guint64 *)field);
}

static gboolean unpack_number(const LinkSetting *setting, GVariant *value, void *field)
{
	guint64 number = g_variant_get_uint64(value);

	if (number && (number < setting->smallest || number > setting->largest))
		return FALSE;
	*(guint64 *)field = number;
	return TRUE;
}

/* -- shares and counts -- */

static gboolean read_share(const LinkSetting *setting, const char *value, void *field, GError **error)
{
	guint64 billionths = 0;

	if (!read_number(setting, value, &billionths, error))
		return FALSE;
	*(double *)field = (double)billionths / (double)LINK_WHOLE;
	return TRUE;
}

static char *write_share(const LinkSetting *setting, const void *field)
{
	double share = *(const double *)field;

	return share > 0 ? quantity_to_text(&lab_quantity_share, (guint64)(share * (double)LINK_WHOLE + 0.5)) : NULL;
}

static gboolean read_count(const LinkSetting *setting, const char *value, void *field, GError **error)
{
	char *end = NULL;
	double count = 0;

	if (strcmp(value, "none") != 0) {
		count = g_ascii_isdigit(*value) && !strpbrk(value, "xXeEpP") ? g_ascii_strtod(value, &end) : 0;
		if (!end || *end || count < (double)setting->smallest || count > (double)setting->largest)
			return value_refuse(error,
				"\"%s\" is not a number from %" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, value,
				setting->smallest, setting->largest);
	}
	*(double *)field = count;
	return TRUE;
}

static char *write_count(const LinkSetting *setting, const void *field)
{
	char text[G_ASCII_DTOSTR_BUF_SIZE];
	double count = *(const double *)field;

	return count > 0 ? g_strdup(g_ascii_formatd(text, sizeof(text), "%.9g", count)) : NULL;
}

static GVariant *pack_double(const LinkSetting *setting, const void *field)
{
	return g_variant_new_double(*(const double *)field);
}

static gboolean unpack_double(const LinkSetting *setting, GVariant *value, void *field)
{
	double number = g_variant_get_double(value), unit = setting->kind == LINK_SHARE ? (double)LINK_WHOLE : 1;

	/* NaN is in no range. */
	if (number != 0 &&
		!(number > 0 && number * unit >= (double)setting->smallest &&
			number * unit <= (double)setting->largest))
		return FALSE;
	*(double *)field = number;
	return TRUE;
}

/* -- words -- */

static gboolean read_word(const LinkSetting *setting, const char *value, void *field, GError **error)
{
	g_autofree char *all = NULL;

	for (unsigned i = 0; setting->words[i]; i++)
		if (!strcmp(value, setting->words[i])) {
			*(unsigned *)field = i;
			return TRUE;
		}
	all = g_strjoinv("\" or \"", (char **)setting->words);
	return value_refuse(error, "\"%s\" is not \"%s\"", value, all);
}

static char *write_word(const LinkSetting *setting, const void *field)
{
	unsigned word = *(const unsigned *)field;

	return word ? g_strdup(setting->words[word]) : NULL;
}

static GVariant *pack_word(const LinkSetting *setting, const void *field)
{
	return g_variant_new_string(setting->words[*(const unsigned *)field]);
}

static gboolean unpack_word(const LinkSetting *setting, GVariant *value, void *field)
{
	return read_word(setting, g_variant_get_string(value, NULL), field, NULL);
}

static const Kind kinds[LINK_WORD + 1] = {
	[LINK_DURATION] = {&lab_quantity_delay, "t", read_number, write_number, pack_number, unpack_number},
	[LINK_SHARE] = {&lab_quantity_share, "d", read_share, write_share, pack_double, unpack_double},
	[LINK_COUNT] = {NULL, "d", read_count, write_count, pack_double, unpack_double},
	[LINK_RATE] = {&lab_quantity_rate, "t", read_number, write_number, pack_number, unpack_number},
	[LINK_SIZE] = {&lab_quantity_queue, "t", read_number, write_number, pack_number, unpack_number},
	[LINK_WORD] = {NULL, "s", read_word, write_word, pack_word, unpack_word},
};

/** link_setting_find() - the row of that name, or NULL. */
const LinkSetting *link_setting_find(const char *name)
{
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++)
		if (!strcmp(setting->name, name))
			return setting;
	return NULL;
}

/** link_setting_range() - the values that it takes, for people: "0ms to 60s", "uniform or normal"; the caller frees it. */
char *link_setting_range(const LinkSetting *self)
{
	const LabQuantity *quantity = kinds[self->kind].quantity;
	g_autofree char *lowest = NULL, *highest = NULL;

	if (self->words)
		return g_strjoinv(" or ", (char **)self->words);
	if (!quantity)
		return g_strdup_printf("%" G_GUINT64_FORMAT " to %" G_GUINT64_FORMAT, self->smallest, self->largest);
	lowest = quantity_to_text(quantity, self->smallest);
	highest = quantity_to_text(quantity, self->largest);
	return g_strdup_printf("%s to %s", lowest, highest);
}

static gboolean is_set(const LinkSetting *setting, const LinkSettings *settings)
{
	const void *field = G_STRUCT_MEMBER_P(settings, setting->offset);

	switch (setting->kind) {
	case LINK_SHARE:
	case LINK_COUNT:
		return *(const double *)field > 0;
	case LINK_WORD:
		return *(const unsigned *)field != 0;
	default:
		return *(const guint64 *)field != 0;
	}
}

/** link_setting_is_idle() - whether it is set but has no effect, because the setting that it needs is not set. */
gboolean link_setting_is_idle(const LinkSetting *self, const LinkSettings *settings)
{
	return self->needs && is_set(self, settings) && !is_set(link_setting_find(self->needs), settings);
}

/** link_settings_set() - changes one setting
 *  @self: the others stay as they are; all stay where this fails
 *  @name: one of link_setting_names
 *  @value: as written: "20ms", "1%", "10Mbit"; "none" removes whatever is not a word
 *  Returns FALSE and sets error (G_IO_ERROR_INVALID_ARGUMENT). For a bad value the message starts with that in quotes, so
 *  that the caller can put the name in front; for an unknown name (G_IO_ERROR_NOT_FOUND) it is complete. */
gboolean link_settings_set(LinkSettings *self, const char *name, const char *value, GError **error)
{
	const LinkSetting *setting = link_setting_find(name);
	g_autofree char *all = NULL;
	const char *nearest;

	if (setting)
		return kinds[setting->kind].read(setting, value, G_STRUCT_MEMBER_P(self, setting->offset), error);
	all = g_strjoinv(", ", (char **)link_setting_names);
	nearest = lab_nearest(name, link_setting_names);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "a link has no setting \"%s\"; it has %s%s%s%s", name, all,
		nearest ? "; did you mean \"" : "", nearest ? nearest : "", nearest ? "\"?" : "");
	return FALSE;
}

/** link_settings_to_strings() - the settings that are not those of a perfect wire, in canonical text
 *  Returns names and values in turn, {"delay", "20ms", "loss", "1%", NULL}; the caller frees it (g_strfreev). */
char **link_settings_to_strings(const LinkSettings *self)
{
	GPtrArray *words = g_ptr_array_new();

	for (const LinkSetting *setting = link_setting_table; setting->name; setting++) {
		char *value = kinds[setting->kind].write(setting, G_STRUCT_MEMBER_P(self, setting->offset));

		if (!value)
			continue;
		g_ptr_array_add(words, g_strdup(setting->name));
		g_ptr_array_add(words, value);
	}
	g_ptr_array_add(words, NULL);
	return (char **)g_ptr_array_free(words, FALSE);
}

/** link_settings_only() - whether nothing but that setting has an effect. */
gboolean link_settings_only(const LinkSettings *self, const char *name)
{
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++)
		if (is_set(setting, self) && !link_setting_is_idle(setting, self) && g_strcmp0(setting->name, name))
			return FALSE;
	return TRUE;
}

/** link_settings_is_clear() - whether they change nothing: a distribution without jitter, say, does not. */
gboolean link_settings_is_clear(const LinkSettings *self)
{
	return link_settings_only(self, NULL);
}

/** link_settings_equal() - whether both have the same settings. */
gboolean link_settings_equal(const LinkSettings *a, const LinkSettings *b)
{
	g_auto(GStrv) x = link_settings_to_strings(a), y = link_settings_to_strings(b);

	return g_strv_equal((const char *const *)x, (const char *const *)y);
}

/** link_settings_to_variant() - what is set as a D-Bus dictionary (a{sv}): durations in ns, rates in bit/s and sizes in
 *  bytes as "t", shares (0..1) and counts as "d", words as "s". Floating. */
GVariant *link_settings_to_variant(const LinkSettings *self)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE_VARDICT);

	for (const LinkSetting *setting = link_setting_table; setting->name; setting++)
		if (is_set(setting, self))
			g_variant_builder_add(&builder, "{sv}", setting->name,
				kinds[setting->kind].pack(setting, G_STRUCT_MEMBER_P(self, setting->offset)));
	return g_variant_builder_end(&builder);
}

/** link_settings_from_variant() - reads what link_settings_to_variant() writes
 *  @self: set to what the dictionary says; what it does not name is not set. Unchanged on failure
 *  Returns FALSE and sets error (G_IO_ERROR_INVALID_ARGUMENT) on an unknown name, another type, or a value out of range. */
gboolean link_settings_from_variant(LinkSettings *self, GVariant *dict, GError **error)
{
	LinkSettings read = {0};
	GVariantIter iter;
	const char *name;
	GVariant *value;

	g_variant_iter_init(&iter, dict);
	while (g_variant_iter_next(&iter, "{&sv}", &name, &value)) {
		g_autoptr(GVariant) owned = value;
		g_autofree char *text = NULL, *range = NULL;
		const LinkSetting *setting = link_setting_find(name);

		if (setting && g_variant_is_of_type(value, G_VARIANT_TYPE(kinds[setting->kind].type)) &&
			kinds[setting->kind].unpack(setting, value, G_STRUCT_MEMBER_P(&read, setting->offset)))
			continue;
		text = g_variant_print(value, TRUE);
		if (!setting)
			return value_refuse(error, "a link has no setting \"%s\"", name);
		range = link_setting_range(setting);
		return value_refuse(
			error, "%s = %s is not of type \"%s\" and %s", name, text, kinds[setting->kind].type, range);
	}
	*self = read;
	return TRUE;
}

/** link_speed() - the speed in Mbit/s that the cards at both ends of a link see
 *  @rate: bit/s in the slower direction; 0: no limit */
unsigned link_speed(guint64 rate)
{
	return rate ? (unsigned)MAX((rate + 500000) / 1000000, 1) : LINK_SPEED_USUAL;
}
