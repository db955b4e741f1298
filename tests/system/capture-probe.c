/* SPDX-License-Identifier: MIT */
/*
 * capture-probe: the daemon's ear without the daemon. Hears a source as hearkend does and writes
 * what happens to stdout, one JSON object a line: changes of state, holes, and a summary at the
 * end.
 *
 * With --ramp the sound is a counter (frame k has the 16-bit value k modulo 65536), so that every
 * sample tells where it belongs: a break within a block and a hole of the wrong length cannot hide.
 */
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <jansson.h>
#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/capture-shared/clock.h"
#include "daemon/capture/capture.h"

struct reader {
	struct hk_capture *capture;
	bool ramp;
	unsigned slow_ms; /* a nap after every block */
	atomic_bool stop;

	uint64_t n_blocks, n_got, n_lost, n_breaks, n_bad, n_back, n_starts, n_overruns;
	uint64_t first_frame, next_frame;
	uint16_t next_value;
	uint16_t origin; /* of the world's axis on ours */
	float peak;
	bool begun, ended;
	float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];
};

struct probe {
	sd_event *event;
	struct hk_capture *capture;
	struct reader reader;
	bool until_end;
};

static void print(json_t *line)
{
	json_object_set_new(line, "t", json_real((double)hk_clock_ns() / 1e9));
	char *text = json_dumps(line, JSON_COMPACT);
	puts(text);
	fflush(stdout);
	free(text);
	json_decref(line);
}

/* ---- reader thread ---- */

static uint16_t value_of(float sample)
{
	return (uint16_t)lrintf(sample * 32768.0F);
}

static void hear_ramp(struct reader *reader, const struct hk_block *block)
{
	for (uint32_t i = 1; i < block->n_frames; i++) {
		const uint16_t step =
			(uint16_t)(value_of(reader->frames[i]) - value_of(reader->frames[i - 1]));
		reader->n_breaks += step != 1;
	}
	reader->next_value = (uint16_t)(value_of(reader->frames[block->n_frames - 1]) + 1);
}

/* How far the block's first frame stands from its place in the world, modulo 65536. */
static int16_t offset_before(const struct reader *reader, const struct hk_block *block)
{
	return (int16_t)(uint16_t)(value_of(reader->frames[0]) - block->first_frame -
		reader->origin);
}

/* The same of the last frame that was heard. */
static int16_t offset_of(const struct reader *reader)
{
	return (int16_t)(uint16_t)(reader->next_value - reader->next_frame - reader->origin);
}

static void report_hole(const struct reader *reader, const struct hk_block *block)
{
	const uint64_t n_frames = block->first_frame - reader->next_frame;
	json_t *line = json_pack("{s:I, s:I, s:I, s:i}", "hole", (json_int_t)reader->next_frame,
		"frames", (json_int_t)n_frames, "rate", (json_int_t)block->rate_hz, "flags",
		(int)block->flags);
	if (reader->ramp) {
		json_object_set_new(line, "offset", json_integer(offset_before(reader, block)));
	}
	print(line);
}

static void hear(struct reader *reader, const struct hk_block *block)
{
	reader->n_blocks++;
	for (uint32_t i = 0; i < block->n_frames; i++) {
		reader->peak = fmaxf(reader->peak, fabsf(reader->frames[i]));
	}
	reader->n_got += block->n_frames;
	reader->n_starts += (block->flags & HK_BLOCK_START) != 0;
	reader->n_overruns += (block->flags & HK_BLOCK_OVERRUN) != 0;
	reader->ended |= (block->flags & HK_BLOCK_END) != 0;
	if (!reader->begun) {
		reader->first_frame = block->first_frame;
		reader->origin = (uint16_t)(value_of(reader->frames[0]) - block->first_frame);
	} else if (block->first_frame < reader->next_frame) {
		reader->n_back++;
	} else if (block->first_frame > reader->next_frame || (block->flags & HK_BLOCK_START)) {
		reader->n_lost += block->first_frame - reader->next_frame;
		report_hole(reader, block);
	} else if (reader->ramp && block->n_frames > 0) {
		reader->n_breaks += value_of(reader->frames[0]) != reader->next_value;
	}
	reader->begun = true;
	reader->next_frame = block->first_frame + block->n_frames;
	if (reader->ramp && block->n_frames > 0) {
		hear_ramp(reader, block);
	}
}

