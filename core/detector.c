/* SPDX-License-Identifier: MIT */
#include "core/detector.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MAX_CONFIRM 64
#define SHORTEST_MAX_DURATION_S 1.0 /* a cut a second is the most that makes sense */
#define LONGEST_S (366.0 * 86400.0)

const char *const hk_priority_words[] = { "emerg", "alert", "crit", "err", "warning", "notice",
	"info", "debug", NULL };

#define AT(member) HK_PARAM_AT(struct hk_class_rules, member)

const struct hk_param hk_class_params[] = {
	{ NULL, "enabled", HK_PARAM_BOOL, AT(enabled), .fallback = "yes",
		.help = "Watch for this class" },
	{ NULL, "event", HK_PARAM_BOOL, AT(event), .fallback = "yes",
		.help = "Make events of this class; no for classes such as silence and other" },
	{ NULL, "on", HK_PARAM_DOUBLE, AT(on), .min = 0, .max = 1, .fallback = "0.6",
		.help = "Probability from which a window counts towards the start of an event" },
	{ NULL, "off", HK_PARAM_DOUBLE, AT(off), .min = 0, .max = 1, .fallback = "0.4",
		.help = "Probability from which a window keeps an event going; at most on" },
	{ NULL, "confirm", HK_PARAM_K_OF_N, AT(confirm), .min = 1, .max = MAX_CONFIRM,
		.fallback = "2 of 3",
		.help = "An event starts when K of the last N windows counted" },
	{ NULL, "release", HK_PARAM_DURATION, AT(release_s), .min = 0, .max = LONGEST_S,
		.fallback = "2 s", .unit = "s",
		.help = "An event ends when no window kept it going for this long" },
	{ NULL, "refractory", HK_PARAM_DURATION, AT(refractory_s), .min = 0, .max = LONGEST_S,
		.fallback = "0 s", .unit = "s",
		.help = "After an event nothing counts towards the next one for this long" },
	{ NULL, "min_duration", HK_PARAM_DURATION, AT(min_duration_s), .min = 0, .max = LONGEST_S,
		.fallback = "0 s", .unit = "s",
		.help = "Events that stay shorter than this are not reported" },
	{ NULL, "max_duration", HK_PARAM_DURATION, AT(max_duration_s), .min = 0, .max = LONGEST_S,
		.fallback = "0 s", .unit = "s",
		.help = "A longer event is ended and goes on as a new one; 0: no limit" },
	{ NULL, "priority", HK_PARAM_ENUM, AT(priority), .words = hk_priority_words,
		.fallback = "notice", .help = "Priority of the journal records of this class" },
};

const size_t hk_n_class_params = sizeof(hk_class_params) / sizeof(hk_class_params[0]);

/* A window that counted towards an onset. */
struct mark {
	uint64_t window; /* number of the window, so that it can grow too old */
	uint64_t first_frame;
	uint64_t end_frame;
	double probability;
	float level_dbfs;
};

struct class_state {
	struct hk_class_rules rules;
	uint64_t release_frames, refractory_frames, min_frames, max_frames;

	struct mark marks[MAX_CONFIRM];
	uint32_t n_marks;
	uint64_t deaf_until; /* frame before which no window may begin to count */

	bool open;            /* `event` goes on */
	bool published;       /* its start was told */
	bool torn;            /* audio was lost since event.end_frame */
	double probabilities; /* sum over the windows that counted */
	struct hk_event event;
};

struct hk_detector {
	struct hk_detector_sink sink;
	uint64_t n_windows;
	uint64_t n_events;      /* published */
	uint64_t position;      /* end of the newest window */
	uint64_t n_lost_frames; /* since then */
	uint32_t n_classes;
	struct class_state classes[];
};

int hk_class_rules_check(const struct hk_class_rules *rules, struct hk_diag *diag)
{
	if (!(rules->on >= 0 && rules->on <= 1) || !(rules->off >= 0)) {
		return hk_diag_set(diag, -EINVAL,
			"on and off: expected probabilities from 0 to 1, got %g and %g", rules->on,
			rules->off);
	}
	if (rules->off > rules->on) {
		return hk_diag_set(diag, -EINVAL, "off: expected at most on (%g), got %g",
			rules->on, rules->off);
	}
	if (rules->confirm.k < 1 || rules->confirm.k > rules->confirm.n ||
		rules->confirm.n > MAX_CONFIRM) {
		return hk_diag_set(diag, -EINVAL,
			"confirm: expected K of N with 1 <= K <= N <= %d, got %u of %u",
			MAX_CONFIRM, rules->confirm.k, rules->confirm.n);
	}
	const double durations[] = { rules->release_s, rules->refractory_s, rules->min_duration_s,
		rules->max_duration_s };
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		if (!(durations[i] >= 0 && durations[i] <= LONGEST_S)) {
			return hk_diag_set(diag, -EINVAL,
				"release, refractory, min_duration and max_duration: expected 0 to %g s, got %g s",
				LONGEST_S, durations[i]);
		}
	}
	if (rules->max_duration_s > 0 && rules->max_duration_s < SHORTEST_MAX_DURATION_S) {
		return hk_diag_set(diag, -EINVAL,
			"max_duration: expected 0 (no limit) or at least %g s, got %g s",
			SHORTEST_MAX_DURATION_S, rules->max_duration_s);
	}
	if (rules->max_duration_s > 0 && rules->max_duration_s < rules->min_duration_s) {
		return hk_diag_set(diag, -EINVAL,
			"max_duration: expected at least min_duration (%g s), got %g s",
			rules->min_duration_s, rules->max_duration_s);
	}
	if (rules->priority > 7) {
		return hk_diag_set(
			diag, -EINVAL, "priority: expected 0 to 7, got %u", rules->priority);
	}
	return 0;
}

