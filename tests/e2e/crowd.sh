#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
# Clients that come and go at once, and do not wait for their answers: the supervisor outlives them.
. "$(dirname "$0")/lib.sh"
run 0 netlab start "$(lab crowded a)"
run 0 "$BUILD/tests/crowd" crowded a 15
run 0 netlab exec a -- echo alive
out '^alive$'
run 0 netlab stop
