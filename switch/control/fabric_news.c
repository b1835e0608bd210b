/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/control/fabric_news.h"

/* Carrier changes come in bursts, for example when a lab starts; they are reported together. */
#define CHANGES_MS 20

struct News {
	const FabricEvents *events;
	gpointer data;
	GAsyncQueue *failures; /* of Failure */
	GAsyncQueue *changed;  /* of Cable, each at most once */
};

typedef struct {
	char *port, *message;
} Failure;

static void failure_free(gpointer data)
{
	Failure *failure = data;
	g_free(failure->port);
	g_free(failure->message);
	g_free(failure);
}

News *news_new(const FabricEvents *events, gpointer data)
{
	News *self = g_new0(News, 1);
	self->events = events;
	self->data = data;
	self->failures = g_async_queue_new_full(failure_free);
	self->changed = g_async_queue_new();
	return self;
}

void news_free(News *self)
{
	while (g_source_remove_by_user_data(self))
		;
	g_async_queue_unref(self->failures);
	g_async_queue_unref(self->changed);
	g_free(self);
}

static gboolean tell_failures(gpointer data)
{
	News *self = data;
	for (Failure *failure; (failure = g_async_queue_try_pop(self->failures)); failure_free(failure))
		self->events->port_failed(failure->port, failure->message, self->data);
	return G_SOURCE_REMOVE;
}

void news_port_failed(Port *port, const char *message, void *news)
{
	News *self = news;
	Failure *failure = g_new(Failure, 1);
	*failure = (Failure){g_strdup(port->name), g_strdup(message)};
	g_async_queue_push(self->failures, failure);
	g_idle_add_full(G_PRIORITY_DEFAULT, tell_failures, self, NULL);
}

static gboolean tell_changed(gpointer data)
{
	News *self = data;
	g_autoptr(GPtrArray) names = g_ptr_array_new();
	for (Cable *cable; (cable = g_async_queue_try_pop(self->changed));) {
		/* First of all: changes from now on are reported again. */
		atomic_store(&cable->told, false);
		g_ptr_array_add(names, cable->name);
	}
	g_ptr_array_add(names, NULL);
	if (names->len > 1 && self->events->cables_changed)
		self->events->cables_changed((const char *const *)names->pdata, self->data);
	return G_SOURCE_REMOVE;
}

/* A guest may have its port come and go as fast as it likes: who is told hears it now and then. */
void news_cable_changed(Cable *cable, void *news)
{
	News *self = news;
	if (atomic_exchange(&cable->told, true))
		return;
	g_async_queue_push(self->changed, cable);
	g_timeout_add_full(G_PRIORITY_DEFAULT, CHANGES_MS, tell_changed, self, NULL);
}
