/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "core/detection/detector.h"

/* The axis of all cases: 100 frames a second, windows of 2 s every second unless said otherwise. */
#define RATE 100u
#define MAX_EVENTS 4096

struct heard {
	struct hk_event starts[MAX_EVENTS];
	struct hk_event ends[MAX_EVENTS];
	uint32_t n_starts, n_ends;
};

static void on_start(void *owner, const struct hk_event *event)
{
	struct heard *heard = owner;
	assert_true(heard->n_starts < MAX_EVENTS);
	heard->starts[heard->n_starts++] = *event;
}

static void on_end(void *owner, const struct hk_event *event)
{
	struct heard *heard = owner;
	assert_true(heard->n_ends < MAX_EVENTS);
	heard->ends[heard->n_ends++] = *event;
}

static const struct hk_class_rules plain = {
	.enabled = true,
	.event = true,
	.on = 0.6,
	.off = 0.4,
	.confirm = { 2, 3 },
	.release_s = 2,
};

static struct hk_detector *new_detector(
	struct heard *heard, const struct hk_class_rules *rules, uint32_t n_classes)
{
	memset(heard, 0, sizeof(*heard));
	const struct hk_detector_sink sink = { heard, on_start, on_end };
	struct hk_detector *detector = NULL;
	assert_int_equal(hk_detector_new(&detector, rules, n_classes, RATE, &sink), 0);
	return detector;
}

static void push(struct hk_detector *detector, double start_s, double probability)
{
	const struct hk_detector_window window = {
		.first_frame = (uint64_t)lround(start_s * RATE),
		.end_frame = (uint64_t)lround((start_s + 2) * RATE),
		.probabilities = &probability,
		.level_dbfs = (float)(-40 + 10 * probability),
	};
	hk_detector_push(detector, &window);
}

/* Windows from START_S on, a digit each: '7' = probability 0.7, 'z' = digital zeros. */
static void push_all(struct hk_detector *detector, double start_s, const char *digits)
{
	for (size_t i = 0; digits[i]; i++) {
		if (digits[i] == 'z') {
			const struct hk_detector_window zeros = {
				.first_frame = (uint64_t)lround((start_s + (double)i) * RATE),
				.end_frame = (uint64_t)lround((start_s + (double)i + 2) * RATE),
				.zeros = true,
				.level_dbfs = -INFINITY,
			};
			hk_detector_push(detector, &zeros);
		} else {
			push(detector, start_s + (double)i, (digits[i] - '0') / 10.0);
		}
	}
}

static void assert_span(const struct hk_event *event, double start_s, double end_s)
{
	assert_int_equal(event->start_frame, lround(start_s * RATE));
	assert_int_equal(event->end_frame, lround(end_s * RATE));
}

static void an_event_spans_the_first_to_the_last_window_that_counted(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "0077950000");
	assert_int_equal(heard.n_starts, 1);
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.starts[0], 2, 5);
	assert_int_equal(heard.starts[0].state, HK_EVENT_ONGOING);
	assert_span(&heard.ends[0], 2, 7);
	assert_int_equal(heard.ends[0].state, HK_EVENT_ENDED);
	assert_int_equal(heard.ends[0].n_windows, 4);
	/* sums of four decimals: a few units in the last place */
	assert_float_equal(heard.ends[0].mean_probability, (0.7 + 0.7 + 0.9 + 0.5) / 4, 1e-12);
	assert_float_equal(heard.ends[0].peak_probability, 0.9, 1e-12);
	assert_float_equal(heard.ends[0].level_dbfs, -31, 1e-4);
	assert_false(heard.ends[0].gap);
	hk_detector_free(detector);
}

static void what_is_unmistakable_starts_an_event_sooner(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.confirm = (struct hk_k_of_n){ 4, 6 };
	rules.sure_on = 0.9;
	rules.sure_confirm = (struct hk_k_of_n){ 2, 2 };
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "008989");
	assert_int_equal(heard.n_starts, 1); /* by four ordinary windows */
	assert_span(&heard.starts[0], 2, 7);
	hk_detector_free(detector);
	detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "00899");
	assert_int_equal(heard.n_starts, 1);
	assert_span(&heard.starts[0], 3, 6); /* from the first window that counted that way */
	push_all(detector, 5, "7000");       /* it goes on by the ordinary rule */
	assert_span(&heard.ends[0], 3, 7);
	hk_detector_free(detector);
}

