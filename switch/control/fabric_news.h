/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Passes events from the threads of the workers to the main context, for the owner of the fabric. */
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
