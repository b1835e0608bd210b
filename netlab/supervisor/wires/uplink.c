/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/supervisor/wires/uplink.h"

#include <errno.h>
#include <fcntl.h>
#include <glib-unix.h>
#include <linux/if_ether.h>
#include <poll.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "netlab/client/plain_text.h"
#include "netlab/supervisor/sandbox/processes.h"
#include "switch/uplink/forward_socket.h"
#include "topologies/plan/plan_print.h"

/* In the uplink; the sockets of the forwards follow. */
enum { SOCKET_FD = 3, REPORT_FD = 4, COUNTERS_FD = 5, FORWARDS_FD = 6 };

#define START_MS 10000
#define WARNINGS_MAX 10u
/* What it may report before it is ready. */
#define REPORT_MAX 16384

/* However often it dies: a lab must not lose its uplink for good because of a packet. One that lived long is started soon. */
#define RESTART_MS 500u
#define RESTART_MAX_MS 30000u
#define LONG_LIFE_US (60 * G_TIME_SPAN_SECOND)

#define SOCKET_BUFFER (1 << 20)

struct Uplink {
	const PlanUplink *plan;
	const UplinkWorld *world;
	UplinkState state;
	char *message, *log;
	GPtrArray *warnings;
	gint64 since, started_at; /* real time; monotonic time */
	Child *child;
	int report; /* read end of what the process reports until it is ready; -1 after that */
	GString *said;
	guint report_source, restart_source;
	guint deaths, failures_in_a_row, restarts;
	char *complaint; /* why its process does not get ready, by itself; NULL: it has not said */
	char *death;     /* the last, among the warnings; NULL: none */
	GArray *sockets; /* of the forwards: they stay bound, and clients wait in them, while no process runs */
	int counters;    /* a file in memory that the processes keep up to date, one after the other */
};

static const char *const state_names[] = {
	[UPLINK_STARTING] = "starting",
	[UPLINK_READY] = "ready",
	[UPLINK_FAILED] = "failed",
};
G_STATIC_ASSERT(G_N_ELEMENTS(state_names) == UPLINK_N_STATES);

static void set_state(Uplink *self, UplinkState state, const char *message)
{
	char *kept = g_strdup(message);
	g_free(self->message);
	self->message = kept;
	self->state = state;
	self->since = g_get_real_time();
	self->world->changed(self->world->data);
}

static void warn(Uplink *self, const char *message)
{
	for (guint i = 0; i < self->warnings->len; i++)
		if (g_str_equal(g_ptr_array_index(self->warnings, i), message))
			return;
	if (self->warnings->len < WARNINGS_MAX)
		g_ptr_array_add(self->warnings, g_strdup(message));
}

static gboolean fail(GError **error, const char *what)
{
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot open %s: %s", what, g_strerror(code));
	return FALSE;
}

/* -- the arguments of its process -- */

/* As netlab-uplink reads it. Caller frees. */
static char *forward_text(const LabForward *forward)
{
	g_autofree char *host = plan_endpoint_text(forward->host_address, forward->host_port);
	g_autofree char *to = plan_endpoint_text(forward->to_address, forward->to_port);
	return g_strdup_printf("%s:%s:%s", forward->udp ? "udp" : "tcp", host, to);
}

static void add_address(GPtrArray *argv, const char *option, const LabAddress *address)
{
	if (!address)
		return;
	g_autofree char *text = g_inet_address_to_string(address->address);
	g_ptr_array_add(argv, g_strdup_printf("--%s=%s/%u", option, text, address->prefix));
}

/** The arguments of its process: see uplink.h. */
char **uplink_arguments(const char *program, const LabUplink *uplink)
{
	GPtrArray *argv = g_ptr_array_new();
	g_ptr_array_add(argv, g_strdup(program));
	g_ptr_array_add(argv, g_strdup_printf("--fd=%d", SOCKET_FD));
	g_ptr_array_add(argv, g_strdup_printf("--ready-fd=%d", REPORT_FD));
	add_address(argv, "address", uplink->address4);
	add_address(argv, "address6", uplink->address6);
	if (uplink->restricted)
		g_ptr_array_add(argv, g_strdup("--restrict"));
	if (uplink->loopback)
		g_ptr_array_add(argv, g_strdup("--loopback"));
	g_ptr_array_add(argv, g_strdup_printf("--counters=%d", COUNTERS_FD));
	g_ptr_array_add(argv, g_strdup_printf("--sockets=%d", FORWARDS_FD));
	for (guint i = 0; i < uplink->forwards->len; i++) {
		g_autofree char *text = forward_text(g_ptr_array_index(uplink->forwards, i));
		g_ptr_array_add(argv, g_strconcat("--forward=", text, NULL));
	}
	g_ptr_array_add(argv, NULL);
	return (char **)g_ptr_array_free(argv, FALSE);
}

