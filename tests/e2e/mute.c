/* SPDX-License-Identifier: GPL-2.0-or-later */
/* An init that says nothing: a guest whose agent never answers. */
#include <unistd.h>

int main(void)
{
	for (;;)
		pause();
}
