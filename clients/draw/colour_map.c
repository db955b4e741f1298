/* SPDX-License-Identifier: MIT */
#include "clients/draw/colour_map.h"

#include <math.h>
#include <stddef.h>

#define DEGREE 6

/* Horner's rule, the highest power first. */
static uint8_t channel(const double coefficients[DEGREE + 1], double part)
{
	double value = 0;
	for (size_t i = 0; i <= DEGREE; i++) {
		value = value * part + coefficients[i];
	}
	return (uint8_t)lround(255 * fmin(1, fmax(0, value)));
}

struct hk_rgb hk_colour_map(double part)
{
	static const double red[] = { 25.1311262, -71.3194282, 77.1629357, -41.7039961, 11.6024931,
		0.1065134, 0.0002189 };
	static const double green[] = { -12.2426690, 32.6260643, -33.4023589, 17.4363989,
		-3.9728540, 0.5639564, 0.0016510 };
	static const double blue[] = { -23.0703250, 73.2095199, -81.8073093, 44.3541452,
		-15.9423941, 3.9327124, -0.0194809 };
	const double at = fmin(1, fmax(0, part));
	return (struct hk_rgb){ channel(red, at), channel(green, at), channel(blue, at) };
}
