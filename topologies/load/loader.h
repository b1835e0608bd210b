/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the files that know libxml2 share: loader_tree.c (bytes to tree), loader_schema.c (tree against lab.xsd), and tree
 * to model: loader.c (the lab, nodes, checks), loader_networks.c (networks, links, uplinks, captures), loader_read.c (how
 * they read attributes). Nothing else includes this header. */
#pragma once

#include <libxml/tree.h>
#include <libxml/xmlversion.h>

#include "topologies/load/load.h"
#include "topologies/model/diagnostics.h"
#include "topologies/model/values.h"

#define LAB_XMLNS "urn:netlab:lab:1"

/* xmlStructuredErrorFunc got its const in libxml2 2.12. */
#if LIBXML_VERSION >= 21200
typedef const xmlError *LabXmlError;
#else
typedef xmlError *LabXmlError;
#endif

/** One tree for the lab and all files that it includes. Every element knows its own file, line and column. */
typedef struct {
	xmlDoc *doc;
	GPtrArray *places;  /* of LabPos, held by the elements' _private */
	GPtrArray *dropped; /* of xmlNode: elements taken out because of their own errors */
} LabTree;

LabTree *lab_tree_read(
	const char *path, GBytes *text, const LabFolder *folder, GPtrArray *touches, LabDiagnostics *diagnostics);
void lab_tree_free(LabTree *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabTree, lab_tree_free)

/* loader_scan.c */
#define LAB_MAX_ATTRIBUTES 200 /* of an element; the language has no element with more than thirty */
gboolean lab_scan_attributes(const char *text, gsize length, gsize *offset);

LabPos lab_tree_pos(const xmlNode *element);
const char *lab_tree_attribute(const xmlNode *element, const char *name);
char *lab_tree_label(const xmlNode *element);

/** What the schema found, in addition to what it reported. */
typedef struct {
	GHashTable *names; /* set of the "name"s of dropped elements */
	GHashTable *
		values; /* set of "ELEMENT@ATTRIBUTE" (lab_value_key) whose value the schema refused; not reported yet */
	GHashTable *strange; /* set of xmlNode that have unknown attributes */
	gboolean incomplete; /* elements were dropped or lack something */
} LabFindings;

LabFindings *lab_findings_new(void);
void lab_findings_free(LabFindings *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabFindings, lab_findings_free)
char *lab_value_key(const xmlNode *element, const char *attribute);

gboolean lab_schema_check(LabTree *tree, const char *schema, LabFindings *findings, LabDiagnostics *diagnostics);

/** What the functions of loader*.c work on. They report what is wrong and continue. */
typedef struct {
	Lab *lab;
	GPtrArray *ends; /* of LabPendingEnd */
	LabFindings *findings;
	LabDiagnostics *diagnostics;
} Loader;

gboolean lab_tree_is(const xmlNode *node, const char *name);
void loader_complain(Loader *self, const xmlNode *element, const char *attribute, GError *error);
void loader_complain_of(Loader *self, const xmlNode *element, const char *format, ...) G_GNUC_PRINTF(3, 4);
gboolean loader_choice(
	Loader *self, const xmlNode *element, const char *attribute, const char *const *names, unsigned *index);
gboolean loader_yes(Loader *self, const xmlNode *element, const char *attribute);
void loader_name(Loader *self, const xmlNode *element, const char *attribute, LabNameRule rule, char **name);
char *loader_block(const xmlNode *element);
void loader_addresses(Loader *self, const xmlNode *element, GPtrArray *addresses);
void loader_offload(Loader *self, const xmlNode *element, LabOffload *offload);
void loader_settings(Loader *self, const xmlNode *element, LabInterface *interface);
void loader_link_settings(Loader *self, const xmlNode *element, LinkSettings *settings);
LabPortVlan *loader_vlan(Loader *self, const xmlNode *element);
char *loader_path(Loader *self, const xmlNode *element, const char *attribute, const char *folder, LabTouchKind use);

/* loader_networks.c: appends the element to the lab. */
void loader_network(Loader *self, const xmlNode *element);
void loader_link(Loader *self, const xmlNode *element);
void loader_uplink(Loader *self, const xmlNode *element);
void loader_capture(Loader *self, const xmlNode *element);
