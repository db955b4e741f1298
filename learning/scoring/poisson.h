/* SPDX-License-Identifier: MIT */
/*
 * poisson: what a count of rare events says about their rate. Any thread; real-time: yes.
 */
#pragma once

#include <stddef.h>

/*
 * The exact one-sided upper bound of the mean of a Poisson count when N events were seen: the mean
 * at which N or fewer have probability 1 - CONFIDENCE (0..1, exclusive). For N = 0 and 95 %: 2.996,
 * the rule of three. Source: F. Garwood, Fiducial Limits for the Poisson Distribution, Biometrika
 * 28 (1936).
 */
double hk_poisson_upper(size_t n, double confidence);
