/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/print_internal.h"

#include <stdio.h>

#include "clients/cli/table.h"
#include "learning/scoring/averages.h"

static void print_numbers(
	struct hk_table *table, const char *name, const struct hk_averages *values, size_t n)
{
	char precision[16], recall[16], f1[16], support[24];
	snprintf(precision, sizeof(precision), "%.3f", values->precision);
	snprintf(recall, sizeof(recall), "%.3f", values->recall);
	snprintf(f1, sizeof(f1), "%.3f", values->f1);
	snprintf(support, sizeof(support), "%zu", n);
	hk_table_row(table, (const char *const[]){ name, precision, recall, f1, support });
}

/* The classification report. WHAT: "windows". */
static void print_measures(struct hk_output *out, const char *what,
	const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE])
{
	const struct hk_column columns[] = {
		{ what, 20, false },
		{ "precision", 9, true },
		{ "recall", 9, true },
		{ "f1-score", 9, true },
		{ "support", 9, true },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	hk_output_text(out, "\n");
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		const struct hk_class_measures *own = &measures->classes[c];
		print_numbers(&table, labels[c],
			&(struct hk_averages){ own->precision, own->recall, own->f1 }, own->n);
	}
	char accuracy[16], support[24];
	snprintf(accuracy, sizeof(accuracy), "%.3f", measures->accuracy);
	snprintf(support, sizeof(support), "%zu", measures->n_rows);
	hk_table_row(&table, (const char *const[]){ "accuracy", "", "", accuracy, support });
	const struct hk_averages macro = hk_averages_of(measures, false);
	const struct hk_averages weighted = hk_averages_of(measures, true);
	print_numbers(&table, "macro avg", &macro, measures->n_rows);
	print_numbers(&table, "weighted avg", &weighted, measures->n_rows);
}

/* Rows: the true label; columns: the decided one. */
static void print_confusion(
	struct hk_output *out, const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE])
{
	hk_output_text(out, "\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, "confusion of windows");
	hk_output_text(out, " (a line: the true class; a column: the decided one)\n");
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		const size_t width = hk_text_width(labels[c]);
		hk_output_text(out, "%s%*s", labels[c], width < 20 ? (int)(20 - width) : 0, "");
		for (uint32_t d = 0; d < measures->n_labels; d++) {
			hk_output_text(out, " %7zu", measures->confusion[c][d]);
		}
		hk_output_text(out, "\n");
	}
}

static void print_event_row(struct hk_table *table, const struct hk_clips *clips,
	const struct hk_model *model, uint32_t class)
{
	const struct hk_event_count *counts = clips->events + (size_t) class * clips->n_labels;
	char n[24], hours[24], text[1024] = "-";
	size_t used = 0;
	for (uint32_t c = 0; c < clips->n_labels && used < sizeof(text); c++) {
		if (counts[c].n_events > 0) {
			used += (size_t)snprintf(text + used, sizeof(text) - used,
				"%s%s %zu in %zu", used ? ", " : "", model->labels[c],
				counts[c].n_events, counts[c].n_clips);
		}
	}
	snprintf(n, sizeof(n), "%zu", clips->n_heard[class]);
	snprintf(hours, sizeof(hours), "%.3f", clips->hours[class]);
	hk_table_row(
		table, (const char *const[]){ clips->manifest->labels[class], n, hours, text });
}

static void print_events(
	struct hk_output *out, const struct hk_clips *clips, const struct hk_model *model)
{
	static const struct hk_column columns[] = {
		{ "recordings of", 20, false },
		{ "number", 7, true },
		{ "hours", 8, true },
		{ "events detected", 0, false },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	hk_output_text(out, "\n");
	for (uint32_t i = 0; i < clips->manifest->n_labels; i++) {
		print_event_row(&table, clips, model, i);
	}
}

void hk_print_clips(
	struct hk_output *out, const struct hk_clips *clips, const struct hk_model *model)
{
	double hours = 0;
	for (uint32_t i = 0; i < clips->manifest->n_labels; i++) {
		hours += clips->hours[i];
	}
	hk_output_text(out, "%zu windows of %zu recordings, %.3f hours", clips->n_rows,
		clips->n_clips - clips->n_unheard, hours);
	if (clips->n_zero_windows > 0) {
		hk_output_text(
			out, "; %zu windows of digital zeros are left out", clips->n_zero_windows);
	}
	hk_output_text(out, "\n");
	print_measures(out, "windows", &clips->by_window, model->labels);
	hk_output_text(out, "probabilities: ECE %.4f, Brier %.4f\n", clips->by_window.ece,
		clips->by_window.brier);
	print_measures(out, "recordings", &clips->by_clip, model->labels);
	print_confusion(out, &clips->by_window, model->labels);
	print_events(out, clips, model);
}
