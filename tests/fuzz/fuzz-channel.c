/* SPDX-License-Identifier: MIT */
/*
 * A hostile capture helper: it may write anything into the shared memory at any time, and anything
 * into the pipe of its reports. Input: steps of a byte that says what is done, and what that needs.
 * The reader goes the daemon's way: ring, time, picture, windows; reports and counters into the
 * state machine of the source.
 */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/audio/downmix.h"
#include "core/audio/sample.h"
#include "core/detection/event_pipeline.h"
#include "core/features/spectrogram/spectrogram.h"
#include "daemon/analysis/picture_stream.h"
#include "daemon/analysis/stream_time.h"
#include "daemon/capture-shared/capture_message.h"
#include "daemon/capture-shared/shared_audio.h"
#include "daemon/capture/liveness.h"
#include "tests/fuzz/fuzz.h"

#define MODEL_HZ 1000
#define FFT_FRAMES 64
#define WINDOW_FRAMES FFT_FRAMES       /* short: a few blocks make a window */
#define MAX_READS 64                   /* at a time: the writer could keep us for ever */
#define MAX_STREAMS 4                  /* of one input: each means new filters */
#define MAX_FRAMES 128                 /* of one input that go into picture and windows */
#define RING_BYTES (UINT32_C(1) << 16) /* cleared for each input; the daemon's takes 2 MiB */
#define POKED_BYTES 16384 /* the counters, the places, the ring's header and the first blocks */
#define MANY_FRAMES 512   /* a block is shorter, unless LONG_BLOCK asks for more */
#define LONG_BLOCK 0x08   /* of the byte that describes a block */
#define PERIOD 255        /* of the samples of one shade, frames */
#define N_SHADES 256

#define KNOWN_FLAGS (HK_BLOCK_START | HK_BLOCK_OVERRUN | HK_BLOCK_END)

enum step { POKE, WRITE, READ, REPORT, TICK, REST, N_STEPS };

struct bed {
	struct hk_shared_audio daemon;
	struct hk_ring helper;
	int pipe[2];
	struct hk_liveness liveness;
	struct hk_capture_message opened;
	uint64_t now_ns;
	uint64_t next_frame; /* that an honest helper would write next */
	struct hk_stream_time time;
	struct hk_picture_stream painter;
	struct hk_window_pipeline *analyzer;
	uint32_t rate_hz;
	unsigned n_streams;
	uint32_t n_frames;
	bool painted;
};

static struct bed bed;
static float frames[HK_CAPTURE_MAX_BLOCK_FRAMES];

/*
 * In place of core/features/stft.c (linked with --wrap): the transform reads no outside input, and
 * would take nine tenths of the time. All power is in the lowest bin.
 */
struct hk_stft {
	uint32_t n_fft;
};

int __wrap_hk_stft_new(struct hk_stft **ret, uint32_t n_fft, uint32_t win_length);
void __wrap_hk_stft_free(struct hk_stft *stft);
void __wrap_hk_stft_power(struct hk_stft *stft, const float *samples, float *ret_power);

int __wrap_hk_stft_new(struct hk_stft **ret, uint32_t n_fft, uint32_t win_length)
{
	(void)win_length;
	*ret = malloc(sizeof(**ret));
	FUZZ_REQUIRE(*ret);
	(*ret)->n_fft = n_fft;
	return 0;
}

void __wrap_hk_stft_free(struct hk_stft *stft)
{
	free(stft);
}

void __wrap_hk_stft_power(struct hk_stft *stft, const float *samples, float *ret_power)
{
	memset(ret_power, 0, (stft->n_fft / 2 + 1) * sizeof(*ret_power));
	ret_power[0] =
		samples[0] * samples[0] + samples[stft->n_fft - 1] * samples[stft->n_fft - 1];
}

static void on_window(void *owner, const struct hk_window_result *result)
{
	(void)owner;
	FUZZ_REQUIRE(result->end_frame > result->first_frame);
	FUZZ_REQUIRE(result->zeros || isfinite(result->level_dbfs));
	(void)hk_stream_time_us(&bed.time, result->first_frame);
}

static void on_span(void *owner, uint64_t first_frame, uint64_t n_frames)
{
	(void)owner;
	(void)first_frame;
	(void)n_frames;
}

static void on_strip(void *owner, const struct hk_picture_strip *strip)
{
	(void)owner;
	FUZZ_REQUIRE(strip->n_columns >= 1 && strip->n_columns <= HK_PICTURE_STRIP_COLUMNS);
	if (!bed.painted) { /* all of them are made alike, and it takes long */
		json_t *json = hk_picture_strip_json(strip, bed.painter.rate_hz);
		FUZZ_REQUIRE(json);
		json_decref(json);
		bed.painted = true;
	}
}

