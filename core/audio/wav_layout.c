/* SPDX-License-Identifier: MIT */
#include "core/audio/wav_layout.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define CHUNK_HEADER_BYTES 8
#define WRAP (UINT64_C(1) << 32)

/* Programs that write to a pipe promise the maximum (arecord 0x7fffff00 or more, sox 0x7ffff000,
 * ffmpeg 0xffffffff): no promise at all. */
#define NO_PROMISE 0x7ffff000

/* More chunks than any program writes: a file of nothing but headers must not hold us up. */
#define MAX_CHUNKS 10000

/* A tag in the old form at a file's end: "TAG" and no length. */
#define ID3V1_BYTES 128

static uint32_t little_u32(const uint8_t *bytes)
{
	return bytes[0] | (uint32_t)bytes[1] << 8 | (uint32_t)bytes[2] << 16 |
		(uint32_t)bytes[3] << 24;
}

/* What programs append. Recognised also when it is cut off. */
static bool is_known_name(const uint8_t name[4])
{
	static const char known[][5] = { "LIST", "id3 ", "ID3 ", "bext", "iXML", "axml", "cue ",
		"smpl", "inst", "plst", "fact", "PEAK", "JUNK", "PAD ", "FLLR", "afsp", "DISP",
		"acid", "cart", "levl", "_PMX" };
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
		if (memcmp(name, known[i], 4) == 0) {
			return true;
		}
	}
	return false;
}

static bool is_name(const uint8_t name[4])
{
	for (unsigned i = 0; i < 4; i++) {
		if (name[i] < ' ' || name[i] > '~') {
			return false;
		}
	}
	return true;
}

/* Do whole chunks follow from byte AT to byte END, and nothing else but what is shorter than a
 * chunk? */
static bool chunks_follow(int fd, uint64_t at, uint64_t end)
{
	for (unsigned i = 0; at < end && end - at >= CHUNK_HEADER_BYTES; i++) {
		uint8_t header[CHUNK_HEADER_BYTES];
		if (pread(fd, header, sizeof(header), (off_t)at) != sizeof(header)) {
			return false;
		}
		if (memcmp(header, "TAG", 3) == 0 && end - at == ID3V1_BYTES) {
			return true;
		}
		const uint64_t size = little_u32(header + 4);
		const bool is_cut_off = size > end - at - CHUNK_HEADER_BYTES;
		if (i == MAX_CHUNKS || !is_name(header) || (is_cut_off && !is_known_name(header))) {
			return false;
		}
		at += CHUNK_HEADER_BYTES + size + size % 2;
	}
	return true;
}

/* Bytes of audio from byte AT on; PROMISED of them by the header. */
static uint64_t find_end(int fd, uint64_t at, uint64_t end, uint64_t promised)
{
	const uint64_t n_rest = end - at;
	if (promised >= n_rest) {
		return n_rest;
	}
	for (uint64_t size = promised; size < n_rest; size += WRAP) {
		/* The pad byte behind an odd length is forgotten at times. */
		if (chunks_follow(fd, at + size + size % 2, end) ||
			(size % 2 == 1 && chunks_follow(fd, at + size, end))) {
			return size;
		}
	}
	return n_rest;
}

void hk_wav_layout(int fd, uint64_t start, uint64_t end, struct hk_wav_layout *ret)
{
	uint64_t at = start + 12, rf64_size = 0, rf64_offset = 0;
	uint32_t block_bytes = 0;
	uint8_t chunk[24];
	*ret = (struct hk_wav_layout){ .n_promised = UINT64_MAX };
	for (unsigned i = 0; i < MAX_CHUNKS; i++) {
		const ssize_t n = pread(fd, chunk, sizeof(chunk), (off_t)at);
		if (n < CHUNK_HEADER_BYTES || end < CHUNK_HEADER_BYTES ||
			at > end - CHUNK_HEADER_BYTES) {
			return;
		}
		const uint64_t size = little_u32(chunk + 4);
		if (memcmp(chunk, "ds64", 4) == 0 && n == sizeof(chunk)) {
			rf64_size = little_u32(chunk + 16) | (uint64_t)little_u32(chunk + 20) << 32;
			rf64_offset = at + 16;
		}
		if (memcmp(chunk, "fmt ", 4) == 0 && n == sizeof(chunk)) {
			block_bytes = chunk[20] | (uint32_t)chunk[21] << 8;
		}
		if (memcmp(chunk, "data", 4) == 0) {
			const uint64_t first = at + CHUNK_HEADER_BYTES;
			const bool in_ds64 = size == UINT32_MAX && rf64_offset > 0;
			const uint64_t promised = in_ds64 ? rf64_size : size;
			/* An RF64 file knows its length, or left it at 0 or -1. */
			const bool none = in_ds64 ? rf64_size > INT64_MAX
						  : size >= NO_PROMISE && end - first <= size;
			*ret = (struct hk_wav_layout){
				.n_promised = none ? UINT64_MAX : promised,
				.n_there = find_end(fd, first, end, promised),
				.data_offset = first,
				.block_bytes = block_bytes,
				.size_offset = in_ds64 ? rf64_offset : at + 4,
				.n_size_bytes = in_ds64 ? 8 : 4,
			};
			return;
		}
		at += CHUNK_HEADER_BYTES + size + size % 2;
	}
}
