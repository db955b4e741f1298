/* SPDX-License-Identifier: MIT */
/*
 * intake: interleaved frames as a source delivers them in, mono frames out. The one way that
 * samples come in, from a device, a pipe or a file, live or offline; here they are judged, before
 * they are mixed.
 *
 * What is judged:
 * - Samples that are not numbers (NaN, infinite), and samples beyond HK_INTAKE_LIMIT (integers in a
 *   float format, a wrong format). Each counts as 0. A source that delivers many of the latter is
 *   not in the range -1 to 1 at all: all of it counts as 0 until 5 s without them have passed.
 * - Stillness: for how long no channel in use has changed (stillness.h).
 * - Channels that cancel: where the mean of all has much less power than the channels have, the
 *   strongest channel is used by itself. Powers are without the DC offset, of spans of 0.1 s; the
 * mean is used again after HK_INTAKE_CALM_S in which it did not cancel. The output depends on the
 * frames only, never on how they were cut into blocks. One thread at a time; no allocation.
 * Real-time: yes.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audio/downmix.h"
#include "core/audio/stillness.h"

/* +18 dBFS: above what float files of music reach, far below the smallest scale of integers. */
#define HK_INTAKE_LIMIT 8.0F
#define HK_INTAKE_CALM_S 10

/* Frames beyond the limit after which the source is not believed at all; 20 a second are forgiven.
 */
#define HK_INTAKE_BURST 100
#define HK_INTAKE_FORGIVEN_PER_S 20

/* The mean cancels when its power is a tenth of what independent channels would leave. */
#define HK_INTAKE_CANCELS 0.1
#define HK_INTAKE_MIN_POWER 1e-9 /* -90 dBFS: below, rounding decides */

#define HK_INTAKE_CHUNK_FRAMES 256 /* that are judged at a time */

/* Why nothing changes. */
enum hk_still {
	HK_STILL_ZEROS,
	HK_STILL_CONSTANT,    /* another value, or a toggling bit */
	HK_STILL_NOT_NUMBERS, /* NaN or infinite */
	HK_STILL_OFF_SCALE,   /* the source is not in the range -1 to 1 */
};

/* What is known so far; counts are since hk_intake_init. */
struct hk_intake_counts {
	uint64_t n_frames;
	uint64_t n_not_numbers; /* samples of channels in use */
	uint64_t n_off_scale;   /* samples of channels in use */
	uint64_t n_cancelled;   /* frames of which one channel was used because the mean cancels */
	uint64_t n_still;       /* frames in a row without a change, the newest included */
	enum hk_still still;    /* of these */
	float reaches;          /* largest magnitude beyond the limit; 0: none */
	uint32_t alone; /* channel used because the mean cancels, 1..n; 0: none was so far */
};

struct hk_intake {
	uint32_t rate_hz, n_channels, channel;
	struct hk_intake_counts counts;
	/* the scale */
	uint32_t burst;   /* frames beyond the limit that are not forgiven yet */
	uint32_t n_until; /* frames until the next is */
	bool off_scale;   /* nothing is believed */
	/* stillness */
	struct hk_stillness channels[HK_MAX_CHANNELS];
	uint64_t n_bad_still; /* of these frames: with a sample that is not a number */
	/* channels that cancel */
	uint32_t alone;  /* channel in use by itself now; 0: the mean is */
	uint32_t n_span; /* frames of the span so far */
	uint32_t n_calm; /* spans in a row in which the mean did not cancel */
	double sums[HK_MAX_CHANNELS + 1], squares[HK_MAX_CHANNELS + 1]; /* the last: of the mean */
	float samples[HK_INTAKE_CHUNK_FRAMES * HK_MAX_CHANNELS];        /* that had to be cleaned */
};

/* A source with N_CHANNELS (1..HK_MAX_CHANNELS) at RATE_HZ begins. CHANNEL: as in mono.h. */
void hk_intake_init(
	struct hk_intake *intake, uint32_t rate_hz, uint32_t n_channels, uint32_t channel);

/* Shapes: frames[n_frames * n_channels], interleaved, any values; ret[n_frames]. */
void hk_intake_push(struct hk_intake *intake, const float *frames, size_t n_frames, float *ret);

/*
 * What is wrong with the samples that COUNTS counts, a sentence each, without a name and a full
 * stop. Returns false when nothing is. SIZE: HK_INTAKE_TEXT_SIZE.
 */
#define HK_INTAKE_TEXT_SIZE 192
#define HK_INTAKE_FAULTS_SIZE (2 * HK_INTAKE_TEXT_SIZE + 2) /* and "; " */
bool hk_intake_not_numbers_text(const struct hk_intake_counts *counts, char *ret, size_t size);
bool hk_intake_off_scale_text(const struct hk_intake_counts *counts, char *ret, size_t size);
bool hk_intake_cancelled_text(const struct hk_intake_counts *counts, char *ret, size_t size);

/* The first two in one line: are there samples that are none? */
bool hk_intake_faults_text(const struct hk_intake_counts *counts, char ret[HK_INTAKE_FAULTS_SIZE]);

/* Why the source is dead, for a person. */
const char *hk_still_text(enum hk_still still);
