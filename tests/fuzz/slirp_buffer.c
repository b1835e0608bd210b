/* SPDX-License-Identifier: GPL-2.0-or-later */
/* g_realloc() as libslirp's sbuf.c calls it, for fuzz_uplink: a buffer that gets another size begins empty (sbreserve()). Under
 * AddressSanitizer a true one copies all of it, 256 KiB for each SYN, which was half of the time. */
#include <glib.h>

gpointer slirp_buffer_realloc(gpointer old, gsize size);

gpointer slirp_buffer_realloc(gpointer old, gsize size)
{
	g_free(old);
	return g_malloc(size);
}
