/* SPDX-License-Identifier: MIT */
#include "core/audio/frame_clock.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/math/quantile.h"
#include "core/math/regression.h"

#define NS_PER_S 1000000000
#define MAX_POINTS 1200
#define MAX_SEGMENTS 16
#define POINTS_PER_S 20 /* one block in 50 ms is enough */
#define WINDOW_S 60
#define KNOWN_SPAN_S (0.9 * WINDOW_S) /* what is late at its ends is left out */
#define KNOWN_ERROR_PPM 10.0
#define N_EARLY 32        /* points until which each one is fitted at once; then once a second */
#define N_FITS 4          /* with the late blocks left out in all but the first */
#define LATE_SPREADS 3.0  /* beyond the median: late */
#define EARLY_SPREADS 6.0 /* before the median: a clock that was set back a little */
#define LEAST_SPREAD_S 50e-6
#define STEP_SPREADS 8.0 /* of the residuals: off the regression */
#define LEAST_STEP_S 0.025
#define LEAST_EARLY_STEP_S 0.1 /* while the spread is not known yet */
#define STEP_RUN_S 0.5
#define LEAST_SET_NS 50000000

/*
 * Until the blocks know better the drift is 0: as if observed with a standard error of 300 ppm
 * against jitter of 3 ms. Outweighed after about ten seconds.
 */
#define DRIFT_RIDGE_S2 ((3e-3 / 300e-6) * (3e-3 / 300e-6))

struct point {
	uint64_t frame;
	int64_t ns;
};

/* The reading at FRAME: origin_ns + nominal time since origin_frame + line. */
struct segment {
	uint64_t first_frame;
	uint64_t origin_frame;
	int64_t origin_ns;
	int64_t wall_offset_ns;
	struct hk_linear line; /* deviation in seconds over nominal seconds since the origin */
};

/* Blocks in a row that lie off the regression to the same side. */
struct clock_run {
	bool running;
	uint64_t first_frame;
	double deviation_s; /* of its first block */
};

struct hk_frame_clock {
	uint32_t rate_hz;
	struct point points[MAX_POINTS]; /* a ring */
	uint32_t first_point, n_points;
	uint64_t last_frame;                   /* of the last block */
	uint64_t fitted_frame;                 /* last block of the last fit */
	struct segment segments[MAX_SEGMENTS]; /* oldest first */
	uint32_t n_segments;                   /* kept */
	uint32_t n_begun;
	struct clock_run run;
	struct hk_frame_clock_status status;
	double x_s[MAX_POINTS], y_s[MAX_POINTS], weights[MAX_POINTS]; /* the last fit's */
	double residuals_s[MAX_POINTS];
	float scratch_s[MAX_POINTS];
};

int hk_frame_clock_new(struct hk_frame_clock **ret, uint32_t rate_hz)
{
	if (rate_hz < 1 || rate_hz > 1000000) {
		return -EINVAL;
	}
	struct hk_frame_clock *clock = calloc(1, sizeof(*clock));
	if (!clock) {
		return -ENOMEM;
	}
	clock->rate_hz = rate_hz;
	*ret = clock;
	return 0;
}

void hk_frame_clock_free(struct hk_frame_clock *clock)
{
	free(clock);
}

/* N_FRAMES at the nominal rate. */
static int64_t nominal_ns(const struct hk_frame_clock *clock, int64_t n_frames)
{
	const int64_t rate = clock->rate_hz;
	return n_frames / rate * NS_PER_S + n_frames % rate * NS_PER_S / rate;
}

static struct point *point_at(struct hk_frame_clock *clock, uint32_t i)
{
	return &clock->points[(clock->first_point + i) % MAX_POINTS];
}

static struct segment *newest(struct hk_frame_clock *clock)
{
	return &clock->segments[clock->n_segments - 1];
}

static int64_t time_in_segment(
	const struct hk_frame_clock *clock, const struct segment *segment, uint64_t frame)
{
	const int64_t n_frames = (int64_t)(frame - segment->origin_frame);
	const double nominal_s = (double)n_frames / clock->rate_hz;
	return segment->origin_ns + nominal_ns(clock, n_frames) +
		llround(hk_linear_at(&segment->line, &nominal_s) * NS_PER_S);
}

static void begin_segment(
	struct hk_frame_clock *clock, uint64_t first_frame, const struct segment *like)
{
	if (clock->n_segments == MAX_SEGMENTS) {
		memmove(clock->segments, clock->segments + 1,
			(MAX_SEGMENTS - 1) * sizeof(clock->segments[0]));
		clock->n_segments--;
	}
	clock->segments[clock->n_segments] = *like;
	clock->segments[clock->n_segments].first_frame = first_frame;
	clock->n_segments++;
	clock->n_begun++;
}

/* Weigh 0 what lies too far from the median. The spread is taken below the median, where lateness
 * does not reach. */
