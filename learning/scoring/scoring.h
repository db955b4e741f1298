/* SPDX-License-Identifier: MIT */
/*
 * scoring: detected events against those that were there, class by class.
 *
 * segments  second by second, was the class active in both, in one, in none; a second that an event
 *           touches is active (sed_eval's segment-based metrics, time_resolution 1)
 * events    pairs whose onsets and offsets lie close enough (sed_eval's event-based metrics)
 * missed    a true event that no detected one of its class overlaps
 * false     a detected event that no true one of its class overlaps; their rate over the time in
 *           which the class was not there, with the exact 95 % bound of a Poisson count
 * latency   from the true onset to when the event was told
 *
 * Scored are the classes whose rules make events. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "learning/scoring/hearing.h"
#include "learning/scoring/matching.h"
#include "learning/scoring/scenes.h"

#define HK_RATE_CONFIDENCE 0.95

struct hk_counts {
	size_t n_both, n_found_only, n_true_only;
};

struct hk_f1 {
	double precision, recall, f1; /* 0 where they are undefined */
};

struct hk_class_score {
	bool scored;
	struct hk_counts segments, events;
	size_t n_true, n_found, n_missed, n_false;
	double absent_h; /* hours without the class */
	size_t n_latencies;
	double *latencies_s; /* of the true events that were heard */
};

/* A true event that was not heard. */
struct hk_miss {
	const struct hk_scene *scene;
	const struct hk_reference *reference;
};

/* A detected event that was not there. */
struct hk_false_alarm {
	const struct hk_scene *scene;
	struct hk_heard_take_event event;
	const char *heard_instead; /* name of a true event of another label there; NULL */
};

struct hk_scores {
	const struct hk_model *model;
	struct hk_collar collar;
	double hours;
	struct hk_class_score *classes; /* n_labels */
	size_t n_misses;
	struct hk_miss *misses;
	size_t n_false_alarms;
	struct hk_false_alarm *false_alarms;
};

/* MODEL must outlive the scores, as must the scenes that are added. Returns 0, -ENOMEM. */
int hk_scores_init(
	struct hk_scores *ret, const struct hk_model *model, const struct hk_collar *collar);
void hk_scores_finish(struct hk_scores *scores);

/* Add what was heard of SCENE. Returns 0, -ENOMEM. */
int hk_scores_add(
	struct hk_scores *scores, const struct hk_scene *scene, const struct hk_heard_take *heard);

struct hk_f1 hk_f1_of(const struct hk_counts *counts);

/* Mean F1 of the scored classes that are in the scenes. SEGMENTS: of the segments, else of the
 * events. */
double hk_scores_macro_f1(const struct hk_scores *scores, bool segments);

/* False alarms an hour: as counted, and the upper bound. 0 and INFINITY without any time. */
double hk_false_rate(const struct hk_class_score *score);
double hk_false_rate_bound(const struct hk_class_score *score);

/* Quantile Q (0..1) of the latencies; NAN when there are none. */
double hk_latency(const struct hk_class_score *score, double q);
