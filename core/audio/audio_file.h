/* SPDX-License-Identifier: MIT */
/*
 * audio_file: WAV, FLAC, OGG and MP3 in, mono float frames out (libsndfile). One thread at a time;
 * not real-time.
 *
 * Streams of an OGG file that follow one another are read in their order. The audio of a WAV file
 * is read to its end, whatever length its header promises.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/audio/intake.h"
#include "core/base/diag.h"

struct hk_audio_file;

struct hk_audio_info {
	uint32_t rate_hz;
	uint32_t n_channels;
	uint64_t n_frames; /* as the header says; 0: it does not say (a stream, MP3) */
};

/*
 * Returns 0; -ENOENT, -EACCES, ... (open); -EISDIR; -EBADMSG (no audio file, or of a kind that
 * cannot be read), -ENODATA (no frames),
 * -EINVAL (no regular file, rate outside 1000..768000 Hz, more than 64 channels), -ECHRNG (no such
 * channel), each with DIAG naming the file; -ENOMEM. A FIFO is refused, not waited for.
 */
int hk_audio_open(
	struct hk_audio_file **ret, const char *path, uint32_t channel, struct hk_diag *diag);
void hk_audio_close(struct hk_audio_file *file);
void hk_audio_info(const struct hk_audio_file *file, struct hk_audio_info *ret);

/* What is odd about the file although it can be read, without its name; "": nothing. FILE owns it.
 * Bytes with its NUL: at most HK_AUDIO_NOTE_SIZE. */
#define HK_AUDIO_NOTE_SIZE 192
const char *hk_audio_note(const struct hk_audio_file *file);

/*
 * Next frames. Shapes: ret_frames[max_frames], mono, float, as the intake leaves them (intake.h).
 * Returns the number of frames, 0 at the end, -EBADMSG with DIAG when the file is damaged
 * from here on or cut off here: every frame before that place has been given out.
 */
int64_t hk_audio_read(
	struct hk_audio_file *file, float *ret_frames, size_t max_frames, struct hk_diag *diag);

/* What is known of the samples read so far. Owner: FILE. */
const struct hk_intake_counts *hk_audio_counts(const struct hk_audio_file *file);
