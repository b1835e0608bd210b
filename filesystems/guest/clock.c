// SPDX-License-Identifier: GPL-2.0-or-later
#include <errno.h>
#include <string.h>
#include <time.h>

#include "filesystems/guest/agent.h"

#define SECOND INT64_C(1000000000)

void clock_step(const uint8_t *payload, size_t length)
{
	struct timespec now;
	int64_t step = length == 8 ? agent_get_i64(payload) : 0, ns;

	/* Relative to what somebody here may have set. */
	clock_gettime(CLOCK_REALTIME, &now);
	ns = now.tv_nsec + step % SECOND + SECOND;
	now.tv_sec += step / SECOND + ns / SECOND - 1;
	now.tv_nsec = ns % SECOND;
	if (clock_settime(CLOCK_REALTIME, &now) < 0)
		report_warning("the clock cannot follow the host's, which was set: %s", strerror(errno));
}
