/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "gui/editor/text/document.h"

#include <string.h>

#include "topologies/topology.h"

struct _Document {
	GObject parent_instance;
	char *schema, *path;
	gboolean trusted; /* its paths may leave its folder */
	Undo *undo;       /* borrowed */
	GVariant *text;   /* s: steps of the undo share it */
	GVariant *saved;  /* as it is in the file as far as is known, or was when there was none */
	Markup *markup;
	Lab *lab;
	LabDiagnostics *diagnostics;
};

G_DEFINE_FINAL_TYPE(Document, document, G_TYPE_OBJECT)

enum { SIGNAL_SPLICED, SIGNAL_CHANGED, N_SIGNALS };
static guint signals[N_SIGNALS];

static void document_finalize(GObject *object)
{
	Document *self = DOCUMENT_DOCUMENT(object);

	g_free(self->schema);
	g_free(self->path);
	g_clear_pointer(&self->text, g_variant_unref);
	g_clear_pointer(&self->saved, g_variant_unref);
	markup_free(self->markup);
	lab_free(self->lab);
	lab_diagnostics_free(self->diagnostics);
	G_OBJECT_CLASS(document_parent_class)->finalize(object);
}

static void document_class_init(DocumentClass *class)
{
	G_OBJECT_CLASS(class)->finalize = document_finalize;
	signals[SIGNAL_SPLICED] = g_signal_new("spliced", DOCUMENT_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
		G_TYPE_NONE, 3, G_TYPE_UINT64, G_TYPE_UINT64, G_TYPE_STRING);
	signals[SIGNAL_CHANGED] =
		g_signal_new("changed", DOCUMENT_TYPE, G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 0);
}

static void document_init(Document *self)
{
	self->text = g_variant_ref_sink(g_variant_new_string(""));
	self->saved = g_variant_ref(self->text);
	self->diagnostics = lab_diagnostics_new();
}

/** document_new() - a document without text
 *  @schema: path of lab.xsd
 *  @undo: gets each change; must outlive the document, or be cleared
 *  Returns it; the caller owns it. */
Document *document_new(const char *schema, Undo *undo)
{
	Document *self = g_object_new(DOCUMENT_TYPE, NULL);

	self->schema = g_strdup(schema);
	self->undo = undo;
	return self;
}

/* The path that messages and relative sources start from, also of a lab that has no file yet. */
static char *path_or_future(const Document *self)
{
	return self->path ? g_strdup(self->path) : g_canonicalize_filename("untitled.xml", NULL);
}

static Lab *read_lab(const Document *self, const char *text, LabDiagnostics *diagnostics)
{
	g_autoptr(GBytes) bytes = g_bytes_new_static(text, strlen(text));
	g_autofree char *path = path_or_future(self);

	return lab_read_text(bytes, path, self->trusted, self->schema, diagnostics);
}

/* Says where two texts differ: whole characters between what both start and end with. */
static void say_spliced(Document *self, const char *before, const char *after)
{
	gsize start = 0, rest = 0, old = strlen(before), new = strlen(after), shorter = MIN(old, new);
	g_autofree char *inserted = NULL;

	while (start < shorter && before[start] == after[start])
		start++;
	while (start > 0 && (after[start] & 0xc0) == 0x80)
		start--;
	while (start > 0 && (before[start] & 0xc0) == 0x80)
		start--;
	while (rest < shorter - start && before[old - rest - 1] == after[new - rest - 1])
		rest++;
	while (rest > 0 && (after[new - rest] & 0xc0) == 0x80)
		rest--;
	inserted = g_strndup(after + start, new - rest - start);
	g_signal_emit(self, signals[SIGNAL_SPLICED], 0, (guint64)start, (guint64)(old - rest - start), inserted);
}

static void apply(gpointer target, GVariant *state)
{
	Document *self = target;
	g_autoptr(GVariant) before = g_steal_pointer(&self->text);
	const char *text = g_variant_get_string(state, NULL);

	self->text = g_variant_ref(state);
	markup_free(self->markup);
	self->markup = markup_parse(text);
	lab_free(self->lab);
	lab_diagnostics_free(self->diagnostics);
	self->diagnostics = lab_diagnostics_new();
	self->lab = read_lab(self, text, self->diagnostics);
	say_spliced(self, g_variant_get_string(before, NULL), text);
	g_signal_emit(self, signals[SIGNAL_CHANGED], 0);
}

