/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/print.h"

#include "clients/evaluate/print_internal.h"

/* One line a degradation, so that they can be compared at a glance. */
static void print_summary(const struct hk_evaluation *evaluation, struct hk_output *out)
{
	hk_output_text(out, "\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "all together");
	hk_output_text(out, "\n");
	for (size_t i = 0; i < evaluation->n_runs; i++) {
		const struct hk_evaluation_run *run = &evaluation->runs[i];
		const char *name = hk_degradations[run->degradation].name;
		if (evaluation->is_scenes) {
			hk_output_text(out,
				"%-12s macro F1 by seconds %.3f, missed %zu, false %zu\n", name,
				hk_scores_macro_f1(&run->scores, true), run->scores.n_misses,
				run->scores.n_false_alarms);
		} else {
			hk_output_text(out, "%-12s recordings %.3f right, windows %.3f, ECE %.3f\n",
				name, run->clips.by_clip.accuracy, run->clips.by_window.accuracy,
				run->clips.by_window.ece);
		}
	}
}

void hk_evaluation_print(const struct hk_evaluation *evaluation, struct hk_output *out)
{
	for (size_t i = 0; i < evaluation->n_runs; i++) {
		const struct hk_evaluation_run *run = &evaluation->runs[i];
		const struct hk_degradation_row *row = &hk_degradations[run->degradation];
		hk_output_text(out, i > 0 ? "\n" : "");
		hk_output_coloured(out, HK_COLOUR_BOLD, row->name);
		hk_output_text(out, " (%s): ", row->help);
		if (evaluation->is_scenes) {
			hk_print_scenes(out, &run->scores);
		} else {
			hk_print_clips(out, &run->clips, evaluation->plan->model);
		}
	}
	if (evaluation->n_runs > 1) {
		print_summary(evaluation, out);
	}
	hk_notes_print(&evaluation->notes, out);
}