static void leave_out_late_ones(struct hk_frame_clock *clock)
{
	const uint32_t n = clock->n_points;
	for (uint32_t i = 0; i < n; i++) {
		clock->scratch_s[i] = (float)clock->residuals_s[i];
	}
	const double median = hk_quantile(clock->scratch_s, n, 0.5);
	/* 16 %: one standard deviation below, were they normal. */
	const double lower = hk_quantile(clock->scratch_s, n, 0.16);
	const double spread = fmax(median - lower, LEAST_SPREAD_S);
	for (uint32_t i = 0; i < n; i++) {
		const double distance = clock->residuals_s[i] - median;
		clock->weights[i] =
			distance <= LATE_SPREADS * spread && distance >= -EARLY_SPREADS * spread;
	}
}

static void measure(struct hk_frame_clock *clock, const struct hk_linear *line)
{
	struct hk_frame_clock_status status = { .n_segments = clock->n_begun };
	const double slope = line->coefficients[0];
	double left = 0.0, sum_x = 0.0, mean = 0.0, about_mean = 0.0, about_mean_x = 0.0;
	for (uint32_t i = 0; i < clock->n_points; i++) {
		if (clock->weights[i] > 0.0) {
			status.n_points++;
			left += clock->residuals_s[i] * clock->residuals_s[i];
			sum_x += clock->x_s[i];
			mean += clock->x_s[i] + clock->y_s[i];
		}
	}
	const double n = status.n_points;
	mean /= n;
	for (uint32_t i = 0; i < clock->n_points; i++) {
		if (clock->weights[i] > 0.0) {
			const double d = clock->x_s[i] + clock->y_s[i] - mean;
			const double dx = clock->x_s[i] - sum_x / n;
			about_mean += d * d;
			about_mean_x += dx * dx;
		}
	}
	status.n_late = clock->n_points - status.n_points;
	status.span_s = clock->x_s[clock->n_points - 1] - clock->x_s[0];
	status.rate_hz = clock->rate_hz / (1.0 + slope);
	status.drift_ppm = (1.0 / (1.0 + slope) - 1.0) * 1e6;
	status.drift_error_ppm =
		status.n_points > 2 ? sqrt(left / (n - 2.0) / about_mean_x) * 1e6 : HUGE_VAL;
	status.residual_rms_s = sqrt(left / n);
	status.r2 = about_mean > 0.0 ? 1.0 - left / about_mean : 1.0;
	clock->status = status;
}

bool hk_frame_clock_knows_rate(const struct hk_frame_clock_status *status)
{
	return status->span_s > KNOWN_SPAN_S && status->drift_error_ppm < KNOWN_ERROR_PPM;
}

/* Fit the newest segment to the points. */
static void fit(struct hk_frame_clock *clock)
{
	struct segment *segment = newest(clock);
	const struct point origin = *point_at(clock, 0);
	for (uint32_t i = 0; i < clock->n_points; i++) {
		const struct point *point = point_at(clock, i);
		const int64_t n_frames = (int64_t)(point->frame - origin.frame);
		clock->x_s[i] = (double)n_frames / clock->rate_hz;
		clock->y_s[i] =
			(double)(point->ns - origin.ns - nominal_ns(clock, n_frames)) / NS_PER_S;
		clock->weights[i] = 1.0;
	}
	const struct hk_observations observations = {
		.x = clock->x_s,
		.y = clock->y_s,
		.weights = clock->weights,
		.n = clock->n_points,
		.n_terms = 1,
		.ridge = DRIFT_RIDGE_S2,
	};
	struct hk_linear line;
	for (int i = 0; i < N_FITS; i++) {
		/* Cannot fail: the ridge determines the slope of even one point, and the median
		 * always keeps its weight. */
		hk_linear_fit(&line, &observations);
		for (uint32_t k = 0; k < clock->n_points; k++) {
			clock->residuals_s[k] = clock->y_s[k] - hk_linear_at(&line, &clock->x_s[k]);
		}
		if (i + 1 < N_FITS) {
			leave_out_late_ones(clock);
		}
	}
	segment->origin_frame = origin.frame;
	segment->origin_ns = origin.ns;
	segment->line = line;
	clock->fitted_frame = point_at(clock, clock->n_points - 1)->frame;
	measure(clock, &line);
}

static void drop_points_before(struct hk_frame_clock *clock, uint64_t frame)
{
	while (clock->n_points > 0 && point_at(clock, 0)->frame < frame) {
		clock->first_point = (clock->first_point + 1) % MAX_POINTS;
		clock->n_points--;
	}
}

