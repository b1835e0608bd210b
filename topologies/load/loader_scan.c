/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A look at the text before libxml2 gets it, which compares all attributes of an element in pairs (xmlParseStartTag2() before
 * version 2.12): a megabyte of them takes minutes. */
#include <string.h>

#include "topologies/load/loader.h"

/* Sections that are no tags, whatever is in them (XML 1.0, 2.5 to 2.7). */
static const struct {
	const char *open, *close;
} sections[] = {{"<!--", "-->"}, {"<![CDATA[", "]]>"}, {"<?", "?>"}};

/* Behind the section that begins at TEXT; TEXT itself when none does; NULL when it does not end. */
static const char *skip_section(const char *text, const char *end)
{
	for (unsigned i = 0; i < G_N_ELEMENTS(sections); i++) {
		gsize open = strlen(sections[i].open);
		const char *close;

		if ((gsize)(end - text) < open || memcmp(text, sections[i].open, open) != 0)
			continue;
		close = memmem(text + open, (gsize)(end - text) - open, sections[i].close, strlen(sections[i].close));
		return close ? close + strlen(sections[i].close) : NULL;
	}
	return text;
}

/** lab_scan_attributes() - finds an element with more than LAB_MAX_ATTRIBUTES attributes
 *  @text: XML; where it is malformed, the parser will stop before what this overlooks
 *  @length: of it, bytes
 *  @offset: set to where the element begins
 *  Returns whether there is one. */
gboolean lab_scan_attributes(const char *text, gsize length, gsize *offset)
{
	const char *end = text + length, *tag = text;

	while (tag && (tag = memchr(tag, '<', (gsize)(end - tag)))) {
		const char *c = skip_section(tag, end);
		unsigned count = 0;

		if (c != tag) {
			tag = c;
			continue;
		}
		for (; c && c < end && *c != '>'; c++) {
			if (*c == '"' || *c == '\'')
				c = memchr(c + 1, *c, (gsize)(end - c) - 1);
			else if (*c == '=' && ++count > LAB_MAX_ATTRIBUTES) {
				*offset = (gsize)(tag - text);
				return TRUE;
			}
			if (!c)
				break;
		}
		tag = c && c < end ? c : NULL;
	}
	return FALSE;
}
