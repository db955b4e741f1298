/* SPDX-License-Identifier: MIT */
/*
 * curves: how far probabilities can be trusted, and what every threshold would do. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_RELIABILITY_BINS 15 /* as those of the ECE (measures.h) */
#define HK_N_THRESHOLDS 101    /* 0.00, 0.01, ... 1.00 */

/* Windows whose top probability falls into each of the bins of equal width. */
struct hk_reliability {
	size_t n[HK_RELIABILITY_BINS];
	double confidence[HK_RELIABILITY_BINS]; /* mean top probability; 0 in an empty bin */
	double accuracy[HK_RELIABILITY_BINS];
};

/* One class at each threshold: windows at or above it count as the class. */
struct hk_threshold_curve {
	double precision[HK_N_THRESHOLDS]; /* NAN when no window is left */
	double recall[HK_N_THRESHOLDS];
	double f1[HK_N_THRESHOLDS];
	double false_share[HK_N_THRESHOLDS]; /* of the windows of other classes */
	uint32_t best;                       /* index of the largest f1, the highest of several */
};

/* Shapes: labels[n_rows], probabilities[n_rows * n_labels]. */
void hk_reliability_of(struct hk_reliability *ret, const uint32_t *labels,
	const double *probabilities, size_t n_rows, uint32_t n_labels);
void hk_threshold_curve_of(struct hk_threshold_curve *ret, uint32_t label, const uint32_t *labels,
	const double *probabilities, size_t n_rows, uint32_t n_labels);

/* The threshold at INDEX. */
static inline double hk_threshold_at(uint32_t index)
{
	return (double)index / (HK_N_THRESHOLDS - 1);
}
