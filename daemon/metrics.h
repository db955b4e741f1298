/* SPDX-License-Identifier: MIT */
/*
 * metrics: the one table of what GetMetrics shows. Code, the manual and its test read the same rows.
 * Source: the OpenMetrics specification 1.0, text format.
 */
#pragma once

#include <stddef.h>

#include "daemon/vitals.h"

enum hk_metric_type { HK_METRIC_COUNTER, HK_METRIC_GAUGE };

/* A metric with one value. Those with labels (events, source state, analysis time) are in metrics.c. */
struct hk_metric {
	const char *name; /* a counter's sample is NAME_total */
	enum hk_metric_type type;
	const char *unit; /* the last word of the name, "" for none */
	const char *help;
	double (*value)(const struct hk_vitals *vitals); /* NAN: not known, left out */
};

extern const struct hk_metric hk_metrics[];
extern const size_t hk_n_metrics;
