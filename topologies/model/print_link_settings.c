/* SPDX-License-Identifier: GPL-2.0-or-later */
/* print_link_settings FORMAT <TEMPLATE >OUTPUT: run while netlab is built. Copies a template and puts the list of link
 * settings in place of the line that holds @LINK_SETTINGS@: as attributes of an XML schema (xsd), as a list of items for a
 * manual page (items), or as their names alone (names). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "topologies/model/link_settings.h"

#define MARK "@LINK_SETTINGS@"

static void print_words(const LinkSetting *setting)
{
	printf("      <xs:simpleType><xs:restriction base=\"xs:token\">");
	for (const char *const *word = setting->words; *word; word++)
		printf("<xs:enumeration value=\"%s\"/>", *word);
	puts("</xs:restriction></xs:simpleType>");
}

/* The types of lab.xsd. */
static void print_xsd(void)
{
	static const char *const types[] = {[LINK_DURATION] = "delay",
		[LINK_SHARE] = "share",
		[LINK_COUNT] = "count",
		[LINK_RATE] = "rate",
		[LINK_SIZE] = "bytes"};

	for (const LinkSetting *setting = link_setting_table; setting->name; setting++) {
		g_autofree char *meaning = g_markup_escape_text(setting->meaning, -1);

		printf("    <xs:attribute name=\"%s\"", setting->name);
		if (setting->kind != LINK_WORD)
			printf(" type=\"%s\"", types[setting->kind]);
		printf(">\n      <xs:annotation><xs:documentation>%s</xs:documentation></xs:annotation>\n", meaning);
		if (setting->kind == LINK_WORD)
			print_words(setting);
		puts("    </xs:attribute>");
	}
}

/* mdoc(7). */
static void print_items(void)
{
	for (const LinkSetting *setting = link_setting_table; setting->name; setting++) {
		g_autofree char *range = link_setting_range(setting);

		printf(".It Va %s\n%s\n", setting->name, setting->meaning);
		if (!setting->words)
			printf("For example\n.Li %s ;\n", setting->example);
		printf("%s%s, by default %s.\n", setting->words ? "Either " : "", range, setting->usual);
		if (setting->needs)
			printf("No effect without\n.Va %s .\n", setting->needs);
	}
}

static void print_names(void)
{
	for (const char *const *name = link_setting_names; *name; name++)
		printf(".Cm %s %s\n", *name, name[1] ? "," : ";");
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*print)(void);
	} formats[] = {{"xsd", print_xsd}, {"items", print_items}, {"names", print_names}};
	char line[4096];
	gboolean found = FALSE;

	for (gsize i = 0; argc == 2 && i < G_N_ELEMENTS(formats); i++) {
		if (strcmp(argv[1], formats[i].name) != 0)
			continue;
		while (fgets(line, sizeof(line), stdin)) {
			gboolean here = strstr(line, MARK) != NULL;

			found |= here;
			if (here)
				formats[i].print();
			else
				fputs(line, stdout);
		}
	}
	if (!found) {
		fprintf(stderr, "print_link_settings: needs a format (xsd, items or names) and a template with %s\n",
			MARK);
		return EXIT_FAILURE;
	}
	return fflush(stdout) == 0 && !ferror(stdout) ? EXIT_SUCCESS : EXIT_FAILURE;
}
