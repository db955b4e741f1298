/* SPDX-License-Identifier: MIT */
#include "core/features/mel/tone.h"

#include <math.h>
#include <stdbool.h>

#include "core/math/lanes.h"
#include "core/math/quantile.h"

#define LOWEST_PEAK_HZ 300
#define HIGHEST_PEAK_HZ 5200
#define MEDIAN_STEP 4
#define TIE 0.999f          /* of the strongest: equal but for the FFT's rounding */
#define POWER_FLOOR 1e-9    /* relative to mu: keeps the FFT's rounding out of logarithms */
#define ON_SHARE 0.3f       /* of a frame's energy: more is a tone ... */
#define ON_POWER 0.0316228f /* ... unless it is 15 dB below the window's strongest peak */
#define STEADY_OCTAVES 0.03

struct hk_tone_range hk_tone_range(uint32_t n_fft, uint32_t rate_hz, double lowest_hz)
{
	const double bin_hz = (double)rate_hz / n_fft;
	return (struct hk_tone_range){
		.first_bin = (uint32_t)(LOWEST_PEAK_HZ / bin_hz),
		.end_bin = (uint32_t)(HIGHEST_PEAK_HZ / bin_hz),
		.lowest_bin = (uint32_t)ceil(lowest_hz / bin_hz),
		.n_bins = n_fft / 2 + 1,
		.bin_hz = bin_hz,
	};
}

uint32_t hk_tone_scratch_size(const struct hk_tone_range *range)
{
	return (range->end_bin - range->first_bin) / MEDIAN_STEP + 1;
}

/* Of the power of a frame. */
struct extent {
	float strongest; /* bin of the range */
	float all;       /* bins added up */
};

HK_INLINE struct extent extent_of_body(const struct hk_tone_range *range, const float *power)
{
	return (struct extent){
		hk_lanes_peak(power + range->first_bin, range->end_bin - range->first_bin),
		hk_lanes_sum(power + range->lowest_bin, range->n_bins - range->lowest_bin),
	};
}

HK_MULTIVERSION(struct extent, extent_of, (const struct hk_tone_range *range, const float *power),
	(range, power))

struct hk_tone hk_tone_find(const struct hk_tone_range *range, const float *power, float *scratch)
{
	const struct extent extent = extent_of(range, power);
	uint32_t peak = range->first_bin;
	while (power[peak] < TIE * extent.strongest) {
		peak++;
	}
	uint32_t n = 0;
	for (uint32_t k = range->first_bin; k < range->end_bin; k += MEDIAN_STEP) {
		scratch[n++] = power[k];
	}
	float around = 0.0f;
	const uint32_t low = peak > range->lowest_bin + 2 ? peak - 2 : range->lowest_bin;
	for (uint32_t k = low; k <= peak + 2 && k < range->n_bins; k++) {
		around += power[k];
	}
	return (struct hk_tone){
		.bin = peak,
		.power = power[peak],
		.median = (float)hk_quantile(scratch, n, 0.5),
		.share = extent.all > 0.0f ? around / extent.all : 0.0f,
	};
}

static double mean_of(const float *values, uint32_t n)
{
	double sum = 0.0;
	for (uint32_t i = 0; i < n; i++) {
		sum += (double)values[i];
	}
	return sum / n;
}

static bool is_on(const struct hk_tone *tone, float strongest)
{
	return tone->share > ON_SHARE && tone->power > strongest * ON_POWER;
}

static double octaves(const struct hk_tone_range *range, const struct hk_tone *tone)
{
	return log2(tone->bin * range->bin_hz);
}

/* Mean and deviation of the pitch, weighted by the share of the frames where a tone is on; all
 * frames alike when none is. */
static void pitch(const struct hk_tone_range *range, const struct hk_tone *tones, uint32_t n_tones,
	float strongest, float *ret_mean, float *ret_deviation)
{
	double weights = 0.0, sum = 0.0, squares = 0.0;
	for (uint32_t t = 0; t < n_tones; t++) {
		const double weight =
			(is_on(&tones[t], strongest) ? (double)tones[t].share : 0.0) + 1e-6;
		weights += weight;
		sum += weight * octaves(range, &tones[t]);
	}
	const double mean = sum / weights;
	for (uint32_t t = 0; t < n_tones; t++) {
		const double weight =
			(is_on(&tones[t], strongest) ? (double)tones[t].share : 0.0) + 1e-6;
		const double difference = octaves(range, &tones[t]) - mean;
		squares += weight * difference * difference;
	}
	*ret_mean = (float)mean;
	*ret_deviation = (float)sqrt(squares / weights);
}

/* The on/off pattern: ret_values of the last five statistics. */
static void pattern(const struct hk_tone_range *range, const struct hk_tone *tones,
	uint32_t n_tones, float strongest, float ret_values[5])
{
	uint32_t n_on = 0, n_steady = 0, n_changes = 0, run = 0;
	uint32_t longest[2] = { 0, 0 }; /* off, on */
	bool was_on = false;
	for (uint32_t t = 0; t < n_tones; t++) {
		const bool on = is_on(&tones[t], strongest);
		const bool changed = t > 0 && on != was_on;
		const bool steady = t > 0 && on &&
			fabs(octaves(range, &tones[t]) - octaves(range, &tones[t - 1])) <
				STEADY_OCTAVES;
		n_on += on;
		n_changes += changed;
		n_steady += steady;
		run = changed ? 1 : run + 1;
		longest[on] = run > longest[on] ? run : longest[on];
		was_on = on;
	}
	ret_values[0] = (float)n_on / (float)n_tones;
	ret_values[1] = (float)n_steady / (float)(n_tones - 1);
	ret_values[2] = log1pf((float)n_changes);
	ret_values[3] = (float)longest[true] / (float)n_tones;
	ret_values[4] = (float)longest[false] / (float)n_tones;
}

void hk_tone_statistics(const struct hk_tone_range *range, const struct hk_tone *tones,
	uint32_t n_tones, double mu, float *scratch, float ret_values[HK_N_TONE_VALUES])
{
	float strongest = 0.0f;
	for (uint32_t t = 0; t < n_tones; t++) {
		scratch[t] = tones[t].share;
		strongest = fmaxf(strongest, tones[t].power);
	}
	ret_values[0] = (float)mean_of(scratch, n_tones);
	ret_values[1] = (float)hk_quantile(scratch, n_tones, 0.9);
	ret_values[2] = (float)hk_quantile(scratch, n_tones, 0.5);
	for (uint32_t t = 0; t < n_tones; t++) {
		const double peak = (double)tones[t].power / mu + POWER_FLOOR;
		const double median = (double)tones[t].median / mu + POWER_FLOOR;
		scratch[t] = (float)log10(peak / median);
	}
	ret_values[3] = (float)mean_of(scratch, n_tones);
	ret_values[4] = (float)hk_quantile(scratch, n_tones, 0.9);
	pitch(range, tones, n_tones, strongest, &ret_values[5], &ret_values[6]);
	pattern(range, tones, n_tones, strongest, &ret_values[7]);
}