static uint64_t frames_of(double seconds, uint32_t rate_hz)
{
	return (uint64_t)llround(seconds * rate_hz);
}

int hk_detector_new(struct hk_detector **ret, const struct hk_class_rules *rules,
	uint32_t n_classes, uint32_t rate_hz, const struct hk_detector_sink *sink)
{
	if (rate_hz == 0) {
		return -EINVAL;
	}
	for (uint32_t i = 0; i < n_classes; i++) {
		const int r = hk_class_rules_check(&rules[i], NULL);
		if (r < 0) {
			return r;
		}
	}
	struct hk_detector *detector =
		calloc(1, sizeof(*detector) + n_classes * sizeof(detector->classes[0]));
	if (!detector) {
		return -ENOMEM;
	}
	detector->sink = *sink;
	detector->n_classes = n_classes;
	for (uint32_t i = 0; i < n_classes; i++) {
		struct class_state *class = &detector->classes[i];
		class->rules = rules[i];
		class->release_frames = frames_of(rules[i].release_s, rate_hz);
		class->refractory_frames = frames_of(rules[i].refractory_s, rate_hz);
		class->min_frames = frames_of(rules[i].min_duration_s, rate_hz);
		class->max_frames = rules[i].max_duration_s > 0
			? frames_of(rules[i].max_duration_s, rate_hz)
			: UINT64_MAX;
		class->event.label = i;
	}
	*ret = detector;
	return 0;
}

void hk_detector_free(struct hk_detector *detector)
{
	free(detector);
}

static void open_event(struct class_state *class, uint64_t start_frame, uint64_t continues)
{
	class->open = true;
	class->published = false;
	class->torn = false;
	class->probabilities = 0;
	class->event = (struct hk_event){
		.continues = continues,
		.label = class->event.label,
		.state = HK_EVENT_ONGOING,
		.start_frame = start_frame,
		.end_frame = start_frame,
		.level_dbfs = -INFINITY,
	};
}

static void publish_when_long_enough(struct hk_detector *detector, struct class_state *class)
{
	const uint64_t n_frames = class->event.end_frame - class->event.start_frame;
	/* What goes on from a published event is published too, however short it stays. */
	if (class->published || (n_frames < class->min_frames && !class->event.continues)) {
		return;
	}
	class->published = true;
	class->event.sequence = ++detector->n_events;
	detector->sink.on_start(detector->sink.owner, &class->event);
}

static void close_event(
	struct hk_detector *detector, struct class_state *class, enum hk_event_state state)
{
	class->open = false;
	if (!class->published) {
		return;
	}
	class->deaf_until = class->event.end_frame + class->refractory_frames;
	class->event.state = state;
	detector->sink.on_end(detector->sink.owner, &class->event);
}

static void continue_as_new(
	struct hk_detector *detector, struct class_state *class, uint64_t start_frame)
{
	const struct hk_event *event = &class->event;
	publish_when_long_enough(detector, class);
	uint64_t first = 0;
	if (class->published) {
		first = event->continues ? event->continues : event->sequence;
	}
	close_event(detector, class, HK_EVENT_ENDED);
	open_event(class, start_frame, first);
}

static void count_window(struct class_state *class, const struct mark *mark)
{
	struct hk_event *event = &class->event;
	event->n_windows++;
	class->probabilities += mark->probability;
	event->mean_probability = class->probabilities / event->n_windows;
	event->peak_probability = fmax(event->peak_probability, mark->probability);
	event->level_dbfs = fmaxf(event->level_dbfs, mark->level_dbfs);
	event->gap = event->gap || class->torn;
	class->torn = false;
}

/* Move the end to that of MARK, which counted, and cut what becomes longer than allowed. */
static void extend_event(
	struct hk_detector *detector, struct class_state *class, const struct mark *mark)
{
	/* The limit lies in a pause before MARK: the event ended there, the pause is nobody's. */
	if (mark->first_frame >= class->event.end_frame &&
		mark->first_frame - class->event.start_frame >= class->max_frames) {
		continue_as_new(detector, class, mark->first_frame);
	}
	count_window(class, mark);
	while (mark->end_frame - class->event.start_frame > class->max_frames) {
		class->event.end_frame = class->event.start_frame + class->max_frames;
		continue_as_new(detector, class, class->event.end_frame);
		count_window(class, mark);
	}
	class->event.end_frame = mark->end_frame;
}

