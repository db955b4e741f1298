/* SPDX-License-Identifier: MIT */
/*
 * treatment: what is done to a recording before it is heard: brought to a level, repeated, or
 * degraded as a bad microphone, distance, a room or a noisy day would.
 *
 * Noise and rooms lie over what was recorded: where a recording is padded with digital zeros there
 * is nothing, so the same windows are heard as without them.
 *
 * Everything works on the stream, block by block, at the recording's own rate; noise is drawn from
 * a seed and the recording's number, so a run can be repeated to the bit. One object a thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum hk_degradation {
	HK_DEGRADE_NONE,
	HK_DEGRADE_GAIN,
	HK_DEGRADE_NOISE_20,
	HK_DEGRADE_NOISE_10,
	HK_DEGRADE_LOW_PASS,
	HK_DEGRADE_REVERB,
	HK_N_DEGRADATIONS,
};

struct hk_degradation_row {
	const char *name; /* "noise-10" */
	const char *help; /* one sentence, no full stop */
};

extern const struct hk_degradation_row hk_degradations[HK_N_DEGRADATIONS];

struct hk_treatment {
	enum hk_degradation degradation;
	double level_dbfs; /* RMS the recording is brought to; NAN: as recorded */
	double loop_s;     /* a shorter recording is repeated until it is that long; 0: not */
	uint64_t seed;
};

/* Is the recording brought to a level? */
bool hk_treatment_has_level(const struct hk_treatment *treatment);

/* Does TREATMENT need to know how loud the recording is? */
bool hk_treatment_needs_rms(const struct hk_treatment *treatment);

struct hk_treater;

/*
 * For recording number ITEM at RATE_HZ with this RMS (linear), to be heard by a model at MODEL_HZ:
 * the noise is as loud in what the model hears, whatever the recording's rate. Returns 0, -ENOMEM.
 */
int hk_treater_new(struct hk_treater **ret, const struct hk_treatment *treatment, uint64_t item,
	uint32_t rate_hz, uint32_t model_hz, double rms);
void hk_treater_free(struct hk_treater *treater);

/* The next N frames, in place. */
void hk_treater_apply(struct hk_treater *treater, float *frames, size_t n);
