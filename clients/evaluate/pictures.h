/* SPDX-License-Identifier: MIT */
/*
 * pictures: the charts of a report. Each is written into the page where it stands.
 */
#pragma once

#include <stdint.h>

#include "clients/evaluate/page.h"
#include "core/model/model.h"
#include "learning/scoring/curves.h"
#include "learning/validation/measures.h"

/* True classes downwards, decided ones to the right, shaded by the share of the true class. */
void hk_picture_confusion(
	struct hk_page *page, const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE]);

/* How often the windows that were P sure are right; how many windows there are. */
void hk_picture_reliability(struct hk_page *page, const struct hk_reliability *reliability);

/* Precision, recall, F1 and false windows of a class over its threshold. */
void hk_picture_thresholds(
	struct hk_page *page, const struct hk_threshold_curve *curve, const char *label);

/* Waveform and spectrogram. Shapes: samples[n]. */
void hk_picture_sound(struct hk_page *page, const float *samples, uint32_t n, uint32_t rate_hz);
