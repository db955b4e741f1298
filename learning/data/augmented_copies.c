/* SPDX-License-Identifier: MIT */
#include "learning/data/augmented_copies.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio/resample.h"
#include "learning/augment/augment.h"
#include "learning/data/take_audio.h"

#define PIECE_S 30
#define PARTNER_S 10

struct buffer {
	size_t n, n_room;
	float *samples;
};

struct hk_copier {
	uint32_t rate_hz;
	struct buffer piece, partner;
	/* of the take at hand */
	struct hk_resample *resample;
	struct buffer *target;
	struct hk_random random;
	hk_copy_sink_fn *sink; /* NULL while the partner is read */
	void *owner;
	int error;
};

int hk_copier_new(struct hk_copier **ret, uint32_t rate_hz)
{
	struct hk_copier *copier = calloc(1, sizeof(*copier));
	if (!copier) {
		return -ENOMEM;
	}
	copier->rate_hz = rate_hz;
	copier->piece.n_room = (size_t)PIECE_S * rate_hz;
	copier->partner.n_room = (size_t)PARTNER_S * rate_hz;
	copier->piece.samples = calloc(hk_augment_room(copier->piece.n_room), sizeof(float));
	copier->partner.samples = calloc(copier->partner.n_room, sizeof(float));
	if (!copier->piece.samples || !copier->partner.samples) {
		hk_copier_free(copier);
		return -ENOMEM;
	}
	*ret = copier;
	return 0;
}

void hk_copier_free(struct hk_copier *copier)
{
	if (!copier) {
		return;
	}
	free(copier->piece.samples);
	free(copier->partner.samples);
	free(copier);
}

/* Change the piece and hand it on. */
static int finish_piece(struct hk_copier *copier)
{
	struct buffer *piece = &copier->piece;
	if (piece->n == 0) {
		return 0;
	}
	const int r = hk_augment(piece->samples, &piece->n, copier->rate_hz,
		copier->partner.samples, copier->partner.n, &copier->random);
	const size_t n = piece->n;
	piece->n = 0;
	return r < 0 ? r : copier->sink(copier->owner, piece->samples, n);
}

/* Samples at the copier's rate; what the partner has beyond its ten seconds is not needed. */
static void take_samples(void *owner, const float *samples, size_t n)
{
	struct hk_copier *copier = owner;
	struct buffer *target = copier->target;
	while (n > 0 && copier->error == 0) {
		const size_t n_left = target->n_room - target->n;
		const size_t n_now = n < n_left ? n : n_left;
		memcpy(target->samples + target->n, samples, n_now * sizeof(*samples));
		target->n += n_now;
		samples += n_now;
		n -= n_now;
		if (target->n == target->n_room) {
			copier->error = copier->sink ? finish_piece(copier) : -ECANCELED;
		}
	}
}

static int take_frames(void *owner, const float *frames, size_t n_frames, uint32_t rate_hz)
{
	struct hk_copier *copier = owner;
	if (!copier->resample) {
		const int r = hk_resample_new(
			&copier->resample, rate_hz, copier->rate_hz, take_samples, copier);
		if (r < 0) {
			return r;
		}
	}
	hk_resample_push(copier->resample, frames, n_frames);
	return copier->error;
}

/* Read TAKE at the copier's rate into TARGET. */
static int read_into(struct hk_copier *copier, struct buffer *target, const struct hk_take *take,
	struct hk_diag *diag)
{
	copier->target = target;
	copier->resample = NULL;
	copier->error = 0;
	target->n = 0;
	int r = hk_take_read(take, take_frames, copier, NULL, diag);
	if (copier->resample && r == 0) {
		hk_resample_finish(copier->resample);
		r = copier->error;
	}
	hk_resample_free(copier->resample);
	return r;
}

int hk_copy_take(struct hk_copier *copier, const struct hk_take *take,
	const struct hk_take *partner, struct hk_random random, hk_copy_sink_fn *sink, void *owner,
	struct hk_diag *diag)
{
	int r = 0;
	copier->sink = NULL;
	copier->partner.n = 0;
	if (partner) {
		r = read_into(copier, &copier->partner, partner, diag);
		r = r == -ECANCELED ? 0 : r; /* it is full */
	}
	if (r < 0) {
		return r;
	}
	copier->random = random;
	copier->sink = sink;
	copier->owner = owner;
	r = read_into(copier, &copier->piece, take, diag);
	return r < 0 ? r : finish_piece(copier);
}
