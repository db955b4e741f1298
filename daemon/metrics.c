/* SPDX-License-Identifier: MIT */
#include "daemon/metrics.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/text.h"
#include "daemon/capture_report.h"

/* Not known: left out. */
#define UNKNOWN ((double)NAN)

#define VALUE(name_, expression_)                                                                  \
	static double name_(const struct hk_vitals *v)                                             \
	{                                                                                          \
		return (double)(expression_);                                                      \
	}

VALUE(windows, v->n_windows)
VALUE(zero_windows, v->n_zero_windows)
VALUE(frames, v->source.n_frames)
VALUE(lost_frames, v->source.n_lost_frames)
VALUE(gaps, v->n_gaps)
VALUE(gap_frames, v->n_gap_frames)
VALUE(overruns, v->source.n_overruns)
VALUE(dropped_blocks, v->source.n_dropped_blocks)
VALUE(restarts, v->source.n_restarts)
VALUE(clipped, v->source.n_clipped)
VALUE(rate, v->source.rate_hz)
VALUE(level, v->last_window_us ? (double)v->level_dbfs : UNKNOWN)
VALUE(drift, v->has_clock ? v->drift_ppm : UNKNOWN)
VALUE(jitter, v->has_clock ? v->jitter_ms / 1000 : UNKNOWN)
VALUE(segments, v->n_clock_segments)
VALUE(lag, v->worst_lag_s)
VALUE(ring_fill, v->source.ring_fill)
VALUE(ring_capacity, v->source.ring_capacity)
VALUE(realtime, v->source.realtime)
VALUE(locked, v->source.locked)
VALUE(confined, v->source.confined == (HK_CONFINED_FILES | HK_CONFINED_NETWORK))
VALUE(source_since, (double)v->source_since_us * 1e-6)
VALUE(store_ok, v->store.ok)
VALUE(store_events, v->store.n_events)
VALUE(store_queued, v->store.n_queued)
VALUE(store_lost, v->store.n_lost)
VALUE(store_damaged, v->store.n_damaged)
VALUE(clients, v->clients.n_clients)
VALUE(calls, v->clients.n_calls)
VALUE(refused, v->clients.n_refused)
VALUE(cut_off, v->clients.n_cut_off)
VALUE(bad, v->clients.n_bad)
VALUE(started, (double)v->started_us * 1e-6)

const struct hk_metric hk_metrics[] = {
	{ "hearken_windows", HK_METRIC_COUNTER, "", "Windows that were classified", windows },
	{ "hearken_zero_windows", HK_METRIC_COUNTER, "",
		"Windows of digital zeros, which are not classified", zero_windows },
	{ "hearken_frames", HK_METRIC_COUNTER, "", "Frames that arrived from the source", frames },
	{ "hearken_lost_frames", HK_METRIC_COUNTER, "", "Frames that never arrived", lost_frames },
	{ "hearken_gaps", HK_METRIC_COUNTER, "", "Holes in the audio", gaps },
	{ "hearken_gap_frames", HK_METRIC_COUNTER, "", "Frames in these holes", gap_frames },
	{ "hearken_overruns", HK_METRIC_COUNTER, "", "Overruns that the source reported",
		overruns },
	{ "hearken_dropped_blocks", HK_METRIC_COUNTER, "", "Blocks that found no room in the ring",
		dropped_blocks },
	{ "hearken_capture_restarts", HK_METRIC_COUNTER, "", "Restarts of the capture process",
		restarts },
	{ "hearken_clipped_frames", HK_METRIC_COUNTER, "", "Frames at full scale", clipped },
	{ "hearken_source_rate_hertz", HK_METRIC_GAUGE, "hertz", "Rate of the source", rate },
	{ "hearken_level_dbfs", HK_METRIC_GAUGE, "dbfs", "RMS level of the last window", level },
	{ "hearken_clock_drift_ppm", HK_METRIC_GAUGE, "ppm",
		"True rate of the source against its nominal one", drift },
	{ "hearken_clock_jitter_seconds", HK_METRIC_GAUGE, "seconds",
		"RMS residual of the frame clock", jitter },
	{ "hearken_clock_segments", HK_METRIC_COUNTER, "",
		"Times that the frame clock had to begin anew", segments },
	{ "hearken_source_since_seconds", HK_METRIC_GAUGE, "seconds",
		"When the source's state began", source_since },
	{ "hearken_capture_realtime", HK_METRIC_GAUGE, "",
		"1: the capture thread has real-time priority", realtime },
	{ "hearken_capture_locked", HK_METRIC_GAUGE, "",
		"1: the memory of the audio cannot be paged out", locked },
	{ "hearken_capture_confined", HK_METRIC_GAUGE, "",
		"1: the capture process can neither write files of ours nor use the network",
		confined },
	{ "hearken_ring_fill_bytes", HK_METRIC_GAUGE, "bytes", "Audio that waits for the analysis",
		ring_fill },
	{ "hearken_ring_capacity_bytes", HK_METRIC_GAUGE, "bytes",
		"Audio that can wait for the analysis", ring_capacity },
	{ "hearken_ring_worst_lag_seconds", HK_METRIC_GAUGE, "seconds",
		"Longest time that audio waited for the analysis", lag },
	{ "hearken_store_ok", HK_METRIC_GAUGE, "", "1: the history can be written", store_ok },
	{ "hearken_store_events", HK_METRIC_GAUGE, "", "Events in the history", store_events },
	{ "hearken_store_queued", HK_METRIC_GAUGE, "", "Records that wait to be written",
		store_queued },
	{ "hearken_store_lost", HK_METRIC_COUNTER, "", "Records that were never written",
		store_lost },
	{ "hearken_store_damaged", HK_METRIC_COUNTER, "", "Damaged files that were moved aside",
		store_damaged },
	{ "hearken_clients", HK_METRIC_GAUGE, "", "Connections to the socket", clients },
	{ "hearken_client_calls", HK_METRIC_COUNTER, "", "Calls on the socket", calls },
	{ "hearken_clients_refused", HK_METRIC_COUNTER, "", "Connections that were too many",
		refused },
	{ "hearken_clients_cut_off", HK_METRIC_COUNTER, "", "Clients that read too slowly",
		cut_off },
	{ "hearken_clients_bad", HK_METRIC_COUNTER, "", "Clients that sent what is no request",
		bad },
	{ "hearken_start_time_seconds", HK_METRIC_GAUGE, "seconds", "When the daemon started",
		started },
};

