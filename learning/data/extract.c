/* SPDX-License-Identifier: MIT */
#include "learning/data/extract.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learning/data/augmented_copies.h"
#include "learning/data/bandwidth.h"
#include "learning/data/take_audio.h"

#define FULL_SCALE (32767.0f / 32768.0f)

struct hk_extractor_thread {
	const struct hk_window_pipeline_setup *setup;
	struct hk_window_pipeline *analyzer;
	struct hk_copier *copier; /* NULL until the first copy */
	struct hk_bandwidth *bandwidth;
	size_t n_features;
	/* of the take at hand */
	double offset_s; /* of the analyzer's frame 0 in the file */
	uint32_t rate_hz;
	uint64_t n_frames, n_clipped, n_zero_windows;
	struct hk_intake_counts counts;
	size_t n_room;
	int error;
	struct hk_extract result;
};

/* ---- what the analyzer tells ---- */

static int make_room(struct hk_extractor_thread *thread)
{
	struct hk_extract *result = &thread->result;
	if (result->n_rows < thread->n_room) {
		return 0;
	}
	const size_t n_room = thread->n_room ? 2 * thread->n_room : 8;
	float *rows = reallocarray(result->rows, n_room, thread->n_features * sizeof(*rows));
	if (!rows) {
		return -ENOMEM;
	}
	result->rows = rows;
	float *start_s = reallocarray(result->start_s, n_room, sizeof(*start_s));
	if (!start_s) {
		return -ENOMEM;
	}
	result->start_s = start_s;
	thread->n_room = n_room;
	return 0;
}

static void keep_window(void *owner, const struct hk_window_result *window)
{
	struct hk_extractor_thread *thread = owner;
	struct hk_extract *result = &thread->result;
	if (window->zeros) {
		thread->n_zero_windows++;
		return;
	}
	if (thread->error == 0) {
		thread->error = make_room(thread);
	}
	if (thread->error < 0) {
		return;
	}
	memcpy(result->rows + result->n_rows * thread->n_features, window->features,
		thread->n_features * sizeof(float));
	result->start_s[result->n_rows] =
		(float)(thread->offset_s + (double)window->first_frame / thread->rate_hz);
	result->n_rows++;
}

