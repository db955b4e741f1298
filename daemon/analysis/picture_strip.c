/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/picture_strip.h"

static json_t *rows_json(const struct hk_live_spectrogram_column *column)
{
	json_t *rows = json_array();
	for (unsigned row = 0; rows && row < HK_LIVE_SPECTROGRAM_ROWS; row++) {
		json_array_append_new(rows, json_integer(column->db[row]));
	}
	return rows;
}

json_t *hk_picture_strip_json(const struct hk_picture_strip *strip, uint32_t rate_hz)
{
	json_t *minimum = json_array();
	json_t *maximum = json_array();
	json_t *columns = json_array();
	for (uint32_t i = 0; i < strip->n_columns; i++) {
		const struct hk_live_spectrogram_column *column = &strip->columns[i];
		json_array_append_new(minimum, json_real((double)column->minimum));
		json_array_append_new(maximum, json_real((double)column->maximum));
		json_array_append_new(columns, rows_json(column));
	}
	return json_pack("{s:I, s:i, s:i, s:f, s:f, s:o, s:o, s:o}", "start_frame",
		(json_int_t)strip->columns[0].first_frame, "frames_per_column",
		(int)strip->n_column_frames, "rate_hz", (int)rate_hz, "fmin_hz",
		hk_live_spectrogram_row_hz(rate_hz, 0), "fmax_hz",
		hk_live_spectrogram_row_hz(rate_hz, HK_LIVE_SPECTROGRAM_ROWS), "minimum", minimum,
		"maximum", maximum, "columns", columns);
}
