/* SPDX-License-Identifier: MIT */
/*
 * Compiled once for each instruction set: HK_FFT_KERNEL is the name of the function, HK_LANES (4 or
 * 8) how many floats a vector register holds. No sum is ever over lanes, so the number of lanes does
 * not change the result.
 */
#include "core/fft_kernel.h"

typedef float lanes __attribute__((vector_size(4 * HK_LANES), may_alias));
typedef float unaligned_lanes __attribute__((vector_size(4 * HK_LANES), aligned(4), may_alias));

struct points {
	lanes re, im;
};

#if HK_LANES == 4
#define EVEN 0, 2, 4, 6
#define ODD 1, 3, 5, 7
#define REVERSED 3, 2, 1, 0
#elif HK_LANES == 8
#define EVEN 0, 2, 4, 6, 8, 10, 12, 14
#define ODD 1, 3, 5, 7, 9, 11, 13, 15
#define REVERSED 7, 6, 5, 4, 3, 2, 1, 0
#endif

static inline lanes load(const float *from)
{
	return *(const unaligned_lanes *)from;
}

static inline void store(float *to, lanes value)
{
	*(unaligned_lanes *)to = value;
}

static inline lanes reversed(lanes a)
{
	return __builtin_shufflevector(a, a, REVERSED);
}

static inline struct points load_points(const float *re, const float *im)
{
	return (struct points){ *(const lanes *)re, *(const lanes *)im };
}

static inline void store_points(float *re, float *im, struct points value)
{
	*(lanes *)re = value.re;
	*(lanes *)im = value.im;
}

static inline struct points times(struct points a, struct points b)
{
	return (struct points){ a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re };
}

static inline struct points times_factor(struct points a, float re, float im)
{
	return (struct points){ a.re * re - a.im * im, a.re * im + a.im * re };
}

/* DFT of 4 points, in place. */
static inline void dft4(struct points v[4])
{
	const struct points a = { v[0].re + v[2].re, v[0].im + v[2].im };
	const struct points b = { v[0].re - v[2].re, v[0].im - v[2].im };
	const struct points c = { v[1].re + v[3].re, v[1].im + v[3].im };
	const struct points d = { v[1].re - v[3].re, v[1].im - v[3].im };
	v[0] = (struct points){ a.re + c.re, a.im + c.im };
	v[1] = (struct points){ b.re + d.im, b.im - d.re };
	v[2] = (struct points){ a.re - c.re, a.im - c.im };
	v[3] = (struct points){ b.re - d.im, b.im + d.re };
}

#define COS_22 0.92387953251128675613f /* cos(pi / 8) */
#define SIN_22 0.38268343236508977173f
#define COS_45 0.70710678118654752440f

/* exp(-2 pi i j k / 16) */
static const float turn_re[4][4] = { { 1, 1, 1, 1 }, { 1, COS_22, COS_45, SIN_22 },
	{ 1, COS_45, 0, -COS_45 }, { 1, SIN_22, -COS_45, -COS_22 } };
static const float turn_im[4][4] = { { 0, 0, 0, 0 }, { 0, -SIN_22, -COS_45, -COS_22 },
	{ 0, -COS_45, -1, -COS_45 }, { 0, -COS_22, -COS_45, SIN_22 } };

