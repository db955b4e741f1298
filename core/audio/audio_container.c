/* SPDX-License-Identifier: MIT */
#include "core/audio/audio_container.h"

#include <string.h>

#include "core/audio/mp3_layout.h"

#define N_FRAMES_IN_A_ROW 3

struct magic {
	enum hk_container container;
	const char *bytes; /* at `offset`; NULL: no magic */
	size_t n_bytes, offset;
};

#define MAGIC(container, text, offset)                                                             \
	{                                                                                          \
		container, text, sizeof(text) - 1, offset                                          \
	}

static const struct magic magics[] = {
	MAGIC(HK_CONTAINER_WAV, "RIFF", 0),
	MAGIC(HK_CONTAINER_RF64, "RF64", 0),
	MAGIC(HK_CONTAINER_FLAC, "fLaC", 0),
	MAGIC(HK_CONTAINER_OGG, "OggS", 0),
	MAGIC(HK_CONTAINER_MP4, "ftyp", 4),
	MAGIC(HK_CONTAINER_MATROSKA, "\x1a\x45\xdf\xa3", 0),
	MAGIC(HK_CONTAINER_ASF, "\x30\x26\xb2\x75\x8e\x66\xcf\x11", 0),
	MAGIC(HK_CONTAINER_AIFF, "FORM", 0),
	MAGIC(HK_CONTAINER_AU, ".snd", 0),
	MAGIC(HK_CONTAINER_W64, "riff\x2e\x91\xcf\x11", 0),
	MAGIC(HK_CONTAINER_CAF, "caff", 0),
	MAGIC(HK_CONTAINER_AMR, "#!AMR", 0),
};

static const char *const names[HK_N_CONTAINERS] = {
	[HK_CONTAINER_UNKNOWN] = "an unknown file",
	[HK_CONTAINER_WAV] = "a WAV file",
	[HK_CONTAINER_RF64] = "an RF64 (WAV) file",
	[HK_CONTAINER_FLAC] = "a FLAC file",
	[HK_CONTAINER_OGG] = "an OGG file",
	[HK_CONTAINER_MP3] = "an MP3 file",
	[HK_CONTAINER_ID3] = "an MP3 or another file with an ID3 tag",
	[HK_CONTAINER_AAC] = "an AAC file",
	[HK_CONTAINER_MP4] = "an M4A or MP4 file",
	[HK_CONTAINER_MATROSKA] = "a Matroska or WebM file",
	[HK_CONTAINER_ASF] = "a WMA file",
	[HK_CONTAINER_AIFF] = "an AIFF file",
	[HK_CONTAINER_AU] = "an AU file",
	[HK_CONTAINER_W64] = "a W64 file",
	[HK_CONTAINER_CAF] = "a CAF file",
	[HK_CONTAINER_AMR] = "an AMR file",
};

size_t hk_container_tag_bytes(const uint8_t bytes[HK_CONTAINER_TAG_HEADER_BYTES])
{
	if (memcmp(bytes, "ID3", 3) != 0 || bytes[3] == 0xff || bytes[4] == 0xff ||
		((bytes[6] | bytes[7] | bytes[8] | bytes[9]) & 0x80)) {
		return 0;
	}
	const size_t size =
		(size_t)bytes[6] << 21 | (size_t)bytes[7] << 14 | (size_t)bytes[8] << 7 | bytes[9];
	const bool footer = bytes[5] & 0x10;
	return HK_CONTAINER_TAG_HEADER_BYTES * (footer ? 2 : 1) + size;
}

/* Bytes of the ADTS frame that begins here; 0: none does. ISO 13818-7, 6.2. */
static size_t aac_frame_bytes(const uint8_t header[7])
{
	const unsigned rate = header[2] >> 2 & 15;
	const size_t size = (size_t)(header[3] & 3) << 11 | (size_t)header[4] << 3 | header[5] >> 5;
	return header[0] == 0xff && (header[1] & 0xf6) == 0xf0 && rate < 13 && size > 7 ? size : 0;
}

static bool has_frames(const uint8_t *bytes, size_t n, bool mp3)
{
	const size_t header_bytes = mp3 ? 4 : 7;
	size_t at = 0;
	for (unsigned i = 0; i < N_FRAMES_IN_A_ROW; i++) {
		if (at > n || n - at < header_bytes) {
			return false;
		}
		const size_t size =
			mp3 ? hk_mp3_frame_bytes(bytes + at) : aac_frame_bytes(bytes + at);
		if (size == 0) {
			return false;
		}
		at += size;
	}
	return true;
}

enum hk_container hk_container_of(const uint8_t *bytes, size_t n)
{
	for (size_t i = 0; i < sizeof(magics) / sizeof(magics[0]); i++) {
		const struct magic *magic = &magics[i];
		if (n >= magic->offset + magic->n_bytes &&
			memcmp(bytes + magic->offset, magic->bytes, magic->n_bytes) == 0) {
			return magic->container;
		}
	}
	if (n >= HK_CONTAINER_TAG_HEADER_BYTES && hk_container_tag_bytes(bytes) > 0) {
		return HK_CONTAINER_ID3;
	}
	if (has_frames(bytes, n, true)) {
		return HK_CONTAINER_MP3;
	}
	return has_frames(bytes, n, false) ? HK_CONTAINER_AAC : HK_CONTAINER_UNKNOWN;
}

const char *hk_container_name(enum hk_container container)
{
	return names[container];
}

bool hk_container_is_read(enum hk_container container)
{
	return container >= HK_CONTAINER_WAV && container <= HK_CONTAINER_MP3;
}
