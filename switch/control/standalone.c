/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/standalone.h"

#include "switch/control/fabric.h"
#include "switch/port/port.h"
#include "switch/port/tap_device.h"
#include "switch/uml/uml_listener.h"
#include "switch/uml/uml_switch.h"

#include <errno.h>
#include <glib-unix.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NETWORK "net"
#define TAP_PORT "tap"

typedef struct {
	const char *program;
	char *control, *tap; /* paths and names; tap is NULL without one */
	gboolean hub, daemon;
	int mtu;
} Options;

typedef struct {
	Options options;
	Fabric *fabric;
	GMainLoop *loop;
	guint cables; /* of clients: client N, whoever that is at the time, is on cable N */
	int signal;   /* that ended it, or 0 */
} Standalone;

static const char *const option_names[] = {"unix", "hub", "tap", "daemon", "compat-v0", "mtu"};

/* The option that a word is, written with one dash or two, perhaps with its value; NULL when it is none. */
static const char *option_of(const char *word)
{
	const char *name = *word == '-' ? word + (word[1] == '-' ? 2 : 1) : "";
	for (gsize i = 0; i < G_N_ELEMENTS(option_names); i++) {
		gsize length = strlen(option_names[i]);
		if (strncmp(name, option_names[i], length) == 0 && (!name[length] || name[length] == '='))
			return name;
	}
	return NULL;
}

gboolean standalone_is_asked(int argc, char **argv)
{
	g_autofree char *name = g_path_get_basename(argc > 0 ? argv[0] : "");
	if (g_str_equal(name, "uml_switch"))
		return TRUE;
	for (int i = 1; i < argc; i++)
		if (option_of(argv[i]))
			return TRUE;
	return FALSE;
}

static void say(const char *text)
{
	g_print("%s\n", text);
	fflush(stdout);
}

/* Frames of a client. A port and its cable have the name "client N". */

static gboolean on_joined(guint number, int socket, gpointer data, GError **error)
{
	Standalone *self = data;
	while (self->cables < number) {
		g_autofree char *cable = g_strdup_printf("client %u", self->cables + 1);
		const FabricEnd ends[] = {{cable, FALSE}, {NETWORK, TRUE}};
		if (!fabric_add_cable(self->fabric, cable, ends, error)) {
			close(socket);
			return FALSE;
		}
		self->cables++;
	}
	g_autofree char *name = g_strdup_printf("client %u", number);
	if (!fabric_add_datagram_port(self->fabric, name, (guint)self->options.mtu, socket, error))
		return FALSE;
	g_autofree char *text = g_strdup_printf("New connection (client %u)", number);
	say(text);
	return TRUE;
}

static void on_left(guint number, gpointer data)
{
	Standalone *self = data;
	g_autofree char *name = g_strdup_printf("client %u", number);
	g_autofree char *text = g_strdup_printf("Disconnect (client %u)", number);
	fabric_remove_port(self->fabric, name, NULL);
	say(text);
}

static void on_refused(const char *why, gpointer data)
{
	Standalone *self = data;
	g_printerr("%s: %s\n", self->options.program, why);
}

static const UmlListenerEvents listener_events = {on_joined, on_left, on_refused};

/* Its end. */

static void end(Standalone *self, int number)
{
	g_autofree char *text = g_strdup_printf("Caught signal %d, cleaning up and exiting", number);
	self->signal = number;
	say(text);
	g_main_loop_quit(self->loop);
}

static gboolean on_interrupt(gpointer data)
{
	end(data, SIGINT);
	return G_SOURCE_CONTINUE;
}

static gboolean on_terminate(gpointer data)
{
	end(data, SIGTERM);
	return G_SOURCE_CONTINUE;
}

static gboolean on_hang_up(gpointer data)
{
	end(data, SIGHUP);
	return G_SOURCE_CONTINUE;
}

