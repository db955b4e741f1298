/* SPDX-License-Identifier: MIT */
/*
 * pulse_sources: the sources of PulseAudio or PipeWire by name, as `pactl` lists them. For the list
 * of devices only; hearing goes through ALSA's "pulse" plugin. No `pactl` or no server: no sources.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

typedef void hk_pulse_source_fn(
	void *owner, const char *name, uint32_t n_channels, uint32_t rate_hz);

void hk_pulse_sources(hk_pulse_source_fn *callback, void *owner);

/*
 * One line of `pactl list short sources`: "1<TAB>NAME<TAB>DRIVER<TAB>s16le 2ch 44100Hz<TAB>STATE".
 * LINE is written to; *ret_name points into it. False: it is no such line.
 */
bool hk_pulse_source_parse(
	char *line, const char **ret_name, uint32_t *ret_channels, uint32_t *ret_rate_hz);
