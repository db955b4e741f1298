/* SPDX-License-Identifier: MIT */
#include "learning/scoring/scoring.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "learning/scoring/poisson.h"

int hk_scores_init(
	struct hk_scores *ret, const struct hk_model *model, const struct hk_collar *collar)
{
	struct hk_scores scores = { .model = model, .collar = *collar };
	scores.classes = calloc(model->n_labels, sizeof(*scores.classes));
	if (!scores.classes) {
		return -ENOMEM;
	}
	for (uint32_t c = 0; c < model->n_labels; c++) {
		scores.classes[c].scored = model->rules[c].event && model->rules[c].enabled;
	}
	*ret = scores;
	return 0;
}

void hk_scores_finish(struct hk_scores *scores)
{
	for (uint32_t c = 0; scores->classes && c < scores->model->n_labels; c++) {
		free(scores->classes[c].latencies_s);
	}
	free(scores->classes);
	free(scores->misses);
	free(scores->false_alarms);
	*scores = (struct hk_scores){ 0 };
}

/* One class in one scene. */
struct comparison {
	struct hk_scores *scores;
	const struct hk_scene *scene;
	const struct hk_heard_take *heard;
	uint32_t label;
	struct hk_class_score *score;
	size_t n_truths, n_found;
	struct hk_interval *truths, *found;
};

static bool overlap(double start_a, double end_a, double start_b, double end_b)
{
	return start_a < end_b && start_b < end_a;
}

/* Mark the seconds that the intervals touch. */
static void mark_seconds(
	const struct hk_interval *intervals, size_t n, unsigned char *seconds, unsigned char bit)
{
	for (size_t i = 0; i < n; i++) {
		const size_t end = (size_t)ceil(intervals[i].end_s);
		for (size_t s = (size_t)floor(intervals[i].start_s); s < end; s++) {
			seconds[s] |= bit;
		}
	}
}

static size_t n_seconds(const struct comparison *c)
{
	double end = c->heard->duration_s;
	for (size_t i = 0; i < c->n_truths; i++) {
		end = fmax(end, c->truths[i].end_s);
	}
	for (size_t i = 0; i < c->n_found; i++) {
		end = fmax(end, c->found[i].end_s);
	}
	return (size_t)ceil(end);
}

static int count_segments(struct comparison *c)
{
	enum { IN_TRUTH = 1, FOUND = 2 };
	const size_t n = n_seconds(c);
	unsigned char *seconds = calloc(n + 1, 1);
	if (!seconds) {
		return -ENOMEM;
	}
	mark_seconds(c->truths, c->n_truths, seconds, IN_TRUTH);
	mark_seconds(c->found, c->n_found, seconds, FOUND);
	size_t n_absent = 0;
	for (size_t i = 0; i < n; i++) {
		c->score->segments.n_both += seconds[i] == (IN_TRUTH | FOUND);
		c->score->segments.n_found_only += seconds[i] == FOUND;
		c->score->segments.n_true_only += seconds[i] == IN_TRUTH;
		n_absent += !(seconds[i] & IN_TRUTH);
	}
	c->score->absent_h += (double)n_absent / 3600.0;
	free(seconds);
	return 0;
}

static int count_pairs(struct comparison *c)
{
	size_t n_pairs;
	const int r = hk_match(
		c->truths, c->n_truths, c->found, c->n_found, &c->scores->collar, &n_pairs);
	if (r < 0) {
		return r;
	}
	c->score->events.n_both += n_pairs;
	c->score->events.n_true_only += c->n_truths - n_pairs;
	c->score->events.n_found_only += c->n_found - n_pairs;
	c->score->n_true += c->n_truths;
	c->score->n_found += c->n_found;
	return 0;
}

static int add_miss(struct hk_scores *scores, const struct hk_miss *miss)
{
	struct hk_miss *misses =
		reallocarray(scores->misses, scores->n_misses + 1, sizeof(*misses));
	if (!misses) {
		return -ENOMEM;
	}
	scores->misses = misses;
	scores->misses[scores->n_misses++] = *miss;
	return 0;
}

static int add_latency(struct hk_class_score *score, double latency_s)
{
	double *latencies =
		reallocarray(score->latencies_s, score->n_latencies + 1, sizeof(*latencies));
	if (!latencies) {
		return -ENOMEM;
	}
	score->latencies_s = latencies;
	score->latencies_s[score->n_latencies++] = latency_s;
	return 0;
}

/* Was REFERENCE heard, and when was it told? */
static int judge_reference(struct comparison *c, const struct hk_reference *reference)
{
	for (size_t i = 0; i < c->heard->n_events; i++) {
		const struct hk_heard_take_event *event = &c->heard->events[i];
		if (event->label == c->label &&
			overlap(reference->onset_s, reference->offset_s, event->start_s,
				event->end_s)) {
			return add_latency(
				c->score, fmax(0, event->announced_s - reference->onset_s));
		}
	}
	c->score->n_missed++;
	return add_miss(c->scores, &(struct hk_miss){ c->scene, reference });
}

