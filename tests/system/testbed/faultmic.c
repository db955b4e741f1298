/* SPDX-License-Identifier: MIT */
/*
 * faultmic: an ALSA plugin that is a microphone with real-time pacing, a WAV file as the world's
 * sound and faults by order. No server, no sound card.
 *
 *   pcm_type.faultmic { lib "/path/libfaultmic.so" }
 *   pcm.mic { type faultmic  wav "/path/sound.wav"  ctl "/path/ctl"  epoch "0" }
 *
 * wav    16-bit PCM with a 44-byte header (sox writes that), any number of channels.
 * epoch  CLOCK_MONOTONIC in ns when the file's first frame sounds; 0 or absent: when capture
 * begins. The world goes on whether somebody listens or not, so what is lost is missing from what
 * is heard. ctl    a file with one word, read every period: run (or no file)  the file once, zeros
 * after it     unplug  -ENODEV everywhere: PortAudio ends the loop              the file over and
 * over                    stream and calls its finished callback silence           zeros gone
 * -ENODEV, and poll says POLLERR: PortAudio stall             no frames and no error (frozen) 19.6
 * does not end the stream, it spins, busy              it cannot be opened: -EBUSY floods stderr
 * and cannot be closed xrunN             one overrun for every new N       (unplug, gone, busy: it
 * also cannot be found)
 */
#include <alsa/asoundlib.h>
#include <alsa/pcm_external.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S INT64_C(1000000000)
#define WAV_HEADER 44

enum mode { RUN, LOOP, SILENCE, STALL, GONE, UNPLUG, BUSY, XRUN };

struct mic {
	snd_pcm_ioplug_t io;
	int16_t *samples;
	int64_t n_frames; /* of the file */
	unsigned n_channels;
	unsigned rate_hz;
	int64_t epoch_ns;
	char *ctl;
	char word[32]; /* last order of overrun obeyed */
	enum mode mode;
	bool running;
	int64_t base_ns;  /* when frame 0 of this run was captured */
	int64_t n_made;   /* frames of this run */
	int64_t n_given;  /* of them, handed over */
	int64_t world_at; /* place in the world's sound of frame 0 of this run */
};

static int64_t now_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * NS_PER_S + now.tv_nsec;
}

/* LAST: where the order of overrun that was obeyed is kept; NULL: do not look for one. */
static enum mode read_mode(const char *path, char *last)
{
	static const struct {
		const char *word;
		enum mode mode;
	} words[] = {
		{ "loop", LOOP },
		{ "silence", SILENCE },
		{ "stall", STALL },
		{ "gone", GONE },
		{ "unplug", UNPLUG },
		{ "busy", BUSY },
	};
	char word[32] = "";
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0) {
		return RUN;
	}
	const ssize_t n = read(fd, word, sizeof(word) - 1);
	close(fd);
	word[n > 0 ? n : 0] = '\0';
	word[strcspn(word, " \n")] = '\0';
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
		if (strcmp(word, words[i].word) == 0) {
			return words[i].mode;
		}
	}
	if (strncmp(word, "xrun", 4) != 0) {
		return RUN;
	}
	/* Between two overruns the world sounds on. */
	if (!last || strcmp(word, last) == 0) {
		return LOOP;
	}
	strcpy(last, word);
	return XRUN;
}

static int64_t frames_since(const struct mic *mic, int64_t ns)
{
	return (now_ns() - ns) * mic->rate_hz / NS_PER_S;
}

static int on_start(snd_pcm_ioplug_t *io)
{
	struct mic *mic = io->private_data;
	const int64_t period_ns = NS_PER_S * (int64_t)io->period_size / io->rate;
	const struct timespec period = { .tv_sec = period_ns / NS_PER_S,
		.tv_nsec = period_ns % NS_PER_S };
	const struct itimerspec timer = { .it_interval = period, .it_value = period };
	mic->base_ns = now_ns();
	if (mic->epoch_ns == 0) {
		mic->epoch_ns = mic->base_ns;
	}
	mic->n_made = 0;
	mic->n_given = 0;
	mic->world_at = (mic->base_ns - mic->epoch_ns) * mic->rate_hz / NS_PER_S;
	mic->running = true;
	return timerfd_settime(io->poll_fd, 0, &timer, NULL) < 0 ? -errno : 0;
}

static int on_stop(snd_pcm_ioplug_t *io)
{
	struct mic *mic = io->private_data;
	const struct itimerspec off = { 0 };
	mic->running = false;
	timerfd_settime(io->poll_fd, 0, &off, NULL);
	return 0;
}