/* Row i lane j becomes row j lane i. */
#if HK_LANES == 4
static inline void transpose(lanes v[4])
{
	const lanes a = __builtin_shufflevector(v[0], v[1], 0, 4, 1, 5);
	const lanes b = __builtin_shufflevector(v[0], v[1], 2, 6, 3, 7);
	const lanes c = __builtin_shufflevector(v[2], v[3], 0, 4, 1, 5);
	const lanes d = __builtin_shufflevector(v[2], v[3], 2, 6, 3, 7);
	v[0] = __builtin_shufflevector(a, c, 0, 1, 4, 5);
	v[1] = __builtin_shufflevector(a, c, 2, 3, 6, 7);
	v[2] = __builtin_shufflevector(b, d, 0, 1, 4, 5);
	v[3] = __builtin_shufflevector(b, d, 2, 3, 6, 7);
}
#elif HK_LANES == 8
/* Within the halves of the registers first, where shuffling is cheap, then between them. */
static inline void transpose(lanes v[8])
{
	lanes a[8];
	for (int i = 0; i < 8; i += 2) {
		a[i] = __builtin_shufflevector(v[i], v[i + 1], 0, 8, 1, 9, 4, 12, 5, 13);
		a[i + 1] = __builtin_shufflevector(v[i], v[i + 1], 2, 10, 3, 11, 6, 14, 7, 15);
	}
	lanes b[8];
	for (int i = 0; i < 8; i += 4) {
		b[i] = __builtin_shufflevector(a[i], a[i + 2], 0, 1, 8, 9, 4, 5, 12, 13);
		b[i + 1] = __builtin_shufflevector(a[i], a[i + 2], 2, 3, 10, 11, 6, 7, 14, 15);
		b[i + 2] = __builtin_shufflevector(a[i + 1], a[i + 3], 0, 1, 8, 9, 4, 5, 12, 13);
		b[i + 3] = __builtin_shufflevector(a[i + 1], a[i + 3], 2, 3, 10, 11, 6, 7, 14, 15);
	}
	for (int i = 0; i < 4; i++) {
		v[i] = __builtin_shufflevector(b[i], b[i + 4], 0, 1, 2, 3, 8, 9, 10, 11);
		v[i + 4] = __builtin_shufflevector(b[i], b[i + 4], 4, 5, 6, 7, 12, 13, 14, 15);
	}
}
#endif

/* The 16 results of each DFT go side by side: lane p of RESULTS to the 16 floats at 16 p. */
static inline void store_side_by_side(float *to, lanes results[16])
{
	for (int j = 0; j < 16; j += HK_LANES) {
		transpose(results + j);
		for (int p = 0; p < HK_LANES; p++) {
			*(lanes *)(to + 16 * p + j) = results[j + p];
		}
	}
}

/* Complex points AT, AT + 1, ...: even samples are real parts, odd ones imaginary. */
static inline struct points load_windowed(const float *samples, const float *window, uint32_t at)
{
	const lanes a = load(samples + 2 * at) * *(const lanes *)(window + 2 * at);
	const lanes b =
		load(samples + 2 * at + HK_LANES) * *(const lanes *)(window + 2 * at + HK_LANES);
	return (struct points){
		__builtin_shufflevector(a, b, EVEN),
		__builtin_shufflevector(a, b, ODD),
	};
}

/* DFTs of 16 points that lie M / 16 apart, each as 4 x 4. */
static inline void pass_of_16(const struct hk_fft_plan *plan, const float *samples,
	const float *window, float *to_re, float *to_im)
{
	const uint32_t n_dfts = plan->n_points / 16;
	for (uint32_t p = 0; p < n_dfts; p += HK_LANES) {
		struct points rows[4][4];
		for (uint32_t k = 0; k < 4; k++) {
			struct points v[4];
			for (uint32_t i = 0; i < 4; i++) {
				v[i] = load_windowed(samples, window, p + n_dfts * (k + 4 * i));
			}
			dft4(v);
			for (uint32_t j = 0; j < 4; j++) {
				rows[k][j] = k > 0 && j > 0
					? times_factor(v[j], turn_re[k][j], turn_im[k][j])
					: v[j];
			}
		}
		lanes re[16];
		lanes im[16];
		for (uint32_t j = 0; j < 4; j++) {
			struct points v[4] = { rows[0][j], rows[1][j], rows[2][j], rows[3][j] };
			dft4(v);
			for (uint32_t i = 0; i < 4; i++) {
				const uint32_t row = j + 4 * i;
				const uint32_t at = n_dfts * row + p;
				if (row > 0) {
					v[i] = times(v[i],
						load_points(
							plan->first_re + at, plan->first_im + at));
				}
				re[row] = v[i].re;
				im[row] = v[i].im;
			}
		}
		store_side_by_side(to_re + (size_t)16 * p, re);
		store_side_by_side(to_im + (size_t)16 * p, im);
	}
}

