/* SPDX-License-Identifier: MIT */
#include "learning/scoring/matching.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define NOBODY SIZE_MAX

struct match {
	const struct hk_interval *truths, *found;
	size_t n_found;
	const struct hk_collar *collar;
	size_t *partner; /* n_found: index of the truth, or NOBODY */
	bool *asked;     /* n_found: in this search */
};

static bool same(
	const struct match *match, const struct hk_interval *truth, const struct hk_interval *found)
{
	const struct hk_collar *collar = match->collar;
	const double length = truth->end_s - truth->start_s;
	const double offset_collar = fmax(collar->seconds, collar->share_of_length * length);
	return fabs(truth->start_s - found->start_s) <= collar->seconds &&
		fabs(truth->end_s - found->end_s) <= offset_collar;
}

/* Find a partner for truth T, moving others on if need be. */
static bool place(struct match *match, size_t t)
{
	for (size_t f = 0; f < match->n_found; f++) {
		if (match->asked[f] || !same(match, &match->truths[t], &match->found[f])) {
			continue;
		}
		match->asked[f] = true;
		if (match->partner[f] == NOBODY || place(match, match->partner[f])) {
			match->partner[f] = t;
			return true;
		}
	}
	return false;
}

int hk_match(const struct hk_interval *truths, size_t n_truths, const struct hk_interval *found,
	size_t n_found, const struct hk_collar *collar, size_t *ret_n_pairs)
{
	struct match match = {
		.truths = truths,
		.found = found,
		.n_found = n_found,
		.collar = collar,
		.partner = calloc(n_found + 1, sizeof(size_t)),
		.asked = calloc(n_found + 1, sizeof(bool)),
	};
	size_t n_pairs = 0;
	const bool ready = match.partner && match.asked;
	for (size_t f = 0; ready && f < n_found; f++) {
		match.partner[f] = NOBODY;
	}
	for (size_t t = 0; ready && t < n_truths; t++) {
		memset(match.asked, 0, n_found * sizeof(bool));
		n_pairs += place(&match, t);
	}
	free(match.partner);
	free(match.asked);
	if (!ready) {
		return -ENOMEM;
	}
	*ret_n_pairs = n_pairs;
	return 0;
}
