/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/analysis.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "daemon/analysis/picture_stream.h"
#include "daemon/analysis/stream_time.h"

#define WAIT_MS 500 /* at most, whatever happens */

struct hk_analysis {
	struct hk_analysis_setup setup;
	pthread_t thread;

	/* The thread's own. */
	struct hk_detection_pipeline *pipeline; /* of setup.engine */
	struct hk_stream_time time;
	struct timespec block_taken; /* CLOCK_MONOTONIC: when the newest block was read */
	uint64_t n_frames_since_window;
	float lag_s; /* longest wait of a block since the last window */
	struct hk_picture_stream painter;
	struct hk_engine *retired; /* waits for room in the reports */
	float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];

	/* Shared. */
	struct hk_engine *_Atomic mailbox;
	atomic_bool stop;
	enum hk_event_state stop_state; /* written before `stop` */
	atomic_bool source_over;
	atomic_bool source_away;
	atomic_bool pictures_wanted;
	_Atomic uint64_t n_turns;
	_Atomic uint64_t n_windows;
	atomic_bool overdue;
};

/* ---- reports ---- */

static void report(struct hk_analysis *analysis, struct hk_analysis_report report)
{
	static const struct timespec moment = { .tv_nsec = 1000000 };
	report.rate_hz = analysis->time.rate_hz;
	while (!hk_analysis_reports_write(analysis->setup.reports, &report)) {
		if (!analysis->setup.patient || atomic_load(&analysis->stop)) {
			hk_analysis_reports_drop(analysis->setup.reports, &report);
			return;
		}
		nanosleep(&moment, NULL);
	}
}

static float seconds_since(const struct timespec *then)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (float)(now.tv_sec - then->tv_sec) + 1e-9F * (float)(now.tv_nsec - then->tv_nsec);
}

static void report_event(struct hk_analysis *analysis, enum hk_analysis_report_kind kind,
	const struct hk_event *event)
{
	report(analysis,
		(struct hk_analysis_report){ .kind = kind,
			.event = { .event = *event,
				.start_us = hk_stream_time_us(&analysis->time, event->start_frame),
				.end_us = hk_stream_time_us(&analysis->time, event->end_frame),
				.file = analysis->setup.file } });
}

static void on_window(void *owner, const struct hk_window_result *result, const double *smoothed)
{
	struct hk_analysis *analysis = owner;
	analysis->n_frames_since_window = 0;
	atomic_fetch_add_explicit(&analysis->n_windows, 1, memory_order_relaxed);
	struct hk_analysis_report window = {
		.kind = HK_ANALYSIS_REPORT_WINDOW,
		.window = { .first_frame = result->first_frame,
			.end_frame = result->end_frame,
			.start_us = hk_stream_time_us(&analysis->time, result->first_frame),
			.level_dbfs = result->level_dbfs,
			.peak_dbfs = result->peak_dbfs,
			.label = HK_NO_LABEL,
			.analysis_s = seconds_since(&analysis->block_taken),
			.lag_s = analysis->lag_s },
	};
	analysis->lag_s = 0;
	const uint32_t n = hk_engine_model(analysis->setup.engine)->n_labels;
	for (uint32_t i = 0; i < n; i++) {
		window.window.gates[i] = (uint8_t)hk_detection_pipeline_gate(analysis->pipeline, i);
		window.window.smoothed[i] = smoothed ? (float)smoothed[i] : 0.0F;
	}
	window.window.is_smoothed = smoothed;
	if (!result->zeros) {
		const double *probabilities = result->classification.probabilities;
		window.window.label = result->classification.label;
		for (uint32_t i = 0; i < n; i++) {
			window.window.probabilities[i] = (float)probabilities[i];
		}
		window.window.probability = window.window.probabilities[window.window.label];
	}
	window.window.has_clock = hk_stream_time_clock(&analysis->time, &window.window.clock);
	report(analysis, window);
	for (uint32_t i = 0; i < n; i++) {
		const struct hk_event *event = hk_detection_pipeline_ongoing(analysis->pipeline, i);
		if (event) {
			report_event(analysis, HK_ANALYSIS_REPORT_EVENT_SO_FAR, event);
		}
	}
}

static void report_span(struct hk_analysis *analysis, enum hk_analysis_report_kind kind,
	uint64_t first, uint64_t n_frames)
{
	analysis->n_frames_since_window = 0;
	report(analysis,
		(struct hk_analysis_report){
			.kind = kind, .span = { .first_frame = first, .n_frames = n_frames } });
}

static void on_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	report_span(owner, HK_ANALYSIS_REPORT_GAP, first_frame, n_frames);
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	report_span(owner, HK_ANALYSIS_REPORT_REMAINDER, first_frame, n_frames);
}

static void on_strip(void *owner, const struct hk_picture_strip *strip)
{
	report(owner,
		(struct hk_analysis_report){
			.kind = HK_ANALYSIS_REPORT_PICTURE, .picture = *strip });
}

