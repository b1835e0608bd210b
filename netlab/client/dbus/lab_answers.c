/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/dbus/lab_answers.h"

ExecOutcome exec_outcome(const char *how)
{
	return g_str_equal(how, "exited")    ? EXEC_EXITED
		: g_str_equal(how, "killed") ? EXEC_KILLED
		: g_str_equal(how, "failed") ? EXEC_NOT_STARTED
					     : EXEC_LOST;
}
