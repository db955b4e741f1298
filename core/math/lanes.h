/* SPDX-License-Identifier: MIT */
/*
 * lanes: sums, maxima and logarithms of many values, written so that compilers turn them into
 * vectors. For the bodies of HK_MULTIVERSION functions.
 *
 * A sum is taken in eight lanes side by side that are added up in a fixed order, so every
 * instruction set gives the same bits.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "core/math/multiversion.h"

#define HK_LANES_WIDTH 8

typedef float hk_lanes __attribute__((vector_size(4 * HK_LANES_WIDTH), aligned(4), may_alias));

HK_INLINE float hk_lanes_total(const hk_lanes *lanes)
{
	float sum = 0.0f;
	for (int i = 0; i < HK_LANES_WIDTH; i++) {
		sum += (*lanes)[i];
	}
	return sum;
}

HK_INLINE float hk_lanes_dot(const float *a, const float *b, size_t n)
{
	hk_lanes lanes = { 0 };
	size_t i = 0;
	for (; i + HK_LANES_WIDTH <= n; i += HK_LANES_WIDTH) {
		lanes += *(const hk_lanes *)(a + i) * *(const hk_lanes *)(b + i);
	}
	float rest = 0.0f;
	for (; i < n; i++) {
		rest += a[i] * b[i];
	}
	return rest + hk_lanes_total(&lanes);
}

HK_INLINE float hk_lanes_sum(const float *values, size_t n)
{
	hk_lanes lanes = { 0 };
	size_t i = 0;
	for (; i + HK_LANES_WIDTH <= n; i += HK_LANES_WIDTH) {
		lanes += *(const hk_lanes *)(values + i);
	}
	float rest = 0.0f;
	for (; i < n; i++) {
		rest += values[i];
	}
	return rest + hk_lanes_total(&lanes);
}

/* Sum of the values (POWER 1) or their squares (POWER 2), in double. */
HK_INLINE double hk_lanes_power_sum(const float *values, size_t n, int power)
{
	double lanes[HK_LANES_WIDTH] = { 0 };
	size_t i = 0;
	for (; i + HK_LANES_WIDTH <= n; i += HK_LANES_WIDTH) {
		for (size_t lane = 0; lane < HK_LANES_WIDTH; lane++) {
			const double x = (double)values[i + lane];
			lanes[lane] += power == 2 ? x * x : x;
		}
	}
	double sum = 0.0;
	for (size_t lane = 0; lane < HK_LANES_WIDTH; lane++) {
		sum += lanes[lane];
	}
	for (; i < n; i++) {
		const double x = (double)values[i];
		sum += power == 2 ? x * x : x;
	}
	return sum;
}

/* The largest magnitude. Without their sign floats are in the order of their bits; compilers may
 * look for the largest integer in any order, for the largest float they may not. */
HK_INLINE float hk_lanes_peak(const float *values, size_t n)
{
	int32_t peak = 0;
	for (size_t i = 0; i < n; i++) {
		int32_t bits;
		memcpy(&bits, values + i, sizeof(bits));
		bits &= INT32_MAX;
		peak = bits > peak ? bits : peak;
	}
	float value;
	memcpy(&value, &peak, sizeof(value));
	return value;
}

/*
 * The natural logarithm of a normal X > 0, within 2e-7 of it or of 1, whichever is larger. X is
 * mantissa * 2^exponent with the mantissa in sqrt(1/2) .. sqrt(2), whose logarithm is 2 artanh(s),
 * s = (mantissa - 1) / (mantissa + 1), by its series.
 */
HK_INLINE float hk_lanes_log(float x)
{
	const int32_t sqrt_half_bits = 0x3f3504f3;
	int32_t bits;
	memcpy(&bits, &x, sizeof(bits));
	const int32_t exponent = (bits - sqrt_half_bits) >> 23;
	const int32_t mantissa_bits = bits - exponent * (1 << 23);
	float mantissa;
	memcpy(&mantissa, &mantissa_bits, sizeof(mantissa));
	const float s = (mantissa - 1.0f) / (mantissa + 1.0f);
	const float s2 = s * s;
	const float series =
		1.0f + s2 * (1.0f / 3 + s2 * (1.0f / 5 + s2 * (1.0f / 7 + s2 * (1.0f / 9))));
	return 0.693147182f * (float)exponent + 2.0f * s * series;
}
