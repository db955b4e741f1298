/* SPDX-License-Identifier: MIT */
#include "clients/train/extract.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio_file.h"

#define BLOCK_FRAMES 8192
#define FULL_SCALE (32767.0f / 32768.0f)

struct hk_extractor_thread {
	const struct hk_analyzer_setup *setup;
	struct hk_analyzer *analyzer;
	size_t n_features;
	float frames[BLOCK_FRAMES];
	/* of the take at hand */
	double rate_hz, start_s;
	uint64_t n_frames, n_clipped, n_zero_windows;
	size_t n_room;
	int error;
	struct hk_extract result;
};

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
		(float)(thread->start_s + (double)window->first_frame / thread->rate_hz);
	result->n_rows++;
}

/* What fills no window is not learnt from; a take is read without holes. */
static void ignore(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

int hk_extractor_thread_new(struct hk_extractor_thread **ret, const struct hk_analyzer_setup *setup,
	struct hk_diag *diag)
{
	struct hk_extractor_thread *thread = calloc(1, sizeof(*thread));
	if (!thread) {
		return -ENOMEM;
	}
	const struct hk_analyzer_sink sink = {
		.owner = thread,
		.on_window = keep_window,
		.on_remainder = ignore,
		.on_gap = ignore,
	};
	thread->setup = setup;
	thread->n_features = setup->profile->profile->n_features(setup->profile->config);
	const int r = hk_analyzer_new(&thread->analyzer, setup, &sink, diag);
	if (r < 0) {
		free(thread);
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
	hk_analyzer_free(thread->analyzer);
	free(thread);
}

static int push_block(struct hk_extractor_thread *thread, const float *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		thread->n_clipped += fabsf(frames[i]) >= FULL_SCALE;
	}
	const struct hk_block block = {
		.first_frame = thread->n_frames,
		.n_frames = (uint32_t)n,
		.rate_hz = (uint32_t)thread->rate_hz,
		.flags = thread->n_frames == 0 ? HK_BLOCK_START : 0,
	};
	thread->n_frames += n;
	return hk_analyzer_push(thread->analyzer, &block, frames);
}

/* Frame number of second S; UINT64_MAX for the end of the file. */
static uint64_t frame_of(double s, double rate_hz)
{
	return isinf(s) ? UINT64_MAX : (uint64_t)llround(s * rate_hz);
}

/* Feed the frames from TAKE's start to its end. Returns 0, -EBADMSG with DIAG, -EINVAL, -ENOMEM. */
static int push_take(struct hk_extractor_thread *thread, const struct hk_take *take,
	struct hk_audio_file *file, struct hk_diag *diag)
{
	const uint64_t first = frame_of(take->start_s, thread->rate_hz);
	const uint64_t end = frame_of(take->end_s, thread->rate_hz);
	uint64_t position = 0;
	while (position < end) {
		const int64_t n = hk_audio_read(file, thread->frames, BLOCK_FRAMES, diag);
		if (n <= 0) {
			return (int)n;
		}
		const uint64_t after = position + (uint64_t)n;
		const uint64_t from = first > position ? first : position;
		const uint64_t to = end < after ? end : after;
		if (from < to) {
			const int r = push_block(
				thread, thread->frames + (from - position), (size_t)(to - from));
			if (r < 0) {
				return r;
			}
		}
		position = after;
	}
	return 0;
}

/* What to call a take that was read to its end. */
static void judge(struct hk_extractor_thread *thread, const struct hk_take *take)
{
	struct hk_extract *result = &thread->result;
	const double seconds = (double)thread->n_frames / thread->rate_hz;
	const double window_s = (double)thread->setup->n_window_frames / thread->setup->rate_hz;
	const double clipped =
		thread->n_frames ? (double)thread->n_clipped / (double)thread->n_frames : 0;
	if (result->n_rows == 0 && thread->n_zero_windows == 0) {
		result->state = HK_TAKE_TOO_SHORT;
		snprintf(result->why, sizeof(result->why), "%s: %.3g s, a window takes %.3g s",
			take->path, seconds, window_s);
	} else if (result->n_rows == 0) {
		result->state = HK_TAKE_SILENT;
		snprintf(result->why, sizeof(result->why), "%s: nothing but digital zeros",
			take->path);
	} else if (clipped >= HK_CLIPPED_SHARE) {
		result->state = HK_TAKE_CLIPPED;
		snprintf(result->why, sizeof(result->why),
			"%s: %.2g %% of its frames at full scale", take->path, 100 * clipped);
	}
}

int hk_extract_take(
	struct hk_extractor_thread *thread, const struct hk_take *take, struct hk_extract *ret)
{
	struct hk_audio_file *file;
	struct hk_audio_info info;
	struct hk_diag diag = { "" };
	thread->result = (struct hk_extract){ 0 };
	thread->n_frames = thread->n_clipped = thread->n_zero_windows = 0;
	thread->n_room = 0;
	thread->error = 0;
	int r = hk_audio_open(&file, take->path, HK_CHANNEL_MIX, &diag);
	if (r == 0) {
		hk_audio_info(file, &info);
		thread->rate_hz = info.rate_hz;
		thread->start_s = take->start_s;
		r = push_take(thread, take, file, &diag);
		hk_analyzer_finish(thread->analyzer);
		hk_audio_close(file);
	}
	if (r == -ENOMEM || thread->error < 0) {
		hk_extract_finish(&thread->result);
		return -ENOMEM;
	}
	if (r < 0) { /* what came before the damage is not trusted either */
		hk_extract_finish(&thread->result);
		thread->result.state = HK_TAKE_UNREADABLE;
		snprintf(thread->result.why, sizeof(thread->result.why), "%s",
			diag.text[0] ? diag.text : take->path);
	} else {
		judge(thread, take);
	}
	*ret = thread->result;
	return 0;
}

void hk_extract_finish(struct hk_extract *extract)
{
	free(extract->rows);
	free(extract->start_s);
	*extract = (struct hk_extract){ 0 };
}
