/* SPDX-License-Identifier: MIT */
#include "clients/train/session.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "clients/train/assemble.h"
#include "clients/train/notes.h"
#include "clients/train/report.h"
#include "learning/base/memory.h"
#include "learning/base/parallel.h"
#include "learning/base/progress.h"
#include "learning/data/dataset.h"
#include "learning/data/duplicate_takes.h"
#include "learning/data/feature_setup.h"
#include "learning/data/manifest.h"
#include "learning/data/rules.h"
#include "learning/validation/calibrate.h"
#include "learning/validation/cross_fit.h"
#include "learning/validation/measures.h"
#include "learning/validation/search.h"
#include "learning/validation/train_model.h"

struct session {
	const struct hk_training_plan *plan;
	struct hk_output *out;
	unsigned n_threads;
	struct hk_manifest manifest;
	struct hk_profile_config profile;
	struct hk_window_pipeline_setup setup;
	struct hk_class_rules rules[HK_MAX_CLASSES];
	struct hk_notes notes;
	struct hk_dataset dataset;
	struct hk_split split;
	struct hk_search search;
	const struct hk_contender *chosen; /* of the search */
	struct hk_calibration calibration;
	struct hk_measures measures;
};

/* Say what went wrong. */
static enum hk_exit fail(int error, const struct hk_diag *diag)
{
	hk_message("%s", error == -ENOMEM ? "out of memory" : diag->text);
	return hk_exit_of_input(error);
}

static FILE *progress_file(const struct session *session)
{
	return session->plan->quiet ? NULL : stderr;
}

/* ---- what to learn from ---- */

static int check_counts(const struct session *session, struct hk_diag *diag)
{
	const struct hk_manifest *manifest = &session->manifest;
	const struct hk_window_pipeline_setup *setup = &session->setup;
	size_t counts[HK_MAX_CLASSES];
	if (manifest->n_labels < 2) {
		return hk_diag_set(diag, -ENODATA,
			"%s: only the class %s; to learn what makes it different takes at least 2%s%s",
			session->plan->input, manifest->labels[0],
			manifest->empty_folders.n ? ". These folders are empty: " : "",
			manifest->empty_folders.n ? manifest->empty_folders.text : "");
	}
	hk_dataset_count(&session->dataset, counts);
	for (uint32_t c = 0; c < manifest->n_labels; c++) {
		if (counts[c] < HK_MIN_WINDOWS) {
			const double seconds =
				(double)(setup->n_window_frames +
					setup->n_step_frames * (HK_MIN_WINDOWS - 1)) /
				setup->rate_hz;
			return hk_diag_set(diag, -ENODATA,
				"class %s: %zu windows; at least %d are needed, that is %.3g s of "
				"sound in one piece",
				manifest->labels[c], counts[c], HK_MIN_WINDOWS, seconds);
		}
	}
	return 0;
}

static struct hk_dataset_work work_of(const struct session *session, struct hk_progress *progress)
{
	return (struct hk_dataset_work){
		.manifest = &session->manifest,
		.setup = &session->setup,
		.n_threads = session->n_threads,
		.progress = progress,
	};
}

static void say_double(void *owner, size_t a_take, size_t b_take)
{
	const struct session *session = owner;
	const struct hk_manifest *manifest = &session->manifest;
	const struct hk_take *a = &manifest->takes[a_take], *b = &manifest->takes[b_take];
	hk_message("the same sound twice: %s (class %s) and %s (class %s)", a->path,
		manifest->labels[a->label], b->path, manifest->labels[b->label]);
}

static int note_bandwidth(struct session *session)
{
	const struct hk_manifest *manifest = &session->manifest;
	return hk_notes_of_bandwidth(&session->notes,
		&(struct hk_bandwidths){ manifest->n_takes, session->dataset.ends_hz,
			manifest->takes, manifest->n_labels, manifest->labels,
			session->setup.rate_hz, .training = true });
}

static const char *path_of_take(const void *owner, size_t index)
{
	const struct hk_manifest *manifest = owner;
	return manifest->takes[index].path;
}

