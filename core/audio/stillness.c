/* SPDX-License-Identifier: MIT */
#include "core/audio/stillness.h"

void hk_stillness_push_near(struct hk_stillness *still, float sample)
{
	still->n_still++;
	for (uint32_t i = 0; i < still->n_values; i++) {
		if (still->values[i] == sample) {
			return;
		}
	}
	const float lowest = still->n_values > 0 ? fminf(still->lowest, sample) : sample;
	const float highest = still->n_values > 0 ? fmaxf(still->highest, sample) : sample;
	if (still->n_values == HK_STILL_VALUES || highest - lowest > HK_STILL_SPAN) {
		*still = (struct hk_stillness){ .n_still = 1 };
		still->lowest = still->highest = sample;
	} else {
		still->lowest = lowest;
		still->highest = highest;
	}
	still->values[still->n_values++] = sample;
}

/* The last of N samples that lies a step away from the one before it; 0: none does. */
static size_t last_step(const float *samples, size_t n, size_t stride)
{
	for (size_t i = n; i-- > 1;) {
		const float step = samples[i * stride] - samples[(i - 1) * stride];
		if (fabsf(step) > 2.0F * HK_STILL_SPAN) {
			return i;
		}
	}
	return 0;
}

void hk_stillness_run(struct hk_stillness *still, const float *samples, size_t n, size_t stride)
{
	/* All values of a stillness lie within one span: after a step of two, nothing before it
	 * matters. */
	const size_t first = last_step(samples, n, stride);
	if (first > 0) {
		still->n_values = 0;
		still->n_still = 0;
	}
	for (size_t i = first; i < n; i++) {
		hk_stillness_push(still, samples[i * stride]);
	}
}
