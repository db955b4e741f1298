/* SPDX-License-Identifier: MIT */
#include "core/intake.h"

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

static void look_for_stillness(struct hk_intake *intake, bool not_number)
{
	uint64_t n_still = UINT64_MAX;
	for (uint32_t c = first_channel(intake); c < end_channel(intake); c++) {
		const uint64_t n = intake->channels[c].n_still;
		n_still = n < n_still ? n : n_still;
	}
	if (n_still == 1) {
		intake->n_bad_still = 0;
	}
	intake->n_bad_still += not_number;
	intake->counts.n_still = n_still;
}

/* ---- channels that cancel ---- */

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

/* One sample of those at hand. */
static float mix(struct hk_intake *intake)
{
	const float *samples = intake->samples;
	const uint32_t n_channels = intake->n_channels;
	float mean;
	hk_mono(samples, 1, n_channels, HK_CHANNEL_MIX, &mean);
	const float mixed = intake->alone ? samples[intake->alone - 1] : mean;
	intake->counts.n_cancelled += intake->alone != 0;
	for (uint32_t c = 0; c < n_channels; c++) {
		intake->sums[c] += (double)samples[c];
		intake->squares[c] += (double)samples[c] * (double)samples[c];
	}
	intake->sums[n_channels] += (double)mean;
	intake->squares[n_channels] += (double)mean * (double)mean;
	if (++intake->n_span >= intake->rate_hz / SPANS_PER_S) {
		intake->alone = choose(intake);
		intake->counts.alone = intake->alone ? intake->alone : intake->counts.alone;
		intake->n_span = 0;
		memset(intake->sums, 0, sizeof(intake->sums));
		memset(intake->squares, 0, sizeof(intake->squares));
	}
	return mixed;
}

/* ---- all of it ---- */

static float take_frame(struct hk_intake *intake, const float *frame)
{
	struct faults faults = { false, false };
	float *samples = intake->samples;
	const uint32_t first = first_channel(intake), end = end_channel(intake);
	for (uint32_t c = first; c < end; c++) {
		samples[c] = checked(&intake->counts, frame[c], &faults);
	}
	const bool believed = judge_scale(intake, faults.off_scale);
	for (uint32_t c = first; c < end; c++) {
		samples[c] = believed ? samples[c] : 0.0F;
		hk_stillness_push(&intake->channels[c], samples[c]);
	}
	look_for_stillness(intake, faults.not_number);
	return end - first == 1 ? samples[first] : mix(intake);
}

void hk_intake_push(struct hk_intake *intake, const float *frames, size_t n_frames, float *ret)
{
	for (size_t i = 0; i < n_frames; i++) {
		ret[i] = take_frame(intake, frames + i * intake->n_channels);
	}
	intake->counts.n_frames += n_frames;
	if (n_frames > 0) {
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
