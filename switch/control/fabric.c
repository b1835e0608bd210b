/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/fabric_private.h"

#include "switch/control/fabric_news.h"
#include "switch/bridge/network.h"
#include "switch/loop/worker.h"

#include <errno.h>
#include <unistd.h>

struct Fabric {
	GPtrArray *workers;
	unsigned next_worker; /* round robin */
	GHashTable *networks; /* name -> Network */
	GHashTable *ports;    /* name -> Port */
	GHashTable *cables;   /* name -> Cable */
	GHashTable *sockets;  /* name of a port -> Socket, where it is to be plugged in */
	Captures *captures;
	News *news;
};

typedef struct {
	Cable *cable;
	unsigned end;
} Socket;

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
}

static Worker *next_worker(Fabric *fabric)
{
	return fabric->workers->pdata[fabric->next_worker++ % fabric->workers->len];
}

Fabric *fabric_new(unsigned workers, guint64 history, const FabricEvents *events, gpointer data, GError **error)
{
	g_autoptr(Fabric) fabric = g_new0(Fabric, 1);
	fabric->news = news_new(events, data);
	fabric->workers = g_ptr_array_new_with_free_func((GDestroyNotify)worker_free);
	fabric->networks = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)network_free);
	fabric->ports = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)port_free);
	fabric->cables = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, (GDestroyNotify)cable_free);
	fabric->sockets = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, g_free);
	fabric->captures = captures_new(fabric->workers, events->capture_ended, data);
	for (unsigned i = 0; i < workers; i++) {
		Worker *worker = worker_new(clock_host, error);
		if (!worker)
			return NULL;
		g_ptr_array_add(fabric->workers, worker);
	}
	captures_keep_history(fabric->captures, history);
	return g_steal_pointer(&fabric);
}

/* Tasks: what the control thread has a worker do. */

typedef struct {
	Port *port;
	GError *error;
} Attach;

static void attach(void *data)
{
	Attach *task = data;
	if (!task->port->ops->attach(task->port, &task->error))
		task->port->ops->detach(task->port);
}

typedef struct {
	Port *port;
	const Socket *socket;
} Plug;

static void plug(void *data)
{
	Plug *task = data;
	port_plug(task->port, task->socket->cable, task->socket->end);
}

static void unplug(void *data)
{
	Port *port = data;
	port_unplug(port);
	port->ops->detach(port);
}

typedef struct {
	Network *network;
	Cable *cable;
	unsigned end;
} Join;

static void join(void *data)
{
	Join *task = data;
	network_add(task->network, task->cable, task->end);
}

typedef struct {
	Fabric *fabric;
	Worker *worker;
} Discard;

/* Frees what lives on a worker, all at once: cables and networks refer to each other, and both have timers on the worker. */
static void discard(void *data)
{
	Discard *task = data;
	GHashTableIter iter;
	gpointer value;
	g_hash_table_iter_init(&iter, task->fabric->cables);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (((Cable *)value)->worker == task->worker)
			g_hash_table_iter_remove(&iter);
	g_hash_table_iter_init(&iter, task->fabric->networks);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		if (((Network *)value)->worker == task->worker)
			g_hash_table_iter_remove(&iter);
}

/* Takes a port that is not plugged in from where it is, if anywhere, to a worker. On failure it stays where it was. */
static gboolean move(Port *port, Worker *to, GError **error)
{
	Worker *from = port->worker;
	Attach task = {.port = port}, way_back = {.port = port};
	if (from == to)
		return TRUE;
	if (from)
		worker_call(from, unplug, port);
	port->worker = to;
	worker_call(to, attach, &task);
	if (!task.error)
		return TRUE;
	g_propagate_error(error, task.error);
	port->worker = from;
	if (from)
		worker_call(from, attach, &way_back); /* what it takes has just been given up there */
	g_clear_error(&way_back.error);
	return FALSE;
}

