/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/confined/libraries.h"

#include <elf.h>
#include <gio/gio.h>
#include <string.h>

/* glibc loads it when a thread is cancelled, so it is missing from every list of needed libraries. */
#define CANCELLATION_LIBRARY "libgcc_s.so.1"

/* The program's dynamic loader (PT_INTERP, elf(5)), or NULL. */
static char *interpreter_of(const char *bytes, gsize length)
{
	Elf64_Ehdr header;
	if (length < sizeof header)
		return NULL;
	memcpy(&header, bytes, sizeof header);
	for (unsigned i = 0; i < header.e_phnum; i++) {
		Elf64_Phdr segment;
		guint64 at = header.e_phoff + (guint64)i * header.e_phentsize;
		if (at > length || length - at < sizeof segment)
			return NULL;
		memcpy(&segment, bytes + at, sizeof segment);
		if (segment.p_type == PT_INTERP && segment.p_offset < length &&
			segment.p_filesz <= length - segment.p_offset)
			return g_strndup(bytes + segment.p_offset, segment.p_filesz);
	}
	return NULL;
}

/* A line is "\tNAME => PATH (ADDRESS)" or "\tPATH (ADDRESS)"; linux-vdso has no path. */
static char *path_in(const char *line)
{
	const char *start = strchr(line, '/'), *end = start ? strstr(start, " (") : NULL;
	return end ? g_strndup(start, (gsize)(end - start)) : NULL;
}

/** The libraries of a program: see libraries.h. */
char **libraries_of(const char *program, GError **error)
{
	g_autoptr(GMappedFile) file = g_mapped_file_new(program, FALSE, error);
	if (!file)
		return NULL;
	g_autofree char *interpreter = NULL, *output = NULL, *complaint = NULL;
	const char *bytes = g_mapped_file_get_contents(file);
	gsize length = g_mapped_file_get_length(file);
	int status;
	if (length < EI_NIDENT || memcmp(bytes, ELFMAG, SELFMAG) || bytes[EI_CLASS] != ELFCLASS64) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA, "\"%s\" is not a 64-bit ELF program", program);
		return NULL;
	}
	interpreter = interpreter_of(bytes, length);
	if (!interpreter)
		return g_new0(char *, 1);
	const char *argv[] = {interpreter, "--list", program, NULL}, *environment[] = {NULL};
	if (!g_spawn_sync(
		    NULL, (char **)argv, (char **)environment, 0, NULL, NULL, &output, &complaint, &status, error) ||
		!g_spawn_check_wait_status(status, error)) {
		g_prefix_error(error, "cannot find the libraries of \"%s\" (%s): ", program,
			complaint ? g_strstrip(complaint) : "");
		return NULL;
	}
	g_autoptr(GStrvBuilder) paths = g_strv_builder_new();
	g_auto(GStrv) lines = g_strsplit(output, "\n", -1);
	gboolean has_interpreter = FALSE;
	for (char **line = lines; *line; line++) {
		g_autofree char *path = path_in(*line);
		if (!path)
			continue;
		has_interpreter |= g_str_equal(path, interpreter);
		g_strv_builder_add(paths, path);
		if (g_str_has_suffix(path, "/libc.so.6")) {
			g_autofree char *folder = g_path_get_dirname(path);
			g_autofree char *beside = g_build_filename(folder, CANCELLATION_LIBRARY, NULL);
			if (g_file_test(beside, G_FILE_TEST_EXISTS))
				g_strv_builder_add(paths, beside);
		}
	}
	if (!has_interpreter)
		g_strv_builder_add(paths, interpreter);
	return g_strv_builder_end(paths);
}
