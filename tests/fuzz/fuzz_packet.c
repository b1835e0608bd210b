/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The input is a frame, and a capture: what the packet list of the viewer reads of hostile guests, and of a switch that
 * they might have taken. Explore: clang -DNETLAB_LIBFUZZER -fsanitize=fuzzer,address. */
#include "gui/packets/decode.h"
#include "gui/packets/follow.h"
#include "gui/packets/pcapng.h"
#include "tests/fuzz/replay.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	g_autoptr(PcapngReader) reader = pcapng_reader_new();
	g_autoptr(GError) error = NULL;
	PacketFacts facts;
	PcapngFrame frame;
	packet_decode(data, size, size, &facts);
	pcapng_reader_add(reader, data, size);
	while (pcapng_reader_next(reader, &frame, &error)) {
		FollowFrame seen = {.bytes = frame.bytes, .captured = frame.captured, .length = frame.length};
		/* In a block of its own size, for AddressSanitizer. */
		g_autofree guint8 *exact = g_memdup2(frame.bytes, frame.captured);
		packet_decode(exact, frame.captured, frame.length, &facts);
		seen.bytes = exact;
		if (frame.captured >= 14 && !follow_same(&seen, &seen))
			abort();
	}
	return 0;
}
