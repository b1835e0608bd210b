/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Errors and warnings about a lab file, with their places. */
#pragma once

#include "topologies/model/model.h"
#include "topologies/model/nearest.h"

typedef enum { LAB_WARNING, LAB_ERROR } LabSeverity;

typedef struct {
	LabSeverity severity;
	LabPos pos;
	char *message; /* what is wrong; where it helps, "; did you mean ...?" or the way out */
} LabDiagnostic;

typedef struct LabDiagnostics LabDiagnostics;

/** "line 7", or "lan.xml, line 7" where that is another file than FROM's, which a message is about; caller frees. */
char *lab_pos_to_text(LabPos pos, LabPos from);

LabDiagnostics *lab_diagnostics_new(void);
void lab_diagnostics_free(LabDiagnostics *self);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(LabDiagnostics, lab_diagnostics_free)

void lab_diagnostics_add(LabDiagnostics *self, LabSeverity severity, LabPos pos, const char *format, ...)
	G_GNUC_PRINTF(4, 5);
gboolean lab_diagnostics_are_many(const LabDiagnostics *self);
/** Borrowed array of LabDiagnostic, sorted by place; the first hundred of each severity and how many more there are. */
const GPtrArray *lab_diagnostics_all(LabDiagnostics *self);
unsigned lab_diagnostics_count(const LabDiagnostics *self, LabSeverity severity);
/** "lab.xml:12:7: error: ..." lines; caller frees. Paths are shown relative to the working folder where they are below it. */
char *lab_diagnostics_to_text(LabDiagnostics *self);
/** JSON array of {"severity","file","line","column","message"}; caller frees. */
char *lab_diagnostics_to_json(LabDiagnostics *self);
