/* SPDX-License-Identifier: MIT */
#include "core/audio/intake.h"

#include <assert.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#define SPANS_PER_S 10

void hk_intake_init(
	struct hk_intake *intake, uint32_t rate_hz, uint32_t n_channels, uint32_t channel)
{
	assert(n_channels >= 1 && n_channels <= HK_MAX_CHANNELS && channel <= n_channels);
	*intake = (struct hk_intake){
		.rate_hz = rate_hz,
		.n_channels = n_channels,
		.channel = channel,
	};
}

static uint32_t first_channel(const struct hk_intake *intake)
{
	return intake->channel == HK_CHANNEL_MIX ? 0 : intake->channel - 1;
}

static uint32_t end_channel(const struct hk_intake *intake)
{
	return intake->channel == HK_CHANNEL_MIX ? intake->n_channels : intake->channel;
}

/* ---- samples that are none ---- */

struct faults {
	bool not_number, off_scale;
};

/* SAMPLE, or 0 when it is none. */
static float checked(struct hk_intake_counts *counts, float sample, struct faults *faults)
{
	if (fabsf(sample) <= HK_INTAKE_LIMIT) {
		return sample;
	}
	if (isfinite(sample)) {
		faults->off_scale = true;
		counts->n_off_scale++;
		counts->reaches = fmaxf(counts->reaches, fabsf(sample));
	} else {
		faults->not_number = true;
		counts->n_not_numbers++;
	}
	return 0.0F;
}

/* Returns whether the frame is believed. */
static bool judge_scale(struct hk_intake *intake, bool off_scale)
{
	if (off_scale && intake->burst < HK_INTAKE_BURST) {
		intake->burst++;
	}
	if (intake->burst == 0) {
		return true;
	}
	if (intake->burst == HK_INTAKE_BURST) {
		intake->off_scale = true;
	}
	if (intake->n_until == 0) {
		intake->n_until = intake->rate_hz / HK_INTAKE_FORGIVEN_PER_S;
	}
	if (--intake->n_until == 0 && --intake->burst == 0) {
		intake->off_scale = false;
	}
	return !intake->off_scale;
}

/* ---- stillness ---- */

static enum hk_still kind_of_stillness(const struct hk_intake *intake)
{
	if (intake->off_scale) {
		return HK_STILL_OFF_SCALE;
	}
	if (intake->n_bad_still > intake->counts.n_still / 2) {
		return HK_STILL_NOT_NUMBERS;
	}
	for (uint32_t c = first_channel(intake); c < end_channel(intake); c++) {
		const struct hk_stillness *channel = &intake->channels[c];
		if (channel->lowest != 0.0F || channel->highest != 0.0F) {
			return HK_STILL_CONSTANT;
		}
	}
	return HK_STILL_ZEROS;
}

/* The next N frames of cleaned SAMPLES. */
static void look_for_stillness(
	struct hk_intake *intake, const float *samples, size_t n, uint64_t n_not_numbers)
{
	const uint64_t n_before = intake->counts.n_still;
	uint64_t n_still = UINT64_MAX;
	for (uint32_t c = first_channel(intake); c < end_channel(intake); c++) {
		struct hk_stillness *channel = &intake->channels[c];
		hk_stillness_run(channel, samples + c, n, intake->n_channels);
		n_still = channel->n_still < n_still ? channel->n_still : n_still;
	}
	if (n_still < n_before + n) {
		intake->n_bad_still = 0;
	}
	intake->n_bad_still += n_not_numbers;
	intake->counts.n_still = n_still;
}

/* ---- channels that cancel ---- */

static uint32_t span_frames(const struct hk_intake *intake)
{
	return intake->rate_hz / SPANS_PER_S;
}

static double power(const struct hk_intake *intake, uint32_t c)
{
	const double mean = intake->sums[c] / intake->n_span;
	return fmax(intake->squares[c] / intake->n_span - mean * mean, 0.0);
}

/* The channel that is to be used by itself from now on, 1..n; 0: the mean is. */
static uint32_t choose(struct hk_intake *intake)
{
	const uint32_t n_channels = intake->n_channels;
	uint32_t strongest = 0;
	double sum = 0.0;
	for (uint32_t c = 0; c < n_channels; c++) {
		sum += power(intake, c);
		strongest = power(intake, c) > power(intake, strongest) ? c : strongest;
	}
	const double expected = sum / n_channels / n_channels; /* of independent channels */
	if (expected < HK_INTAKE_MIN_POWER) {
		return intake->alone;
	}
	if (power(intake, n_channels) < HK_INTAKE_CANCELS * expected) {
		intake->n_calm = 0;
		return intake->alone ? intake->alone : strongest + 1;
	}
	const bool calm = ++intake->n_calm >= HK_INTAKE_CALM_S * SPANS_PER_S;
	return calm ? 0 : intake->alone;
}

/* N samples, STRIDE apart, of channel C, or of the mean. */
static void add_power(
	struct hk_intake *intake, uint32_t c, const float *samples, size_t n, size_t stride)
{
	double sum = intake->sums[c], square = intake->squares[c];
	for (size_t i = 0; i < n; i++) {
		const double sample = (double)samples[i * stride];
		sum += sample;
		square += sample * sample;
	}
	intake->sums[c] = sum;
	intake->squares[c] = square;
}

