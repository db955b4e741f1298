/* SPDX-License-Identifier: MIT */
#include "core/features/mel/mel.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/lanes.h"

static double mel_of_hz(double hz)
{
	return 2595.0 * log10(1.0 + hz / 700.0);
}

static double hz_of_mel(double mel)
{
	return 700.0 * (pow(10.0, mel / 2595.0) - 1.0);
}

/* Frequency of edge I of N_BANDS triangles: band i has its foot at edges i and i + 2, its tip at
 * i + 1. */
static double edge_hz(uint32_t i, uint32_t n_bands, double fmin_hz, double fmax_hz)
{
	const double low = mel_of_hz(fmin_hz);
	return hz_of_mel(low + (mel_of_hz(fmax_hz) - low) * i / (n_bands + 1));
}

/* Weights of one triangle over all bins, before they are made to sum to 1. Returns their sum. */
static double triangle(
	const double edges_hz[3], double bin_hz, uint32_t n_bins, double *ret_weights)
{
	const double rise_hz = edges_hz[1] - edges_hz[0];
	const double fall_hz = edges_hz[2] - edges_hz[1];
	double sum = 0.0;
	for (uint32_t k = 0; k < n_bins; k++) {
		const double hz = k * bin_hz;
		ret_weights[k] =
			fmax(0.0, fmin((hz - edges_hz[0]) / rise_hz, (edges_hz[2] - hz) / fall_hz));
		sum += ret_weights[k];
	}
	return sum;
}

/* Append the non-zero run of TRIANGLE, divided by SUM, to the bank. Returns the next free weight.
 */
static uint32_t append_band(struct hk_mel_bank *bank, uint32_t i, uint32_t first_weight,
	const double *triangle_weights, uint32_t n_bins, double sum)
{
	uint32_t first = 0, end = n_bins;
	while (first < n_bins && triangle_weights[first] <= 0.0) {
		first++;
	}
	while (end > first && triangle_weights[end - 1] <= 0.0) {
		end--;
	}
	bank->bands[i] = (struct hk_mel_band){
		.first_bin = first,
		.n_bins = end - first,
		.first_weight = first_weight,
		.width_bins = sum,
	};
	for (uint32_t k = first; k < end; k++) {
		bank->weights[first_weight++] = (float)(triangle_weights[k] / sum);
	}
	return first_weight;
}

int hk_mel_bank_init(struct hk_mel_bank *bank, uint32_t n_bands, double fmin_hz, double fmax_hz,
	uint32_t n_fft, uint32_t rate_hz)
{
	const uint32_t n_bins = n_fft / 2 + 1;
	const double bin_hz = (double)rate_hz / n_fft;
	*bank = (struct hk_mel_bank){ .n_bands = n_bands };
	bank->bands = calloc(n_bands, sizeof(*bank->bands));
	/* A bin lies in at most two triangles; each may span one bin more to reach its tip. */
	bank->weights = calloc(2 * (size_t)(n_bins + n_bands), sizeof(*bank->weights));
	double *weights = calloc(n_bins, sizeof(*weights));
	if (!bank->bands || !bank->weights || !weights) {
		free(weights);
		hk_mel_bank_finish(bank);
		return -ENOMEM;
	}
	uint32_t n_weights = 0;
	for (uint32_t i = 0; i < n_bands; i++) {
		const double edges_hz[3] = {
			edge_hz(i, n_bands, fmin_hz, fmax_hz),
			edge_hz(i + 1, n_bands, fmin_hz, fmax_hz),
			edge_hz(i + 2, n_bands, fmin_hz, fmax_hz),
		};
		double sum = triangle(edges_hz, bin_hz, n_bins, weights);
		if (sum < 1e-3) {
			const uint32_t tip = (uint32_t)nearbyint(edges_hz[1] / bin_hz);
			sum += 1.0 - weights[tip];
			weights[tip] = 1.0;
		}
		n_weights = append_band(bank, i, n_weights, weights, n_bins, sum);
	}
	free(weights);
	return 0;
}

void hk_mel_bank_finish(struct hk_mel_bank *bank)
{
	if (!bank) {
		return;
	}
	free(bank->bands);
	free(bank->weights);
	memset(bank, 0, sizeof(*bank));
}

HK_INLINE void apply_body(const struct hk_mel_bank *bank, const float *power, float *ret_mel)
{
	for (uint32_t i = 0; i < bank->n_bands; i++) {
		const struct hk_mel_band *band = &bank->bands[i];
		ret_mel[i] = hk_lanes_dot(
			bank->weights + band->first_weight, power + band->first_bin, band->n_bins);
	}
}

HK_MULTIVERSION_VOID(apply, (const struct hk_mel_bank *bank, const float *power, float *ret_mel),
	(bank, power, ret_mel))

void hk_mel_bank_apply(const struct hk_mel_bank *bank, const float *power, float *ret_mel)
{
	apply(bank, power, ret_mel);
}
