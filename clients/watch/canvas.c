/* SPDX-License-Identifier: MIT */
#include "clients/watch/canvas.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include "core/base/text_buffer.h"
#include "core/base/utf8.h"

static const struct hk_cell blank = { ' ', HK_DEFAULT_COLOUR, HK_DEFAULT_COLOUR, 0 };

int hk_canvas_resize(struct hk_canvas *canvas, int n_columns, int n_rows)
{
	const size_t n = (size_t)n_columns * (size_t)n_rows;
	struct hk_cell *cells = calloc(n, sizeof(*cells));
	struct hk_cell *written = calloc(n, sizeof(*written));
	if (!cells || !written) {
		free(cells);
		free(written);
		return -ENOMEM;
	}
	hk_canvas_finish(canvas);
	canvas->n_columns = n_columns;
	canvas->n_rows = n_rows;
	canvas->cells = cells;
	canvas->written = written;
	canvas->fresh = true;
	hk_canvas_clear(canvas);
	return 0;
}

void hk_canvas_finish(struct hk_canvas *canvas)
{
	free(canvas->cells);
	free(canvas->written);
	canvas->cells = canvas->written = NULL;
}

void hk_canvas_clear(struct hk_canvas *canvas)
{
	for (int i = 0; i < canvas->n_columns * canvas->n_rows; i++) {
		canvas->cells[i] = blank;
	}
}

void hk_canvas_put(struct hk_canvas *canvas, int row, int column, struct hk_cell cell)
{
	if (row >= 0 && row < canvas->n_rows && column >= 0 && column < canvas->n_columns) {
		canvas->cells[row * canvas->n_columns + column] = cell;
	}
}

int hk_canvas_text(struct hk_canvas *canvas, int row, int column, const char *text,
	int32_t foreground, bool bold)
{
	for (size_t left = strlen(text), n; left > 0; text += n, left -= n) {
		uint32_t code = '?';
		n = hk_utf8_decode(text, left, &code);
		n += n == 0;
		const bool ascii = code >= ' ' && code <= '~';
		/* one cell each: what the terminal would show in two, or upon another, is not shown
		 */
		const bool shown = ascii ||
			(code >= 0xa0 && canvas->colours != HK_COLOURS_PLAIN &&
				wcwidth((wchar_t)code) == 1);
		hk_canvas_put(canvas, row, column++,
			(struct hk_cell){
				shown ? code : '?', foreground, HK_DEFAULT_COLOUR, bold });
	}
	return column;
}

/* ---- escape sequences ---- */

/* The nearest colour of xterm's 6 x 6 x 6 cube. */
static int cube_colour(int32_t colour)
{
	int index = 16;
	static const int weights[] = { 1, 6, 36 };
	for (int i = 0; i < 3; i++) {
		const int level = colour >> 8 * i & 0xff;
		/* its levels are 0, 95, 135, 175, 215, 255 */
		index += weights[i] * (level < 48 ? 0 : level < 115 ? 1 : (level - 35) / 40);
	}
	return index;
}

static void print_colour(FILE *out, enum hk_colours colours, int32_t colour, bool background)
{
	const int base = background ? 40 : 30;
	if (colours == HK_COLOURS_PLAIN) {
		return;
	}
	if (colour == HK_DEFAULT_COLOUR) {
		fprintf(out, "\033[%dm", base + 9);
	} else if (colours == HK_COLOURS_256) {
		fprintf(out, "\033[%d;5;%dm", base + 8, cube_colour(colour));
	} else {
		fprintf(out, "\033[%d;2;%d;%d;%dm", base + 8, colour >> 16 & 0xff,
			colour >> 8 & 0xff, colour & 0xff);
	}
}

/* As UTF-8; all of ours lie below U+FFFF. */
static void print_character(FILE *out, uint32_t character)
{
	if (character < 0x80) {
		putc((int)character, out);
	} else {
		putc((int)(0xe0 | character >> 12), out);
		putc((int)(0x80 | (character >> 6 & 0x3f)), out);
		putc((int)(0x80 | (character & 0x3f)), out);
	}
}

static void print_row(FILE *out, const struct hk_canvas *canvas, int row)
{
	struct hk_cell pen = blank;
	fprintf(out, "\033[%d;1H\033[0m", row + 1);
	for (int i = 0; i < canvas->n_columns; i++) {
		const struct hk_cell *cell = &canvas->cells[row * canvas->n_columns + i];
		if (cell->bold != pen.bold && canvas->colours != HK_COLOURS_PLAIN) {
			fputs(cell->bold ? "\033[1m" : "\033[22m", out);
		}
		if (cell->foreground != pen.foreground) {
			print_colour(out, canvas->colours, cell->foreground, false);
		}
		if (cell->background != pen.background) {
			print_colour(out, canvas->colours, cell->background, true);
		}
		print_character(out, cell->character);
		pen = *cell;
	}
	fputs("\033[0m", out);
}

static int write_all(int fd, const char *text, size_t length)
{
	while (length > 0) {
		const ssize_t n = write(fd, text, length);
		if (n >= 0) {
			text += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd room = { .fd = fd, .events = POLLOUT };
			poll(&room, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

int hk_canvas_flush(struct hk_canvas *canvas, int fd)
{
	struct hk_text_buffer text;
	char *data = NULL;
	size_t length;
	int r = hk_text_buffer_begin(&text);
	if (r < 0) {
		return r;
	}
	FILE *out = text.file;
	if (canvas->fresh) {
		fputs("\033[0m\033[2J", out);
	}
	const size_t row_size = (size_t)canvas->n_columns * sizeof(*canvas->cells);
	for (int row = 0; row < canvas->n_rows; row++) {
		const size_t first = (size_t)row * (size_t)canvas->n_columns;
		struct hk_cell *cells = canvas->cells + first;
		struct hk_cell *written = canvas->written + first;
		if (canvas->fresh || memcmp(cells, written, row_size) != 0) {
			print_row(out, canvas, row);
			memcpy(written, cells, row_size);
		}
	}
	r = hk_text_buffer_end(&text, &data, &length);
	canvas->fresh = r < 0; /* nobody knows then what the terminal shows */
	if (r == 0) {
		r = write_all(fd, data, length);
	}
	free(data);
	return r;
}
