/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/report_tables.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "clients/cli/output.h"
#include "clients/evaluate/description.h"
#include "learning/scoring/averages.h"

static void write_numbers(
	struct hk_page *page, const char *name, const struct hk_averages *values, size_t n)
{
	hk_page_html(page, "<tr>");
	hk_page_element(page, "td", name);
	hk_page_html(page, "<td>%.3f</td><td>%.3f</td><td>%.3f</td><td>%zu</td></tr>\n",
		values->precision, values->recall, values->f1, n);
}

void hk_table_measures(
	struct hk_page *page, const struct hk_measures *measures, const struct hk_model *model)
{
	hk_page_html(page,
		"<table><tr><th>class</th><th>precision</th><th>recall</th><th>f1-score</th>"
		"<th>support</th></tr>\n");
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		const struct hk_class_measures *own = &measures->classes[c];
		write_numbers(page, model->labels[c],
			&(struct hk_averages){ own->precision, own->recall, own->f1 }, own->n);
	}
	hk_page_html(page,
		"<tr><td>accuracy</td><td></td><td></td><td>%.3f</td><td>%zu</td></tr>\n",
		measures->accuracy, measures->n_rows);
	const struct hk_averages macro = hk_averages_of(measures, false);
	const struct hk_averages weighted = hk_averages_of(measures, true);
	write_numbers(page, "macro avg", &macro, measures->n_rows);
	write_numbers(page, "weighted avg", &weighted, measures->n_rows);
	hk_page_html(page, "</table>\n");
}

void hk_table_events(
	struct hk_page *page, const struct hk_clips *clips, const struct hk_model *model)
{
	hk_page_html(page,
		"<div class=\"wide\"><table><tr><th>class</th><th>recordings</th><th>hours</th>");
	for (uint32_t c = 0; c < clips->n_labels; c++) {
		if (model->rules[c].event) {
			hk_page_element(page, "th", model->labels[c]);
		}
	}
	hk_page_html(page, "</tr>\n");
	for (uint32_t i = 0; i < clips->manifest->n_labels; i++) {
		const struct hk_event_count *counts = clips->events + (size_t)i * clips->n_labels;
		hk_page_html(page, "<tr>");
		hk_page_element(page, "td", clips->manifest->labels[i]);
		hk_page_html(page, "<td>%zu</td><td>%.3f</td>", clips->n_heard[i], clips->hours[i]);
		for (uint32_t c = 0; c < clips->n_labels; c++) {
			if (model->rules[c].event && counts[c].n_events > 0) {
				hk_page_html(page, "<td>%zu in %zu</td>", counts[c].n_events,
					counts[c].n_clips);
			} else if (model->rules[c].event) {
				hk_page_html(page, "<td>0</td>");
			}
		}
		hk_page_html(page, "</tr>\n");
	}
	hk_page_html(page, "</table></div>\n");
}

static void write_f1(struct hk_page *page, const struct hk_counts *counts)
{
	const struct hk_f1 f1 = hk_f1_of(counts);
	hk_page_html(
		page, "<td>%.3f</td><td>%.3f</td><td>%.3f</td>", f1.precision, f1.recall, f1.f1);
}

static void write_rate(struct hk_page *page, double rate, double bound)
{
	char text[HK_FIGURES_SIZE];
	hk_figure_below(rate, bound, text);
	hk_page_element(page, "td", text);
}

static void write_score(struct hk_page *page, const struct hk_scores *scores, uint32_t label)
{
	const struct hk_class_score *score = &scores->classes[label];
	const double rate = hk_false_rate(score), bound = hk_false_rate_bound(score);
	hk_page_html(page, "<tr>");
	hk_page_element(page, "td", scores->model->labels[label]);
	write_f1(page, &score->segments);
	write_f1(page, &score->events);
	hk_page_html(page, "<td>%zu of %zu</td><td>%zu in %.3f h</td>", score->n_missed,
		score->n_true, score->n_false, score->absent_h);
	write_rate(page, rate, bound);
	write_rate(page, 24 * rate, 24 * bound);
	if (score->n_latencies > 0) {
		hk_page_html(page, "<td>%.2f / %.2f s</td></tr>\n", hk_latency(score, 0.5),
			hk_latency(score, 1));
	} else {
		hk_page_html(page, "<td>-</td></tr>\n");
	}
}

static void write_place(struct hk_page *page, const char *label, double start_s, double end_s,
	const struct hk_scene *scene)
{
	hk_page_html(page, "<tr>");
	hk_page_element(page, "td", label);
	hk_page_html(page, "<td>%.2f</td><td>%.2f</td>", start_s, end_s);
	hk_page_element(page, "td class=\"text\"", scene->path);
}

