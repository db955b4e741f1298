/* SPDX-License-Identifier: MIT */
/*
 * source_pipe: raw PCM from stdin or a FIFO.
 *
 * A pipe has no clock of its own: frames count as captured when they arrive, and a writer that
 * pauses leaves no hole (nothing says that it lost anything). The end of stdin is the end; a FIFO
 * whose writer is gone is lost and waits for the next one, and the time in between is a hole.
 *
 * Only a FIFO is opened, whatever stands at the path by then, and a stream that begins as an audio
 * file does is not heard: its bytes are no samples.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/audio/audio_container.h"
#include "core/base/file.h"
#include "daemon/capture-helper/pcm.h"
#include "daemon/capture-helper/source.h"
#include "daemon/capture-shared/clock.h"

#define BLOCK_FRAMES 1024
#define MAX_BLOCK_SAMPLES (BLOCK_FRAMES * HK_MAX_CHANNELS)

/* How often a FIFO without a writer is looked at: somebody may have made it anew. */
#define LOOK_MS 500

struct pipe {
	const struct hk_source *source;
	int fd; /* -1: not open */
	bool is_fifo;
	bool begun;                  /* frames have come since it was opened */
	enum hk_container container; /* what it is instead of raw PCM */
	struct hk_intake intake;
	struct hk_block_writer feed;
	size_t frame_size;
	size_t n_bytes; /* that wait in `bytes`: less than a frame between two reads */
	uint8_t bytes[MAX_BLOCK_SAMPLES * sizeof(float)];
	float samples[MAX_BLOCK_SAMPLES];
	float mono[BLOCK_FRAMES];
};

static int refuse_kind(const char *path, mode_t mode, struct hk_diag *diag)
{
	return hk_diag_set(diag, S_ISDIR(mode) ? -EISDIR : -EINVAL,
		"%s: expected a FIFO (mkfifo), got %s", path, hk_file_kind(mode));
}

/* Returns 0; a negative errno with DIAG, also when PATH is anything but a FIFO. */
static int open_pipe(struct pipe *pipe, struct hk_diag *diag)
{
	const char *path = pipe->source->options->device;
	struct stat st;
	pipe->n_bytes = 0;
	pipe->begun = false;
	pipe->container = HK_CONTAINER_UNKNOWN;
	if (strcmp(path, "-") == 0) {
		pipe->fd = STDIN_FILENO;
		return 0;
	}
	/* Opening a socket or a device may fail or have an effect: look first, and at what was
	 * opened. */
	if (stat(path, &st) == 0 && !S_ISFIFO(st.st_mode)) {
		pipe->fd = -1;
		return refuse_kind(path, st.st_mode, diag);
	}
	/* O_NONBLOCK: else open waits for the writer, and we could not see the FIFO being replaced.
	 */
	pipe->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (pipe->fd < 0 || fstat(pipe->fd, &st) < 0) {
		const int error = errno;
		return hk_diag_set(diag, -error, "%s: cannot be opened: %s", path, strerror(error));
	}
	pipe->is_fifo = true;
	return S_ISFIFO(st.st_mode) ? 0 : refuse_kind(path, st.st_mode, diag);
}

/* Somebody removed the FIFO that we hold open, or put another one in its place. */
static bool is_replaced(const struct pipe *pipe)
{
	struct stat held, named;
	return fstat(pipe->fd, &held) < 0 || stat(pipe->source->options->device, &named) < 0 ||
		held.st_ino != named.st_ino || held.st_dev != named.st_dev;
}

static const char *name_of(const struct pipe *pipe)
{
	const char *path = pipe->source->options->device;
	return strcmp(path, "-") == 0 ? "stdin" : path;
}

static void say_container(const struct pipe *pipe, enum hk_capture_news news)
{
	hk_source_say(pipe->source, news, -EBADMSG,
		"%s: begins as %s does; expected raw PCM: record with `arecord -t raw` or "
		"`parec --raw`, or convert with `ffmpeg -i FILE -f %s -ar %u -ac %u -`",
		name_of(pipe), hk_container_name(pipe->container),
		pipe->source->options->format == HK_SAMPLE_F32LE ? "f32le" : "s16le",
		pipe->source->options->rate_hz, pipe->source->options->n_channels);
}

static void push(struct pipe *pipe, uint32_t n_frames)
{
	const struct hk_capture_options *options = pipe->source->options;
	struct hk_block_writer *feed = &pipe->feed;
	const int64_t ns = hk_clock_ns() - n_frames * HK_NS_PER_S / options->rate_hz;
	if (!pipe->begun) {
		hk_block_writer_begin(feed, pipe->source->channel, options->rate_hz, 0, ns);
		hk_intake_init(
			&pipe->intake, options->rate_hz, options->n_channels, options->channel);
		pipe->begun = true;
	}
	feed->next.ns = ns;
	hk_pcm_decode(pipe->bytes, (size_t)n_frames * options->n_channels, options->format,
		pipe->samples);
	hk_intake_push(&pipe->intake, pipe->samples, n_frames, pipe->mono);
	hk_block_writer_judge(feed, &pipe->intake.counts);
	hk_block_writer_wait(feed, n_frames);
	hk_block_writer_push(feed, pipe->mono, n_frames, ns);
}

