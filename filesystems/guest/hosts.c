/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/hosts.h"

#include "filesystems/guest/fail.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Ends each line that we write; the next boot of a persistent node finds the line by it. */
#define MARK "\t# netlab"

/* Copies the lines of TEXT to OUT: the lab's with the mark, or all that have no mark. False when there is no memory. */
static bool copy_lines(FILE *out, char *text, bool of_the_lab)
{
	const size_t mark = strlen(MARK);
	bool done = true;

	for (char *line; (line = strsep(&text, "\n"));) {
		size_t length = strlen(line);

		if (length == 0 && !text) /* after the last line */
			break;
		if (of_the_lab)
			done &= fprintf(out, "%s" MARK "\n", line) >= 0;
		else if (length < mark || strcmp(line + length - mark, MARK) != 0)
			done &= fprintf(out, "%s\n", line) >= 0;
	}
	return done;
}

/* The content of the file at PATH, malloc'ed; an empty string when it is empty or does not exist. NULL with errno. */
static char *read_all(const char *path)
{
	FILE *file = fopen(path, "re");
	char *text = NULL;
	size_t size = 0;
	int error;

	if (!file)
		return errno == ENOENT ? strdup("") : NULL;
	errno = 0;
	if (getdelim(&text, &size, '\0', file) < 0) {
		error = errno; /* 0 at the end of an empty file */
		free(text);
		text = error ? NULL : strdup("");
		errno = error ? error : errno;
	}
	error = errno;
	fclose(file);
	errno = error;
	return text;
}

/* The lines of BEFORE without a mark, then those of ADDED with one, malloc'ed. NULL with errno. */
static char *compose(char *before, char *added)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	bool done;

	if (!out)
		return NULL;
	done = copy_lines(out, before, false) && copy_lines(out, added, true);
	/* closing may need memory, too */
	if (fclose(out) == 0 && done)
		return text;
	free(text);
	errno = ENOMEM;
	return NULL;
}

int hosts_add(const char *path, char *text, bool first)
{
	char *before = first ? read_all(path) : strdup(""), *content = before ? compose(before, text) : NULL;
	int fd = content ? open(path, O_WRONLY | O_CLOEXEC | O_CREAT | (first ? O_TRUNC : O_APPEND), 0644) : -1;
	int error = fd < 0 || write_all(fd, content, strlen(content)) < 0 ? errno : 0;

	if (fd >= 0)
		close(fd);
	free(before);
	free(content);
	errno = error;
	return error ? -1 : 0;
}
