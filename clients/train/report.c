/* SPDX-License-Identifier: MIT */
#include "clients/train/report.h"

#include <inttypes.h>
#include <math.h>

#include "clients/cli/table.h"

static const char *const state_words[] = {
	[HK_TAKE_USED] = "used",
	[HK_TAKE_CLIPPED] = "clipped, but used",
	[HK_TAKE_FAULTY] = "faulty samples, but used",
	[HK_TAKE_UNREADABLE] = "unreadable",
	[HK_TAKE_TOO_SHORT] = "too short",
	[HK_TAKE_SILENT] = "silent",
	[HK_TAKE_NO_NUMBERS] = "without valid samples",
};

size_t hk_report_count(const struct hk_dataset *dataset, enum hk_take_state state)
{
	size_t n = 0;
	for (size_t i = 0; i < dataset->n_takes; i++) {
		n += dataset->states[i] == state;
	}
	return n;
}

void hk_report_takes(const struct hk_dataset *dataset)
{
	for (enum hk_take_state state = HK_TAKE_CLIPPED; state <= HK_TAKE_NO_NUMBERS; state++) {
		for (size_t i = 0; i < dataset->n_takes; i++) {
			if (dataset->states[i] == state) {
				hk_message("%s: %s", state_words[state], dataset->why[i]);
			}
		}
	}
	for (enum hk_take_state state = HK_TAKE_CLIPPED; state <= HK_TAKE_NO_NUMBERS; state++) {
		const size_t n = hk_report_count(dataset, state);
		if (n > 0) {
			hk_message("%zu of %zu recordings %s", n, dataset->n_takes,
				state_words[state]);
		}
	}
}

static void begin_trials(struct hk_table *table, struct hk_output *out)
{
	static const struct hk_column columns[] = {
		{ "classifier", 12, false },
		{ "cost", 6, true },
		{ "gamma", 9, true },
		{ "score", 16, true },
		{ "vectors", 8, true },
		{ "KiB", 8, true },
		{ "us/window", 9, true },
	};
	hk_table_init(table, out, columns, sizeof(columns) / sizeof(columns[0]));
}

static void add_trial(struct hk_table *table, const struct hk_trial *one)
{
	char cost[16], gamma[16] = "", score[32], vectors[16], kib[16], us[16];
	snprintf(cost, sizeof(cost), "%g", one->recipe.cost);
	if (one->recipe.learner->has_kernel) {
		snprintf(gamma, sizeof(gamma), "%.3g", one->recipe.gamma);
	}
	snprintf(score, sizeof(score), "%.4f +- %.4f", one->score, one->error);
	snprintf(vectors, sizeof(vectors), "%.0f", one->n_vectors);
	snprintf(kib, sizeof(kib), "%.0f", one->n_bytes / 1024);
	snprintf(us, sizeof(us), "%.1f", one->window_us);
	hk_table_row(table,
		(const char *const[]){
			one->recipe.learner->name, cost, gamma, score, vectors, kib, us });
}

void hk_report_search(struct hk_output *out, const struct hk_search *search)
{
	char why[HK_WHY_SIZE];
	struct hk_table table;
	if (search->n_trials > 1) {
		hk_output_text(out,
			"Recipes, on the same %" PRIu32 " splits (balanced accuracy):\n",
			search->contenders[0].oof.n_splits);
		begin_trials(&table, out);
		for (size_t i = 0; i < search->n_trials; i++) {
			add_trial(&table, &search->trials[i]);
		}
	}
	if (search->n_contenders > 1) {
		hk_output_text(out, "Classifiers, each with the best of its recipes:\n");
		begin_trials(&table, out);
		for (size_t i = 0; i < search->n_contenders; i++) {
			add_trial(&table, &search->contenders[i].best);
		}
	}
	hk_search_why(search, why);
	hk_output_text(out, "Chosen: %s.\n\n", why);
}

