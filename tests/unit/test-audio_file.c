/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/audio/audio_file.h"
#include "core/audio/audio_parts.h"

#define N_FRAMES 50000

static char folder[] = "/tmp/test-audio_file.XXXXXX";

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

/* The tests empty the folder themselves: what is left is a fault. */
static int remove_folder(void **state)
{
	(void)state;
	return rmdir(folder);
}

static const char *path_of(const char *name)
{
	static char path[256];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

/* A value in (-0.5, 0.5) that 16 bits represent, another for every frame and channel. */
static float value_at(size_t frame, size_t channel)
{
	return (float)((frame * 7919 + channel * 104729) % 32768) / 32768.0F - 0.5F;
}

static void write_audio(const char *path, int format, int rate_hz, int n_channels, size_t n_frames)
{
	SF_INFO info = { .samplerate = rate_hz, .channels = n_channels, .format = format };
	SNDFILE *sndfile = sf_open(path, SFM_WRITE, &info);
	assert_non_null(sndfile);
	/* Shorts, because libsndfile writes floats * 32767 but reads shorts / 32768. */
	sf_command(sndfile, SFC_SET_SCALE_INT_FLOAT_WRITE, NULL, SF_TRUE);
	for (size_t i = 0; i < n_frames; i++) {
		short frame[64];
		for (int c = 0; c < n_channels; c++) {
			frame[c] = (short)(value_at(i, (size_t)c) * 32768.0F);
		}
		assert_int_equal(sf_writef_short(sndfile, frame, 1), 1);
	}
	sf_close(sndfile);
}

static void write_bytes(const char *path, const void *bytes, size_t size)
{
	FILE *stream = fopen(path, "wb");
	assert_non_null(stream);
	assert_int_equal(fwrite(bytes, 1, size, stream), size);
	fclose(stream);
}

static size_t size_of(const char *path)
{
	struct stat status;
	assert_int_equal(stat(path, &status), 0);
	return (size_t)status.st_size;
}

static void patch(const char *path, long offset, const void *bytes, size_t size)
{
	FILE *stream = fopen(path, "r+b");
	assert_non_null(stream);
	assert_int_equal(fseek(stream, offset, SEEK_SET), 0);
	assert_int_equal(fwrite(bytes, 1, size, stream), size);
	fclose(stream);
}

static struct hk_audio_file *open_audio(const char *path, uint32_t channel)
{
	struct hk_audio_file *file = NULL;
	struct hk_diag diag = { "" };
	if (hk_audio_open(&file, path, channel, &diag) != 0) {
		fail_msg("%s", diag.text);
	}
	return file;
}

/* Read to the end. Returns the frames that came; *ret_end is 0 or the error. */
static size_t read_to_end(struct hk_audio_file *file, int *ret_end, struct hk_diag *diag)
{
	static float frames[10007];
	size_t n_all = 0;
	for (;;) {
		const int64_t n = hk_audio_read(file, frames, 10007, diag);
		if (n <= 0) {
			*ret_end = (int)n;
			return n_all;
		}
		n_all += (size_t)n;
	}
}

/* hk_audio_open fails with ERROR and a line that names the file and says WORDS. */
static void assert_refused(const char *path, uint32_t channel, int error, const char *words)
{
	struct hk_audio_file *file = NULL;
	struct hk_diag diag = { "" };
	assert_int_equal(hk_audio_open(&file, path, channel, &diag), error);
	assert_null(file);
	print_message("%s\n", diag.text);
	assert_ptr_equal(strstr(diag.text, path), diag.text);
	assert_non_null(strstr(diag.text, words));
	assert_int_equal(hk_audio_open(&file, path, channel, NULL), error);
}

/* The file at PATH gives N_FRAMES frames at least, then -EBADMSG with its name and WORDS. */
static size_t assert_breaks_off(const char *path, size_t n_frames, const char *words)
{
	struct hk_audio_file *file = open_audio(path, HK_CHANNEL_MIX);
	struct hk_diag diag = { "" };
	int end = 0;
	const size_t n = read_to_end(file, &end, &diag);
	print_message("%s\n", diag.text);
	assert_int_equal(end, -EBADMSG);
	assert_true(n >= n_frames && n < N_FRAMES);
	assert_ptr_equal(strstr(diag.text, path), diag.text);
	assert_non_null(strstr(diag.text, words));
	/* It stays broken. */
	float frame;
	assert_int_equal(hk_audio_read(file, &frame, 1, NULL), -EBADMSG);
	hk_audio_close(file);
	return n;
}

static void every_frame_of_wav_and_flac_arrives_bit_for_bit(void **state)
{
	(void)state;
	const int formats[] = { SF_FORMAT_WAV | SF_FORMAT_PCM_16, SF_FORMAT_WAV | SF_FORMAT_PCM_24,
		SF_FORMAT_WAV | SF_FORMAT_FLOAT, SF_FORMAT_WAVEX | SF_FORMAT_PCM_32,
		SF_FORMAT_RF64 | SF_FORMAT_PCM_16, SF_FORMAT_FLAC | SF_FORMAT_PCM_16 };
	const char *path = path_of("sound");
	for (size_t f = 0; f < sizeof(formats) / sizeof(formats[0]); f++) {
		write_audio(path, formats[f], 44100, 1, N_FRAMES);
		struct hk_audio_file *file = open_audio(path, HK_CHANNEL_MIX);
		struct hk_audio_info info;
		hk_audio_info(file, &info);
		assert_int_equal(info.rate_hz, 44100);
		assert_int_equal(info.n_channels, 1);
		assert_int_equal(info.n_frames, N_FRAMES);
		static float frames[N_FRAMES];
		size_t n = 0;
		int64_t r;
		/* Pieces that are no divisors of any buffer. */
		while ((r = hk_audio_read(file, frames + n, N_FRAMES - n < 997 ? N_FRAMES - n : 997,
				NULL)) > 0) {
			n += (size_t)r;
		}
		assert_int_equal(n, N_FRAMES);
		for (size_t i = 0; i < N_FRAMES; i++) {
			assert_true(frames[i] == value_at(i, 0));
		}
		assert_int_equal(hk_audio_read(file, frames, 1, NULL), 0);
		hk_audio_close(file);
	}
	unlink(path);
}

static void ogg_gives_as_many_frames_as_went_in(void **state)
{
	(void)state;
	const char *path = path_of("sound.ogg");
	write_audio(path, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 48000, 2, N_FRAMES);
	struct hk_audio_file *file = open_audio(path, HK_CHANNEL_MIX);
	int end = -1;
	assert_int_equal(read_to_end(file, &end, NULL), N_FRAMES);
	assert_int_equal(end, 0);
	hk_audio_close(file);
	unlink(path);
}

static void a_channel_or_the_mean_of_8_at_192_khz_float_is_chosen(void **state)
{
	(void)state;
	const char *path = path_of("eight.wav");
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_FLOAT, 192000, 8, 3000);
	for (uint32_t channel = 0; channel <= 8; channel++) {
		struct hk_audio_file *file = open_audio(path, channel);
		struct hk_audio_info info;
		hk_audio_info(file, &info);
		assert_int_equal(info.n_channels, 8);
		assert_int_equal(info.rate_hz, 192000);
		static float frames[3000];
		assert_int_equal(hk_audio_read(file, frames, 3000, NULL), 3000);
		for (size_t i = 0; i < 3000; i++) {
			double expected = 0.0;
			for (size_t c = 0; c < 8; c++) {
				expected += (double)value_at(i, c) / 8.0;
			}
			if (channel > 0) {
				expected = (double)value_at(i, channel - 1);
			}
			assert_true(frames[i] == (float)expected);
		}
		hk_audio_close(file);
	}
	assert_refused(path, 9, -ECHRNG, "channel 9 does not exist; expected 1 to 8");
	unlink(path);
}

