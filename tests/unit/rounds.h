/* SPDX-License-Identifier: MIT */
/*
 * How often a test repeats what it leaves to chance: HK_TEST_ROUNDS is a factor, below 1 where each
 * round costs much and a few show as much (memcheck), above 1 for a search.
 */
#pragma once

#include <stdlib.h>

/* N times the factor, at least 1. */
static inline unsigned rounds(unsigned n)
{
	const char *factor = getenv("HK_TEST_ROUNDS");
	const double n_rounds = factor ? n * atof(factor) : n;
	return n_rounds < 1 ? 1 : (unsigned)n_rounds;
}
