/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "core/base/text_buffer.h"
#include "daemon/status/metrics.h"

struct printer {
	FILE *out;
	const struct hk_daemon_status *vitals;
	enum hk_metrics_format format;
};

const char *hk_metrics_format_name(enum hk_metrics_format format)
{
	static const char *const names[HK_N_METRICS_FORMATS] = {
		[HK_METRICS_OPENMETRICS] = "openmetrics",
		[HK_METRICS_PROMETHEUS] = "prometheus",
	};
	return names[format];
}

/* NAME without SUFFIX, when it ends so. */
static int stem_length(const char *name, const char *suffix)
{
	const size_t n = strlen(name), n_suffix = strlen(suffix);
	const bool ends = n > n_suffix && strcmp(name + n - n_suffix, suffix) == 0;
	return (int)(ends ? n - n_suffix : n);
}

/* NAME: of the sample. TYPE: "counter", "gauge", "histogram" or "info". */
static void print_head(const struct printer *to, const char *name, const char *type,
	const char *unit, const char *help)
{
	int length = (int)strlen(name);
	if (to->format == HK_METRICS_OPENMETRICS) {
		/* a family is named without what its type adds to the sample */
		length = strcmp(type, "counter") == 0 ? stem_length(name, "_total")
			: strcmp(type, "info") == 0   ? stem_length(name, "_info")
						      : length;
	} else if (strcmp(type, "info") == 0) {
		type = "gauge";
	}
	fprintf(to->out, "# TYPE %.*s %s\n", length, name, type);
	if (unit[0] != '\0' && to->format == HK_METRICS_OPENMETRICS) {
		fprintf(to->out, "# UNIT %.*s %s\n", length, name, unit);
	}
	fprintf(to->out, "# HELP %.*s %s.\n", length, name, help);
}

/* Backslash, quote and line feed are all that both formats escape. */
static void print_label(FILE *out, const char *name, const char *value)
{
	fprintf(out, "%s=\"", name);
	for (; *value; value++) {
		if (*value == '\\' || *value == '"') {
			fputc('\\', out);
		}
		if (*value == '\n') {
			fputs("\\n", out);
		} else {
			fputc(*value, out);
		}
	}
	fputc('"', out);
}

#define END ((const char *)NULL) /* of labels; a bare NULL may be an int */

/* A sample with the instance's label and those that follow: name, value, ..., END. */
static void print_sample(const struct printer *to, const char *name, double value, ...)
{
	va_list labels;
	fprintf(to->out, "%s{", name);
	print_label(to->out, "instance", to->vitals->instance);
	va_start(labels, value);
	for (const char *label; (label = va_arg(labels, const char *));) {
		fputc(',', to->out);
		print_label(to->out, label, va_arg(labels, const char *));
	}
	va_end(labels);
	fprintf(to->out, "} %.17g\n", value);
}

static void print_plain(const struct printer *to)
{
	for (size_t i = 0; i < hk_n_metrics; i++) {
		const struct hk_metric *metric = &hk_metrics[i];
		const double value = metric->value(to->vitals);
		if (isfinite(value)) {
			print_head(to, metric->name,
				metric->type == HK_METRIC_COUNTER ? "counter" : "gauge",
				metric->unit, metric->help);
			print_sample(to, metric->name, value, END);
		}
	}
}

static void print_infos(const struct printer *to)
{
	const struct hk_model *model = to->vitals->model;
	print_head(to, "hearken_build_info", "info", "", "Version of the daemon");
	print_sample(to, "hearken_build_info", 1, "version", HK_VERSION, END);
	print_head(to, "hearken_model_info", "info", "", "Model in use");
	print_sample(to, "hearken_model_info", 1, "model", model->name, "hash", model->hash, END);
}

static void print_events(const struct printer *to)
{
	const struct hk_daemon_status *vitals = to->vitals;
	const struct hk_model *model = vitals->model;
	print_head(to, "hearken_events_total", "counter", "",
		"Events that started, by label, since the model was loaded");
	for (uint32_t i = 0; i < model->n_labels; i++) {
		print_sample(to, "hearken_events_total", (double)vitals->totals.n_events[i],
			"label", model->labels[i], END);
	}
	print_head(to, "hearken_events_ongoing", "gauge", "", "Events that are on, by label");
	for (uint32_t i = 0; i < model->n_labels; i++) {
		unsigned n = 0;
		for (size_t k = 0; k < vitals->n_ongoing; k++) {
			n += strcmp(vitals->ongoing[k].label, model->labels[i]) == 0;
		}
		print_sample(to, "hearken_events_ongoing", n, "label", model->labels[i], END);
	}
}

static void print_source_state(const struct printer *to)
{
	/* Not a stateset, which the Prometheus format does not know. */
	print_head(to, "hearken_source_state", "gauge", "", "1: the state of the source");
	for (int i = HK_SOURCE_STARTING; i <= HK_SOURCE_ENDED; i++) {
		print_sample(to, "hearken_source_state", i == (int)to->vitals->source.state,
			"state", hk_source_state_name((enum hk_source_state)i), END);
	}
}

static void print_analysis_time(const struct printer *to)
{
	static const double bounds_s[] = HK_ANALYSIS_BOUNDS_S;
	print_head(to, "hearken_analysis_seconds", "histogram", "seconds",
		"Time from the last block of a window to its result");
	double n = 0;
	for (size_t i = 0; i < HK_N_ANALYSIS_BUCKETS; i++) {
		char bound[32] = "+Inf";
		n += (double)to->vitals->totals.n_analysis[i];
		if (i + 1 < HK_N_ANALYSIS_BUCKETS) {
			/* OpenMetrics asks for the point: 1.0 */
			snprintf(bound, sizeof(bound), "%g%s", bounds_s[i],
				bounds_s[i] == floor(bounds_s[i]) ? ".0" : "");
		}
		print_sample(to, "hearken_analysis_seconds_bucket", n, "le", bound, END);
	}
	print_sample(to, "hearken_analysis_seconds_count", n, END);
	print_sample(to, "hearken_analysis_seconds_sum", to->vitals->totals.analysis_s, END);
}

char *hk_metrics_text(const struct hk_daemon_status *vitals, enum hk_metrics_format format)
{
	struct hk_text_buffer text;
	char *data;
	if (hk_text_buffer_begin(&text) < 0) {
		return NULL;
	}
	const struct printer to = { text.file, vitals, format };
	print_infos(&to);
	print_plain(&to);
	print_events(&to);
	print_source_state(&to);
	print_analysis_time(&to);
	fputs("# EOF\n", text.file);
	return hk_text_buffer_end(&text, &data, NULL) < 0 ? NULL : data;
}
