/* SPDX-License-Identifier: MIT */
#include "core/detection/smoother.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define NONE 0 /* the state in which no class sounds; state s > 0 is label label_of[s - 1] */

/* A window as far as the slices need it. */
struct heard {
	bool zeros;
	float level_dbfs;
	double *evidence;      /* n_states */
	double *probabilities; /* n_labels */
};

struct pending {
	uint64_t first_frame, end_frame;
	bool zeros;
	float level_dbfs;
	double *likelihood; /* n_states: exp of the evidence */
	double *forward;    /* n_states: sum 1 */
	double *raw;        /* n_labels */
};

struct hk_smoother {
	struct hk_smoothing smoothing;
	hk_smoother_sink_fn *sink;
	void *owner;
	uint32_t n_labels, n_states;
	uint32_t label_of[HK_MAX_CLASSES];
	bool has_state[HK_MAX_CLASSES];
	double change; /* exp(-stay) */

	uint32_t n_cover; /* windows that cover a slice */
	struct heard *windows;
	uint64_t n_windows;
	uint64_t first_frame, end_frame, n_step_frames; /* of the newest window */

	uint32_t n_lag; /* slices */
	struct pending *slices;
	uint64_t n_slices, n_decided;

	double *backward, *posterior; /* n_states */
	double *smoothed;             /* n_labels */
	double *memory;               /* of all the arrays */
};

/* Lay all arrays into one piece of memory; with memory NULL count how many doubles that takes. */
static size_t lay_out(struct hk_smoother *smoother, double *memory)
{
	const size_t n_labels = smoother->n_labels, n_states = smoother->n_states;
	size_t n = 0;
#define TAKE(pointer_, size_) ((pointer_) = memory ? memory + n : NULL, n += (size_))
	for (uint32_t i = 0; i < smoother->n_cover; i++) {
		TAKE(smoother->windows[i].evidence, n_states);
		TAKE(smoother->windows[i].probabilities, n_labels);
	}
	for (uint32_t i = 0; i <= smoother->n_lag; i++) {
		TAKE(smoother->slices[i].likelihood, n_states);
		TAKE(smoother->slices[i].forward, n_states);
		TAKE(smoother->slices[i].raw, n_labels);
	}
	TAKE(smoother->backward, n_states);
	TAKE(smoother->posterior, n_states);
	TAKE(smoother->smoothed, n_labels);
#undef TAKE
	return n;
}

int hk_smoother_new(struct hk_smoother **ret, const struct hk_smoothing *smoothing,
	const struct hk_class_rules *rules, uint32_t n_labels, uint32_t rate_hz,
	uint32_t n_window_frames, uint32_t n_step_frames, hk_smoother_sink_fn *sink, void *owner)
{
	struct hk_smoother *smoother = calloc(1, sizeof(*smoother));
	if (!smoother) {
		return -ENOMEM;
	}
	smoother->smoothing = *smoothing;
	smoother->sink = sink;
	smoother->owner = owner;
	smoother->n_labels = n_labels;
	smoother->change = exp(-smoothing->stay);
	smoother->n_states = 1;
	for (uint32_t i = 0; i < n_labels; i++) {
		smoother->has_state[i] = rules[i].enabled && rules[i].event;
		if (smoother->has_state[i]) {
			smoother->label_of[smoother->n_states++ - 1] = i;
		}
	}
	smoother->n_cover = (n_window_frames + n_step_frames - 1) / n_step_frames;
	smoother->n_lag = (uint32_t)llround(smoothing->lag_s * rate_hz / n_step_frames);
	smoother->windows = calloc(smoother->n_cover, sizeof(*smoother->windows));
	smoother->slices = calloc(smoother->n_lag + 1, sizeof(*smoother->slices));
	if (smoother->windows && smoother->slices) {
		smoother->memory = calloc(lay_out(smoother, NULL), sizeof(*smoother->memory));
	}
	if (!smoother->memory) {
		hk_smoother_free(smoother);
		return -ENOMEM;
	}
	lay_out(smoother, smoother->memory);
	*ret = smoother;
	return 0;
}

void hk_smoother_free(struct hk_smoother *smoother)
{
	if (smoother) {
		free(smoother->windows);
		free(smoother->slices);
		free(smoother->memory);
		free(smoother);
	}
}

