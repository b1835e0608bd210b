/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each tests/golden/plan/NAME.xml gives exactly the plan of NAME.txt, in one fixed world.
 * NETLAB_GOLDEN_UPDATE=1 writes the .txt files anew: read the difference before you commit it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <string.h>

#include "topologies/plan/plan.h"
#include "topologies/topology.h"

#define FOLDER TEST_SOURCE_DIR "/tests/golden/plan"

static const int cpus[] = {2, 5, 7};
static const char *const disk_images[] = {"debian", NULL};

static PlanContext world(const char *instance)
{
	return (PlanContext){
		.instance = instance,
		.runtime_dir = "/run/user/1000/netlab",
		.state_dir = "/home/u/.local/state/netlab",
		.kernel = "/home/u/.cache/netlab/kernel/current/linux",
		.modules = "/home/u/.cache/netlab/kernel/current/modules.squashfs",
		.images_dir = "/home/u/.cache/netlab/images",
		.agent_initramfs = "/usr/libexec/netlab/agent.cpio",
		.cpus = cpus,
		.n_cpus = G_N_ELEMENTS(cpus),
		.disk_images = disk_images,
	};
}

static Lab *read_lab(const char *name)
{
	g_autofree char *file = g_canonicalize_filename(name, FOLDER);
	g_autoptr(LabDiagnostics) diagnostics = lab_diagnostics_new();
	Lab *lab = lab_read(file, FALSE, TEST_SCHEMA, diagnostics);
	if (!lab) {
		g_autofree char *text = lab_diagnostics_to_text(diagnostics);
		fail_msg("%s", text);
	}
	return lab;
}

static Plan *plan_of(const Lab *lab)
{
	PlanContext context = world(lab->name);
	g_autoptr(GError) error = NULL;
	Plan *plan = plan_new(lab, &context, &error);
	if (!plan)
		fail_msg("%s", error->message);
	return plan;
}

static void check_golden(const char *name)
{
	g_autoptr(Lab) lab = read_lab(name);
	g_autoptr(Plan) plan = plan_of(lab);
	g_autofree char *text = plan_to_text(plan);
	g_auto(GStrv) parts = g_strsplit(text, FOLDER "/", -1);
	g_autofree char *got = g_strjoinv("", parts), *expected = NULL;
	g_autofree char *golden = g_strdup_printf(FOLDER "/%.*stxt", (int)strlen(name) - 3, name);
	if (g_getenv("NETLAB_GOLDEN_UPDATE"))
		assert_true(g_file_set_contents(golden, got, -1, NULL));
	assert_true(g_file_get_contents(golden, &expected, NULL, NULL));
	assert_string_equal(got, expected);
}

static void test_golden(void **state)
{
	g_autoptr(GDir) folder = g_dir_open(FOLDER, 0, NULL);
	unsigned files = 0;
	assert_non_null(folder);
	for (const char *name; (name = g_dir_read_name(folder));) {
		if (!g_str_has_suffix(name, ".xml"))
			continue;
		check_golden(name);
		files++;
	}
	assert_true(files >= 2);
}

static int setup_index(const PlanNode *node, const char *verb, const char *argument)
{
	for (guint i = 0; i < node->setup->len; i++) {
		const PlanSetup *step = node->setup->pdata[i];
		if (g_str_equal(step->words[0], verb) && (!argument || g_str_equal(step->words[1], argument)))
			return (int)i;
	}
	fail_msg("%s has no step \"%s %s\"", node->name, verb, argument ? argument : "");
	return -1;
}

static void test_setup_order(void **state)
{
	g_autoptr(Lab) lab = read_lab("everything.xml");
	g_autoptr(Plan) plan = plan_of(lab);
	const PlanNode *r1 = plan_find_node(plan, "r1");
	int interface = setup_index(r1, "interface", NULL), address = setup_index(r1, "address", NULL);
	assert_int_equal(setup_index(r1, "hostname", "r1"), 0);
	assert_in_range(setup_index(r1, "sysctl", "net.ipv4.conf.default.rp_filter"), 0, interface - 1);
	assert_in_range(setup_index(r1, "sysctl", "net.ipv4.conf.eth0.rp_filter"), interface + 1, address - 1);
	assert_in_range(setup_index(r1, "sysctl", "net/ipv6/conf/eth1/accept_dad"), interface + 1, address - 1);
	assert_in_range(setup_index(r1, "route", NULL), address + 1, setup_index(r1, "file", NULL) - 1);
	assert_in_range(setup_index(r1, "file", "/etc/motd"), 0, setup_index(r1, "run", NULL) - 1);
	assert_null(plan_find_node(plan, "r"));
}

