/* SPDX-License-Identifier: MIT */
#include <math.h>

#include "clients/evaluate/print.h"
#include "clients/train/report.h"
#include "learning/scoring/averages.h"
#include "learning/scoring/curves.h"

static json_t *numbers(const double *values, size_t n)
{
	json_t *array = json_array();
	for (size_t i = 0; i < n; i++) {
		json_array_append_new(array, hk_json_number(values[i]));
	}
	return array;
}

static json_t *averages_json(const struct hk_measures *measures, bool weighted)
{
	const struct hk_averages averages = hk_averages_of(measures, weighted);
	return json_pack("{s:f, s:f, s:f}", "precision", averages.precision, "recall",
		averages.recall, "f1", averages.f1);
}

static json_t *measures_json(const struct hk_measures *measures, const struct hk_model *model)
{
	json_t *object = hk_report_measures_json(measures, model->labels);
	json_object_set_new(object, "macro_avg", averages_json(measures, false));
	json_object_set_new(object, "weighted_avg", averages_json(measures, true));
	return object;
}

static json_t *reliability_json(const struct hk_clips *clips)
{
	struct hk_reliability reliability;
	json_t *bins = json_array();
	hk_reliability_of(
		&reliability, clips->label, clips->probabilities, clips->n_rows, clips->n_labels);
	for (int i = 0; i < HK_RELIABILITY_BINS; i++) {
		json_array_append_new(bins,
			json_pack("{s:I, s:f, s:f}", "windows", (json_int_t)reliability.n[i],
				"confidence", reliability.confidence[i], "accuracy",
				reliability.accuracy[i]));
	}
	return bins;
}

static json_t *thresholds_json(const struct hk_clips *clips, const struct hk_model *model)
{
	json_t *object = json_object();
	for (uint32_t c = 0; c < clips->n_labels; c++) {
		struct hk_threshold_curve curve;
		hk_threshold_curve_of(&curve, c, clips->label, clips->probabilities, clips->n_rows,
			clips->n_labels);
		json_object_set_new(object, model->labels[c],
			json_pack("{s:f, s:o, s:o, s:o, s:o}", "best", hk_threshold_at(curve.best),
				"precision", numbers(curve.precision, HK_N_THRESHOLDS), "recall",
				numbers(curve.recall, HK_N_THRESHOLDS), "f1",
				numbers(curve.f1, HK_N_THRESHOLDS), "false_share",
				numbers(curve.false_share, HK_N_THRESHOLDS)));
	}
	return object;
}

static json_t *event_json(const struct hk_heard_take_event *event, const struct hk_model *model)
{
	return json_pack("{s:s, s:f, s:f, s:f, s:f}", "label", model->labels[event->label],
		"start_s", event->start_s, "end_s", event->end_s, "announced_s", event->announced_s,
		"peak_probability", event->peak_probability);
}

static json_t *recordings_json(const struct hk_clips *clips, const struct hk_model *model)
{
	json_t *array = json_array();
	for (size_t i = 0; i < clips->n_clips; i++) {
		const struct hk_clip *clip = &clips->clips[i];
		const struct hk_take *take = &clips->manifest->takes[i];
		json_t *events = json_array();
		for (size_t j = 0; j < clip->n_events; j++) {
			json_array_append_new(events, event_json(&clip->events[j], model));
		}
		json_array_append_new(array,
			json_pack("{s:o, s:s, s:s, s:o, s:f, s:I, s:o}", "file",
				hk_json_text(take->path), "class",
				clips->manifest->labels[take->label], "label",
				model->labels[clip->label], "decided",
				clip->n_rows > 0 ? json_string(model->labels[clip->decided])
						 : json_null(),
				"duration_s", clip->duration_s, "windows", (json_int_t)clip->n_rows,
				"events", events));
	}
	return array;
}

static json_t *event_counts_json(const struct hk_clips *clips, const struct hk_model *model)
{
	json_t *object = json_object();
	for (uint32_t i = 0; i < clips->manifest->n_labels; i++) {
		const struct hk_event_count *counts = clips->events + (size_t)i * clips->n_labels;
		json_t *labels = json_object();
		for (uint32_t c = 0; c < clips->n_labels; c++) {
			json_object_set_new(labels, model->labels[c],
				json_pack("{s:I, s:I}", "events", (json_int_t)counts[c].n_events,
					"recordings", (json_int_t)counts[c].n_clips));
		}
		json_object_set_new(object, clips->manifest->labels[i],
			json_pack("{s:I, s:f, s:o}", "recordings", (json_int_t)clips->n_heard[i],
				"hours", clips->hours[i], "labels", labels));
	}
	return object;
}