static void push_open(
	struct hk_detector *detector, struct class_state *class, const struct mark *mark)
{
	if (mark->probability >= class->rules.off) {
		extend_event(detector, class, mark);
		publish_when_long_enough(detector, class);
	} else if (mark->end_frame - class->event.end_frame >= class->release_frames) {
		close_event(detector, class, HK_EVENT_ENDED);
	}
}

static void push_closed(
	struct hk_detector *detector, struct class_state *class, const struct mark *mark)
{
	/* One window comes, at most one mark grows too old. */
	if (class->n_marks > 0 && mark->window - class->marks[0].window >= class->rules.confirm.n) {
		class->n_marks--;
		memmove(class->marks, class->marks + 1, class->n_marks * sizeof(class->marks[0]));
	}
	if (mark->probability < class->rules.on || mark->first_frame < class->deaf_until) {
		return;
	}
	class->marks[class->n_marks++] = *mark;
	if (class->n_marks < class->rules.confirm.k) {
		return;
	}
	open_event(class, class->marks[0].first_frame, 0);
	for (uint32_t i = 0; i < class->n_marks; i++) {
		extend_event(detector, class, &class->marks[i]);
	}
	class->n_marks = 0;
	publish_when_long_enough(detector, class);
}

void hk_detector_push(struct hk_detector *detector, const struct hk_detector_window *window)
{
	assert(window->end_frame > window->first_frame);
	detector->n_windows++;
	detector->position = window->end_frame;
	detector->n_lost_frames = 0;
	for (uint32_t i = 0; i < detector->n_classes; i++) {
		struct class_state *class = &detector->classes[i];
		if (!class->rules.enabled || !class->rules.event) {
			continue;
		}
		const struct mark mark = {
			.window = detector->n_windows,
			.first_frame = window->first_frame,
			.end_frame = window->end_frame,
			/* below every threshold, `on = 0` as well: nothing sounds in zeros */
			.probability = window->zeros ? -1 : window->probabilities[i],
			.level_dbfs = window->level_dbfs,
		};
		if (class->open) {
			push_open(detector, class, &mark);
		} else {
			push_closed(detector, class, &mark);
		}
	}
}

/* Whether CLASS' event is torn when N_LOST frames are lost since the newest window. */
static bool is_torn_by(
	const struct hk_detector *detector, const struct class_state *class, uint64_t n_lost)
{
	const uint64_t n_quiet = detector->position - class->event.end_frame;
	return class->open && n_quiet + n_lost > class->release_frames;
}

bool hk_detector_waits_in_vain(const struct hk_detector *detector, uint64_t n_frames)
{
	for (uint32_t i = 0; i < detector->n_classes; i++) {
		if (is_torn_by(
			    detector, &detector->classes[i], detector->n_lost_frames + n_frames)) {
			return true;
		}
	}
	return false;
}

void hk_detector_wait(struct hk_detector *detector, uint64_t n_frames)
{
	for (uint32_t i = 0; i < detector->n_classes; i++) {
		struct class_state *class = &detector->classes[i];
		if (is_torn_by(detector, class, detector->n_lost_frames + n_frames)) {
			close_event(detector, class, HK_EVENT_INTERRUPTED);
		}
	}
}

void hk_detector_gap(struct hk_detector *detector, uint64_t first_frame, uint64_t n_frames)
{
	/* The source began anew at an earlier position: nothing from before can go on. */
	const bool backwards = first_frame + n_frames < detector->position;
	detector->n_lost_frames += n_frames;
	for (uint32_t i = 0; i < detector->n_classes; i++) {
		struct class_state *class = &detector->classes[i];
		class->n_marks = 0;
		if (class->open) {
			class->torn = true;
			if (backwards || is_torn_by(detector, class, detector->n_lost_frames)) {
				close_event(detector, class, HK_EVENT_INTERRUPTED);
			}
		}
		if (backwards) {
			class->deaf_until = 0;
		}
	}
	if (backwards) {
		detector->position = first_frame + n_frames;
		detector->n_lost_frames = 0;
	}
}

void hk_detector_finish(struct hk_detector *detector, enum hk_event_state state)
{
	for (uint32_t i = 0; i < detector->n_classes; i++) {
		struct class_state *class = &detector->classes[i];
		class->n_marks = 0;
		if (class->open) {
			close_event(detector, class, state);
		}
	}
}

enum hk_gate hk_detector_gate(const struct hk_detector *detector, uint32_t label)
{
	assert(label < detector->n_classes);
	const struct class_state *class = &detector->classes[label];
	if (class->open) {
		return HK_GATE_OPEN;
	}
	if (class->n_marks > 0) {
		return HK_GATE_CONFIRMING;
	}
	return detector->position < class->deaf_until ? HK_GATE_REFRACTORY : HK_GATE_CLOSED;
}

const struct hk_event *hk_detector_ongoing(const struct hk_detector *detector, uint32_t label)
{
	assert(label < detector->n_classes);
	const struct class_state *class = &detector->classes[label];
	return class->open && class->published ? &class->event : NULL;
}

const char *hk_gate_name(enum hk_gate gate)
{
	static const char *const names[] = { "closed", "confirming", "open", "refractory" };
	return names[gate];
}