static void write_errors(struct hk_page *page, const struct hk_scores *scores)
{
	hk_page_element(page, "h3", "Missed");
	hk_page_html(page,
		"<table><tr><th>event</th><th>onset</th><th>offset</th><th>scene</th>"
		"</tr>\n");
	for (size_t i = 0; i < scores->n_misses; i++) {
		const struct hk_reference *reference = scores->misses[i].reference;
		write_place(page, reference->name, reference->onset_s, reference->offset_s,
			scores->misses[i].scene);
		hk_page_html(page, "</tr>\n");
	}
	hk_page_html(page, "</table>\n");
	hk_page_element(page, "h3", "False alarms");
	hk_page_html(page,
		"<table><tr><th>event</th><th>onset</th><th>offset</th><th>scene</th>"
		"<th>was</th></tr>\n");
	for (size_t i = 0; i < scores->n_false_alarms; i++) {
		const struct hk_false_alarm *alarm = &scores->false_alarms[i];
		write_place(page, scores->model->labels[alarm->event.label], alarm->event.start_s,
			alarm->event.end_s, alarm->scene);
		hk_page_element(page, "td",
			alarm->heard_instead ? alarm->heard_instead : "nothing labelled");
		hk_page_html(page, "</tr>\n");
	}
	hk_page_html(page, "</table>\n");
}

void hk_table_scenes(struct hk_page *page, const struct hk_scores *scores)
{
	hk_page_html(page,
		"<p>%.3f hours. Macro F1: %.3f by seconds, %.3f by events (onset within %g s, "
		"offset within that or %.0f %% of the length). False alarms: in the hours without "
		"the class, with the exact %.0f %% bound.</p>\n",
		scores->hours, hk_scores_macro_f1(scores, true), hk_scores_macro_f1(scores, false),
		scores->collar.seconds, 100 * scores->collar.share_of_length,
		100 * HK_RATE_CONFIDENCE);
	hk_page_html(page,
		"<div class=\"wide\"><table><tr><th>class</th><th>1 s: precision</th><th>recall</th>"
		"<th>F1</th><th>events: precision</th><th>recall</th><th>F1</th><th>missed</th>"
		"<th>false</th><th>an hour</th><th>in 24 h</th><th>told after (median / most)</th>"
		"</tr>\n");
	for (uint32_t c = 0; c < scores->model->n_labels; c++) {
		if (scores->classes[c].scored) {
			write_score(page, scores, c);
		}
	}
	hk_page_html(page, "</table></div>\n");
	write_errors(page, scores);
}

void hk_table_runs(struct hk_page *page, const struct hk_evaluation *evaluation)
{
	const bool scenes = evaluation->is_scenes;
	hk_page_html(page,
		"<table><tr><th>degradation</th><th>%s</th><th>%s</th><th>%s</th></tr>\n",
		scenes ? "macro F1 by seconds" : "recordings right",
		scenes ? "missed" : "windows right", scenes ? "false alarms" : "window ECE");
	for (size_t i = 0; i < evaluation->n_runs; i++) {
		const struct hk_evaluation_run *run = &evaluation->runs[i];
		hk_page_html(page, "<tr><td>%s</td>", hk_degradations[run->degradation].name);
		if (scenes) {
			hk_page_html(page, "<td>%.3f</td><td>%zu</td><td>%zu</td></tr>\n",
				hk_scores_macro_f1(&run->scores, true), run->scores.n_misses,
				run->scores.n_false_alarms);
		} else {
			hk_page_html(page, "<td>%.3f</td><td>%.3f</td><td>%.4f</td></tr>\n",
				run->clips.by_clip.accuracy, run->clips.by_window.accuracy,
				run->clips.by_window.ece);
		}
	}
	hk_page_html(page, "</table>\n");
}

int hk_table_features(
	struct hk_page *page, const struct hk_clips *clips, const struct hk_model *model)
{
	const struct hk_profile_config *profile = &model->profile;
	float *scratch = calloc(clips->n_rows + 1, sizeof(*scratch));
	if (!scratch) {
		return -ENOMEM;
	}
	hk_page_html(page,
		"<details><summary>%u features of %zu windows, before scaling</summary>"
		"<div class=\"wide\"><table><tr><th>feature</th><th>mean</th><th>std</th>"
		"<th>min</th><th>25 %%</th><th>50 %%</th><th>75 %%</th><th>max</th></tr>\n",
		clips->n_features, clips->n_rows);
	for (uint32_t i = 0; i < clips->n_features; i++) {
		char name[HK_FEATURE_NAME_SIZE];
		struct hk_description d;
		profile->profile->feature_name(profile->config, i, name);
		hk_describe(&d, clips->features, clips->n_rows, clips->n_features, i, scratch);
		const double figures[] = { d.mean, d.std, d.min, d.lower_quartile, d.median,
			d.upper_quartile, d.max };
		hk_page_html(page, "<tr><td>%s</td>", name);
		for (size_t j = 0; j < sizeof(figures) / sizeof(figures[0]); j++) {
			char text[HK_FIGURE_SIZE];
			hk_figure(figures[j], text);
			hk_page_html(page, "<td>%s</td>", text);
		}
		hk_page_html(page, "</tr>\n");
	}
	hk_page_html(page, "</table></div></details>\n");
	free(scratch);
	return 0;
}
