/* SPDX-License-Identifier: MIT */
#include "config/settings.h"

#include <errno.h>
#include <string.h>

#define AT(member) HK_PARAM_AT(struct hk_settings, member)

const char *const hk_sample_format_words[] = { "s16le", "f32le", NULL };
const char *const hk_log_level_words[] = { "err", "warning", "info", "debug", NULL };

const struct hk_param hk_settings_params[] = {
	{ "audio", "device", HK_PARAM_STRING, AT(audio.device), .fallback = "",
		.help = "Sound device to hear with, by the name that `hearken devices` prints; empty: the default one" },
	{ "audio", "input", HK_PARAM_STRING, AT(audio.input), .fallback = "",
		.help = "Hear this instead of a device: an audio file (WAV, FLAC, OGG), a FIFO with raw PCM, or - for raw PCM on stdin" },
	{ "audio", "rate", HK_PARAM_UINT, AT(audio.rate_hz), .min = 1000, .max = 768000,
		.or_zero = true, .fallback = "0", .unit = "Hz",
		.help = "Rate to open the device at, or rate of raw PCM, which has to be given; 0: the model's" },
	{ "audio", "channel", HK_PARAM_UINT, AT(audio.channel), .min = 0, .max = 64,
		.fallback = "0", .help = "Channel to hear, from 1 on; 0: the mean of all" },
	{ "audio", "format", HK_PARAM_ENUM, AT(audio.format), .words = hk_sample_format_words,
		.fallback = "s16le", .help = "Samples of raw PCM" },
	{ "audio", "channels", HK_PARAM_UINT, AT(audio.channels), .min = 1, .max = 64,
		.fallback = "1", .help = "Interleaved channels of raw PCM" },
	{ "audio", "realtime", HK_PARAM_BOOL, AT(audio.realtime), .fallback = "no",
		.help = "Play a file at the speed of sound; no: as fast as it can be analysed" },
	{ "model", "path", HK_PARAM_STRING, AT(model.path), .fallback = "home",
		.help = "Model bundle: a folder, or the name of one that came with hearken" },
	{ "history", "path", HK_PARAM_STRING, AT(history.path), .fallback = "auto",
		.at_start = true,
		.help = "File of the history of events; auto: NAME.db in the folder that systemd gives, else none; none: keep no history" },
	{ "history", "max_age", HK_PARAM_DURATION, AT(history.max_age_s), .min = 0,
		.max = 100 * 366.0 * 86400, .fallback = "365 d", .unit = "s",
		.help = "Forget events that ended longer ago; 0: never" },
	{ "history", "max_events", HK_PARAM_UINT, AT(history.max_events), .min = 0, .max = 1e9,
		.fallback = "100000",
		.help = "Forget the oldest events beyond this number; 0: keep any number" },
	{ "socket", "path", HK_PARAM_STRING, AT(socket.path), .fallback = "auto", .at_start = true,
		.help = "Unix socket to answer on; auto: the one that systemd passes, else NAME.sock in the folder that systemd gives, else none; none: answer nowhere" },
	{ "log", "level", HK_PARAM_ENUM, AT(log.level), .words = hk_log_level_words,
		.fallback = "info", .help = "How much goes into the log; events always do" },
	{ "daemon", "ready_timeout", HK_PARAM_DURATION, AT(daemon.ready_timeout_s), .min = 0.1,
		.max = 3600, .fallback = "5 s", .at_start = true, .unit = "s",
		.help = "Tell systemd to be ready after this long even if nothing is heard yet; the status says why" },
};

const size_t hk_n_settings_params = sizeof(hk_settings_params) / sizeof(hk_settings_params[0]);

const struct hk_param *hk_settings_find(const char *section, const char *key)
{
	return hk_params_find(hk_settings_params, hk_n_settings_params, section, key);
}

bool hk_settings_is_source(const struct hk_param *setting)
{
	return strcmp(setting->section, "audio") == 0 &&
		(strcmp(setting->key, "device") == 0 || strcmp(setting->key, "input") == 0);
}

void hk_settings_forget_source(struct hk_settings *settings)
{
	settings->audio.device[0] = '\0';
	settings->audio.input[0] = '\0';
}

const struct hk_param *hk_settings_needs_start(
	const struct hk_settings *running, const struct hk_settings *wanted)
{
	for (size_t i = 0; i < hk_n_settings_params; i++) {
		const struct hk_param *setting = &hk_settings_params[i];
		if (setting->at_start && !hk_param_same(setting, running, wanted)) {
			return setting;
		}
	}
	return NULL;
}

int hk_settings_check(
	const struct hk_settings *settings, const struct hk_param **ret_at, struct hk_diag *diag)
{
	if (settings->audio.input[0] != '\0' && settings->audio.device[0] != '\0') {
		*ret_at = hk_settings_find("audio", "input");
		return hk_diag_set(diag, -EINVAL,
			"expected one of device and input, got \"%s\" and \"%s\"",
			settings->audio.device, settings->audio.input);
	}
	const struct {
		const char *value, *section, *expected;
	} paths[] = {
		{ settings->model.path, "model", "a model bundle" },
		{ settings->history.path, "history", "a file, auto or none" },
		{ settings->socket.path, "socket", "a path, auto or none" },
	};
	for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++) {
		if (paths[i].value[0] == '\0') {
			*ret_at = hk_settings_find(paths[i].section, "path");
			return hk_diag_set(
				diag, -EINVAL, "expected %s, got \"\"", paths[i].expected);
		}
	}
	return 0;
}
