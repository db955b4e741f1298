/* SPDX-License-Identifier: MIT */
/*
 * audio_parts: which bytes of an audio file libsndfile is shown, one part after another: the
 * streams of a chain, the audio behind a tag, a WAV file's audio beyond what its header can say.
 * One thread at a time; not real-time.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "core/audio/audio_container.h"
#include "core/audio/audio_file.h"
#include "core/audio/audio_view.h"
#include "core/base/diag.h"

#define HK_READABLE_AUDIO "WAV, FLAC, OGG or MP3"

struct hk_audio_parts {
	const char *path; /* the caller's */
	enum hk_container container;
	struct hk_audio_view view;     /* the part at hand */
	uint64_t file_end;             /* bytes */
	uint64_t next;                 /* where the next part begins in the file */
	uint64_t end;                  /* of the last part in the file */
	uint64_t n_part_bytes;         /* WAV: of a part, at most */
	char damage[128];              /* what ends the last part before its time; "": nothing */
	char note[HK_AUDIO_NOTE_SIZE]; /* what is odd about the file; "": nothing */
};

/*
 * Show the first part of the file FD of SIZE bytes. FD and PATH must outlive PARTS.
 * Returns 0; -EBADMSG with DIAG: not an audio file, or of a kind that cannot be read; -ENOMEM.
 */
int hk_audio_parts_first(struct hk_audio_parts *parts, int fd, uint64_t size, const char *path,
	struct hk_diag *diag);

/* Whether the part at hand is the last one. */
bool hk_audio_parts_at_last(const struct hk_audio_parts *parts);

/* Show the next part. There must be one. Returns 0, -EBADMSG. */
int hk_audio_parts_next(struct hk_audio_parts *parts);