/* Like push_all, with the windows' probabilities before smoothing in RAW. */
static void push_smoothed(
	struct hk_detector *detector, double start_s, const char *digits, const char *raw)
{
	for (size_t i = 0; digits[i]; i++) {
		const double probability = (digits[i] - '0') / 10.0, before = (raw[i] - '0') / 10.0;
		hk_detector_push(detector,
			&(struct hk_detector_window){
				.first_frame = (uint64_t)lround((start_s + (double)i) * RATE),
				.end_frame = (uint64_t)lround((start_s + (double)i + 2) * RATE),
				.probabilities = &probability,
				.raw = &before,
			});
	}
}

static void what_is_faint_and_lasts_starts_an_event_later(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.faint_on = 0.2;
	rules.faint_confirm = (struct hk_k_of_n){ 4, 5 };
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_smoothed(detector, 0, "000000000", "022033010");
	assert_int_equal(heard.n_starts, 1); /* 2, 2, 3 and 3 of the last five */
	assert_span(&heard.starts[0], 1, 7);
	assert_int_equal(heard.starts[0].n_windows, 4);
	assert_float_equal(heard.starts[0].mean_probability, (0.2 + 0.2 + 0.3 + 0.3) / 4, 1e-12);
	assert_int_equal(heard.n_ends, 1); /* 0 and 1 do not keep it going */
	assert_span(&heard.ends[0], 1, 7);
	hk_detector_free(detector);
	/* an event that came the ordinary way is not drawn out by what is faint */
	detector = new_detector(&heard, &rules, 1);
	push_smoothed(detector, 0, "07700000", "03333333");
	assert_int_equal(heard.n_starts, 1);
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 1, 4);
	hk_detector_free(detector);
}

static void fewer_than_k_of_n_windows_start_nothing(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "7007007555");
	assert_int_equal(heard.n_starts, 0);
	push_all(detector, 10, "707");
	assert_int_equal(heard.n_starts, 1);
	assert_span(&heard.starts[0], 10, 14);
	hk_detector_free(detector);
}

static void between_off_and_on_an_event_goes_on_but_does_not_start(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "555555");
	assert_int_equal(heard.n_starts, 0);
	push_all(detector, 6, "66444443333");
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 6, 14);
	hk_detector_free(detector);
}

static void a_pause_shorter_than_release_is_bridged(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "770700");
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 0, 5);
	hk_detector_free(detector);
}

static void nothing_counts_while_refractory_runs(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.refractory_s = 5;
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "7700");
	assert_span(&heard.ends[0], 0, 3);
	assert_int_equal(hk_detector_gate(detector, 0), HK_GATE_REFRACTORY);
	push_all(detector, 4, "7777"); /* begin before 3 + 5 */
	assert_int_equal(heard.n_starts, 1);
	push_all(detector, 8, "7");
	assert_int_equal(hk_detector_gate(detector, 0), HK_GATE_CONFIRMING);
	push_all(detector, 9, "7");
	assert_int_equal(hk_detector_gate(detector, 0), HK_GATE_OPEN);
	assert_int_equal(heard.n_starts, 2);
	assert_span(&heard.starts[1], 8, 11);
	hk_detector_free(detector);
}

static void what_stays_shorter_than_min_duration_is_never_told(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.min_duration_s = 5;
	rules.refractory_s = 100;
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "777000");
	assert_int_equal(heard.n_starts, 0);
	/* what was never told starts no refractory time; the onset stays where it was */
	push_all(detector, 6, "77770000");
	assert_int_equal(heard.n_starts, 1);
	assert_span(&heard.starts[0], 6, 11);
	assert_span(&heard.ends[0], 6, 11);
	hk_detector_free(detector);
}

static void a_long_event_goes_on_as_new_ones_that_name_the_first(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.max_duration_s = 4;
	rules.min_duration_s = 3;
	rules.refractory_s = 60;
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "777777770000");
	assert_int_equal(heard.n_ends, 3);
	assert_span(&heard.ends[0], 0, 4);
	assert_span(&heard.ends[1], 4, 8);
	assert_span(&heard.ends[2], 8, 9);
	assert_int_equal(heard.ends[0].continues, 0);
	assert_int_equal(heard.ends[1].continues, heard.ends[0].sequence);
	assert_int_equal(heard.ends[2].continues, heard.ends[0].sequence);
	hk_detector_free(detector);
}

