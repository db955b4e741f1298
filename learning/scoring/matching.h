/* SPDX-License-Identifier: MIT */
/*
 * matching: which detected events are which true ones: the largest set of pairs in which each event
 * stands once. Any thread.
 */
#pragma once

#include <stddef.h>

struct hk_interval {
	double start_s, end_s;
};

/* When two events count as the same. */
struct hk_collar {
	double seconds;         /* largest distance of the onsets */
	double share_of_length; /* of the offsets: that share of the true length, if it is more */
};

/*
 * Pairs of TRUTHS and FOUND within COLLAR, as sed_eval counts them (event_matching_type optimal).
 * Shapes: truths[n_truths], found[n_found]. Returns 0 with the number of pairs, or -ENOMEM. Source:
 * augmenting paths (Kuhn).
 */
int hk_match(const struct hk_interval *truths, size_t n_truths, const struct hk_interval *found,
	size_t n_found, const struct hk_collar *collar, size_t *ret_n_pairs);