static snd_pcm_sframes_t on_pointer(snd_pcm_ioplug_t *io)
{
	struct mic *mic = io->private_data;
	mic->mode = read_mode(mic->ctl, mic->word);
	if (mic->mode == GONE || mic->mode == UNPLUG) {
		return -ENODEV;
	}
	if (mic->mode == XRUN) {
		return -EPIPE;
	}
	if (mic->running) {
		const int64_t n_due = frames_since(mic, mic->base_ns);
		if (mic->mode == STALL) {
			/* What sounds meanwhile is never captured. */
			mic->base_ns += (n_due - mic->n_made) * NS_PER_S / mic->rate_hz;
			mic->world_at += n_due - mic->n_made;
		} else if (n_due - mic->n_given >= (int64_t)io->buffer_size) {
			return -EPIPE; /* nobody read for a whole buffer */
		} else {
			mic->n_made = n_due;
		}
	}
	return (snd_pcm_sframes_t)(mic->n_made % (int64_t)io->buffer_size);
}

static int16_t world_sample(const struct mic *mic, int64_t frame, unsigned channel)
{
	const bool once = mic->mode == RUN;
	if (mic->mode == SILENCE || mic->n_frames == 0 || (once && frame >= mic->n_frames)) {
		return 0;
	}
	return mic->samples[frame % mic->n_frames * mic->n_channels + channel];
}

static snd_pcm_sframes_t on_transfer(snd_pcm_ioplug_t *io, const snd_pcm_channel_area_t *areas,
	snd_pcm_uframes_t offset, snd_pcm_uframes_t n_frames)
{
	struct mic *mic = io->private_data;
	for (unsigned c = 0; c < mic->n_channels; c++) {
		const snd_pcm_channel_area_t *area = &areas[c];
		char *at = (char *)area->addr + (area->first + area->step * offset) / 8;
		for (snd_pcm_uframes_t i = 0; i < n_frames; i++, at += area->step / 8) {
			const int16_t sample =
				world_sample(mic, mic->world_at + mic->n_given + (int64_t)i, c);
			const float value = (float)sample / 32768.0F;
			if (io->format == SND_PCM_FORMAT_FLOAT_LE) {
				memcpy(at, &value, sizeof(value));
			} else {
				memcpy(at, &sample, sizeof(sample));
			}
		}
	}
	mic->n_given += (int64_t)n_frames;
	return (snd_pcm_sframes_t)n_frames;
}

static int on_poll(
	snd_pcm_ioplug_t *io, struct pollfd *fds, unsigned n_fds, unsigned short *ret_events)
{
	struct mic *mic = io->private_data;
	uint64_t n_expired;
	(void)n_fds;
	*ret_events = (unsigned short)(fds->revents & POLLIN);
	if (*ret_events && read(io->poll_fd, &n_expired, sizeof(n_expired)) < 0) {
		*ret_events = 0;
	}
	switch (read_mode(mic->ctl, NULL)) {
	case UNPLUG:
		return -ENODEV;
	case GONE:
		*ret_events = POLLERR;
		break;
	case STALL:
		*ret_events = 0;
		break;
	default:
		break;
	}
	return 0;
}

static int on_prepare(snd_pcm_ioplug_t *io)
{
	struct mic *mic = io->private_data;
	const enum mode mode = read_mode(mic->ctl, NULL);
	mic->n_made = 0;
	mic->n_given = 0;
	return mode == GONE || mode == UNPLUG ? -ENODEV : 0;
}

static int on_close(snd_pcm_ioplug_t *io)
{
	struct mic *mic = io->private_data;
	close(mic->io.poll_fd);
	free(mic->samples);
	free(mic->ctl);
	free(mic);
	return 0;
}

static const snd_pcm_ioplug_callback_t callbacks = {
	.start = on_start,
	.stop = on_stop,
	.pointer = on_pointer,
	.transfer = on_transfer,
	.close = on_close,
	.prepare = on_prepare,
	.poll_revents = on_poll,
};

static unsigned little_endian(const uint8_t *bytes, size_t n_bytes)
{
	unsigned value = 0;
	for (size_t i = 0; i < n_bytes; i++) {
		value |= (unsigned)bytes[i] << (8 * i);
	}
	return value;
}

