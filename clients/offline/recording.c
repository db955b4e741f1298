/* SPDX-License-Identifier: MIT */
#include "clients/offline/recording.h"

#include <errno.h>
#include <string.h>

#include "clients/cli/output.h"

#define BLOCK_FRAMES 4096

enum hk_exit hk_recording_open(struct hk_recording *recording, const char *path, uint32_t channel)
{
	struct hk_diag diag;
	*recording = (struct hk_recording){ .path = path };
	const int r = hk_audio_open(&recording->file, path, channel, &diag);
	if (r < 0) {
		hk_message("%s", diag.text);
		return hk_exit_of_input(r);
	}
	hk_audio_info(recording->file, &recording->info);
	if (hk_audio_note(recording->file)[0] != '\0') {
		hk_message("%s: %s", path, hk_audio_note(recording->file));
	}
	if (channel == HK_CHANNEL_MIX && recording->info.n_channels > 2) {
		hk_message("%s: the mean of its %u channels is used; --channel takes one of them",
			path, recording->info.n_channels);
	}
	return HK_EXIT_OK;
}

void hk_recording_close(struct hk_recording *recording)
{
	hk_audio_close(recording->file);
	recording->file = NULL;
}

enum hk_exit hk_recording_count(const char *path, uint32_t channel, uint64_t *ret_n_frames)
{
	struct hk_audio_file *file = NULL;
	struct hk_diag diag;
	float frames[BLOCK_FRAMES];
	uint64_t n_frames = 0;
	int64_t n = hk_audio_open(&file, path, channel, &diag);
	while (n >= 0) {
		n = hk_audio_read(file, frames, BLOCK_FRAMES, &diag);
		if (n == 0) {
			hk_audio_close(file);
			*ret_n_frames = n_frames;
			return HK_EXIT_OK;
		}
		n_frames += n > 0 ? (uint64_t)n : 0;
	}
	hk_message("%s", diag.text);
	hk_audio_close(file);
	return hk_exit_of_input((int)n);
}

double hk_recording_seconds(const struct hk_recording *recording, uint64_t frame)
{
	return (double)frame / recording->info.rate_hz;
}

struct analysis {
	const struct hk_recording *recording;
	hk_recording_window_fn *on_window;
	void *owner;
	uint64_t n_windows;
	uint64_t n_zeros;
	uint64_t n_remainder;
};

static void count_window(void *owner, const struct hk_window_result *result)
{
	struct analysis *analysis = owner;
	analysis->n_windows++;
	analysis->n_zeros += result->zeros;
	analysis->on_window(analysis->owner, result);
}

static void keep_remainder(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)first_frame;
	((struct analysis *)owner)->n_remainder = n_frames;
}

