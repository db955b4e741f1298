/* SPDX-License-Identifier: MIT */
/*
 * report: what a training says to people and to programs.
 */
#pragma once

#include <jansson.h>
#include <stdio.h>

#include "clients/cli/output.h"
#include "learning/data/dataset.h"
#include "learning/data/manifest.h"
#include "learning/validation/measures.h"
#include "learning/validation/search.h"

/* What was left out, or is worth a look, one line each with the reason, and their counts. */
void hk_report_takes(const struct hk_dataset *dataset);

/* Takes of DATASET in STATE. */
size_t hk_report_count(const struct hk_dataset *dataset, enum hk_take_state state);

/* Tables of the recipes and of the classifiers that were compared, if there are several, and why
 * one was chosen. */
void hk_report_search(struct hk_output *out, const struct hk_search *search);

/* The recipes; NULL when out of memory. */
json_t *hk_report_recipes_json(const struct hk_search *search);

/* The contenders; NULL when out of memory. */
json_t *hk_report_search_json(const struct hk_search *search);

/* Table of classes and confusion. */
void hk_report_measures(
	struct hk_output *out, const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE]);

/* The same as JSON; NULL when out of memory. */
json_t *hk_report_measures_json(const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE]);