static void what_is_no_number_becomes_0(void **state)
{
	(void)state;
	const char *path = path_of("nan.wav");
	const float samples[] = { 0.5F, NAN, INFINITY, -INFINITY, -0.25F, 3e38F, -1e9F };
	const float expected[] = { 0.5F, 0.0F, 0.0F, 0.0F, -0.25F, 0.0F, 0.0F };
	SF_INFO info = {
		.samplerate = 16000, .channels = 1, .format = SF_FORMAT_WAV | SF_FORMAT_FLOAT
	};
	SNDFILE *sndfile = sf_open(path, SFM_WRITE, &info);
	assert_non_null(sndfile);
	assert_int_equal(sf_writef_float(sndfile, samples, 7), 7);
	sf_close(sndfile);
	struct hk_audio_file *file = open_audio(path, 1);
	float frames[7];
	assert_int_equal(hk_audio_read(file, frames, 7, NULL), 7);
	assert_memory_equal(frames, expected, sizeof(frames));
	assert_int_equal(hk_audio_counts(file)->n_not_numbers, 3);
	assert_int_equal(hk_audio_counts(file)->n_off_scale, 2);
	hk_audio_close(file);
	unlink(path);
}

static void what_is_no_audio_file_is_refused_by_name(void **state)
{
	(void)state;
	const char *path = path_of("nothing.wav");
	assert_refused(path, 0, -ENOENT, "No such file");
	write_bytes(path, "", 0);
	assert_refused(path, 0, -ENODATA, "empty");
	write_bytes(path, "RI", 2);
	assert_refused(path, 0, -EBADMSG, "is not a WAV, FLAC, OGG or MP3 file");
	/* An MP3's sync word, for which libmpg123 would search and complain on stderr. */
	static uint8_t garbage[100000] = { 0xff, 0xfb, 0x90, 0x64 };
	for (size_t i = 4; i < sizeof(garbage); i++) {
		garbage[i] = (uint8_t)(i * i * 31 + i / 7);
	}
	write_bytes(path, garbage, sizeof(garbage));
	assert_refused(path, 0, -EBADMSG, "is not a WAV, FLAC, OGG or MP3 file");
	const char *const magics[] = { "RIFF", "RF64", "fLaC", "OggS" };
	for (size_t i = 0; i < 4; i++) {
		memcpy(garbage, magics[i], 4);
		write_bytes(path, garbage, sizeof(garbage));
		assert_refused(path, 0, -EBADMSG, "cannot be read: begins as");
	}
	unlink(path);
	mkdir(path, 0700);
	assert_refused(path, 0, -EISDIR, "folder");
	rmdir(path);
	mkfifo(path, 0600);
	assert_refused(path, 0, -EINVAL, "no regular file");
	unlink(path);
}