/* VALUES to sum 1. */
static void normalise(double *values, uint32_t n)
{
	double sum = 0;
	for (uint32_t i = 0; i < n; i++) {
		sum += values[i];
	}
	for (uint32_t i = 0; i < n; i++) {
		values[i] /= sum;
	}
}

/* One step of the chain: who stays keeps its weight, a change costs. */
static void step(const struct hk_smoother *smoother, double *values)
{
	double sum = 0;
	for (uint32_t s = 0; s < smoother->n_states; s++) {
		sum += values[s];
	}
	for (uint32_t s = 0; s < smoother->n_states; s++) {
		values[s] += smoother->change * (sum - values[s]);
	}
}

static double evidence_of(const struct hk_smoother *smoother, uint32_t label, double probability)
{
	const double cap = smoother->smoothing.cap;
	const double log_odds = log(probability) - log1p(-probability); /* +-inf at 0 and 1 */
	return fmin(fmax(log_odds, -cap), cap) + smoother->smoothing.bias[label];
}

/* Shapes: ret_evidence[n_states]. */
static void weigh(
	const struct hk_smoother *smoother, const double *probabilities, double *ret_evidence)
{
	ret_evidence[NONE] = 0;
	for (uint32_t i = 0; i < smoother->n_labels; i++) {
		if (!smoother->has_state[i]) {
			ret_evidence[NONE] = fmax(
				ret_evidence[NONE], evidence_of(smoother, i, probabilities[i]));
		}
	}
	for (uint32_t s = 1; s < smoother->n_states; s++) {
		const uint32_t label = smoother->label_of[s - 1];
		ret_evidence[s] = evidence_of(smoother, label, probabilities[label]);
	}
}

static void keep_window(struct hk_smoother *smoother, const struct hk_detector_window *window)
{
	struct heard *heard = &smoother->windows[smoother->n_windows % smoother->n_cover];
	const bool against =
		window->zeros || (double)window->level_dbfs < smoother->smoothing.gate_dbfs;
	heard->zeros = window->zeros;
	heard->level_dbfs = window->level_dbfs;
	for (uint32_t i = 0; i < smoother->n_labels; i++) {
		heard->probabilities[i] = window->zeros ? 0 : window->probabilities[i];
	}
	if (against) {
		for (uint32_t s = 0; s < smoother->n_states; s++) {
			heard->evidence[s] = s == NONE ? 0 : -smoother->smoothing.cap;
		}
	} else {
		weigh(smoother, window->probabilities, heard->evidence);
	}
	if (smoother->n_windows > 0) {
		smoother->n_step_frames = window->first_frame - smoother->first_frame;
	} else {
		/* Rounded up: a slice is never empty. */
		smoother->n_step_frames =
			(window->end_frame - window->first_frame + smoother->n_cover - 1) /
			smoother->n_cover;
	}
	smoother->first_frame = window->first_frame;
	smoother->end_frame = window->end_frame;
	smoother->n_windows++;
}

/* Mean over the windows that cover SLICE: the newest N_WINDOWS. */
static void average(struct hk_smoother *smoother, struct pending *slice, uint64_t n_windows)
{
	memset(slice->raw, 0, smoother->n_labels * sizeof(double));
	memset(slice->likelihood, 0, smoother->n_states * sizeof(double));
	slice->zeros = true;
	slice->level_dbfs = -INFINITY;
	for (uint64_t w = smoother->n_windows - n_windows; w < smoother->n_windows; w++) {
		const struct heard *heard = &smoother->windows[w % smoother->n_cover];
		slice->zeros = slice->zeros && heard->zeros;
		slice->level_dbfs = fmaxf(slice->level_dbfs, heard->level_dbfs);
		for (uint32_t i = 0; i < smoother->n_labels; i++) {
			slice->raw[i] += heard->probabilities[i] / (double)n_windows;
		}
		for (uint32_t s = 0; s < smoother->n_states; s++) {
			slice->likelihood[s] += heard->evidence[s] / (double)n_windows;
		}
	}
	for (uint32_t s = 0; s < smoother->n_states; s++) {
		slice->likelihood[s] = exp(slice->likelihood[s]);
	}
}