/* Keep the block as a point of the regression when the last one is old enough. */
static void keep_point(struct hk_frame_clock *clock, uint64_t frame, int64_t ns)
{
	if (clock->n_points > 0 &&
		frame - point_at(clock, clock->n_points - 1)->frame <
			clock->rate_hz / POINTS_PER_S) {
		return;
	}
	const uint64_t window = (uint64_t)WINDOW_S * clock->rate_hz;
	drop_points_before(clock, frame > window ? frame - window : 0);
	if (clock->n_points == MAX_POINTS) {
		drop_points_before(clock, point_at(clock, 0)->frame + 1);
	}
	clock->n_points++;
	*point_at(clock, clock->n_points - 1) = (struct point){ frame, ns };
	/* What may be a step must not bend the regression that shows it. */
	const bool due =
		clock->n_points <= N_EARLY || frame - clock->fitted_frame >= clock->rate_hz;
	if (due && !clock->run.running) {
		fit(clock);
	}
}

/* How far off the regression a block must lie to be no jitter. */
static double step_threshold_s(const struct hk_frame_clock *clock)
{
	const double spread = STEP_SPREADS * clock->status.residual_rms_s;
	return fmax(spread, clock->n_points <= N_EARLY ? LEAST_EARLY_STEP_S : LEAST_STEP_S);
}

/*
 * Does this block complete a run that shows a step? After a stall the lateness of the blocks that
 * had waited comes down from one to the next: as long as it does, the run starts anew.
 */
static bool completes_step(struct hk_frame_clock *clock, uint64_t frame, int64_t ns)
{
	struct clock_run *run = &clock->run;
	const double threshold_s = step_threshold_s(clock);
	const double deviation_s =
		(double)(ns - time_in_segment(clock, newest(clock), frame)) / NS_PER_S;
	if (fabs(deviation_s) <= threshold_s) {
		run->running = false;
		return false;
	}
	if (!run->running || deviation_s < run->deviation_s - 0.5 * threshold_s) {
		*run = (struct clock_run){ true, frame, deviation_s };
	}
	return (double)(frame - run->first_frame) >= STEP_RUN_S * clock->rate_hz;
}

/* Begin a segment where the run began, on the run's points alone. */
static void step(struct hk_frame_clock *clock, struct hk_clock_step *ret_step)
{
	const struct segment before = *newest(clock);
	const uint64_t first_frame = clock->run.first_frame;
	clock->run.running = false;
	drop_points_before(clock, first_frame);
	begin_segment(clock, first_frame, &before);
	fit(clock);
	ret_step->first_frame = first_frame;
	ret_step->monotonic_ns = time_in_segment(clock, newest(clock), first_frame) -
		time_in_segment(clock, &before, first_frame);
}

static void begin(struct hk_frame_clock *clock, uint64_t frame, int64_t ns, int64_t wall_offset_ns)
{
	clock->n_points = 0;
	clock->n_segments = 0;
	clock->run.running = false;
	begin_segment(clock, frame, &(struct segment){ .wall_offset_ns = wall_offset_ns });
	keep_point(clock, frame, ns);
}

unsigned hk_frame_clock_push(struct hk_frame_clock *clock, uint64_t frame, int64_t capture_ns,
	int64_t wall_offset_ns, struct hk_clock_step *ret_step)
{
	if (capture_ns == 0) {
		return 0;
	}
	struct hk_clock_step change = { .first_frame = frame };
	unsigned changes = 0;
	if (clock->n_segments == 0 || frame <= clock->last_frame) {
		changes = clock->n_segments == 0 ? 0 : HK_CLOCK_RESTARTED;
		begin(clock, frame, capture_ns, wall_offset_ns);
	} else {
		const int64_t set_ns = wall_offset_ns - newest(clock)->wall_offset_ns;
		if (llabs(set_ns) >= LEAST_SET_NS) {
			changes |= HK_CLOCK_SET;
			change.wall_offset_ns = set_ns;
			begin_segment(clock, frame, newest(clock));
		}
		newest(clock)->wall_offset_ns = wall_offset_ns;
		const bool stepped = completes_step(clock, frame, capture_ns);
		keep_point(clock, frame, capture_ns);
		if (stepped) {
			changes |= HK_CLOCK_STEPPED;
			step(clock, &change);
		}
	}
	clock->last_frame = frame;
	clock->status.n_segments = clock->n_begun;
	if (changes && ret_step) {
		*ret_step = change;
	}
	return changes;
}

int hk_frame_clock_at(const struct hk_frame_clock *clock, uint64_t frame, struct hk_frame_time *ret)
{
	if (clock->n_segments == 0) {
		return -ENODATA;
	}
	uint32_t i = clock->n_segments - 1;
	while (i > 0 && clock->segments[i].first_frame > frame) {
		i--;
	}
	const struct segment *segment = &clock->segments[i];
	ret->monotonic_ns = time_in_segment(clock, segment, frame);
	ret->wall_ns = ret->monotonic_ns + segment->wall_offset_ns;
	return 0;
}

int hk_frame_clock_status(const struct hk_frame_clock *clock, struct hk_frame_clock_status *ret)
{
	if (clock->n_segments == 0) {
		return -ENODATA;
	}
	*ret = clock->status;
	return 0;
}