static void a_pause_at_max_duration_belongs_to_no_event(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.max_duration_s = 6;
	rules.release_s = 10;
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "77000007");
	hk_detector_finish(detector, HK_EVENT_ENDED);
	assert_int_equal(heard.n_ends, 2);
	assert_span(&heard.ends[0], 0, 3);
	assert_span(&heard.ends[1], 7, 9);
	assert_int_equal(heard.ends[1].continues, heard.ends[0].sequence);
	hk_detector_free(detector);
}

static void a_short_gap_is_bridged_and_marks_the_event(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "77");
	hk_detector_gap(detector, 300, 200);
	push_all(detector, 5, "7000");
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 0, 7);
	assert_true(heard.ends[0].gap);
	assert_false(heard.starts[0].gap);
	hk_detector_free(detector);
}

static void a_gap_longer_than_release_interrupts(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "77");
	hk_detector_gap(detector, 300, 201);
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 0, 3);
	assert_int_equal(heard.ends[0].state, HK_EVENT_INTERRUPTED);
	assert_false(heard.ends[0].gap);
	hk_detector_free(detector);
}

static void what_a_source_tore_that_stays_away_is_told_without_waiting_for_it(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "77");
	assert_false(hk_detector_waits_in_vain(detector, 200));
	hk_detector_wait(detector, 200);
	assert_int_equal(heard.n_ends, 0);
	assert_true(hk_detector_waits_in_vain(detector, 201));
	hk_detector_wait(detector, 201);
	assert_int_equal(heard.n_ends, 1);
	assert_int_equal(heard.ends[0].state, HK_EVENT_INTERRUPTED);
	assert_false(hk_detector_waits_in_vain(detector, 100000));
	hk_detector_wait(detector, 100000);
	assert_int_equal(heard.n_ends, 1);
	/* and the gap, when it is over, ends nothing twice */
	hk_detector_gap(detector, 300, 5000);
	push_all(detector, 53, "77");
	assert_int_equal(heard.n_starts, 2);
	assert_int_equal(heard.n_ends, 1);
	hk_detector_free(detector);
}

static void many_short_gaps_without_a_window_add_up(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "77");
	hk_detector_gap(detector, 300, 90);
	hk_detector_gap(detector, 400, 90);
	assert_int_equal(heard.n_ends, 0);
	hk_detector_gap(detector, 500, 90);
	assert_int_equal(heard.n_ends, 1);
	assert_int_equal(heard.ends[0].state, HK_EVENT_INTERRUPTED);
	hk_detector_free(detector);
}

static void quiet_before_a_gap_counts_towards_release(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "770"); /* quiet from 3 to 4 */
	hk_detector_gap(detector, 400, 100);
	push_all(detector, 5, "70");
	assert_int_equal(heard.n_ends, 0);
	hk_detector_gap(detector, 800, 101); /* quiet from 7 to 8 */
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 0, 7);
	assert_int_equal(heard.ends[0].state, HK_EVENT_INTERRUPTED);
	hk_detector_free(detector);
}

static void a_window_between_two_gaps_parts_them(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "77");
	hk_detector_gap(detector, 300, 150);
	push(detector, 4.5, 0.7);
	hk_detector_gap(detector, 650, 150);
	assert_int_equal(heard.n_ends, 0);
	hk_detector_free(detector);
}

static void confirmation_starts_anew_after_a_gap(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "7");
	hk_detector_gap(detector, 200, 1);
	push(detector, 2.01, 0.9);
	assert_int_equal(heard.n_starts, 0);
	push(detector, 3.01, 0.9);
	assert_int_equal(heard.n_starts, 1);
	assert_int_equal(heard.starts[0].start_frame, 201);
	hk_detector_free(detector);
}

static void a_source_that_begins_anew_at_zero_is_heard_again(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.refractory_s = 1000;
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 50, "77");
	hk_detector_gap(detector, 0, 0);
	assert_int_equal(heard.n_ends, 1);
	assert_int_equal(heard.ends[0].state, HK_EVENT_INTERRUPTED);
	push_all(detector, 0, "77");
	assert_int_equal(heard.n_starts, 2);
	assert_span(&heard.starts[1], 0, 3);
	hk_detector_free(detector);
}