static void push_whole_frames(struct pipe *pipe)
{
	const size_t n_frames = pipe->n_bytes / pipe->frame_size;
	if (n_frames > 0) {
		push(pipe, (uint32_t)n_frames);
		const size_t n_used = n_frames * pipe->frame_size;
		memmove(pipe->bytes, pipe->bytes + n_used, pipe->n_bytes - n_used);
		pipe->n_bytes -= n_used;
	}
}

/* A stream that begins as an audio file does: its bytes are thrown away until its writer is gone.
 */
static bool is_container(struct pipe *pipe)
{
	if (!pipe->begun && pipe->container == HK_CONTAINER_UNKNOWN) {
		pipe->container = hk_container_of(pipe->bytes, pipe->n_bytes);
		if (pipe->container != HK_CONTAINER_UNKNOWN && pipe->is_fifo) {
			say_container(pipe, HK_CAPTURE_LOST);
		}
	}
	return pipe->container != HK_CONTAINER_UNKNOWN;
}

/* Take what is there. Returns 0, -ENODATA at the end, -EBADMSG (stdin is an audio file), -EAGAIN,
 * -errno. */
static int take(struct pipe *pipe)
{
	const size_t capacity = BLOCK_FRAMES * pipe->frame_size;
	const ssize_t n = read(pipe->fd, pipe->bytes + pipe->n_bytes, capacity - pipe->n_bytes);
	if (n == 0 && pipe->container == HK_CONTAINER_UNKNOWN) {
		push_whole_frames(pipe); /* fewer than were waited for */
	}
	if (n <= 0) {
		return n == 0 ? -ENODATA : -errno;
	}
	pipe->n_bytes += (size_t)n;
	if (!pipe->begun && pipe->n_bytes < HK_CONTAINER_MAGIC_BYTES) {
		return 0; /* more must come to know what it is */
	}
	if (is_container(pipe)) {
		pipe->n_bytes = 0;
		return pipe->is_fifo ? 0 : -EBADMSG;
	}
	push_whole_frames(pipe);
	return 0;
}

/* Read until the writer is gone. Returns 0 then, -errno. */
static int listen_to(struct pipe *pipe)
{
	for (;;) {
		struct pollfd waiting = { .fd = pipe->fd, .events = POLLIN };
		const int timeout_ms = pipe->is_fifo && !pipe->begun ? LOOK_MS : -1;
		const int n_ready = poll(&waiting, 1, timeout_ms);
		if (n_ready == 0 && is_replaced(pipe)) {
			return 0;
		}
		const int r = n_ready > 0 ? take(pipe) : 0;
		if (r < 0 && r != -EAGAIN && r != -EINTR) {
			return r == -ENODATA ? 0 : r;
		}
	}
}

/* The FIFO's writer is gone: hold the next FIFO of that name. */
static void reopen(struct pipe *pipe)
{
	struct hk_diag diag = { "" }, told = { "" };
	int r, old = pipe->fd;
	/* The old one is closed behind the new one: a writer that came in between finds a reader.
	 */
	while ((r = open_pipe(pipe, &diag)) < 0) {
		if (old >= 0) {
			close(old);
			old = -1;
		}
		if (strcmp(diag.text, told.text) != 0) {
			hk_source_say(pipe->source, HK_CAPTURE_LOST, r, "%s", diag.text);
			told = diag;
		}
		if (pipe->fd >= 0) {
			close(pipe->fd);
		}
		hk_clock_sleep_until(hk_clock_ns() + LOOK_MS * HK_NS_PER_S / 1000);
	}
	if (old >= 0) {
		close(old);
	}
}

void hk_source_pipe_run(const struct hk_source *source)
{
	static struct pipe pipe;
	const struct hk_capture_options *options = source->options;
	struct hk_diag diag = { "" };
	pipe.source = source;
	const char *name = name_of(&pipe);
	pipe.frame_size = hk_pcm_size(options->format) * options->n_channels;

	int r = open_pipe(&pipe, &diag);
	struct hk_place place;
	if (r < 0 && !hk_shared_audio_place(source->channel, &place)) {
		hk_source_say(source, HK_CAPTURE_IMPOSSIBLE, r, "%s", diag.text);
		return;
	}
	if (r < 0) { /* it was there once, before the capture process was restarted */
		reopen(&pipe);
	}
	hk_source_say_opened(source, name, options->rate_hz, options->n_channels, false);
	while ((r = listen_to(&pipe)) == 0 && pipe.is_fifo) {
		hk_source_say(source, HK_CAPTURE_LOST, 0, "%s: %s", name,
			pipe.begun || !is_replaced(&pipe) ? "the writer closed the pipe"
							  : "was replaced");
		reopen(&pipe);
	}
	if (pipe.begun) {
		hk_block_writer_end(&pipe.feed);
	}
	if (pipe.container != HK_CONTAINER_UNKNOWN) {
		say_container(&pipe, HK_CAPTURE_ENDED);
	} else if (r < 0) {
		hk_source_say(source, HK_CAPTURE_ENDED, r, "%s: %s", name, strerror(-r));
	} else if (pipe.n_bytes > 0) {
		hk_source_say(source, HK_CAPTURE_ENDED, -EBADMSG,
			"%s: ends within a frame, %zu bytes are left over", name, pipe.n_bytes);
	} else if (!pipe.begun) {
		hk_source_say(source, HK_CAPTURE_ENDED, -ENODATA, "%s: no audio came", name);
	} else {
		hk_source_say(source, HK_CAPTURE_ENDED, 0, "%s", "");
	}
}
