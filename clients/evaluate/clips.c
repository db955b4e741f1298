/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/clips.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/output.h"
#include "learning/base/parallel.h"

#define LABEL_OF_THE_REST "other"

struct clip_crew {
	const struct hk_manifest *manifest;
	struct hk_hearing **hearings; /* one a thread */
	struct hk_heard_take *heard;  /* one a take */
	struct hk_progress *progress;
	atomic_int error;
};

static void hear_take(void *owner, size_t index, unsigned worker)
{
	struct clip_crew *crew = owner;
	const struct hk_take *take = &crew->manifest->takes[index];
	const int r = hk_hearing_take(crew->hearings[worker], take, index, &crew->heard[index]);
	if (r < 0) {
		atomic_store(&crew->error, r);
	}
	hk_progress_step(crew->progress, take->path, crew->heard[index].n_windows);
}

/* Which of the model's labels each class of the recordings is. */
static int find_truth(struct hk_clips *clips, const struct hk_model *model, struct hk_diag *diag)
{
	const struct hk_manifest *manifest = clips->manifest;
	const int rest = hk_model_label(model, LABEL_OF_THE_REST);
	for (uint32_t i = 0; i < manifest->n_labels; i++) {
		const int label = hk_model_label(model, manifest->labels[i]);
		if (label < 0 && rest < 0) {
			return hk_diag_set(diag, -EINVAL,
				"class %s: the model knows no such label, and has no label "
				"\"" LABEL_OF_THE_REST "\" for everything else",
				manifest->labels[i]);
		}
		clips->truth[i] = (uint32_t)(label < 0 ? rest : label);
	}
	return 0;
}

static int reserve(struct hk_clips *clips, size_t n_rows, bool features)
{
	const size_t n = n_rows + 1;
	clips->label = calloc(n, sizeof(*clips->label));
	clips->decided = calloc(n, sizeof(*clips->decided));
	clips->probabilities = calloc(n * clips->n_labels, sizeof(*clips->probabilities));
	clips->clip = calloc(n, sizeof(*clips->clip));
	clips->start_s = calloc(n, sizeof(*clips->start_s));
	if (features) {
		clips->features = calloc(n, clips->n_features * sizeof(*clips->features));
	}
	return clips->label && clips->decided && clips->probabilities && clips->clip &&
			clips->start_s && (clips->features || !features)
		? 0
		: -ENOMEM;
}

/* The label with the largest mean of log-probabilities over the windows of CLIP. */
static uint32_t decide_clip(const struct hk_clips *clips, const struct hk_clip *clip)
{
	double best = -INFINITY;
	uint32_t decided = 0;
	for (uint32_t c = 0; c < clips->n_labels; c++) {
		double sum = 0;
		for (size_t i = clip->first_row; i < clip->first_row + clip->n_rows; i++) {
			sum += log(fmax(clips->probabilities[i * clips->n_labels + c], DBL_MIN));
		}
		if (sum > best) {
			best = sum;
			decided = c;
		}
	}
	return decided;
}

static void count_events(struct hk_clips *clips, uint32_t class, const struct hk_clip *clip)
{
	struct hk_event_count *counts = clips->events + (size_t) class * clips->n_labels;
	bool seen[HK_MAX_CLASSES] = { false };
	for (size_t i = 0; i < clip->n_events; i++) {
		const uint32_t label = clip->events[i].label;
		counts[label].n_events++;
		counts[label].n_clips += !seen[label];
		seen[label] = true;
	}
	clips->hours[class] += clip->duration_s / 3600.0;
	clips->n_heard[class]++;
}

/* Append what was heard of take INDEX. */
static int append(struct hk_clips *clips, size_t index, struct hk_heard_take *heard)
{
	const struct hk_take *take = &clips->manifest->takes[index];
	struct hk_clip *clip = &clips->clips[index];
	const size_t first = clips->n_rows, n = heard->n_windows;
	*clip = (struct hk_clip){
		.state = heard->state,
		.label = clips->truth[take->label],
		.first_row = first,
		.n_rows = n,
		.duration_s = heard->duration_s,
		.end_hz = n > 0 ? heard->end_hz : 0,
		.n_events = heard->n_events,
		.events = heard->events,
	};
	heard->events = NULL; /* the clip's now */
	clips->n_zero_windows += heard->n_zero_windows;
	if (n == 0) {
		clips->n_unheard++;
		clip->why = strdup(heard->why);
		return clip->why ? 0 : -ENOMEM;
	}
	if (heard->note[0] != '\0' && !(clip->note = strdup(heard->note))) {
		return -ENOMEM;
	}
	memcpy(clips->decided + first, heard->decided, n * sizeof(*clips->decided));
	memcpy(clips->start_s + first, heard->start_s, n * sizeof(*clips->start_s));
	memcpy(clips->probabilities + first * clips->n_labels, heard->probabilities,
		n * clips->n_labels * sizeof(*clips->probabilities));
	if (clips->features) {
		memcpy(clips->features + first * clips->n_features, heard->features,
			n * clips->n_features * sizeof(*clips->features));
	}
	for (size_t i = first; i < first + n; i++) {
		clips->label[i] = clip->label;
		clips->clip[i] = index;
	}
	clips->n_rows += n;
	clip->decided = decide_clip(clips, clip);
	count_events(clips, take->label, clip);
	return 0;
}

