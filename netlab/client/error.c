/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/client/error.h"

GQuark client_error_quark(void)
{
	return g_quark_from_static_string("netlab-client-error");
}
