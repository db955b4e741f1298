/* SPDX-License-Identifier: MIT */
/*
 * source_pipe: raw PCM from stdin or a FIFO.
 *
 * A pipe has no clock of its own: frames count as captured when they arrive, and a writer that pauses
 * leaves no hole (nothing says that it lost anything). The end of stdin is the end; a FIFO whose writer
 * is gone is lost and waits for the next one, and the time in between is a hole.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/capture/pcm.h"
#include "daemon/capture/source.h"
#include "daemon/clock.h"

#define BLOCK_FRAMES 1024
#define MAX_BLOCK_SAMPLES (BLOCK_FRAMES * HK_MAX_CHANNELS)

/* How often a FIFO without a writer is looked at: somebody may have made it anew. */
#define LOOK_MS 500

struct pipe {
	const struct hk_source *source;
	int fd; /* -1: not open */
	bool is_fifo;
	bool begun; /* frames have come since it was opened */
	struct hk_intake intake;
	struct hk_feed feed;
	size_t frame_size;
	size_t n_bytes; /* that wait in `bytes`: less than a frame between two reads */
	uint8_t bytes[MAX_BLOCK_SAMPLES * sizeof(float)];
	float samples[MAX_BLOCK_SAMPLES];
	float mono[BLOCK_FRAMES];
};

static int open_pipe(struct pipe *pipe)
{
	const char *path = pipe->source->options->device;
	struct stat st;
	pipe->n_bytes = 0;
	pipe->begun = false;
	if (strcmp(path, "-") == 0) {
		pipe->fd = STDIN_FILENO;
		return 0;
	}
	/* O_NONBLOCK: else open waits for the writer, and we could not see the FIFO being replaced. */
	pipe->fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
	if (pipe->fd < 0 || fstat(pipe->fd, &st) < 0) {
		return -errno;
	}
	pipe->is_fifo = S_ISFIFO(st.st_mode);
	return S_ISDIR(st.st_mode) ? -EISDIR : 0;
}

/* Somebody removed the FIFO that we hold open, or put another one in its place. */
static bool is_replaced(const struct pipe *pipe)
{
	struct stat held, named;
	return fstat(pipe->fd, &held) < 0 || stat(pipe->source->options->device, &named) < 0 ||
		held.st_ino != named.st_ino || held.st_dev != named.st_dev;
}

static void push(struct pipe *pipe, uint32_t n_frames)
{
	const struct hk_capture_options *options = pipe->source->options;
	struct hk_feed *feed = &pipe->feed;
	const int64_t ns = hk_clock_ns() - n_frames * HK_NS_PER_S / options->rate_hz;
	if (!pipe->begun) {
		hk_feed_begin(feed, pipe->source->channel, options->rate_hz, 0, ns);
		hk_intake_init(
			&pipe->intake, options->rate_hz, options->n_channels, options->channel);
		pipe->begun = true;
	}
	feed->next.ns = ns;
	hk_pcm_decode(pipe->bytes, (size_t)n_frames * options->n_channels, options->format,
		pipe->samples);
	hk_intake_push(&pipe->intake, pipe->samples, n_frames, pipe->mono);
	hk_feed_judge(feed, &pipe->intake.counts);
	hk_feed_wait(feed, n_frames);
	hk_feed_push(feed, pipe->mono, n_frames, ns);
}

/* Take what is there. Returns 0, -ENODATA at the end, -EAGAIN, -errno. */
static int take(struct pipe *pipe)
{
	const size_t capacity = BLOCK_FRAMES * pipe->frame_size;
	const ssize_t n = read(pipe->fd, pipe->bytes + pipe->n_bytes, capacity - pipe->n_bytes);
	if (n <= 0) {
		return n == 0 ? -ENODATA : -errno;
	}
	pipe->n_bytes += (size_t)n;
	const size_t n_frames = pipe->n_bytes / pipe->frame_size;
	if (n_frames > 0) {
		push(pipe, (uint32_t)n_frames);
		const size_t n_used = n_frames * pipe->frame_size;
		memmove(pipe->bytes, pipe->bytes + n_used, pipe->n_bytes - n_used);
		pipe->n_bytes -= n_used;
	}
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
	const char *path = pipe->source->options->device;
	int r, told = 0;
	close(pipe->fd);
	while ((r = open_pipe(pipe)) < 0) {
		if (r != told) {
			hk_source_say(
				pipe->source, HK_CAPTURE_LOST, r, "%s: %s", path, strerror(-r));
			told = r;
		}
		if (pipe->fd >= 0) {
			close(pipe->fd);
		}
		hk_clock_sleep_until(hk_clock_ns() + LOOK_MS * HK_NS_PER_S / 1000);
	}
}

void hk_source_pipe_run(const struct hk_source *source)
{
	static struct pipe pipe;
	const struct hk_capture_options *options = source->options;
	const bool is_stdin = strcmp(options->device, "-") == 0;
	const char *name = is_stdin ? "stdin" : options->device;
	pipe.source = source;
	pipe.frame_size = hk_pcm_size(options->format) * options->n_channels;

	int r = open_pipe(&pipe);
	if (r < 0) {
		hk_source_say(source, HK_CAPTURE_IMPOSSIBLE, r, "%s: cannot be opened: %s", name,
			strerror(-r));
		return;
	}
	hk_source_say_opened(source, name, options->rate_hz, options->n_channels, false);
	while ((r = listen_to(&pipe)) == 0 && pipe.is_fifo) {
		hk_source_say(source, HK_CAPTURE_LOST, 0, "%s: %s", name,
			pipe.begun ? "its writer closed it" : "was replaced");
		reopen(&pipe);
	}
	if (pipe.begun) {
		hk_feed_end(&pipe.feed);
	}
	if (r < 0) {
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
