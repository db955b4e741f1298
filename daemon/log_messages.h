/* SPDX-License-Identifier: MIT */
/*
 * log_messages: what the log says of models, sources, the history and what analysis reports. Main
 * thread only.
 */
#pragma once

#include <stdint.h>

#include "config/load.h"
#include "core/model/model.h"
#include "daemon/analysis/analysis_report.h"
#include "daemon/capture/capture.h"
#include "daemon/store/store.h"

/* Which model it is, and that its probabilities are none when they are not. */
void hk_say_model(const struct hk_model *model);

/* The rules of CONFIG for classes that MODEL lacks, which are ignored. */
void hk_say_foreign_classes(const struct hk_config *config, const struct hk_model *model);

/* A stream begins: which source, at which rate, and what MODEL will not hear of it. */
void hk_say_stream(
	const struct hk_model *model, const struct hk_capture_status *status, uint32_t rate_hz);

/* The source's state is not what it was (BEFORE). */
void hk_say_state(const struct hk_capture_status *status, enum hk_source_state before);

/* The capture thread may be late (no real-time priority) or paged out (no locked memory). Nothing
 * is said of what it has. */
void hk_say_priority(const struct hk_capture_status *status);

/* What this kernel does not keep hearken-capture from. Nothing is said where it keeps it from all
 * that it can. */
void hk_say_confinement(const struct hk_capture_status *status);

/* The input began to clip, or ceased to (SHARE 0). */
void hk_say_clipping(double share);

/* A fault of the samples began (daemon/capture/sample_notice.h). */
void hk_say_samples(const char *text);

/* HK_ANALYSIS_REPORT_WINDOW, _REMAINDER, _CLOCK. */
void hk_say_window(const struct hk_model *model, const struct hk_analysis_report *report);
void hk_say_remainder(const struct hk_analysis_report *report);
void hk_say_clock(const struct hk_analysis_report *report);

/* The history at PATH: for the store's on_news. */
void hk_say_history(const char *path, enum hk_store_news news, const char *text);

/* N_RECORDS are not in the history at PATH and never will be. */
void hk_say_unwritten(const char *path, uint64_t n_records);

/* So far N_REPORTS of the analysis found no room, N_EVENTS of them starts or ends of events. */
void hk_say_dropped(uint64_t n_reports, uint64_t n_events);

/*
 * Lost audio: the first loss at once, what follows within HK_LOSS_PAUSE_NS in one line after it, so
 * that a source that loses a little all the time does not fill the log. Zeroed at first.
 */
#define HK_LOSS_PAUSE_NS INT64_C(10000000000)

struct hk_losses {
	uint64_t n_gaps; /* not said yet */
	double seconds;
	uint64_t last_frame;
	int64_t said_ns; /* CLOCK_MONOTONIC of the last line; 0: none yet */
};

/* REPORT: HK_ANALYSIS_REPORT_GAP. A gap of length 0 (the source began anew) is no loss. */
void hk_losses_add(struct hk_losses *losses, const struct hk_analysis_report *report);

/* Say what is due at NOW_NS. Returns whether there was something. */
bool hk_losses_say(struct hk_losses *losses, int64_t now_ns);
