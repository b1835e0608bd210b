/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/packets/dissector.h"

#include <errno.h>
#include <fcntl.h>
#include <gio/gunixinputstream.h>
#include <gio/gunixoutputstream.h>
#include <glib-unix.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "netlab/client/last_words.h"
#include "netlab/confined/confined.h"

enum {
	BACKLOG_MAX = 4 << 20, /* bytes that wait for it; frames beyond it are not given to it */
	RUN_MAX = 200000,      /* frames; then it is started again, because it remembers everything that it saw */
	PIECE = 64 << 10,
	LINE_MAX_BYTES = 64 << 10,
	DEATHS_MAX = 3, /* in a row without a line; then it is left alone */
};

/* Columns in an order that has source and destination apart: side by side, it draws an arrow between them. */
#define COLUMNS                                                                                                        \
	"gui.column.format:\"No.\",\"%m\",\"Source\",\"%s\",\"Protocol\",\"%p\",\"Destination\",\"%d\",\"Info\",\"%"   \
	"i\""

struct _PacketDissector {
	GObject parent_instance;
	GSubprocess *process;
	int input, output; /* borrowed from the process */
	guint input_source, output_source;
	GByteArray *backlog;
	gsize head_written;
	GQueue *given;           /* numbers of frames, of which it has said nothing yet */
	guint64 n_given, n_told; /* in this run */
	GString *text;           /* of its output, not yet a whole line */
	guint deaths;
	LastWords *errors; /* of the process */
	char *problem;     /* why it could not be started, or ended; NULL: it did neither */
};

G_DEFINE_FINAL_TYPE(PacketDissector, packet_dissector, G_TYPE_OBJECT)

enum { SIGNAL_LINE, SIGNAL_GONE, N_SIGNALS };
static guint signals[N_SIGNALS];

gboolean packet_dissector_is_there(void)
{
	g_autofree char *program = g_find_program_in_path("tshark");
	return program != NULL;
}

const char *packet_dissector_problem(PacketDissector *self)
{
	return self->problem;
}

static void leave_process(PacketDissector *self)
{
	g_clear_handle_id(&self->input_source, g_source_remove);
	g_clear_handle_id(&self->output_source, g_source_remove);
	if (self->process)
		confined_end(self->process);
	g_clear_pointer(&self->errors, last_words_free);
	g_clear_object(&self->process);
	g_byte_array_set_size(self->backlog, 0);
	g_string_truncate(self->text, 0);
	while (!g_queue_is_empty(self->given))
		g_free(g_queue_pop_head(self->given));
	self->head_written = 0;
	self->n_given = self->n_told = 0;
}

static void died(PacketDissector *self)
{
	gboolean useless = self->n_told == 0;
	g_free(self->problem);
	self->problem = last_words_get(self->errors);
	leave_process(self);
	self->deaths = useless ? self->deaths + 1 : 1;
	if (self->deaths >= DEATHS_MAX)
		g_signal_emit(self, signals[SIGNAL_GONE], 0);
}

/* -- What it says -- */

static char *next_field(char **at)
{
	char *field = *at, *tab = field ? strchr(field, '\t') : NULL;
	if (tab)
		*tab = '\0';
	*at = tab ? tab + 1 : NULL;
	return field ? field : (char *)"";
}

gboolean packet_dissector_read_line(const char *line, guint64 *number, PacketFacts *facts)
{
	g_autofree char *valid = g_utf8_make_valid(line, -1);
	char *at = valid, *end;
	const char *first = g_strchug(next_field(&at));
	*facts = (PacketFacts){0};
	*number = g_ascii_strtoull(first, &end, 10);
	if (!*number || *end || !at)
		return FALSE;
	/* tshark sets its columns: short addresses have blanks before them. */
	g_strlcpy(facts->from, g_strstrip(next_field(&at)), sizeof facts->from);
	g_strlcpy(facts->protocol, g_strstrip(next_field(&at)), sizeof facts->protocol);
	g_strlcpy(facts->to, g_strstrip(next_field(&at)), sizeof facts->to);
	if (!at)
		return FALSE;
	g_strlcpy(facts->info, at, sizeof facts->info);
	/* A character may have been cut in two. */
	const char *broken;
	if (!g_utf8_validate(facts->info, -1, &broken))
		facts->info[broken - facts->info] = '\0';
	return TRUE;
}

static void take_line(PacketDissector *self, const char *line)
{
	PacketFacts facts;
	guint64 number;
	if (!packet_dissector_read_line(line, &number, &facts) || number > self->n_given)
		return;
	/* It says a line for each, in order. */
	g_autofree guint64 *given = NULL;
	while (self->n_told < number) {
		g_free(given);
		given = g_queue_pop_head(self->given);
		self->n_told++;
	}
	self->deaths = 0;
	if (given)
		g_signal_emit(self, signals[SIGNAL_LINE], 0, *given, &facts);
}

