/* SPDX-License-Identifier: MIT */
#include "clients/cli/output.h"

#include <errno.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/printable.h"
#include "core/base/utf8.h"

static bool wants_colour(void)
{
	const char *no_color = getenv("NO_COLOR");
	const char *term = getenv("TERM");
	return (!no_color || !*no_color) && term && strcmp(term, "dumb") != 0;
}

void hk_output_init(struct hk_output *out, FILE *file)
{
	*out = (struct hk_output){ .file = file };
	out->terminal = isatty(fileno(file)) == 1;
	out->colour = out->terminal && wants_colour();
}

bool hk_output_wants_json(const struct hk_output *out, bool json, bool table)
{
	return json || (!table && !out->terminal);
}

static void keep_error(struct hk_output *out)
{
	out->error = errno ? -errno : -EIO;
}

void hk_output_write(struct hk_output *out, const void *data, size_t length)
{
	if (!out->error && fwrite(data, 1, length, out->file) != length) {
		keep_error(out);
	}
}

void hk_output_text(struct hk_output *out, const char *format, ...)
{
	if (out->error) {
		return;
	}
	va_list args;
	va_start(args, format);
	if (vfprintf(out->file, format, args) < 0) {
		keep_error(out);
	}
	va_end(args);
}

void hk_output_flush(struct hk_output *out)
{
	if (!out->error && fflush(out->file) != 0) {
		keep_error(out);
	}
}

void hk_output_json(struct hk_output *out, json_t *object)
{
	char *line = object ? json_dumps(object, HK_JSON_FLAGS) : NULL;
	json_decref(object);
	if (!line) {
		if (!out->error) {
			out->error = -ENOMEM;
		}
		return;
	}
	hk_output_text(out, "%s\n", line);
	free(line);
	hk_output_flush(out);
}

void hk_output_coloured(struct hk_output *out, enum hk_colour colour, const char *text)
{
	static const char *const codes[] = {
		[HK_COLOUR_NONE] = "0",
		[HK_COLOUR_BOLD] = "1",
		[HK_COLOUR_DIM] = "2",
	};
	if (out->colour && colour != HK_COLOUR_NONE) {
		hk_output_text(out, "\033[%sm%s\033[0m", codes[colour], text);
	} else {
		hk_output_text(out, "%s", text);
	}
}

enum hk_exit hk_output_finish(struct hk_output *out)
{
	hk_output_flush(out);
	if (!out->error || out->error == -EPIPE) {
		return HK_EXIT_OK;
	}
	hk_message("cannot write the output: %s", strerror(-out->error));
	return HK_EXIT_IO;
}

json_t *hk_json_text(const char *text)
{
	char *valid = hk_utf8_valid(text);
	json_t *string = valid ? json_string(valid) : NULL;
	free(valid);
	return string;
}

json_t *hk_json_number(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

void hk_figure(double value, char ret[HK_FIGURE_SIZE])
{
	if (isnan(value)) {
		snprintf(ret, HK_FIGURE_SIZE, "-");
	} else if (fabs(value) >= 999.5 && fabs(value) < 1e15) {
		snprintf(ret, HK_FIGURE_SIZE, "%.0f", value);
	} else {
		snprintf(ret, HK_FIGURE_SIZE, "%.3g", value);
	}
}

void hk_figure_below(double value, double bound, char ret[HK_FIGURES_SIZE])
{
	char text[2][HK_FIGURE_SIZE];
	hk_figure(value, text[0]);
	hk_figure(bound, text[1]);
	snprintf(ret, HK_FIGURES_SIZE, "%s (< %s)", text[0], text[1]);
}

void hk_message(const char *format, ...)
{
	char text[4096], line[sizeof(text)];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hk_printable(text, line, sizeof(line));
	fprintf(stderr, "hearken: %s\n", line);
}