static void begin(void)
{
	static struct hk_profile_config profile;
	hk_profile_config_init(&profile, &hk_spectrogram);
	struct hk_spectrogram_config *config = (void *)profile.config;
	config->n_fft = FFT_FRAMES;
	config->win_length = FFT_FRAMES;
	config->n_rows = 2;
	config->n_columns = 2;
	const struct hk_window_pipeline_setup setup = {
		.profile = &profile,
		.rate_hz = MODEL_HZ,
		.n_window_frames = WINDOW_FRAMES,
		.n_step_frames = WINDOW_FRAMES / 2,
	};
	const struct hk_window_pipeline_sink sink = { NULL, on_window, on_span, on_span };
	struct hk_diag diag;
	const struct hk_shared_audio channel = bed.daemon;
	bed = (struct bed){ .daemon = channel, .painter.sink.on_strip = on_strip };
	if (!channel.shared) {
		FUZZ_REQUIRE(hk_shared_audio_init(&bed.daemon) == 0);
	}
	uint8_t *memory = (uint8_t *)bed.daemon.shared;
	uint8_t *ring = memory + (sizeof(*bed.daemon.shared) + 63) / 64 * 64;
	memset(memory, 0, sizeof(*bed.daemon.shared));
	const size_t size = hk_ring_size(RING_BYTES);
	FUZZ_REQUIRE(hk_ring_init(&bed.daemon.ring, ring, size, RING_BYTES) == 0);
	FUZZ_REQUIRE(hk_ring_attach(&bed.helper, ring, size) == 0);
	FUZZ_REQUIRE(pipe2(bed.pipe, O_CLOEXEC | O_NONBLOCK) == 0);
	FUZZ_REQUIRE(hk_window_pipeline_new(&bed.analyzer, &setup, &sink, &diag) == 0);
	hk_liveness_init(&bed.liveness, false, bed.now_ns);
}

static void end(void)
{
	hk_window_pipeline_finish(bed.analyzer);
	hk_window_pipeline_free(bed.analyzer);
	hk_picture_stream_finish(&bed.painter);
	hk_stream_time_finish(&bed.time);
	close(bed.pipe[0]);
	close(bed.pipe[1]);
}

/* Eight bytes anywhere in the first pages. */
static void poke(struct fuzz_bytes *bytes)
{
	const size_t at = fuzz_u16(bytes) % (POKED_BYTES - sizeof(uint64_t));
	const uint64_t value = fuzz_u64(bytes);
	memcpy((uint8_t *)bed.daemon.shared + at, &value, sizeof(value));
}

/* One period of the samples of each shade. Computed once: an input has thousands of them. */
static const float *period_of(uint8_t shade)
{
	static float periods[N_SHADES][PERIOD];
	static bool computed[N_SHADES];
	for (uint32_t i = 0; !computed[shade] && i < PERIOD; i++) {
		const float sample = (float)((i * (shade + 1U)) % PERIOD) / 127.0F - 1.0F;
		periods[shade][i] = shade == 0xff ? NAN
			: shade == 0xfe           ? INFINITY
			: shade                   ? sample
						  : 0.0F;
	}
	computed[shade] = true;
	return periods[shade];
}

static void fill_samples(float *samples, uint32_t n, uint8_t shade)
{
	const float *period = period_of(shade);
	for (uint32_t i = 0; i < n; i += PERIOD) {
		memcpy(samples + i, period, (n - i < PERIOD ? n - i : PERIOD) * sizeof(float));
	}
}

/* A block as a helper writes it, with a header that says anything. */
static void write_block(struct fuzz_bytes *bytes)
{
	const uint8_t how = fuzz_u8(bytes);
	static const uint32_t rates_hz[] = { 1000, 2000, 0, 16000 };
	struct hk_block block = {
		.first_frame = how & 0x10 ? fuzz_u64(bytes) : bed.next_frame + fuzz_u8(bytes),
		.capture_ns = how & 0x20 ? (int64_t)fuzz_u64(bytes) : (int64_t)bed.now_ns,
		.n_frames = fuzz_u16(bytes) %
			(how & LONG_BLOCK ? HK_CAPTURE_MAX_BLOCK_FRAMES + 2U : MANY_FRAMES),
		.rate_hz = how & 0x40 ? (uint32_t)fuzz_u64(bytes) : rates_hz[how & 3],
		.flags = how & 0x80 ? fuzz_u8(bytes) & KNOWN_FLAGS : 0, /* POKE writes others */
	};
	static float samples[HK_CAPTURE_MAX_BLOCK_FRAMES + 2];
	fill_samples(samples, block.n_frames, fuzz_u8(bytes));
	hk_ring_write(&bed.helper, &block, samples);
	bed.next_frame = block.first_frame + block.n_frames;
}

