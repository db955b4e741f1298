/* SPDX-License-Identifier: MIT */
/*
 * terminal: the terminal as a place to draw on: its other screen, without cursor, keys unechoed and
 * one by one; and as it was before, whenever it is left. Main thread only.
 */
#pragma once

#include <stdbool.h>
#include <termios.h>

struct hk_terminal {
	int in, out;
	bool entered;
	struct termios before;
};

/* IN: keys come from it, OUT: it is drawn on. Returns 0, or the negative errno of tcgetattr and
 * tcsetattr. */
int hk_terminal_enter(struct hk_terminal *terminal, int in, int out);

/* Give it back as it was. A terminal that was not entered is left alone. */
void hk_terminal_leave(struct hk_terminal *terminal);

/* 80 x 24 when it does not say. */
void hk_terminal_size(const struct hk_terminal *terminal, int *ret_columns, int *ret_rows);