static void a_file_without_frames_and_one_at_an_impossible_rate_are_refused(void **state)
{
	(void)state;
	const char *path = path_of("odd.wav");
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 2, 0);
	assert_refused(path, 0, -ENODATA, "0 frames");
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 999, 1, 100);
	assert_refused(path, 0, -EINVAL, "999 Hz; expected 1000 to 768000 Hz");
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 800000, 1, 100);
	assert_refused(path, 0, -EINVAL, "800000 Hz; expected 1000 to 768000 Hz");
	unlink(path);
}

static void a_file_that_is_cut_off_gives_what_is_there_and_then_says_so(void **state)
{
	(void)state;
	const struct {
		int format;
		const char *words;
		size_t n_least; /* frames that half of the file gives: all but a block of the codec
				 */
	} cases[] = {
		{ SF_FORMAT_WAV | SF_FORMAT_PCM_16, "cut off", 24970 },
		{ SF_FORMAT_WAV | SF_FORMAT_FLOAT, "cut off", 24970 },
		{ SF_FORMAT_RF64 | SF_FORMAT_PCM_16, "cut off", 24900 },
		{ SF_FORMAT_FLAC | SF_FORMAT_PCM_16, "damaged", 20000 },
		{ SF_FORMAT_OGG | SF_FORMAT_VORBIS, "cut off", 10000 },
	};
	const char *path = path_of("cut");
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_audio(path, cases[i].format, 44100, 1, N_FRAMES);
		assert_int_equal(truncate(path, (off_t)size_of(path) / 2), 0);
		const size_t n = assert_breaks_off(path, cases[i].n_least, cases[i].words);
		print_message("%zu frames\n", n);
	}
	/* One byte is enough. */
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	assert_int_equal(truncate(path, (off_t)size_of(path) - 1), 0);
	assert_int_equal(assert_breaks_off(path, 0, "1 bytes"), N_FRAMES - 1);
	unlink(path);
}

