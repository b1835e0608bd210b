/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/rotation.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "topologies/model/model.h"

/* Of both formats, as far as they are needed to know where a block ends (draft-ietf-opsawg-pcapng; pcap-savefile(5)). */
enum {
	BLOCK_INTERFACE = 1,
	BLOCK_SECTION = 0x0a0d0d0a,
	PCAP_HEADER = 24,
	PCAP_RECORD = 16,
	BLOCK_MAX = 1 << 24, /* anything longer is not a block */
};

#define CHUNK (64u << 10)
#define PIPE_SIZE (1 << 20) /* if the host allows */

struct Rotation {
	const LabFolder *folder;
	char *path;
	guint64 size;
	guint files, number; /* kept; of the current one */
	int input, output;
	guint64 written; /* bytes of the current file, whole blocks */
	gboolean is_pcap;
	GByteArray *pending; /* read, not yet a whole block */
	GByteArray *out;     /* whole blocks, not yet written */
	GByteArray *head;    /* what each file begins with */
	GThread *thread;
	GError *error;
};

static gboolean os_failed(const char *what, const char *file, GError **error)
{
	int code = errno;
	g_set_error(
		error, G_IO_ERROR, g_io_error_from_errno(code), "cannot %s \"%s\": %s", what, file, g_strerror(code));
	return FALSE;
}

static gboolean open_next(Rotation *self, GError **error)
{
	g_autofree char *file = lab_ring_file(self->path, ++self->number);
	if (self->output >= 0)
		close(self->output);
	self->written = 0;
	self->output = lab_folder_open(self->folder, file, LAB_OPEN_WRITE, error);
	if (self->output < 0) {
		g_prefix_error(error, "cannot write \"%s\": ", file);
		return FALSE;
	}
	if (!self->files || self->number <= self->files)
		return TRUE;
	g_autofree char *old = lab_ring_file(self->path, self->number - self->files);
	if (lab_folder_remove(self->folder, old, error))
		return TRUE;
	g_prefix_error(error, "cannot remove \"%s\": ", old);
	return FALSE;
}

/* Half a block at the end would make a good file unreadable for some. */
static gboolean flush(Rotation *self, GError **error)
{
	for (gsize done = 0; done < self->out->len;) {
		ssize_t n = write(self->output, self->out->data + done, self->out->len - done);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			g_autofree char *file = lab_ring_file(self->path, self->number);
			os_failed("write", file, error);
			if (ftruncate(self->output, (off_t)self->written) < 0)
				g_warning("\"%s\" ends with an incomplete frame: %s.", file, g_strerror(errno));
			return FALSE;
		}
		done += (gsize)n;
	}
	self->written += self->out->len;
	g_byte_array_set_size(self->out, 0);
	return TRUE;
}

static guint32 number_at(const GByteArray *bytes, gsize at)
{
	guint32 value;
	memcpy(&value, bytes->data + at, sizeof value);
	return value;
}

/* The length of the block that begins at an offset of what is pending; 0 when that is not known yet. */
static gsize block_length(const Rotation *self, gsize at)
{
	gsize there = self->pending->len - at;
	if (self->is_pcap && !self->head->len)
		return PCAP_HEADER;
	if (self->is_pcap)
		return there < PCAP_RECORD ? 0 : PCAP_RECORD + (gsize)number_at(self->pending, at + 8);
	return there < 8 ? 0 : number_at(self->pending, at + 4);
}

static gboolean take_block(Rotation *self, const guint8 *block, gsize length, GError **error)
{
	guint32 type;
	memcpy(&type, block, sizeof type);
	gboolean is_head = self->is_pcap ? !self->head->len : type == BLOCK_SECTION || type == BLOCK_INTERFACE;
	gboolean has_frames = self->written + self->out->len > self->head->len;
	if (!is_head && has_frames && self->written + self->out->len + length > self->size) {
		if (!flush(self, error) || !open_next(self, error))
			return FALSE;
		g_byte_array_append(self->out, self->head->data, self->head->len);
	}
	if (is_head)
		g_byte_array_append(self->head, block, (guint)length);
	g_byte_array_append(self->out, block, (guint)length);
	return self->out->len < CHUNK || flush(self, error);
}

/* Takes the whole blocks out of what is pending. */
static gboolean take_blocks(Rotation *self, GError **error)
{
	gsize at = 0;
	if (!self->head->len && self->pending->len >= 4)
		self->is_pcap = number_at(self->pending, 0) != BLOCK_SECTION;
	while (self->pending->len - at >= 4) {
		gsize length = block_length(self, at);
		if (length > BLOCK_MAX || (length && length < 8)) {
			g_set_error_literal(error, G_IO_ERROR, G_IO_ERROR_INVALID_DATA,
				"the data from the switch is not a capture");
			return FALSE;
		}
		if (!length || length > self->pending->len - at)
			break;
		if (!take_block(self, self->pending->data + at, length, error))
			return FALSE;
		at += length;
	}
	g_byte_array_remove_range(self->pending, 0, (guint)at);
	return TRUE;
}

static gpointer run(gpointer data)
{
	Rotation *self = data;
	for (;;) {
		guint before = self->pending->len;
		g_byte_array_set_size(self->pending, before + CHUNK);
		ssize_t n = read(self->input, self->pending->data + before, CHUNK);
		g_byte_array_set_size(self->pending, before + (n > 0 ? (guint)n : 0));
		if (n < 0 && errno == EINTR)
			continue;
		/* What came is on the disk before the next is waited for. */
		if (n <= 0 || !take_blocks(self, &self->error) || (n < (ssize_t)CHUNK && !flush(self, &self->error)))
			break;
	}
	if (!self->error)
		flush(self, &self->error);
	/* The switch learns of an error by it. */
	close(self->input);
	self->input = -1;
	return NULL;
}

static void rotation_free(Rotation *self)
{
	if (self->input >= 0)
		close(self->input);
	if (self->output >= 0)
		close(self->output);
	g_byte_array_unref(self->pending);
	g_byte_array_unref(self->out);
	g_byte_array_unref(self->head);
	g_clear_error(&self->error);
	g_free(self->path);
	g_free(self);
}

Rotation *rotation_new(const LabFolder *folder, const char *path, guint64 size, guint files, int *fd, GError **error)
{
	static const LabFolder anywhere = {.trusted = TRUE};
	Rotation *self = g_new0(Rotation, 1);
	int pipe_fds[2] = {-1, -1};
	self->folder = folder ? folder : &anywhere;
	self->path = g_strdup(path);
	self->size = size;
	self->files = files;
	self->input = self->output = -1;
	self->pending = g_byte_array_new();
	self->out = g_byte_array_new();
	self->head = g_byte_array_new();
	if (open_next(self, error)) {
		if (pipe2(pipe_fds, O_CLOEXEC) < 0)
			os_failed("open a pipe for", path, error);
		self->input = pipe_fds[0];
		fcntl(pipe_fds[1], F_SETPIPE_SZ, PIPE_SIZE);
	}
	if (self->input >= 0)
		self->thread = g_thread_try_new("rotation", run, self, error);
	if (!self->thread) {
		if (pipe_fds[1] >= 0)
			close(pipe_fds[1]);
		rotation_free(self);
		return NULL;
	}
	*fd = pipe_fds[1];
	return self;
}

gboolean rotation_finish(Rotation *self, GError **error)
{
	g_thread_join(self->thread);
	gboolean good = !self->error;
	if (!good)
		g_propagate_error(error, g_steal_pointer(&self->error));
	rotation_free(self);
	return good;
}
