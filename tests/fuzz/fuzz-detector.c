/* SPDX-License-Identifier: MIT */
/*
 * Rules of classes and what a detector makes of any windows under them. Input: sections [class
 * NAME], a line
 * "====", then windows of N_WINDOW_BYTES each.
 */
#include <string.h>

#include "config/load.h"
#include "core/detection/detector.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/labels.h"

#define RATE_HZ 16000
#define WINDOW_FRAMES 32000
#define STEP_FRAMES 8000
#define KIND_ZEROS 1
#define KIND_GAP 2

struct watch {
	const struct hk_class_rules *rules;
	uint64_t last_sequence;
	uint64_t now_frame;                  /* end of the newest window */
	uint64_t open[FUZZ_N_LABELS];        /* sequence of the open event; 0: none */
	uint64_t start_frame[FUZZ_N_LABELS]; /* of that */
};

static void check_event(const struct watch *watch, const struct hk_event *event)
{
	FUZZ_REQUIRE(event->label < FUZZ_N_LABELS);
	FUZZ_REQUIRE(watch->rules[event->label].enabled && watch->rules[event->label].event);
	FUZZ_REQUIRE(event->start_frame < event->end_frame);
	FUZZ_REQUIRE(event->end_frame <= watch->now_frame);
	FUZZ_REQUIRE(event->n_windows > 0);
	FUZZ_REQUIRE(event->mean_probability >= 0 && event->peak_probability <= 1);
	FUZZ_REQUIRE(event->mean_probability <= event->peak_probability + 1e-9);
	FUZZ_REQUIRE(event->continues < event->sequence);
}

static void on_start(void *owner, const struct hk_event *event)
{
	struct watch *watch = owner;
	check_event(watch, event);
	FUZZ_REQUIRE(event->state == HK_EVENT_ONGOING);
	FUZZ_REQUIRE(event->sequence > watch->last_sequence);
	FUZZ_REQUIRE(watch->open[event->label] == 0);
	watch->last_sequence = event->sequence;
	watch->open[event->label] = event->sequence;
	watch->start_frame[event->label] = event->start_frame;
}

static void on_end(void *owner, const struct hk_event *event)
{
	struct watch *watch = owner;
	check_event(watch, event);
	FUZZ_REQUIRE(event->state == HK_EVENT_ENDED || event->state == HK_EVENT_INTERRUPTED);
	FUZZ_REQUIRE(watch->open[event->label] == event->sequence);
	FUZZ_REQUIRE(watch->start_frame[event->label] == event->start_frame);
	watch->open[event->label] = 0;
}

static double probability(struct fuzz_bytes *bytes)
{
	return fuzz_u8(bytes) / 255.0;
}

static void push_windows(
	struct hk_detector *detector, struct watch *watch, struct fuzz_bytes *bytes)
{
	uint64_t first_frame = 0;
	while (bytes->n_left > 0) {
		const uint8_t what = fuzz_u8(bytes);
		const uint32_t kind = what & 3;
		if (kind == KIND_GAP) {
			const uint64_t n_frames = (uint64_t)(what >> 2) * 4000;
			hk_detector_gap(detector, watch->now_frame, n_frames);
			watch->now_frame += n_frames;
			first_frame = watch->now_frame;
			continue;
		}
		const double probabilities[FUZZ_N_LABELS] = { probability(bytes),
			probability(bytes), probability(bytes) };
		const struct hk_detector_window window = {
			.first_frame = first_frame,
			.end_frame = first_frame + WINDOW_FRAMES,
			.zeros = kind == KIND_ZEROS,
			.probabilities = probabilities,
			.level_dbfs = -(float)(what >> 2),
		};
		watch->now_frame = window.end_frame;
		hk_detector_push(detector, &window);
		first_frame += STEP_FRAMES;
		for (uint32_t i = 0; i < FUZZ_N_LABELS; i++) {
			FUZZ_REQUIRE((watch->open[i] == 0) ||
				hk_detector_gate(detector, i) == HK_GATE_OPEN);
		}
	}
}

static void detect(const struct hk_class_rules *rules, const struct fuzz_part *windows)
{
	struct watch watch = { .rules = rules };
	const struct hk_detector_sink sink = { &watch, on_start, on_end };
	struct hk_detector *detector;
	FUZZ_REQUIRE(hk_detector_new(&detector, rules, FUZZ_N_LABELS, RATE_HZ, &sink) == 0);
	struct fuzz_bytes bytes = { (const uint8_t *)windows->data, windows->size };
	const bool lost = windows->size % 2;
	push_windows(detector, &watch, &bytes);
	hk_detector_finish(detector, lost ? HK_EVENT_INTERRUPTED : HK_EVENT_ENDED);
	for (size_t i = 0; i < FUZZ_N_LABELS; i++) {
		FUZZ_REQUIRE(watch.open[i] == 0);
	}
	hk_detector_free(detector);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part parts[2] = { { NULL, 0 } };
	const size_t n_parts = fuzz_cut(data, size, parts, 2);
	struct hk_class_rules rules[FUZZ_N_LABELS];
	struct hk_ini *ini = NULL;
	struct hk_diag diag = { "" };
	int r = hk_ini_parse(&ini, "rules", parts[0].data, parts[0].size, &diag);
	fuzz_require_reason(r, &diag);
	if (r == 0) {
		const struct hk_config config = { .n_layers = 1, .layers = &ini };
		r = hk_config_class_rules(&config, fuzz_labels(), rules, &diag);
		fuzz_require_reason(r, &diag);
	}
	if (r == 0 && n_parts == 2) {
		detect(rules, &parts[1]);
	}
	hk_ini_free(ini);
	return 0;
}