static void damage_in_the_middle_of_flac_and_ogg_is_said(void **state)
{
	(void)state;
	const int formats[] = { SF_FORMAT_FLAC | SF_FORMAT_PCM_16,
		SF_FORMAT_OGG | SF_FORMAT_VORBIS };
	const char *path = path_of("damaged");
	for (size_t i = 0; i < 2; i++) {
		write_audio(path, formats[i], 44100, 1, N_FRAMES);
		uint8_t zeros[300] = { 0 };
		patch(path, (long)size_of(path) / 2, zeros, sizeof(zeros));
		assert_breaks_off(path, 1, "damaged");
	}
	unlink(path);
}

static void a_stream_that_was_written_to_a_pipe_has_no_promise_to_break(void **state)
{
	(void)state;
	const char *path = path_of("pipe");
	const uint32_t sizes[] = { 0x7fffff00, 0x7ffff000, 0xffffffff };
	for (size_t i = 0; i < 3; i++) {
		write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
		patch(path, 40, &sizes[i], 4);
		struct hk_audio_file *file = open_audio(path, 0);
		int end = -1;
		assert_int_equal(read_to_end(file, &end, NULL), N_FRAMES);
		assert_int_equal(end, 0);
		hk_audio_close(file);
	}
	/* STREAMINFO's total: the low 36 bits of 8 bytes at 18. */
	write_audio(path, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	const uint8_t unknown[5] = { 0xf0, 0, 0, 0, 0 };
	patch(path, 21, unknown, sizeof(unknown));
	struct hk_audio_file *file = open_audio(path, 0);
	struct hk_audio_info info;
	hk_audio_info(file, &info);
	assert_int_equal(info.n_frames, 0);
	int end = -1;
	assert_int_equal(read_to_end(file, &end, NULL), N_FRAMES);
	assert_int_equal(end, 0);
	hk_audio_close(file);
	unlink(path);
}

static void put_u32(uint8_t *bytes, uint64_t value)
{
	for (unsigned i = 0; i < 4; i++) {
		bytes[i] = (uint8_t)(value >> 8 * i);
	}
}

/* The file at PATH holds N_FRAMES, which value_at() says if EXACT, and its note says WORDS ("": no
 * note). */
static void assert_heard(const char *path, size_t n_frames, bool exact, const char *words)
{
	static float frames[2 * N_FRAMES];
	struct hk_audio_file *file = open_audio(path, HK_CHANNEL_MIX);
	struct hk_diag diag = { "" };
	assert_int_equal(hk_audio_read(file, frames, 2 * N_FRAMES, &diag), n_frames);
	assert_int_equal(hk_audio_read(file, frames + n_frames, 1, &diag), 0);
	for (size_t i = 0; exact && i < n_frames; i++) {
		assert_true(frames[i] == value_at(i % N_FRAMES, 0));
	}
	if (words[0] == '\0') {
		assert_string_equal(hk_audio_note(file), "");
	} else {
		print_message("%s\n", hk_audio_note(file));
		assert_non_null(strstr(hk_audio_note(file), words));
	}
	hk_audio_close(file);
}

static void append(const char *path, const void *bytes, size_t size)
{
	FILE *stream = fopen(path, "ab");
	assert_non_null(stream);
	assert_int_equal(fwrite(bytes, 1, size, stream), size);
	fclose(stream);
}

static const uint8_t list_chunk[] = "LIST\x0c\0\0\0INFOISFT\0\0\0\0";
#define LIST_BYTES 20

static void a_wav_header_that_promises_too_little_hides_nothing(void **state)
{
	(void)state;
	const char *path = path_of("short.wav");
	const uint32_t promises[] = { 0, 2, 1000, 2 * N_FRAMES - 10000 };
	for (size_t i = 0; i < sizeof(promises) / sizeof(promises[0]); i++) {
		write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
		uint8_t size[4];
		put_u32(size, promises[i]);
		patch(path, 40, size, 4);
		assert_heard(path, N_FRAMES, true, "bytes of audio, but 100000 follow");
		put_u32(size, promises[i] ? promises[i] + 36 : 0);
		patch(path, 4, size, 4);
		assert_heard(path, N_FRAMES, true, "bytes of audio, but 100000 follow");
	}
	/* RF64 keeps its length in ds64, 28 bytes from the beginning; 0 until the recorder is done.
	 */
	write_audio(path, SF_FORMAT_RF64 | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	const uint8_t none[8] = { 0 }, some[8] = { 0x10, 0x27 };
	patch(path, 28, none, sizeof(none));
	assert_heard(path, N_FRAMES, true, "promises 0 bytes of audio, but 100000 follow");
	patch(path, 28, some, sizeof(some));
	assert_heard(path, N_FRAMES, true, "promises 10000 bytes of audio, but 100000 follow");
	unlink(path);
}

static void chunks_around_the_audio_are_no_audio(void **state)
{
	(void)state;
	const char *path = path_of("chunks.wav");
	/* Behind it: whole, cut off, without its pad byte, in the old form without a length. */
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	append(path, list_chunk, LIST_BYTES);
	assert_heard(path, N_FRAMES, true, "");
	append(path, list_chunk, LIST_BYTES - 6);
	assert_heard(path, N_FRAMES, true, "");
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	uint8_t tag[128] = "TAGtitle";
	append(path, tag, sizeof(tag));
	assert_heard(path, N_FRAMES, true, "");
	/* Before it, of an odd length, and with a length of the audio that was never written. */
	static uint8_t bytes[44 + 8 + 4 + 2 * N_FRAMES];
	write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	FILE *stream = fopen(path, "rb");
	assert_non_null(stream);
	assert_int_equal(fread(bytes, 1, 36, stream), 36);
	assert_int_equal(fread(bytes + 48, 1, 8 + 2 * N_FRAMES, stream), 8 + 2 * N_FRAMES);
	fclose(stream);
	memcpy(bytes + 36, "odd!\x03\0\0\0abc", 12);
	write_bytes(path, bytes, 48 + 8 + 2 * N_FRAMES);
	assert_heard(path, N_FRAMES, true, "");
	put_u32(bytes + 52, 0);
	write_bytes(path, bytes, 48 + 8 + 2 * N_FRAMES);
	assert_heard(path, N_FRAMES, true, "promises 0 bytes of audio");
	unlink(path);
}

static void a_wav_file_beyond_4_gib_is_read_to_its_end(void **state)
{
	(void)state;
	const char *path = path_of("huge.wav");
	const uint64_t n_bytes = (UINT64_C(1) << 32) + 2 * N_FRAMES;
	const bool with_list[] = { false, true };
	for (size_t i = 0; i < 2; i++) {
		write_audio(path, SF_FORMAT_WAV | SF_FORMAT_PCM_16, 44100, 1, 0);
		uint8_t size[4];
		put_u32(size, n_bytes); /* wraps */
		patch(path, 40, size, 4);
		const short last = 16384;
		assert_int_equal(truncate(path, (off_t)(44 + n_bytes - sizeof(last))), 0);
		append(path, &last, sizeof(last));
		if (with_list[i]) {
			append(path, list_chunk, LIST_BYTES);
		}
		struct hk_audio_file *file = open_audio(path, HK_CHANNEL_MIX);
		assert_non_null(strstr(hk_audio_note(file), "promises 100000 bytes"));
		assert_non_null(strstr(hk_audio_note(file), "4295067296 follow"));
		hk_audio_close(file);
	}
	/* Every byte is in one part, each with its own length in the header; the last sample is
	 * seen. */
	struct hk_audio_parts parts;
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	assert_true(fd >= 0);
	assert_int_equal(hk_audio_parts_first(&parts, fd, size_of(path), path, NULL), 0);
	uint64_t next = 44;
	for (;;) {
		const uint64_t n = parts.view.end - parts.view.body;
		uint8_t size[4];
		put_u32(size, n);
		assert_int_equal(parts.view.body, next);
		assert_true(n > 0 && n % 2 == 0 && n <= UINT32_MAX);
		assert_memory_equal(parts.view.patch, size, 4);
		next += n;
		if (hk_audio_parts_at_last(&parts)) {
			break;
		}
		assert_int_equal(hk_audio_parts_next(&parts), 0);
	}
	assert_int_equal(next, 44 + n_bytes);
	SF_INFO info = { 0 };
	SNDFILE *sndfile = hk_audio_view_open(&parts.view, &info);
	assert_non_null(sndfile);
	short sample = 0;
	assert_int_equal(sf_seek(sndfile, info.frames - 1, SEEK_SET), info.frames - 1);
	assert_int_equal(sf_read_short(sndfile, &sample, 1), 1);
	assert_int_equal(sample, 16384);
	sf_close(sndfile);
	close(fd);
	unlink(path);
}

/* What is in the file at FROM behind what is in the file at TO. */
static void append_file(const char *to, const char *from)
{
	static uint8_t bytes[1 << 20];
	FILE *stream = fopen(from, "rb");
	assert_non_null(stream);
	const size_t n = fread(bytes, 1, sizeof(bytes), stream);
	fclose(stream);
	append(to, bytes, n);
}

static void streams_of_an_ogg_chain_are_heard_one_after_another(void **state)
{
	(void)state;
	char path[256], part[256];
	snprintf(path, sizeof(path), "%s", path_of("chain.ogg"));
	snprintf(part, sizeof(part), "%s", path_of("part.ogg"));
	write_audio(path, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 1, N_FRAMES);
	write_audio(part, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 44100, 1, 20000);
	append_file(path, part);
	assert_heard(path, N_FRAMES + 20000, false, "");
	/* In another form: named, after what came before. */
	write_audio(part, SF_FORMAT_OGG | SF_FORMAT_VORBIS, 22050, 1, 20000);
	append_file(path, part);
	struct hk_audio_file *file = open_audio(path, HK_CHANNEL_MIX);
	struct hk_diag diag = { "" };
	int end = 0;
	assert_int_equal(read_to_end(file, &end, &diag), N_FRAMES + 20000);
	assert_int_equal(end, -EBADMSG);
	print_message("%s\n", diag.text);
	assert_non_null(strstr(diag.text, "22050 Hz, 1 channels instead of 44100 Hz"));
	hk_audio_close(file);
	unlink(path);
	unlink(part);
}

static void a_tag_before_flac_is_stepped_over(void **state)
{
	(void)state;
	char path[256], flac[256];
	snprintf(path, sizeof(path), "%s", path_of("tagged.flac"));
	snprintf(flac, sizeof(flac), "%s", path_of("plain.flac"));
	static const uint8_t tag[10 + 2048] = "ID3\x04\0\0\0\0\x10";
	write_audio(flac, SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, 1, N_FRAMES);
	write_bytes(path, tag, sizeof(tag));
	append(path, tag, sizeof(tag)); /* twice, as some programs do */
	append_file(path, flac);
	assert_heard(path, N_FRAMES, true, "");
	unlink(path);
	unlink(flac);
}

static void mp3_is_read_and_its_damage_is_named(void **state)
{
	(void)state;
	const char *path = path_of("sound.mp3");
	const int format = SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III;
	write_audio(path, format, 44100, 1, N_FRAMES);
	assert_heard(path, N_FRAMES, false, "");
	uint8_t tag[128] = "TAGtitle";
	append(path, tag, sizeof(tag));
	assert_heard(path, N_FRAMES, false, "");
	write_audio(path, format, 44100, 1, N_FRAMES);
	assert_int_equal(truncate(path, (off_t)size_of(path) / 2), 0);
	assert_breaks_off(path, 10000, "is cut off");
	write_audio(path, format, 44100, 1, N_FRAMES);
	uint8_t zeros[3000] = { 0 };
	patch(path, (long)size_of(path) / 2, zeros, sizeof(zeros));
	assert_breaks_off(path, 10000, "is cut off");
	unlink(path);
}

static void audio_of_another_kind_is_named_with_the_way_out(void **state)
{
	(void)state;
	static const struct {
		const char *bytes, *words;
	} kinds[] = {
		{ "\0\0\0 ftypM4A ", "is an M4A or MP4 file" },
		{ "FORM\0\0\0 AIFF", "is an AIFF file" },
		{ ".snd\0\0\0 \0\0\0 ", "is an AU file" },
		{ "riff\x2e\x91\xcf\x11\0\0\0\0", "is a W64 file" },
		{ "\x1a\x45\xdf\xa3\0\0\0\0\0\0\0\0", "is a Matroska or WebM file" },
		{ "OggS\0\2\0\0\0\0\0\0", "is FLAC in an OGG file" },
	};
	const char *path = path_of("other");
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		uint8_t bytes[60] = { 0 };
		memcpy(bytes, kinds[i].bytes, 12);
		bytes[26] = 1; /* segments of an OGG page */
		memcpy(bytes + 28,
			"\x7f"
			"FLAC",
			5);
		write_bytes(path, bytes, sizeof(bytes));
		assert_refused(path, 0, -EBADMSG, kinds[i].words);
		assert_refused(path, 0, -EBADMSG, "Convert it: ffmpeg -i");
	}
	/* AAC has no magic: frames of 9 bytes, one after another. */
	uint8_t aac[63];
	for (size_t i = 0; i < sizeof(aac); i++) {
		aac[i] = (const uint8_t[]){ 0xff, 0xf1, 0x50, 0x80, 0x01, 0x3f, 0xfc, 0, 0 }[i % 9];
	}
	write_bytes(path, aac, sizeof(aac));
	assert_refused(path, 0, -EBADMSG, "is an AAC file");
	unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_frame_of_wav_and_flac_arrives_bit_for_bit),
		cmocka_unit_test(ogg_gives_as_many_frames_as_went_in),
		cmocka_unit_test(a_channel_or_the_mean_of_8_at_192_khz_float_is_chosen),
		cmocka_unit_test(what_is_no_number_becomes_0),
		cmocka_unit_test(what_is_no_audio_file_is_refused_by_name),
		cmocka_unit_test(a_file_without_frames_and_one_at_an_impossible_rate_are_refused),
		cmocka_unit_test(a_file_that_is_cut_off_gives_what_is_there_and_then_says_so),
		cmocka_unit_test(damage_in_the_middle_of_flac_and_ogg_is_said),
		cmocka_unit_test(a_stream_that_was_written_to_a_pipe_has_no_promise_to_break),
		cmocka_unit_test(a_wav_header_that_promises_too_little_hides_nothing),
		cmocka_unit_test(chunks_around_the_audio_are_no_audio),
		cmocka_unit_test(a_wav_file_beyond_4_gib_is_read_to_its_end),
		cmocka_unit_test(streams_of_an_ogg_chain_are_heard_one_after_another),
		cmocka_unit_test(a_tag_before_flac_is_stepped_over),
		cmocka_unit_test(mp3_is_read_and_its_damage_is_named),
		cmocka_unit_test(audio_of_another_kind_is_named_with_the_way_out),
	};
	return cmocka_run_group_tests_name("audio_file", tests, make_folder, remove_folder);
}