static json_t *trial_json(const struct hk_trial *one)
{
	return json_pack("{s:s, s:f, s:o, s:f, s:f, s:f, s:f, s:f}", "classifier",
		one->recipe.learner->name, "cost", one->recipe.cost, "gamma",
		one->recipe.learner->has_kernel ? json_real(one->recipe.gamma) : json_null(),
		"score", one->score, "standard_error", one->error, "vectors", one->n_vectors,
		"bytes", one->n_bytes, "window_us", one->window_us);
}

json_t *hk_report_recipes_json(const struct hk_search *search)
{
	json_t *list = json_array();
	for (size_t i = 0; i < search->n_trials; i++) {
		json_array_append_new(list, trial_json(&search->trials[i]));
	}
	return list;
}

json_t *hk_report_search_json(const struct hk_search *search)
{
	json_t *list = json_array();
	for (size_t i = 0; i < search->n_contenders; i++) {
		json_t *one = trial_json(&search->contenders[i].best);
		json_object_set_new(one, "tried", json_integer(search->contenders[i].n_tried));
		json_array_append_new(list, one);
	}
	return list;
}

void hk_report_measures(
	struct hk_output *out, const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE])
{
	static const struct hk_column columns[] = {
		{ "class", 20, false },
		{ "windows", 8, true },
		{ "precision", 9, true },
		{ "recall", 7, true },
		{ "f1", 7, true },
		{ "taken for", 0, false },
	};
	struct hk_table table;
	hk_table_init(&table, out, columns, sizeof(columns) / sizeof(columns[0]));
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		const struct hk_class_measures *own = &measures->classes[c];
		char n[24], precision[16], recall[16], f1[16], mistakes[512] = "";
		size_t used = 0;
		for (uint32_t d = 0; d < measures->n_labels; d++) {
			if (d != c && measures->confusion[c][d] > 0 && used < sizeof(mistakes)) {
				used += (size_t)snprintf(mistakes + used, sizeof(mistakes) - used,
					"%s%s %zu", used ? ", " : "", labels[d],
					measures->confusion[c][d]);
			}
		}
		snprintf(n, sizeof(n), "%zu", own->n);
		snprintf(precision, sizeof(precision), "%.3f", own->precision);
		snprintf(recall, sizeof(recall), "%.3f", own->recall);
		snprintf(f1, sizeof(f1), "%.3f", own->f1);
		hk_table_row(&table,
			(const char *const[]){ labels[c], n, precision, recall, f1, mistakes });
	}
	hk_output_text(out, "accuracy %.3f, balanced %.3f, macro F1 %.3f; ", measures->accuracy,
		measures->balanced_accuracy, measures->macro_f1);
	if (isfinite(measures->ece)) {
		hk_output_text(out, "probabilities: ECE %.3f, Brier %.3f\n", measures->ece,
			measures->brier);
	} else {
		hk_output_text(out, "probabilities: not measured, that takes 2 splits\n");
	}
}

json_t *hk_report_measures_json(const struct hk_measures *measures, char (*labels)[HK_LABEL_SIZE])
{
	json_t *classes = json_array(), *confusion = json_array();
	for (uint32_t c = 0; c < measures->n_labels; c++) {
		const struct hk_class_measures *own = &measures->classes[c];
		json_t *row = json_array();
		for (uint32_t d = 0; d < measures->n_labels; d++) {
			json_array_append_new(
				row, json_integer((json_int_t)measures->confusion[c][d]));
		}
		json_array_append_new(confusion, row);
		json_array_append_new(classes,
			json_pack("{s:s, s:I, s:f, s:f, s:f}", "label", labels[c], "windows",
				(json_int_t)own->n, "precision", own->precision, "recall",
				own->recall, "f1", own->f1));
	}
	return json_pack("{s:I, s:f, s:f, s:f, s:o, s:o, s:o, s:o}", "windows",
		(json_int_t)measures->n_rows, "accuracy", measures->accuracy, "balanced_accuracy",
		measures->balanced_accuracy, "macro_f1", measures->macro_f1, "ece",
		hk_json_number(measures->ece), "brier", hk_json_number(measures->brier), "classes",
		classes, "confusion", confusion);
}
