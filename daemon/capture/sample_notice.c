/* SPDX-License-Identifier: MIT */
#include "daemon/capture/sample_notice.h"

#include <stdio.h>

static uint64_t count_of(enum hk_sample_fault fault, const struct hk_intake_counts *counts)
{
	switch (fault) {
	case HK_SAMPLES_NOT_NUMBERS:
		return counts->n_not_numbers;
	case HK_SAMPLES_OFF_SCALE:
		return counts->n_off_scale;
	case HK_SAMPLES_CANCELLED:
		return counts->n_cancelled;
	case HK_N_SAMPLE_FAULTS:
		break;
	}
	return 0;
}

unsigned hk_sample_notices_look(
	struct hk_sample_notices *notices, const struct hk_intake_counts *counts, uint64_t now_ns)
{
	unsigned news = 0;
	for (int i = 0; i < HK_N_SAMPLE_FAULTS; i++) {
		const uint64_t n = count_of((enum hk_sample_fault)i, counts);
		if (n != notices->faults[i].n) {
			news |= notices->faults[i].active ? 0 : 1U << i;
			notices->faults[i].n = n;
			notices->faults[i].last_ns = now_ns;
			notices->faults[i].active = true;
		} else if (now_ns - notices->faults[i].last_ns >= HK_SAMPLE_NOTICE_CALM_NS) {
			notices->faults[i].active = false;
		}
	}
	return news;
}

void hk_sample_fault_text(enum hk_sample_fault fault, const struct hk_intake_counts *counts,
	char ret[HK_INTAKE_TEXT_SIZE])
{
	ret[0] = '\0';
	switch (fault) {
	case HK_SAMPLES_NOT_NUMBERS:
		hk_intake_not_numbers_text(counts, ret, HK_INTAKE_TEXT_SIZE);
		break;
	case HK_SAMPLES_OFF_SCALE:
		hk_intake_off_scale_text(counts, ret, HK_INTAKE_TEXT_SIZE);
		break;
	case HK_SAMPLES_CANCELLED:
		hk_intake_cancelled_text(counts, ret, HK_INTAKE_TEXT_SIZE);
		break;
	case HK_N_SAMPLE_FAULTS:
		break;
	}
}

void hk_sample_notices_note(const struct hk_sample_notices *notices,
	const struct hk_intake_counts *counts, char ret[HK_SAMPLE_NOTE_SIZE])
{
	size_t length = 0;
	ret[0] = '\0';
	for (int i = 0; i < HK_N_SAMPLE_FAULTS; i++) {
		char text[HK_INTAKE_TEXT_SIZE];
		if (!notices->faults[i].active) {
			continue;
		}
		hk_sample_fault_text((enum hk_sample_fault)i, counts, text);
		const int n = snprintf(ret + length, HK_SAMPLE_NOTE_SIZE - length, "%s%s",
			length > 0 ? "; " : "", text);
		length += n > 0 ? (size_t)n : 0;
	}
}
