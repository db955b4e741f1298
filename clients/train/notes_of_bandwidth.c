/* SPDX-License-Identifier: MIT */
#include <inttypes.h>
#include <stdio.h>

#include "clients/train/notes.h"

#define LARGE_DIFFERENCE 0.2 /* of the shares of two classes */

/* How many recordings of class LABEL are known, and how many of them end at LIMIT_HZ or below. */
struct share {
	size_t n, n_limited;
	uint32_t lowest_hz, highest_hz; /* where those end */
};

static struct share share_of(const struct hk_bandwidths *b, uint32_t label, uint32_t limit_hz)
{
	struct share share = { .lowest_hz = UINT32_MAX };
	for (size_t i = 0; i < b->n; i++) {
		const uint32_t end_hz = b->ends_hz[i];
		if ((b->takes && b->takes[i].label != label) || end_hz == 0) {
			continue;
		}
		share.n++;
		if (end_hz <= limit_hz) {
			share.n_limited++;
			share.lowest_hz = end_hz < share.lowest_hz ? end_hz : share.lowest_hz;
			share.highest_hz = end_hz > share.highest_hz ? end_hz : share.highest_hz;
		}
	}
	return share;
}

static double part(const struct share *share)
{
	return share->n > 0 ? (double)share->n_limited / (double)share->n : 0.0;
}

static int note_class(struct hk_notes *notes, const struct hk_bandwidths *b, uint32_t label)
{
	char who[HK_LABEL_SIZE + 16] = "", end[48];
	const struct share share = share_of(b, label, b->rate_hz / 2 - 1);
	if (share.n_limited == 0) {
		return 0;
	}
	if (b->takes) {
		snprintf(who, sizeof(who), "class %s: ", b->labels[label]);
	}
	if (share.lowest_hz == share.highest_hz) {
		snprintf(end, sizeof(end), "%" PRIu32, share.lowest_hz);
	} else {
		snprintf(end, sizeof(end), "%" PRIu32 " to %" PRIu32, share.lowest_hz,
			share.highest_hz);
	}
	return hk_notes_add(notes,
		"%s%zu of %zu recordings hold nothing above %s Hz, for %s %" PRIu32
		" Hz: sounds up there cannot be told apart",
		who, share.n_limited, share.n, end,
		b->training ? "features at" : "a model trained at", b->rate_hz);
}

/* Two classes, and where they differ most. */
struct difference {
	double size;
	uint32_t limit_hz, most, least;
};

static void compare_at(struct difference *found, const struct hk_bandwidths *b, uint32_t limit_hz)
{
	struct difference here = { .limit_hz = limit_hz };
	double most = -1.0, least = 2.0;
	for (uint32_t c = 0; c < b->n_labels; c++) {
		const struct share share = share_of(b, c, limit_hz);
		if (share.n > 0 && part(&share) > most) {
			most = part(&share);
			here.most = c;
		}
		if (share.n > 0 && part(&share) < least) {
			least = part(&share);
			here.least = c;
		}
	}
	here.size = most - least;
	if (here.size > found->size) {
		*found = here;
	}
}

static int note_difference(struct hk_notes *notes, const struct hk_bandwidths *b)
{
	struct difference found = { .size = LARGE_DIFFERENCE };
	for (size_t i = 0; i < b->n; i++) {
		if (b->ends_hz[i] > 0 && b->ends_hz[i] < b->rate_hz / 2 &&
			b->ends_hz[i] != found.limit_hz) {
			compare_at(&found, b, b->ends_hz[i]);
		}
	}
	if (found.limit_hz == 0) {
		return 0;
	}
	const struct share most = share_of(b, found.most, found.limit_hz);
	const struct share least = share_of(b, found.least, found.limit_hz);
	char cure[80] = "";
	if (b->training) {
		snprintf(cure, sizeof(cure),
			", or convert the others: sox IN.wav -r %" PRIu32 " OUT.wav",
			2 * found.limit_hz);
	}
	return hk_notes_add(notes,
		"WARNING: the bandwidth differs between classes: %zu of %zu recordings of %s hold "
		"nothing above %" PRIu32 " Hz, %zu of %zu of %s. %s: the figures are too good. "
		"Record all classes with the same device and rate%s",
		most.n_limited, most.n, b->labels[found.most], found.limit_hz, least.n_limited,
		least.n, b->labels[found.least],
		b->training ? "The model learns this difference instead of the sounds"
			    : "A model may know them by this difference instead of the sounds",
		cure);
}

int hk_notes_of_bandwidth(struct hk_notes *notes, const struct hk_bandwidths *bandwidths)
{
	const uint32_t n_classes = bandwidths->takes ? bandwidths->n_labels : 1;
	int r = 0;
	for (uint32_t c = 0; c < n_classes && r == 0; c++) {
		r = note_class(notes, bandwidths, c);
	}
	return r < 0 || !bandwidths->takes ? r : note_difference(notes, bandwidths);
}