/* N_SIDE DFTs of N points side by side become 4 N_SIDE of N / 4. */
static inline void pass_of_4(const float *restrict from_re, const float *restrict from_im,
	float *restrict to_re, float *restrict to_im, uint32_t n, uint32_t n_side,
	const float *factor_re, const float *factor_im)
{
	const uint32_t quarter = n / 4;
	for (uint32_t p = 0; p < quarter; p++) {
		for (uint32_t q = 0; q < n_side; q += HK_LANES) {
			struct points v[4];
			for (uint32_t k = 0; k < 4; k++) {
				const size_t at = q + (size_t)n_side * (p + quarter * k);
				v[k] = load_points(from_re + at, from_im + at);
			}
			dft4(v);
			for (uint32_t k = 1; k < 4 && p > 0; k++) {
				v[k] = times_factor(
					v[k], factor_re[3 * p + k - 1], factor_im[3 * p + k - 1]);
			}
			for (uint32_t k = 0; k < 4; k++) {
				const size_t at = q + (size_t)n_side * (4 * p + k);
				store_points(to_re + at, to_im + at, v[k]);
			}
		}
	}
}

/* The last pass where the number of points is not a power of 4. */
static inline void pass_of_2(const float *restrict from_re, const float *restrict from_im,
	float *restrict to_re, float *restrict to_im, uint32_t n_side)
{
	for (uint32_t q = 0; q < n_side; q += HK_LANES) {
		const uint32_t r = q + n_side;
		const struct points a = load_points(from_re + q, from_im + q);
		const struct points b = load_points(from_re + r, from_im + r);
		store_points(to_re + q, to_im + q, (struct points){ a.re + b.re, a.im + b.im });
		store_points(to_re + r, to_im + r, (struct points){ a.re - b.re, a.im - b.im });
	}
}

/*
 * Z is the transform of even + i odd samples. Those of the two halves are E = (Z[k] + Z*[M - k]) / 2
 * and O = (Z[k] - Z*[M - k]) / 2i, and X[k] = E + W^k O, X[M - k] = (E - W^k O)*.
 */
static inline void power_of_real(
	const struct hk_fft_plan *plan, const float *re, const float *im, float *ret_power)
{
	const uint32_t m = plan->n_points;
	ret_power[0] = (re[0] + im[0]) * (re[0] + im[0]);
	ret_power[m] = (re[0] - im[0]) * (re[0] - im[0]);
	/* k = 1..M / 2; the last group overlaps the one before it to end there */
	const uint32_t last = m / 2 - (HK_LANES - 1);
	for (uint32_t group = 1; group < m / 2 + 1; group += HK_LANES) {
		const uint32_t k = group < last ? group : last;
		const uint32_t mirror = m - k - (HK_LANES - 1);
		const struct points a = { load(re + k), load(im + k) };
		const struct points b = { reversed(load(re + mirror)),
			reversed(load(im + mirror)) };
		const struct points twice_even = { a.re + b.re, a.im - b.im };
		const struct points twice_odd = { a.im + b.im, b.re - a.re };
		const struct points factor = { load(plan->split_re + k), load(plan->split_im + k) };
		const struct points turned = times(twice_odd, factor);
		const struct points x = { twice_even.re + turned.re, twice_even.im + turned.im };
		const struct points y = { twice_even.re - turned.re, twice_even.im - turned.im };
		store(ret_power + k, 0.25f * (x.re * x.re + x.im * x.im));
		store(ret_power + mirror, reversed(0.25f * (y.re * y.re + y.im * y.im)));
	}
}

void HK_FFT_KERNEL(
	const struct hk_fft_plan *plan, const float *samples, const float *window, float *ret_power)
{
	const float *factor_re = plan->pass_re;
	const float *factor_im = plan->pass_im;
	int at = 0;
	pass_of_16(plan, samples, window, plan->re[at], plan->im[at]);
	uint32_t n = plan->n_points / 16;
	uint32_t n_side = 16;
	for (; n >= 4; n /= 4, n_side *= 4, at = !at) {
		pass_of_4(plan->re[at], plan->im[at], plan->re[!at], plan->im[!at], n, n_side,
			factor_re, factor_im);
		factor_re += 3 * (n / 4);
		factor_im += 3 * (n / 4);
	}
	if (n == 2) {
		pass_of_2(plan->re[at], plan->im[at], plan->re[!at], plan->im[!at], n_side);
		at = !at;
	}
	power_of_real(plan, plan->re[at], plan->im[at], ret_power);
}
