/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/fabric.h"

#include "switch/network.h"
#include "switch/worker.h"

#include <errno.h>
#include <unistd.h>

struct Fabric {
	GPtrArray *workers;
	unsigned next_worker; /* round robin */
	GHashTable *networks; /* name -> Network */
	GHashTable *ports;    /* name -> Port */
	GHashTable *cables;   /* name -> Cable */
	GHashTable *captures; /* id -> Capture */
	guint32 last_id;
	FabricCaptureEnded ended;
	gpointer ended_data;
};

typedef struct {
	Fabric *fabric;
	guint32 id;
	Cable *cable;
	Tap *tap;
} Capture;

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static Worker *next_worker(Fabric *fabric)
{
	return fabric->workers->pdata[fabric->next_worker++ % fabric->workers->len];
}

Fabric *fabric_new(unsigned workers, FabricCaptureEnded ended, gpointer data, GError **error)
{
	g_autoptr(Fabric) fabric = g_new0(Fabric, 1);
	fabric->ended = ended;
	fabric->ended_data = data;
	fabric->workers = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
	fabric->networks = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)network_free);
	fabric->ports = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)port_free);
	fabric->cables = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)cable_free);
	fabric->captures = g_hash_table_new_full(NULL, NULL, NULL, g_free);
	for (unsigned i = 0; i < workers; i++) {
		Worker *worker = worker_new(clock_host, error);
		if (!worker)
			return NULL;
		g_ptr_array_add(fabric->workers, worker);
	}
	return g_steal_pointer(&fabric);
}

/* Tasks: what the control thread has a worker do. */

typedef struct {
	Port *port;
	Cable *cable; /* NULL: the port stays unplugged */
	unsigned end;
	GError *error;
} Plug;

static void plug(void *data)
{
	Plug *task = data;
	if (task->port->ops->attach(task->port, &task->error) && task->cable)
		cable_plug(task->cable, task->end, task->port);
}

static void unplug(void *data)
{
	Port *port = data;
	port->ops->detach(port);
	if (port->cable)
		cable_unplug(port->cable, port->end);
}

typedef struct {
	Network *network;
	Cable *cable;
} Join;

static void join(void *data)
{
	Join *task = data;
	network_add(task->network, task->cable);
}

static void attach_tap(void *data)
{
	Capture *capture = data;
	g_ptr_array_add(capture->cable->taps, capture->tap);
	worker_add_tap(capture->cable->worker, capture->tap);
}

static void detach_tap(void *data)
{
	Capture *capture = data;
	g_ptr_array_remove(capture->cable->taps, capture->tap);
	worker_remove_tap(capture->cable->worker, capture->tap);
}

/* The cable that a port of this name belongs to, or NULL. */
static Cable *cable_of(Fabric *fabric, const char *port, int *end)
{
	GHashTableIter iter;
	gpointer cable;
	g_hash_table_iter_init(&iter, fabric->cables);
	while (g_hash_table_iter_next(&iter, NULL, &cable)) {
		*end = cable_end_of(cable, port);
		if (*end >= 0)
			return cable;
	}
	return NULL;
}

/* Takes the port from where it was, if anywhere, to the worker of its cable, if it has one. */
static gboolean place(Fabric *fabric, Port *port, GError **error)
{
	int end = 0;
	Cable *cable = cable_of(fabric, port->name, &end);
	if (port->worker)
		worker_call(port->worker, unplug, port);
	port->worker = cable ? cable->worker : next_worker(fabric);
	Plug task = {.port = port, .cable = cable, .end = (unsigned)end};
	worker_call(port->worker, plug, &task);
	if (!task.error)
		return TRUE;
	g_propagate_error(error, task.error);
	return FALSE;
}

static gboolean refuse_duplicate(GHashTable *table, const char *kind, const char *name, GError **error)
{
	if (!*name)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "a %s needs a name", kind);
	else if (g_hash_table_contains(table, name))
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s \"%s\" exists already", kind, name);
	else
		return FALSE;
	return TRUE;
}

static gpointer find(GHashTable *table, const char *kind, const char *name, GError **error)
{
	gpointer found = g_hash_table_lookup(table, name);
	if (!found)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no %s \"%s\"", kind, name);
	return found;
}