static gboolean on_input(int fd, GIOCondition condition, gpointer data)
{
	Standalone *self = data;
	char ignored[128];
	ssize_t n = read(fd, ignored, sizeof(ignored));
	if (n > 0 || (n < 0 && errno == EINTR))
		return G_SOURCE_CONTINUE;
	say("EOF on stdin, cleaning up and exiting");
	g_main_loop_quit(self->loop);
	return G_SOURCE_REMOVE;
}

/* Its start. */

/* A capture cannot be asked for, and a datagram port does not fail its guest. */
static void on_capture_ended(
	guint32 id, guint64 captured, guint64 dropped, const char *reason, gboolean failed, gpointer data)
{
}

static void on_port_failed(const char *name, const char *message, gpointer data)
{
}

static const FabricEvents fabric_events = {.capture_ended = on_capture_ended, .port_failed = on_port_failed};

static gboolean build(Standalone *self, int *tap, GError **error)
{
	const FabricEnd ends[] = {{TAP_PORT, FALSE}, {NETWORK, TRUE}};
	/* One network is the work of one thread. */
	self->fabric = fabric_new(1, 0, &fabric_events, self, error);
	if (!self->fabric ||
		!fabric_add_network(
			self->fabric, NETWORK, self->options.hub ? "hub" : "switch", UML_SWITCH_AGEING_MS, 0, 0, error))
		return FALSE;
	if (*tap < 0)
		return TRUE;
	int fd = *tap;
	*tap = -1;
	return fabric_add_cable(self->fabric, TAP_PORT, ends, error) &&
		fabric_add_tap_port(self->fabric, TAP_PORT, (guint)self->options.mtu, fd, error);
}

static void announce(const Options *options)
{
	g_autofree char *tap = options->tap ? g_strdup_printf(" tap device '%s'", options->tap) : g_strdup("");
	g_autofree char *text =
		g_strdup_printf("%s attached to unix socket '%s'%s", options->program, options->control, tap);
	g_autofree char *hub = g_strdup_printf("%s will be a hub instead of a switch", options->program);
	if (options->hub)
		say(hub);
	say(text);
}

static gboolean run(Standalone *self, int *tap, GError **error)
{
	g_autoptr(UmlListener) listener = uml_listener_new(self->options.control, -1, 0, &listener_events, self, error);
	if (!listener)
		return FALSE;
	announce(&self->options);
	/* Before there are threads, and after all that can fail: who started it may use it from now on. */
	if (self->options.daemon && daemon(0, 1) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "cannot run in the background: %s",
			g_strerror(errno));
		return FALSE;
	}
	if (!build(self, tap, error))
		return FALSE;
	self->loop = g_main_loop_new(NULL, FALSE);
	guint sources[] = {
		g_unix_signal_add(SIGINT, on_interrupt, self),
		g_unix_signal_add(SIGTERM, on_terminate, self),
		g_unix_signal_add(SIGHUP, on_hang_up, self),
	};
	if (!self->options.daemon && isatty(STDIN_FILENO))
		g_unix_fd_add(STDIN_FILENO, G_IO_IN | G_IO_HUP | G_IO_ERR, on_input, self);
	g_main_loop_run(self->loop);
	for (gsize i = 0; i < G_N_ELEMENTS(sources); i++)
		g_source_remove(sources[i]);
	g_main_loop_unref(self->loop);
	return TRUE;
}

/* Gives single-dash spellings their second dash. Caller frees. */
static char **normalise(int argc, char **argv)
{
	char **words = g_new0(char *, (gsize)argc + 1);
	for (int i = 0; i < argc; i++) {
		const char *option = i ? option_of(argv[i]) : NULL;
		words[i] = option ? g_strconcat("--", option, NULL) : g_strdup(argv[i]);
	}
	return words;
}

static const char examples[] =
	"Programs connect to the control socket with the protocol of uml_switch: User-Mode Linux before 6.16 with\n"
	"eth0=daemon,,unix,SOCKET, and any other client of uml_switch. To stop the switch, press Ctrl-C or Ctrl-D, or "
	"send\n"
	"SIGTERM; it then removes its socket.\n\n"
	"Examples:\n"
	"  netlab-switch --unix /tmp/lab.ctl                    a switch; it forgets stations after 100 s\n"
	"  netlab-switch --unix /tmp/lab.ctl --hub --daemon     a hub that runs in the background\n"
	"  netlab-switch --unix /tmp/lab.ctl --tap tap0         connected to the host's interface tap0\n";