static void *read_all(void *owner)
{
	struct reader *reader = owner;
	for (;;) {
		struct hk_block block;
		const bool stop = atomic_load(&reader->stop);
		const int r = hk_capture_read(reader->capture, &block, reader->frames);
		if (r == HK_RING_OK) {
			hear(reader, &block);
			hk_clock_sleep_until(hk_clock_ns() + reader->slow_ms * HK_NS_PER_S / 1000);
		} else if (r < 0) {
			reader->n_bad++;
		} else if (stop) {
			return NULL; /* all that came was read */
		} else {
			hk_capture_wait(reader->capture, 0, 100);
		}
	}
}

/* ---- main thread ---- */

static void on_state(void *owner, const struct hk_capture_status *status)
{
	struct probe *probe = owner;
	print(json_pack("{s:s, s:s, s:s, s:I, s:I, s:b, s:b}", "state",
		hk_source_state_name(status->state), "why", status->why, "device", status->device,
		"rate", (json_int_t)status->rate_hz, "channels", (json_int_t)status->n_channels,
		"realtime", status->realtime, "locked", status->locked));
	if (status->state == HK_SOURCE_ENDED && probe->until_end) {
		sd_event_exit(probe->event, 0);
	}
}

static void on_clipping(void *owner, double share)
{
	(void)owner;
	print(json_pack("{s:f}", "clipping", share));
}

static int on_time_up(sd_event_source *source, uint64_t usec, void *owner)
{
	struct probe *probe = owner;
	(void)source;
	(void)usec;
	return sd_event_exit(probe->event, 0);
}

static void summarise(const struct probe *probe)
{
	const struct reader *reader = &probe->reader;
	struct hk_capture_status status;
	hk_capture_status(probe->capture, &status);
	print(json_pack(
		"{s:s, s:f, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:I, s:b, s:I, s:I, s:I, "
		"s:I, s:I, s:I}",
		"summary", hk_source_state_name(status.state), "peak", (double)reader->peak,
		"offset", (json_int_t)offset_of(reader), "blocks", (json_int_t)reader->n_blocks,
		"got", (json_int_t)reader->n_got, "lost", (json_int_t)reader->n_lost, "first",
		(json_int_t)reader->first_frame, "next", (json_int_t)reader->next_frame, "breaks",
		(json_int_t)reader->n_breaks, "bad", (json_int_t)reader->n_bad, "back",
		(json_int_t)reader->n_back, "starts", (json_int_t)reader->n_starts,
		"flagged_overruns", (json_int_t)reader->n_overruns, "end", reader->ended,
		"n_frames", (json_int_t)status.n_frames, "n_lost_frames",
		(json_int_t)status.n_lost_frames, "n_overruns", (json_int_t)status.n_overruns,
		"n_dropped_blocks", (json_int_t)status.n_dropped_blocks, "n_restarts",
		(json_int_t)status.n_restarts, "n_clipped", (json_int_t)status.n_clipped));
}

static const char usage[] =
	"usage: capture-probe --helper PATH [--device NAME | --file PATH | --pipe PATH]\n"
	"       [--rate HZ] [--channels N] [--channel N] [--format s16le|f32le] [--fast]\n"
	"       [--start S] [--ramp] [--slow MS] [--verbose] [--seconds S]\n";

