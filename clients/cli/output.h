/* SPDX-License-Identifier: MIT */
/*
 * output: where a command's data goes, and what it says beside it.
 *
 * Data goes through a `struct hk_output` to stdout: text, JSON lines or bytes. The first failed
 * write is kept and everything after it does nothing, so commands check once a step whether anybody
 * still reads. Messages go to stderr, one line each, with control characters made visible: file
 * names and bundles are outside input. One thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "clients/cli/exit_codes.h"

enum hk_colour { HK_COLOUR_NONE, HK_COLOUR_BOLD, HK_COLOUR_DIM };

struct hk_output {
	FILE *file;
	bool terminal; /* a person looks at it */
	bool colour;   /* terminal, and neither NO_COLOR nor TERM=dumb is set */
	int error;     /* 0, or the negative errno of the first write that failed */
};

/* FILE stays the caller's. */
void hk_output_init(struct hk_output *out, FILE *file);

/*
 * Whether a command that prints a line a finding writes JSON: when --json asks for it, or nobody
 * looks and --table does not ask for the other.
 */
bool hk_output_wants_json(const struct hk_output *out, bool json, bool table);

void hk_output_write(struct hk_output *out, const void *data, size_t length);
void hk_output_text(struct hk_output *out, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* For json_dumps: one line; 12 digits tell microseconds in a week, and 0.1 is no
 * 0.10000000000000001. */
#define HK_JSON_FLAGS (JSON_COMPACT | JSON_REAL_PRECISION(12))

/*
 * Write OBJECT as one line and flush, so that a reader at the other end of a pipe has it now.
 * Takes the reference; NULL (jansson ran out of memory) counts as a failed write.
 */
void hk_output_json(struct hk_output *out, json_t *object);

/* So that a reader at the other end of a pipe has everything now. */
void hk_output_flush(struct hk_output *out);

/* TEXT in COLOUR when the output has colours. */
void hk_output_coloured(struct hk_output *out, enum hk_colour colour, const char *text);

/*
 * Flush. Returns HK_EXIT_OK; HK_EXIT_IO after saying so when a write failed. A reader that closed
 * its end (`hearken ... | head`) has what it wanted: no message, HK_EXIT_OK.
 */
enum hk_exit hk_output_finish(struct hk_output *out);

/* TEXT as a JSON string; bytes that are no UTF-8 become U+FFFD, so a file's name is never dropped.
 */
json_t *hk_json_text(const char *text);

/* A JSON number; null for what JSON cannot say (infinities, NaN). */
json_t *hk_json_number(double value);

#define HK_FIGURE_SIZE 32

/* VALUE for people: three digits, all of those before the point, no exponent of a large one; "-":
 * it is no number. */
void hk_figure(double value, char ret[HK_FIGURE_SIZE]);

#define HK_FIGURES_SIZE (2 * HK_FIGURE_SIZE + 8)

/* "VALUE (< BOUND)" for people. */
void hk_figure_below(double value, double bound, char ret[HK_FIGURES_SIZE]);

/* "hearken: ..." on stderr. */
void hk_message(const char *format, ...) __attribute__((format(printf, 1, 2)));
