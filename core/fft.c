/* SPDX-License-Identifier: MIT */
#include "core/fft.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/fft_kernel.h"

struct hk_fft {
	struct hk_fft_plan plan;
	hk_fft_kernel *kernel;
	float *memory; /* the plan's arrays */
};

bool hk_fft_has_size(uint32_t n_fft)
{
	return n_fft >= 256 && n_fft <= 65536 && (n_fft & (n_fft - 1)) == 0;
}

static hk_fft_kernel *best_kernel(void)
{
#ifdef __x86_64__
	if (__builtin_cpu_supports("avx2")) {
		return hk_fft_power_avx2;
	}
#endif
	return hk_fft_power_baseline;
}

/* exp(-2 pi i NUMERATOR / DENOMINATOR) */
static void set_factor(float *re, float *im, uint64_t numerator, uint32_t denominator)
{
	const double angle = -2.0 * M_PI * (double)(numerator % denominator) / denominator;
	*re = (float)cos(angle);
	*im = (float)sin(angle);
}

static void fill_first(uint32_t n_points, float *re, float *im)
{
	const uint32_t n_dfts = n_points / 16;
	for (uint32_t i = 0; i < n_points; i++) {
		set_factor(re + i, im + i, (uint64_t)(i / n_dfts) * (i % n_dfts), n_points);
	}
}

static void fill_passes(uint32_t n_points, float *re, float *im)
{
	for (uint32_t n = n_points / 16; n >= 4; n /= 4) {
		for (uint32_t p = 0; p < n / 4; p++) {
			for (uint32_t k = 1; k < 4; k++) {
				set_factor(re++, im++, (uint64_t)k * p, n);
			}
		}
	}
}

static void fill_split(uint32_t n_points, float *re, float *im)
{
	for (uint32_t k = 0; k <= n_points / 2; k++) {
		set_factor(re + k, im + k, k, 2 * n_points);
	}
}

int hk_fft_new(struct hk_fft **ret, uint32_t n_fft)
{
	enum { N_ARRAYS = 10 };
	const uint32_t n_points = n_fft / 2;
	const size_t n_bytes = (size_t)N_ARRAYS * n_points * sizeof(float);
	struct hk_fft *fft = calloc(1, sizeof(*fft));
	float *memory = aligned_alloc(64, n_bytes);
	if (!fft || !memory) {
		free(fft);
		free(memory);
		return -ENOMEM;
	}
	memset(memory, 0, n_bytes);
	float *arrays[N_ARRAYS];
	for (size_t i = 0; i < N_ARRAYS; i++) {
		arrays[i] = memory + i * n_points;
	}
	fill_first(n_points, arrays[0], arrays[1]);
	fill_passes(n_points, arrays[2], arrays[3]);
	fill_split(n_points, arrays[4], arrays[5]);
	*fft = (struct hk_fft){
		.plan = {
			.n_points = n_points,
			.first_re = arrays[0],
			.first_im = arrays[1],
			.pass_re = arrays[2],
			.pass_im = arrays[3],
			.split_re = arrays[4],
			.split_im = arrays[5],
			.re = { arrays[6], arrays[7] },
			.im = { arrays[8], arrays[9] },
		},
		.kernel = best_kernel(),
		.memory = memory,
	};
	*ret = fft;
	return 0;
}

void hk_fft_free(struct hk_fft *fft)
{
	if (!fft) {
		return;
	}
	free(fft->memory);
	free(fft);
}

void hk_fft_power(struct hk_fft *fft, const float *samples, const float *window, float *ret_power)
{
	fft->kernel(&fft->plan, samples, window, ret_power);
}
