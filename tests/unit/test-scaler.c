/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/classifier/scaler.h"
#include "tests/unit/three-features.h"

static const struct hk_profile_config config = { .profile = &three_features };

static void a_fit_gives_mean_and_population_deviation(void **state)
{
	(void)state;
	static const float rows[] = { 1, 5, -1000000, 3, 5, -1000002, 5, 5, -1000004, 7, 5,
		-1000006 };
	struct hk_scaler scaler;
	assert_int_equal(hk_scaler_init(&scaler, 3), 0);
	hk_scaler_fit(&scaler, rows, 4);
	assert_true(scaler.mean[0] == 4 && scaler.mean[1] == 5 && scaler.mean[2] == -1000003);
	assert_true(fabs(scaler.scale[0] - sqrt(5)) < 1e-15);
	assert_true(scaler.scale[1] == 1); /* constant */
	assert_true(fabs(scaler.scale[2] - sqrt(5)) < 1e-15);
	float scaled[3];
	hk_scaler_apply(&scaler, rows, scaled);
	assert_true(fabs((double)scaled[0] + 3 / sqrt(5)) < 1e-7);
	assert_true(scaled[1] == 0);
	hk_scaler_finish(&scaler);
}

static void a_constant_stays_constant_despite_rounding(void **state)
{
	(void)state;
	enum { N = 1000 };
	float rows[N];
	for (int i = 0; i < N; i++) {
		rows[i] = 0.1f;
	}
	struct hk_scaler scaler;
	assert_int_equal(hk_scaler_init(&scaler, 1), 0);
	hk_scaler_fit(&scaler, rows, N);
	assert_true(scaler.scale[0] == 1);
	hk_scaler_finish(&scaler);
}

static void scaled_values_are_limited_to_the_clip(void **state)
{
	(void)state;
	struct hk_scaler scaler;
	assert_int_equal(hk_scaler_init(&scaler, 3), 0);
	float x[3] = { 100, -100, 2 };
	scaler.clip = 10;
	hk_scaler_apply(&scaler, x, x); /* in place */
	assert_true(x[0] == 10 && x[1] == -10 && x[2] == 2);
	hk_scaler_finish(&scaler);
}

static void without_a_clip_values_stay_finite_all_the_same(void **state)
{
	(void)state;
	struct hk_scaler scaler;
	assert_int_equal(hk_scaler_init(&scaler, 3), 0);
	scaler.scale[0] = HK_SCALER_MIN_SCALE;
	const float x[3] = { 3e38f, -3e38f, 100000 };
	float scaled[3];
	hk_scaler_apply(&scaler, x, scaled);
	assert_true(scaled[0] == (float)HK_SCALER_LIMIT && scaled[1] == -(float)HK_SCALER_LIMIT);
	assert_true(scaled[2] == 100000);
	hk_scaler_finish(&scaler);
}

static void what_is_printed_reads_back_to_the_same_bits(void **state)
{
	(void)state;
	struct hk_scaler scaler, again;
	assert_int_equal(hk_scaler_init(&scaler, 3), 0);
	const double mean[] = { 1.0 / 3, -0.1, 0 }, scale[] = { 1e-9, 2.0 / 3, 12345.678901234567 };
	memcpy(scaler.mean, mean, sizeof(mean));
	memcpy(scaler.scale, scale, sizeof(scale));
	char *text;
	size_t length;
	assert_int_equal(hk_scaler_print(&scaler, &config, &text, &length), 0);
	assert_int_equal(strncmp(text, "feature,mean,scale\nf0,0.", 24), 0);
	assert_int_equal(hk_scaler_parse(&again, "s", text, length, &config, NULL), 0);
	assert_memory_equal(again.mean, mean, sizeof(mean));
	assert_memory_equal(again.scale, scale, sizeof(scale));
	free(text);
	hk_scaler_finish(&scaler);
	hk_scaler_finish(&again);
}

static void bad_files_are_refused_with_file_and_line(void **state)
{
	(void)state;
#define HEADER "feature,mean,scale\n"
	static const struct {
		const char *text, *message;
	} files[] = {
		{ "", "s.csv:0: expected the header \"feature,mean,scale\"" },
		{ "feature,mean\n", "s.csv:1: expected the header \"feature,mean,scale\"" },
		{ "feature,mean,scale", "s.csv:1: the file ends within this line" },
		{ HEADER, "s.csv:1: the file ends after 0 of the profile's 3 features" },
		{ HEADER "f0,0,1\nf1,0,1\n",
			"s.csv:3: the file ends after 2 of the profile's 3 features" },
		{ HEADER "f0,0,1\nf1,0,1\nf2,0,1\nf3,0,1\n",
			"s.csv:5: expected the end of the file after 3 features" },
		{ HEADER "f0,0,1\nf2,0,1\nf1,0,1\n",
			"s.csv:3: expected the feature f1 of the profile, got \"f2\"" },
		{ HEADER "f0,0,1\nf1,nan,1\nf2,0,1\n",
			"s.csv:3: mean: expected a number from -1e+30 to 1e+30, got \"nan\"" },
		{ HEADER "f0,0,1\nf1,0,0\nf2,0,1\n",
			"s.csv:3: scale: expected a number from 1e-30 to 1e+30, got \"0\"" },
		{ HEADER "f0,0,1\nf1,0,-1\nf2,0,1\n",
			"s.csv:3: scale: expected a number from 1e-30 to 1e+30, got \"-1\"" },
		{ HEADER "f0,0,1\nf1,0,inf\nf2,0,1\n",
			"s.csv:3: scale: expected a number from 1e-30 to 1e+30, got \"inf\"" },
		{ HEADER "f0,0,1\nf1,0,1,1\nf2,0,1\n",
			"s.csv:3: scale: expected a number from 1e-30 to 1e+30, got \"1,1\"" },
		{ HEADER "f0,0,1\nf1,0\nf2,0,1\n",
			"s.csv:3: scale: expected a number from 1e-30 to 1e+30, got \"\"" },
		{ HEADER "f0,0,1\r\nf1,0,1\r\nf2,0,1\r\n",
			"s.csv:2: scale: expected a number from 1e-30 to 1e+30, got \"1?\"" },
		{ HEADER "f0,0,1\nf1,0,1\nf2,0,1", "s.csv:4: the file ends within this line" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		struct hk_scaler scaler = { .clip = 7 };
		struct hk_diag diag = { "" };
		assert_int_equal(hk_scaler_parse(&scaler, "s.csv", files[i].text,
					 strlen(files[i].text), &config, &diag),
			-EINVAL);
		assert_string_equal(diag.text, files[i].message);
		assert_true(scaler.clip == 7);
		assert_null(scaler.mean);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fit_gives_mean_and_population_deviation),
		cmocka_unit_test(a_constant_stays_constant_despite_rounding),
		cmocka_unit_test(scaled_values_are_limited_to_the_clip),
		cmocka_unit_test(without_a_clip_values_stay_finite_all_the_same),
		cmocka_unit_test(what_is_printed_reads_back_to_the_same_bits),
		cmocka_unit_test(bad_files_are_refused_with_file_and_line),
	};
	return cmocka_run_group_tests_name("scaler", tests, NULL, NULL);
}
