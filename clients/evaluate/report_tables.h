/* SPDX-License-Identifier: MIT */
/*
 * report_tables: the tables of a report, in HTML.
 */
#pragma once

#include "clients/evaluate/evaluation.h"
#include "clients/evaluate/page.h"

/* The classification report. */
void hk_table_measures(
	struct hk_page *page, const struct hk_measures *measures, const struct hk_model *model);

/* Events of each label in the recordings of each class. */
void hk_table_events(
	struct hk_page *page, const struct hk_clips *clips, const struct hk_model *model);

/* F1, false alarms, latencies, what was missed and what was false. */
void hk_table_scenes(struct hk_page *page, const struct hk_scores *scores);

/* One line a degradation. */
void hk_table_runs(struct hk_page *page, const struct hk_evaluation *evaluation);

/* What describe() tells of every feature. Returns 0, -ENOMEM. */
int hk_table_features(
	struct hk_page *page, const struct hk_clips *clips, const struct hk_model *model);