/* The same for both ports of a cable, where there are any. */
static gboolean move_both(Port *const ports[2], Worker *to, GError **error)
{
	Worker *from = ports[0] ? ports[0]->worker : NULL;
	if (ports[0] && !move(ports[0], to, error))
		return FALSE;
	if (!ports[1] || move(ports[1], to, error))
		return TRUE;
	if (ports[0])
		move(ports[0], from, NULL);
	return FALSE;
}

static gboolean refuse_duplicate(GHashTable *table, const char *kind, const char *name, GError **error)
{
	if (!*name)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "a %s needs a name", kind);
	else if (g_hash_table_contains(table, name))
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS, "%s \"%s\" already exists", kind, name);
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
	guint group, GError **error)
{
	gboolean is_hub = g_str_equal(type, "hub");
	if (refuse_duplicate(fabric->networks, "network", name, error))
		return FALSE;
	if (!is_hub && !g_str_equal(type, "switch")) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"network \"%s\": the type must be \"hub\" or \"switch\", not \"%s\"", name, type);
		return FALSE;
	}
	if (table_size > FDB_SIZE_MAX) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"network \"%s\": a table of %u addresses is too large; the maximum is %d", name, table_size,
			FDB_SIZE_MAX);
		return FALSE;
	}
	guint64 ageing = (guint64)(ageing_ms ? ageing_ms : FDB_AGEING_DEFAULT_MS) * 1000000;
	/* Not g_random_int(): the sandbox may have no /dev/urandom, and GLib would take the time of day instead. */
	guint64 seed = 0;
	if (getentropy(&seed, sizeof(seed)) < 0) {
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(errno),
			"network \"%s\": cannot get random numbers: %s", name, g_strerror(errno));
		return FALSE;
	}
	Network *network = network_new(name, is_hub ? NETWORK_HUB : NETWORK_SWITCH, ageing,
		table_size ? table_size : FDB_SIZE_DEFAULT, seed, fabric->workers->pdata[group % fabric->workers->len]);
	g_hash_table_insert(fabric->networks, network->name, network);
	return TRUE;
}

static gboolean check_port(Fabric *fabric, const char *name, guint mtu, GError **error)
{
	if (refuse_duplicate(fabric->ports, "port", name, error))
		return FALSE;
	if (mtu >= FRAME_MTU_MIN && mtu <= FRAME_MTU_MAX)
		return TRUE;
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "port \"%s\": MTU %u is not between %d and %d",
		name, mtu, FRAME_MTU_MIN, FRAME_MTU_MAX);
	return FALSE;
}

/* Takes in a port that is new, or says FALSE for one that could not be made. */
static gboolean add_port(Fabric *fabric, Port *port, GError **error)
{
	if (!port)
		return FALSE;
	const Socket *socket = g_hash_table_lookup(fabric->sockets, port->name);
	if (!move(port, socket ? socket->cable->worker : next_worker(fabric), error)) {
		port_free(port);
		return FALSE;
	}
	g_hash_table_insert(fabric->ports, port->name, port);
	if (socket)
		worker_call(port->worker, plug, &(Plug){port, socket});
	return TRUE;
}

/* Makes a port on a descriptor, which it owns even when this fails. */
static gboolean add_port_on(Fabric *fabric, Port *(*make)(const char *, unsigned, int, GError **), const char *name,
	guint mtu, int descriptor, GError **error)
{
	__attribute__((cleanup(close_fd))) int fd = descriptor;
	if (!check_port(fabric, name, mtu, error))
		return FALSE;
	Port *port = make(name, mtu, fd, error);
	if (port)
		fd = -1;
	return add_port(fabric, port, error);
}

gboolean fabric_add_datagram_port(Fabric *fabric, const char *name, guint mtu, int socket, GError **error)
{
	return add_port_on(fabric, port_datagram_new, name, mtu, socket, error);
}

gboolean fabric_add_tap_port(Fabric *fabric, const char *name, guint mtu, int fd, GError **error)
{
	return add_port_on(fabric, port_tap_new, name, mtu, fd, error);
}

