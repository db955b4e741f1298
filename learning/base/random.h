/* SPDX-License-Identifier: MIT */
/*
 * random: a small seeded generator, so that the same seed trains the same bundle on every machine.
 *
 * splitmix64: every seed is a good one, and streams for different purposes come from hashing a seed
 * with numbers. Any thread, each with its own state.
 */
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>

struct hk_random {
	uint64_t state;
};

static inline uint64_t hk_random_next(struct hk_random *random)
{
	uint64_t z = (random->state += 0x9e3779b97f4a7c15u);
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9u;
	z = (z ^ (z >> 27)) * 0x94d049bb133111ebu;
	return z ^ (z >> 31);
}

/* The stream of SEED for item A, B of something. */
static inline struct hk_random hk_random_of(uint64_t seed, uint64_t a, uint64_t b)
{
	struct hk_random random = { seed };
	random.state = hk_random_next(&random) ^ a;
	random.state = hk_random_next(&random) ^ b;
	hk_random_next(&random);
	return random;
}

/* LOW <= x < HIGH. */
static inline double hk_random_uniform(struct hk_random *random, double low, double high)
{
	return low + (high - low) * ((double)(hk_random_next(random) >> 11) * 0x1p-53);
}

/* 0..N-1; N > 0. */
static inline size_t hk_random_index(struct hk_random *random, size_t n)
{
	return (size_t)(hk_random_next(random) % n);
}

/* Mean 0, variance 1 (Box-Muller, one of the pair). */
static inline double hk_random_normal(struct hk_random *random)
{
	const double u = 1.0 - hk_random_uniform(random, 0, 1);
	return sqrt(-2.0 * log(u)) * cos(2.0 * M_PI * hk_random_uniform(random, 0, 1));
}
