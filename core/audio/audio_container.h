/* SPDX-License-Identifier: MIT */
/*
 * audio_container: which kind of audio file begins with these bytes. Any thread; not real-time.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Bytes that decide every kind but HK_CONTAINER_MP3 and HK_CONTAINER_AAC without a tag. */
#define HK_CONTAINER_MAGIC_BYTES 16

/* Bytes that decide all kinds: three frames of the largest size. */
#define HK_CONTAINER_BYTES 25000

/* Bytes at the beginning of a file that hk_container_tag_bytes() reads. */
#define HK_CONTAINER_TAG_HEADER_BYTES 10

enum hk_container {
	HK_CONTAINER_UNKNOWN,
	HK_CONTAINER_WAV,
	HK_CONTAINER_RF64,
	HK_CONTAINER_FLAC,
	HK_CONTAINER_OGG,
	HK_CONTAINER_MP3,
	HK_CONTAINER_ID3, /* a tag; what follows it is not seen here: mostly MP3 */
	HK_CONTAINER_AAC,
	HK_CONTAINER_MP4, /* M4A, MP4, MOV, 3GP */
	HK_CONTAINER_MATROSKA,
	HK_CONTAINER_ASF, /* WMA */
	HK_CONTAINER_AIFF,
	HK_CONTAINER_AU,
	HK_CONTAINER_W64,
	HK_CONTAINER_CAF,
	HK_CONTAINER_AMR,
	HK_N_CONTAINERS,
};

/*
 * The kind of file that begins with the N bytes at BYTES. Raw PCM is HK_CONTAINER_UNKNOWN unless
 * its first samples spell one of these names; MP3 and AAC need three frames in a row, for their
 * first bytes alone are also samples of a quiet room.
 */
enum hk_container hk_container_of(const uint8_t *bytes, size_t n);

/* "a WAV file", "an M4A or MP4 file", ... */
const char *hk_container_name(enum hk_container container);

/* Whether core/audio/audio_file.h reads it. */
bool hk_container_is_read(enum hk_container container);

/* Bytes of the ID3v2 tag at the beginning, with its header; 0: there is none. */
size_t hk_container_tag_bytes(const uint8_t bytes[HK_CONTAINER_TAG_HEADER_BYTES]);
