/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include "kernel/cmdline.h"

static const guint8 mac[6] = {0x02, 0x0a, 0xff, 0x00, 0x10, 0x99};

static UmlOptions minimal(void)
{
	return (UmlOptions){.kernel = "/k/linux",
		.name = "pc",
		.memory = 32 << 20,
		.initramfs = "/i/init.cpio",
		.log_fd = 1,
		.serial_fd = 3};
}

static void assert_has(char **argv, const char *argument)
{
	if (!g_strv_contains((const char *const *)argv, argument)) {
		g_autofree char *all = g_strjoinv(" ", argv);
		fail_msg("no \"%s\" in: %s", argument, all);
	}
}

static gboolean has_prefix(char **argv, const char *prefix)
{
	for (; *argv; argv++)
		if (g_str_has_prefix(*argv, prefix))
			return TRUE;
	return FALSE;
}

static int index_of(char **argv, const char *argument)
{
	for (int i = 0; argv[i]; i++)
		if (g_str_equal(argv[i], argument))
			return i;
	return -1;
}

static void test_minimal(void **state)
{
	UmlOptions options = minimal();
	g_auto(GStrv) argv = uml_command_line(&options);
	assert_string_equal(argv[0], "/k/linux");
	assert_has(argv, "mem=32M");
	assert_has(argv, "initrd=/i/init.cpio");
	assert_has(argv, "rootfstype=tmpfs");
	assert_has(argv, "con0=null,fd:1");
	assert_has(argv, "ssl0=fd:3");
	assert_has(argv, "umid=pc");
	assert_has(argv, "seccomp=auto");
	assert_has(argv, "noreboot");
	assert_false(has_prefix(argv, "ubd"));
	assert_false(has_prefix(argv, "vec"));
	assert_false(has_prefix(argv, "netlab."));
}

/* The general setting would overwrite the particular one after it. */
static void test_general_channel_first(void **state)
{
	UmlOptions options = minimal();
	g_auto(GStrv) argv = uml_command_line(&options);
	assert_in_range(index_of(argv, "con=null"), 1, index_of(argv, "con0=null,fd:1"));
	assert_in_range(index_of(argv, "ssl=null"), 1, index_of(argv, "ssl0=fd:3"));
}

static void test_memory_is_rounded_up_to_pages(void **state)
{
	static const struct {
		guint64 bytes;
		const char *argument;
	} cases[] = {
		{96 << 20, "mem=96M"},
		{(96 << 20) + 1, "mem=98308K"},
		{(96 << 20) - 4096, "mem=98300K"},
		{5ull << 30, "mem=5120M"},
	};
	for (size_t i = 0; i < G_N_ELEMENTS(cases); i++) {
		UmlOptions options = minimal();
		options.memory = cases[i].bytes;
		g_auto(GStrv) argv = uml_command_line(&options);
		assert_has(argv, cases[i].argument);
	}
}

static void test_interfaces(void **state)
{
	const UmlInterface interfaces[] = {{NULL, 4, mac, 1500}, {NULL, 5, mac, 9000}, {NULL, 6, mac, 400}};
	UmlOptions options = minimal();
	options.interfaces = interfaces;
	options.n_interfaces = G_N_ELEMENTS(interfaces);
	g_auto(GStrv) argv = uml_command_line(&options);
	assert_has(argv, "vec0:transport=fd,fd=4,mac=02:0a:ff:00:10:99,mtu=1500");
	assert_has(argv, "vec1:transport=fd,fd=5,mac=02:0a:ff:00:10:99,mtu=9000");
	/* the driver takes 576 and more */
	assert_has(argv, "vec2:transport=fd,fd=6,mac=02:0a:ff:00:10:99,mtu=576");
}

/* In order, so that the guest's names are. */
static void test_vhost_user(void **state)
{
	const UmlInterface interfaces[] = {{"/net/wan.sock", -1, mac, 1500}, {"/my lab/eth0.sock", -1, mac, 9000}};
	UmlOptions options = minimal();
	options.interfaces = interfaces;
	options.n_interfaces = G_N_ELEMENTS(interfaces);
	g_auto(GStrv) argv = uml_command_line(&options);
	assert_has(argv, "virtio_uml.device=/net/wan.sock:1");
	assert_int_equal(index_of(argv, "virtio_uml.device=\"/my lab/eth0.sock:1\""),
		index_of(argv, "virtio_uml.device=/net/wan.sock:1") + 1);
	assert_false(has_prefix(argv, "vec"));
}

static void test_disks(void **state)
{
	UmlOptions options = minimal();
	options.root_image = "/images/debian/root.squashfs";
	options.disk = "/state/my lab/pc.disk";
	options.modules = "/k/modules.squashfs";
	g_auto(GStrv) argv = uml_command_line(&options);
	assert_has(argv, "ubdarc=/images/debian/root.squashfs");
	assert_has(argv, "netlab.root=ubda");
	assert_has(argv, "ubdbc=\"/state/my lab/pc.disk\"");
	assert_has(argv, "netlab.disk=ubdb");
	assert_has(argv, "ubdcrc=/k/modules.squashfs");
	assert_has(argv, "netlab.modules=ubdc");
}

static void test_isolation(void **state)
{
	UmlOptions options = minimal();
	options.isolation = TRUE;
	g_auto(GStrv) argv = uml_command_line(&options);
	assert_has(argv, "seccomp=off");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_minimal),
		cmocka_unit_test(test_general_channel_first),
		cmocka_unit_test(test_memory_is_rounded_up_to_pages),
		cmocka_unit_test(test_interfaces),
		cmocka_unit_test(test_vhost_user),
		cmocka_unit_test(test_disks),
		cmocka_unit_test(test_isolation),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