static void test_cpus_go_round(void **state)
{
	g_autoptr(Lab) lab = read_lab("everything.xml");
	g_autoptr(Plan) plan = plan_of(lab);
	for (guint i = 0; i < plan->nodes->len; i++)
		assert_int_equal(((PlanNode *)plan->nodes->pdata[i])->cpu, cpus[i % G_N_ELEMENTS(cpus)]);
}

/* Everything that came of another run is equal: nothing in a plan depends on time, order in memory or the machine. */
static void test_same_input_same_plan(void **state)
{
	g_autoptr(Lab) one = read_lab("everything.xml"), two = read_lab("everything.xml");
	g_autoptr(Plan) first = plan_of(one), second = plan_of(two);
	g_autofree char *a = plan_to_json(first), *b = plan_to_json(second);
	assert_string_equal(a, b);
}

static void test_json(void **state)
{
	g_autoptr(Lab) lab = read_lab("everything.xml");
	g_autoptr(Plan) plan = plan_of(lab);
	g_autofree char *text = plan_to_json(plan);
	g_autoptr(JsonParser) parser = json_parser_new();
	assert_true(json_parser_load_from_data(parser, text, -1, NULL));
	JsonObject *root = json_node_get_object(json_parser_get_root(parser));
	assert_string_equal(json_object_get_string_member(root, "lab"), "everything");
	JsonArray *nodes = json_object_get_array_member(root, "nodes");
	assert_int_equal(json_array_get_length(nodes), plan->nodes->len);
	for (guint i = 0; i < plan->nodes->len; i++) {
		const PlanNode *node = plan->nodes->pdata[i];
		JsonObject *object = json_array_get_object_element(nodes, i);
		JsonArray *command = json_object_get_array_member(object, "command");
		assert_string_equal(json_object_get_string_member(object, "name"), node->name);
		assert_int_equal(json_array_get_length(command), g_strv_length(node->argv));
		assert_int_equal(
			json_array_get_length(json_object_get_array_member(object, "setup")), node->setup->len);
	}
	assert_int_equal(json_array_get_length(json_object_get_array_member(root, "cables")), plan->cables->len);
}

static void assert_refused(const Lab *lab, const PlanContext *context, const char *part)
{
	g_autoptr(GError) error = NULL;
	assert_null(plan_new(lab, context, &error));
	assert_true(g_error_matches(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT));
	if (!strstr(error->message, part))
		fail_msg("no \"%s\" in: %s", part, error->message);
}

static void test_socket_path_length(void **state)
{
	g_autoptr(Lab) lab = read_lab("pair.xml");
	char runtime[PLAN_SUN_PATH_MAX + 2];
	PlanContext context = world("pair");
	gsize room = PLAN_SUN_PATH_MAX - strlen("/pair/control");
	context.runtime_dir = runtime;
	memset(runtime, 'x', sizeof(runtime));
	runtime[0] = '/';
	runtime[room] = '\0';
	g_autoptr(Plan) longest = plan_new(lab, &context, NULL);
	assert_non_null(longest);
	assert_int_equal(strlen(longest->control_socket), PLAN_SUN_PATH_MAX);
	runtime[room] = 'x';
	runtime[room + 1] = '\0';
	assert_refused(lab, &context, "XDG_RUNTIME_DIR");
	assert_refused(lab, &context, runtime);
}

