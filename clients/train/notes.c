/* SPDX-License-Identifier: MIT */
#include "clients/train/notes.h"
#include "core/base/printable.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

int hk_notes_add(struct hk_notes *notes, const char *format, ...)
{
	char *line;
	va_list args;
	va_start(args, format);
	const int n = vasprintf(&line, format, args);
	va_end(args);
	if (n < 0) {
		return -ENOMEM;
	}
	hk_message("%s", line);
	char **lines = reallocarray(notes->lines, notes->n + 1, sizeof(*lines));
	if (!lines) {
		free(line);
		return -ENOMEM;
	}
	notes->lines = lines;
	notes->lines[notes->n++] = line;
	return 0;
}

void hk_notes_finish(struct hk_notes *notes)
{
	for (size_t i = 0; i < notes->n; i++) {
		free(notes->lines[i]);
	}
	free(notes->lines);
	*notes = (struct hk_notes){ 0 };
}

void hk_notes_print(const struct hk_notes *notes, struct hk_output *out)
{
	char line[4096];
	if (notes->n == 0) {
		return;
	}
	hk_output_text(out, "\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "Notes on the recordings");
	hk_output_text(out, "\n");
	for (size_t i = 0; i < notes->n; i++) {
		hk_printable(notes->lines[i], line, sizeof(line));
		hk_output_text(out, "- %s\n", line);
	}
}

json_t *hk_notes_json(const struct hk_notes *notes)
{
	json_t *array = json_array();
	for (size_t i = 0; i < notes->n; i++) {
		json_array_append_new(array, hk_json_text(notes->lines[i]));
	}
	return array;
}
