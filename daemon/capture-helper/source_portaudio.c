/* SPDX-License-Identifier: MIT */
/*
 * source_portaudio: a sound device.
 *
 * Nothing is ever closed: PortAudio 19.6 may hang in Pa_CloseStream, so a lost device ends the
 * process.
 */
#include <dirent.h>
#include <errno.h>
#include <pa_linux_alsa.h>
#include <portaudio.h>
#include <sched.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include "daemon/capture-helper/devices.h"
#include "daemon/capture-helper/portaudio_callback.h"
#include "daemon/capture-helper/source.h"

/* Room for a late callback; the windows are far longer than this. */
#define LATENCY_S 0.2

/* A device that claims more channels is a sound server or a converter, which mixes to as many as it
 * is asked for. Two, so that a stereo microphone arrives unmixed and channels that cancel are
 * found. */
#define MAX_HARDWARE_CHANNELS 8
#define SERVER_CHANNELS 2

/* A real-time thread that computes this long without a pause spins: the kernel ends us (SIGXCPU).
 */
#define MAX_REALTIME_US 500000

static sem_t stream_finished;

static void on_finished(void *owner)
{
	(void)owner;
	sem_post(&stream_finished);
}

/* ---- when PortAudio takes the process down ---- */

static struct hk_capture_message last_words;
static int last_words_fd;

static void on_deadly_signal(int number)
{
	(void)number;
	/* NOLINTNEXTLINE(bugprone-signal-handler,cert-sig30-c): it calls write() alone */
	(void)hk_capture_message_send(last_words_fd, &last_words);
	_exit(EXIT_FAILURE);
}

/* Say TEXT when the signal NUMBER ends us. For one signal at a time. */
static void say_at(const struct hk_source *source, int number, const char *text)
{
	last_words_fd = source->report_fd;
	last_words = (struct hk_capture_message){
		.news = HK_CAPTURE_LOST, .error = -EIO, .n_frames = UINT64_MAX
	};
	snprintf(last_words.text, sizeof(last_words.text), "%s", text);
	signal(number, on_deadly_signal);
}

/* ---- opening ---- */

static void say_lost(const struct hk_source *source, const char *name, PaError error)
{
	char why[HK_DEVICE_ERROR_SIZE];
	hk_device_error(error, name, why);
	hk_source_say(source, HK_CAPTURE_LOST, -EIO, "%s: %s", name, why);
}

static void limit_realtime(void)
{
	const struct rlimit limit = { .rlim_cur = MAX_REALTIME_US,
		.rlim_max = 2 * MAX_REALTIME_US };
	(void)setrlimit(RLIMIT_RTTIME, &limit);
}

/* PortAudio keeps silent when its thread may not be raised, and JACK raises its own: look what came
 * of it. */
static bool has_realtime_thread(void)
{
	bool found = false;
	DIR *tasks = opendir("/proc/self/task");
	for (struct dirent *task; tasks && (task = readdir(tasks));) {
		const int policy = sched_getscheduler((pid_t)strtol(task->d_name, NULL, 10));
		found = found || policy == SCHED_FIFO || policy == SCHED_RR;
	}
	if (tasks) {
		closedir(tasks);
	}
	return found;
}

/* How many channels to open so that PICK is among them (0: all). */
static uint32_t channels_to_open(const struct hk_device *device, uint32_t pick)
{
	if (pick > 0) {
		return pick;
	}
	return device->n_channels <= MAX_HARDWARE_CHANNELS ? device->n_channels : SERVER_CHANNELS;
}

void hk_source_portaudio_run(const struct hk_source *source)
{
	static struct hk_microphone microphone;
	const struct hk_capture_options *options = source->options;
	struct hk_diag diag = { 0 };
	struct hk_device device;
	PaStream *stream;

	say_at(source, SIGABRT, "PortAudio aborts while it starts: is ALSA's configuration empty?");
	PaError error = Pa_Initialize();
	signal(SIGABRT, SIG_DFL);
	if (error != paNoError) {
		hk_source_say(source, HK_CAPTURE_LOST, -EIO, "PortAudio cannot start: \"%s\"",
			Pa_GetErrorText(error));
		return;
	}
	const int r = hk_device_find(&device, options->device, &diag);
	if (r < 0) {
		hk_source_say(source, HK_CAPTURE_LOST, r, "%s", diag.text);
		return;
	}
	const char *name = device.name.stable;
	if (options->channel > device.n_channels) {
		hk_source_say(source, HK_CAPTURE_LOST, -EINVAL,
			"%s: channel %u does not exist; expected 1 to %u", name, options->channel,
			device.n_channels);
		return;
	}

	PaStreamParameters input;
	hk_device_parameters(&device, channels_to_open(&device, options->channel), &input);
	input.suggestedLatency = LATENCY_S;
	const bool takes_rate =
		Pa_IsFormatSupported(&input, NULL, options->rate_hz) == paFormatIsSupported;
	microphone.channel = source->channel;
	microphone.rate_hz = takes_rate ? options->rate_hz : device.rate_hz;
	microphone.n_channels = (uint32_t)input.channelCount;
	microphone.pick = options->channel;
	sem_init(&stream_finished, 0, 0);

	error = Pa_OpenStream(&stream, &input, NULL, microphone.rate_hz,
		microphone.rate_hz >= 32000 ? 1024 : 512, paClipOff | paDitherOff,
		hk_microphone_hear, &microphone);
	if (error != paNoError) {
		say_lost(source, name, error);
		return;
	}
	if (device.is_alsa) {
		PaAlsa_EnableRealtimeScheduling(stream, 1);
	}
	limit_realtime();
	say_at(source, SIGXCPU, "PortAudio spins: the device is gone");
	Pa_SetStreamFinishedCallback(stream, on_finished);
	error = Pa_StartStream(stream);
	if (error != paNoError) {
		say_lost(source, name, error);
		return;
	}
	hk_source_say_opened(
		source, name, microphone.rate_hz, microphone.n_channels, has_realtime_thread());
	while (sem_wait(&stream_finished) < 0) {}
	hk_source_say(source, HK_CAPTURE_LOST, -ENODEV, "%s: the device went away", name);
}
