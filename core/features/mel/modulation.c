/* SPDX-License-Identifier: MIT */
#include "core/features/mel/modulation.h"

#include <errno.h>
#include <kiss_fftr.h>
#include <math.h>
#include <stdlib.h>

struct hk_modulation {
	uint32_t n_frames;
	struct hk_uint_list edges;
	kiss_fftr_cfg plan;
	float *hann;            /* n_frames */
	float *column;          /* n_frames */
	kiss_fft_cpx *spectrum; /* n_frames / 2 + 1 */
};

int hk_modulation_new(
	struct hk_modulation **ret, uint32_t n_frames, const struct hk_uint_list *edges)
{
	struct hk_modulation *modulation = calloc(1, sizeof(*modulation));
	if (!modulation) {
		return -ENOMEM;
	}
	modulation->n_frames = n_frames;
	modulation->edges = *edges;
	modulation->plan = kiss_fftr_alloc((int)n_frames, 0, NULL, NULL);
	modulation->hann = calloc(n_frames, sizeof(*modulation->hann));
	modulation->column = calloc(n_frames, sizeof(*modulation->column));
	modulation->spectrum = calloc(n_frames / 2 + 1, sizeof(*modulation->spectrum));
	if (!modulation->plan || !modulation->hann || !modulation->column ||
		!modulation->spectrum) {
		hk_modulation_free(modulation);
		return -ENOMEM;
	}
	for (uint32_t t = 0; t < n_frames; t++) {
		modulation->hann[t] = (float)(0.5 - 0.5 * cos(2.0 * M_PI * t / (n_frames - 1)));
	}
	*ret = modulation;
	return 0;
}

void hk_modulation_free(struct hk_modulation *modulation)
{
	if (!modulation) {
		return;
	}
	kiss_fftr_free(modulation->plan);
	free(modulation->hann);
	free(modulation->column);
	free(modulation->spectrum);
	free(modulation);
}

/* Column C of SERIES, its mean removed and windowed, into modulation->column. */
static void take_column(
	struct hk_modulation *modulation, const float *series, uint32_t n_columns, uint32_t c)
{
	double sum = 0.0;
	for (uint32_t t = 0; t < modulation->n_frames; t++) {
		sum += (double)series[(size_t)t * n_columns + c];
	}
	const float mean = (float)(sum / modulation->n_frames);
	for (uint32_t t = 0; t < modulation->n_frames; t++) {
		modulation->column[t] =
			(series[(size_t)t * n_columns + c] - mean) * modulation->hann[t];
	}
}

/* Mean power of the bins [first, end). */
static double band_power(const struct hk_modulation *modulation, uint32_t first, uint32_t end)
{
	double sum = 0.0;
	for (uint32_t k = first; k < end; k++) {
		const kiss_fft_cpx s = modulation->spectrum[k];
		sum += (double)(s.r * s.r + s.i * s.i);
	}
	return sum / modulation->n_frames / (end - first);
}

void hk_modulation_apply(struct hk_modulation *modulation, const float *series, uint32_t n_columns,
	double floor, float *ret)
{
	const uint32_t n_bands = modulation->edges.n_values - 1;
	const uint32_t *edges = modulation->edges.values;
	for (uint32_t c = 0; c < n_columns; c++) {
		take_column(modulation, series, n_columns, c);
		kiss_fftr(modulation->plan, modulation->column, modulation->spectrum);
		for (uint32_t b = 0; b < n_bands; b++) {
			ret[(size_t)b * n_columns + c] =
				(float)log(band_power(modulation, edges[b], edges[b + 1]) + floor);
		}
	}
}
