/* SPDX-License-Identifier: MIT */
/*
 * wav_layout: where the audio of a WAV or RF64 file lies, whatever its header promises.
 *
 * Lengths in a header are wrong when they wrapped at 4 GiB, when the recorder was stopped before it
 * wrote them, or when it wrote to a pipe. libsndfile believes them when they are too small. Any
 * thread; not real-time.
 */
#pragma once

#include <stdint.h>

struct hk_wav_layout {
	uint64_t n_promised;   /* bytes of audio, by the header; UINT64_MAX: it makes no promise */
	uint64_t n_there;      /* bytes of audio that the file holds */
	uint64_t data_offset;  /* in the file, of the first of them */
	uint32_t block_bytes;  /* of a frame, or of what is encoded as one; 0: not known */
	uint64_t size_offset;  /* of the data chunk's length in the file, or of that in ds64 */
	unsigned n_size_bytes; /* 4 or 8, little-endian; 0: there is no data chunk */
};

/*
 * Walk the chunks of the file FD from byte START to byte END. Chunks that follow the audio are no
 * audio: when they do not follow where the header says, they are looked for at each multiple of 4
 * GiB behind it, and all bytes up to END are audio when they follow nowhere.
 */
void hk_wav_layout(int fd, uint64_t start, uint64_t end, struct hk_wav_layout *ret);