/* -- what outlives its process -- */

static gboolean bind_forwards(Uplink *self, GError **error)
{
	const GPtrArray *forwards = self->plan->uplink->forwards;
	g_autoptr(UplinkOptions) options = uplink_options_new();
	for (guint i = 0; i < forwards->len; i++) {
		g_autofree char *text = forward_text(g_ptr_array_index(forwards, i));
		if (!uplink_options_add_forward(options, text, error))
			return FALSE;
		int fd = forward_socket_open(&g_array_index(options->forwards, Forward, i), error);
		if (fd < 0)
			return FALSE;
		g_array_append_val(self->sockets, fd);
	}
	return TRUE;
}

static gboolean open_counters(Uplink *self, GError **error)
{
	static const UplinkCounters none;
	self->counters = memfd_create("counters", MFD_CLOEXEC);
	if (self->counters >= 0 && pwrite(self->counters, &none, sizeof none, 0) == sizeof none)
		return TRUE;
	return fail(error, "the uplink's counters");
}

/* -- its report -- */

static void forget_report(Uplink *self)
{
	g_clear_handle_id(&self->report_source, g_source_remove);
	if (self->report >= 0)
		close(self->report);
	self->report = -1;
}

static void take_line(Uplink *self, const char *line)
{
	if (g_str_equal(line, "ready"))
		set_state(self, UPLINK_READY, "");
	else if (g_str_has_prefix(line, "warning: "))
		warn(self, line + strlen("warning: "));
	else if (g_str_has_prefix(line, "error: "))
		self->complaint = (g_free(self->complaint), g_strdup(line + strlen("error: ")));
}

/* Reads what is there. FALSE when nothing more will come. */
static gboolean take_report(Uplink *self)
{
	char bytes[1024], *end;
	ssize_t n = read(self->report, bytes, sizeof bytes);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return TRUE;
	if (n <= 0)
		return FALSE;
	if (self->said->len > REPORT_MAX)
		return FALSE;
	g_string_append_len(self->said, bytes, n);
	while ((end = memchr(self->said->str, '\n', self->said->len))) {
		*end = '\0';
		take_line(self, self->said->str);
		g_string_erase(self->said, 0, end + 1 - self->said->str);
	}
	return self->state != UPLINK_READY;
}

static gboolean on_report(int fd, GIOCondition condition, gpointer data)
{
	Uplink *self = data;
	if (take_report(self))
		return G_SOURCE_CONTINUE;
	self->report_source = 0;
	forget_report(self);
	return G_SOURCE_REMOVE;
}

/* The last line of its log, from it or from the sandbox in its place; NULL if there is none. Caller frees. */
static char *last_words(const Uplink *self)
{
	g_autofree char *text = NULL;
	if (!g_file_get_contents(self->log, &text, NULL, NULL) || !*g_strchomp(text))
		return NULL;
	const char *line = strrchr(text, '\n');
	return printable_text(line ? line + 1 : text);
}

/* -- its process -- */

static void start_again(Uplink *self, const char *why);

/* Among the warnings, in the place of the one before. */
static void note_death(Uplink *self, const char *how)
{
	if (g_get_monotonic_time() - self->started_at > LONG_LIFE_US)
		self->failures_in_a_row = 0;
	self->deaths++;
	for (guint i = 0; i < self->warnings->len && self->death; i++)
		if (g_str_equal(g_ptr_array_index(self->warnings, i), self->death)) {
			g_ptr_array_remove_index(self->warnings, i);
			break;
		}
	g_free(self->death);
	self->death = self->deaths == 1
		? g_strdup_printf("it died (%s) and was started again; connections through it were lost", how)
		: g_strdup_printf(
			  "it died (%s) and was started again, %u times so far; connections through it were lost", how,
			  self->deaths);
	warn(self, self->death);
}

