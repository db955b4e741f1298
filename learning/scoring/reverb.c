/* SPDX-License-Identifier: MIT */
#include "learning/scoring/reverb.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#define DECAY_S 0.6 /* by 60 dB */
#define N_COMBS 4
#define N_ALL_PASSES 2
#define N_DELAYS (N_COMBS + N_ALL_PASSES)
#define ALL_PASS_GAIN 0.7

static const double delays_s[N_DELAYS] = { 0.0297, 0.0371, 0.0411, 0.0437, 0.0050, 0.0017 };

struct delay {
	uint32_t n, at;
	double gain;
	double *samples;
};

struct hk_reverb {
	struct delay delays[N_DELAYS];
	double wet;
};

int hk_reverb_new(struct hk_reverb **ret, uint32_t rate_hz)
{
	struct hk_reverb *reverb = calloc(1, sizeof(*reverb));
	if (!reverb) {
		return -ENOMEM;
	}
	double power = 0;
	for (int i = 0; i < N_DELAYS; i++) {
		struct delay *delay = &reverb->delays[i];
		delay->n = (uint32_t)fmax(1.0, round(delays_s[i] * rate_hz));
		delay->samples = calloc(delay->n, sizeof(*delay->samples));
		if (!delay->samples) {
			hk_reverb_free(reverb);
			return -ENOMEM;
		}
		delay->gain = i < N_COMBS ? pow(10.0, -3.0 * delays_s[i] / DECAY_S) : ALL_PASS_GAIN;
		/* Energy of a comb's response: 1 + g^2 + g^4 + ...; an all-pass keeps it. */
		power += i < N_COMBS ? 1.0 / (1.0 - delay->gain * delay->gain) : 0.0;
	}
	reverb->wet = 1.0 / sqrt(power);
	*ret = reverb;
	return 0;
}

void hk_reverb_free(struct hk_reverb *reverb)
{
	for (int i = 0; reverb && i < N_DELAYS; i++) {
		free(reverb->delays[i].samples);
	}
	free(reverb);
}

static double comb(struct delay *delay, double x)
{
	const double y = delay->samples[delay->at];
	delay->samples[delay->at] = x + delay->gain * y;
	delay->at = (delay->at + 1) % delay->n;
	return y;
}

static double all_pass(struct delay *delay, double x)
{
	const double old = delay->samples[delay->at];
	const double inner = x + delay->gain * old;
	delay->samples[delay->at] = inner;
	delay->at = (delay->at + 1) % delay->n;
	return old - delay->gain * inner;
}

double hk_reverb_step(struct hk_reverb *reverb, double x)
{
	double room = 0;
	for (int i = 0; i < N_COMBS; i++) {
		room += comb(&reverb->delays[i], x);
	}
	for (int i = N_COMBS; i < N_DELAYS; i++) {
		room = all_pass(&reverb->delays[i], room);
	}
	return x + reverb->wet * room;
}
