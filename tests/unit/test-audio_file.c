/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <math.h>
#include <setjmp.h>
#include <sndfile.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/audio_file.h"

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
	assert_refused(path, 9, -ECHRNG, "no channel 9; expected 1 to 8");
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
	assert_refused(path, 0, -EBADMSG, "neither WAV nor FLAC nor OGG");
	/* An MP3's sync word, for which libmpg123 would search and complain on stderr. */
	static uint8_t garbage[100000] = { 0xff, 0xfb, 0x90, 0x64 };
	for (size_t i = 4; i < sizeof(garbage); i++) {
		garbage[i] = (uint8_t)(i * i * 31 + i / 7);
	}
	write_bytes(path, garbage, sizeof(garbage));
	assert_refused(path, 0, -EBADMSG, "neither WAV nor FLAC nor OGG");
	const char *const magics[] = { "RIFF", "RF64", "fLaC", "OggS" };
	for (size_t i = 0; i < 4; i++) {
		memcpy(garbage, magics[i], 4);
		write_bytes(path, garbage, sizeof(garbage));
		assert_refused(path, 0, -EBADMSG, "cannot be read as");
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
		size_t n_least; /* frames that half of the file gives: all but a block of the codec */
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
	};
	return cmocka_run_group_tests_name("audio_file", tests, make_folder, remove_folder);
}