/* SAVED is what the file at PATH holds, TEXT what is edited. What is relative to the file may exist now, or no longer. */
static void settle(Document *self, const char *path, GVariant *saved, GVariant *text)
{
	g_autoptr(GVariant) own_text = g_variant_ref_sink(text);
	char *own = g_strdup(path);

	g_variant_ref_sink(saved);
	g_variant_unref(self->saved);
	self->saved = saved;
	g_free(self->path);
	self->path = own;
	apply(self, own_text);
}

/** document_open() - takes over a text that is not a change of the user's; says so by both signals
 *  @path: of the file that it is in; NULL: in none yet
 *  @text: UTF-8 */
void document_open(Document *self, const char *path, const char *text)
{
	g_autoptr(GVariant) state = g_variant_ref_sink(g_variant_new_string(text));

	settle(self, path, state, state);
}

/** document_set_saved() - notes what the document's file holds; the text stays what it is; says "changed"
 *  @path: of the file
 *  @text: what is in it, UTF-8: the document's text, or another one, and then there is something to save */
void document_set_saved(Document *self, const char *path, const char *text)
{
	settle(self, path, g_variant_new_string(text), self->text);
}

/** document_set_trusted() - whether the user trusts the lab: its paths may lead anywhere (--trust). Says "changed". */
void document_set_trusted(Document *self, gboolean trusted)
{
	if (self->trusted == trusted)
		return;
	self->trusted = trusted;
	apply(self, self->text);
}

/** document_text() - the text. Borrowed, until the next change, as all that follows. */
const char *document_text(Document *self)
{
	return g_variant_get_string(self->text, NULL);
}

/** document_path() - path of its file; NULL: it has none yet. */
const char *document_path(Document *self)
{
	return self->path;
}

/** document_markup() - its elements; NULL: the text is not well-formed, so that there is nothing to draw in. */
const Markup *document_markup(Document *self)
{
	return self->markup;
}

/** document_lab() - what the text says; NULL: it has errors. */
const Lab *document_lab(Document *self)
{
	return self->lab;
}

/** document_diagnostics() - errors and warnings of the text. */
LabDiagnostics *document_diagnostics(Document *self)
{
	return self->diagnostics;
}

/** document_is_modified() - whether there is something to save. */
gboolean document_is_modified(Document *self)
{
	return self->saved != self->text && !g_variant_equal(self->saved, self->text);
}

/** document_set_text() - a change by the user, as one step that can be taken back
 *  @text: the whole new text; nothing happens when it is the old one
 *  @label, @merge: as in undo_push() */
void document_set_text(Document *self, const char *text, const char *label, const char *merge)
{
	g_autoptr(GVariant) before = g_variant_ref(self->text), after = NULL;

	if (!strcmp(text, document_text(self)))
		return;
	after = g_variant_ref_sink(g_variant_new_string(text));
	apply(self, after);
	undo_push(self->undo, label, merge, apply, self, before, after);
}

/** document_commit() - makes the changes of an edit as one step
 *  @edit: of document_markup(); taken
 *  @label, @merge: as in undo_push() */
void document_commit(Document *self, Edit *edit, const char *label, const char *merge)
{
	g_autoptr(Edit) own = edit;
	g_autofree char *text = edit_apply(own);

	document_set_text(self, text, label, merge);
}

/** document_refusal() - what would be wrong if an edit were made
 *  @edit: of document_markup(); not changed in what it would do, but to be freed after this
 *  Returns the first error that is not there already, in the loader's words (the caller frees it), or NULL. */
char *document_refusal(Document *self, Edit *edit)
{
	g_autoptr(LabDiagnostics) after = lab_diagnostics_new();
	g_autoptr(GHashTable) known = g_hash_table_new(g_str_hash, g_str_equal);
	g_autofree char *text = edit_apply(edit);
	const GPtrArray *all = lab_diagnostics_all(self->diagnostics);

	for (guint i = 0; i < all->len; i++)
		g_hash_table_add(known, ((LabDiagnostic *)all->pdata[i])->message);
	lab_free(read_lab(self, text, after));
	all = lab_diagnostics_all(after);
	for (guint i = 0; i < all->len; i++) {
		const LabDiagnostic *one = all->pdata[i];

		if (one->severity == LAB_ERROR && !g_hash_table_contains(known, one->message))
			return g_strdup(one->message);
	}
	return NULL;
}

/** document_template() - the text of a new lab
 *  @name: of the lab
 *  Returns it; the caller frees it. */
char *document_template(const char *name)
{
	g_autoptr(GString) escaped = markup_escape(name, TRUE);

	return g_strdup_printf("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n"
			       "<lab xmlns=\"urn:netlab:lab:1\" name=\"%s\">\n"
			       "  <title>A new lab</title>\n"
			       "  <defaults image=\"tiny\"/>\n"
			       "</lab>\n",
		escaped->str);
}
