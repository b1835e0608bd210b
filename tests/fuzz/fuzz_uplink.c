/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A hostile guest before a whole uplink: its gate and libslirp, with real sockets in a network of their own.
 *
 * An input is a list of frames, each after its length in two bytes. Without libFuzzer: fuzz_uplink FOLDER... [--frames N]
 * [--seed N] replays the inputs of the folders, then makes N frames by itself. When it dies, the last frames are in
 * fuzz_uplink-last in the current folder, in that form. */
#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "switch/frame/bytes.h"
#include "switch/uplink/uplink.h"
#include "uplink_frames.h"
#include "uplink_world.h"

enum { SKIPPED = 77 };

/* Frames until the next uplink, which is of another kind. */
#define EPOCH 200000u
/* Frames between two turns of the uplink's loop; it takes up to 64. */
#define BATCH 48
#define KEPT 1024
/* What an uplink may leave behind: when it ends, libslirp loses frames that wait for a guest's Ethernet address. More is lost
 * while it runs, as with each request that it does not answer. */
#define LOST_MAX (256 << 10)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);
const char *__asan_default_options(void);
/* of sanitizer/allocator_interface.h, which gcc does not install */
size_t __sanitizer_get_current_allocated_bytes(void);

const char *__asan_default_options(void)
{
	return "detect_leaks=0"; /* see LOST_MAX */
}

/* -- one uplink -- */

typedef struct {
	int lab;
	Uplink *uplink;
	UplinkOptions *options;
	gsize before; /* bytes that were allocated */
} Bench;

/* Of 4 kinds: restricted or not, with the host's loopback or without. */
static Bench *bench_new(unsigned kind)
{
	static const char *const forwards[] = {"tcp:127.0.0.1:8080:10.0.2.12:80", "udp:127.0.0.1:8081:10.0.2.12:7",
		"tcp:127.0.0.1:8082:[fd00:2::c]:80", "udp:127.0.0.1:8083:[fd00:2::c]:7"};
	g_autoptr(GError) error = NULL;
	int pair[2];
	gsize before = __sanitizer_get_current_allocated_bytes();
	Bench *self = g_new0(Bench, 1);
	self->before = before;
	self->options = uplink_options_new();
	self->options->restrict_out = kind & 1;
	self->options->loopback = !(kind >> 1 & 1);
	if (!uplink_options_set_address(self->options, "10.0.2.2/24", &error) ||
		!uplink_options_set_address6(self->options, "fd00:2::2/64", &error))
		g_error("%s", error->message);
	for (unsigned i = 0; i < G_N_ELEMENTS(forwards); i++)
		uplink_options_add_forward(self->options, forwards[i], NULL);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		g_error("socketpair: %s", g_strerror(errno));
	setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &(int){1 << 20}, sizeof(int));
	self->lab = pair[0];
	self->uplink = uplink_new(pair[1], self->options, &error);
	if (!self->uplink)
		g_error("%s", error->message);
	return self;
}

static void bench_free(Bench *self)
{
	uplink_free(self->uplink);
	uplink_options_free(self->options);
	close(self->lab);
	gsize before = self->before;
	g_free(self);
	gsize lost = __sanitizer_get_current_allocated_bytes() - before;
	if (lost > LOST_MAX && lost < G_MAXSSIZE)
		g_error("the uplink left %zu bytes behind", lost);
}

static void turn(Bench *self, Frames *frames)
{
	static guint8 frame[65536];
	gboolean ended;
	ssize_t n;
	if (!uplink_turn(self->uplink, 0, &ended, NULL) || ended)
		g_error("the uplink ended");
	while ((n = recv(self->lab, frame, sizeof frame, MSG_DONTWAIT)) > 0)
		if (frames)
			frames_see(frames, frame, (gsize)n);
}

static void send_frame(Bench *self, const guint8 *frame, gsize length)
{
	if (length && send(self->lab, frame, length, MSG_DONTWAIT) < 0 && errno != EAGAIN)
		g_error("send: %s", g_strerror(errno));
}

static void enter(void)
{
	static gboolean entered;
	signal(SIGPIPE, SIG_IGN); /* as the program does */
	if (!entered && !world_enter()) {
		fputs("SKIPPED: this host lets nobody make network namespaces\n", stderr);
		exit(SKIPPED);
	}
	entered = TRUE;
}