static void on_ended(Child *child, const ChildEnd *end, gpointer data)
{
	Uplink *self = data;
	g_autofree char *how = child_end_text(end), *why = NULL;
	while (self->report >= 0 && poll(&(struct pollfd){.fd = self->report, .events = POLLIN}, 1, 0) > 0 &&
		take_report(self))
		;
	forget_report(self);
	g_clear_pointer(&self->child, child_free);
	switch_link_remove_port(self->world->wires, self->plan->port);
	if (self->state == UPLINK_READY) {
		note_death(self, how);
		why = g_strdup_printf("it died (%s)", how);
	} else {
		g_autofree char *words = self->complaint ? g_strdup(self->complaint) : last_words(self);
		why = g_strdup(words ? words : how);
	}
	g_warning("%s: %s", self->plan->port, why);
	start_again(self, why);
}

static void close_all(int *fds, gsize n)
{
	for (gsize i = 0; i < n; i++)
		if (fds[i] >= 0)
			close(fds[i]);
}

/* SOCK_SEQPACKET: the only type with message boundaries where each end learns that the other has closed. */
static gboolean open_descriptors(Uplink *self, int *theirs, int *wire, GError **error)
{
	int pair[2];
	theirs[STDIN_FILENO] = open("/dev/null", O_RDWR | O_CLOEXEC);
	theirs[STDOUT_FILENO] = open(self->log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0600);
	if (theirs[STDIN_FILENO] < 0 || theirs[STDOUT_FILENO] < 0)
		return fail(error, self->log);
	theirs[STDERR_FILENO] = fcntl(theirs[STDOUT_FILENO], F_DUPFD_CLOEXEC, 3);
	if (theirs[STDERR_FILENO] < 0 || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail(error, "the uplink's socket");
	*wire = pair[0];
	theirs[SOCKET_FD] = pair[1];
	setsockopt(pair[1], SOL_SOCKET, SO_SNDBUF, &(int){SOCKET_BUFFER}, sizeof(int));
	if (pipe2(pair, O_CLOEXEC | O_NONBLOCK) < 0)
		return fail(error, "the uplink's report");
	self->report = pair[0];
	theirs[REPORT_FD] = pair[1];
	return TRUE;
}

static gboolean start_process(Uplink *self, GError **error)
{
	gsize n = FORWARDS_FD + self->sockets->len;
	g_autofree int *theirs = g_new(int, n);
	int wire = -1;
	g_auto(GStrv) argv = uplink_arguments(self->world->program, self->plan->uplink);
	g_string_truncate(self->said, 0);
	g_clear_pointer(&self->complaint, g_free);
	for (gsize i = 0; i < COUNTERS_FD; i++)
		theirs[i] = -1;
	theirs[COUNTERS_FD] = self->counters;
	for (guint i = 0; i < self->sockets->len; i++)
		theirs[FORWARDS_FD + i] = g_array_index(self->sockets, int, i);
	if (open_descriptors(self, theirs, &wire, error))
		self->child = confinement_start_uplink(self->world->confinement, (const char *const *)argv,
			resolver_path(self->world->resolver), self->plan->uplink->restricted, theirs, (unsigned)n,
			on_ended, self, error);
	close_all(theirs, COUNTERS_FD);
	if (self->child) {
		self->started_at = g_get_monotonic_time();
		switch_link_add_port(self->world->wires, self->plan->port, LAB_MTU_CARD, wire);
		return TRUE;
	}
	close_all(&wire, 1);
	forget_report(self);
	return FALSE;
}

static gboolean on_restart(gpointer data)
{
	Uplink *self = data;
	g_autoptr(GError) error = NULL;
	self->restart_source = 0;
	self->restarts++;
	if (start_process(self, &error))
		self->report_source = g_unix_fd_add(self->report, G_IO_IN | G_IO_HUP | G_IO_ERR, on_report, self);
	else
		start_again(self, error->message);
	return G_SOURCE_REMOVE;
}

static void start_again(Uplink *self, const char *why)
{
	if (!switch_link_proxy(self->world->wires)) {
		set_state(self, UPLINK_FAILED, "the lab's switch died");
		return;
	}
	guint pause = MIN(RESTART_MS << MIN(self->failures_in_a_row, 10), RESTART_MAX_MS);
	self->failures_in_a_row++;
	g_autofree char *text =
		g_strdup_printf("%s; it is started again after a pause of %.1f s", why, (double)pause / 1000);
	set_state(self, UPLINK_STARTING, text);
	self->restart_source = g_timeout_add(pause, on_restart, self);
}

/* -- start and end -- */

/* FALSE when it does not get ready. */
static gboolean await_ready(Uplink *self)
{
	gint64 deadline = g_get_monotonic_time() + START_MS * G_TIME_SPAN_MILLISECOND, left;
	while (self->state != UPLINK_READY && (left = deadline - g_get_monotonic_time()) > 0)
		if (poll(&(struct pollfd){.fd = self->report, .events = POLLIN}, 1, (int)(left / 1000 + 1)) > 0 &&
			!take_report(self))
			break;
	forget_report(self);
	return self->state == UPLINK_READY;
}

/** Starts an uplink: see uplink.h. */
Uplink *uplink_new(const PlanUplink *plan, const UplinkWorld *world, GError **error)
{
	const LabUplink *lab = plan->uplink;
	g_autoptr(Uplink) self = g_new0(Uplink, 1);
	g_autofree char *log = g_strdup_printf("uplink-%s.log", lab->network->name);
	self->plan = plan;
	self->world = world;
	self->report = -1;
	self->message = g_strdup("");
	self->log = g_build_filename(world->directory, log, NULL);
	self->warnings = g_ptr_array_new_with_free_func(g_free);
	self->said = g_string_new(NULL);
	self->sockets = g_array_new(FALSE, FALSE, sizeof(int));
	self->counters = -1;
	g_autoptr(GError) cannot = NULL;
	if (!bind_forwards(self, &cannot)) {
		self->complaint = g_strdup(cannot->message);
	} else {
		if (!open_counters(self, error) || !start_process(self, error))
			return NULL;
		if (await_ready(self))
			return g_steal_pointer(&self);
	}
	g_autofree char *words = self->complaint ? g_strdup(self->complaint) : last_words(self);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_FAILED, "%s:%d:%d: the uplink of network \"%s\" did not start: %s",
		lab->pos.file, lab->pos.line, lab->pos.column, lab->network->name,
		words ? words : "it did not become ready in time");
	return NULL;
}

