/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/capture/recorder_output.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#define FULL (256u << 10)
#define STALLED_MS 2000

gboolean recorder_output_init(RecorderOutput *self, int fd, int wake, const atomic_bool *hurry)
{
	struct stat status;
	if (fstat(fd, &status) < 0)
		return FALSE;
	*self = (RecorderOutput){.fd = fd, .is_file = S_ISREG(status.st_mode), .wake = wake, .hurry = hurry};
	self->bytes = g_byte_array_new();
	self->ends = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	self->others = g_array_new(FALSE, FALSE, sizeof(uint32_t));
	return TRUE;
}

void recorder_output_clear(RecorderOutput *self)
{
	if (!self->bytes)
		return;
	recorder_output_close(self);
	g_clear_pointer(&self->bytes, g_byte_array_unref);
	g_clear_pointer(&self->ends, g_array_unref);
	g_clear_pointer(&self->others, g_array_unref);
}

void recorder_output_end_block(RecorderOutput *self, gboolean is_frame)
{
	uint32_t end = self->bytes->len;
	g_array_append_val(is_frame ? self->ends : self->others, end);
}

gboolean recorder_output_is_full(const RecorderOutput *self)
{
	return self->bytes->len >= FULL;
}

/* Waits for the output to take bytes. Unlike write(2), which may block for ever in a full pipe, this hears of a change
 * of hurry. Returns 0, or an error. Only for what is not a regular file. */
static int await_writable(RecorderOutput *self)
{
	for (;;) {
		bool hurry = atomic_load(self->hurry);
		struct pollfd fds[] = {{.fd = self->fd, .events = POLLOUT}, {.fd = self->wake, .events = POLLIN}};
		/* In a hurry the wake-up has done its work: only the reader counts. */
		int n = poll(fds, hurry ? 1 : 2, hurry ? STALLED_MS : -1);
		if (n < 0 && errno != EINTR)
			return errno;
		if (n == 0)
			return ETIMEDOUT;
		if (n > 0 && fds[0].revents)
			return 0; /* an error shows in write(2) */
		uint64_t ignored;
		if (!hurry && n > 0 && read(self->wake, &ignored, sizeof(ignored)) < 0 && errno != EAGAIN)
			return errno;
	}
}

/* Writes some of the bytes; returns how many, or -1 and errno. Not more than PIPE_BUF at a time to what may block: so
 * much fits when poll(2) says POLLOUT. */
static ssize_t write_some(RecorderOutput *self, const guint8 *data, size_t size)
{
	for (;;) {
		int failure = self->is_file ? 0 : await_writable(self);
		if (failure) {
			errno = failure;
			return -1;
		}
		ssize_t n = write(self->fd, data, self->is_file ? size : MIN(size, PIPE_BUF));
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
	}
}

/* How many of the ends lie within the first size bytes. */
static guint count_ends(const GArray *ends, size_t size)
{
	guint n = 0;
	while (n < ends->len && g_array_index(ends, uint32_t, n) <= size)
		n++;
	return n;
}

static uint32_t last_end(const GArray *ends, guint n)
{
	return n ? g_array_index(ends, uint32_t, n - 1) : 0;
}

/* Half a block at the end would make a good file unreadable for some. */
static void cut_to_whole_block(RecorderOutput *self, size_t done, guint frames)
{
	uint32_t whole = MAX(last_end(self->ends, frames), last_end(self->others, count_ends(self->others, done)));
	if (!self->is_file || whole == done)
		return;
	off_t end = lseek(self->fd, 0, SEEK_CUR);
	if (end < 0 || ftruncate(self->fd, end - (off_t)(done - whole)) < 0)
		g_warning("A capture ends with an incomplete frame: %s.", g_strerror(errno));
}

int recorder_output_flush(RecorderOutput *self)
{
	size_t done = 0;
	int failure = 0;
	while (!failure && done < self->bytes->len) {
		ssize_t n = write_some(self, self->bytes->data + done, self->bytes->len - done);
		if (n < 0)
			failure = errno;
		else
			done += (size_t)n;
	}
	guint frames = count_ends(self->ends, done);
	atomic_fetch_add_explicit(&self->frames, frames, memory_order_relaxed);
	if (failure)
		cut_to_whole_block(self, done, frames);
	g_byte_array_set_size(self->bytes, 0);
	g_array_set_size(self->ends, 0);
	g_array_set_size(self->others, 0);
	return failure;
}

int recorder_output_close(RecorderOutput *self)
{
	int fd = self->fd;
	self->fd = -1;
	return fd >= 0 && close(fd) < 0 && errno != EINTR ? errno : 0;
}
