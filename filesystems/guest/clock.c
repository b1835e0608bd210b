/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "filesystems/guest/clock.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "filesystems/guest/protocol.h"
#include "filesystems/guest/report.h"

#define SECOND INT64_C(1000000000)

void clock_step(const uint8_t *payload, size_t length)
{
	struct timespec now;
	int64_t step = length == 8 ? agent_get_i64(payload) : 0, ns;

	/* Relative, because the clock may have been set inside the node. */
	clock_gettime(CLOCK_REALTIME, &now);
	ns = now.tv_nsec + step % SECOND + SECOND;
	now.tv_sec += step / SECOND + ns / SECOND - 1;
	now.tv_nsec = ns % SECOND;
	if (clock_settime(CLOCK_REALTIME, &now) < 0)
		report_warning("cannot set the clock after the host's clock was set: %s", strerror(errno));
}