/* N cleaned frames as one channel; none of them beyond the end of the span. */
static void mix(struct hk_intake *intake, const float *samples, size_t n, float *ret)
{
	const uint32_t n_channels = intake->n_channels;
	hk_downmix(samples, n, n_channels, HK_CHANNEL_MIX, ret);
	for (uint32_t c = 0; c < n_channels; c++) {
		add_power(intake, c, samples + c, n, n_channels);
	}
	add_power(intake, n_channels, ret, n, 1);
	if (intake->alone) {
		hk_downmix(samples, n, n_channels, intake->alone, ret);
		intake->counts.n_cancelled += n;
	}
	intake->n_span += (uint32_t)n;
	if (intake->n_span == span_frames(intake)) {
		intake->alone = choose(intake);
		intake->counts.alone = intake->alone ? intake->alone : intake->counts.alone;
		intake->n_span = 0;
		memset(intake->sums, 0, sizeof(intake->sums));
		memset(intake->squares, 0, sizeof(intake->squares));
	}
}

/* ---- all of it ---- */

/* Are all of the N values samples? */
static bool are_samples(const float *values, size_t n)
{
	bool all = true;
	for (size_t i = 0; i < n; i++) {
		all &= fabsf(values[i]) <= HK_INTAKE_LIMIT;
	}
	return all;
}

/* Shapes: frames[n * n_channels], n at most HK_INTAKE_CHUNK_FRAMES. Returns frames with samples
 * that are not numbers. */
static uint64_t clean(struct hk_intake *intake, const float *frames, size_t n, float *ret_samples)
{
	const uint32_t n_channels = intake->n_channels;
	const uint32_t first = first_channel(intake), end = end_channel(intake);
	uint64_t n_not_numbers = 0;
	for (size_t i = 0; i < n; i++) {
		struct faults faults = { false, false };
		float *samples = ret_samples + i * n_channels;
		memset(samples, 0, n_channels * sizeof(*samples));
		for (uint32_t c = first; c < end; c++) {
			samples[c] = checked(&intake->counts, frames[i * n_channels + c], &faults);
		}
		n_not_numbers += faults.not_number;
		if (!judge_scale(intake, faults.off_scale)) {
			memset(samples, 0, n_channels * sizeof(*samples));
		}
	}
	return n_not_numbers;
}

/* N frames, at most HK_INTAKE_CHUNK_FRAMES and none of them beyond the end of the span. */
static void take(struct hk_intake *intake, const float *frames, size_t n, float *ret)
{
	const uint32_t n_channels = intake->n_channels;
	uint64_t n_not_numbers = 0;
	if (intake->burst > 0 || !are_samples(frames, n * n_channels)) {
		n_not_numbers = clean(intake, frames, n, intake->samples);
		frames = intake->samples;
	}
	look_for_stillness(intake, frames, n, n_not_numbers);
	if (end_channel(intake) - first_channel(intake) == 1) {
		hk_downmix(frames, n, n_channels, first_channel(intake) + 1, ret);
	} else {
		mix(intake, frames, n, ret);
	}
}

void hk_intake_push(struct hk_intake *intake, const float *frames, size_t n_frames, float *ret)
{
	intake->counts.n_frames += n_frames;
	while (n_frames > 0) {
		const size_t n_until = span_frames(intake) - intake->n_span;
		size_t n = n_frames < n_until ? n_frames : n_until;
		n = n < HK_INTAKE_CHUNK_FRAMES ? n : HK_INTAKE_CHUNK_FRAMES;
		take(intake, frames, n, ret);
		frames += n * intake->n_channels;
		ret += n;
		n_frames -= n;
		intake->counts.still = kind_of_stillness(intake);
	}
}

/* ---- in words ---- */

bool hk_intake_not_numbers_text(const struct hk_intake_counts *counts, char *ret, size_t size)
{
	if (counts->n_not_numbers == 0) {
		return false;
	}
	const bool one = counts->n_not_numbers == 1;
	snprintf(ret, size, "%" PRIu64 " sample%s NaN or infinite, %s counts as 0",
		counts->n_not_numbers, one ? " is" : "s are", one ? "it" : "each");
	return true;
}

bool hk_intake_off_scale_text(const struct hk_intake_counts *counts, char *ret, size_t size)
{
	if (counts->n_off_scale == 0) {
		return false;
	}
	snprintf(ret, size,
		"samples reach %.6g, full scale is 1: %" PRIu64
		" are beyond %g and ignored; check the sample format and its scale",
		(double)counts->reaches, counts->n_off_scale, (double)HK_INTAKE_LIMIT);
	return true;
}

bool hk_intake_cancelled_text(const struct hk_intake_counts *counts, char *ret, size_t size)
{
	if (counts->n_cancelled == 0) {
		return false;
	}
	snprintf(ret, size,
		"the channels cancel each other, so that their mean is nearly silent: "
		"channel %" PRIu32
		" is used by itself; the setting channel (--channel) chooses one",
		counts->alone);
	return true;
}

bool hk_intake_faults_text(const struct hk_intake_counts *counts, char ret[HK_INTAKE_FAULTS_SIZE])
{
	char not_numbers[HK_INTAKE_TEXT_SIZE] = "", off_scale[HK_INTAKE_TEXT_SIZE] = "";
	const bool has_first = hk_intake_not_numbers_text(counts, not_numbers, sizeof(not_numbers));
	const bool has_second = hk_intake_off_scale_text(counts, off_scale, sizeof(off_scale));
	snprintf(ret, HK_INTAKE_FAULTS_SIZE, "%s%s%s", not_numbers,
		has_first && has_second ? "; " : "", off_scale);
	return has_first || has_second;
}

const char *hk_still_text(enum hk_still still)
{
	static const char *const texts[] = {
		[HK_STILL_ZEROS] = "only exact zeros arrive: muted, or the input is dead",
		[HK_STILL_CONSTANT] = "the samples do not change: muted, or the input is dead",
		[HK_STILL_NOT_NUMBERS] =
			"only NaN or infinite samples arrive: check the sample format",
		[HK_STILL_OFF_SCALE] =
			"the samples are not in the range -1 to 1: check the sample format and its scale",
	};
	return texts[still];
}