gboolean fabric_add_network(Fabric *fabric, const char *name, const char *type, guint ageing_ms, guint table_size,
			    GError **error)
{
	gboolean is_hub = g_str_equal(type, "hub");
	if (refuse_duplicate(fabric->networks, "network", name, error))
		return FALSE;
	if (!is_hub && !g_str_equal(type, "switch")) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "network \"%s\": type \"%s\" is neither \"hub\" nor \"switch\"", name, type);
		return FALSE;
	}
	if (table_size > FDB_SIZE_MAX) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "network \"%s\": a table of %u addresses is too large; at most %d", name, table_size, FDB_SIZE_MAX);
		return FALSE;
	}
	guint64 ageing = (guint64)(ageing_ms ? ageing_ms : FDB_AGEING_DEFAULT_MS) * 1000000;
	/* Not g_random_int(): the sandbox may have no /dev/urandom, and GLib would take the time of day instead. */
	guint64 seed = 0;
	if (getentropy(&seed, sizeof(seed)) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno), "network \"%s\": no random numbers: %s", name,
			    g_strerror(errno));
		return FALSE;
	}
	Network *network = network_new(name, is_hub ? NETWORK_HUB : NETWORK_SWITCH, ageing,
				       table_size ? table_size : FDB_SIZE_DEFAULT, seed, next_worker(fabric));
	g_hash_table_insert(fabric->networks, network->name, network);
	return TRUE;
}

gboolean fabric_add_datagram_port(Fabric *fabric, const char *name, guint mtu, int socket, GError **error)
{
	__attribute__((cleanup(close_fd))) int fd = socket;
	if (refuse_duplicate(fabric->ports, "port", name, error))
		return FALSE;
	if (mtu < PORT_MTU_MIN || mtu > PORT_MTU_MAX) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "port \"%s\": an MTU of %u is not between %d and %d",
			    name, mtu, PORT_MTU_MIN, PORT_MTU_MAX);
		return FALSE;
	}
	Port *port = port_datagram_new(name, mtu, fd, error);
	if (!port)
		return FALSE;
	fd = -1;
	g_hash_table_insert(fabric->ports, port->name, port);
	if (place(fabric, port, error))
		return TRUE;
	fabric_remove_port(fabric, name, NULL);
	return FALSE;
}

gboolean fabric_remove_port(Fabric *fabric, const char *name, GError **error)
{
	Port *port = find(fabric->ports, "port", name, error);
	if (!port)
		return FALSE;
	worker_call(port->worker, unplug, port);
	g_hash_table_remove(fabric->ports, name);
	return TRUE;
}

gboolean fabric_add_cable(Fabric *fabric, const char *name, const char *a, const char *b, const char *network_name,
			  GError **error)
{
	const char *ports[] = {a, *b ? b : NULL};
	int end;

	if (refuse_duplicate(fabric->cables, "cable", name, error))
		return FALSE;
	if (!*a || !*b == !*network_name || g_str_equal(a, b)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			    "cable \"%s\" must go from one port to another, or to a network", name);
		return FALSE;
	}
	for (int i = 0; i < 2; i++) {
		Cable *other = ports[i] ? cable_of(fabric, ports[i], &end) : NULL;
		if (other) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, "cable \"%s\": port \"%s\" is on cable \"%s\" already",
				    name, ports[i], other->name);
			return FALSE;
		}
	}
	Network *network = *network_name ? find(fabric->networks, "network", network_name, error) : NULL;
	if (*network_name && !network)
		return FALSE;

	Cable *cable = cable_new(name, a, ports[1], network, network ? network->worker : next_worker(fabric));
	g_hash_table_insert(fabric->cables, cable->name, cable);
	if (network)
		worker_call(network->worker, join, &(Join){network, cable});
	for (int i = 0; i < 2; i++) {
		Port *port = ports[i] ? g_hash_table_lookup(fabric->ports, ports[i]) : NULL;
		if (port && !place(fabric, port, error))
			return FALSE;
	}
	return TRUE;
}

/* Captures. A tap's end comes from its writer's thread, and goes to the control thread as an idle source. */

static gboolean on_ended(gpointer data)
{
	Capture *capture = data;
	Fabric *fabric = capture->fabric;
	worker_call(capture->cable->worker, detach_tap, capture);
	TapResult result = tap_result(capture->tap);
	g_hash_table_steal(fabric->captures, GUINT_TO_POINTER(capture->id));
	fabric->ended(capture->id, result.captured, result.dropped, result.reason, result.failed, fabric->ended_data);
	tap_free(capture->tap);
	g_free(capture);
	return G_SOURCE_REMOVE;
}

static void tap_ended(void *data)
{
	g_idle_add_full(G_PRIORITY_DEFAULT, on_ended, data, NULL);
}

