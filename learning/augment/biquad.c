/* SPDX-License-Identifier: MIT */
#include "learning/augment/biquad.h"

#include <math.h>

static struct hk_biquad normalised(const double b[3], const double a[3])
{
	return (struct hk_biquad){
		.b0 = b[0] / a[0],
		.b1 = b[1] / a[0],
		.b2 = b[2] / a[0],
		.a1 = a[1] / a[0],
		.a2 = a[2] / a[0],
	};
}

struct hk_biquad hk_biquad_low_pass(double hz, double q, double rate_hz)
{
	const double w = 2 * M_PI * hz / rate_hz, alpha = sin(w) / (2 * q);
	const double b = (1 - cos(w)) / 2;
	return normalised((const double[3]){ b, 2 * b, b },
		(const double[3]){ 1 + alpha, -2 * cos(w), 1 - alpha });
}

struct hk_biquad hk_biquad_high_pass(double hz, double q, double rate_hz)
{
	const double w = 2 * M_PI * hz / rate_hz, alpha = sin(w) / (2 * q);
	const double b = (1 + cos(w)) / 2;
	return normalised((const double[3]){ b, -2 * b, b },
		(const double[3]){ 1 + alpha, -2 * cos(w), 1 - alpha });
}

struct hk_biquad hk_biquad_peak(double hz, double q, double gain_db, double rate_hz)
{
	const double w = 2 * M_PI * hz / rate_hz, alpha = sin(w) / (2 * q);
	const double a = pow(10, gain_db / 40);
	return normalised((const double[3]){ 1 + alpha * a, -2 * cos(w), 1 - alpha * a },
		(const double[3]){ 1 + alpha / a, -2 * cos(w), 1 - alpha / a });
}

void hk_biquad_apply(const struct hk_biquad *biquad, float *samples, size_t n)
{
	double s1 = 0, s2 = 0;
	for (size_t i = 0; i < n; i++) {
		const double x = (double)samples[i];
		const double y = biquad->b0 * x + s1;
		s1 = biquad->b1 * x - biquad->a1 * y + s2;
		s2 = biquad->b2 * x - biquad->a2 * y;
		samples[i] = (float)y;
	}
}
