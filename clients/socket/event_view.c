/* SPDX-License-Identifier: MIT */
#include "clients/socket/event_view.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/time_text.h"

int hk_event_view_read(json_t *event, struct hk_event_view *ret, struct hk_diag *diag)
{
	json_error_t why;
	json_int_t id, cursor, duration_ms, n_windows, continues = 0;
	json_t *end = NULL, *of = NULL;
	int gap, stored;
	struct hk_event_view heard = { 0 };
	if (json_unpack_ex(event, &why, 0,
		    "{s:I, s:I, s:s, s:s, s:s, s:s, s?o, s:I, s:F, s:F, s:F, s:I, s:b, s?o, s:b}",
		    "id", &id, "cursor", &cursor, "instance", &heard.instance, "label",
		    &heard.label, "state", &heard.state, "start", &heard.start, "end", &end,
		    "duration_ms", &duration_ms, "peak_probability", &heard.peak_probability,
		    "mean_probability", &heard.mean_probability, "level_dbfs", &heard.level_dbfs,
		    "windows", &n_windows, "gap", &gap, "continues", &of, "stored", &stored) < 0) {
		return hk_diag_set(diag, -EPROTO, "an event that cannot be read: %s", why.text);
	}
	if (json_is_integer(of)) {
		continues = json_integer_value(of);
	}
	if (hk_time_parse(heard.start, 0, &heard.start_us, NULL) < 0) {
		return hk_diag_set(diag, -EPROTO,
			"an event that cannot be read: start is not a time: \"%s\"", heard.start);
	}
	heard.id = id;
	heard.cursor = cursor;
	heard.end = json_string_value(end);
	heard.duration_ms = duration_ms;
	heard.n_windows = n_windows;
	heard.gap = gap;
	heard.continues = continues;
	heard.stored = stored;
	*ret = heard;
	return 0;
}

#define N_COLUMNS 9 /* INSTANCE is the first, and can be left out */

void hk_event_view_table_init(struct hk_table *table, struct hk_output *out, bool instances)
{
	static const struct hk_column columns[N_COLUMNS] = {
		{ "INSTANCE", 12, false },
		{ "START", 19, false },
		{ "LABEL", 16, false },
		{ "STATE", 11, false },
		{ "DURATION", 11, true },
		{ "PEAK", 5, true },
		{ "MEAN", 5, true },
		{ "DBFS", 6, true },
		{ "ID", 0, false },
	};
	const size_t n_left_out = instances ? 0 : 1;
	hk_table_init(table, out, columns + n_left_out, N_COLUMNS - n_left_out);
}

void hk_event_view_row(struct hk_table *table, const struct hk_event_view *heard)
{
	char start[HK_TIME_TEXT_SIZE], duration[32], peak[16], mean[16], level[16], id[24];
	hk_time_print_local(heard->start_us, start);
	hk_duration_text(heard->duration_ms, duration, sizeof(duration));
	snprintf(peak, sizeof(peak), "%.3f", heard->peak_probability);
	snprintf(mean, sizeof(mean), "%.3f", heard->mean_probability);
	snprintf(level, sizeof(level), "%.1f", heard->level_dbfs);
	snprintf(id, sizeof(id), "%" PRId64, heard->id);
	const char *const cells[N_COLUMNS] = { heard->instance, start, heard->label, heard->state,
		duration, peak, mean, level, id };
	hk_table_row(table, cells + (N_COLUMNS - table->n_columns));
}

void hk_duration_text(int64_t duration_ms, char *ret_text, size_t size)
{
	const int64_t seconds = duration_ms / 1000;
	const int64_t minutes = seconds / 60;
	const int64_t hours = minutes / 60;
	if (minutes == 0) {
		snprintf(ret_text, size, "%.1f s", (double)duration_ms / 1000);
	} else if (hours == 0) {
		snprintf(ret_text, size, "%" PRId64 " min %02d s", minutes, (int)(seconds % 60));
	} else if (hours < 48) {
		snprintf(ret_text, size, "%" PRId64 " h %02d min", hours, (int)(minutes % 60));
	} else {
		snprintf(ret_text, size, "%" PRId64 " d %d h", hours / 24, (int)(hours % 24));
	}
}

json_t *hk_labels_json(const char *labels)
{
	if (!*labels) {
		return json_null();
	}
	json_t *array = json_array();
	for (bool more = true; more;) {
		const size_t length = strcspn(labels, ",");
		char *label = strndup(labels, length);
		const int r = json_array_append_new(array, label ? hk_json_text(label) : NULL);
		free(label);
		if (r < 0) {
			json_decref(array);
			return NULL;
		}
		more = labels[length];
		labels += length + more;
	}
	return array;
}
