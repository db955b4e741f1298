/* SPDX-License-Identifier: MIT */
#include "core/audio/mp3_layout.h"

#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#define HEADER_BYTES 4
#define MPEG_1 3
#define MPEG_2 2
#define MONO 3

static unsigned version_of(const uint8_t header[4])
{
	return header[1] >> 3 & 3; /* 0: MPEG 2.5 */
}

static bool is_mono(const uint8_t header[4])
{
	return header[3] >> 6 == MONO;
}

size_t hk_mp3_frame_bytes(const uint8_t header[4])
{
	static const uint16_t kbps[2][15] = {
		{ 0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160 },
		{ 0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320 },
	};
	static const uint32_t rates_hz[3] = { 44100, 48000, 32000 };
	const unsigned version = version_of(header);
	const unsigned bit_rate = header[2] >> 4, rate = header[2] >> 2 & 3;
	if (header[0] != 0xff || (header[1] & 0xe6) != 0xe2 || version == 1 || bit_rate == 0 ||
		bit_rate == 15 || rate == 3) {
		return 0;
	}
	const bool full = version == MPEG_1;
	const uint32_t rate_hz = rates_hz[rate] >> (full ? 0 : version == MPEG_2 ? 1 : 2);
	return (full ? 144000U : 72000U) * kbps[full][bit_rate] / rate_hz + (header[2] >> 1 & 1);
}

static bool is_same_form(const uint8_t a[4], const uint8_t b[4])
{
	return (a[1] & 0xfe) == (b[1] & 0xfe) && (a[2] & 0x0c) == (b[2] & 0x0c) &&
		is_mono(a) == is_mono(b);
}

/* The tag stands where the first frame's audio would, behind the side information. */
static void read_promise(int fd, uint64_t start, uint64_t end, struct hk_mp3_layout *ret)
{
	uint8_t frame[HEADER_BYTES + 32 + 16];
	if (end - start < sizeof(frame) ||
		pread(fd, frame, sizeof(frame), (off_t)start) != sizeof(frame)) {
		return;
	}
	const bool full = version_of(frame) == MPEG_1;
	const size_t at = HEADER_BYTES + (is_mono(frame) ? full ? 17 : 9 : full ? 32 : 17);
	const uint8_t *tag = frame + at;
	if (memcmp(tag, "Xing", 4) != 0 && memcmp(tag, "Info", 4) != 0) {
		return;
	}
	const bool has_frames = tag[7] & 1, has_bytes = tag[7] & 2;
	if (has_bytes) {
		const size_t n = has_frames ? 12 : 8;
		const uint8_t *bytes = tag + n;
		ret->promise_offset = start + at + n;
		ret->n_promised = (uint32_t)bytes[0] << 24 | (uint32_t)bytes[1] << 16 |
			(uint32_t)bytes[2] << 8 | bytes[3];
	}
}

static enum hk_mp3_end judge_end(int fd, uint64_t at, uint64_t end)
{
	uint8_t bytes[8] = { 0 };
	const ssize_t n = pread(fd, bytes, sizeof(bytes), (off_t)at);
	if (n < HEADER_BYTES || at >= end || memcmp(bytes, "TAG", 3) == 0 ||
		memcmp(bytes, "APETAGEX", 8) == 0 || memcmp(bytes, "LYRICSBE", 8) == 0 ||
		memcmp(bytes, "ID3", 3) == 0) {
		return HK_MP3_WHOLE;
	}
	return hk_mp3_frame_bytes(bytes) > end - at ? HK_MP3_CUT_OFF : HK_MP3_DAMAGED;
}

void hk_mp3_layout(int fd, uint64_t start, uint64_t end, struct hk_mp3_layout *ret)
{
	uint8_t first[HEADER_BYTES], header[HEADER_BYTES];
	uint64_t at = start;
	*ret = (struct hk_mp3_layout){ .end = start, .ended = HK_MP3_DAMAGED };
	if (at >= end || pread(fd, first, sizeof(first), (off_t)at) != sizeof(first)) {
		return;
	}
	while (at < end && pread(fd, header, sizeof(header), (off_t)at) == sizeof(header)) {
		const size_t size = is_same_form(first, header) ? hk_mp3_frame_bytes(header) : 0;
		if (size == 0 || size > end - at) {
			break;
		}
		at += size;
	}
	ret->end = at;
	ret->ended = judge_end(fd, at, end);
	read_promise(fd, start, end, ret);
}