static void digital_zeros_never_count(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules = plain;
	rules.on = rules.off = 0; /* every window of sound counts */
	struct hk_detector *detector = new_detector(&heard, &rules, 1);
	push_all(detector, 0, "zzzz00zz");
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 4, 7);
	hk_detector_free(detector);
}

static void finish_ends_what_is_open_as_told(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_detector *detector = new_detector(&heard, &plain, 1);
	push_all(detector, 0, "777");
	hk_detector_finish(detector, HK_EVENT_INTERRUPTED);
	assert_int_equal(heard.n_ends, 1);
	assert_span(&heard.ends[0], 0, 4);
	assert_int_equal(heard.ends[0].state, HK_EVENT_INTERRUPTED);
	hk_detector_finish(detector, HK_EVENT_ENDED);
	assert_int_equal(heard.n_ends, 1);
	hk_detector_free(detector);
}

static void classes_without_events_make_none(void **state)
{
	(void)state;
	static struct heard heard;
	struct hk_class_rules rules[3] = { plain, plain, plain };
	rules[0].enabled = false;
	rules[1].event = false;
	struct hk_detector *detector = new_detector(&heard, rules, 3);
	const double probabilities[] = { 0.9, 0.9, 0.9 };
	for (uint64_t i = 0; i < 5; i++) {
		const struct hk_detector_window window = { .first_frame = i * 100,
			.end_frame = i * 100 + 200,
			.probabilities = probabilities };
		hk_detector_push(detector, &window);
	}
	assert_int_equal(heard.n_starts, 1);
	assert_int_equal(heard.starts[0].label, 2);
	assert_int_equal(hk_detector_gate(detector, 0), HK_GATE_CLOSED);
	hk_detector_free(detector);
}

static void impossible_rules_are_refused_with_the_reason(void **state)
{
	(void)state;
	const struct {
		struct hk_class_rules rules;
		const char *word;
	} cases[] = {
		{ { .on = 0.4, .off = 0.6, .confirm = { 1, 1 } }, "off" },
		{ { .on = 1.5, .off = 0.6, .confirm = { 1, 1 } }, "on" },
		{ { .on = NAN, .off = 0.6, .confirm = { 1, 1 } }, "on" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 4, 3 } }, "confirm" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 0, 3 } }, "confirm" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 65 } }, "confirm" },
		{ { .on = 0.6,
			  .off = 0.4,
			  .confirm = { 1, 1 },
			  .sure_on = 0.5,
			  .sure_confirm = { 1, 1 } },
			"sure_on" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .sure_on = NAN }, "sure_on" },
		{ { .on = 0.6,
			  .off = 0.4,
			  .confirm = { 1, 1 },
			  .sure_on = 0.9,
			  .sure_confirm = { 3, 2 } },
			"sure_confirm" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .faint_on = 1.1 }, "faint_on" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .faint_on = 0.1 },
			"faint_confirm" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .release_s = -1 }, "release" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .refractory_s = NAN },
			"refractory" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .max_duration_s = 0.5 },
			"max_duration" },
		{ { .on = 0.6,
			  .off = 0.4,
			  .confirm = { 1, 1 },
			  .min_duration_s = 5,
			  .max_duration_s = 4 },
			"min_duration" },
		{ { .on = 0.6, .off = 0.4, .confirm = { 1, 1 }, .priority = 8 }, "priority" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_diag diag = { "" };
		assert_int_equal(hk_class_rules_check(&cases[i].rules, &diag), -EINVAL);
		assert_non_null(strstr(diag.text, cases[i].word));
		struct hk_detector *detector = NULL;
		const struct hk_detector_sink sink = { NULL, on_start, on_end };
		assert_int_equal(
			hk_detector_new(&detector, &cases[i].rules, 1, RATE, &sink), -EINVAL);
		assert_null(detector);
	}
	assert_int_equal(hk_class_rules_check(&plain, NULL), 0);
}

/* ---- random sequences ---- */

#define N_CLASSES 3
#define N_STEPS 400

