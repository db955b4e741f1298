/* SPDX-License-Identifier: MIT */
#include "core/stillness.h"

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
