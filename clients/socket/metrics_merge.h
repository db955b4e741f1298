/* SPDX-License-Identifier: MIT */
/*
 * metrics_merge: the metrics of several daemons as one text that Prometheus and OpenMetrics take:
 * each family once, with the samples of every instance. One thread.
 *
 * The formats forbid a family that comes twice, and a sample that comes twice. So each text is
 * checked before it is taken: every sample has the label `instance` first, with one value that no
 * other text has, and families of the same name have the same type.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "core/base/diag.h"

#define HK_METRICS_MERGE_FAMILIES 1000 /* of one text */

struct hk_metrics_text;

/* Zeroed: empty. */
struct hk_metrics_merge {
	size_t n_texts;
	struct hk_metrics_text *texts;
};

/*
 * Take a copy of TEXT, a daemon's reply to GetMetrics, in the same format as those before it.
 * Returns 0; -EPROTO with DIAG: what is wrong with it, and nothing of it is taken; -ENOMEM.
 */
int hk_metrics_merge_add(struct hk_metrics_merge *merge, const char *text, struct hk_diag *diag);

/* Families in the order in which they came first. */
void hk_metrics_merge_print(const struct hk_metrics_merge *merge, FILE *out);

void hk_metrics_merge_finish(struct hk_metrics_merge *merge);
