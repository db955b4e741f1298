/* SPDX-License-Identifier: MIT */
#include "core/detection/detector.h"

#include <assert.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* A window that counted towards an onset. */
struct mark {
	uint64_t window; /* number of the window, so that it can grow too old */
	uint64_t first_frame;
	uint64_t end_frame;
	double probability;
	float level_dbfs;
};

/* The ways to an event. */
enum { ORDINARY, SURE, FAINT, N_WAYS };

struct way {
	double on;
	struct hk_k_of_n confirm; /* k 0: there is no such way */
	struct mark marks[HK_MAX_CONFIRM];
	uint32_t n_marks;
};

struct class_state {
	struct hk_class_rules rules;
	uint64_t release_frames, refractory_frames, min_frames, max_frames;

	struct way ways[N_WAYS];
	uint64_t deaf_until; /* frame before which no window may begin to count */

	bool open;            /* `event` goes on */
	bool faint;           /* it came the faint way */
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

static void find_ways(const struct hk_class_rules *rules, struct way ret_ways[N_WAYS])
{
	ret_ways[ORDINARY].on = rules->on;
	ret_ways[ORDINARY].confirm = rules->confirm;
	if (rules->sure_on > 0) {
		ret_ways[SURE].on = rules->sure_on;
		ret_ways[SURE].confirm = rules->sure_confirm;
	}
	if (rules->faint_on > 0) {
		ret_ways[FAINT].on = rules->faint_on;
		ret_ways[FAINT].confirm = rules->faint_confirm;
	}
}

static void forget_marks(struct class_state *class)
{
	for (uint32_t w = 0; w < N_WAYS; w++) {
		class->ways[w].n_marks = 0;
	}
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
		find_ways(&rules[i], class->ways);
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

/* A window as one way sees it: what came the faint way counts by what was before smoothing. */
static struct mark mark_of(const struct mark marks[N_WAYS], bool faint)
{
	return faint && marks[FAINT].probability > marks[ORDINARY].probability ? marks[FAINT]
									       : marks[ORDINARY];
}

/* MARKS: the window by each way. */
static void push_open(
	struct hk_detector *detector, struct class_state *class, const struct mark marks[N_WAYS])
{
	const bool is_plain = marks[ORDINARY].probability >= class->rules.off;
	const bool is_faint = class->faint && marks[FAINT].probability >= class->ways[FAINT].on;
	if (is_plain || is_faint) {
		const struct mark mark = mark_of(marks, is_faint);
		extend_event(detector, class, &mark);
		publish_when_long_enough(detector, class);
	} else if (marks[ORDINARY].end_frame - class->event.end_frame >= class->release_frames) {
		close_event(detector, class, HK_EVENT_ENDED);
	}
}

/* Returns whether MARK was the last that WAY needed. */
static bool confirms(struct way *way, const struct mark *mark, uint64_t deaf_until)
{
	/* One window comes, at most one mark grows too old. */
	if (way->n_marks > 0 && mark->window - way->marks[0].window >= way->confirm.n) {
		way->n_marks--;
		memmove(way->marks, way->marks + 1, way->n_marks * sizeof(way->marks[0]));
	}
	if (way->confirm.k == 0 || mark->probability < way->on || mark->first_frame < deaf_until) {
		return false;
	}
	way->marks[way->n_marks++] = *mark;
	return way->n_marks == way->confirm.k;
}

static void push_closed(
	struct hk_detector *detector, struct class_state *class, const struct mark marks[N_WAYS])
{
	struct way *found = NULL;
	for (uint32_t w = 0; w < N_WAYS; w++) {
		struct way *way = &class->ways[w];
		if (confirms(way, &marks[w], class->deaf_until) && !found) {
			found = way;
		}
	}
	if (!found) {
		return;
	}
	open_event(class, found->marks[0].first_frame, 0);
	class->faint = found == &class->ways[FAINT];
	for (uint32_t i = 0; i < found->n_marks; i++) {
		extend_event(detector, class, &found->marks[i]);
	}
	forget_marks(class);
	publish_when_long_enough(detector, class);
}

/* WINDOW as each way to an event of class LABEL sees it. */
static void see_window(struct mark ret_marks[N_WAYS], const struct hk_detector_window *window,
	uint64_t number, uint32_t label)
{
	const double *raw = window->raw ? window->raw : window->probabilities;
	for (uint32_t w = 0; w < N_WAYS; w++) {
		const double *probabilities = w == FAINT ? raw : window->probabilities;
		ret_marks[w] = (struct mark){
			.window = number,
			.first_frame = window->first_frame,
			.end_frame = window->end_frame,
			/* below every threshold, `on = 0` as well: zeros hold no sound */
			.probability = window->zeros ? -1 : probabilities[label],
			.level_dbfs = window->level_dbfs,
		};
	}
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
		struct mark marks[N_WAYS];
		see_window(marks, window, detector->n_windows, i);
		if (class->open) {
			push_open(detector, class, marks);
		} else {
			push_closed(detector, class, marks);
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
		forget_marks(class);
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
		forget_marks(class);
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
	const struct way *faint = &class->ways[FAINT];
	if (class->ways[ORDINARY].n_marks + class->ways[SURE].n_marks > 0 ||
		(faint->confirm.k > 0 && 2 * faint->n_marks > faint->confirm.k)) {
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
