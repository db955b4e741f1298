/* SPDX-License-Identifier: MIT */
/*
 * modulation: the rhythm of a sound: how strongly slow series (one value a frame) vary in bands of
 * modulation frequencies.
 *
 * Each column of the series, its mean removed, goes through a symmetric Hann window and a real FFT
 * over all frames; |S|^2 / n_frames is averaged over the bins of each band and the logarithm is
 * taken. Bin k is k / duration Hz. The plan is made once; one thread at a time per object. Source:
 * modulation() in tests/golden/mel-modulation/reference.py.
 */
#pragma once

#include <stdint.h>

#include "core/base/params.h"

struct hk_modulation;

/*
 * N_FRAMES: even, 2^a 3^b 5^c. EDGES: ascending bins, at most n_frames / 2 + 1; band i is
 * [values[i], values[i + 1]). Returns 0, -ENOMEM.
 */
int hk_modulation_new(
	struct hk_modulation **ret, uint32_t n_frames, const struct hk_uint_list *edges);
void hk_modulation_free(struct hk_modulation *modulation);

/*
 * ret = ln(power + floor).
 * Shapes: series[n_frames * n_columns], a row a frame; ret[(edges->n_values - 1) * n_columns], a
 * row a band. Real-time: yes.
 */
void hk_modulation_apply(struct hk_modulation *modulation, const float *series, uint32_t n_columns,
	double floor, float *ret);