struct step {
	uint64_t first_frame;
	uint64_t n_frames;
	enum { STEP_WINDOW, STEP_ZEROS, STEP_GAP } kind;
	double probabilities[N_CLASSES];
};

static uint32_t pick(uint32_t n)
{
	return (uint32_t)(random() % n);
}

static double pick_unit(void)
{
	return (double)random() / RAND_MAX;
}

static struct hk_class_rules pick_rules(void)
{
	struct hk_class_rules rules = plain;
	rules.on = 0.3 + 0.6 * pick_unit();
	rules.off = rules.on * pick_unit();
	rules.confirm.n = 1 + pick(6);
	rules.confirm.k = 1 + pick(rules.confirm.n);
	rules.release_s = pick(6);
	rules.refractory_s = pick(2) * pick(12);
	rules.min_duration_s = pick(2) * pick(8);
	rules.max_duration_s = pick(2) ? rules.min_duration_s + 1 + pick(12) : 0;
	return rules;
}

/* Probabilities that dwell, so that there are events, pauses and trembling around the thresholds.
 */
static void pick_steps(struct step steps[N_STEPS], bool with_gaps)
{
	const uint64_t n_window = 50 + pick(300);
	const uint64_t n_step = 1 + pick((uint32_t)n_window);
	uint64_t first = pick(1000), end = first;
	double now[N_CLASSES] = { 0 };
	for (uint32_t i = 0; i < N_STEPS; i++) {
		struct step *step = &steps[i];
		if (with_gaps && pick(20) == 0) {
			*step = (struct step){ .first_frame = end + pick((uint32_t)n_step),
				.n_frames = pick(2) ? pick(50) : pick(800),
				.kind = STEP_GAP };
			first = end = step->first_frame + step->n_frames;
			continue;
		}
		*step = (struct step){ .first_frame = first,
			.n_frames = n_window,
			.kind = pick(30) == 0 ? STEP_ZEROS : STEP_WINDOW };
		for (uint32_t c = 0; c < N_CLASSES; c++) {
			now[c] = pick(8) == 0 ? pick_unit() : now[c] + 0.3 * (pick_unit() - 0.5);
			step->probabilities[c] = now[c] = fmin(fmax(now[c], 0), 1);
		}
		end = first + n_window;
		first += n_step;
	}
}

/* Feed STEPS moved by OFFSET frames, with the probabilities of N_CLASSES_ classes from FIRST_CLASS
 * on. */
static void play(struct hk_detector *detector, const struct step steps[N_STEPS], uint64_t offset,
	uint32_t first_class)
{
	for (uint32_t i = 0; i < N_STEPS; i++) {
		const struct step *step = &steps[i];
		if (step->kind == STEP_GAP) {
			hk_detector_gap(detector, step->first_frame + offset, step->n_frames);
			continue;
		}
		const struct hk_detector_window window = {
			.first_frame = step->first_frame + offset,
			.end_frame = step->first_frame + offset + step->n_frames,
			.zeros = step->kind == STEP_ZEROS,
			.probabilities =
				step->kind == STEP_ZEROS ? NULL : &step->probabilities[first_class],
			.level_dbfs = (float)-step->probabilities[first_class],
		};
		hk_detector_push(detector, &window);
	}
	hk_detector_finish(detector, HK_EVENT_ENDED);
}

static double probability_of(const struct step *step, uint32_t class)
{
	return step->kind == STEP_WINDOW ? step->probabilities[class] : -1;
}

static uint64_t frames(double seconds)
{
	return (uint64_t)lround(seconds * RATE);
}

/* K of N windows up to some window were >= on, the first of them at the event's start, none of them
 * before DEAF_UNTIL, no gap among them. */
static bool is_confirmed(const struct step steps[N_STEPS], uint32_t class,
	const struct hk_class_rules *rules, uint64_t start_frame, uint64_t deaf_until)
{
	if (start_frame < deaf_until) {
		return false;
	}
	for (uint32_t i = 0; i < N_STEPS; i++) {
		if (steps[i].kind == STEP_GAP || steps[i].first_frame != start_frame ||
			probability_of(&steps[i], class) < rules->on) {
			continue;
		}
		uint32_t k = 0;
		for (uint32_t j = i; j < N_STEPS && j < i + rules->confirm.n; j++) {
			if (steps[j].kind == STEP_GAP) {
				break;
			}
			k += probability_of(&steps[j], class) >= rules->on;
		}
		return k >= rules->confirm.k;
	}
	return false;
}

