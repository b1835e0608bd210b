/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "switch/frame/bytes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>

bool mac_parse(const char *text, uint8_t octets[6])
{
	for (int i = 0; i < 6; i++, text += 3) {
		if (!isxdigit((unsigned char)text[0]) || !isxdigit((unsigned char)text[1]) ||
			text[2] != (i < 5 ? ':' : '\0'))
			return false;
		octets[i] = (uint8_t)strtoul((char[]){text[0], text[1], '\0'}, NULL, 16);
	}
	return mac_is_station(mac_of(octets));
}

char *mac_print(Mac mac, char text[MAC_TEXT])
{
	uint8_t octets[MAC_SIZE];
	write_be(octets, mac, MAC_SIZE); /* the low 48 bits */
	snprintf(text, MAC_TEXT, "%02x:%02x:%02x:%02x:%02x:%02x", octets[0], octets[1], octets[2], octets[3], octets[4],
		octets[5]);
	return text;
}
