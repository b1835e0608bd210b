/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the two forms of a plan, plan_text.c and plan_json.c, share. Nothing else includes this header. */
#pragma once

#include "topologies/plan/plan.h"

/** "02:00:00:00:00:01"; caller frees. */
char *plan_mac_text(const guint8 mac[6]);
/** "10.0.2.10:80", "[fd00:2::10]:80"; caller frees. */
char *plan_endpoint_text(GInetAddress *address, guint16 port);
/** Whether content is text; else (or where it holds a NUL) it is shown by its size, or in base64. Sets data and size. */
gboolean plan_content_is_text(GBytes *content, const char **data, gsize *size);
