/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Facts of a lab for tests: from the text of an answer, and to JSON. Behind cmocka.h. */
#pragma once

#include <json-glib/json-glib.h>

/** The answer, of this type. Caller unrefs. */
static inline GVariant *facts_answer(const char *type, const char *text)
{
	GError *error = NULL;
	GVariant *variant = g_variant_parse(G_VARIANT_TYPE(type), text, NULL, NULL, &error);
	assert_null(error);
	return variant;
}

/** The object that one of the lab_..._to_json() writes into. Caller frees. */
static inline char *facts_json(void (*write)(JsonBuilder *json, const GPtrArray *facts), const GPtrArray *facts)
{
	g_autoptr(JsonBuilder) json = json_builder_new();
	json_builder_begin_object(json);
	write(json, facts);
	json_builder_end_object(json);
	g_autoptr(JsonNode) root = json_builder_get_root(json);
	return json_to_string(root, FALSE);
}
