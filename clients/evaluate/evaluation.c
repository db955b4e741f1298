/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/evaluation.h"

#include <errno.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/output.h"
#include "learning/base/parallel.h"

/* All scenes on all threads. */
struct scene_crew {
	const struct hk_scenes *scenes;
	struct hk_hearing **hearings; /* one a thread */
	struct hk_heard_take *heard;  /* one a scene */
	struct hk_progress *progress;
	atomic_int error;
};

static unsigned n_threads_of(const struct hk_evaluation_plan *plan)
{
	return plan->n_threads > 0 ? plan->n_threads : hk_parallel_processors();
}

static struct hk_hearing_setup setup_of(
	const struct hk_evaluation_plan *plan, enum hk_degradation degradation)
{
	struct hk_hearing_setup setup = {
		.model = plan->model,
		.channel = plan->channel,
		.treatment = plan->treatment,
		.keep_features = plan->keep_features && degradation == HK_DEGRADE_NONE,
	};
	setup.treatment.degradation = degradation;
	return setup;
}

static void hear_scene(void *owner, size_t index, unsigned worker)
{
	struct scene_crew *crew = owner;
	const struct hk_scene *scene = &crew->scenes->scenes[index];
	const struct hk_take take = { .path = scene->path, .end_s = INFINITY };
	const int r = hk_hearing_take(crew->hearings[worker], &take, index, &crew->heard[index]);
	if (r < 0) {
		atomic_store(&crew->error, r);
	}
	hk_progress_step(crew->progress, scene->path, crew->heard[index].n_windows);
}

static int score_scenes(struct hk_scores *scores, const struct scene_crew *crew)
{
	int r = 0;
	for (size_t i = 0; i < crew->scenes->n_scenes && r == 0; i++) {
		if (crew->heard[i].why[0] != '\0') {
			hk_message("not heard: %s", crew->heard[i].why);
		} else {
			if (crew->heard[i].note[0] != '\0') {
				hk_message("faulty samples: %s", crew->heard[i].note);
			}
			r = hk_scores_add(scores, &crew->scenes->scenes[i], &crew->heard[i]);
		}
	}
	return r;
}

/* What the recordings as they are lack; their classes are those of the manifest, if there is one.
 */
static int note_bandwidth(struct hk_evaluation *evaluation, const uint32_t *ends_hz, size_t n,
	const struct hk_take *takes)
{
	const struct hk_manifest *manifest = &evaluation->manifest;
	return hk_notes_of_bandwidth(&evaluation->notes,
		&(struct hk_bandwidths){ n, ends_hz, takes, manifest->n_labels, manifest->labels,
			evaluation->plan->model->rate_hz, .training = false });
}

static int note_scenes(struct hk_evaluation *evaluation, const struct scene_crew *crew)
{
	const size_t n = crew->scenes->n_scenes;
	uint32_t *ends_hz = calloc(n + 1, sizeof(*ends_hz));
	for (size_t i = 0; ends_hz && i < n; i++) {
		ends_hz[i] = crew->heard[i].end_hz;
	}
	const int r = ends_hz ? note_bandwidth(evaluation, ends_hz, n, NULL) : -ENOMEM;
	free(ends_hz);
	return r;
}

static int note_clips(struct hk_evaluation *evaluation, const struct hk_clips *clips)
{
	uint32_t *ends_hz = calloc(clips->n_clips + 1, sizeof(*ends_hz));
	for (size_t i = 0; ends_hz && i < clips->n_clips; i++) {
		ends_hz[i] = clips->clips[i].end_hz;
	}
	const int r = ends_hz
		? note_bandwidth(evaluation, ends_hz, clips->n_clips, evaluation->manifest.takes)
		: -ENOMEM;
	free(ends_hz);
	return r;
}

static int run_scenes(struct hk_evaluation *evaluation, struct hk_evaluation_run *run,
	struct hk_progress *progress, struct hk_diag *diag)
{
	const struct hk_evaluation_plan *plan = evaluation->plan;
	const struct hk_hearing_setup setup = setup_of(plan, run->degradation);
	const unsigned n_threads = n_threads_of(plan);
	struct scene_crew crew = { .scenes = &evaluation->scenes, .progress = progress };
	crew.hearings = calloc(n_threads, sizeof(struct hk_hearing *));
	crew.heard = calloc(crew.scenes->n_scenes, sizeof(*crew.heard));
	int r = crew.hearings && crew.heard
		? hk_scores_init(&run->scores, plan->model, &plan->collar)
		: -ENOMEM;
	for (unsigned i = 0; i < n_threads && r == 0; i++) {
		r = hk_hearing_new(&crew.hearings[i], &setup, diag);
	}
	if (r == 0) {
		hk_parallel_run(n_threads, crew.scenes->n_scenes, hear_scene, &crew);
		r = atomic_load(&crew.error);
	}
	if (r == 0) {
		r = score_scenes(&run->scores, &crew);
	}
	if (r == 0 && run->degradation == HK_DEGRADE_NONE) {
		r = note_scenes(evaluation, &crew);
	}
	for (unsigned i = 0; crew.hearings && i < n_threads; i++) {
		hk_hearing_free(crew.hearings[i]);
	}
	for (size_t i = 0; crew.heard && i < crew.scenes->n_scenes; i++) {
		hk_heard_take_finish(&crew.heard[i]);
	}
	free(crew.hearings);
	free(crew.heard);
	return r;
}