/* As the analysis thread does. */
static void read_blocks(void)
{
	for (int i = 0; i < MAX_READS; i++) {
		struct hk_block block;
		struct hk_clock_step step;
		if (hk_shared_audio_read(&bed.daemon, &block, frames) != HK_RING_OK) {
			return;
		}
		FUZZ_REQUIRE(block.n_frames <= HK_CAPTURE_MAX_BLOCK_FRAMES);
		if (block.n_frames == 0) {
			continue;
		}
		if (block.rate_hz != bed.rate_hz && bed.n_streams++ == MAX_STREAMS) {
			return;
		}
		bed.rate_hz = block.rate_hz;
		FUZZ_REQUIRE(hk_stream_time_push(&bed.time, &block, &step) >= 0);
		const uint32_t n_left = MAX_FRAMES - bed.n_frames;
		block.n_frames = block.n_frames < n_left ? block.n_frames : n_left;
		if (block.n_frames > 0) {
			bed.n_frames += block.n_frames;
			hk_picture_stream_push(&bed.painter, &block, frames);
			FUZZ_REQUIRE(hk_window_pipeline_push(bed.analyzer, &block, frames) == 0);
		}
	}
}

static void take_reports(void)
{
	struct hk_capture_message report;
	int r;
	while ((r = hk_capture_message_receive(bed.pipe[0], &report)) == 0) {
		FUZZ_REQUIRE(memchr(report.text, '\0', sizeof(report.text)));
		FUZZ_REQUIRE(memchr(report.device, '\0', sizeof(report.device)));
		switch ((enum hk_capture_news)report.news) {
		case HK_CAPTURE_OPENED:
			bed.opened = report;
			hk_liveness_opened(&bed.liveness, bed.now_ns);
			break;
		case HK_CAPTURE_LOST:
			hk_liveness_lost(&bed.liveness, report.text, report.n_frames, bed.now_ns);
			break;
		case HK_CAPTURE_IMPOSSIBLE:
		case HK_CAPTURE_ENDED:
			hk_liveness_ended(&bed.liveness, report.text, bed.now_ns);
			break;
		case HK_CAPTURE_NOTE:
			break;
		case HK_N_CAPTURE_NEWS:
			FUZZ_REQUIRE(false);
		}
	}
	FUZZ_REQUIRE(r == -EAGAIN || r == -EBADMSG);
}

/* Bytes that may be a report, the rest of one, or none. */
static void report(struct fuzz_bytes *bytes)
{
	const uint8_t how = fuzz_u8(bytes);
	struct hk_capture_message record = { .news = how & 7 };
	const struct fuzz_part part = fuzz_take(bytes, fuzz_u8(bytes));
	const size_t room = sizeof(record) - offsetof(struct hk_capture_message, error);
	memcpy(&record.error, part.data, part.size < room ? part.size : room);
	const size_t n = how & 0x80 ? part.size : sizeof(record);
	FUZZ_REQUIRE(write(bed.pipe[1], &record, n) == (ssize_t)n);
	take_reports();
}

static void tick(struct fuzz_bytes *bytes)
{
	const struct hk_shared_audio_shared *shared = bed.daemon.shared;
	bed.now_ns += (uint64_t)fuzz_u8(bytes) * 100000000;
	struct hk_intake_counts counts;
	hk_shared_audio_samples(&bed.daemon, &counts);
	const struct hk_liveness_view view = {
		.now_ns = bed.now_ns,
		.n_frames = shared->n_frames,
		.still_ns = bed.opened.rate_hz == 0
			? 0
			: counts.n_still / bed.opened.rate_hz * UINT64_C(1000000000),
		.still = counts.still,
	};
	switch (hk_liveness_tick(&bed.liveness, &view)) {
	case HK_LIVENESS_START:
		hk_liveness_started(&bed.liveness, bed.now_ns);
		break;
	case HK_LIVENESS_KILL:
		hk_liveness_exited(&bed.liveness, "killed", bed.now_ns);
		break;
	case HK_LIVENESS_NOTHING:
		break;
	}
	FUZZ_REQUIRE(hk_source_state_name(bed.liveness.state));
	struct hk_place place;
	(void)hk_shared_audio_place(&bed.daemon, &place);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	begin();
	while (bytes.n_left > 0) {
		switch ((enum step)(fuzz_u8(&bytes) % N_STEPS)) {
		case POKE:
			poke(&bytes);
			break;
		case WRITE:
			write_block(&bytes);
			break;
		case READ:
			read_blocks();
			break;
		case REPORT:
			report(&bytes);
			break;
		case TICK:
			tick(&bytes);
			break;
		case REST:
			hk_picture_stream_rest(&bed.painter);
			break;
		case N_STEPS:
			break;
		}
	}
	read_blocks();
	end();
	return 0;
}