/* A file is one stream: the analyzer sees no hole in it. */
static void ignore_gap(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

static enum hk_exit push_frames(struct hk_recording *recording, struct hk_window_pipeline *analyzer,
	const struct hk_output *out)
{
	float frames[BLOCK_FRAMES];
	struct hk_diag diag;
	struct hk_block block = { .rate_hz = recording->info.rate_hz, .flags = HK_BLOCK_START };
	while (!out->error) {
		const int64_t n = hk_audio_read(recording->file, frames, BLOCK_FRAMES, &diag);
		if (n < 0) {
			hk_message("%s", diag.text);
			return hk_exit_of_input((int)n);
		}
		if (n == 0) {
			break;
		}
		block.n_frames = (uint32_t)n;
		const int r = hk_window_pipeline_push(analyzer, &block, frames);
		if (r < 0) {
			hk_message("%s: cannot analyse %u Hz: %s", recording->path, block.rate_hz,
				strerror(-r));
			return hk_exit_of_input(r);
		}
		block.first_frame += block.n_frames;
		block.flags = 0;
	}
	return HK_EXIT_OK;
}

static void say_what_is_missing(
	const struct hk_recording *recording, const struct hk_window_pipeline_setup *setup)
{
	const uint32_t rate_hz = recording->info.rate_hz;
	if (rate_hz < setup->rate_hz) {
		hk_message("%s: recorded at %u Hz for %s %u Hz: it holds nothing above %u Hz, "
			   "so sounds up there cannot be told apart",
			recording->path, rate_hz,
			setup->model ? "a model trained at" : "features at", setup->rate_hz,
			rate_hz / 2);
	}
}

/* Faults of the samples, and channels that cancel. */
static void say_faults(const struct hk_recording *recording)
{
	const struct hk_intake_counts *counts = hk_audio_counts(recording->file);
	char text[HK_INTAKE_TEXT_SIZE];
	if (hk_intake_not_numbers_text(counts, text, sizeof(text))) {
		hk_message("%s: %s", recording->path, text);
	}
	if (hk_intake_off_scale_text(counts, text, sizeof(text))) {
		hk_message("%s: %s", recording->path, text);
	}
	if (hk_intake_cancelled_text(counts, text, sizeof(text))) {
		hk_message("%s: %s", recording->path, text);
	}
}

/* The rest of each file that fills no window: one of many files is named in a line, the others are
 * counted. */
static struct {
	size_t n_files;
	double total_s;
} unfinished;

static void note_rest(const struct hk_recording *recording, double left_s, double window_s)
{
	unfinished.n_files++;
	unfinished.total_s += left_s;
	if (unfinished.n_files == 1) {
		hk_message("%s: the last %.3g s fill no window of %.3g s and were not analysed",
			recording->path, left_s, window_s);
	}
}

/* After the last file. */
static void sum_up_rests(void)
{
	if (unfinished.n_files > 1) {
		hk_message("%zu files in all end in less than a window: %.3g s of them were not "
			   "analysed",
			unfinished.n_files, unfinished.total_s);
	}
	unfinished.n_files = 0;
	unfinished.total_s = 0;
}

static enum hk_exit say_what_was_left(
	const struct analysis *analysis, const struct hk_window_pipeline_setup *setup)
{
	const struct hk_recording *recording = analysis->recording;
	const double window_s = (double)setup->n_window_frames / setup->rate_hz;
	const double left_s = hk_recording_seconds(recording, analysis->n_remainder);
	if (analysis->n_windows == 0) {
		hk_message("%s: %.3g s long, shorter than one window of %.3g s: nothing to analyse",
			recording->path, left_s, window_s);
		return HK_EXIT_DATA;
	}
	if (analysis->n_remainder > 0) {
		note_rest(recording, left_s, window_s);
	}
	if (analysis->n_zeros > 0) {
		const struct hk_intake_counts *counts = hk_audio_counts(recording->file);
		const bool faulty = counts->n_not_numbers + counts->n_off_scale > 0;
		hk_message("%s: %ju of %ju windows %s: they have no features and no class",
			recording->path, (uintmax_t)analysis->n_zeros,
			(uintmax_t)analysis->n_windows,
			faulty ? "have no valid sample, or samples that do not change"
			       : "are digital zeros or another constant (a muted or dead source)");
	}
	return HK_EXIT_OK;
}

enum hk_exit hk_recording_analyse(struct hk_recording *recording,
	const struct hk_window_pipeline_setup *setup, hk_recording_window_fn *on_window,
	void *owner, const struct hk_output *out)
{
	struct analysis analysis = {
		.recording = recording,
		.on_window = on_window,
		.owner = owner,
	};
	const struct hk_window_pipeline_sink sink = {
		.owner = &analysis,
		.on_window = count_window,
		.on_remainder = keep_remainder,
		.on_gap = ignore_gap,
	};
	struct hk_diag diag;
	struct hk_window_pipeline *analyzer = NULL;
	const int r = hk_window_pipeline_new(&analyzer, setup, &sink, &diag);
	if (r < 0) {
		hk_message("%s: %s", recording->path, r == -ENOMEM ? strerror(ENOMEM) : diag.text);
		return hk_exit_of_input(r);
	}
	say_what_is_missing(recording, setup);
	enum hk_exit exit_code = push_frames(recording, analyzer, out);
	say_faults(recording);
	hk_window_pipeline_finish(analyzer);
	hk_window_pipeline_free(analyzer);
	if (exit_code == HK_EXIT_OK && !out->error) {
		exit_code = say_what_was_left(&analysis, setup);
	}
	return exit_code;
}

enum hk_exit hk_recording_each(
	const struct hk_call *call, hk_recording_file_fn *function, void *owner)
{
	enum hk_exit first = HK_EXIT_OK;
	for (size_t i = 0; i < call->n_arguments && !call->out->error; i++) {
		const enum hk_exit exit_code = function(owner, call->arguments[i]);
		if (first == HK_EXIT_OK) {
			first = exit_code;
		}
	}
	sum_up_rests();
	return first;
}