/* Does a window >= off end at FRAME? */
static bool is_end_of_window(
	const struct step steps[N_STEPS], uint32_t class, double off, uint64_t frame)
{
	for (uint32_t i = 0; i < N_STEPS; i++) {
		if (steps[i].kind != STEP_GAP &&
			steps[i].first_frame + steps[i].n_frames == frame &&
			probability_of(&steps[i], class) >= off) {
			return true;
		}
	}
	return false;
}

/* Within the event no stretch longer than release, and no gap unless it is marked. */
static void check_inside(const struct step steps[N_STEPS], uint32_t class,
	const struct hk_class_rules *rules, const struct hk_event *event)
{
	uint64_t counted_until = event->start_frame;
	for (uint32_t i = 0; i < N_STEPS; i++) {
		const uint64_t first = steps[i].first_frame, end = first + steps[i].n_frames;
		if (end <= event->start_frame || first >= event->end_frame) {
			continue;
		}
		if (steps[i].kind == STEP_GAP) {
			assert_true(event->gap || steps[i].n_frames == 0);
			assert_true(steps[i].n_frames <= frames(rules->release_s));
		} else if (probability_of(&steps[i], class) >= rules->off) {
			counted_until = end > counted_until ? end : counted_until;
		} else if (end < event->end_frame && end > counted_until &&
			first > event->start_frame + rules->confirm.n * steps[i].n_frames) {
			/* past the confirmation, whose own pauses are K of N's business */
			assert_true(end - counted_until < frames(rules->release_s));
		}
	}
}

static void check_class(const struct heard *heard, const struct step steps[N_STEPS], uint32_t class,
	const struct hk_class_rules *rules)
{
	uint64_t busy_until = 0, deaf_until = 0;
	uint64_t chain = 0; /* first of the chain of continued events */
	for (uint32_t i = 0; i < heard->n_ends; i++) {
		const struct hk_event *event = &heard->ends[i];
		if (event->label != class) {
			continue;
		}
		const uint64_t n_frames = event->end_frame - event->start_frame;
		assert_true(event->start_frame >= busy_until);
		assert_true(event->end_frame > event->start_frame);
		if (rules->max_duration_s > 0) {
			assert_true(n_frames <= frames(rules->max_duration_s));
		}
		if (event->continues) {
			assert_int_equal(event->continues, chain);
		} else {
			chain = event->sequence;
			assert_true(n_frames >= frames(rules->min_duration_s));
			/* one that goes on from a piece too short to be told starts like a
			 * continued one */
			assert_true(
				is_confirmed(steps, class, rules, event->start_frame, deaf_until) ||
				(rules->max_duration_s > 0 && rules->min_duration_s > 0));
		}
		const bool cut =
			rules->max_duration_s > 0 && n_frames == frames(rules->max_duration_s);
		assert_true(cut || is_end_of_window(steps, class, rules->off, event->end_frame));
		assert_true(event->peak_probability >= event->mean_probability);
		assert_true(event->mean_probability >= rules->off);
		check_inside(steps, class, rules, event);
		busy_until = event->end_frame;
		deaf_until = event->end_frame + frames(rules->refractory_s);
	}
}

/* Every start has one end with the same number, onset and class, later than the start. */
static void check_pairs(const struct heard *heard)
{
	assert_int_equal(heard->n_starts, heard->n_ends);
	for (uint32_t i = 0; i < heard->n_starts; i++) {
		const struct hk_event *start = &heard->starts[i];
		assert_int_equal(start->sequence, i + 1);
		uint32_t n = 0;
		for (uint32_t j = 0; j < heard->n_ends; j++) {
			const struct hk_event *end = &heard->ends[j];
			if (end->sequence == start->sequence) {
				n++;
				assert_int_equal(end->start_frame, start->start_frame);
				assert_int_equal(end->label, start->label);
				assert_int_equal(end->continues, start->continues);
				assert_true(end->end_frame >= start->end_frame);
				assert_true(end->n_windows >= start->n_windows);
			}
		}
		assert_int_equal(n, 1);
	}
}