/* libFuzzer calls this before it has threads: one that has may not enter a namespace. */
int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	enter();
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	enter();
	Bench *bench = bench_new(size ? data[0] : 0);
	unsigned count = 0;
	for (size_t at = 0; at + 2 <= size;) {
		size_t length = MIN(read_be16(data + at), size - at - 2);
		send_frame(bench, data + at + 2, length);
		at += 2 + length;
		if (++count % BATCH == 0)
			turn(bench, NULL);
	}
	for (unsigned i = 0; i < 4; i++)
		turn(bench, NULL);
	bench_free(bench);
	return 0;
}

#ifndef NETLAB_FUZZ
/* -- the last frames -- */

static struct {
	guint8 bytes[FRAMES_SIZE];
	gsize length;
} kept[KEPT];
static unsigned n_kept;

static void keep(const guint8 *frame, gsize length)
{
	memcpy(kept[n_kept % KEPT].bytes, frame, length);
	kept[n_kept++ % KEPT].length = length;
}

static void save_kept(void)
{
	FILE *file = fopen("fuzz_uplink-last", "w");
	for (unsigned i = n_kept > KEPT ? n_kept - KEPT : 0; file && i < n_kept; i++) {
		guint8 head[2];
		write_be16(head, (guint16)kept[i % KEPT].length);
		fwrite(head, sizeof head, 1, file);
		fwrite(kept[i % KEPT].bytes, kept[i % KEPT].length, 1, file);
	}
	if (file)
		fclose(file);
	fputs("the last frames are in fuzz_uplink-last\n", stderr);
}

/* -- frames without end -- */

static void print_counters(const UplinkCounters *counters)
{
	for (UplinkCounter i = 0; i < UPLINK_N_COUNTERS; i++)
		printf("  %s %" G_GUINT64_FORMAT, uplink_counter_name(i), counters->values[i]);
	putchar('\n');
}

static void make_frames(guint64 count, guint32 seed)
{
	g_autoptr(Frames) frames = frames_new(seed);
	guint8 frame[FRAMES_SIZE];
	Bench *bench = NULL;
	gint64 start = g_get_monotonic_time();
	for (guint64 i = 0; i < count; i++) {
		if (i % EPOCH == 0) {
			if (bench) {
				print_counters(uplink_counters(bench->uplink));
				bench_free(bench);
			}
			bench = bench_new((unsigned)(i / EPOCH));
			fprintf(stderr, "%" G_GUINT64_FORMAT " frames, %.0f a second\n", i,
				(double)i * G_USEC_PER_SEC / (double)MAX(1, g_get_monotonic_time() - start));
		}
		gsize length = frames_next(frames, frame);
		keep(frame, length);
		send_frame(bench, frame, length);
		if (i % BATCH == 0)
			turn(bench, frames);
	}
	if (bench) {
		print_counters(uplink_counters(bench->uplink));
		bench_free(bench);
	}
	printf("%" G_GUINT64_FORMAT " frames made, seed %u, %.0f a second\n", count, seed,
		(double)count * G_USEC_PER_SEC / (double)MAX(1, g_get_monotonic_time() - start));
}

static unsigned replay(const char *folder)
{
	g_autoptr(GError) error = NULL;
	g_autoptr(GDir) dir = g_dir_open(folder, 0, &error);
	unsigned count = 0;
	if (!dir)
		g_error("%s", error->message);
	for (const char *name; (name = g_dir_read_name(dir)); count++) {
		g_autofree char *path = g_build_filename(folder, name, NULL), *content = NULL;
		gsize size;
		if (!g_file_get_contents(path, &content, &size, &error))
			g_error("%s", error->message);
		LLVMFuzzerTestOneInput((const uint8_t *)content, size);
	}
	return count;
}

int main(int argc, char **argv)
{
	g_auto(GStrv) folders = NULL;
	gint64 frames = 0;
	int seed = 1;
	const GOptionEntry entries[] = {
		{"frames", 0, 0, G_OPTION_ARG_INT64, &frames, "Frames to make", "N"},
		{"seed", 0, 0, G_OPTION_ARG_INT, &seed, "Where their making starts", "N"},
		{G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &folders, NULL, NULL},
		{0},
	};
	g_autoptr(GOptionContext) context = g_option_context_new("FOLDER...");
	g_autoptr(GError) error = NULL;
	unsigned replayed = 0;
	g_option_context_add_main_entries(context, entries, NULL);
	if (!g_option_context_parse(context, &argc, &argv, &error)) {
		fprintf(stderr, "%s\n", error->message);
		return 2;
	}
	__sanitizer_set_death_callback(save_kept);
	for (char **folder = folders; folder && *folder; folder++)
		replayed += replay(*folder);
	printf("%u inputs replayed\n", replayed);
	enter();
	make_frames((guint64)frames, (guint32)seed);
	return !replayed && !frames; /* an empty corpus tests nothing */
}
#endif
