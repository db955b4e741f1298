/* SPDX-License-Identifier: MIT */
/*
 * metrics: what GetMetrics returns, in two text formats that Prometheus reads.
 *
 * The table of metrics with one value is below; those with labels of their own (events, source
 * state, analysis time, build, model) are in metrics_text.c. Every sample has the label `instance`.
 * Names and values are the same in both formats. They differ in the lines of metadata: OpenMetrics
 * names a counter without `_total` there, the Prometheus format with it, and neither reads the
 * other's.
 *
 * Sources: the OpenMetrics specification 1.0; Prometheus "Exposition formats", text format 0.0.4.
 */
#pragma once

#include <stddef.h>

#include "daemon/status/daemon_status.h"

enum hk_metric_type { HK_METRIC_COUNTER, HK_METRIC_GAUGE };

enum hk_metrics_format {
	HK_METRICS_OPENMETRICS,
	HK_METRICS_PROMETHEUS, /* what promtool and node_exporter's textfile collector read */
	HK_N_METRICS_FORMATS,
};

/* A metric with one value. */
struct hk_metric {
	const char *name; /* of the sample; a counter's ends in _total */
	enum hk_metric_type type;
	const char *unit; /* the last word of the name, "" for none */
	const char *help;
	double (*value)(const struct hk_daemon_status *vitals); /* NAN: unknown, left out */
};

extern const struct hk_metric hk_metrics[];
extern const size_t hk_n_metrics;

/* "openmetrics", "prometheus". */
const char *hk_metrics_format_name(enum hk_metrics_format format);

/* The text, malloc'd, ended by the line "# EOF"; NULL: out of memory. */
char *hk_metrics_text(const struct hk_daemon_status *vitals, enum hk_metrics_format format);
