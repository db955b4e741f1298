/* SPDX-License-Identifier: MIT */
#include "daemon/log_messages.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/analysis/stream_time.h"
#include "daemon/capture-shared/capture_message.h"
#include "daemon/log/log.h"

void hk_say_model(const struct hk_model *model)
{
	char labels[512] = "";
	size_t length = 0;
	for (uint32_t i = 0; i < model->n_labels && length < sizeof(labels) - 1; i++) {
		const int n = snprintf(labels + length, sizeof(labels) - length, "%s%s",
			i > 0 ? ", " : "", model->labels[i]);
		length += n > 0 ? (size_t)n : 0;
	}
	hk_log(HK_LOG_INFO, "model %s (%s), profile %s at %" PRIu32 " Hz", model->name, labels,
		model->profile.profile->name, model->rate_hz);
	if (model->calibration.method == HK_CALIBRATION_NONE) {
		hk_log(HK_LOG_WARNING, "model %s is uncalibrated; probabilities are only a ranking",
			model->name);
	}
}

void hk_say_foreign_classes(const struct hk_config *config, const struct hk_model *model)
{
	struct hk_diag what = { "" };
	size_t at = 0;
	while (hk_config_foreign_class(config, model, &at, &what)) {
		hk_log(HK_LOG_WARNING, "%s; ignoring the section, which is for all instances",
			what.text);
	}
}

void hk_say_stream(
	const struct hk_model *model, const struct hk_capture_status *status, uint32_t rate_hz)
{
	hk_log(HK_LOG_INFO, "hearing %s at %" PRIu32 " Hz", status->device, rate_hz);
	if (rate_hz < model->rate_hz) {
		hk_log(HK_LOG_WARNING,
			"the source has %" PRIu32 " Hz, model %s was trained at %" PRIu32
			" Hz: sound above %" PRIu32
			" Hz is missing, so detection may be less accurate; use a source with a higher rate if there is one",
			rate_hz, model->name, model->rate_hz, rate_hz / 2);
	}
}

void hk_say_state(const struct hk_capture_status *status, enum hk_source_state before)
{
	const char *state = hk_source_state_name(status->state);
	switch (status->state) {
	case HK_SOURCE_STARTING:
		break;
	case HK_SOURCE_HEARING:
		/* The first time its stream says so. */
		if (before != HK_SOURCE_STARTING) {
			hk_log(HK_LOG_INFO, "audio source recovered: %s", status->device);
		}
		break;
	case HK_SOURCE_ENDED:
		if (status->why[0]) {
			hk_log(HK_LOG_ERR, "audio source %s: %s", state, status->why);
		}
		break;
	case HK_SOURCE_SILENT_DIGITAL:
	case HK_SOURCE_STALLED:
	case HK_SOURCE_LOST:
	case HK_SOURCE_RECOVERING:
		hk_log(HK_LOG_WARNING, "audio source %s: %s", state, status->why);
		break;
	}
}

void hk_say_priority(const struct hk_capture_status *status)
{
	if (!status->realtime) {
		hk_log(HK_LOG_INFO,
			"the capture thread has no real-time priority (LimitRTPRIO=): frames may be lost under load and are counted as overruns");
	}
	if (!status->locked) {
		hk_log(HK_LOG_INFO,
			"audio memory is not locked (LimitMEMLOCK=): frames may be lost when memory is short and are counted as overruns");
	}
}

void hk_say_confinement(const struct hk_capture_status *status)
{
	if (!(status->confined & HK_CONFINED_FILES)) {
		hk_log(HK_LOG_INFO,
			"Landlock unavailable: hearken-capture write access is limited only by the service");
	}
	if (!(status->confined & HK_CONFINED_NETWORK)) {
		hk_log(HK_LOG_INFO,
			"seccomp unavailable: hearken-capture network access is limited only by the service");
	}
}

void hk_say_clipping(double share)
{
	if (share > 0.0) {
		hk_log(HK_LOG_WARNING,
			"input is clipping (%.1f %% of samples at full scale); lower the gain",
			100.0 * share);
	} else {
		hk_log(HK_LOG_INFO, "input is no longer clipping");
	}
}

void hk_say_samples(const char *text)
{
	hk_log(HK_LOG_WARNING, "input: %s", text);
}

