/* SPDX-License-Identifier: MIT */
#include "daemon/status/daemon_status.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "core/base/time_text.h"
#include "core/base/utf8.h"
#include "daemon/capture-shared/capture_message.h"
#include "daemon/capture-shared/clock.h"
#include "daemon/store/wall_clock.h"
#include "daemon/varlink/json_text.h"

/* What SOURCE cannot deliver; "": nothing. */
static void print_bandwidth_note(struct hk_daemon_status *vitals)
{
	const uint32_t rate_hz = vitals->source.rate_hz, model_rate_hz = vitals->model->rate_hz;
	vitals->bandwidth_note[0] = '\0';
	if (rate_hz != 0 && rate_hz < model_rate_hz) {
		snprintf(vitals->bandwidth_note, sizeof(vitals->bandwidth_note),
			"nothing above %" PRIu32
			" Hz; the model was trained with sound up to %" PRIu32 " Hz",
			rate_hz / 2, model_rate_hz / 2);
	}
}

void hk_daemon_status_set_source(
	struct hk_daemon_status *vitals, const struct hk_capture_status *source)
{
	const int64_t age_us = hk_clock_ns() / 1000 - (int64_t)(source->since_ns / 1000);
	vitals->source = *source;
	vitals->source_since_us = hk_wall_clock_us() - age_us;
	print_bandwidth_note(vitals);
}

static json_t *time_json(int64_t time_us)
{
	char text[HK_TIME_TEXT_SIZE];
	hk_time_print_utc(time_us, text);
	return json_string(text);
}

/* Null when it is not finite: JSON has no such numbers. */
static json_t *number_json(double value)
{
	return isfinite(value) ? json_real(value) : json_null();
}

json_t *hk_daemon_status_source_json(const struct hk_daemon_status *vitals)
{
	const struct hk_capture_status *source = &vitals->source;
	return json_pack(
		"{s:s, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:s*, s:b, s:b, "
		"s:b, s:b, s:I, s:I, s:I, s:o*}",
		"state", hk_source_state_name(source->state), "why", hk_text_json(source->why),
		"since", time_json(vitals->source_since_us), "device", hk_text_json(source->device),
		"rate_hz", (json_int_t)source->rate_hz, "channels", (json_int_t)source->n_channels,
		"frames", (json_int_t)source->n_frames, "lost_frames",
		(json_int_t)source->n_lost_frames, "overruns", (json_int_t)source->n_overruns,
		"dropped_blocks", (json_int_t)source->n_dropped_blocks, "restarts",
		(json_int_t)source->n_restarts, "clipped_frames", (json_int_t)source->n_clipped,
		"bandwidth_note", vitals->bandwidth_note[0] ? vitals->bandwidth_note : NULL,
		"clipping", source->clipping, "realtime", source->realtime, "locked",
		source->locked, "confined",
		source->confined == (HK_CONFINED_FILES | HK_CONFINED_NETWORK), "not_number_samples",
		(json_int_t)source->n_not_numbers, "off_scale_samples",
		(json_int_t)source->n_off_scale, "cancelled_frames",
		(json_int_t)source->n_cancelled, "samples_note",
		source->note[0] ? hk_text_json(source->note) : NULL);
}

static json_t *model_json(const struct hk_model *model)
{
	json_t *labels = json_array();
	for (uint32_t i = 0; i < model->n_labels; i++) {
		json_array_append_new(labels, json_string(model->labels[i]));
	}
	return json_pack("{s:s, s:s, s:o, s:I, s:f, s:f, s:s, s:b}", "name", model->name, "hash",
		model->hash, "labels", labels, "rate_hz", (json_int_t)model->rate_hz, "window_s",
		(double)model->n_window_frames / model->rate_hz, "step_s",
		(double)model->n_step_frames / model->rate_hz, "profile",
		model->profile.profile->name, "calibrated",
		model->calibration.method != HK_CALIBRATION_NONE);
}

static json_t *store_json(const struct hk_daemon_status *vitals)
{
	const struct hk_store_status *store = &vitals->store;
	const char *state = store->ok ? "ok" : store->why;
	if (!vitals->store_path) {
		state = "no history is kept";
	}
	return json_pack("{s:o, s:o, s:I, s:I, s:I, s:I}", "state", hk_text_json(state), "path",
		hk_text_json(vitals->store_path ? vitals->store_path : ""), "events",
		(json_int_t)store->n_events, "queued", (json_int_t)store->n_queued, "lost",
		(json_int_t)store->n_lost, "damaged", (json_int_t)store->n_damaged);
}