/** Ends it: closing the lab's side of its socket would be enough, but its ports must be free at once. */
void uplink_free(Uplink *self)
{
	g_clear_handle_id(&self->restart_source, g_source_remove);
	forget_report(self);
	g_clear_pointer(&self->child, child_free);
	close_all((int *)self->sockets->data, self->sockets->len);
	g_array_unref(self->sockets);
	close_all(&self->counters, 1);
	g_ptr_array_unref(self->warnings);
	g_free(self->complaint);
	g_free(self->death);
	g_string_free(self->said, TRUE);
	g_free(self->message);
	g_free(self->log);
	g_free(self);
}

/* -- looking at it -- */

const PlanUplink *uplink_plan(const Uplink *self)
{
	return self->plan;
}

UplinkState uplink_state(const Uplink *self)
{
	return self->state;
}

const char *uplink_state_name(UplinkState state)
{
	return state_names[state];
}

const char *uplink_message(const Uplink *self)
{
	return self->message;
}

const GPtrArray *uplink_warnings(const Uplink *self)
{
	return self->warnings;
}

gint64 uplink_since(const Uplink *self)
{
	return self->since;
}

pid_t uplink_pid(const Uplink *self)
{
	return self->child ? processes_guest_kernel(child_pid(self->child)) : 0;
}

guint uplink_restarts(const Uplink *self)
{
	return self->restarts;
}

void uplink_counters(const Uplink *self, UplinkCounters *counters)
{
	if (pread(self->counters, counters, sizeof *counters, 0) != sizeof *counters)
		memset(counters, 0, sizeof *counters);
}