gboolean fabric_add_vhost_port(
	Fabric *fabric, const char *name, guint mtu, const char *mac, gboolean offload, int socket, GError **error)
{
	__attribute__((cleanup(close_fd))) int fd = socket;
	uint8_t address[6];
	if (!check_port(fabric, name, mtu, error))
		return FALSE;
	if (!mac_parse(mac, address)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"port \"%s\": \"%s\" is not a unicast MAC address; use the form 52:54:00:00:00:01", name, mac);
		return FALSE;
	}
	Port *port = port_vhost_new(name, mtu, address, offload ? PORT_CHECKSUM | PORT_TCP4 | PORT_TCP6 : 0, fd,
		news_port_failed, fabric->news, error);
	if (port)
		fd = -1;
	return add_port(fabric, port, error);
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

static gboolean check_end(Fabric *fabric, const char *cable, const FabricEnd *end, GError **error)
{
	if (end->is_network)
		return find(fabric->networks, "network", end->name, error) != NULL;
	const Socket *taken = *end->name ? g_hash_table_lookup(fabric->sockets, end->name) : NULL;
	if (taken)
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_EXISTS,
			"cable \"%s\": port \"%s\" is already on cable \"%s\"", cable, end->name, taken->cable->name);
	else if (!*end->name)
		g_set_error(
			error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "one end of cable \"%s\" has no name", cable);
	return !taken && *end->name;
}

/* Where the cable is to live: NULL and error when its two networks live apart. */
static Worker *worker_for(Fabric *fabric, const char *cable, const FabricEnd ends[2], GError **error)
{
	Worker *workers[2] = {NULL, NULL};
	for (int i = 0; i < 2; i++)
		if (ends[i].is_network)
			workers[i] = ((Network *)g_hash_table_lookup(fabric->networks, ends[i].name))->worker;
	if (!workers[0] || !workers[1] || workers[0] == workers[1])
		return workers[0] ? workers[0] : workers[1] ? workers[1] : next_worker(fabric);
	g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
		"cable \"%s\": networks \"%s\" and \"%s\" are in different groups", cable, ends[0].name, ends[1].name);
	return NULL;
}

gboolean fabric_add_cable(Fabric *fabric, const char *name, const FabricEnd ends[2], GError **error)
{
	if (refuse_duplicate(fabric->cables, "cable", name, error))
		return FALSE;
	if (g_hash_table_size(fabric->cables) >= CAPTURES_CABLES_MAX) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_NO_SPACE,
			"cannot add cable \"%s\": a lab can have at most %d cables", name, CAPTURES_CABLES_MAX);
		return FALSE;
	}
	if (ends[0].is_network == ends[1].is_network && g_str_equal(ends[0].name, ends[1].name)) {
		g_set_error(error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT,
			"cable \"%s\" has the same port or network at both ends", name);
		return FALSE;
	}
	if (!check_end(fabric, name, &ends[0], error) || !check_end(fabric, name, &ends[1], error))
		return FALSE;
	Worker *worker = worker_for(fabric, name, ends, error);
	Port *ports[2];
	for (unsigned i = 0; i < 2; i++)
		ports[i] = ends[i].is_network ? NULL : g_hash_table_lookup(fabric->ports, ends[i].name);
	/* The last that can fail: the cable comes into being only then. */
	if (!worker || !move_both(ports, worker, error))
		return FALSE;
	Cable *cable = cable_new(name, worker);
	cable->changed = news_cable_changed;
	cable->data = fabric->news;
	captures_remember_cable(fabric->captures, cable);
	g_hash_table_insert(fabric->cables, cable->name, cable);
	for (unsigned i = 0; i < 2; i++) {
		if (ends[i].is_network) {
			Network *network = g_hash_table_lookup(fabric->networks, ends[i].name);
			worker_call(worker, join, &(Join){network, cable, i});
			continue;
		}
		Socket *socket = g_new(Socket, 1);
		*socket = (Socket){cable, i};
		cable_name_end(cable, i, ends[i].name, false);
		g_hash_table_insert(fabric->sockets, cable->ends[i].name, socket);
		if (ports[i])
			worker_call(worker, plug, &(Plug){ports[i], socket});
	}
	captures_add_cable(fabric->captures, cable);
	return TRUE;
}

