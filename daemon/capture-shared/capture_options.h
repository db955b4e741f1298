/* SPDX-License-Identifier: MIT */
/*
 * capture_options: which source to open and how; what the daemon hands to its capture helper.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Largest block that the helper writes, in frames. */
#define HK_CAPTURE_MAX_BLOCK_FRAMES 8192

enum hk_source_kind {
	HK_SOURCE_PORTAUDIO,
	HK_SOURCE_FILE, /* WAV, FLAC, OGG */
	HK_SOURCE_PIPE, /* raw PCM: stdin ("-") or a FIFO */
};

enum hk_sample_format { HK_SAMPLE_S16LE, HK_SAMPLE_F32LE };

struct hk_capture_options {
	enum hk_source_kind kind;
	/* PortAudio: "" (the default device), "NAME" or "HOST API: NAME"; file, pipe: the path, "-"
	 * = stdin */
	char device[4096];
	/* PortAudio: wanted (the device's own is taken when it refuses); pipe: of the data; file:
	 * not read */
	uint32_t rate_hz;
	uint32_t channel;             /* 0 = the mean of all, 1..n */
	enum hk_sample_format format; /* pipe */
	uint32_t n_channels;          /* pipe: interleaved channels in the data */
	/* file: at the speed of sound; no: as fast as analysis takes it, nothing dropped */
	bool realtime;
	double start_s; /* file: skip that much */
	/* keep the helper's stderr (PortAudio's, ALSA's and JACK's talk); no: /dev/null */
	bool verbose;
};
