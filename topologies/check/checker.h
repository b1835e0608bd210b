/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What check.c, check_networks.c, check_uplinks.c and check_captures.c share. Nothing else includes this header. */
#pragma once

#include "topologies/check/check.h"

typedef struct {
	const Lab *lab; /* with defaults applied; names may be missing where errors were reported */
	LabFilterCheck filter_check;
	LabDiagnostics *diagnostics;
} Checker;

/* check.c */
void checker_error(Checker *self, LabPos pos, const char *format, ...) G_GNUC_PRINTF(3, 4);
char *checker_first_use(GHashTable *seen, char *key, const LabPos *pos);
void checker_port_name(Checker *self, LabPos pos, const char *kind, const LabNetwork *network);

void check_networks(Checker *self);
void check_uplinks(Checker *self);
void check_captures(Checker *self);
