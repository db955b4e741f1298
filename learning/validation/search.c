/* SPDX-License-Identifier: MIT */
#include "learning/validation/search.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

static bool takes_part(const struct hk_search_plan *plan, const struct hk_learner *learner)
{
	return !plan->learner || plan->learner == learner;
}

/* GIVEN, or what is usual: ALL of it, else the first. */
static struct hk_number_list candidates(const struct hk_number_list *given,
	const struct hk_number_list *usual, double unit, bool all)
{
	if (given->n_values > 0) {
		return *given;
	}
	struct hk_number_list list = *usual;
	list.n_values = all ? list.n_values : 1;
	for (size_t i = 0; i < list.n_values; i++) {
		list.values[i] *= unit;
	}
	return list;
}

/* What is tried of LEARNER on N_ROWS rows. */
static void find_grid(const struct hk_search_plan *plan, const struct hk_learner *learner,
	size_t n_rows, struct hk_number_list *ret_costs, struct hk_number_list *ret_gammas)
{
	static const struct hk_number_list none = { 0 };
	const bool all = !plan->learner || n_rows <= HK_FEW_ROWS;
	*ret_costs = candidates(
		&plan->costs, &learner->costs, learner->has_kernel ? plan->usual_cost : 1, all);
	*ret_gammas = candidates(learner->has_kernel ? &plan->gammas : &none, &learner->gammas,
		learner->has_kernel ? plan->usual_gamma : 1, all);
}

static size_t count_recipes(const struct hk_search_plan *plan, size_t n_rows)
{
	size_t n = 0;
	for (size_t i = 0; hk_learners[i]; i++) {
		struct hk_number_list costs, gammas;
		if (takes_part(plan, hk_learners[i])) {
			find_grid(plan, hk_learners[i], n_rows, &costs, &gammas);
			n += costs.n_values * gammas.n_values;
		}
	}
	return n;
}

/* Standard error of the mean of N numbers; 0 for one. */
static double standard_error(const double *values, uint32_t n)
{
	double mean = 0, squares = 0;
	for (uint32_t i = 0; i < n; i++) {
		mean += values[i] / n;
	}
	for (uint32_t i = 0; i < n; i++) {
		squares += (values[i] - mean) * (values[i] - mean);
	}
	return n > 1 ? sqrt(squares / (n - 1) / n) : 0;
}

/* Append what came of RECIPE. */
static int keep_trial(
	struct hk_search *search, const struct hk_recipe *recipe, const struct hk_out_of_fold *oof)
{
	struct hk_trial *trials =
		reallocarray(search->trials, search->n_trials + 1, sizeof(*trials));
	if (!trials) {
		return -ENOMEM;
	}
	search->trials = trials;
	search->trials[search->n_trials++] = (struct hk_trial){
		.recipe = *recipe,
		.score = oof->score,
		.error = standard_error(oof->split_scores, oof->n_splits),
		.n_vectors = oof->n_vectors,
		.n_bytes = oof->n_bytes,
		.window_us = oof->window_us,
	};
	return 0;
}

/* Cross-validate RECIPE; it stays in *BEST when it is the first or better. */
static int try_recipe(struct hk_search *search, struct hk_contender *best,
	const struct hk_recipe *recipe, const struct hk_dataset *dataset,
	const struct hk_split *split, struct hk_progress *progress, struct hk_diag *diag)
{
	struct hk_out_of_fold oof;
	int r = hk_cross_validate(&oof, dataset, split, recipe, progress, diag);
	if (r < 0) {
		return r;
	}
	r = keep_trial(search, recipe, &oof);
	if (r == 0 && (best->n_tried == 0 || oof.score > best->oof.score)) {
		hk_out_of_fold_finish(&best->oof);
		best->oof = oof;
		best->best = search->trials[search->n_trials - 1];
	} else {
		hk_out_of_fold_finish(&oof);
	}
	best->n_tried++;
	return r;
}

