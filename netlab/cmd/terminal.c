/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "netlab/cmd/terminal.h"

#include <errno.h>
#include <gio/gio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

static struct termios saved;
static gboolean is_raw;

/** The size of the terminal in character cells. */
void terminal_size(guint16 *rows, guint16 *columns)
{
	struct winsize size = {0};
	if (ioctl(STDIN_FILENO, TIOCGWINSZ, &size) < 0)
		(void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
	*rows = size.ws_row ? size.ws_row : 24;
	*columns = size.ws_col ? size.ws_col : 80;
}

/** Makes the terminal raw until terminal_restore() or exit. Fails when standard input is not a terminal. */
gboolean terminal_raw(GError **error)
{
	static gboolean registered;
	if (tcgetattr(STDIN_FILENO, &saved) < 0) {
		int code = errno;
		g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "standard input is not a terminal: %s",
			g_strerror(code));
		return FALSE;
	}
	struct termios raw = saved;
	cfmakeraw(&raw);
	if (!registered)
		atexit(terminal_restore);
	registered = TRUE;
	is_raw = TRUE;
	/* TCSADRAIN, not TCSAFLUSH: what was typed ahead belongs to the guest. */
	if (tcsetattr(STDIN_FILENO, TCSADRAIN, &raw) == 0)
		return TRUE;
	int code = errno;
	g_set_error(error, G_IO_ERROR, g_io_error_from_errno(code), "cannot switch the terminal to raw mode: %s",
		g_strerror(code));
	return FALSE;
}

/** Puts the terminal back as it was. */
void terminal_restore(void)
{
	if (is_raw)
		tcsetattr(STDIN_FILENO, TCSADRAIN, &saved);
	is_raw = FALSE;
}