static void forward(struct hk_smoother *smoother, struct pending *slice)
{
	if (smoother->n_slices == 0) {
		for (uint32_t s = 0; s < smoother->n_states; s++) {
			slice->forward[s] = 1;
		}
	} else {
		const struct pending *before =
			&smoother->slices[(smoother->n_slices - 1) % (smoother->n_lag + 1)];
		memmove(slice->forward, before->forward, smoother->n_states * sizeof(double));
		step(smoother, slice->forward);
	}
	for (uint32_t s = 0; s < smoother->n_states; s++) {
		slice->forward[s] *= slice->likelihood[s];
	}
	normalise(slice->forward, smoother->n_states);
}

/* The posterior of slice number AT, given all that has come. */
static void find_posterior(struct hk_smoother *smoother, uint64_t at)
{
	double *backward = smoother->backward;
	for (uint32_t s = 0; s < smoother->n_states; s++) {
		backward[s] = 1;
	}
	for (uint64_t k = smoother->n_slices - 1; k > at; k--) {
		const struct pending *later = &smoother->slices[k % (smoother->n_lag + 1)];
		for (uint32_t s = 0; s < smoother->n_states; s++) {
			backward[s] *= later->likelihood[s];
		}
		step(smoother, backward);
		normalise(backward, smoother->n_states);
	}
	const struct pending *slice = &smoother->slices[at % (smoother->n_lag + 1)];
	for (uint32_t s = 0; s < smoother->n_states; s++) {
		smoother->posterior[s] = slice->forward[s] * backward[s];
	}
	normalise(smoother->posterior, smoother->n_states);
}

static void decide_next(struct hk_smoother *smoother)
{
	const struct pending *slice =
		&smoother->slices[smoother->n_decided % (smoother->n_lag + 1)];
	find_posterior(smoother, smoother->n_decided++);
	double rest = 0;
	for (uint32_t i = 0; i < smoother->n_labels; i++) {
		rest += smoother->has_state[i] ? 0 : slice->raw[i];
	}
	for (uint32_t i = 0; i < smoother->n_labels; i++) {
		smoother->smoothed[i] =
			rest > 0 ? smoother->posterior[NONE] * slice->raw[i] / rest : 0;
	}
	for (uint32_t s = 1; s < smoother->n_states; s++) {
		smoother->smoothed[smoother->label_of[s - 1]] = smoother->posterior[s];
	}
	const struct hk_slice decided = {
		.first_frame = slice->first_frame,
		.end_frame = slice->end_frame,
		.zeros = slice->zeros,
		.raw = slice->raw,
		.smoothed = smoother->smoothed,
		.level_dbfs = slice->level_dbfs,
	};
	smoother->sink(smoother->owner, &decided);
}

/* The next slice is complete: N_WINDOWS cover it. */
static void add_slice(struct hk_smoother *smoother, uint64_t first_frame, uint64_t n_windows)
{
	struct pending *slice = &smoother->slices[smoother->n_slices % (smoother->n_lag + 1)];
	const uint64_t end_frame = first_frame + smoother->n_step_frames;
	average(smoother, slice, n_windows);
	forward(smoother, slice);
	slice->first_frame = first_frame;
	slice->end_frame = end_frame < smoother->end_frame ? end_frame : smoother->end_frame;
	smoother->n_slices++;
	if (smoother->n_slices - smoother->n_decided > smoother->n_lag) {
		decide_next(smoother);
	}
}

void hk_smoother_push(struct hk_smoother *smoother, const struct hk_detector_window *window)
{
	keep_window(smoother, window);
	const uint64_t n = smoother->n_windows;
	add_slice(smoother, window->first_frame, n < smoother->n_cover ? n : smoother->n_cover);
}

void hk_smoother_finish(struct hk_smoother *smoother)
{
	const uint64_t n = smoother->n_windows;
	const uint64_t n_cover = n < smoother->n_cover ? n : smoother->n_cover;
	/* What the last windows reach beyond their first step. */
	for (uint64_t i = 1; i < smoother->n_cover; i++) {
		const uint64_t first_frame = smoother->first_frame + i * smoother->n_step_frames;
		if (n == 0 || first_frame >= smoother->end_frame) {
			break;
		}
		/* Of n_cover windows the i oldest have ended by then. */
		const uint64_t n_left = smoother->n_cover - i;
		add_slice(smoother, first_frame, n_left < n_cover ? n_left : n_cover);
	}
	while (smoother->n_decided < smoother->n_slices) {
		decide_next(smoother);
	}
	smoother->n_windows = smoother->n_slices = smoother->n_decided = 0;
}
