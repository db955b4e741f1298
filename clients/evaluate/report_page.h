/* SPDX-License-Identifier: MIT */
/*
 * report_page: an evaluation as one HTML page with pictures.
 */
#pragma once

#include "clients/evaluate/evaluation.h"

/* Before anything is heard: could that page be written? Returns as hk_evaluation_report. */
enum hk_exit hk_evaluation_report_check(const char *folder);

/* Write FOLDER/index.html. Returns HK_EXIT_OK, or another code after saying why. */
enum hk_exit hk_evaluation_report(const struct hk_evaluation *evaluation, const char *folder);
