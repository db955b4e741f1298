/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/report_page.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/output.h"
#include "clients/evaluate/mistakes.h"
#include "clients/evaluate/page.h"
#include "clients/evaluate/pictures.h"
#include "clients/evaluate/report_tables.h"

static void write_heading(struct hk_page *page, const struct hk_evaluation *evaluation)
{
	const struct hk_evaluation_plan *plan = evaluation->plan;
	hk_page_html(page, "<p>Model <b>");
	hk_page_text(page, plan->model->name);
	hk_page_html(page, "</b> (%.12s): ", plan->model->hash);
	hk_page_text(page, plan->model->description);
	hk_page_html(page, "<br>Heard: ");
	hk_page_text(page, plan->input);
	if (plan->treatment.loop_s > 0) {
		hk_page_html(page, ", repeated to %g s", plan->treatment.loop_s);
	}
	if (hk_treatment_has_level(&plan->treatment)) {
		hk_page_html(page, ", brought to %g dBFS", plan->treatment.level_dbfs);
	}
	hk_page_html(page, "</p>\n");
}

static void write_clips(struct hk_page *page, const struct hk_clips *clips,
	const struct hk_model *model, bool with_curves)
{
	hk_page_element(page, "h3", "Windows");
	hk_table_measures(page, &clips->by_window, model);
	hk_page_html(page, "<p>Probabilities: ECE %.4f, Brier %.4f</p>\n", clips->by_window.ece,
		clips->by_window.brier);
	hk_page_element(page, "h3", "Recordings (mean log-probability of their windows)");
	hk_table_measures(page, &clips->by_clip, model);
	hk_picture_confusion(page, &clips->by_window, model->labels);
	hk_page_element(page, "h3", "Events detected in recordings of each class");
	hk_table_events(page, clips, model);
	if (!with_curves) {
		return;
	}
	struct hk_reliability reliability;
	hk_reliability_of(
		&reliability, clips->label, clips->probabilities, clips->n_rows, clips->n_labels);
	hk_page_element(page, "h3", "Calibration");
	hk_picture_reliability(page, &reliability);
	hk_page_element(page, "h3", "What each threshold would do, window by window");
	for (uint32_t c = 0; c < clips->n_labels; c++) {
		struct hk_threshold_curve curve;
		if (clips->by_window.classes[c].n == 0) {
			hk_page_html(
				page, "<p>%s: no window of it was heard.</p>\n", model->labels[c]);
			continue;
		}
		hk_threshold_curve_of(&curve, c, clips->label, clips->probabilities, clips->n_rows,
			clips->n_labels);
		hk_picture_thresholds(page, &curve, model->labels[c]);
	}
}

/* Samples of MISTAKE's window and their picture. */
static int write_mistake(struct hk_page *page, struct hk_hearing *hearing,
	const struct hk_model *model, const struct hk_mistake *mistake, float *samples)
{
	const int r = hk_hearing_samples(
		hearing, &mistake->take, mistake->item, mistake->start_s, samples);
	if (r < 0 && r != -ENOENT) {
		return r;
	}
	hk_page_html(page, "<figure>");
	if (r == 0) {
		hk_picture_sound(page, samples, model->n_window_frames, model->rate_hz);
	}
	hk_page_element(page, "figcaption", mistake->text);
	hk_page_html(page, "</figure>\n");
	return 0;
}

static int write_mistakes(struct hk_page *page, const struct hk_evaluation *evaluation)
{
	const struct hk_model *model = evaluation->plan->model;
	const struct hk_hearing_setup setup = { .model = model,
		.treatment = evaluation->plan->treatment };
	struct hk_mistake *mistakes = calloc(HK_MAX_MISTAKES, sizeof(*mistakes));
	float *samples = calloc(model->n_window_frames, sizeof(*samples));
	struct hk_hearing *hearing = NULL;
	int r = mistakes && samples ? hk_hearing_new(&hearing, &setup, NULL) : -ENOMEM;
	const size_t n = r == 0 ? hk_mistakes_find(evaluation, mistakes) : 0;
	hk_page_element(page, "h2", "The worst mistakes");
	if (n == 0) {
		hk_page_html(page, "<p>There is none.</p>\n");
	}
	for (size_t i = 0; i < n && r == 0; i++) {
		r = write_mistake(page, hearing, model, &mistakes[i], samples);
	}
	hk_hearing_free(hearing);
	free(samples);
	free(mistakes);
	return r;
}

static int write_features(struct hk_page *page, const struct hk_evaluation *evaluation)
{
	if (evaluation->is_scenes) {
		return 0;
	}
	hk_page_element(page, "h2", "Features");
	return hk_table_features(page, &evaluation->runs[0].clips, evaluation->plan->model);
}

static int write_body(struct hk_page *page, const struct hk_evaluation *evaluation)
{
	write_heading(page, evaluation);
	for (size_t i = 0; i < evaluation->notes.n; i++) {
		hk_page_element(page, "p", evaluation->notes.lines[i]);
	}
	if (evaluation->n_runs > 1) {
		hk_page_element(page, "h2", "All together");
		hk_table_runs(page, evaluation);
	}
	for (size_t i = 0; i < evaluation->n_runs; i++) {
		const struct hk_evaluation_run *run = &evaluation->runs[i];
		const struct hk_degradation_row *row = &hk_degradations[run->degradation];
		hk_page_html(page, "<h2>%s: %s</h2>\n", row->name, row->help);
		if (evaluation->is_scenes) {
			hk_table_scenes(page, &run->scores);
		} else {
			write_clips(page, &run->clips, evaluation->plan->model, i == 0);
		}
	}
	const int r = write_mistakes(page, evaluation);
	return r < 0 ? r : write_features(page, evaluation);
}

static enum hk_exit exit_of(int r, const struct hk_diag *diag)
{
	if (r < 0) {
		hk_message("%s", diag->text[0] ? diag->text : strerror(-r));
	}
	return hk_exit_of_output(r);
}

enum hk_exit hk_evaluation_report(const struct hk_evaluation *evaluation, const char *folder)
{
	struct hk_page page;
	struct hk_diag diag = { "" };
	char title[HK_LABEL_SIZE + 32];
	snprintf(title, sizeof(title), "How well %s hears", evaluation->plan->model->name);
	int r = hk_page_begin(&page, folder, title);
	if (r == 0) {
		r = write_body(&page, evaluation);
		if (r < 0) {
			hk_page_drop(&page);
		} else {
			r = hk_page_end(&page, &diag);
		}
	}
	return exit_of(r, &diag);
}

enum hk_exit hk_evaluation_report_check(const char *folder)
{
	struct hk_diag diag = { "" };
	const int r = hk_page_check(folder, &diag);
	return exit_of(r, &diag);
}
