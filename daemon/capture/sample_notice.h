/* SPDX-License-Identifier: MIT */
/*
 * sample_notice: when to report what is wrong with the samples. State machines without a clock of
 * their own.
 *
 * Each fault is reported once when it occurs, and again only after it has been absent for
 * HK_SAMPLE_NOTICE_CALM_NS. Until then it is part of the note that status shows.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/audio/intake.h"

#define HK_SAMPLE_NOTICE_CALM_NS UINT64_C(600000000000)
#define HK_SAMPLE_NOTE_SIZE (HK_N_SAMPLE_FAULTS * (HK_INTAKE_TEXT_SIZE + 2))

enum hk_sample_fault {
	HK_SAMPLES_NOT_NUMBERS,
	HK_SAMPLES_OFF_SCALE,
	HK_SAMPLES_CANCELLED,
	HK_N_SAMPLE_FAULTS,
};

/* Zeroed at first. */
struct hk_sample_notices {
	struct {
		uint64_t n;       /* that occurred */
		uint64_t last_ns; /* when it occurred last */
		bool active;
	} faults[HK_N_SAMPLE_FAULTS];
};

/*
 * Look at COUNTS. To be called some times a second. Returns a bit (1 << fault) for each fault to
 * report.
 */
unsigned hk_sample_notices_look(
	struct hk_sample_notices *notices, const struct hk_intake_counts *counts, uint64_t now_ns);

/* FAULT in words. */
void hk_sample_fault_text(enum hk_sample_fault fault, const struct hk_intake_counts *counts,
	char ret[HK_INTAKE_TEXT_SIZE]);

/* All active faults in words, separated by "; "; "": none. */
void hk_sample_notices_note(const struct hk_sample_notices *notices,
	const struct hk_intake_counts *counts, char ret[HK_SAMPLE_NOTE_SIZE]);
