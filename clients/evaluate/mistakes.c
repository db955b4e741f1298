/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/mistakes.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Keep MISTAKE if it is among the worst; RET is sorted. */
static void keep(struct hk_mistake *ret, size_t *n, const struct hk_mistake *mistake)
{
	size_t at = *n;
	while (at > 0 && ret[at - 1].severity < mistake->severity) {
		at--;
	}
	if (at == HK_MAX_MISTAKES) {
		return;
	}
	const size_t n_after = (*n < HK_MAX_MISTAKES ? *n : HK_MAX_MISTAKES - 1) - at;
	memmove(ret + at + 1, ret + at, n_after * sizeof(*ret));
	ret[at] = *mistake;
	*n += *n < HK_MAX_MISTAKES;
}

/* The row of CLIP that is most surely wrong; false: all are right. */
static bool worst_row(const struct hk_clips *clips, const struct hk_clip *clip, size_t *ret)
{
	double worst = -1;
	for (size_t i = clip->first_row; i < clip->first_row + clip->n_rows; i++) {
		const uint32_t decided = clips->decided[i];
		const double p = clips->probabilities[i * clips->n_labels + decided];
		if (decided != clip->label && p > worst) {
			worst = p;
			*ret = i;
		}
	}
	return worst >= 0;
}

static size_t find_in_clips(
	const struct hk_clips *clips, const struct hk_model *model, struct hk_mistake *ret)
{
	size_t n = 0;
	for (size_t i = 0; i < clips->n_clips; i++) {
		const struct hk_take *take = &clips->manifest->takes[i];
		size_t row = 0;
		if (!worst_row(clips, &clips->clips[i], &row)) {
			continue;
		}
		const double *p = clips->probabilities + row * clips->n_labels;
		const uint32_t decided = clips->decided[row], label = clips->label[row];
		struct hk_mistake mistake = { .take = *take,
			.item = i,
			.start_s = clips->start_s[row],
			.severity = p[decided] };
		snprintf(mistake.text, sizeof(mistake.text),
			"%.300s from %.2f s: %s, taken for %s (%.3f; %s %.3f)", take->path,
			take->start_s + (double)clips->start_s[row], take->class_name,
			model->labels[decided], p[decided], model->labels[label], p[label]);
		keep(ret, &n, &mistake);
	}
	return n;
}

/* Number of SCENE, which is one of SCENES. */
static uint64_t number_of(const struct hk_scenes *scenes, const struct hk_scene *scene)
{
	return (uint64_t)(scene - scenes->scenes);
}

/* The start of the window in which second S lies first as a whole. */
static float window_at(const struct hk_model *model, double s)
{
	const double step_s = (double)model->n_step_frames / model->rate_hz;
	return (float)(floor(s / step_s) * step_s);
}

static size_t find_in_scenes(const struct hk_evaluation *evaluation, struct hk_mistake *ret)
{
	const struct hk_scores *scores = &evaluation->runs[0].scores;
	const struct hk_model *model = evaluation->plan->model;
	size_t n = 0;
	for (size_t i = 0; i < scores->n_misses; i++) {
		const struct hk_miss *miss = &scores->misses[i];
		struct hk_mistake mistake = {
			.take = { .path = miss->scene->path, .end_s = INFINITY },
			.item = number_of(&evaluation->scenes, miss->scene),
			.start_s = window_at(model, miss->reference->onset_s),
			.severity = 2, /* before every false alarm */
		};
		snprintf(mistake.text, sizeof(mistake.text), "%.300s at %.2f s: missed %.60s",
			miss->scene->path, miss->reference->onset_s, miss->reference->name);
		keep(ret, &n, &mistake);
	}
	for (size_t i = 0; i < scores->n_false_alarms; i++) {
		const struct hk_false_alarm *alarm = &scores->false_alarms[i];
		struct hk_mistake mistake = {
			.take = { .path = alarm->scene->path, .end_s = INFINITY },
			.item = number_of(&evaluation->scenes, alarm->scene),
			.start_s = window_at(model, alarm->event.start_s),
			.severity = alarm->event.peak_probability,
		};
		snprintf(mistake.text, sizeof(mistake.text),
			"%.300s from %.2f to %.2f s: %.60s, taken for %s (%.3f)",
			alarm->scene->path, alarm->event.start_s, alarm->event.end_s,
			alarm->heard_instead ? alarm->heard_instead : "nothing labelled",
			model->labels[alarm->event.label], alarm->event.peak_probability);
		keep(ret, &n, &mistake);
	}
	return n;
}

size_t hk_mistakes_find(
	const struct hk_evaluation *evaluation, struct hk_mistake ret[HK_MAX_MISTAKES])
{
	return evaluation->is_scenes
		? find_in_scenes(evaluation, ret)
		: find_in_clips(&evaluation->runs[0].clips, evaluation->plan->model, ret);
}
