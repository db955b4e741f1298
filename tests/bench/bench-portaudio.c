/* SPDX-License-Identifier: MIT */
/*
 * bench-portaudio [NAME]: what PortAudio and the sound server cost by themselves. Opens the input
 * device NAME (the default one) as hearken-capture does, writes a byte to stdout with the first
 * sound, and throws all sound away until it is ended.
 */
#include <portaudio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RATE_HZ 16000
#define N_FRAMES 512
#define LATENCY_S 0.2

static int on_sound(const void *input, void *output, unsigned long n_frames,
	const PaStreamCallbackTimeInfo *time, PaStreamCallbackFlags flags, void *heard)
{
	(void)input;
	(void)output;
	(void)n_frames;
	(void)time;
	(void)flags;
	if (!*(int *)heard) {
		*(int *)heard = 1;
		(void)!write(STDOUT_FILENO, "\n", 1);
	}
	return paContinue;
}

static void check(PaError error)
{
	if (error != paNoError) {
		fprintf(stderr, "bench-portaudio: %s\n", Pa_GetErrorText(error));
		exit(EXIT_FAILURE);
	}
}

static PaDeviceIndex find(const char *name)
{
	for (PaDeviceIndex i = 0; i < Pa_GetDeviceCount(); i++) {
		if (strcmp(Pa_GetDeviceInfo(i)->name, name) == 0) {
			return i;
		}
	}
	return paNoDevice;
}

int main(int argc, char **argv)
{
	static int heard;
	PaStream *stream;
	check(Pa_Initialize());
	const PaStreamParameters input = {
		.device = argc > 1 ? find(argv[1]) : Pa_GetDefaultInputDevice(),
		.channelCount = 1,
		.sampleFormat = paFloat32,
		.suggestedLatency = LATENCY_S,
	};
	check(input.device == paNoDevice ? paInvalidDevice : paNoError);
	check(Pa_OpenStream(&stream, &input, NULL, RATE_HZ, N_FRAMES, paClipOff | paDitherOff,
		on_sound, &heard));
	check(Pa_StartStream(stream));
	pause();
	_exit(EXIT_SUCCESS); /* never */
}
