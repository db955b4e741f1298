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

#include "core/features/stft.h"

/* A float32 FFT against a sum in double precision, relative to the largest bin's magnitude. */
static const double fft_tolerance = 1e-6;

static struct hk_stft *stft_of(uint32_t n_fft, uint32_t win_length)
{
	struct hk_stft *stft = NULL;
	assert_int_equal(hk_stft_new(&stft, n_fft, win_length), 0);
	return stft;
}

static void add_cosine(float *samples, size_t n, double cycles, double amplitude)
{
	for (size_t i = 0; i < n; i++) {
		samples[i] += (float)(amplitude * cos(2.0 * M_PI * cycles * (double)i / (double)n));
	}
}

static void assert_power(float power, double expected, double scale)
{
	if (!(fabs((double)power - expected) <= 1e-5 * scale)) {
		fail_msg("power %g, expected %g", (double)power, expected);
	}
}

/* A periodic Hann window of N points sums to N / 2 and leaks half of that into each neighbour. */
static void a_constant_fills_bin_0_and_half_its_amplitude_bin_1(void **state)
{
	(void)state;
	enum { N = 2048 };
	float samples[N];
	float power[N / 2 + 1];
	for (size_t i = 0; i < N; i++) {
		samples[i] = 1.0f;
	}
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, power);
	const double peak = (double)N * N / 4;
	assert_power(power[0], peak, peak);
	assert_power(power[1], peak / 4, peak);
	for (size_t k = 2; k <= N / 2; k++) {
		assert_power(power[k], 0.0, 1e-5 * peak);
	}
	hk_stft_free(stft);
}

static void a_tone_on_a_bin_fills_it_and_its_two_neighbours(void **state)
{
	(void)state;
	enum { N = 2048, BIN = 300 };
	float samples[N] = { 0 };
	float power[N / 2 + 1];
	add_cosine(samples, N, BIN, 0.5);
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, power);
	const double peak = pow(0.5 * N / 4, 2);
	for (size_t k = 0; k <= N / 2; k++) {
		if (k == BIN) {
			assert_power(power[k], peak, peak);
		} else if (k == BIN - 1 || k == BIN + 1) {
			assert_power(power[k], peak / 4, peak);
		} else {
			assert_power(power[k], 0.0, 1e-5 * peak);
		}
	}
	hk_stft_free(stft);
}

static void two_tones_stand_beside_each_other_with_their_own_power(void **state)
{
	(void)state;
	enum { N = 1000 };
	float samples[N] = { 0 };
	float power[N / 2 + 1];
	add_cosine(samples, N, 40, 1.0);
	add_cosine(samples, N, 400, 0.01);
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, power);
	const double peak = pow(N / 4, 2);
	assert_power(power[40], peak, peak);
	assert_power(power[400], 1e-4 * peak, 1e-2 * peak);
	assert_power(power[200], 0.0, 1e-5 * peak);
	hk_stft_free(stft);
}

static void an_impulse_is_flat_at_the_windows_value(void **state)
{
	(void)state;
	enum { N = 512, AT = 100 };
	float samples[N] = { 0 };
	float power[N / 2 + 1];
	samples[AT] = 1.0f;
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, power);
	const double expected = pow(0.5 - 0.5 * cos(2.0 * M_PI * AT / N), 2);
	for (size_t k = 0; k <= N / 2; k++) {
		assert_power(power[k], expected, expected);
	}
	hk_stft_free(stft);
}

static void silence_has_no_power_at_all(void **state)
{
	(void)state;
	enum { N = 400 };
	const float samples[N] = { 0 };
	float power[N / 2 + 1];
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, power);
	for (size_t k = 0; k <= N / 2; k++) {
		assert_true(power[k] == 0.0f);
	}
	hk_stft_free(stft);
}

#define MAX_EXACT 2048