static int run_clips(struct hk_evaluation *evaluation, struct hk_evaluation_run *run,
	struct hk_progress *progress, struct hk_diag *diag)
{
	const struct hk_hearing_setup setup = setup_of(evaluation->plan, run->degradation);
	const int r = hk_clips_hear(&run->clips, &evaluation->manifest, &setup,
		n_threads_of(evaluation->plan), progress, diag);
	return r < 0 || run->degradation != HK_DEGRADE_NONE ? r
							    : note_clips(evaluation, &run->clips);
}

static int run_one(
	struct hk_evaluation *evaluation, enum hk_degradation degradation, struct hk_diag *diag)
{
	struct hk_evaluation_run *run = &evaluation->runs[evaluation->n_runs++];
	const size_t n_items =
		evaluation->is_scenes ? evaluation->scenes.n_scenes : evaluation->manifest.n_takes;
	struct hk_progress progress;
	run->degradation = degradation;
	hk_progress_init(&progress, evaluation->plan->quiet ? NULL : stderr,
		hk_degradations[degradation].name, n_items);
	const int r = evaluation->is_scenes ? run_scenes(evaluation, run, &progress, diag)
					    : run_clips(evaluation, run, &progress, diag);
	hk_progress_finish(&progress);
	return r;
}

static const char *path_of_scene(const void *owner, size_t index)
{
	const struct hk_evaluation *evaluation = owner;
	return evaluation->scenes.scenes[index].path;
}

static const char *path_of_clip(const void *owner, size_t index)
{
	const struct hk_evaluation *evaluation = owner;
	return evaluation->manifest.takes[index].path;
}

static int read_input(struct hk_evaluation *evaluation, struct hk_diag *diag)
{
	const struct hk_evaluation_plan *plan = evaluation->plan;
	evaluation->is_scenes = hk_scenes_at(plan->input, plan->bare);
	if (evaluation->is_scenes) {
		const int r = hk_scenes_read(
			&evaluation->scenes, plan->input, plan->bare, plan->model, diag);
		return r < 0 ? r
			     : hk_notes_of_headers(&evaluation->notes, path_of_scene, evaluation,
				       evaluation->scenes.n_scenes);
	}
	if (plan->bare) {
		return hk_diag_set(diag, -ENOENT,
			"%s: expected a recording (.wav, .flac, .ogg, .oga) or a folder with "
			"recordings in it",
			plan->input);
	}
	int r = hk_manifest_read(&evaluation->manifest, plan->input, diag);
	const int better = r == -EINVAL ? hk_scenes_explain(plan->input, diag) : 0;
	if (r < 0) {
		return better < 0 ? better : r;
	}
	r = hk_notes_of_names(&evaluation->notes, &evaluation->manifest, plan->input);
	r = r < 0 ? r
		  : hk_notes_of_headers(&evaluation->notes, path_of_clip, evaluation,
			    evaluation->manifest.n_takes);
	return r < 0
		? r
		: hk_notes_of_strangers(&evaluation->notes, &evaluation->manifest, plan->model);
}

/* Nothing that was heard is nothing to report. */
static enum hk_exit check_heard(const struct hk_evaluation *evaluation)
{
	const struct hk_evaluation_run *run = &evaluation->runs[0];
	if (!evaluation->is_scenes) {
		hk_clips_say_unheard(&run->clips);
	}
	if (evaluation->is_scenes ? run->scores.hours > 0 : run->clips.n_rows > 0) {
		return HK_EXIT_OK;
	}
	hk_message("%s: not one window was heard", evaluation->plan->input);
	return HK_EXIT_DATA;
}

enum hk_exit hk_evaluate(struct hk_evaluation *ret, const struct hk_evaluation_plan *plan)
{
	struct hk_diag diag = { "" };
	*ret = (struct hk_evaluation){ .plan = plan };
	int r = read_input(ret, &diag);
	const unsigned n_runs = plan->degrade ? HK_N_DEGRADATIONS : 1;
	for (unsigned i = 0; i < n_runs && r == 0; i++) {
		r = run_one(ret, (enum hk_degradation)i, &diag);
	}
	if (r < 0) {
		hk_message("%s", diag.text[0] ? diag.text : strerror(-r));
		hk_evaluation_finish(ret);
		return hk_exit_of_input(r);
	}
	const enum hk_exit exit_code = check_heard(ret);
	if (exit_code != HK_EXIT_OK) {
		hk_evaluation_finish(ret);
	}
	return exit_code;
}

void hk_evaluation_finish(struct hk_evaluation *evaluation)
{
	for (size_t i = 0; i < evaluation->n_runs; i++) {
		hk_clips_finish(&evaluation->runs[i].clips);
		if (evaluation->runs[i].scores.model) {
			hk_scores_finish(&evaluation->runs[i].scores);
		}
	}
	hk_manifest_finish(&evaluation->manifest);
	hk_notes_finish(&evaluation->notes);
	hk_scenes_finish(&evaluation->scenes);
	*evaluation = (struct hk_evaluation){ 0 };
}