static int load_wav(struct mic *mic, const char *path)
{
	uint8_t header[WAV_HEADER];
	mic->rate_hz = 44100;
	mic->n_channels = 1;
	if (!path) {
		return 0;
	}
	const int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || read(fd, header, sizeof(header)) != sizeof(header)) {
		SNDERR("faultmic: cannot read %s", path);
		return -EINVAL;
	}
	const off_t size = lseek(fd, 0, SEEK_END) - WAV_HEADER;
	mic->n_channels = little_endian(header + 22, 2);
	mic->rate_hz = little_endian(header + 24, 4);
	mic->samples = malloc((size_t)size + 1);
	if (!mic->samples || pread(fd, mic->samples, (size_t)size, WAV_HEADER) != size) {
		close(fd);
		return -ENOMEM;
	}
	close(fd);
	mic->n_frames = size / 2 / mic->n_channels;
	return 0;
}

static int set_up(struct mic *mic, const char *name, snd_pcm_stream_t stream, int mode)
{
	static const unsigned formats[] = { SND_PCM_FORMAT_S16_LE, SND_PCM_FORMAT_FLOAT_LE };
	static const unsigned accesses[] = { SND_PCM_ACCESS_RW_INTERLEAVED,
		SND_PCM_ACCESS_MMAP_INTERLEAVED };
	snd_pcm_ioplug_t *io = &mic->io;
	io->version = SND_PCM_IOPLUG_VERSION;
	io->name = "fault microphone";
	io->callback = &callbacks;
	io->flags = SND_PCM_IOPLUG_FLAG_MONOTONIC;
	io->poll_events = POLLIN;
	io->poll_fd = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC);
	int r = snd_pcm_ioplug_create(io, name, stream, mode);
	if (r < 0) {
		on_close(io);
		return r;
	}
	const struct {
		int what;
		unsigned min, max;
	} ranges[] = {
		{ SND_PCM_IOPLUG_HW_CHANNELS, mic->n_channels, mic->n_channels },
		{ SND_PCM_IOPLUG_HW_RATE, mic->rate_hz, mic->rate_hz },
		{ SND_PCM_IOPLUG_HW_PERIOD_BYTES, 128, 65536 },
		{ SND_PCM_IOPLUG_HW_PERIODS, 2, 64 },
	};
	r = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_ACCESS, 2, accesses);
	if (r >= 0) {
		r = snd_pcm_ioplug_set_param_list(io, SND_PCM_IOPLUG_HW_FORMAT, 2, formats);
	}
	for (size_t i = 0; i < sizeof(ranges) / sizeof(ranges[0]) && r >= 0; i++) {
		r = snd_pcm_ioplug_set_param_minmax(
			io, ranges[i].what, ranges[i].min, ranges[i].max);
	}
	if (r < 0) {
		snd_pcm_ioplug_delete(io); /* calls on_close */
	}
	return r;
}

SND_PCM_PLUGIN_DEFINE_FUNC(faultmic)
{
	const char *wav = NULL, *ctl = NULL, *epoch = "0";
	snd_config_iterator_t i, next;
	(void)root;
	snd_config_for_each(i, next, conf)
	{
		snd_config_t *field = snd_config_iterator_entry(i);
		const char *id;
		if (snd_config_get_id(field, &id) < 0) {
			continue;
		}
		if (strcmp(id, "wav") == 0) {
			snd_config_get_string(field, &wav);
		} else if (strcmp(id, "ctl") == 0) {
			snd_config_get_string(field, &ctl);
		} else if (strcmp(id, "epoch") == 0) {
			snd_config_get_string(field, &epoch);
		} else if (strcmp(id, "type") != 0 && strcmp(id, "hint") != 0) {
			SNDERR("faultmic: unknown field %s", id);
			return -EINVAL;
		}
	}
	if (stream != SND_PCM_STREAM_CAPTURE) {
		return -EINVAL;
	}
	const enum mode now = read_mode(ctl, NULL);
	if (now == GONE || now == UNPLUG || now == BUSY) {
		return now == BUSY ? -EBUSY : -ENODEV;
	}
	struct mic *mic = calloc(1, sizeof(*mic));
	if (!mic) {
		return -ENOMEM;
	}
	mic->ctl = ctl ? strdup(ctl) : NULL;
	read_mode(mic->ctl, mic->word); /* an order of before is none */
	mic->epoch_ns = strtoll(epoch, NULL, 10);
	mic->io.private_data = mic;
	mic->io.poll_fd = -1;
	int r = load_wav(mic, wav);
	if (r < 0) {
		on_close(&mic->io);
		return r;
	}
	r = set_up(mic, name, stream, mode);
	if (r < 0) {
		return r;
	}
	*pcmp = mic->io.pcm;
	return 0;
}
SND_PCM_PLUGIN_SYMBOL(faultmic)
