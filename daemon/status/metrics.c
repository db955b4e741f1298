/* SPDX-License-Identifier: MIT */
#include "daemon/status/metrics.h"

#include <math.h>

#include "daemon/capture-shared/capture_message.h"

/* Not known: left out. */
#define UNKNOWN ((double)NAN)

#define VALUE(name_, expression_)                                                                  \
	static double name_(const struct hk_daemon_status *v)                                      \
	{                                                                                          \
		return (double)(expression_);                                                      \
	}

VALUE(windows, v->totals.n_windows)
VALUE(zero_windows, v->totals.n_zero_windows)
VALUE(frames, v->source.n_frames)
VALUE(lost_frames, v->source.n_lost_frames)
VALUE(gaps, v->totals.n_gaps)
VALUE(gap_frames, v->totals.n_gap_frames)
VALUE(overruns, v->source.n_overruns)
VALUE(dropped_blocks, v->source.n_dropped_blocks)
VALUE(restarts, v->source.n_restarts)
VALUE(clipped, v->source.n_clipped)
VALUE(clipping, v->source.clipping)
VALUE(channels, v->source.n_channels)
VALUE(not_numbers, v->source.n_not_numbers)
VALUE(off_scale, v->source.n_off_scale)
VALUE(cancelled, v->source.n_cancelled)
VALUE(rate, v->source.rate_hz)
VALUE(level, v->totals.last_window_us ? (double)v->totals.level_dbfs : UNKNOWN)
VALUE(true_rate, v->totals.has_clock ? v->totals.true_rate_hz : UNKNOWN)
VALUE(fit, v->totals.has_clock ? v->totals.r2 : UNKNOWN)
VALUE(drift, v->totals.has_clock ? v->totals.drift_ppm : UNKNOWN)
VALUE(drift_error, v->totals.has_clock ? v->totals.drift_error_ppm : UNKNOWN)
VALUE(jitter, v->totals.has_clock ? v->totals.jitter_ms / 1000 : UNKNOWN)
VALUE(segments, v->totals.n_clock_segments)
VALUE(lag, v->totals.worst_lag_s)
VALUE(ring_fill, v->source.ring_fill)
VALUE(ring_capacity, v->source.ring_capacity)
VALUE(realtime, v->source.realtime)
VALUE(locked, v->source.locked)
VALUE(confined, v->source.confined == (HK_CONFINED_FILES | HK_CONFINED_NETWORK))
VALUE(source_since, (double)v->source_since_us * 1e-6)
VALUE(store_ok, v->store_path ? (double)v->store.ok : UNKNOWN)
VALUE(store_events, v->store.n_events)
VALUE(store_queued, v->store.n_queued)
VALUE(store_lost, v->store.n_lost)
VALUE(store_damaged, v->store.n_damaged)
VALUE(clients, v->clients.n_clients)
VALUE(accepted, v->clients.n_accepted)
VALUE(calls, v->clients.n_calls)
VALUE(refused, v->clients.n_refused)
VALUE(cut_off, v->clients.n_cut_off)
VALUE(bad, v->clients.n_bad)
VALUE(last_window, v->totals.last_window_us ? (double)v->totals.last_window_us * 1e-6 : UNKNOWN)
VALUE(last_event, v->totals.n_starts ? (double)v->totals.last_start_us * 1e-6 : UNKNOWN)
VALUE(events_of_all_models, v->totals.n_starts)
VALUE(started, (double)v->started_us * 1e-6)