static void on_start(void *owner, const struct hk_event *event)
{
	report_event(owner, HK_ANALYSIS_REPORT_EVENT_START, event);
}

static void on_end(void *owner, const struct hk_event *event)
{
	report_event(owner, HK_ANALYSIS_REPORT_EVENT_END, event);
}

/* ---- the thread ---- */

static void adopt(struct hk_analysis *analysis, struct hk_engine *engine)
{
	const struct hk_detection_sink sink = {
		.owner = analysis,
		.on_window = on_window,
		.on_gap = on_gap,
		.on_remainder = on_remainder,
		.on_start = on_start,
		.on_end = on_end,
	};
	analysis->setup.engine = engine;
	analysis->pipeline = hk_engine_pipeline(engine);
	hk_detection_pipeline_set_sink(analysis->pipeline, &sink);
	analysis->n_frames_since_window = 0;
}

static void look_into_mailbox(struct hk_analysis *analysis)
{
	if (!analysis->retired) {
		struct hk_engine *engine =
			atomic_exchange_explicit(&analysis->mailbox, NULL, memory_order_acq_rel);
		if (!engine) {
			return;
		}
		hk_detection_pipeline_finish(analysis->pipeline, HK_EVENT_INTERRUPTED);
		analysis->retired = analysis->setup.engine;
		adopt(analysis, engine);
	}
	const struct hk_analysis_report back = {
		.kind = HK_ANALYSIS_REPORT_ENGINE,
		.engine = { .old = analysis->retired, .next = analysis->setup.engine },
	};
	if (hk_analysis_reports_write(analysis->setup.reports, &back)) {
		analysis->retired = NULL;
	}
}

/* A window is overdue when there was audio for one and two steps more (a step for the cut of the
 * blocks, one for what the profile and the resampler look ahead). */
static bool window_is_overdue(const struct hk_analysis *analysis)
{
	const struct hk_model *model = hk_engine_model(analysis->setup.engine);
	const uint64_t n_due = ((uint64_t)model->n_window_frames + 2 * model->n_step_frames) *
		analysis->time.rate_hz / model->rate_hz;
	const bool smoothed = model->smoothing.method != HK_SMOOTHING_NONE;
	const double lag_s = smoothed ? model->smoothing.lag_s : 0.0;
	return analysis->n_frames_since_window >
		n_due + (uint64_t)llround(lag_s * analysis->time.rate_hz);
}

static int take_frames(struct hk_analysis *analysis, const struct hk_block *block)
{
	const bool news = block->rate_hz != analysis->time.rate_hz;
	if (news && analysis->time.rate_hz > 0) {
		/* What is open lies on the old rate's axis, and is told in its times. */
		hk_detection_pipeline_finish(analysis->pipeline, HK_EVENT_INTERRUPTED);
	}
	struct hk_analysis_report step = { .kind = HK_ANALYSIS_REPORT_CLOCK };
	const int changes = hk_stream_time_push(&analysis->time, block, &step.clock.step);
	if (changes < 0) {
		return changes;
	}
	if (news) {
		report(analysis, (struct hk_analysis_report){ .kind = HK_ANALYSIS_REPORT_STREAM });
	}
	if (changes > 0) {
		step.clock.changes = (unsigned)changes;
		report(analysis, step);
	}
	if (atomic_load_explicit(&analysis->pictures_wanted, memory_order_relaxed)) {
		hk_picture_stream_push(&analysis->painter, block, analysis->frames);
	} else {
		hk_picture_stream_rest(&analysis->painter);
	}
	analysis->n_frames_since_window += block->n_frames;
	const int r = hk_detection_pipeline_push(analysis->pipeline, block, analysis->frames);
	atomic_store_explicit(
		&analysis->overdue, window_is_overdue(analysis), memory_order_relaxed);
	return r;
}

/* Sleep until there is something to decide, or to paint. */
static void wait_for_frames(struct hk_analysis *analysis)
{
	const bool paints = atomic_load_explicit(&analysis->pictures_wanted, memory_order_relaxed);
	hk_capture_wait(analysis->setup.capture,
		paints ? 0 : hk_detection_pipeline_missing(analysis->pipeline), WAIT_MS);
}

/* How long ago the last frame of BLOCK, which was just taken, was captured. */
static void note_lag(struct hk_analysis *analysis, const struct hk_block *block)
{
	if (block->capture_ns == 0 || block->n_frames == 0) {
		return;
	}
	const struct timespec *taken = &analysis->block_taken;
	const double lag_s = (double)taken->tv_sec + (double)taken->tv_nsec * 1e-9 -
		(double)block->capture_ns * 1e-9 - (double)block->n_frames / block->rate_hz;
	analysis->lag_s = fmaxf(analysis->lag_s, (float)lag_s);
}

