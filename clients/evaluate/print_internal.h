/* SPDX-License-Identifier: MIT */
/*
 * print_internal: the two kinds of an evaluation's text: clips and scenes.
 */
#pragma once

#include "clients/cli/output.h"
#include "clients/evaluate/clips.h"
#include "learning/scoring/scoring.h"

void hk_print_clips(
	struct hk_output *out, const struct hk_clips *clips, const struct hk_model *model);
void hk_print_scenes(struct hk_output *out, const struct hk_scores *scores);