const size_t hk_n_metrics = sizeof(hk_metrics) / sizeof(hk_metrics[0]);

static void print_head(
	FILE *out, const char *name, const char *type, const char *unit, const char *help)
{
	fprintf(out, "# TYPE %s %s\n", name, type);
	if (unit[0] != '\0') {
		fprintf(out, "# UNIT %s %s\n", name, unit);
	}
	fprintf(out, "# HELP %s %s.\n", name, help);
}

static void print_plain(FILE *out, const struct hk_vitals *vitals)
{
	for (size_t i = 0; i < hk_n_metrics; i++) {
		const struct hk_metric *metric = &hk_metrics[i];
		const double value = metric->value(vitals);
		if (!isfinite(value)) {
			continue;
		}
		const bool counter = metric->type == HK_METRIC_COUNTER;
		print_head(out, metric->name, counter ? "counter" : "gauge", metric->unit,
			metric->help);
		fprintf(out, "%s%s %.17g\n", metric->name, counter ? "_total" : "", value);
	}
}

static void print_events(FILE *out, const struct hk_vitals *vitals)
{
	print_head(out, "hearken_events", "counter", "", "Events that started, by label");
	for (uint32_t i = 0; i < vitals->model->n_labels; i++) {
		/* labels of a bundle have no character that would need a backslash */
		fprintf(out, "hearken_events_total{label=\"%s\"} %llu\n", vitals->model->labels[i],
			(unsigned long long)vitals->n_events[i]);
	}
}

static void print_source_state(FILE *out, const struct hk_vitals *vitals)
{
	print_head(out, "hearken_source_state", "stateset", "", "State of the source");
	for (int i = HK_SOURCE_STARTING; i <= HK_SOURCE_ENDED; i++) {
		fprintf(out, "hearken_source_state{hearken_source_state=\"%s\"} %d\n",
			hk_source_state_name((enum hk_source_state)i),
			i == (int)vitals->source.state);
	}
}

static void print_analysis_time(FILE *out, const struct hk_vitals *vitals)
{
	static const double bounds_s[] = HK_ANALYSIS_BOUNDS_S;
	print_head(out, "hearken_analysis_seconds", "histogram", "seconds",
		"Time from a window's last block to its result");
	unsigned long long n = 0;
	for (size_t i = 0; i < HK_N_ANALYSIS_BUCKETS; i++) {
		n += vitals->n_analysis[i];
		if (i + 1 < HK_N_ANALYSIS_BUCKETS) {
			fprintf(out, "hearken_analysis_seconds_bucket{le=\"%g\"} %llu\n",
				bounds_s[i], n);
		} else {
			fprintf(out, "hearken_analysis_seconds_bucket{le=\"+Inf\"} %llu\n", n);
		}
	}
	fprintf(out, "hearken_analysis_seconds_count %llu\nhearken_analysis_seconds_sum %.17g\n", n,
		vitals->analysis_s);
}

char *hk_vitals_metrics(const struct hk_vitals *vitals)
{
	struct hk_text text;
	char *data;
	if (hk_text_begin(&text) < 0) {
		return NULL;
	}
	FILE *out = text.file;
	print_plain(out, vitals);
	print_events(out, vitals);
	print_source_state(out, vitals);
	print_analysis_time(out, vitals);
	fputs("# EOF\n", out);
	return hk_text_end(&text, &data, NULL) < 0 ? NULL : data;
}
