/* SPDX-License-Identifier: MIT */
#include "learning/scoring/treatment.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "learning/augment/biquad.h"
#include "learning/base/random.h"
#include "learning/scoring/reverb.h"

#define GAIN_DB (-20.0)
#define LOW_PASS_HZ 4000.0
#define N_SECTIONS 4 /* second-order sections: a Butterworth filter of order 8 */
#define OFF_S 0.1    /* of digital zeros: the source is off, and nothing is added to it */

const struct hk_degradation_row hk_degradations[HK_N_DEGRADATIONS] = {
	[HK_DEGRADE_NONE] = { "as-recorded", "nothing is done" },
	[HK_DEGRADE_GAIN] = { "gain-20", "20 dB less gain" },
	[HK_DEGRADE_NOISE_20] = { "noise-20", "white noise 20 dB below the recording" },
	[HK_DEGRADE_NOISE_10] = { "noise-10", "white noise 10 dB below the recording" },
	[HK_DEGRADE_LOW_PASS] = { "low-pass-4k", "nothing above 4 kHz" },
	[HK_DEGRADE_REVERB] = { "reverb", "a room of 0.6 s, as loud as the direct sound" },
};

/* A second-order section, transposed direct form II. */
struct section {
	struct hk_biquad biquad;
	double s1, s2;
};

struct hk_treater {
	double gain, noise;
	size_t n_off, n_zeros; /* frames of zeros after which the source is off; in a row so far */
	struct hk_random random;
	bool filtered;
	struct section sections[N_SECTIONS];
	struct hk_reverb *reverb;
};

bool hk_treatment_has_level(const struct hk_treatment *treatment)
{
	return !isnan(treatment->level_dbfs);
}

bool hk_treatment_needs_rms(const struct hk_treatment *treatment)
{
	return hk_treatment_has_level(treatment) || treatment->degradation == HK_DEGRADE_NOISE_20 ||
		treatment->degradation == HK_DEGRADE_NOISE_10;
}

static double from_db(double db)
{
	return pow(10.0, db / 20.0);
}

/* A Butterworth filter: one Q a pair of poles. */
static void make_low_pass(struct section *sections, double rate_hz)
{
	for (int i = 0; i < N_SECTIONS; i++) {
		const double q = 0.5 / cos(M_PI * (2 * i + 1) / (4.0 * N_SECTIONS));
		sections[i] = (struct section){
			.biquad = hk_biquad_low_pass(LOW_PASS_HZ, q, rate_hz),
		};
	}
}

int hk_treater_new(struct hk_treater **ret, const struct hk_treatment *treatment, uint64_t item,
	uint32_t rate_hz, uint32_t model_hz, double rms)
{
	struct hk_treater *treater = calloc(1, sizeof(*treater));
	if (!treater) {
		return -ENOMEM;
	}
	treater->gain = 1.0;
	treater->n_off = (size_t)(OFF_S * rate_hz);
	treater->random = hk_random_of(treatment->seed, item, treatment->degradation);
	if (hk_treatment_has_level(treatment) && rms > 0) {
		treater->gain = from_db(treatment->level_dbfs) / rms;
	}
	/* White noise spreads over the recording's whole band; the model hears its share of it. */
	const double spread = rate_hz > model_hz ? (double)rate_hz / model_hz : 1.0;
	const double noise = treater->gain * rms * sqrt(spread);
	switch (treatment->degradation) {
	case HK_DEGRADE_GAIN:
		treater->gain *= from_db(GAIN_DB);
		break;
	case HK_DEGRADE_NOISE_20:
		treater->noise = noise * from_db(-20.0);
		break;
	case HK_DEGRADE_NOISE_10:
		treater->noise = noise * from_db(-10.0);
		break;
	case HK_DEGRADE_LOW_PASS:
		treater->filtered = rate_hz > 2.0 * LOW_PASS_HZ;
		make_low_pass(treater->sections, rate_hz);
		break;
	case HK_DEGRADE_REVERB:
		if (hk_reverb_new(&treater->reverb, rate_hz) < 0) {
			free(treater);
			return -ENOMEM;
		}
		break;
	case HK_DEGRADE_NONE:
	case HK_N_DEGRADATIONS:
		break;
	}
	*ret = treater;
	return 0;
}

void hk_treater_free(struct hk_treater *treater)
{
	if (treater) {
		hk_reverb_free(treater->reverb);
		free(treater);
	}
}

static double filter(struct section *sections, double x)
{
	for (int i = 0; i < N_SECTIONS; i++) {
		struct section *s = &sections[i];
		const struct hk_biquad *f = &s->biquad;
		const double y = f->b0 * x + s->s1;
		s->s1 = f->b1 * x - f->a1 * y + s->s2;
		s->s2 = f->b2 * x - f->a2 * y;
		x = y;
	}
	return x;
}

void hk_treater_apply(struct hk_treater *treater, float *frames, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		double x = treater->gain * (double)frames[i];
		treater->n_zeros = frames[i] == 0.0F ? treater->n_zeros + 1 : 0;
		const bool off = treater->n_zeros > treater->n_off;
		if (treater->noise > 0 && !off) {
			x += treater->noise * hk_random_normal(&treater->random);
		}
		if (treater->filtered) {
			x = filter(treater->sections, x);
		}
		if (treater->reverb) {
			x = hk_reverb_step(treater->reverb, x);
		}
		frames[i] = off ? 0.0F : (float)x;
	}
}
