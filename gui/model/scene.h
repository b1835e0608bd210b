/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a window shows of a lab: nodes and networks at their places, cables between them, their states and their traffic.
 *
 * The one source of truth of the viewer. It is free of GTK, fed by the session (file and supervisor), and changed by the
 * canvas only in what is the viewer's own: places and selection. Everything is borrowed by its readers and good until
 * the next "structure" signal.
 *
 * Signals:
 *   "structure" ()        other vertices or edges than before: whatever was remembered of them is gone
 *   "changed" ()          states, counters, places, selection: paint again. At most once a turn of the main loop, and not
 *                         when a look at the counters brought nothing new
 *   "selection" ()        other vertices or edges are selected. At most once a turn of the main loop */
#pragma once

#include <glib-object.h>

#include "topologies/model/model.h"

enum { SCENE_HISTORY = 120 }; /* seconds of rates that are kept */

typedef enum {
	SCENE_UNKNOWN, /* no supervisor: only the file is known */
	SCENE_STOPPED,
	SCENE_BOOTING, /* starting, booting, configuring, stopping */
	SCENE_READY,
	SCENE_PAUSED,
	SCENE_FAILED,
} SceneState;

typedef enum { SCENE_NODE, SCENE_NETWORK, SCENE_UPLINK } SceneWhat;

typedef struct SceneEdge SceneEdge;

/** A node, a network or an uplink. Names are unique among each of the three only: see scene_find_vertex(). */
typedef struct {
	char *name;
	SceneWhat what;
	LabNodeKind kind;    /* of a node */
	LabNetworkType type; /* of a network */
	gboolean outside;    /* of a network: a device of the host is on it */
	gboolean restricted; /* of an uplink: leads in, not out */
	char *gateway;       /* of an uplink: its addresses, with a space between */
	char *forwards;      /* of an uplink: "127.0.0.1:8080 → 10.0.2.10:80", one a line; "" none */
	char *image;         /* of a node */
	double x, y;         /* centre, in scene units: a pixel at zoom 1. y grows downwards */
	gboolean placed;     /* by hand or from the layout file: automatic layout leaves it alone */
	gboolean selected;
	SceneState state;
	char *state_name; /* as the supervisor says it: "configuring" */
	char *message;    /* why it failed; "" else */
	int check;        /* of its last lab check: 0 none, 1 passed, -1 failed */
	GPtrArray *edges; /* of SceneEdge, borrowed: what ends here */
} SceneVertex;

/** The frames of one direction of a cable. */
typedef struct {
	guint64 frames, bytes, drops; /* so far */
	double frame_rate, bit_rate;  /* per second, over the last look */
	float history[SCENE_HISTORY]; /* bit/s, a value a second */
	unsigned next;                /* where the next value goes: the oldest one is there */
} SceneFlow;

/** A cable: a link, or an interface's or an uplink's on a network. */
struct SceneEdge {
	char *name; /* the cable's: what SetLink and captures take */
	gboolean is_link;
	SceneVertex *ends[2];
	char *interfaces[2]; /* name of the interface at the end; NULL at a network or an uplink */
	char *addresses[2];  /* its addresses, with spaces between; "" none */
	gboolean selected;
	gboolean down;        /* unplugged */
	gboolean carrier[2];  /* as seen at each end */
	SceneFlow flows[2];   /* [i]: of frames that come from ends[i] */
	char *impairments[2]; /* "delay=20ms loss=1%"; "" none */
	char *declared[2];    /* the same as the file says it, for a lab that does not run */
	gboolean declared_down;
	GVariant *counters; /* a{sa{st}} by port, or NULL: for tooltips */
	GVariant *wire;     /* a{sa{st}}: what became of frames from each end, by port or network; or NULL */
};

#define SCENE_TYPE (scene_get_type())
G_DECLARE_FINAL_TYPE(Scene, scene, SCENE, SCENE, GObject)

Scene *scene_new(void);
/** Takes over a topology: vertices that there were before by the same name keep their place, state and selection. */
void scene_set_lab(Scene *self, const Lab *lab);
/** Takes over what GetNodes and GetLinks of org.netlab.Lab1 answered (a{sa{sv}}); now: monotonic time, microseconds, of
 *  the answer, from which rates are made. links may be NULL. */
void scene_update_nodes(Scene *self, GVariant *nodes);
void scene_update_links(Scene *self, GVariant *links, gint64 now);
/** How often counters were taken over so far. */
guint64 scene_looks(Scene *self);
/** NodeChanged. */
void scene_update_node(Scene *self, const char *node, const char *state, const char *message);
/** Nothing is heard of the supervisor: rates are nought until it answers again. */
void scene_calm(Scene *self);
/** There is no supervisor any more: states become unknown, rates nought. */
void scene_forget_run(Scene *self);

const GPtrArray *scene_vertices(Scene *self); /* of SceneVertex */
const GPtrArray *scene_edges(Scene *self);    /* of SceneEdge */
SceneVertex *scene_find_vertex(Scene *self, SceneWhat what, const char *name);
/** What and name in one word, for what is kept of vertices that may be gone: "nr1", "wlan", "uuplink". Caller frees. */
char *scene_key(SceneWhat what, const char *name);
SceneVertex *scene_find_key(Scene *self, const char *key);
SceneEdge *scene_find_edge(Scene *self, const char *name);
const char *scene_title(Scene *self);
const char *scene_description(Scene *self);
gboolean scene_is_running(Scene *self);

/** Moves a vertex; it counts as placed from then on. */
void scene_move(Scene *self, SceneVertex *vertex, double x, double y);
/** Selects, or not; scene_select_only(NULL, NULL) selects nothing. */
void scene_select(Scene *self, SceneVertex *vertex, SceneEdge *edge, gboolean selected);
void scene_select_only(Scene *self, SceneVertex *vertex, SceneEdge *edge);
/** What is selected: arrays of SceneVertex and SceneEdge, borrowed; caller frees the array. */
GPtrArray *scene_selected_vertices(Scene *self);
GPtrArray *scene_selected_edges(Scene *self);
/** Notes how the last lab check that concerns a node went: 0 none, 1 passed, -1 failed. */
void scene_set_check(Scene *self, const char *node, int check);
/** Says that vertices are at other places than before (scene_move() does so itself). */
void scene_touch(Scene *self);