/* Captures. */

static gboolean find_place(Fabric *fabric, const char *name, CapturePlace *place)
{
	Cable *cable = g_hash_table_lookup(fabric->cables, name);
	const Socket *socket = g_hash_table_lookup(fabric->sockets, name);
	if (cable)
		*place = (CapturePlace){cable, -1};
	else if (socket)
		*place = (CapturePlace){socket->cable, (int)socket->end};
	return cable || socket;
}

guint32 fabric_start_capture(Fabric *fabric, const char *const *places, const CaptureOptions *options, int output,
	gint64 *since, GError **error)
{
	__attribute__((cleanup(close_fd))) int fd = output;
	g_autoptr(GArray) found = g_array_new(FALSE, FALSE, sizeof(CapturePlace));
	for (; *places; places++) {
		CapturePlace place;
		if (!find_place(fabric, *places, &place)) {
			g_set_error(error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
				"there is no cable \"%s\" and no connected port with that name", *places);
			return 0;
		}
		g_array_append_val(found, place);
	}
	fd = -1;
	return captures_start(fabric->captures, (const CapturePlace *)(const void *)found->data, found->len,
		fabric->cables, options, output, since, error);
}

gboolean fabric_stop_capture(Fabric *fabric, guint32 id, GError **error)
{
	return captures_stop(fabric->captures, id, error);
}

GVariant *fabric_captures(Fabric *fabric)
{
	return captures_list(fabric->captures);
}

Cable *fabric_find_cable(Fabric *fabric, const char *name, GError **error)
{
	return find(fabric->cables, "cable", name, error);
}

Network *fabric_find_network(Fabric *fabric, const char *name, GError **error)
{
	return find(fabric->networks, "network", name, error);
}

GHashTable *fabric_all_networks(Fabric *fabric)
{
	return fabric->networks;
}

GHashTable *fabric_all_cables(Fabric *fabric)
{
	return fabric->cables;
}

GPtrArray *fabric_all_workers(Fabric *fabric)
{
	return fabric->workers;
}

typedef struct {
	Fabric *fabric;
	Worker *worker;
	GVariantBuilder *builder;
} CountersTask;

/* What the port counted, what became of its frames on the wire, and of those that a network sent to it. */
static guint64 count(const Port *port, Counter counter)
{
	guint64 sum = port->counters.values[counter];
	if (port->cable)
		sum += port->cable->ends[port->end].counters.values[counter];
	if (port->cable && port->cable->ends[!port->end].is_network)
		sum += port->cable->ends[!port->end].counters.values[counter];
	return sum;
}

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
			g_variant_builder_add(task->builder, "{st}", counter_name(i), count(port, i));
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

/* The reverse of how it came to be. Whatever has a timer or a descriptor on a worker goes before the worker does. */
void fabric_free(Fabric *fabric)
{
	GHashTableIter iter;
	gpointer value;

	captures_finish(fabric->captures);
	g_hash_table_iter_init(&iter, fabric->ports);
	while (g_hash_table_iter_next(&iter, NULL, &value))
		worker_call(((Port *)value)->worker, unplug, value);
	g_hash_table_unref(fabric->ports);
	g_hash_table_unref(fabric->sockets);
	for (guint i = 0; i < fabric->workers->len; i++) {
		Worker *worker = fabric->workers->pdata[i];
		worker_call(worker, discard, &(Discard){fabric, worker});
	}
	g_hash_table_unref(fabric->cables);
	g_hash_table_unref(fabric->networks);
	g_ptr_array_unref(fabric->workers);
	captures_free(fabric->captures);
	news_free(fabric->news);
	g_free(fabric);
}