static void seed_random(void)
{
	const char *given = getenv("HEARKEN_TEST_SEED");
	const unsigned seed = given ? (unsigned)strtoul(given, NULL, 10) : (unsigned)time(NULL);
	print_message("HEARKEN_TEST_SEED=%u\n", seed);
	srandom(seed);
}

static void random_sequences_obey_every_rule(void **state)
{
	(void)state;
	seed_random();
	static struct heard heard;
	static struct step steps[N_STEPS];
	uint64_t n_events = 0, n_gaps = 0, n_continued = 0, n_interrupted = 0;
	for (int round = 0; round < 400; round++) {
		struct hk_class_rules rules[N_CLASSES];
		for (uint32_t c = 0; c < N_CLASSES; c++) {
			rules[c] = pick_rules();
		}
		pick_steps(steps, round % 2);
		struct hk_detector *detector = new_detector(&heard, rules, N_CLASSES);
		play(detector, steps, 0, 0);
		hk_detector_free(detector);
		check_pairs(&heard);
		for (uint32_t c = 0; c < N_CLASSES; c++) {
			check_class(&heard, steps, c, &rules[c]);
		}
		for (uint32_t i = 0; i < heard.n_ends; i++) {
			n_events++;
			n_gaps += heard.ends[i].gap;
			n_continued += heard.ends[i].continues != 0;
			n_interrupted += heard.ends[i].state == HK_EVENT_INTERRUPTED;
		}
	}
	/* The sequences do reach what is checked. */
	assert_true(n_events > 1000);
	assert_true(n_gaps > 50);
	assert_true(n_continued > 50);
	assert_true(n_interrupted > 50);
}

/* The same rules without state: decided for the whole sequence at once. No gaps, no limit. */
static uint32_t events_by_definition(const struct step steps[N_STEPS], uint32_t class,
	const struct hk_class_rules *rules, uint64_t ret_spans[][2])
{
	uint32_t n_events = 0;
	uint64_t deaf_until = 0;
	for (uint32_t i = 0, oldest = 0; i < N_STEPS; i++) {
		uint32_t k = 0, first = i;
		for (uint32_t j = i + 1; j-- > oldest && i - j < rules->confirm.n;) {
			if (probability_of(&steps[j], class) >= rules->on &&
				steps[j].first_frame >= deaf_until) {
				k++;
				first = j;
			} else if (j == i) {
				break;
			}
		}
		if (k < rules->confirm.k) {
			continue;
		}
		uint64_t end = steps[i].first_frame + steps[i].n_frames;
		for (i++; i < N_STEPS; i++) {
			const uint64_t window_end = steps[i].first_frame + steps[i].n_frames;
			if (probability_of(&steps[i], class) >= rules->off) {
				end = window_end;
			} else if (window_end >= end + frames(rules->release_s)) {
				break;
			}
		}
		oldest = i + 1;
		if (end - steps[first].first_frame >= frames(rules->min_duration_s)) {
			ret_spans[n_events][0] = steps[first].first_frame;
			ret_spans[n_events++][1] = end;
			deaf_until = end + frames(rules->refractory_s);
		}
	}
	return n_events;
}

static void without_gaps_the_events_are_those_of_the_definition(void **state)
{
	(void)state;
	seed_random();
	static struct heard heard;
	static struct step steps[N_STEPS];
	static uint64_t spans[N_STEPS][2];
	uint64_t n_total = 0;
	for (int round = 0; round < 400; round++) {
		struct hk_class_rules rules = pick_rules();
		rules.max_duration_s = 0;
		pick_steps(steps, false);
		struct hk_detector *detector = new_detector(&heard, &rules, 1);
		play(detector, steps, 0, 0);
		hk_detector_free(detector);
		const uint32_t n = events_by_definition(steps, 0, &rules, spans);
		assert_int_equal(heard.n_ends, n);
		for (uint32_t i = 0; i < n; i++) {
			assert_int_equal(heard.ends[i].start_frame, spans[i][0]);
			assert_int_equal(heard.ends[i].end_frame, spans[i][1]);
		}
		n_total += n;
	}
	assert_true(n_total > 1000);
}