static gboolean on_output(int fd, GIOCondition condition, gpointer data)
{
	g_autoptr(PacketDissector) self = g_object_ref(data);
	char piece[PIECE];
	ssize_t n = read(fd, piece, sizeof piece);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return G_SOURCE_CONTINUE;
	if (n <= 0) {
		self->output_source = 0;
		died(self);
		return G_SOURCE_REMOVE;
	}
	g_string_append_len(self->text, piece, n);
	gsize done = 0;
	for (char *end; (end = memchr(self->text->str + done, '\n', self->text->len - done));) {
		*end = '\0';
		take_line(self, self->text->str + done);
		/* A handler may have started it again. */
		if (!self->output_source)
			return G_SOURCE_REMOVE;
		done = (gsize)(end - self->text->str) + 1;
	}
	g_string_erase(self->text, 0, (gssize)done);
	if (self->text->len > LINE_MAX_BYTES)
		g_string_truncate(self->text, 0);
	return G_SOURCE_CONTINUE;
}

/* -- What it is given -- */

static gboolean on_input(int fd, GIOCondition condition, gpointer data)
{
	PacketDissector *self = data;
	ssize_t n = write(fd, self->backlog->data, self->backlog->len);
	if (n < 0 && errno != EAGAIN && errno != EINTR) {
		/* Its output says that it died. */
		g_byte_array_set_size(self->backlog, 0);
	} else if (n > 0) {
		g_byte_array_remove_range(self->backlog, 0, (guint)n);
	}
	if (self->backlog->len)
		return G_SOURCE_CONTINUE;
	self->input_source = 0;
	return G_SOURCE_REMOVE;
}

/* What it reads comes from guests, and in its two thousand protocols there is always one with an error: it is confined. So
 * it does not see the user's profile either. */
static gboolean start(PacketDissector *self)
{
	static const char *const argv[] = {"tshark", "-l", "-n", "-r", "-", "-T", "tabs", "-o", COLUMNS, NULL};
	const ConfinedReader tshark = {.argv = argv};
	g_autoptr(GError) error = NULL;
	if (self->deaths >= DEATHS_MAX)
		return FALSE;
	self->process = confined_start(&tshark,
		G_SUBPROCESS_FLAGS_STDIN_PIPE | G_SUBPROCESS_FLAGS_STDOUT_PIPE | G_SUBPROCESS_FLAGS_STDERR_PIPE,
		&error);
	if (!self->process) {
		self->deaths = DEATHS_MAX;
		g_free(self->problem);
		self->problem = g_strdup(error->message);
		g_signal_emit(self, signals[SIGNAL_GONE], 0);
		return FALSE;
	}
	self->errors = last_words_new(self->process);
	self->input = g_unix_output_stream_get_fd(G_UNIX_OUTPUT_STREAM(g_subprocess_get_stdin_pipe(self->process)));
	self->output = g_unix_input_stream_get_fd(G_UNIX_INPUT_STREAM(g_subprocess_get_stdout_pipe(self->process)));
	g_unix_set_fd_nonblocking(self->input, TRUE, NULL);
	g_unix_set_fd_nonblocking(self->output, TRUE, NULL);
	self->output_source =
		g_unix_fd_add_full(G_PRIORITY_DEFAULT_IDLE, self->output, G_IO_IN | G_IO_HUP, on_output, self, NULL);
	return TRUE;
}

void packet_dissector_feed(PacketDissector *self, const GByteArray *head, const Packet *packet)
{
	if (self->n_given >= RUN_MAX)
		leave_process(self);
	if ((!self->process && !start(self)) || self->backlog->len > BACKLOG_MAX)
		return;
	/* Interfaces may be added while a capture goes on. */
	g_byte_array_append(self->backlog, head->data + self->head_written, head->len - (guint)self->head_written);
	self->head_written = head->len;
	g_byte_array_append(self->backlog, packet->block, packet->block_length);
	g_queue_push_tail(self->given, g_memdup2(&packet->number, sizeof packet->number));
	self->n_given++;
	if (!self->input_source)
		self->input_source = g_unix_fd_add_full(
			G_PRIORITY_DEFAULT_IDLE, self->input, G_IO_OUT | G_IO_ERR, on_input, self, NULL);
}

void packet_dissector_reset(PacketDissector *self)
{
	leave_process(self);
}

static void packet_dissector_dispose(GObject *object)
{
	leave_process(PACKET_DISSECTOR(object));
	G_OBJECT_CLASS(packet_dissector_parent_class)->dispose(object);
}

static void packet_dissector_finalize(GObject *object)
{
	PacketDissector *self = PACKET_DISSECTOR(object);
	g_byte_array_unref(self->backlog);
	g_queue_free_full(self->given, g_free);
	g_string_free(self->text, TRUE);
	g_free(self->problem);
	G_OBJECT_CLASS(packet_dissector_parent_class)->finalize(object);
}

static void packet_dissector_class_init(PacketDissectorClass *class)
{
	G_OBJECT_CLASS(class)->dispose = packet_dissector_dispose;
	G_OBJECT_CLASS(class)->finalize = packet_dissector_finalize;
	signals[SIGNAL_LINE] = g_signal_new("line", PACKET_TYPE_DISSECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
		G_TYPE_NONE, 2, G_TYPE_UINT64, G_TYPE_POINTER);
	signals[SIGNAL_GONE] =
		g_signal_new("gone", PACKET_TYPE_DISSECTOR, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void packet_dissector_init(PacketDissector *self)
{
	/* It may die while it is written to: an error of write(2), not the end of the program. */
	signal(SIGPIPE, SIG_IGN);
	self->backlog = g_byte_array_new();
	self->given = g_queue_new();
	self->text = g_string_new(NULL);
}

PacketDissector *packet_dissector_new(void)
{
	return g_object_new(PACKET_TYPE_DISSECTOR, NULL);
}