const struct hk_metric hk_metrics[] = {
	{ "hearken_windows_total", HK_METRIC_COUNTER, "", "Windows that were classified", windows },
	{ "hearken_zero_windows_total", HK_METRIC_COUNTER, "",
		"Windows in which no sample changes (digital zeros), which are not classified",
		zero_windows },
	{ "hearken_frames_total", HK_METRIC_COUNTER, "", "Frames that arrived from the source",
		frames },
	{ "hearken_lost_frames_total", HK_METRIC_COUNTER, "", "Frames that never arrived",
		lost_frames },
	{ "hearken_gaps_total", HK_METRIC_COUNTER, "", "Gaps in the audio", gaps },
	{ "hearken_gap_frames_total", HK_METRIC_COUNTER, "", "Frames missing in these gaps",
		gap_frames },
	{ "hearken_overruns_total", HK_METRIC_COUNTER, "", "Overruns that the source reported",
		overruns },
	{ "hearken_dropped_blocks_total", HK_METRIC_COUNTER, "",
		"Blocks that found no room in the ring", dropped_blocks },
	{ "hearken_capture_restarts_total", HK_METRIC_COUNTER, "",
		"Restarts of the capture process", restarts },
	{ "hearken_clipped_frames_total", HK_METRIC_COUNTER, "", "Frames at full scale", clipped },
	{ "hearken_source_clipping", HK_METRIC_GAUGE, "",
		"1: too many frames are at full scale now", clipping },
	{ "hearken_source_channels", HK_METRIC_GAUGE, "", "Channels of the source as opened",
		channels },
	{ "hearken_not_number_samples_total", HK_METRIC_COUNTER, "",
		"Samples that were NaN or infinite, taken as 0", not_numbers },
	{ "hearken_off_scale_samples_total", HK_METRIC_COUNTER, "",
		"Samples far beyond full scale, taken as 0", off_scale },
	{ "hearken_cancelled_frames_total", HK_METRIC_COUNTER, "",
		"Frames of which one channel was used because their mean cancels", cancelled },
	{ "hearken_source_rate_hertz", HK_METRIC_GAUGE, "hertz", "Rate of the source", rate },
	{ "hearken_level_dbfs", HK_METRIC_GAUGE, "dbfs", "RMS level of the last window", level },
	{ "hearken_last_window_seconds", HK_METRIC_GAUGE, "seconds",
		"Start of the last window, seconds since 1970", last_window },
	{ "hearken_event_starts_total", HK_METRIC_COUNTER, "",
		"Events that started, of every model since the daemon started",
		events_of_all_models },
	{ "hearken_last_event_seconds", HK_METRIC_GAUGE, "seconds",
		"Start of the last event, seconds since 1970", last_event },
	{ "hearken_clock_rate_hertz", HK_METRIC_GAUGE, "hertz",
		"True rate of the source by the computer's clock", true_rate },
	{ "hearken_clock_r2", HK_METRIC_GAUGE, "",
		"Coefficient of determination of the frame clock's regression", fit },
	{ "hearken_clock_drift_ppm", HK_METRIC_GAUGE, "ppm",
		"True rate of the source against its nominal one", drift },
	{ "hearken_clock_drift_error_ppm", HK_METRIC_GAUGE, "ppm", "Standard error of that",
		drift_error },
	{ "hearken_clock_jitter_seconds", HK_METRIC_GAUGE, "seconds",
		"RMS residual of the frame clock", jitter },
	{ "hearken_clock_segments_total", HK_METRIC_COUNTER, "",
		"Segments of the frame clock: one more after each step", segments },
	{ "hearken_source_since_seconds", HK_METRIC_GAUGE, "seconds",
		"When the state of the source began, seconds since 1970", source_since },
	{ "hearken_capture_realtime", HK_METRIC_GAUGE, "",
		"1: the capture thread has real-time priority", realtime },
	{ "hearken_capture_locked", HK_METRIC_GAUGE, "",
		"1: the memory of the audio cannot be paged out", locked },
	{ "hearken_capture_confined", HK_METRIC_GAUGE, "",
		"1: the capture process can neither write files nor use the network", confined },
	{ "hearken_ring_fill_bytes", HK_METRIC_GAUGE, "bytes", "Audio waiting for the analysis",
		ring_fill },
	{ "hearken_ring_capacity_bytes", HK_METRIC_GAUGE, "bytes",
		"Capacity of the ring between capture and analysis", ring_capacity },
	{ "hearken_ring_worst_lag_seconds", HK_METRIC_GAUGE, "seconds",
		"Longest time from a block of audio to its analysis", lag },
	{ "hearken_store_ok", HK_METRIC_GAUGE, "", "1: the history can be written", store_ok },
	{ "hearken_store_events", HK_METRIC_GAUGE, "", "Events in the history", store_events },
	{ "hearken_store_queued", HK_METRIC_GAUGE, "", "Records that wait to be written",
		store_queued },
	{ "hearken_store_lost_total", HK_METRIC_COUNTER, "", "Records that were never written",
		store_lost },
	{ "hearken_store_damaged_total", HK_METRIC_COUNTER, "",
		"Damaged files that were moved aside", store_damaged },
	{ "hearken_clients", HK_METRIC_GAUGE, "", "Connections to the socket", clients },
	{ "hearken_clients_accepted_total", HK_METRIC_COUNTER, "", "Connections accepted",
		accepted },
	{ "hearken_client_calls_total", HK_METRIC_COUNTER, "", "Calls on the socket", calls },
	{ "hearken_clients_refused_total", HK_METRIC_COUNTER, "",
		"Connections refused because too many were open", refused },
	{ "hearken_clients_cut_off_total", HK_METRIC_COUNTER, "",
		"Clients disconnected because they read too slowly", cut_off },
	{ "hearken_clients_bad_total", HK_METRIC_COUNTER, "",
		"Clients disconnected because they sent no valid request", bad },
	{ "hearken_start_time_seconds", HK_METRIC_GAUGE, "seconds",
		"When the daemon started, seconds since 1970", started },
};

const size_t hk_n_metrics = sizeof(hk_metrics) / sizeof(hk_metrics[0]);
