/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What happens on the workers' threads and the fabric's owner is to hear of, taken over to the main context. */
#pragma once

#include "switch/wire/cable.h"
#include "switch/control/fabric.h"
#include "switch/port/port.h"

typedef struct News News;

/** events and data as in fabric_new(). Caller frees. */
News *news_new(const FabricEvents *events, gpointer data);
/** What nobody was told of yet is forgotten; no worker may know of it any more. */
void news_free(News *self);

/** Worker: a PortFailed. */
void news_port_failed(Port *port, const char *message, void *news);
/** Worker: a Cable.changed. */
void news_cable_changed(Cable *cable, void *news);
