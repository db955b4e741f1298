/* SPDX-License-Identifier: MIT */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/features/spectrogram/time_features.h"

static struct hk_time_features features_of(const float *samples, size_t n)
{
	struct hk_time_features features;
	hk_time_features(samples, n, &features);
	return features;
}

static void assert_near(double value, double expected)
{
	if (!(fabs(value - expected) <= 1e-6 * fmax(1.0, fabs(expected)))) {
		fail_msg("%.9g, expected %.9g", value, expected);
	}
}

static void a_change_of_sign_is_a_crossing_and_tiny_values_are_positive(void **state)
{
	(void)state;
	static const float samples[] = { -1, 1, 1, 0, -0.0f, -1e-10f, -2e-10f, 1e-10f, -1, -1, 0 };
	assert_int_equal(features_of(samples, 11).n_zero_crossings, 5);
	assert_int_equal(features_of(samples, 1).n_zero_crossings, 0);
	assert_int_equal(features_of(samples, 2).n_zero_crossings, 1);
}

static void a_sine_has_two_crossings_a_period_and_a_kurtosis_of_minus_one_and_a_half(void **state)
{
	(void)state;
	enum { N = 44200, PERIODS = 100 }; /* 442 samples a period: the peaks are samples */
	static float samples[N];
	for (size_t i = 0; i < N; i++) {
		samples[i] = 0.5f * (float)sin(2.0 * M_PI * PERIODS * ((double)i + 0.5) / N);
	}
	const struct hk_time_features features = features_of(samples, N);
	assert_int_equal(features.n_zero_crossings, 2 * PERIODS - 1);
	assert_near((double)features.max, 0.5);
	assert_near((double)features.min, -0.5);
	assert_near(features.kurtosis, -1.5);
	assert_near(features.skewness, 0.0);
}

static void an_offset_changes_only_the_extremes_and_the_crossings(void **state)
{
	(void)state;
	enum { N = 16000 };
	static float samples[N];
	for (size_t i = 0; i < N; i++) {
		samples[i] = 100.0f + (float)sin(2.0 * M_PI * 10 * (double)i / N);
	}
	const struct hk_time_features features = features_of(samples, N);
	assert_int_equal(features.n_zero_crossings, 0);
	assert_near((double)features.min, 99.0);
	assert_near(features.kurtosis, -1.5);
	assert_near(features.skewness, 0.0);
}

static void full_scale_alternation_crosses_at_every_sample(void **state)
{
	(void)state;
	float samples[1000];
	for (size_t i = 0; i < 1000; i++) {
		samples[i] = i % 2 ? 1.0f : -1.0f;
	}
	const struct hk_time_features features = features_of(samples, 1000);
	assert_int_equal(features.n_zero_crossings, 999);
	assert_near(features.kurtosis, -2.0);
	assert_near(features.skewness, 0.0);
}

static void an_impulse_among_n_zeros_has_the_moments_of_a_rare_event(void **state)
{
	(void)state;
	enum { N = 1000 };
	float samples[N] = { 0 };
	samples[500] = 0.25f;
	const struct hk_time_features features = features_of(samples, N);
	/* Bernoulli with p = 1 / n */
	const double p = 1.0 / N;
	assert_near(features.skewness, (1 - 2 * p) / sqrt(p * (1 - p)));
	assert_near(features.kurtosis, (1 - 6 * p * (1 - p)) / (p * (1 - p)));
}

/* 0.1 cannot be written in binary, so its mean is not exactly it. */
static void equal_samples_have_no_shape(void **state)
{
	(void)state;
	static const float levels[] = { 0.0f, 0.1f, -0.1f, 1e-30f, 1e6f };
	float samples[777];
	for (size_t k = 0; k < sizeof(levels) / sizeof(levels[0]); k++) {
		for (size_t i = 0; i < 777; i++) {
			samples[i] = levels[k];
		}
		const struct hk_time_features features = features_of(samples, 777);
		assert_int_equal(features.n_zero_crossings, 0);
		assert_true(features.kurtosis == -3.0);
		assert_true(features.skewness == 0.0);
		assert_true(features.max == levels[k] && features.min == levels[k]);
	}
}

static void every_length_gives_what_the_definition_says(void **state)
{
	(void)state;
	static float samples[3000];
	uint32_t x = 1;
	for (size_t i = 0; i < 3000; i++) {
		x = x * 1664525u + 1013904223u;
		samples[i] = powf((float)(int32_t)x / 2147483648.0f, 3) + 0.01f;
	}
	for (size_t n = 2; n <= 3000; n += n < 70 ? 1 : 97) {
		double mean = 0.0;
		for (size_t i = 0; i < n; i++) {
			mean += (double)samples[i] / (double)n;
		}
		double m2 = 0.0;
		double m3 = 0.0;
		double m4 = 0.0;
		uint64_t crossings = 0;
		float max = samples[0];
		float min = samples[0];
		for (size_t i = 0; i < n; i++) {
			const double d = (double)samples[i] - mean;
			m2 += d * d / (double)n;
			m3 += d * d * d / (double)n;
			m4 += d * d * d * d / (double)n;
			crossings += i > 0 && signbit(samples[i]) != signbit(samples[i - 1]);
			max = fmaxf(max, samples[i]);
			min = fminf(min, samples[i]);
		}
		const struct hk_time_features features = features_of(samples, n);
		assert_int_equal(features.n_zero_crossings, crossings);
		assert_true(features.max == max && features.min == min);
		assert_near(features.kurtosis, m4 / (m2 * m2) - 3.0);
		assert_near(features.skewness, m3 / pow(m2, 1.5));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_change_of_sign_is_a_crossing_and_tiny_values_are_positive),
		cmocka_unit_test(
			a_sine_has_two_crossings_a_period_and_a_kurtosis_of_minus_one_and_a_half),
		cmocka_unit_test(an_offset_changes_only_the_extremes_and_the_crossings),
		cmocka_unit_test(full_scale_alternation_crosses_at_every_sample),
		cmocka_unit_test(an_impulse_among_n_zeros_has_the_moments_of_a_rare_event),
		cmocka_unit_test(equal_samples_have_no_shape),
		cmocka_unit_test(every_length_gives_what_the_definition_says),
	};
	return cmocka_run_group_tests_name("time_features", tests, NULL, NULL);
}
