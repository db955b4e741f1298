/* SPDX-License-Identifier: MIT */
#include <kiss_fftr.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/fft.h"
#include "core/fft_kernel.h"

enum { MAX_SIZE = 65536 };

struct frame {
	float samples[MAX_SIZE];
	_Alignas(64) float window[MAX_SIZE];
	float power[MAX_SIZE / 2 + 1];
};

static int make_frame(void **state)
{
	struct frame *frame = aligned_alloc(64, sizeof(*frame));
	assert_non_null(frame);
	uint32_t x = 99;
	for (size_t i = 0; i < MAX_SIZE; i++) {
		x = x * 1664525u + 1013904223u;
		frame->samples[i] = (float)(int32_t)x / 2147483648.0f;
		frame->window[i] = 0.5f + 0.4f * (float)sin(0.01 * (double)i);
	}
	*state = frame;
	return 0;
}

static int free_frame(void **state)
{
	free(*state);
	return 0;
}

static struct hk_fft *fft_of(uint32_t n_fft)
{
	struct hk_fft *fft = NULL;
	assert_int_equal(hk_fft_new(&fft, n_fft), 0);
	return fft;
}

static void sizes_are_the_powers_of_two_from_256(void **state)
{
	(void)state;
	static const uint32_t bad_sizes[] = { 0, 1, 128, 255, 257, 384, 1000, 131072, UINT32_MAX };
	for (uint32_t n_fft = 256; n_fft <= MAX_SIZE; n_fft *= 2) {
		assert_true(hk_fft_has_size(n_fft));
	}
	for (size_t i = 0; i < sizeof(bad_sizes) / sizeof(bad_sizes[0]); i++) {
		assert_false(hk_fft_has_size(bad_sizes[i]));
	}
}

/* Two float32 transforms differ by the rounding of both, some 1e-7 of the largest bin. */
static void every_size_agrees_with_kissfft(void **state)
{
	struct frame *frame = *state;
	float *windowed = malloc(MAX_SIZE * sizeof(*windowed));
	kiss_fft_cpx *spectrum = malloc((MAX_SIZE / 2 + 1) * sizeof(*spectrum));
	assert_non_null(windowed);
	assert_non_null(spectrum);
	for (size_t i = 0; i < MAX_SIZE; i++) {
		windowed[i] = frame->samples[i] * frame->window[i];
	}
	for (uint32_t n_fft = 256; n_fft <= MAX_SIZE; n_fft *= 2) {
		kiss_fftr_cfg plan = kiss_fftr_alloc((int)n_fft, 0, NULL, NULL);
		assert_non_null(plan);
		kiss_fftr(plan, windowed, spectrum);
		struct hk_fft *fft = fft_of(n_fft);
		hk_fft_power(fft, frame->samples, frame->window, frame->power);
		double worst = 0.0;
		double peak = 0.0;
		for (uint32_t k = 0; k <= n_fft / 2; k++) {
			const double expected = hypot((double)spectrum[k].r, (double)spectrum[k].i);
			peak = fmax(peak, expected);
			worst = fmax(worst, fabs(sqrt((double)frame->power[k]) - expected));
		}
		if (!(worst <= 1e-6 * peak)) {
			fail_msg("%u points: %g of %g", n_fft, worst, peak);
		}
		hk_fft_free(fft);
		kiss_fftr_free(plan);
	}
	free(spectrum);
	free(windowed);
}

static void a_frame_may_start_at_any_sample(void **state)
{
	enum { N_FFT = 512 };
	struct frame *frame = *state;
	float expected[N_FFT / 2 + 1];
	float moved[N_FFT + 1];
	memcpy(moved + 1, frame->samples, N_FFT * sizeof(*moved));
	struct hk_fft *fft = fft_of(N_FFT);
	hk_fft_power(fft, frame->samples, frame->window, expected);
	hk_fft_power(fft, moved + 1, frame->window, frame->power);
	assert_memory_equal(frame->power, expected, sizeof(expected));
	hk_fft_free(fft);
}

/* A plan as fft.c makes it; the factors need not be right for two kernels to agree on them. */
static struct hk_fft_plan plan_of(uint32_t n_points, float *memory)
{
	for (size_t i = 0; i < 6 * (size_t)n_points; i++) {
		memory[i] = (float)cos(0.37 * (double)i);
	}
	struct hk_fft_plan plan = { .n_points = n_points };
	const float **factors[6] = { &plan.first_re, &plan.first_im, &plan.pass_re, &plan.pass_im,
		&plan.split_re, &plan.split_im };
	for (size_t i = 0; i < 6; i++) {
		*factors[i] = memory + i * n_points;
	}
	for (size_t i = 0; i < 2; i++) {
		plan.re[i] = memory + (6 + 2 * i) * n_points;
		plan.im[i] = memory + (7 + 2 * i) * n_points;
	}
	return plan;
}

static void every_instruction_set_gives_the_same_bits(void **state)
{
#ifdef __x86_64__
	if (!__builtin_cpu_supports("avx2")) {
		skip();
	}
	struct frame *frame = *state;
	const size_t n_bytes = (size_t)10 * (MAX_SIZE / 2) * sizeof(float);
	float *memory = aligned_alloc(64, n_bytes);
	float *expected = malloc((MAX_SIZE / 2 + 1) * sizeof(*expected));
	assert_non_null(memory);
	assert_non_null(expected);
	for (uint32_t n_points = 128; n_points <= MAX_SIZE / 2; n_points *= 2) {
		const struct hk_fft_plan plan = plan_of(n_points, memory);
		hk_fft_power_baseline(&plan, frame->samples, frame->window, expected);
		hk_fft_power_avx2(&plan, frame->samples, frame->window, frame->power);
		assert_memory_equal(frame->power, expected, (n_points + 1) * sizeof(*expected));
	}
	free(expected);
	free(memory);
#else
	(void)state;
	(void)plan_of;
	skip();
#endif
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_are_the_powers_of_two_from_256),
		cmocka_unit_test(every_size_agrees_with_kissfft),
		cmocka_unit_test(a_frame_may_start_at_any_sample),
		cmocka_unit_test(every_instruction_set_gives_the_same_bits),
	};
	return cmocka_run_group_tests_name("fft", tests, make_frame, free_frame);
}
