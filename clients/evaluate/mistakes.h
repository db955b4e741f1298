/* SPDX-License-Identifier: MIT */
/*
 * mistakes: where the model was most wrong: of clips the windows of which it was surest, one a
 * recording; of scenes false alarms and missed events. One thread.
 */
#pragma once

#include <stddef.h>

#include "clients/evaluate/evaluation.h"

#define HK_MAX_MISTAKES 12

struct hk_mistake {
	struct hk_take take; /* its texts are the evaluation's */
	uint64_t item;       /* number of the recording */
	float start_s;       /* of a window, from the take's start */
	double severity;     /* the larger, the worse */
	char text[512];      /* what it was and what it was taken for */
};

/* The worst mistakes of the recordings as they are, the worst first. Returns how many. */
size_t hk_mistakes_find(
	const struct hk_evaluation *evaluation, struct hk_mistake ret[HK_MAX_MISTAKES]);