/* What to learn from and how to listen to it, before the first recording is read. */
static enum hk_exit read_input(struct session *session)
{
	const struct hk_training_plan *plan = session->plan;
	struct hk_diag diag;
	int r = hk_manifest_read(&session->manifest, plan->input, &diag);
	if (r < 0) {
		return fail(r, &diag);
	}
	for (size_t i = 0; i < session->manifest.n_takes; i++) {
		session->manifest.takes[i].channel = plan->channel;
	}
	r = hk_shape(&session->setup, &session->profile, plan->profile, plan->parameters,
		plan->rate_hz, &session->manifest, &diag);
	if (r == -EINVAL || r == -ERANGE) { /* of the command line */
		fail(r, &diag);
		return HK_EXIT_USAGE;
	}
	r = r < 0 ? r
		  : hk_rules_read(session->rules, session->manifest.labels,
			    session->manifest.n_labels, plan->rules, &diag);
	r = r < 0 ? r : hk_notes_of_names(&session->notes, &session->manifest, plan->input);
	r = r < 0 ? r
		  : hk_notes_of_headers(&session->notes, path_of_take, &session->manifest,
			    session->manifest.n_takes);
	r = r < 0 ? r : hk_notes_of_background(&session->notes, &session->manifest, session->rules);
	return r < 0 ? fail(r, &diag) : HK_EXIT_OK;
}

static enum hk_exit read_recordings(struct session *session)
{
	const struct hk_training_plan *plan = session->plan;
	struct hk_diag diag;
	const enum hk_exit exit_code = read_input(session);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	int r = hk_model_make_room(plan->output, &diag); /* now, not after an hour of learning */
	if (r < 0) {
		fail(r, &diag);
		return hk_exit_of_output(r);
	}
	struct hk_progress progress;
	hk_progress_init(&progress, progress_file(session), "features", session->manifest.n_takes);
	const struct hk_dataset_work work = work_of(session, &progress);
	r = hk_dataset_build(&session->dataset, &work, &diag);
	hk_progress_finish(&progress);
	if (r < 0) {
		return fail(r, &diag);
	}
	hk_report_takes(&session->dataset);
	if (hk_doubles_find(&session->dataset, &session->manifest, say_double, session) < 0) {
		return fail(-ENOMEM, &diag);
	}
	r = note_bandwidth(session);
	r = r < 0 ? r : check_counts(session, &diag);
	return r < 0 ? fail(r, &diag) : HK_EXIT_OK;
}

static int split_by_groups(struct session *session, struct hk_diag *diag)
{
	const struct hk_training_plan *plan = session->plan;
	const struct hk_manifest *manifest = &session->manifest;
	const int r = hk_split_grouped(&session->split, &session->dataset, manifest, plan->n_splits,
		plan->margin, plan->seed, diag);
	if (r == -ENODATA) {
		hk_message("%s; all classes are tested by blocks of time instead, which flatters",
			diag->text);
	}
	for (uint32_t c = 0; c < manifest->n_labels && r == 0; c++) {
		if (session->split.in_pieces[c]) {
			hk_message("class %s comes from 1 group: it alone is tested by blocks of "
				   "time, which flatters it",
				manifest->labels[c]);
		}
	}
	return r;
}

static int make_split(struct session *session, struct hk_diag *diag)
{
	const struct hk_training_plan *plan = session->plan;
	const struct hk_dataset *dataset = &session->dataset;
	const struct hk_manifest *manifest = &session->manifest;
	uint32_t split, label;
	int r = plan->split == HK_SPLIT_FOLDS
		? hk_split_folds(&session->split, dataset, manifest, plan->folds, diag)
		: plan->split == HK_SPLIT_GROUPED ? split_by_groups(session, diag)
						  : -ENODATA;
	if (r == -ENODATA) {
		r = hk_split_blocked(
			&session->split, dataset, manifest, plan->n_splits, plan->margin, diag);
	}
	if (r == 0 && hk_split_lacks(&session->split, dataset, &split, &label)) {
		r = hk_diag_set(diag, -ENODATA,
			"split %" PRIu32 " leaves nothing of class %s to learn from: it needs "
			"more groups or fewer splits",
			split + 1, manifest->labels[label]);
	}
	return r;
}