/* Both lists hold the same events of CLASS_A in A and CLASS_B in B, those of B moved by OFFSET. */
static void assert_same(const struct heard *a, uint32_t class_a, const struct heard *b,
	uint32_t class_b, uint64_t offset)
{
	uint32_t j = 0;
	for (uint32_t i = 0; i < a->n_ends; i++) {
		if (a->ends[i].label != class_a) {
			continue;
		}
		while (j < b->n_ends && b->ends[j].label != class_b) {
			j++;
		}
		assert_true(j < b->n_ends);
		assert_int_equal(a->ends[i].start_frame + offset, b->ends[j].start_frame);
		assert_int_equal(a->ends[i].end_frame + offset, b->ends[j].end_frame);
		assert_int_equal(a->ends[i].state, b->ends[j].state);
		assert_int_equal(a->ends[i].n_windows, b->ends[j].n_windows);
		assert_int_equal(a->ends[i].gap, b->ends[j].gap);
		assert_true(a->ends[i].mean_probability == b->ends[j].mean_probability);
		j++;
	}
	for (; j < b->n_ends; j++) {
		assert_int_not_equal(b->ends[j].label, class_b);
	}
}

static void a_class_is_heard_alike_alone_among_others_and_anywhere_on_the_axis(void **state)
{
	(void)state;
	seed_random();
	static struct heard together, alone, moved;
	static struct step steps[N_STEPS];
	const uint64_t offset = (UINT64_C(1) << 40) + 12345;
	for (int round = 0; round < 100; round++) {
		struct hk_class_rules rules[N_CLASSES];
		for (uint32_t c = 0; c < N_CLASSES; c++) {
			rules[c] = pick_rules();
		}
		pick_steps(steps, true);
		struct hk_detector *detector = new_detector(&together, rules, N_CLASSES);
		play(detector, steps, 0, 0);
		hk_detector_free(detector);
		detector = new_detector(&moved, rules, N_CLASSES);
		play(detector, steps, offset, 0);
		hk_detector_free(detector);
		for (uint32_t c = 0; c < N_CLASSES; c++) {
			detector = new_detector(&alone, &rules[c], 1);
			play(detector, steps, 0, c);
			hk_detector_free(detector);
			assert_same(&together, c, &alone, 0, 0);
			assert_same(&together, c, &moved, c, offset);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_event_spans_the_first_to_the_last_window_that_counted),
		cmocka_unit_test(what_is_unmistakable_starts_an_event_sooner),
		cmocka_unit_test(what_is_faint_and_lasts_starts_an_event_later),
		cmocka_unit_test(fewer_than_k_of_n_windows_start_nothing),
		cmocka_unit_test(between_off_and_on_an_event_goes_on_but_does_not_start),
		cmocka_unit_test(a_pause_shorter_than_release_is_bridged),
		cmocka_unit_test(nothing_counts_while_refractory_runs),
		cmocka_unit_test(what_stays_shorter_than_min_duration_is_never_told),
		cmocka_unit_test(a_long_event_goes_on_as_new_ones_that_name_the_first),
		cmocka_unit_test(a_pause_at_max_duration_belongs_to_no_event),
		cmocka_unit_test(a_short_gap_is_bridged_and_marks_the_event),
		cmocka_unit_test(what_a_source_tore_that_stays_away_is_told_without_waiting_for_it),
		cmocka_unit_test(a_gap_longer_than_release_interrupts),
		cmocka_unit_test(many_short_gaps_without_a_window_add_up),
		cmocka_unit_test(quiet_before_a_gap_counts_towards_release),
		cmocka_unit_test(a_window_between_two_gaps_parts_them),
		cmocka_unit_test(confirmation_starts_anew_after_a_gap),
		cmocka_unit_test(a_source_that_begins_anew_at_zero_is_heard_again),
		cmocka_unit_test(digital_zeros_never_count),
		cmocka_unit_test(finish_ends_what_is_open_as_told),
		cmocka_unit_test(classes_without_events_make_none),
		cmocka_unit_test(impossible_rules_are_refused_with_the_reason),
		cmocka_unit_test(random_sequences_obey_every_rule),
		cmocka_unit_test(without_gaps_the_events_are_those_of_the_definition),
		cmocka_unit_test(
			a_class_is_heard_alike_alone_among_others_and_anywhere_on_the_axis),
	};
	return cmocka_run_group_tests_name("detector", tests, NULL, NULL);
}