static json_t *clips_json(const struct hk_clips *clips, const struct hk_model *model)
{
	return json_pack("{s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:I}", "windows",
		measures_json(&clips->by_window, model), "recordings",
		measures_json(&clips->by_clip, model), "reliability", reliability_json(clips),
		"thresholds", thresholds_json(clips, model), "events",
		event_counts_json(clips, model), "files", recordings_json(clips, model),
		"zero_windows", (json_int_t)clips->n_zero_windows, "not_heard",
		(json_int_t)clips->n_unheard);
}

static json_t *f1_json(const struct hk_counts *counts)
{
	const struct hk_f1 f1 = hk_f1_of(counts);
	return json_pack(
		"{s:f, s:f, s:f}", "precision", f1.precision, "recall", f1.recall, "f1", f1.f1);
}

static json_t *class_json(const struct hk_scores *scores, uint32_t label)
{
	const struct hk_class_score *score = &scores->classes[label];
	return json_pack("{s:s, s:I, s:I, s:o, s:o, s:I, s:I, s:f, s:f, s:o, s:o, s:o}", "label",
		scores->model->labels[label], "true", (json_int_t)score->n_true, "found",
		(json_int_t)score->n_found, "segments", f1_json(&score->segments), "event_based",
		f1_json(&score->events), "missed", (json_int_t)score->n_missed, "false_alarms",
		(json_int_t)score->n_false, "absent_h", score->absent_h, "false_alarms_an_hour",
		hk_false_rate(score), "false_alarms_an_hour_bound",
		hk_json_number(hk_false_rate_bound(score)), "latency_median_s",
		hk_json_number(hk_latency(score, 0.5)), "latency_max_s",
		hk_json_number(hk_latency(score, 1)));
}

static json_t *misses_json(const struct hk_scores *scores)
{
	json_t *array = json_array();
	for (size_t i = 0; i < scores->n_misses; i++) {
		const struct hk_miss *miss = &scores->misses[i];
		json_array_append_new(array,
			json_pack("{s:o, s:o, s:f, s:f}", "file", hk_json_text(miss->scene->path),
				"label", hk_json_text(miss->reference->name), "onset_s",
				miss->reference->onset_s, "offset_s", miss->reference->offset_s));
	}
	return array;
}

static json_t *false_alarms_json(const struct hk_scores *scores)
{
	json_t *array = json_array();
	for (size_t i = 0; i < scores->n_false_alarms; i++) {
		const struct hk_false_alarm *alarm = &scores->false_alarms[i];
		json_t *object = event_json(&alarm->event, scores->model);
		json_object_set_new(object, "file", hk_json_text(alarm->scene->path));
		json_object_set_new(object, "was",
			alarm->heard_instead ? hk_json_text(alarm->heard_instead) : json_null());
		json_array_append_new(array, object);
	}
	return array;
}

static json_t *scores_json(const struct hk_scores *scores)
{
	json_t *classes = json_array();
	for (uint32_t c = 0; c < scores->model->n_labels; c++) {
		if (scores->classes[c].scored) {
			json_array_append_new(classes, class_json(scores, c));
		}
	}
	return json_pack("{s:f, s:f, s:f, s:f, s:o, s:o, s:o}", "hours", scores->hours,
		"macro_segment_f1", hk_scores_macro_f1(scores, true), "macro_event_f1",
		hk_scores_macro_f1(scores, false), "collar_s", scores->collar.seconds, "classes",
		classes, "missed", misses_json(scores), "false_alarms", false_alarms_json(scores));
}

json_t *hk_evaluation_json(const struct hk_evaluation *evaluation)
{
	const struct hk_model *model = evaluation->plan->model;
	json_t *runs = json_object();
	for (size_t i = 0; i < evaluation->n_runs; i++) {
		const struct hk_evaluation_run *run = &evaluation->runs[i];
		json_object_set_new(runs, hk_degradations[run->degradation].name,
			evaluation->is_scenes ? scores_json(&run->scores)
					      : clips_json(&run->clips, model));
	}
	return json_pack("{s:s, s:s, s:o, s:s, s:o, s:o}", "model", model->name, "hash",
		model->hash, "input", hk_json_text(evaluation->plan->input), "kind",
		evaluation->is_scenes ? "scenes" : "clips", "runs", runs, "notes",
		hk_notes_json(&evaluation->notes));
}