static int judge_event(struct comparison *c, const struct hk_heard_take_event *event)
{
	struct hk_false_alarm alarm = { .scene = c->scene, .event = *event };
	for (size_t i = 0; i < c->scene->n_references; i++) {
		const struct hk_reference *reference = &c->scene->references[i];
		if (!overlap(reference->onset_s, reference->offset_s, event->start_s,
			    event->end_s)) {
			continue;
		}
		if (reference->label == c->label) {
			return 0;
		}
		alarm.heard_instead = reference->name;
	}
	struct hk_scores *scores = c->scores;
	struct hk_false_alarm *alarms =
		reallocarray(scores->false_alarms, scores->n_false_alarms + 1, sizeof(*alarms));
	if (!alarms) {
		return -ENOMEM;
	}
	c->score->n_false++;
	scores->false_alarms = alarms;
	scores->false_alarms[scores->n_false_alarms++] = alarm;
	return 0;
}

static int judge(struct comparison *c)
{
	int r = 0;
	for (size_t i = 0; i < c->scene->n_references && r == 0; i++) {
		if (c->scene->references[i].label == c->label) {
			r = judge_reference(c, &c->scene->references[i]);
		}
	}
	for (size_t i = 0; i < c->heard->n_events && r == 0; i++) {
		if (c->heard->events[i].label == c->label) {
			r = judge_event(c, &c->heard->events[i]);
		}
	}
	return r;
}

static int compare(struct comparison *c)
{
	c->truths = calloc(c->scene->n_references + 1, sizeof(*c->truths));
	c->found = calloc(c->heard->n_events + 1, sizeof(*c->found));
	int r = c->truths && c->found ? 0 : -ENOMEM;
	for (size_t i = 0; r == 0 && i < c->scene->n_references; i++) {
		const struct hk_reference *reference = &c->scene->references[i];
		if (reference->label == c->label) {
			c->truths[c->n_truths++] =
				(struct hk_interval){ reference->onset_s, reference->offset_s };
		}
	}
	for (size_t i = 0; r == 0 && i < c->heard->n_events; i++) {
		const struct hk_heard_take_event *event = &c->heard->events[i];
		if (event->label == c->label) {
			c->found[c->n_found++] =
				(struct hk_interval){ event->start_s, event->end_s };
		}
	}
	if (r == 0 && (r = count_segments(c)) == 0 && (r = count_pairs(c)) == 0) {
		r = judge(c);
	}
	free(c->truths);
	free(c->found);
	return r;
}

int hk_scores_add(
	struct hk_scores *scores, const struct hk_scene *scene, const struct hk_heard_take *heard)
{
	int r = 0;
	for (uint32_t label = 0; label < scores->model->n_labels && r == 0; label++) {
		if (scores->classes[label].scored) {
			struct comparison comparison = {
				.scores = scores,
				.scene = scene,
				.heard = heard,
				.label = label,
				.score = &scores->classes[label],
			};
			r = compare(&comparison);
		}
	}
	scores->hours += heard->duration_s / 3600.0;
	return r;
}

struct hk_f1 hk_f1_of(const struct hk_counts *counts)
{
	const double both = (double)counts->n_both;
	const size_t n_found = counts->n_both + counts->n_found_only;
	const size_t n_true = counts->n_both + counts->n_true_only;
	return (struct hk_f1){
		.precision = n_found ? both / (double)n_found : 0,
		.recall = n_true ? both / (double)n_true : 0,
		.f1 = counts->n_both ? 2 * both / (double)(n_found + n_true) : 0,
	};
}

double hk_scores_macro_f1(const struct hk_scores *scores, bool segments)
{
	double sum = 0;
	unsigned n = 0;
	for (uint32_t c = 0; c < scores->model->n_labels; c++) {
		const struct hk_class_score *score = &scores->classes[c];
		if (score->scored && score->n_true > 0) {
			sum += hk_f1_of(segments ? &score->segments : &score->events).f1;
			n++;
		}
	}
	return n ? sum / n : 0;
}

double hk_false_rate(const struct hk_class_score *score)
{
	return score->absent_h > 0 ? (double)score->n_false / score->absent_h : 0;
}

double hk_false_rate_bound(const struct hk_class_score *score)
{
	return score->absent_h > 0
		? hk_poisson_upper(score->n_false, HK_RATE_CONFIDENCE) / score->absent_h
		: HUGE_VAL;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;
	return (x > y) - (x < y);
}

double hk_latency(const struct hk_class_score *score, double q)
{
	if (score->n_latencies == 0) {
		return NAN;
	}
	qsort(score->latencies_s, score->n_latencies, sizeof(double), by_size);
	const double position = q * (double)(score->n_latencies - 1);
	const size_t at = (size_t)position;
	const size_t next = at + 1 < score->n_latencies ? at + 1 : at;
	const double part = position - (double)at;
	return (1 - part) * score->latencies_s[at] + part * score->latencies_s[next];
}
