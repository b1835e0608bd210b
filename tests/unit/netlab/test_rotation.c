/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/rotation.h"

#include <glib/gstdio.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <cmocka.h>
#include <pcap/pcap.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "topologies/model/model.h"

typedef struct {
	char *folder, *path;
	GByteArray *stream;
} World;

static int set_up(void **state)
{
	World *world = g_new0(World, 1);
	world->folder = g_dir_make_tmp("netlab-rotation-XXXXXX", NULL);
	world->path = g_build_filename(world->folder, "lab.v1.pcapng", NULL);
	world->stream = g_byte_array_new();
	*state = world;
	return 0;
}

static int tear_down(void **state)
{
	World *world = *state;
	for (guint i = 0; i < 1000; i++) {
		g_autofree char *file = lab_ring_file(world->path, i);
		g_unlink(file);
	}
	assert_int_equal(g_rmdir(world->folder), 0);
	g_free(world->folder);
	g_free(world->path);
	g_byte_array_unref(world->stream);
	g_free(world);
	return 0;
}

static void put32(World *world, guint32 value)
{
	g_byte_array_append(world->stream, (const guint8 *)&value, sizeof value);
}

/* A pcapng block of so many bytes, the first of them these numbers. */
static void put_block(World *world, guint32 type, guint32 length, guint32 a, guint32 b, guint32 c, guint32 d, guint32 e)
{
	const guint32 numbers[] = {a, b, c, d, e};
	put32(world, type);
	put32(world, length);
	for (guint i = 0; i < length / 4 - 3; i++)
		put32(world, i < G_N_ELEMENTS(numbers) ? numbers[i] : 0);
	put32(world, length);
}

static void put_head(World *world)
{
	put_block(world, 0x0a0d0d0a, 28, 0x1a2b3c4d, 1, 0xffffffff, 0xffffffff, 0);
	put_block(world, 1, 20, 1, 65535, 0, 0, 0);
}

/* A frame of 60 bytes, 92 with its block, that carries its number. */
static void put_frame(World *world, guint32 number)
{
	guint at = world->stream->len;
	put_block(world, 6, 92, 0, 0, number, 60, 60);
	memcpy(world->stream->data + at + 28 + 14, &number, sizeof number);
}

/* Reads a file with libpcap; returns how many frames, numbered from first on. -1: there is no such file. */
static int read_back(World *world, guint n, guint32 first)
{
	g_autofree char *file = lab_ring_file(world->path, n);
	char message[PCAP_ERRBUF_SIZE];
	struct pcap_pkthdr *header;
	const u_char *data;
	int count = 0, result;
	if (!g_file_test(file, G_FILE_TEST_EXISTS))
		return -1;
	pcap_t *pcap = pcap_open_offline(file, message);
	if (!pcap)
		fail_msg("%s", message);
	while ((result = pcap_next_ex(pcap, &header, &data)) == 1) {
		guint32 number;
		memcpy(&number, data + 14, sizeof number);
		assert_int_equal(number, first + (guint32)count++);
	}
	assert_int_equal(result, PCAP_ERROR_BREAK);
	pcap_close(pcap);
	return count;
}

static gboolean rotate(World *world, guint64 size, guint files, gsize piece, GError **error)
{
	int fd = -1;
	Rotation *rotation = rotation_new(NULL, world->path, size, files, &fd, error);
	if (!rotation)
		return FALSE;
	for (gsize at = 0; at < world->stream->len;) {
		ssize_t n = write(fd, world->stream->data + at, MIN(piece, world->stream->len - at));
		if (n < 0)
			break; /* it has closed its end */
		at += (gsize)n;
	}
	close(fd);
	return rotation_finish(rotation, error);
}

static void names_files(void **state)
{
	const char *const cases[][2] = {{"a/b.c/lab.pcapng", "a/b.c/lab_00007.pcapng"},
		{"a/b.c/lab", "a/b.c/lab_00007"}, {"lab.v1.pcap", "lab.v1_00007.pcap"},
		{"a/.hidden", "a/.hidden_00007"}, {".x", ".x_00007"}};
	for (gsize i = 0; i < G_N_ELEMENTS(cases); i++) {
		g_autofree char *name = lab_ring_file(cases[i][0], 7);
		assert_string_equal(name, cases[i][1]);
	}
}

static void keeps_the_newest(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	put_head(world);
	for (guint32 i = 0; i < 100; i++)
		put_frame(world, i);
	/* The head is 48 bytes, so ten frames fit. In pieces that end anywhere. */
	assert_true(rotate(world, 1000, 3, 7, &error));
	for (guint n = 1; n <= 7; n++)
		assert_int_equal(read_back(world, n, 0), -1);
	for (guint n = 8; n <= 10; n++)
		assert_int_equal(read_back(world, n, (n - 1) * 10), 10);
	assert_int_equal(read_back(world, 11, 0), -1);
}

/* A frame larger than the size has a file to itself. */
static void a_large_frame_is_kept(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	put_head(world);
	for (guint32 i = 0; i < 3; i++)
		put_frame(world, i);
	assert_true(rotate(world, 100, 0, 100000, &error));
	for (guint n = 1; n <= 3; n++)
		assert_int_equal(read_back(world, n, n - 1), 1);
}

static void knows_pcap(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	const guint32 head[] = {0xa1b23c4d, 0x00040002, 0, 0, 65535, 1};
	for (gsize i = 0; i < G_N_ELEMENTS(head); i++)
		put32(world, head[i]);
	for (guint32 i = 0; i < 20; i++) {
		put32(world, i);
		put32(world, 0);
		put32(world, 60);
		put32(world, 60);
		for (guint k = 0; k < 15; k++)
			put32(world, 0);
		memcpy(world->stream->data + world->stream->len - 60 + 14, &i, sizeof i);
	}
	assert_true(rotate(world, 24 + 10 * 76, 0, 100000, &error));
	assert_int_equal(read_back(world, 1, 0), 10);
	assert_int_equal(read_back(world, 2, 10), 10);
}

static void full_disk_leaves_whole_frames(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	struct rlimit before, limit;
	put_head(world);
	for (guint32 i = 0; i < 5000; i++)
		put_frame(world, i);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	limit = (struct rlimit){100000, before.rlim_max};
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	gboolean good = rotate(world, 1 << 30, 2, 100000, &error);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_false(good);
	assert_non_null(strstr(error->message, "lab.v1_00001.pcapng"));
	assert_true(read_back(world, 1, 0) > 0);
}

static void tells_what_cannot_be_written(void **state)
{
	World *world = *state;
	g_autoptr(GError) error = NULL;
	int fd;
	g_autofree char *nowhere = g_build_filename(world->folder, "none", "x.pcapng", NULL);
	assert_null(rotation_new(NULL, nowhere, 1000, 2, &fd, &error));
	assert_non_null(strstr(error->message, "x_00001.pcapng"));
	g_clear_error(&error);
	put32(world, 0x0a0d0d0a);
	put32(world, 3);
	put32(world, 3);
	assert_false(rotate(world, 1000, 2, 100, &error));
	assert_non_null(strstr(error->message, "not a capture"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_files),
		cmocka_unit_test_setup_teardown(keeps_the_newest, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_large_frame_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(knows_pcap, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_disk_leaves_whole_frames, set_up, tear_down),
		cmocka_unit_test_setup_teardown(tells_what_cannot_be_written, set_up, tear_down),
	};
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
