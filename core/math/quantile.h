/* SPDX-License-Identifier: MIT */
/*
 * quantile: order statistics without sorting and, unlike qsort, without allocation. Any thread;
 * real-time: yes.
 */
#pragma once

#include <stdint.h>

/*
 * The value that sorting would put at index K < N. Reorders VALUES: none before K is larger, none
 * after it smaller. Source: Hoare's selection with Lomuto's partition.
 */
float hk_select(float *values, uint32_t n, uint32_t k);

/* Quantile Q (0..1) of N >= 1 values, linear between neighbours as numpy.quantile. Reorders VALUES.
 */
double hk_quantile(float *values, uint32_t n, double q);
