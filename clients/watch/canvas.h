/* SPDX-License-Identifier: MIT */
/*
 * canvas: cells of characters and colours, written to a terminal as escape sequences, only the rows
 * that changed. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/draw/colour_map.h"

enum hk_colours {
	HK_COLOURS_PLAIN, /* ASCII, no colour at all */
	HK_COLOURS_256,
	HK_COLOURS_24BIT,
};

/* 0xRRGGBB, or: */
#define HK_DEFAULT_COLOUR (-1)

#define HK_UPPER_HALF                                                                              \
	0x2580 /* the upper half of a cell in the foreground, the lower in the background */
#define HK_LOWER_HALF 0x2584
#define HK_FULL_BLOCK 0x2588

struct hk_cell {
	uint32_t character; /* Unicode; of HK_COLOURS_PLAIN ASCII only */
	int32_t foreground, background;
	int32_t bold; /* a bool; as wide as the others, so that cells compare byte by byte */
};

struct hk_canvas {
	enum hk_colours colours;
	int n_columns, n_rows;
	struct hk_cell *cells;   /* n_rows * n_columns */
	struct hk_cell *written; /* what the terminal shows */
	bool fresh;              /* the terminal shows something else: write all of it */
};

/* Another size, all blank. Returns 0, -ENOMEM. */
int hk_canvas_resize(struct hk_canvas *canvas, int n_columns, int n_rows);
void hk_canvas_finish(struct hk_canvas *canvas);

/* All blank. */
void hk_canvas_clear(struct hk_canvas *canvas);

/* What lies outside is left out. */
void hk_canvas_put(struct hk_canvas *canvas, int row, int column, struct hk_cell cell);

/*
 * TEXT (UTF-8) from COLUMN on, a cell a character; returns the column behind it. '?' for what does
 * not take one cell in the locale, and in HK_COLOURS_PLAIN for all that is not ASCII.
 */
int hk_canvas_text(struct hk_canvas *canvas, int row, int column, const char *text,
	int32_t foreground, bool bold);

/* Write what changed to FD. Returns 0, or the negative errno of write. */
int hk_canvas_flush(struct hk_canvas *canvas, int fd);