/* The definition, in double precision: power of the bins 0 to N_FFT / 2. */
static void exact_power(const float *samples, uint32_t n_fft, uint32_t win_length, double *ret)
{
	static double windowed[MAX_EXACT], cosines[MAX_EXACT], sines[MAX_EXACT];
	const uint32_t offset = (n_fft - win_length) / 2;
	for (uint32_t i = 0; i < n_fft; i++) {
		cosines[i] = cos(2.0 * M_PI * i / n_fft);
		sines[i] = sin(2.0 * M_PI * i / n_fft);
	}
	for (uint32_t i = 0; i < win_length; i++) {
		const double w = 0.5 - 0.5 * cos(2.0 * M_PI * i / win_length);
		windowed[i] = w * (double)samples[offset + i];
	}
	for (uint32_t k = 0; k <= n_fft / 2; k++) {
		double re = 0.0;
		double im = 0.0;
		for (uint32_t i = 0; i < win_length; i++) {
			const uint32_t turn = (offset + i) * k % n_fft;
			re += windowed[i] * cosines[turn];
			im -= windowed[i] * sines[turn];
		}
		ret[k] = re * re + im * im;
	}
}

static void fill_noise(float *samples, size_t n)
{
	uint32_t x = 12345;
	for (size_t i = 0; i < n; i++) {
		x = x * 1664525u + 1013904223u;
		samples[i] = (float)(int32_t)x / 2147483648.0f;
	}
}

static void every_bin_is_the_sum_that_defines_it(void **state)
{
	(void)state;
	static const struct {
		uint32_t n_fft, win_length;
	} shapes[] = { { 16, 16 }, { 18, 7 }, { 20, 1 }, { 32, 32 }, { 50, 50 }, { 64, 63 },
		{ 128, 128 }, { 256, 200 }, { 512, 400 }, { 600, 600 }, { 1000, 400 },
		{ 1024, 1024 }, { 2048, 1024 }, { 2048, 2048 } };
	for (size_t s = 0; s < sizeof(shapes) / sizeof(shapes[0]); s++) {
		const uint32_t n_fft = shapes[s].n_fft;
		float samples[MAX_EXACT];
		float power[MAX_EXACT / 2 + 1];
		double exact[MAX_EXACT / 2 + 1];
		fill_noise(samples, n_fft);
		struct hk_stft *stft = stft_of(n_fft, shapes[s].win_length);
		hk_stft_power(stft, samples, power);
		exact_power(samples, n_fft, shapes[s].win_length, exact);
		double peak = 0.0;
		double worst = 0.0;
		for (uint32_t k = 0; k <= n_fft / 2; k++) {
			peak = fmax(peak, sqrt(exact[k]));
			/* No fmax(): NaN must stay, and gcc 12 breaks down over it (arm64, -O3). */
			const double error = fabs(sqrt((double)power[k]) - sqrt(exact[k]));
			worst = error <= worst ? worst : error;
		}
		if (!(worst <= fft_tolerance * peak)) {
			fail_msg("n_fft %u, win_length %u: %g of %g", n_fft, shapes[s].win_length,
				worst, peak);
		}
		hk_stft_free(stft);
	}
}

static void the_power_of_all_bins_is_that_of_the_windowed_samples(void **state)
{
	(void)state;
	enum { N = 65536 };
	float *samples = malloc(N * sizeof(*samples));
	float *power = malloc((N / 2 + 1) * sizeof(*power));
	assert_non_null(samples);
	assert_non_null(power);
	fill_noise(samples, N);
	double time = 0.0;
	for (size_t i = 0; i < N; i++) {
		const double w = 0.5 - 0.5 * cos(2.0 * M_PI * (double)i / N);
		time += pow(w * (double)samples[i], 2);
	}
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, power);
	double bins = (double)power[0] + (double)power[N / 2];
	for (size_t k = 1; k < N / 2; k++) {
		bins += 2.0 * (double)power[k];
	}
	assert_true(fabs(bins / N / time - 1.0) < 1e-6);
	hk_stft_free(stft);
	free(power);
	free(samples);
}