guint32 fabric_start_capture(Fabric *fabric, const char *cable_name, const char *filter, guint snaplen, guint64 count,
			     int output, GError **error)
{
	__attribute__((cleanup(close_fd))) int fd = output;
	Cable *cable = find(fabric->cables, "cable", cable_name, error);
	if (!cable)
		return 0;
	Capture *capture = g_new0(Capture, 1);
	*capture = (Capture){.fabric = fabric, .cable = cable};
	TapOptions options = {.filter = filter, .snaplen = snaplen, .count = count, .ended = tap_ended, .data = capture};
	capture->tap = tap_new(&options, fd, error);
	if (!capture->tap) {
		g_free(capture);
		return 0;
	}
	fd = -1;
	capture->id = ++fabric->last_id;
	g_hash_table_insert(fabric->captures, GUINT_TO_POINTER(capture->id), capture);
	worker_call(cable->worker, attach_tap, capture);
	return capture->id;
}

gboolean fabric_stop_capture(Fabric *fabric, guint32 id, GError **error)
{
	Capture *capture = g_hash_table_lookup(fabric->captures, GUINT_TO_POINTER(id));
	if (!capture) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "there is no capture %u; it may have ended by itself", id);
		return FALSE;
	}
	worker_call(capture->cable->worker, detach_tap, capture);
	tap_finish(capture->tap);
	return TRUE;
}

typedef struct {
	Fabric *fabric;
	Worker *worker;
	GVariantBuilder *builder;
} CountersTask;

static void read_counters(void *data)
{
	CountersTask *task = data;
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, task->fabric->ports);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		const Port *port = value;
		if (port->worker != task->worker)
			continue;
		g_variant_builder_open(task->builder, G_VARIANT_TYPE("{sa{st}}"));
		g_variant_builder_add(task->builder, "s", port->name);
		g_variant_builder_open(task->builder, G_VARIANT_TYPE("a{st}"));
		for (Counter i = 0; i < N_COUNTERS; i++)
			g_variant_builder_add(task->builder, "{st}", counter_name(i), (guint64)port->counters.values[i]);
		g_variant_builder_close(task->builder);
		g_variant_builder_close(task->builder);
	}
}

GVariant *fabric_counters(Fabric *fabric)
{
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a{sa{st}}"));
	for (guint i = 0; i < fabric->workers->len; i++) {
		Worker *worker = fabric->workers->pdata[i];
		worker_call(worker, read_counters, &(CountersTask){fabric, worker, &builder});
	}
	return g_variant_builder_end(&builder);
}

typedef struct {
	Network *network;
	GVariantBuilder *builder;
} TableTask;

static void add_entry(Mac mac, Cable *cable, uint64_t age, void *data)
{
	g_autofree char *text = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x", (guint)(mac >> 40 & 0xff),
		(guint)(mac >> 32 & 0xff), (guint)(mac >> 24 & 0xff), (guint)(mac >> 16 & 0xff),
		(guint)(mac >> 8 & 0xff), (guint)(mac & 0xff));
	g_variant_builder_add(data, "(sst)", text, cable->end_names[0], (guint64)age / 1000000);
}

static void read_table(void *data)
{
	TableTask *task = data;
	if (task->network->fdb)
		fdb_each(task->network->fdb, worker_now(task->network->worker).monotonic, add_entry, task->builder);
}

GVariant *fabric_forwarding_table(Fabric *fabric, const char *name, GError **error)
{
	Network *network = find(fabric->networks, "network", name, error);
	if (!network)
		return NULL;
	GVariantBuilder builder = G_VARIANT_BUILDER_INIT(G_VARIANT_TYPE("a(sst)"));
	worker_call(network->worker, read_table, &(TableTask){network, &builder});
	return g_variant_builder_end(&builder);
}

void fabric_free(Fabric *fabric)
{
	GHashTableIter iter;
	gpointer value;

	/* All are asked to finish first, so that stalled readers are waited for together. */
	g_hash_table_iter_init(&iter, fabric->captures);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		Capture *capture = value;
		worker_call(capture->cable->worker, detach_tap, capture);
		tap_finish(capture->tap);
	}
	g_hash_table_iter_init(&iter, fabric->captures);
	while (g_hash_table_iter_next(&iter, NULL, &value)) {
		tap_free(((Capture *)value)->tap);
		g_source_remove_by_user_data(value); /* the tap's end, if it had been told */
	}
	g_hash_table_unref(fabric->captures);
	g_hash_table_iter_init(&iter, fabric->ports);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		worker_call(((Port *)value)->worker, unplug, value);
	g_ptr_array_unref(fabric->workers);
	g_hash_table_unref(fabric->ports);
	g_hash_table_unref(fabric->cables);
	g_hash_table_unref(fabric->networks);
	g_free(fabric);
}