/* A vhost-user socket's path is as limited, and may hold no colon; a datagram node has none. */
static void test_vhost_user_paths(void **state)
{
	g_autoptr(Lab) lab = read_lab("networks.xml"), plain = read_lab("pair.xml");
	PlanContext context = world("wires");
	char runtime[PLAN_SUN_PATH_MAX];
	memset(runtime, 'x', sizeof(runtime));
	runtime[0] = '/';
	runtime[PLAN_SUN_PATH_MAX - strlen("/wires/nodes/mon/eth3.sock") + 1] = '\0';
	context.runtime_dir = runtime;
	assert_refused(lab, &context, "node \"mon\"");
	context.runtime_dir = "/run/a:b";
	assert_refused(lab, &context, "transport=\"datagram\"");
	((LabNode *)plain->nodes->pdata[0])->transport = LAB_TRANSPORT_DATAGRAM;
	((LabNode *)plain->nodes->pdata[1])->transport = LAB_TRANSPORT_DATAGRAM;
	g_autoptr(Plan) plan = plan_new(plain, &context, NULL);
	assert_non_null(plan);
}

/* In the sandbox a socket has another path than outside; the rest of the command is the same. */
static void test_unconfined_command(void **state)
{
	g_autoptr(Lab) lab = read_lab("networks.xml");
	g_autoptr(Plan) plan = plan_of(lab);
	const PlanNode *node = plan_find_node(plan, "mon");
	g_auto(GStrv) argv = plan_node_argv_unconfined(node);
	unsigned different = 0;
	assert_int_equal(g_strv_length(argv), g_strv_length(node->argv));
	for (unsigned i = 0; argv[i]; i++) {
		const PlanInterface *interface = node->interfaces->pdata[MIN(different, node->interfaces->len - 1)];
		g_autofree char *inside = g_strdup_printf("virtio_uml.device=%s:1", interface->guest_socket);
		g_autofree char *outside = g_strdup_printf("virtio_uml.device=%s:1", interface->socket);
		if (g_str_equal(argv[i], node->argv[i]))
			continue;
		assert_string_equal(node->argv[i], inside);
		assert_string_equal(argv[i], outside);
		different++;
	}
	assert_int_equal(different, node->interfaces->len);
}

static void test_disk_path(void **state)
{
	g_autoptr(Lab) lab = read_lab("everything.xml");
	PlanContext context = world("everything");
	context.images_dir = "/home/a,b/images";
	assert_refused(lab, &context, "/home/a,b/images/debian/root.squashfs");
	context = world("everything");
	context.state_dir = "/home/a:b";
	assert_refused(lab, &context, "XDG_STATE_HOME");
}

/* No message to an agent is longer than a frame (AGENT_MAX_PAYLOAD), whatever the number of nodes. */
static void test_many_hosts(void **state)
{
	enum { NODES = 1000 };
	g_autoptr(GString) xml = g_string_new("<lab xmlns=\"urn:netlab:lab:1\" name=\"many\"><network name=\"lan\"/>");
	for (int i = 0; i < NODES; i++)
		g_string_append_printf(xml,
			"<node name=\"n%d\"><interface name=\"eth0\" network=\"lan\" "
			"address=\"10.0.%d.%d/16\"/></node>",
			i, i / 250, i % 250 + 1);
	g_string_append(xml, "</lab>");
	g_autofree char *folder = g_dir_make_tmp("netlab-plan-XXXXXX", NULL);
	g_autofree char *file = g_build_filename(folder, "lab.xml", NULL);
	assert_true(g_file_set_contents(file, xml->str, -1, NULL));
	g_autoptr(Lab) lab = read_lab(file);
	assert_int_equal(g_unlink(file), 0);
	assert_int_equal(g_rmdir(folder), 0);

	g_autoptr(Plan) plan = plan_of(lab);
	const PlanNode *node = plan->nodes->pdata[0];
	unsigned lines = 0;
	for (guint i = 0; i < node->setup->len; i++) {
		const PlanSetup *step = node->setup->pdata[i];
		if (!g_str_equal(step->words[0], "hosts"))
			continue;
		assert_true(strlen(step->words[1]) < 8000);
		for (const char *at = step->words[1]; (at = strchr(at, '\n')); at++)
			lines++;
	}
	assert_int_equal(lines, NODES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_golden),
		cmocka_unit_test(test_setup_order),
		cmocka_unit_test(test_cpus_go_round),
		cmocka_unit_test(test_same_input_same_plan),
		cmocka_unit_test(test_json),
		cmocka_unit_test(test_socket_path_length),
		cmocka_unit_test(test_vhost_user_paths),
		cmocka_unit_test(test_unconfined_command),
		cmocka_unit_test(test_disk_path),
		cmocka_unit_test(test_many_hosts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