static int measure(struct hk_clips *clips)
{
	uint32_t *label = calloc(clips->n_clips + 1, sizeof(*label));
	uint32_t *decided = calloc(clips->n_clips + 1, sizeof(*decided));
	size_t n = 0;
	for (size_t i = 0; label && decided && i < clips->n_clips; i++) {
		if (clips->clips[i].n_rows > 0) {
			label[n] = clips->clips[i].label;
			decided[n++] = clips->clips[i].decided;
		}
	}
	if (label && decided) {
		hk_measure(&clips->by_clip, label, decided, NULL, n, clips->n_labels);
		hk_measure(&clips->by_window, clips->label, clips->decided, clips->probabilities,
			clips->n_rows, clips->n_labels);
	}
	const int r = label && decided ? 0 : -ENOMEM;
	free(label);
	free(decided);
	return r;
}

static int join(struct hk_clips *clips, struct clip_crew *crew, bool features)
{
	size_t n_rows = 0;
	for (size_t i = 0; i < clips->n_clips; i++) {
		n_rows += crew->heard[i].n_windows;
	}
	int r = reserve(clips, n_rows, features);
	for (size_t i = 0; i < clips->n_clips && r == 0; i++) {
		r = append(clips, i, &crew->heard[i]);
		hk_heard_take_finish(&crew->heard[i]);
	}
	return r < 0 ? r : measure(clips);
}

static int hear_all(struct hk_clips *clips, const struct hk_hearing_setup *setup,
	unsigned n_threads, struct hk_progress *progress, struct hk_diag *diag)
{
	struct clip_crew crew = { .manifest = clips->manifest, .progress = progress };
	crew.hearings = calloc(n_threads, sizeof(struct hk_hearing *));
	crew.heard = calloc(clips->n_clips + 1, sizeof(*crew.heard));
	int r = crew.hearings && crew.heard ? 0 : -ENOMEM;
	for (unsigned i = 0; i < n_threads && r == 0; i++) {
		r = hk_hearing_new(&crew.hearings[i], setup, diag);
	}
	if (r == 0) {
		hk_parallel_run(n_threads, clips->n_clips, hear_take, &crew);
		r = atomic_load(&crew.error);
	}
	if (r == 0) {
		r = join(clips, &crew, setup->keep_features);
	}
	for (unsigned i = 0; crew.hearings && i < n_threads; i++) {
		hk_hearing_free(crew.hearings[i]);
	}
	for (size_t i = 0; crew.heard && i < clips->n_clips; i++) {
		hk_heard_take_finish(&crew.heard[i]);
	}
	free(crew.hearings);
	free(crew.heard);
	return r;
}

int hk_clips_hear(struct hk_clips *ret, const struct hk_manifest *manifest,
	const struct hk_hearing_setup *setup, unsigned n_threads, struct hk_progress *progress,
	struct hk_diag *diag)
{
	const struct hk_model *model = setup->model;
	struct hk_clips clips = {
		.manifest = manifest,
		.n_labels = model->n_labels,
		.n_features = (uint32_t)model->scaler.n_features,
		.n_clips = manifest->n_takes,
	};
	clips.truth = calloc(manifest->n_labels, sizeof(*clips.truth));
	clips.clips = calloc(clips.n_clips + 1, sizeof(*clips.clips));
	clips.hours = calloc(manifest->n_labels, sizeof(*clips.hours));
	clips.n_heard = calloc(manifest->n_labels, sizeof(*clips.n_heard));
	clips.events = calloc((size_t)manifest->n_labels * model->n_labels, sizeof(*clips.events));
	int r = clips.truth && clips.clips && clips.hours && clips.n_heard && clips.events
		? find_truth(&clips, model, diag)
		: -ENOMEM;
	if (r == 0) {
		r = hear_all(&clips, setup, n_threads, progress, diag);
	}
	if (r < 0) {
		hk_clips_finish(&clips);
		return r;
	}
	*ret = clips;
	return 0;
}

void hk_clips_finish(struct hk_clips *clips)
{
	for (size_t i = 0; clips->clips && i < clips->n_clips; i++) {
		free(clips->clips[i].why);
		free(clips->clips[i].note);
		free(clips->clips[i].events);
	}
	free(clips->truth);
	free(clips->clips);
	free(clips->label);
	free(clips->decided);
	free(clips->probabilities);
	free(clips->clip);
	free(clips->start_s);
	free(clips->features);
	free(clips->hours);
	free(clips->n_heard);
	free(clips->events);
	*clips = (struct hk_clips){ 0 };
}

void hk_clips_say_unheard(const struct hk_clips *clips)
{
	for (size_t i = 0; i < clips->n_clips; i++) {
		if (clips->clips[i].why) {
			hk_message("not heard: %s", clips->clips[i].why);
		}
		if (clips->clips[i].note) {
			hk_message("faulty samples: %s", clips->clips[i].note);
		}
	}
	if (clips->n_unheard > 0) {
		hk_message(
			"%zu of %zu recordings were not heard", clips->n_unheard, clips->n_clips);
	}
}
