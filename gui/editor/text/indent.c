/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/indent.h"

#include <string.h>

/** indent_line_start() - where the line starts that a byte is in. */
gsize indent_line_start(const char *text, gsize offset)
{
	while (offset > 0 && text[offset - 1] != '\n')
		offset--;
	return offset;
}

/** indent_of() - the blanks that the line of a byte starts with. The caller frees them. */
char *indent_of(const char *text, gsize offset)
{
	const char *line = text + indent_line_start(text, offset);

	return g_strndup(line, strspn(line, " \t"));
}

/** indent_starts_line() - whether there is nothing but blanks before a byte in its line. */
gboolean indent_starts_line(const char *text, gsize offset)
{
	gsize start = indent_line_start(text, offset);

	return start + strspn(text + start, " \t") >= offset;
}

/** indent_rest_of_line() - behind what belongs to a line after OFFSET, blanks and comments, if nothing else does; else
 *  OFFSET. */
gsize indent_rest_of_line(const char *text, gsize offset)
{
	const char *p = text + offset, *end;

	for (;;) {
		p += strspn(p, " \t\r");
		if (g_str_has_prefix(p, "<!--") && (end = strstr(p, "-->")) != NULL &&
			!memchr(p, '\n', (gsize)(end - p)))
			p = end + 3;
		else
			break;
	}
	if (*p != '\n')
		return offset;
	while (p > text + offset && strchr(" \t\r", p[-1]))
		p--;
	return (gsize)(p - text);
}

/** indent_is_blank() - whether a text has nothing but blanks and ends of lines. */
gboolean indent_is_blank(const char *text)
{
	return text[strspn(text, " \t\r\n")] == '\0';
}

/* Notes where lines may not be indented: text that does not start on its own line stays as it is. */
static void find_fixed(const char *text, const MarkupElement *element, GArray *fixed)
{
	const char *content = text + element->open.end;

	if (!element->children->len && !indent_is_blank(element->text) && content[strspn(content, " \t\r")] != '\n') {
		MarkupRange range = {element->open.end, element->close.start};

		g_array_append_val(fixed, range);
	}
	for (guint i = 0; i < element->children->len; i++)
		find_fixed(text, element->children->pdata[i], fixed);
}

static gboolean is_fixed(const GArray *fixed, gsize offset)
{
	for (guint i = 0; i < fixed->len; i++) {
		MarkupRange range = g_array_index(fixed, MarkupRange, i);

		if (offset > range.start && offset <= range.end)
			return TRUE;
	}
	return FALSE;
}

/** indent_shift() - takes TAKE from the front of each line but the first, if it is there, and puts INDENT there
 *  @fragment: XML; text in it that may not be indented stays
 *  Returns the new text; the caller frees it. */
char *indent_shift(const char *fragment, const char *take, const char *indent)
{
	static const char head[] = "<x>";
	g_autofree char *wrapped = g_strconcat(head, fragment, "</x>", NULL);
	g_autoptr(Markup) markup = markup_parse(wrapped);
	g_autoptr(GArray) fixed = g_array_new(FALSE, FALSE, sizeof(MarkupRange));
	g_autoptr(GString) out = g_string_new(NULL);

	if (markup)
		find_fixed(wrapped, markup->root, fixed);
	for (const char *p = fragment, *end; *p; p = end) {
		end = strchr(p, '\n');
		end = end ? end + 1 : p + strlen(p);
		if (p > fragment && *p != '\n' && *p != '\r' &&
			!is_fixed(fixed, strlen(head) + (gsize)(p - fragment))) {
			if (g_str_has_prefix(p, take))
				p += strlen(take);
			g_string_append(out, indent);
		}
		g_string_append_len(out, p, end - p);
	}
	return g_string_free(g_steal_pointer(&out), FALSE);
}