/* What fills no window is not learnt from; a take is read without holes. */
static void ignore(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

int hk_extractor_thread_new(struct hk_extractor_thread **ret,
	const struct hk_window_pipeline_setup *setup, struct hk_diag *diag)
{
	struct hk_extractor_thread *thread = calloc(1, sizeof(*thread));
	if (!thread) {
		return -ENOMEM;
	}
	const struct hk_window_pipeline_sink sink = {
		.owner = thread,
		.on_window = keep_window,
		.on_remainder = ignore,
		.on_gap = ignore,
	};
	thread->setup = setup;
	thread->n_features = setup->profile->profile->n_features(setup->profile->config);
	int r = hk_window_pipeline_new(&thread->analyzer, setup, &sink, diag);
	r = r < 0 ? r : hk_bandwidth_new(&thread->bandwidth);
	if (r < 0) {
		hk_extractor_thread_free(thread);
		return r;
	}
	*ret = thread;
	return 0;
}

void hk_extractor_thread_free(struct hk_extractor_thread *thread)
{
	if (!thread) {
		return;
	}
	hk_window_pipeline_free(thread->analyzer);
	hk_copier_free(thread->copier);
	hk_bandwidth_free(thread->bandwidth);
	free(thread);
}

/* ---- what the analyzer is told ---- */

static int push(struct hk_extractor_thread *thread, const float *frames, size_t n, bool is_start)
{
	const struct hk_block block = {
		.first_frame = thread->n_frames,
		.n_frames = (uint32_t)n,
		.rate_hz = thread->rate_hz,
		.flags = is_start ? HK_BLOCK_START : 0,
	};
	thread->n_frames += n;
	const int r = hk_window_pipeline_push(thread->analyzer, &block, frames);
	return r < 0 ? r : thread->error;
}

static int push_frames(void *owner, const float *frames, size_t n_frames, uint32_t rate_hz)
{
	struct hk_extractor_thread *thread = owner;
	thread->rate_hz = rate_hz;
	if (thread->n_frames == 0) {
		hk_bandwidth_begin(thread->bandwidth, rate_hz);
	}
	hk_bandwidth_push(thread->bandwidth, frames, n_frames);
	for (size_t i = 0; i < n_frames; i++) {
		thread->n_clipped += fabsf(frames[i]) >= FULL_SCALE;
	}
	return push(thread, frames, n_frames, thread->n_frames == 0);
}

/* Each piece is a stream of its own. */
static int push_piece(void *owner, const float *samples, size_t n_samples)
{
	struct hk_extractor_thread *thread = owner;
	thread->rate_hz = thread->setup->rate_hz;
	return push(thread, samples, n_samples, true);
}

/* ---- takes ---- */

static void begin(struct hk_extractor_thread *thread, double offset_s)
{
	thread->result = (struct hk_extract){ 0 };
	thread->offset_s = offset_s;
	thread->rate_hz = thread->setup->rate_hz;
	thread->n_frames = thread->n_clipped = thread->n_zero_windows = 0;
	thread->counts = (struct hk_intake_counts){ 0 };
	thread->n_room = 0;
	thread->error = 0;
}

/* What to call a take that was read to its end. */
static void judge(struct hk_extractor_thread *thread, const struct hk_take *take)
{
	struct hk_extract *result = &thread->result;
	char faults[HK_INTAKE_FAULTS_SIZE];
	const double n_frames = (double)thread->n_frames;
	const double window_s = (double)thread->setup->n_window_frames / thread->setup->rate_hz;
	const double clipped = n_frames > 0 ? (double)thread->n_clipped / n_frames : 0;
	if (result->n_rows == 0 && thread->n_zero_windows == 0) {
		result->state = HK_TAKE_TOO_SHORT;
		snprintf(result->why, sizeof(result->why), "%s: %.3g s, a window takes %.3g s",
			take->path, n_frames / thread->rate_hz, window_s);
	} else if (result->n_rows == 0 && hk_intake_faults_text(&thread->counts, faults)) {
		result->state = HK_TAKE_NO_NUMBERS;
		snprintf(result->why, sizeof(result->why), "%s: %s", take->path, faults);
	} else if (result->n_rows == 0) {
		result->state = HK_TAKE_SILENT;
		snprintf(result->why, sizeof(result->why),
			"%s: nothing but digital zeros or another constant", take->path);
	} else if (hk_intake_faults_text(&thread->counts, faults) ||
		hk_intake_cancelled_text(&thread->counts, faults, sizeof(faults))) {
		result->state = HK_TAKE_FAULTY;
		snprintf(result->why, sizeof(result->why), "%s: %s", take->path, faults);
	} else if (clipped >= HK_CLIPPED_SHARE) {
		result->state = HK_TAKE_CLIPPED;
		snprintf(result->why, sizeof(result->why),
			"%s: %.3g %% of its frames at full scale", take->path, 100 * clipped);
	}
}

/* Make the result of a reading that ended with ERROR. What came before damage is not trusted. */
static int end(struct hk_extractor_thread *thread, const struct hk_take *take, int error,
	const struct hk_diag *diag, struct hk_extract *ret)
{
	hk_window_pipeline_finish(thread->analyzer);
	error = thread->error < 0 ? thread->error : error;
	if (error == -ENOMEM) {
		hk_extract_finish(&thread->result);
		return -ENOMEM;
	}
	if (error < 0) {
		hk_extract_finish(&thread->result);
		thread->result.state = HK_TAKE_UNREADABLE;
		snprintf(thread->result.why, sizeof(thread->result.why), "%s",
			diag->text[0] ? diag->text : take->path);
	} else {
		judge(thread, take);
	}
	*ret = thread->result;
	return 0;
}

int hk_extract_take(
	struct hk_extractor_thread *thread, const struct hk_take *take, struct hk_extract *ret)
{
	struct hk_diag diag = { "" };
	begin(thread, take->start_s);
	const int r = hk_take_read(take, push_frames, thread, &thread->counts, &diag);
	if (r == 0 && thread->n_frames > 0) {
		thread->result.end_hz = hk_bandwidth_end_hz(thread->bandwidth);
	}
	return end(thread, take, r, &diag, ret);
}

int hk_extract_copy(struct hk_extractor_thread *thread, const struct hk_take *take,
	const struct hk_take *partner, struct hk_random random, struct hk_extract *ret)
{
	struct hk_diag diag = { "" };
	if (!thread->copier) {
		const int r = hk_copier_new(&thread->copier, thread->setup->rate_hz);
		if (r < 0) {
			return r;
		}
	}
	begin(thread, 0);
	const int r =
		hk_copy_take(thread->copier, take, partner, random, push_piece, thread, &diag);
	return end(thread, take, r, &diag, ret);
}

void hk_extract_finish(struct hk_extract *extract)
{
	free(extract->rows);
	free(extract->start_s);
	*extract = (struct hk_extract){ 0 };
}