static void samples_outside_a_shorter_window_do_not_matter(void **state)
{
	(void)state;
	enum { N = 512, WIN = 400, OFFSET = (N - WIN) / 2 };
	float samples[N];
	float expected[N / 2 + 1];
	float power[N / 2 + 1];
	fill_noise(samples, N);
	struct hk_stft *stft = stft_of(N, WIN);
	hk_stft_power(stft, samples, expected);
	for (size_t i = 0; i < N; i++) {
		if (i < OFFSET || i >= OFFSET + WIN) {
			samples[i] = NAN;
		}
	}
	hk_stft_power(stft, samples, power);
	assert_memory_equal(power, expected, sizeof(power));
	hk_stft_free(stft);
}

static void a_frame_does_not_depend_on_the_frames_before_it(void **state)
{
	(void)state;
	enum { N = 1024 };
	float samples[N];
	float other[N];
	float expected[N / 2 + 1];
	float power[N / 2 + 1];
	fill_noise(samples, N);
	for (size_t i = 0; i < N; i++) {
		other[i] = 1e6f * samples[N - 1 - i];
	}
	struct hk_stft *stft = stft_of(N, N);
	hk_stft_power(stft, samples, expected);
	hk_stft_power(stft, other, power);
	hk_stft_power(stft, samples, power);
	assert_memory_equal(power, expected, sizeof(power));
	hk_stft_free(stft);
}

static void the_window_energy_of_a_hann_window_is_three_eighths(void **state)
{
	(void)state;
	struct hk_stft *stft = stft_of(2048, 1024);
	assert_true(fabs(hk_stft_window_energy(stft) - 1024 * 0.375) < 1e-9);
	hk_stft_free(stft);
}

static void impossible_sizes_are_refused(void **state)
{
	(void)state;
	static const uint32_t bad_sizes[] = { 0, 1, 2, 8, 14, 15, 17, 22, 25, 1022, 2047, 2049,
		65538, 131072, UINT32_MAX };
	struct hk_stft *stft = NULL;
	for (size_t i = 0; i < sizeof(bad_sizes) / sizeof(bad_sizes[0]); i++) {
		assert_false(hk_stft_has_size(bad_sizes[i]));
		assert_int_equal(hk_stft_new(&stft, bad_sizes[i], 1), -EINVAL);
	}
	assert_int_equal(hk_stft_new(&stft, 512, 0), -EINVAL);
	assert_int_equal(hk_stft_new(&stft, 512, 513), -EINVAL);
	assert_null(stft);
	hk_stft_free(NULL);
}

static void every_even_product_of_2_3_and_5_is_a_size(void **state)
{
	(void)state;
	static const uint32_t sizes[] = { 16, 18, 20, 24, 30, 50, 162, 250, 400, 2048, 3000, 6250,
		39366, 62500, 65536 };
	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		assert_true(hk_stft_has_size(sizes[i]));
		hk_stft_free(stft_of(sizes[i], sizes[i]));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_constant_fills_bin_0_and_half_its_amplitude_bin_1),
		cmocka_unit_test(a_tone_on_a_bin_fills_it_and_its_two_neighbours),
		cmocka_unit_test(two_tones_stand_beside_each_other_with_their_own_power),
		cmocka_unit_test(an_impulse_is_flat_at_the_windows_value),
		cmocka_unit_test(silence_has_no_power_at_all),
		cmocka_unit_test(every_bin_is_the_sum_that_defines_it),
		cmocka_unit_test(the_power_of_all_bins_is_that_of_the_windowed_samples),
		cmocka_unit_test(samples_outside_a_shorter_window_do_not_matter),
		cmocka_unit_test(a_frame_does_not_depend_on_the_frames_before_it),
		cmocka_unit_test(the_window_energy_of_a_hann_window_is_three_eighths),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(every_even_product_of_2_3_and_5_is_a_size),
	};
	return cmocka_run_group_tests_name("stft", tests, NULL, NULL);
}
