/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The main() of a fuzz target that is not being fuzzed: it replays the files of the folders named. */
#pragma once

#include <glib.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Memory that was freed is kept from new use until so much more was: enough for several inputs. With ASan's 256 MB each input
 * touches new pages, which takes a fifth of the time. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "quarantine_size_mb=16";
}

#ifndef NETLAB_FUZZ
int main(int argc, char **argv)
{
	unsigned count = 0;
	for (int i = 1; i < argc; i++) {
		g_autoptr(GError) error = NULL;
		g_autoptr(GDir) dir = g_dir_open(argv[i], 0, &error);
		const char *name;
		while (dir && (name = g_dir_read_name(dir))) {
			g_autofree char *path = g_build_filename(argv[i], name, NULL);
			g_autofree char *content = NULL;
			gsize size;
			if (g_file_test(path, G_FILE_TEST_IS_DIR))
				continue;
			if (!g_file_get_contents(path, &content, &size, &error))
				break;
			/* A block of its own size, for AddressSanitizer. */
			g_autofree uint8_t *exact = g_malloc(size + !size);
			memcpy(exact, content, size);
			LLVMFuzzerTestOneInput(exact, size);
			count++;
		}
		if (error) {
			fprintf(stderr, "%s: %s\n", argv[0], error->message);
			return 1;
		}
	}
	printf("%u inputs replayed\n", count);
	return count == 0; /* an empty corpus tests nothing */
}
#endif
