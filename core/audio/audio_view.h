/* SPDX-License-Identifier: MIT */
/*
 * audio_view: a part of a file as libsndfile sees it, with some of its bytes replaced: a stream of
 * a chain, the file behind a tag, a header with its true length. One thread at a time; not
 * real-time.
 */
#pragma once

#include <sndfile.h>
#include <stddef.h>
#include <stdint.h>

struct hk_audio_view {
	int fd;               /* the caller's */
	uint64_t start;       /* in the file: where the header begins, then the body */
	uint64_t n_header;    /* bytes; 0: the body alone */
	uint64_t body, end;   /* in the file, END behind its last byte */
	uint64_t position;    /* in the view */
	uint64_t patch_start; /* in the file */
	uint8_t patch[8];
	size_t n_patch; /* 0: nothing is replaced */
	int error;      /* 0, or the negative errno of the last read that failed */
};

/* sf_open_virtual() on VIEW, which must stay where it is until sf_close(). NULL as there. */
SNDFILE *hk_audio_view_open(struct hk_audio_view *view, SF_INFO *ret_info);