json_t *hk_daemon_status_status_json(const struct hk_daemon_status *vitals)
{
	json_t *ongoing = json_array();
	for (size_t i = 0; i < vitals->n_ongoing; i++) {
		json_array_append_new(ongoing, hk_event_record_json(&vitals->ongoing[i]));
	}
	json_t *status = json_pack(
		"{s:s, s:s, s:i, s:o, s:o, s:o, s:o, s:I, s:I, s:I, s:I, s:f, s:I, s:o, s:I, s:I}",
		"instance", vitals->instance, "version", HK_VERSION, "pid", (int)getpid(),
		"started", time_json(vitals->started_us), "source",
		hk_daemon_status_source_json(vitals), "model", model_json(vitals->model), "store",
		store_json(vitals), "windows", (json_int_t)vitals->totals.n_windows, "zero_windows",
		(json_int_t)vitals->totals.n_zero_windows, "gaps",
		(json_int_t)vitals->totals.n_gaps, "gap_frames",
		(json_int_t)vitals->totals.n_gap_frames, "worst_lag_s", vitals->totals.worst_lag_s,
		"events", (json_int_t)vitals->totals.n_starts, "ongoing", ongoing, "clients",
		(json_int_t)vitals->clients.n_clients, "clients_cut_off",
		(json_int_t)vitals->clients.n_cut_off);
	if (status && vitals->totals.has_clock) {
		json_object_set_new(status, "clock",
			json_pack("{s:f, s:f, s:f, s:f, s:f, s:I}", "true_rate_hz",
				vitals->totals.true_rate_hz, "drift_ppm", vitals->totals.drift_ppm,
				"drift_error_ppm", vitals->totals.drift_error_ppm, "jitter_ms",
				vitals->totals.jitter_ms, "r2", vitals->totals.r2, "segments",
				(json_int_t)vitals->totals.n_clock_segments));
	}
	if (status && vitals->totals.last_window_us) {
		json_object_set_new(
			status, "last_window", time_json(vitals->totals.last_window_us));
		json_object_set_new(
			status, "level_dbfs", number_json((double)vitals->totals.level_dbfs));
	}
	return status;
}

/* "Hearing MIC at 48000 Hz with model home", or why not. Returns the length written. */
static size_t print_source(const struct hk_daemon_status *vitals, char *ret_line, size_t size)
{
	const struct hk_capture_status *source = &vitals->source;
	const int n = source->state == HK_SOURCE_HEARING
		? snprintf(ret_line, size, "Hearing %s at %" PRIu32 " Hz with model %s",
			  source->device, source->rate_hz, vitals->model->name)
		: snprintf(ret_line, size, "Not hearing, source is %s%s%s",
			  hk_source_state_name(source->state), source->why[0] ? ": " : "",
			  source->why);
	return n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1;
}

static void print_line(const struct hk_daemon_status *vitals, char *ret_line, size_t size)
{
	size_t length = print_source(vitals, ret_line, size);
	const bool fails = vitals->store_path && !vitals->store.ok;
	if (fails) {
		const int n = snprintf(ret_line + length, size - length,
			"; the history is not being written: %s", vitals->store.why);
		length += n < 0 ? 0 : (size_t)n < size - length ? (size_t)n : size - length - 1;
	}
	if (vitals->totals.n_starts == 0) {
		snprintf(ret_line + length, size - length, "; no event yet");
		return;
	}
	char time[HK_TIME_TEXT_SIZE];
	hk_time_print_local(vitals->totals.last_start_us, time);
	snprintf(ret_line + length, size - length, "; %" PRIu64 " event%s, the last: %s at %s",
		vitals->totals.n_starts, vitals->totals.n_starts == 1 ? "" : "s",
		vitals->totals.last_label, time);
}

void hk_daemon_status_line(const struct hk_daemon_status *vitals, char *ret_line, size_t size)
{
	print_line(vitals, ret_line, size);
	hk_utf8_repair(ret_line); /* systemd shows no STATUS= that is not UTF-8 */
}
