/* SPDX-License-Identifier: MIT */
/* WAV, FLAC, OGG and MP3 as they come in: the first byte chooses the channel and how much is read
 * at a time. */
#include <math.h>

#include "core/audio/audio_file.h"
#include "core/audio/sample.h"
#include "tests/fuzz/fuzz.h"

#define MAX_READ 5000
#define MAX_FRAMES (1 << 20) /* of one file: more only costs time */

static void read_all(struct hk_audio_file *file, size_t n_at_a_time)
{
	static float frames[MAX_READ];
	struct hk_diag diag = { "" };
	int64_t n;
	uint64_t n_read = 0;
	while ((n = hk_audio_read(file, frames, n_at_a_time, &diag)) > 0 && n_read < MAX_FRAMES) {
		FUZZ_REQUIRE((uint64_t)n <= n_at_a_time);
		for (int64_t i = 0; i < n; i++) {
			FUZZ_REQUIRE(isfinite(frames[i]));
		}
		n_read += (uint64_t)n;
	}
	if (n < 0) {
		fuzz_require_reason((int)n, &diag);
		FUZZ_REQUIRE(hk_audio_read(file, frames, n_at_a_time, &diag) == n);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const uint8_t choice = fuzz_u8(&bytes);
	struct fuzz_file file;
	struct hk_audio_file *audio;
	struct hk_diag diag = { "" };
	fuzz_silence(); /* libsndfile's decoders */
	fuzz_file_open(&file, bytes.at, bytes.n_left);
	const int r = hk_audio_open(&audio, file.path, choice % 4, &diag);
	fuzz_require_reason(r, &diag);
	if (r == 0) {
		struct hk_audio_info info;
		hk_audio_info(audio, &info);
		FUZZ_REQUIRE(info.rate_hz >= HK_MIN_RATE_HZ && info.rate_hz <= HK_MAX_RATE_HZ);
		FUZZ_REQUIRE(info.n_channels >= 1 && info.n_channels <= HK_MAX_CHANNELS);
		read_all(audio, choice & 0x80 ? MAX_READ : 1 + (choice >> 2) % 32 * 150);
		hk_audio_close(audio);
	}
	fuzz_file_close(&file);
	return 0;
}
