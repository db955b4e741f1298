/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/print_internal.h"

#include <math.h>
#include <stdio.h>

#include "clients/cli/table.h"
#include "core/base/printable.h"

static void print_f1_row(struct hk_table *table, const struct hk_scores *scores, uint32_t label)
{
	const struct hk_class_score *score = &scores->classes[label];
	const struct hk_f1 by_segment = hk_f1_of(&score->segments);
	const struct hk_f1 by_event = hk_f1_of(&score->events);
	char cells[8][16];
	const double values[] = { by_segment.precision, by_segment.recall, by_segment.f1,
		by_event.precision, by_event.recall, by_event.f1 };
	snprintf(cells[0], sizeof(cells[0]), "%zu", score->n_true);
	snprintf(cells[1], sizeof(cells[1]), "%zu", score->n_found);
	for (int i = 0; i < 6; i++) {
		snprintf(cells[2 + i], sizeof(cells[0]), "%.3f", values[i]);
	}
	hk_table_row(table,
		(const char *const[]){ scores->model->labels[label], cells[0], cells[1], cells[2],
			cells[3], cells[4], cells[5], cells[6], cells[7] });
}

static void print_f1(struct hk_output *out, const struct hk_scores *scores)
{
	static const struct hk_column columns[] = {
		{ "class", 20, false },
		{ "true", 5, true },
		{ "found", 5, true },
		{ "1 s: prec.", 10, true },
		{ "recall", 6, true },
		{ "F1", 6, true },
		{ "event: prec.", 12, true },
		{ "recall", 6, true },
		{ "F1", 6, true },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t c = 0; c < scores->model->n_labels; c++) {
		if (scores->classes[c].scored) {
			print_f1_row(&table, scores, c);
		}
	}
	hk_output_text(out,
		"macro F1: %.3f by seconds, %.3f by events (onset within %.3g s; offset within "
		"that or %.0f %% of the length)\n\n",
		hk_scores_macro_f1(scores, true), hk_scores_macro_f1(scores, false),
		scores->collar.seconds, 100 * scores->collar.share_of_length);
}

static void print_rates_row(struct hk_table *table, const struct hk_scores *scores, uint32_t label)
{
	const struct hk_class_score *score = &scores->classes[label];
	const double rate = hk_false_rate(score), bound = hk_false_rate_bound(score);
	char n[24], hours[24], an_hour[HK_FIGURES_SIZE], a_day[HK_FIGURES_SIZE], missed[24],
		latency[48] = "-";
	snprintf(n, sizeof(n), "%zu", score->n_false);
	snprintf(hours, sizeof(hours), "%.3f", score->absent_h);
	hk_figure_below(rate, bound, an_hour);
	hk_figure_below(24 * rate, 24 * bound, a_day);
	snprintf(missed, sizeof(missed), "%zu of %zu", score->n_missed, score->n_true);
	if (score->n_latencies > 0) {
		snprintf(latency, sizeof(latency), "%.2f s, at most %.2f s", hk_latency(score, 0.5),
			hk_latency(score, 1));
	}
	hk_table_row(table,
		(const char *const[]){
			scores->model->labels[label], n, hours, an_hour, a_day, missed, latency });
}

static void print_rates(struct hk_output *out, const struct hk_scores *scores)
{
	static const struct hk_column columns[] = {
		{ "class", 20, false },
		{ "false", 5, true },
		{ "in hours", 8, true },
		{ "an hour", 16, true },
		{ "in 24 h", 16, true },
		{ "missed", 11, true },
		{ "told after (median)", 0, false },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t c = 0; c < scores->model->n_labels; c++) {
		if (scores->classes[c].scored) {
			print_rates_row(&table, scores, c);
		}
	}
	hk_output_text(out,
		"false alarms: (< exact bound, %.0f %% sure); hours: without the class\n",
		100 * HK_RATE_CONFIDENCE);
}

static void print_misses(struct hk_output *out, const struct hk_scores *scores)
{
	for (size_t i = 0; i < scores->n_misses; i++) {
		const struct hk_miss *miss = &scores->misses[i];
		char path[1024];
		hk_printable(miss->scene->path, path, sizeof(path));
		hk_output_text(out, "missed: %s at %.2f s in %s\n", miss->reference->name,
			miss->reference->onset_s, path);
	}
	for (size_t i = 0; i < scores->n_false_alarms; i++) {
		const struct hk_false_alarm *alarm = &scores->false_alarms[i];
		char path[1024], instead[128] = "nothing labelled";
		hk_printable(alarm->scene->path, path, sizeof(path));
		if (alarm->heard_instead) {
			hk_printable(alarm->heard_instead, instead, sizeof(instead));
		}
		hk_output_text(out, "false: %s from %.2f to %.2f s in %s (was: %s)\n",
			scores->model->labels[alarm->event.label], alarm->event.start_s,
			alarm->event.end_s, path, instead);
	}
}

void hk_print_scenes(struct hk_output *out, const struct hk_scores *scores)
{
	hk_output_text(out, "%.3f hours\n\n", scores->hours);
	print_f1(out, scores);
	print_rates(out, scores);
	print_misses(out, scores);
}
