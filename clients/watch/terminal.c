/* SPDX-License-Identifier: MIT */
#include "clients/watch/terminal.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* xterm's control sequences: the other screen, no cursor, no wrapping; and back. */
#define ENTER "\033[?1049h\033[?25l\033[?7l\033[2J"
#define LEAVE "\033[0m\033[?7h\033[?25h\033[?1049l"

static void say(const struct hk_terminal *terminal, const char *text)
{
	const ssize_t n = write(terminal->out, text, strlen(text));
	(void)n; /* a terminal that is gone needs no more */
}

int hk_terminal_enter(struct hk_terminal *terminal, int in, int out)
{
	*terminal = (struct hk_terminal){ .in = in, .out = out };
	if (tcgetattr(in, &terminal->before) < 0) {
		return -errno;
	}
	struct termios raw = terminal->before;
	raw.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG | IEXTEN); /* Ctrl-C and Ctrl-Z are keys */
	raw.c_iflag &= ~(tcflag_t)(IXON | ICRNL);
	raw.c_cc[VMIN] = 0;
	raw.c_cc[VTIME] = 0;
	if (tcsetattr(in, TCSAFLUSH, &raw) < 0) {
		return -errno;
	}
	terminal->entered = true;
	say(terminal, ENTER);
	return 0;
}

void hk_terminal_leave(struct hk_terminal *terminal)
{
	if (terminal->entered) {
		say(terminal, LEAVE);
		tcsetattr(terminal->in, TCSAFLUSH, &terminal->before);
		terminal->entered = false;
	}
}

void hk_terminal_size(const struct hk_terminal *terminal, int *ret_columns, int *ret_rows)
{
	struct winsize size;
	const bool known =
		ioctl(terminal->out, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 && size.ws_row > 0;
	*ret_columns = known ? size.ws_col : 80;
	*ret_rows = known ? size.ws_row : 24;
}
