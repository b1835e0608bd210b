/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is what a client of uml_switch's protocol sends on its control connection. It is read as it would come: more
 * with each byte, each time in a block of its own size; what was decided once stays so.
 *
 * Explore: clang -DNETLAB_LIBFUZZER -fsanitize=fuzzer,address. Else main() replays the files of the folders named. */
#include "tests/fuzz/replay.h"
#include "switch/uml/uml_switch.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void check(gboolean truth, const char *what)
{
	if (!truth) {
		fprintf(stderr, "fuzz_uml_request: %s\n", what);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	UmlRequestState last = UML_REQUEST_MORE;
	struct sockaddr_un address, first, answer;
	for (size_t n = 0; n <= size && n <= UML_REQUEST_MAX; n++) {
		g_autoptr(GError) error = NULL;
		g_autofree uint8_t *exact = g_malloc(n + !n);
		memcpy(exact, data, n);
		UmlRequestState state = uml_request_read(exact, n, &address, &error);
		check((state == UML_REQUEST_REFUSED) == (error != NULL), "an error and a refusal are not the same");
		check(last == UML_REQUEST_MORE || state == last, "more bytes changed what was decided");
		check(n < UML_REQUEST_MAX || state != UML_REQUEST_MORE, "it wants more than there can be");
		check(state != UML_REQUEST_READY || address.sun_family == AF_UNIX, "an address of another family");
		check(state != UML_REQUEST_READY || last != UML_REQUEST_READY ||
				!memcmp(&address, &first, sizeof(first)),
			"more bytes changed the address");
		if (state == UML_REQUEST_READY && last != UML_REQUEST_READY) {
			first = address;
			g_autoptr(GError) absent = NULL;
			int fd = uml_data_socket_new(&address, &answer, &absent);
			check((fd < 0) == (absent != NULL), "neither a socket nor an error");
			if (fd >= 0)
				close(fd);
		}
		last = state;
	}
	return 0;
}