/* Changed copies to learn from, never tested on. */
static int add_copies(struct session *session, struct hk_diag *diag)
{
	const struct hk_training_plan *plan = session->plan;
	struct hk_progress progress;
	if (plan->n_copies == 0) {
		return 0;
	}
	hk_progress_init(&progress, progress_file(session), "copies",
		session->manifest.n_takes * plan->n_copies);
	const struct hk_dataset_work work = work_of(session, &progress);
	int r = hk_dataset_augment(&session->dataset, &work, session->split.fold_of_take,
		plan->n_copies, plan->seed, diag);
	hk_progress_finish(&progress);
	return r < 0 ? r : hk_split_add_copies(&session->split, &session->dataset);
}

/* ---- how to learn ---- */

static int choose_recipe(struct session *session, struct hk_diag *diag)
{
	const struct hk_training_plan *plan = session->plan;
	const struct hk_profile_habits *habits = hk_profile_habits(session->profile.profile->name);
	const struct hk_search_plan search = {
		.learner = plan->learner,
		.costs = plan->costs,
		.gammas = plan->gammas,
		.usual_cost = habits->cost,
		.usual_gamma = habits->gamma,
		.recipe = {
			.n_vectors = plan->n_vectors,
			.seed = plan->seed,
			.clip = (float)(plan->clip < 0 ? habits->clip : plan->clip),
			.n_threads = session->n_threads,
			.memory = plan->memory > 0 ? plan->memory : hk_memory_usual(),
		},
	};
	const int r = hk_search(&session->search, &search, &session->dataset, &session->split,
		progress_file(session), diag);
	for (size_t i = 0; i < session->search.n_left_out; i++) {
		hk_message("%s", session->search.left_out[i].text);
	}
	session->chosen = &session->search.contenders[session->search.chosen];
	return r;
}

/* Fit the probabilities on all that the models said about rows they had not seen; measure both on
 * rows that neither had. */
static int calibrate(struct session *session)
{
	const struct hk_out_of_fold *oof = &session->chosen->oof;
	const enum hk_calibration_method method = session->plan->calibration;
	int r = hk_calibrate(
		&session->calibration, method, oof->scores, oof->label, oof->n_rows, oof->n_labels);
	if (r < 0) {
		return r;
	}
	double *probabilities = calloc(oof->n_rows * oof->n_labels, sizeof(*probabilities));
	if (!probabilities) {
		return -ENOMEM;
	}
	r = hk_cross_fit(probabilities, method, oof);
	if (r == 0 || r == -ENODATA) {
		hk_measure(&session->measures, oof->label, oof->decided,
			r == 0 ? probabilities : NULL, oof->n_rows, oof->n_labels);
		r = 0;
	}
	free(probabilities);
	return r;
}

static enum hk_exit choose(struct session *session)
{
	struct hk_diag diag;
	int r = make_split(session, &diag);
	r = r < 0 ? r : add_copies(session, &diag);
	r = r < 0 ? r : choose_recipe(session, &diag);
	r = r < 0 ? r : calibrate(session);
	return r < 0 ? fail(r, &diag) : HK_EXIT_OK;
}

/* ---- the bundle ---- */