/* Returns 1 at the end of the source, a negative errno when it cannot go on. */
static int turn(struct hk_analysis *analysis)
{
	atomic_fetch_add_explicit(&analysis->n_turns, 1, memory_order_relaxed);
	look_into_mailbox(analysis);
	/* Asked before the ring is, so that what was written before is read. */
	const bool over = atomic_load(&analysis->source_over);
	struct hk_block block;
	int r = hk_capture_read(analysis->setup.capture, &block, analysis->frames);
	if (r == HK_RING_OK) {
		clock_gettime(CLOCK_MONOTONIC, &analysis->block_taken);
		note_lag(analysis, &block);
		if (block.n_frames > 0 && (r = take_frames(analysis, &block)) < 0) {
			return r;
		}
		return block.flags & HK_BLOCK_END ? 1 : 0;
	}
	if (r == HK_RING_EMPTY && over) {
		return 1;
	}
	if (r == HK_RING_EMPTY) {
		wait_for_frames(analysis);
		if (atomic_load_explicit(&analysis->source_away, memory_order_relaxed)) {
			hk_detection_pipeline_source_away(
				analysis->pipeline, (double)seconds_since(&analysis->block_taken));
		}
	}
	return 0; /* a broken ring (-EBADMSG) mends itself; the hole is reported */
}

static void *run(void *owner)
{
	struct hk_analysis *analysis = owner;
	int r = 0;
	while (r == 0 && !atomic_load(&analysis->stop)) {
		r = turn(analysis);
	}
	if (r < 0) {
		report(analysis,
			(struct hk_analysis_report){
				.kind = HK_ANALYSIS_REPORT_FAILED, .error = r });
	} else if (r > 0) {
		hk_detection_pipeline_finish(analysis->pipeline, HK_EVENT_ENDED);
		report(analysis, (struct hk_analysis_report){ .kind = HK_ANALYSIS_REPORT_END });
	} else {
		hk_detection_pipeline_finish(analysis->pipeline, analysis->stop_state);
	}
	return NULL;
}

/* ---- main ---- */

int hk_analysis_new(struct hk_analysis **ret, const struct hk_analysis_setup *setup)
{
	struct hk_analysis *analysis = calloc(1, sizeof(*analysis));
	if (!analysis) {
		return -ENOMEM;
	}
	analysis->setup = *setup;
	analysis->time.pipe = setup->pipe;
	analysis->painter.sink = (struct hk_picture_stream_sink){ analysis, on_strip };
	adopt(analysis, setup->engine);
	const int error = pthread_create(&analysis->thread, NULL, run, analysis);
	if (error != 0) {
		free(analysis);
		return -error;
	}
	pthread_setname_np(analysis->thread, "analysis");
	*ret = analysis;
	return 0;
}

struct hk_engine *hk_analysis_stop(struct hk_analysis *analysis, enum hk_event_state state)
{
	if (!analysis) {
		return NULL;
	}
	analysis->stop_state = state;
	atomic_store(&analysis->stop, true);
	hk_capture_wake(analysis->setup.capture);
	pthread_join(analysis->thread, NULL);
	struct hk_engine *engine = analysis->setup.engine;
	hk_stream_time_finish(&analysis->time);
	hk_picture_stream_finish(&analysis->painter);
	hk_engine_free(analysis->retired);
	hk_engine_free(atomic_load(&analysis->mailbox));
	free(analysis);
	return engine;
}

struct hk_engine *hk_analysis_give(struct hk_analysis *analysis, struct hk_engine *engine)
{
	struct hk_engine *unread =
		atomic_exchange_explicit(&analysis->mailbox, engine, memory_order_acq_rel);
	hk_capture_wake(analysis->setup.capture);
	return unread;
}

void hk_analysis_expect_end(struct hk_analysis *analysis)
{
	atomic_store(&analysis->source_over, true);
	hk_capture_wake(analysis->setup.capture);
}

void hk_analysis_source_away(struct hk_analysis *analysis, bool away)
{
	atomic_store_explicit(&analysis->source_away, away, memory_order_relaxed);
	hk_capture_wake(analysis->setup.capture);
}

void hk_analysis_want_pictures(struct hk_analysis *analysis, bool wanted)
{
	atomic_store_explicit(&analysis->pictures_wanted, wanted, memory_order_relaxed);
	hk_capture_wake(analysis->setup.capture);
}

void hk_analysis_pulse(const struct hk_analysis *analysis, struct hk_pulse *ret)
{
	*ret = (struct hk_pulse){
		.n_turns = atomic_load_explicit(&analysis->n_turns, memory_order_relaxed),
		.n_windows = atomic_load_explicit(&analysis->n_windows, memory_order_relaxed),
		.overdue = atomic_load_explicit(&analysis->overdue, memory_order_relaxed),
	};
}
