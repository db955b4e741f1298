/* SPDX-License-Identifier: MIT */
/*
 * extract: one take into rows of features, through the analyzer that also runs live.
 *
 * Windows follow the analyzer's rules from the first second of the take on; windows of digital
 * zeros are counted and give no row. One object a thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/detection/window_pipeline.h"
#include "learning/base/random.h"
#include "learning/data/manifest.h"

/* A file is clipped when so many of its frames stand at full scale. */
#define HK_CLIPPED_SHARE 0.01

enum hk_take_state {
	HK_TAKE_USED,
	HK_TAKE_CLIPPED,    /* used, but worth a look: HK_CLIPPED_SHARE or more at full scale */
	HK_TAKE_FAULTY,     /* used, but with samples that are none, or channels that cancel */
	HK_TAKE_UNREADABLE, /* no audio file, damaged, not there */
	HK_TAKE_TOO_SHORT,  /* not one window */
	HK_TAKE_SILENT,     /* no window in which the samples change */
	HK_TAKE_NO_NUMBERS, /* the same, with samples that are NaN, infinite or beyond all bounds */
};

/* What came out of a take. */
struct hk_extract {
	enum hk_take_state state;
	char why[HK_DIAG_SIZE]; /* in words, with the path; "" for HK_TAKE_USED */
	uint32_t end_hz;        /* it holds nothing above (bandwidth.h); 0: not known */
	size_t n_rows;
	float *rows;    /* n_rows * n_features; malloc'd, the caller's */
	float *start_s; /* n_rows: of each window in the file; malloc'd, the caller's */
};

struct hk_extractor_thread;

/* SETUP (without a model) and what it points to must outlive the object. Returns 0, -EINVAL with
 * DIAG, -ENOMEM. */
int hk_extractor_thread_new(struct hk_extractor_thread **ret,
	const struct hk_window_pipeline_setup *setup, struct hk_diag *diag);
void hk_extractor_thread_free(struct hk_extractor_thread *thread);

/*
 * Read TAKE. A take that gives no row is a result (state, why), not a failure.
 * Returns 0, -ENOMEM; *ret is set on success only.
 */
int hk_extract_take(
	struct hk_extractor_thread *thread, const struct hk_take *take, struct hk_extract *ret);

/*
 * The same with a changed copy of TAKE (copies.h), PARTNER (or NULL) perhaps behind it. Its windows
 * have their times in the copy.
 */
int hk_extract_copy(struct hk_extractor_thread *thread, const struct hk_take *take,
	const struct hk_take *partner, struct hk_random random, struct hk_extract *ret);

void hk_extract_finish(struct hk_extract *extract);