static json_t *report_json(const struct session *session, const struct hk_model *model)
{
	const struct hk_recipe *recipe = &session->chosen->best.recipe;
	char why[HK_WHY_SIZE];
	hk_search_why(&session->search, why);
	json_t *out_of_fold = hk_report_measures_json(&session->measures, session->manifest.labels);
	json_object_set_new(out_of_fold, "splits", json_integer(session->split.n_splits));
	json_object_set_new(out_of_fold, "why_fewer_splits",
		session->split.why_fewer[0] ? json_string(session->split.why_fewer) : json_null());
	json_object_set_new(out_of_fold, "optimism",
		session->search.n_trials > 1 ? json_string(HK_OPTIMISM) : json_null());
	return json_pack("{s:o, s:s, s:s, s:I, s:I, s:I, s:f, s:f, s:I, s:o, s:o, s:s, s:o, s:o}",
		"bundle", hk_json_text(session->plan->output), "hash", model->hash, "classifier",
		recipe->learner->name, "recordings",
		(json_int_t)hk_dataset_count_used(&session->dataset), "windows",
		(json_int_t)session->dataset.n_rows, "features",
		(json_int_t)session->dataset.n_features, "cost", recipe->cost, "gamma",
		recipe->gamma, "vectors", (json_int_t)model->svm.n_vectors, "recipes",
		hk_report_recipes_json(&session->search), "comparison",
		hk_report_search_json(&session->search), "why", why, "out_of_fold", out_of_fold,
		"notes", hk_notes_json(&session->notes));
}

static void report(const struct session *session, const struct hk_model *model)
{
	const struct hk_recipe *recipe = &session->chosen->best.recipe;
	struct hk_output *out = session->out;
	if (session->plan->json) {
		hk_output_json(out, report_json(session, model));
		return;
	}
	hk_report_search(out, &session->search);
	hk_output_text(out, "Windows that were kept out of training (%" PRIu32 " splits",
		session->split.n_splits);
	if (session->split.why_fewer[0]) {
		hk_output_text(out, " in place of %" PRIu32 ": %s", session->plan->n_splits,
			session->split.why_fewer);
	}
	hk_output_text(out, ")%s:\n", session->search.n_trials > 1 ? ",\n" HK_OPTIMISM : "");
	hk_report_measures(out, &session->measures, session->manifest.labels);
	hk_output_text(out, "%s: %s, cost %g, ", session->plan->output, recipe->learner->name,
		recipe->cost);
	if (recipe->learner->has_kernel) {
		hk_output_text(out, "gamma %.6g, ", recipe->gamma);
	}
	hk_output_text(out, "%zu windows of %zu values, %" PRIu32 " vectors\n",
		session->dataset.n_rows, session->dataset.n_features, model->svm.n_vectors);
	hk_notes_print(&session->notes, out);
}

static enum hk_exit write_bundle(struct session *session)
{
	struct hk_diag diag;
	struct hk_fitted fitted;
	struct hk_model *model = NULL;
	int r = hk_fit(&fitted, &session->chosen->best.recipe, &session->dataset, NULL, &diag);
	if (r < 0) {
		return fail(r, &diag);
	}
	const struct hk_assembly parts = {
		.name = session->plan->name,
		.description = session->plan->description,
		.setup = &session->setup,
		.manifest = &session->manifest,
		.dataset = &session->dataset,
		.split = &session->split,
		.search = &session->search,
		.calibration = &session->calibration,
		.measures = &session->measures,
		.rules = session->rules,
		.seed = session->plan->seed,
	};
	r = hk_assemble(&model, &parts, &fitted);
	r = r < 0 ? r : hk_model_save(model, session->plan->output, &diag);
	if (r == 0) {
		report(session, model);
	} else {
		fail(r, &diag);
	}
	hk_fitted_finish(&fitted);
	hk_model_free(model);
	return hk_exit_of_output(r);
}

enum hk_exit hk_train(const struct hk_training_plan *plan, struct hk_output *out)
{
	struct session *session = calloc(1, sizeof(*session));
	if (!session) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	session->plan = plan;
	session->out = out;
	session->n_threads = plan->n_threads ? plan->n_threads : hk_parallel_processors();
	enum hk_exit exit_code = read_recordings(session);
	exit_code = exit_code != HK_EXIT_OK ? exit_code : choose(session);
	exit_code = exit_code != HK_EXIT_OK ? exit_code : write_bundle(session);
	hk_manifest_finish(&session->manifest);
	hk_dataset_finish(&session->dataset);
	hk_split_finish(&session->split);
	hk_search_finish(&session->search);
	hk_notes_finish(&session->notes);
	free(session);
	return exit_code;
}
