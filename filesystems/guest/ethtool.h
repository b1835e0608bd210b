/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What ethtool(8) sets of an interface. Each returns 0, or -1 after writing the reason to WHY (SIZE bytes); what a driver
 * cannot do is left alone. */
#pragma once

#include <stddef.h>

/** The speed in Mbit/s, full duplex, that the interface says it has. */
int ethtool_set_speed(const char *name, unsigned mbit, char *why, size_t size);
/** The kernel joins no received frames any more (GRO): all who read frames get them as they came. */
int ethtool_join_nothing(const char *name, char *why, size_t size);
