/* SPDX-License-Identifier: MIT */
/*
 * colour_map: numbers as colours that look as far apart as the numbers are: from black over purple,
 * red and orange to a pale yellow, ever lighter, so that it also reads in grey and by people who
 * see few colours. Any thread.
 *
 * Source: "inferno" of N. Smith and S. van der Walt (2015, CC0), by a polynomial of degree 6 that
 * is at most 0.04 from it.
 */
#pragma once

#include <stdint.h>

struct hk_rgb {
	uint8_t red, green, blue;
};

/* PART: 0 (dark) to 1 (light); what is outside is taken as the nearer end. */
struct hk_rgb hk_colour_map(double part);
