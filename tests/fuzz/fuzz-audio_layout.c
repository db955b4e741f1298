/* SPDX-License-Identifier: MIT */
/*
 * What is found in an audio file before libsndfile sees it: which kind it is, and where the audio
 * of a WAV, the streams of an OGG and the frames of an MP3 lie. The first byte chooses where the
 * file is said to end.
 */
#include <string.h>

#include "core/audio/audio_container.h"
#include "core/audio/mp3_layout.h"
#include "core/audio/ogg_layout.h"
#include "core/audio/wav_layout.h"
#include "tests/fuzz/fuzz.h"

static void check_container(const uint8_t *bytes, size_t n)
{
	const enum hk_container container = hk_container_of(bytes, n);
	FUZZ_REQUIRE(container < HK_N_CONTAINERS);
	FUZZ_REQUIRE(hk_container_name(container)[0] != '\0');
	FUZZ_REQUIRE(!hk_container_is_read(HK_CONTAINER_UNKNOWN));
	if (n >= HK_CONTAINER_TAG_HEADER_BYTES) {
		const size_t tag = hk_container_tag_bytes(bytes);
		FUZZ_REQUIRE(tag == 0 || tag >= HK_CONTAINER_TAG_HEADER_BYTES);
		FUZZ_REQUIRE(tag == 0 || memcmp(bytes, "ID3", 3) == 0);
	}
	/* The kinds that have a name are known by the first bytes alone. */
	if (n >= HK_CONTAINER_MAGIC_BYTES) {
		const enum hk_container first = hk_container_of(bytes, HK_CONTAINER_MAGIC_BYTES);
		FUZZ_REQUIRE(first == container || first == HK_CONTAINER_UNKNOWN);
	}
}

static void check_wav(int fd, uint64_t end)
{
	struct hk_wav_layout layout;
	hk_wav_layout(fd, 0, end, &layout);
	if (layout.n_size_bytes == 0) {
		FUZZ_REQUIRE(layout.n_there == 0 && layout.n_promised == UINT64_MAX);
		return;
	}
	FUZZ_REQUIRE(layout.n_size_bytes == 4 || layout.n_size_bytes == 8);
	FUZZ_REQUIRE(layout.data_offset <= end && layout.n_there <= end - layout.data_offset);
	FUZZ_REQUIRE(layout.size_offset + layout.n_size_bytes <= layout.data_offset);
}

/* Every part begins where the last one ended, and the last one ends with the file. */
static void check_ogg(int fd, uint64_t end)
{
	struct hk_ogg_part part;
	uint64_t at = 0;
	while (hk_ogg_part_at(fd, at, end, &part) > 0) {
		FUZZ_REQUIRE(part.start == at && part.end > at && part.end <= end);
		at = part.end;
	}
	FUZZ_REQUIRE(at == 0 || at == end);
}

/* The frames up to the end that was found follow one another without a hole. */
static void check_mp3(int fd, const uint8_t *bytes, uint64_t end)
{
	struct hk_mp3_layout layout;
	hk_mp3_layout(fd, 0, end, &layout);
	FUZZ_REQUIRE(layout.end <= end && layout.ended <= HK_MP3_DAMAGED);
	uint64_t at = 0;
	while (at < layout.end) {
		const size_t size = hk_mp3_frame_bytes(bytes + at);
		FUZZ_REQUIRE(size > 4 && size <= layout.end - at);
		at += size;
	}
	FUZZ_REQUIRE(layout.n_promised == 0 || layout.promise_offset + 4 <= end);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const size_t n_left_out = fuzz_u8(&bytes);
	struct fuzz_file file;
	fuzz_file_open(&file, bytes.at, bytes.n_left);
	const uint64_t end = bytes.n_left > n_left_out ? bytes.n_left - n_left_out : bytes.n_left;
	check_container(bytes.at, (size_t)end);
	check_wav(file.fd, end);
	check_ogg(file.fd, end);
	check_mp3(file.fd, bytes.at, end);
	fuzz_file_close(&file);
	return 0;
}
