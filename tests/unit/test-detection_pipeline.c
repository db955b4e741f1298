/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/detection/detection_pipeline.h"
#include "tests/unit/bundle.h"

#define LOG_SIZE 256

struct hearing {
	struct hk_detection_pipeline *pipeline;
	char log[LOG_SIZE]; /* one letter a report, in order: Window, Gap, Remainder */
	uint64_t n_missing; /* of the newest gap */
};

static void note(struct hearing *hearing, char letter)
{
	const size_t length = strlen(hearing->log);
	assert_true(length + 1 < LOG_SIZE);
	hearing->log[length] = letter;
}

static void on_window(void *owner, const struct hk_window_result *result, const double *smoothed)
{
	(void)result;
	(void)smoothed;
	note(owner, 'W');
}

static void on_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)first_frame;
	((struct hearing *)owner)->n_missing = n_frames;
	note(owner, 'G');
}

static void on_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)first_frame;
	(void)n_frames;
	note(owner, 'R');
}

static void ignore(void *owner, const struct hk_event *event)
{
	(void)owner;
	(void)event;
}

static void begin(struct hearing *hearing, const struct hk_model *model)
{
	*hearing = (struct hearing){ 0 };
	struct hk_diag diag;
	assert_int_equal(
		hk_detection_pipeline_new(&hearing->pipeline, model, model->rules, &diag), 0);
	const struct hk_detection_sink sink = { hearing, on_window, on_gap, on_remainder, ignore,
		ignore };
	hk_detection_pipeline_set_sink(hearing->pipeline, &sink);
}

/* N_FRAMES of noise at FIRST. */
static void push(struct hearing *hearing, uint64_t first, uint32_t n_frames, uint32_t rate_hz)
{
	float *frames = calloc(n_frames, sizeof(*frames));
	assert_non_null(frames);
	for (uint32_t i = 0; i < n_frames; i++) {
		frames[i] = (float)(i * 7919 % 1000) / 5000.0F;
	}
	const struct hk_block block = {
		.first_frame = first, .n_frames = n_frames, .rate_hz = rate_hz
	};
	assert_int_equal(hk_detection_pipeline_push(hearing->pipeline, &block, frames), 0);
	free(frames);
}

static void before_the_first_block_nothing_is_open_and_nothing_is_reported(void **state)
{
	const struct bundle *bundle = *state;
	struct hearing hearing;
	begin(&hearing, bundle->model);
	for (uint32_t i = 0; i < BUNDLE_N_LABELS; i++) {
		assert_int_equal(hk_detection_pipeline_gate(hearing.pipeline, i), HK_GATE_CLOSED);
		assert_null(hk_detection_pipeline_ongoing(hearing.pipeline, i));
	}
	hk_detection_pipeline_source_away(hearing.pipeline, 3600);
	hk_detection_pipeline_finish(hearing.pipeline, HK_EVENT_ENDED);
	assert_string_equal(hearing.log, "");
	hk_detection_pipeline_free(hearing.pipeline);
}

static void windows_from_before_a_gap_come_before_it(void **state)
{
	const struct bundle *bundle = *state;
	const struct hk_model *model = bundle->model;
	const uint32_t n = model->n_window_frames + model->n_step_frames;
	struct hearing hearing;
	begin(&hearing, model);
	push(&hearing, 0, n, model->rate_hz);
	push(&hearing, n + 500, n, model->rate_hz);
	assert_int_equal(hearing.n_missing, 500);
	const char *gap = strchr(hearing.log, 'G');
	assert_non_null(gap);
	assert_int_equal(hearing.log[0], 'W');
	hk_detection_pipeline_finish(hearing.pipeline, HK_EVENT_ENDED);
	assert_non_null(strchr(gap, 'W'));
	hk_detection_pipeline_free(hearing.pipeline);
}

static void another_rate_is_heard_after_a_finish(void **state)
{
	const struct bundle *bundle = *state;
	const struct hk_model *model = bundle->model;
	const uint32_t n = 2 * (model->n_window_frames + model->n_step_frames);
	struct hearing hearing;
	begin(&hearing, model);
	push(&hearing, 0, n, model->rate_hz);
	hk_detection_pipeline_finish(hearing.pipeline, HK_EVENT_INTERRUPTED);
	memset(hearing.log, 0, sizeof(hearing.log));
	push(&hearing, n, 2 * n, 2 * model->rate_hz);
	hk_detection_pipeline_finish(hearing.pipeline, HK_EVENT_ENDED);
	assert_non_null(strchr(hearing.log, 'W'));
	hk_detection_pipeline_free(hearing.pipeline);
}

int main(void)
{
#define TEST(name_) cmocka_unit_test_setup_teardown(name_, bundle_setup, bundle_teardown)
	const struct CMUnitTest tests[] = {
		TEST(before_the_first_block_nothing_is_open_and_nothing_is_reported),
		TEST(windows_from_before_a_gap_come_before_it),
		TEST(another_rate_is_heard_after_a_finish),
	};
	return cmocka_run_group_tests_name("detection_pipeline", tests, NULL, NULL);
}
