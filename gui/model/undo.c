/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/model/undo.h"

typedef struct {
	char *label, *merge;
	UndoApply apply;
	gpointer target;
	GVariant *before, *after;
	gint64 made; /* monotonic time, microseconds */
} Change;

struct _Undo {
	GObject parent_instance;
	GPtrArray *changes; /* of Change, oldest first */
	guint done;         /* so many of them are in force; the others were taken back */
};

G_DEFINE_FINAL_TYPE(Undo, undo, G_TYPE_OBJECT)

enum { SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void change_free(gpointer data)
{
	Change *self = data;
	g_free(self->label);
	g_free(self->merge);
	g_variant_unref(self->before);
	g_variant_unref(self->after);
	g_free(self);
}

static void undo_finalize(GObject *object)
{
	g_ptr_array_unref(UNDO_UNDO(object)->changes);
	G_OBJECT_CLASS(undo_parent_class)->finalize(object);
}

static void undo_class_init(UndoClass *class)
{
	G_OBJECT_CLASS(class)->finalize = undo_finalize;
	signals[SIGNAL_CHANGED] =
		g_signal_new("changed", UNDO_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void undo_init(Undo *self)
{
	self->changes = g_ptr_array_new_with_free_func(change_free);
}

Undo *undo_new(void)
{
	return g_object_new(UNDO_TYPE, NULL);
}

static gboolean merges(const Change *last, const Change *change)
{
	return last && change->merge && g_strcmp0(last->merge, change->merge) == 0 && last->target == change->target &&
		change->made - last->made < G_USEC_PER_SEC;
}

/** Notes a change: see undo.h. What had been taken back is forgotten. */
void undo_push(Undo *self, const char *label, const char *merge, UndoApply apply, gpointer target, GVariant *before,
	GVariant *after)
{
	g_ptr_array_set_size(self->changes, (int)self->done);
	Change *last = self->done ? self->changes->pdata[self->done - 1] : NULL;
	Change *change = g_new(Change, 1);
	*change = (Change){g_strdup(label), g_strdup(merge), apply, target, g_variant_ref_sink(before),
		g_variant_ref_sink(after), g_get_monotonic_time()};
	if (merges(last, change)) {
		g_variant_unref(last->after);
		last->after = g_variant_ref(change->after);
		last->made = change->made;
		change_free(change);
	} else {
		g_ptr_array_add(self->changes, change);
		if (self->changes->len > UNDO_DEPTH)
			g_ptr_array_remove_index(self->changes, 0);
		self->done = self->changes->len;
	}
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

gboolean undo_undo(Undo *self)
{
	if (!self->done)
		return FALSE;
	const Change *change = self->changes->pdata[--self->done];
	change->apply(change->target, change->before);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
	return TRUE;
}

gboolean undo_redo(Undo *self)
{
	if (self->done == self->changes->len)
		return FALSE;
	const Change *change = self->changes->pdata[self->done++];
	change->apply(change->target, change->after);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
	return TRUE;
}

const char *undo_undo_label(Undo *self)
{
	return self->done ? ((Change *)self->changes->pdata[self->done - 1])->label : NULL;
}

const char *undo_redo_label(Undo *self)
{
	return self->done < self->changes->len ? ((Change *)self->changes->pdata[self->done])->label : NULL;
}

void undo_clear(Undo *self)
{
	g_ptr_array_set_size(self->changes, 0);
	self->done = 0;
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}