void hk_say_window(const struct hk_model *model, const struct hk_analysis_report *report)
{
	if (report->window.label == HK_NO_LABEL) {
		hk_log(HK_LOG_DEBUG, "window at %" PRIu64 ": the samples do not change",
			report->window.first_frame);
	} else {
		hk_log(HK_LOG_DEBUG, "window at %" PRIu64 ": %s %.2f, %.1f dBFS",
			report->window.first_frame, model->labels[report->window.label],
			(double)report->window.probability, (double)report->window.level_dbfs);
	}
}

void hk_say_remainder(const struct hk_analysis_report *report)
{
	hk_log(HK_LOG_DEBUG, "dropping %.3f s at frame %" PRIu64 ": shorter than one window",
		(double)report->span.n_frames / report->rate_hz, report->span.first_frame);
}

void hk_say_clock(const struct hk_analysis_report *report)
{
	const struct hk_clock_step *step = &report->clock.step;
	if (report->clock.changes & HK_CLOCK_STEPPED) {
		hk_log(HK_LOG_WARNING,
			"timestamp jump of %.3f s at frame %" PRIu64 "; clock model reset",
			(double)step->monotonic_ns / 1e9, step->first_frame);
	}
	if (report->clock.changes & HK_STREAM_TIME_FAST) {
		hk_log(HK_LOG_WARNING,
			"the pipe delivers audio faster than real time; event times count from the start of the stream");
	}
	if (report->clock.changes & HK_CLOCK_SET) {
		hk_log(HK_LOG_INFO,
			"the wall clock was set by %+.3f s; event times follow it from frame %" PRIu64,
			(double)step->wall_offset_ns / 1e9, step->first_frame);
	}
}

void hk_losses_add(struct hk_losses *losses, const struct hk_analysis_report *report)
{
	if (report->span.n_frames > 0) {
		losses->n_gaps++;
		losses->seconds += (double)report->span.n_frames / report->rate_hz;
		losses->last_frame = report->span.first_frame;
	}
}

bool hk_losses_say(struct hk_losses *losses, int64_t now_ns)
{
	if (losses->n_gaps == 0 ||
		(losses->said_ns > 0 && now_ns - losses->said_ns < HK_LOSS_PAUSE_NS)) {
		return false;
	}
	if (losses->n_gaps == 1) {
		hk_log(HK_LOG_WARNING, "lost %.3f s of audio at frame %" PRIu64, losses->seconds,
			losses->last_frame);
	} else {
		hk_log(HK_LOG_WARNING,
			"lost %.3f s of audio in %" PRIu64 " gaps, the last at frame %" PRIu64,
			losses->seconds, losses->n_gaps, losses->last_frame);
	}
	*losses = (struct hk_losses){ .said_ns = now_ns };
	return true;
}

void hk_say_history(const char *path, enum hk_store_news news, const char *text)
{
	switch (news) {
	case HK_STORE_WORKS:
		hk_log(HK_LOG_INFO, "history %s can be written again", path);
		break;
	case HK_STORE_FAILS:
		hk_log(HK_LOG_ERR, "history %s cannot be written: %s; keeping events in memory",
			path, text);
		break;
	case HK_STORE_MOVED_ASIDE:
		hk_log(HK_LOG_ERR, "history %s was corrupt; moved to %s, starting a new one", path,
			text);
		break;
	case HK_STORE_INTERRUPTED:
		hk_log(HK_LOG_WARNING, "closed %s events left open by the last run", text);
		break;
	case HK_STORE_FORGOT:
		hk_log(HK_LOG_INFO, "history %s: events forgotten: %s", path, text);
		break;
	case HK_STORE_AHEAD:
		hk_log(HK_LOG_WARNING,
			"history %s: the clock is %s days ahead of the newest events; events older than max_age are kept until it has stayed synchronised for an hour",
			path, text);
		break;
	case HK_STORE_LOSES:
		hk_log(HK_LOG_ERR,
			"history %s: too many events wait to be written, new ones are not kept",
			path);
		break;
	}
}

void hk_say_unwritten(const char *path, uint64_t n_records)
{
	hk_log(HK_LOG_ERR, "history %s: %" PRIu64 " records were never written", path, n_records);
}

void hk_say_dropped(uint64_t n_reports, uint64_t n_events)
{
	hk_log(HK_LOG_WARNING,
		"main thread overloaded: %" PRIu64 " reports dropped (%" PRIu64 " events)",
		n_reports, n_events);
}