/* Try every recipe of LEARNER; the first of the best stays in *RET. */
static int try_learner(struct hk_search *search, struct hk_contender *ret,
	const struct hk_search_plan *plan, const struct hk_learner *learner,
	const struct hk_dataset *dataset, const struct hk_split *split,
	struct hk_progress *progress, struct hk_diag *diag)
{
	struct hk_number_list costs, gammas;
	struct hk_contender best = { 0 };
	int r = 0;
	find_grid(plan, learner, dataset->n_rows, &costs, &gammas);
	for (size_t i = 0; i < costs.n_values * gammas.n_values && r == 0; i++) {
		struct hk_recipe recipe = plan->recipe;
		recipe.learner = learner;
		recipe.cost = costs.values[i / gammas.n_values];
		recipe.gamma = gammas.values[i % gammas.n_values] / (double)dataset->n_features;
		r = try_recipe(search, &best, &recipe, dataset, split, progress, diag);
	}
	if (r < 0) {
		hk_out_of_fold_finish(&best.oof);
		return r;
	}
	*ret = best;
	return 0;
}

/* Is CONTENDER's distance from BEST no more than chance? */
static bool is_as_good(const struct hk_contender *contender, const struct hk_contender *best)
{
	const uint32_t n = best->oof.n_splits;
	double distances[HK_MAX_FOLDS];
	for (uint32_t k = 0; k < n; k++) {
		distances[k] = best->oof.split_scores[k] - contender->oof.split_scores[k];
	}
	return best->oof.score - contender->oof.score <= standard_error(distances, n);
}

static void choose(struct hk_search *search)
{
	const struct hk_contender *all = search->contenders;
	for (size_t i = 1; i < search->n_contenders; i++) {
		search->best = all[i].oof.score > all[search->best].oof.score ? i : search->best;
	}
	search->chosen = search->best;
	for (size_t i = 0; i < search->n_contenders; i++) {
		if (all[i].oof.n_bytes < all[search->chosen].oof.n_bytes &&
			is_as_good(&all[i], &all[search->best])) {
			search->chosen = i;
		}
	}
}

static int try_all(struct hk_search *search, const struct hk_search_plan *plan,
	const struct hk_dataset *dataset, const struct hk_split *split,
	struct hk_progress *progress, struct hk_diag *diag)
{
	int r = 0;
	for (size_t i = 0; hk_learners[i] && r == 0; i++) {
		if (!takes_part(plan, hk_learners[i])) {
			continue;
		}
		assert(search->n_contenders < HK_MAX_CONTENDERS);
		r = try_learner(search, &search->contenders[search->n_contenders], plan,
			hk_learners[i], dataset, split, progress, diag);
		if (r == -EFBIG && !plan->learner) {
			hk_diag_set(&search->left_out[search->n_left_out++], r,
				"%s is left out: %s", hk_learners[i]->name, diag->text);
			r = 0;
		} else if (r == 0) {
			search->n_contenders++;
		}
	}
	return r < 0 || search->n_contenders > 0 ? r : -EFBIG;
}

int hk_search(struct hk_search *ret, const struct hk_search_plan *plan,
	const struct hk_dataset *dataset, const struct hk_split *split, FILE *file,
	struct hk_diag *diag)
{
	struct hk_search search = { 0 };
	struct hk_progress progress;
	hk_progress_init(&progress, file, "cross-validation",
		count_recipes(plan, dataset->n_rows) * split->n_splits);
	const int r = try_all(&search, plan, dataset, split, &progress, diag);
	hk_progress_finish(&progress);
	if (r < 0) {
		hk_search_finish(&search);
		return r;
	}
	choose(&search);
	*ret = search;
	return 0;
}

void hk_search_finish(struct hk_search *search)
{
	for (size_t i = 0; i < search->n_contenders; i++) {
		hk_out_of_fold_finish(&search->contenders[i].oof);
	}
	free(search->trials);
	*search = (struct hk_search){ 0 };
}

void hk_search_why(const struct hk_search *search, char ret[HK_WHY_SIZE])
{
	const char *chosen = search->contenders[search->chosen].best.recipe.learner->name;
	const char *best = search->contenders[search->best].best.recipe.learner->name;
	if (search->n_trials == 1) {
		snprintf(ret, HK_WHY_SIZE, "%s: no other recipe was tried", chosen);
	} else if (search->n_contenders == 1) {
		snprintf(ret, HK_WHY_SIZE, "%s: best of %zu by balanced accuracy", chosen,
			search->n_trials);
	} else if (search->chosen == search->best) {
		snprintf(ret, HK_WHY_SIZE,
			"%s: the best, and every smaller one is worse by more than the standard "
			"error of the difference",
			chosen);
	} else {
		snprintf(ret, HK_WHY_SIZE,
			"%s: the smallest of those that are within the standard error of the "
			"difference from the best, %s",
			chosen, best);
	}
}