int main(int argc, char *argv[])
{
	enum {
		HELPER,
		DEVICE,
		FILE_,
		PIPE,
		RATE,
		CHANNELS,
		CHANNEL,
		FORMAT,
		FAST,
		START,
		RAMP,
		SLOW,
		VERBOSE,
		SECONDS
	};
	static const struct option known[] = {
		{ "helper", required_argument, NULL, HELPER },
		{ "device", required_argument, NULL, DEVICE },
		{ "file", required_argument, NULL, FILE_ },
		{ "pipe", required_argument, NULL, PIPE },
		{ "rate", required_argument, NULL, RATE },
		{ "channels", required_argument, NULL, CHANNELS },
		{ "channel", required_argument, NULL, CHANNEL },
		{ "format", required_argument, NULL, FORMAT },
		{ "fast", no_argument, NULL, FAST },
		{ "start", required_argument, NULL, START },
		{ "ramp", no_argument, NULL, RAMP },
		{ "slow", required_argument, NULL, SLOW },
		{ "verbose", no_argument, NULL, VERBOSE },
		{ "seconds", required_argument, NULL, SECONDS },
		{ 0 },
	};
	static struct probe probe;
	struct hk_capture_options options = { .rate_hz = 16000, .n_channels = 1, .realtime = true };
	const char *helper = NULL, *source = "";
	double seconds = 0;
	int option;
	while ((option = getopt_long(argc, argv, "", known, NULL)) >= 0) {
		switch (option) {
		case HELPER:
			helper = optarg;
			break;
		case DEVICE:
			source = optarg;
			break;
		case FILE_:
			options.kind = HK_SOURCE_FILE;
			source = optarg;
			break;
		case PIPE:
			options.kind = HK_SOURCE_PIPE;
			source = optarg;
			break;
		case RATE:
			options.rate_hz = (uint32_t)atoi(optarg);
			break;
		case CHANNELS:
			options.n_channels = (uint32_t)atoi(optarg);
			break;
		case CHANNEL:
			options.channel = (uint32_t)atoi(optarg);
			break;
		case FORMAT:
			options.format =
				strcmp(optarg, "f32le") == 0 ? HK_SAMPLE_F32LE : HK_SAMPLE_S16LE;
			break;
		case FAST:
			options.realtime = false;
			break;
		case START:
			options.start_s = atof(optarg);
			break;
		case RAMP:
			probe.reader.ramp = true;
			break;
		case SLOW:
			probe.reader.slow_ms = (unsigned)atoi(optarg);
			break;
		case VERBOSE:
			options.verbose = true;
			break;
		case SECONDS:
			seconds = atof(optarg);
			break;
		default:
			fputs(usage, stderr);
			return 2;
		}
	}
	if (!helper || optind != argc) {
		fputs(usage, stderr);
		return 2;
	}
	snprintf(options.device, sizeof(options.device), "%s", source);
	probe.until_end = seconds == 0;

	sigset_t blocked;
	sigemptyset(&blocked);
	sigaddset(&blocked, SIGCHLD);
	sigaddset(&blocked, SIGTERM);
	pthread_sigmask(SIG_BLOCK, &blocked, NULL);

	struct hk_diag diag = { 0 };
	const struct hk_capture_sink sink = { &probe, on_state, on_clipping };
	int r = sd_event_new(&probe.event);
	if (r >= 0) {
		r = sd_event_add_signal(probe.event, NULL, SIGTERM, NULL, NULL);
	}
	if (r >= 0) {
		r = hk_capture_new(&probe.capture, probe.event, helper, &options, &sink, &diag);
	}
	if (r < 0) {
		fprintf(stderr, "capture-probe: %s (%s)\n", diag.text, strerror(-r));
		return EXIT_FAILURE;
	}
	if (seconds > 0) {
		sd_event_add_time_relative(probe.event, NULL, CLOCK_MONOTONIC,
			(uint64_t)(seconds * 1e6), 0, on_time_up, &probe);
	}
	probe.reader.capture = probe.capture;
	pthread_t thread;
	pthread_create(&thread, NULL, read_all, &probe.reader);
	r = sd_event_loop(probe.event);
	atomic_store(&probe.reader.stop, true);
	pthread_join(thread, NULL);
	summarise(&probe);
	hk_capture_free(probe.capture);
	sd_event_unref(probe.event);
	return r < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
}
