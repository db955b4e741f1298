/* SPDX-License-Identifier: MIT */
#include "learning/data/bandwidth.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/features/stft.h"
#include "core/math/quantile.h"

#define N_FFT 2048
#define N_BINS (N_FFT / 2 + 1)
#define MIN_BLOCKS 8 /* for a mean that can be trusted */

/*
 * Below and above the edge of a converter's filter. A cliff: nearly all below is so much louder
 * than nearly all above (20 dB): a tone is not, however loud, nor is a room, whose spectrum falls
 * off slowly.
 */
#define BELOW_LOW 0.75
#define BELOW_HIGH 0.90
#define ABOVE_LOW 1.06
#define ABOVE_HIGH 0.98 /* of half the recording's rate */
#define CLIFF 100.0

static const uint32_t usual_ends_hz[] = { 4000, 5512, 6000, 8000, 11025, 12000, 16000 };

struct hk_bandwidth {
	struct hk_stft *stft;
	uint32_t rate_hz;
	float block[N_FFT];
	size_t n_filled, n_blocks;
	double sums[N_BINS]; /* of the powers of all blocks */
};

int hk_bandwidth_new(struct hk_bandwidth **ret)
{
	struct hk_bandwidth *bandwidth = calloc(1, sizeof(*bandwidth));
	if (!bandwidth) {
		return -ENOMEM;
	}
	const int r = hk_stft_new(&bandwidth->stft, N_FFT, N_FFT);
	if (r < 0) {
		free(bandwidth);
		return r;
	}
	*ret = bandwidth;
	return 0;
}

void hk_bandwidth_free(struct hk_bandwidth *bandwidth)
{
	if (bandwidth) {
		hk_stft_free(bandwidth->stft);
		free(bandwidth);
	}
}

void hk_bandwidth_begin(struct hk_bandwidth *bandwidth, uint32_t rate_hz)
{
	bandwidth->rate_hz = rate_hz;
	bandwidth->n_filled = bandwidth->n_blocks = 0;
	memset(bandwidth->sums, 0, sizeof(bandwidth->sums));
}

static void add_block(struct hk_bandwidth *bandwidth)
{
	float power[N_BINS];
	hk_stft_power(bandwidth->stft, bandwidth->block, power);
	for (size_t i = 0; i < N_BINS; i++) {
		bandwidth->sums[i] += (double)power[i];
	}
	bandwidth->n_blocks++;
	bandwidth->n_filled = 0;
}

void hk_bandwidth_push(struct hk_bandwidth *bandwidth, const float *frames, size_t n)
{
	while (n > 0) {
		const size_t room = N_FFT - bandwidth->n_filled, now = n < room ? n : room;
		memcpy(bandwidth->block + bandwidth->n_filled, frames, now * sizeof(*frames));
		bandwidth->n_filled += now;
		frames += now;
		n -= now;
		if (bandwidth->n_filled == N_FFT) {
			add_block(bandwidth);
		}
	}
}

/* Quantile Q of the mean powers from LOW_HZ to HIGH_HZ. */
static double power_between(
	const struct hk_bandwidth *bandwidth, double low_hz, double high_hz, double q)
{
	const double bins_a_hz = (double)N_FFT / bandwidth->rate_hz;
	const size_t first = (size_t)(low_hz * bins_a_hz) + 1, end = (size_t)(high_hz * bins_a_hz);
	float powers[N_BINS];
	uint32_t n = 0;
	for (size_t i = first; i < end && i < N_BINS; i++) {
		powers[n++] = (float)(bandwidth->sums[i] / (double)bandwidth->n_blocks);
	}
	return n > 0 ? hk_quantile(powers, n, q) : 0.0;
}

static bool has_cliff(const struct hk_bandwidth *bandwidth, double edge_hz)
{
	const double below =
		power_between(bandwidth, BELOW_LOW * edge_hz, BELOW_HIGH * edge_hz, 0.1);
	const double above = power_between(
		bandwidth, ABOVE_LOW * edge_hz, ABOVE_HIGH * 0.5 * bandwidth->rate_hz, 0.95);
	return below > CLIFF * above;
}

uint32_t hk_bandwidth_end_hz(const struct hk_bandwidth *bandwidth)
{
	const uint32_t half_hz = bandwidth->rate_hz / 2;
	const size_t n = sizeof(usual_ends_hz) / sizeof(usual_ends_hz[0]);
	for (size_t i = 0; i < n && bandwidth->n_blocks >= MIN_BLOCKS; i++) {
		/* some room above it to look at */
		if (usual_ends_hz[i] < 0.9 * half_hz && has_cliff(bandwidth, usual_ends_hz[i])) {
			return usual_ends_hz[i];
		}
	}
	return half_hz;
}
