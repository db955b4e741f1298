/* SPDX-License-Identifier: MIT */
#include "core/classifier/scaler.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/params.h"
#include "core/base/scan.h"
#include "core/base/text_buffer.h"

#define HEADER "feature,mean,scale"
#define MIN_ROW_SIZE 6 /* "a,0,1\n" */
#define NUMBER_SIZE 40

int hk_scaler_init(struct hk_scaler *scaler, size_t n_features)
{
	struct hk_scaler made = {
		.n_features = n_features,
		.mean = calloc(n_features, sizeof(*made.mean)),
		.scale = calloc(n_features, sizeof(*made.scale)),
	};
	if (!made.mean || !made.scale) {
		hk_scaler_finish(&made);
		return -ENOMEM;
	}
	for (size_t i = 0; i < n_features; i++) {
		made.scale[i] = 1;
	}
	*scaler = made;
	return 0;
}

void hk_scaler_finish(struct hk_scaler *scaler)
{
	if (!scaler) {
		return;
	}
	free(scaler->mean);
	free(scaler->scale);
	*scaler = (struct hk_scaler){ 0 };
}

void hk_scaler_fit(struct hk_scaler *scaler, const float *features, size_t n_rows)
{
	const size_t n = scaler->n_features;
	double *mean = scaler->mean, *scale = scaler->scale;
	memset(mean, 0, n * sizeof(*mean));
	memset(scale, 0, n * sizeof(*scale));
	for (size_t row = 0; row < n_rows; row++) {
		for (size_t i = 0; i < n; i++) {
			mean[i] += (double)features[row * n + i];
		}
	}
	for (size_t i = 0; i < n; i++) {
		mean[i] /= (double)n_rows;
	}
	for (size_t row = 0; row < n_rows; row++) {
		for (size_t i = 0; i < n; i++) {
			const double difference = (double)features[row * n + i] - mean[i];
			scale[i] += difference * difference;
		}
	}
	for (size_t i = 0; i < n; i++) {
		/* scikit-learn's bound on the rounding error of the variance of a constant */
		const double variance = scale[i] / (double)n_rows;
		const double error = (double)n_rows * mean[i] * DBL_EPSILON;
		const double bound = (double)n_rows * DBL_EPSILON * variance + error * error;
		scale[i] = variance <= bound ? 1 : sqrt(variance);
	}
}

void hk_scaler_apply(const struct hk_scaler *scaler, const float *features, float *ret_scaled)
{
	const double limit = scaler->clip > 0 ? (double)scaler->clip : HK_SCALER_LIMIT;
	for (size_t i = 0; i < scaler->n_features; i++) {
		const double value = ((double)features[i] - scaler->mean[i]) / scaler->scale[i];
		const double capped = value > limit ? limit : value;
		ret_scaled[i] = (float)(capped >= -limit ? capped : -limit);
	}
}

/* The part of LINE up to the next comma, or the rest. */
static struct hk_span next_field(struct hk_span *line)
{
	const char *comma = memchr(line->at, ',', (size_t)(line->end - line->at));
	const struct hk_span field = { line->at, comma ? comma : line->end };
	line->at = comma ? comma + 1 : line->end;
	return field;
}

static int parse_row(const struct hk_scan *scan, struct hk_span line, const char *name,
	double *ret_mean, double *ret_scale, struct hk_diag *diag)
{
	const struct hk_span name_field = next_field(&line);
	const struct hk_span mean_field = next_field(&line);
	const struct hk_span scale_field = line;
	double mean, scale;
	if (!hk_span_is(name_field, name)) {
		return hk_scan_error(scan, diag,
			"expected the feature %s of the profile, got \"%.*s\"", name,
			HK_SPAN_ARG(name_field));
	}
	if (hk_span_double(mean_field, &mean) < 0 || fabs(mean) > HK_SCALER_MAX_MEAN) {
		return hk_scan_error(scan, diag,
			"mean: expected a number from %g to %g, got \"%.*s\"", -HK_SCALER_MAX_MEAN,
			HK_SCALER_MAX_MEAN, HK_SPAN_ARG(mean_field));
	}
	if (hk_span_double(scale_field, &scale) < 0 || !(scale >= HK_SCALER_MIN_SCALE) ||
		scale > HK_SCALER_MAX_MEAN) {
		return hk_scan_error(scan, diag,
			"scale: expected a number from %g to %g, got \"%.*s\"", HK_SCALER_MIN_SCALE,
			HK_SCALER_MAX_MEAN, HK_SPAN_ARG(scale_field));
	}
	*ret_mean = mean;
	*ret_scale = scale;
	return 0;
}

static int parse_rows(struct hk_scaler *scaler, struct hk_scan *scan,
	const struct hk_profile_config *profile, struct hk_diag *diag)
{
	struct hk_span line;
	for (size_t i = 0; i < scaler->n_features; i++) {
		int r = hk_scan_line(scan, &line, diag);
		if (r < 0) {
			return r;
		}
		if (r == 0) {
			return hk_scan_error(scan, diag,
				"the file ends after %zu of the profile's %zu features", i,
				scaler->n_features);
		}
		char name[HK_FEATURE_NAME_SIZE];
		profile->profile->feature_name(profile->config, i, name);
		r = parse_row(scan, line, name, &scaler->mean[i], &scaler->scale[i], diag);
		if (r < 0) {
			return r;
		}
	}
	const int r = hk_scan_line(scan, &line, diag);
	return r > 0 ? hk_scan_error(scan, diag, "expected the end of the file after %zu features",
			       scaler->n_features)
		     : r;
}

int hk_scaler_parse(struct hk_scaler *ret, const char *path, const char *text, size_t length,
	const struct hk_profile_config *profile, struct hk_diag *diag)
{
	struct hk_scan scan;
	struct hk_span line = { 0 };
	hk_scan_init(&scan, path, text, length);
	int r = hk_scan_line(&scan, &line, diag);
	if (r < 0) {
		return r;
	}
	if (r == 0 || !hk_span_is(line, HEADER)) {
		return hk_scan_error(&scan, diag, "expected the header \"" HEADER "\"");
	}
	const size_t n_features = profile->profile->n_features(profile->config);
	if (n_features > length / MIN_ROW_SIZE) {
		return hk_diag_set(diag, -EINVAL,
			"%s: %zu bytes are too few for the profile's %zu features", path, length,
			n_features);
	}
	struct hk_scaler scaler;
	r = hk_scaler_init(&scaler, n_features);
	if (r < 0) {
		return r;
	}
	r = parse_rows(&scaler, &scan, profile, diag);
	if (r < 0) {
		hk_scaler_finish(&scaler);
		return r;
	}
	*ret = scaler;
	return 0;
}

int hk_scaler_print(const struct hk_scaler *scaler, const struct hk_profile_config *profile,
	char **ret_text, size_t *ret_length)
{
	struct hk_text_buffer text;
	const int r = hk_text_buffer_begin(&text);
	if (r < 0) {
		return r;
	}
	fputs(HEADER "\n", text.file);
	for (size_t i = 0; i < scaler->n_features; i++) {
		char name[HK_FEATURE_NAME_SIZE], mean[NUMBER_SIZE], scale[NUMBER_SIZE];
		profile->profile->feature_name(profile->config, i, name);
		hk_print_double(scaler->mean[i], mean, sizeof(mean));
		hk_print_double(scaler->scale[i], scale, sizeof(scale));
		fprintf(text.file, "%s,%s,%s\n", name, mean, scale);
	}
	return hk_text_buffer_end(&text, ret_text, ret_length);
}