/* 0, or the exit status: 2 for what is not understood. */
static int parse(int argc, char **argv, Options *options, gboolean *done)
{
	gboolean compat = FALSE, version = FALSE;
	g_auto(GStrv) words = normalise(argc, argv);
	const GOptionEntry entries[] = {
		{"unix", 0, 0, G_OPTION_ARG_FILENAME, &options->control,
			"Control socket (default: " UML_SWITCH_SOCKET ")", "SOCKET"},
		{"hub", 0, 0, G_OPTION_ARG_NONE, &options->hub, "Run as a hub: send every frame to all other clients",
			NULL},
		{"tap", 0, 0, G_OPTION_ARG_STRING, &options->tap, "Connect a tap interface of the host", "NAME"},
		{"daemon", 0, 0, G_OPTION_ARG_NONE, &options->daemon, "Run in the background", NULL},
		{"mtu", 0, 0, G_OPTION_ARG_INT, &options->mtu, "Largest packet in a frame (default: 1500)", "BYTES"},
		{"compat-v0", 0, G_OPTION_FLAG_HIDDEN, G_OPTION_ARG_NONE, &compat, NULL, NULL},
		{"version", 0, 0, G_OPTION_ARG_NONE, &version, "Print the version", NULL},
		{0},
	};
	g_autoptr(GOptionContext) context =
		g_option_context_new("- a switch without a lab, a replacement for uml_switch");
	g_autoptr(GError) error = NULL;
	g_option_context_add_main_entries(context, entries, NULL);
	g_option_context_set_description(context, examples);
	g_autofree char **moving =
		g_memdup2(words, ((gsize)argc + 1) * sizeof(*words)); /* GOption takes words out of it */
	if (!g_option_context_parse(context, &argc, &moving, &error)) {
		g_printerr("%s: %s; --help lists the options\n", options->program, error->message);
		return 2;
	}
	*done = version;
	if (version)
		g_print("netlab-switch %s\n", NETLAB_VERSION);
	else if (argc > 1)
		g_printerr("%s: unexpected argument \"%s\"; --help lists the options\n", options->program, moving[1]);
	else if (compat)
		g_printerr("%s: -compat-v0 is not supported: only kernels before 2.4.18 use version 0 of the "
			   "protocol\n",
			options->program);
	else if (options->mtu < FRAME_MTU_MIN || options->mtu > FRAME_MTU_MAX)
		g_printerr("%s: --mtu %d is not between %d and %d\n", options->program, options->mtu, FRAME_MTU_MIN,
			FRAME_MTU_MAX);
	else
		return 0;
	return version ? 0 : 2;
}

int standalone_main(int argc, char **argv)
{
	g_autofree char *program = g_path_get_basename(argv[0]);
	Standalone self = {.options = {.program = program, .mtu = 1500}};
	g_autoptr(GError) error = NULL;
	gboolean done = FALSE;
	int tap = -1, status = parse(argc, argv, &self.options, &done);
	if (status == 0 && !done) {
		signal(SIGPIPE, SIG_IGN);
		if (!self.options.control)
			self.options.control = g_strdup(UML_SWITCH_SOCKET);
		if (self.options.tap)
			tap = tap_device_open(self.options.tap, &error);
		if (error || !run(&self, &tap, &error)) {
			g_printerr("%s: %s\n", program, error->message);
			status = EXIT_FAILURE;
		}
	}
	g_clear_pointer(&self.fabric, fabric_free);
	if (tap >= 0)
		close(tap);
	g_free(self.options.control);
	g_free(self.options.tap);
	if (self.signal) {
		/* So that whoever waits for us sees what ended us. */
		signal(self.signal, SIG_DFL);
		raise(self.signal);
	}
	return status;
}
