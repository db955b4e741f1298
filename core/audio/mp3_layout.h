/* SPDX-License-Identifier: MIT */
/*
 * mp3_layout: the frames of an MP3 file, found by their headers (ISO 11172-3, 2.4).
 *
 * libmpg123 writes to stderr when it meets anything else, and goes on at a guess: it is given whole
 * frames of one form only. Any thread; not real-time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

enum hk_mp3_end {
	HK_MP3_WHOLE,   /* the file's end, or a tag */
	HK_MP3_CUT_OFF, /* the file ends within a frame */
	HK_MP3_DAMAGED, /* what follows is no frame, or one of another rate or number of channels */
};

struct hk_mp3_layout {
	uint64_t end; /* in the file, behind the last whole frame */
	enum hk_mp3_end ended;
	uint64_t n_promised; /* bytes from the first frame on, by the Xing or Info tag; 0: it says
				none */
	uint64_t promise_offset; /* in the file, of that number: 4 bytes, big-endian */
};

/* Bytes of the frame with this header, itself included; 0: it is none (or of the rare free format).
 */
size_t hk_mp3_frame_bytes(const uint8_t header[4]);

/* Walk the frames of the file FD from byte START to byte END. */
void hk_mp3_layout(int fd, uint64_t start, uint64_t end, struct hk_mp3_layout *ret);
