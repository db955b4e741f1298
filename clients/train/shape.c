/* SPDX-License-Identifier: MIT */
#include "clients/train/shape.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/audio_file.h"

#define DEFAULT_PROFILE "mel-modulation"

static const struct hk_profile_habits habits[] = {
	{ "mel-modulation", "extensions=level", 10, 0.5, 3 },
	{ "spectrogram", "", 1, 1, 0 }, /* the original: scikit-learn's SVC() */
	{ NULL, "", 10, 0.5, 3 },
};

const struct hk_profile_habits *hk_profile_habits(const char *profile)
{
	size_t i = 0;
	while (habits[i].profile && strcmp(habits[i].profile, profile) != 0) {
		i++;
	}
	return &habits[i];
}

static char *trim(char *text)
{
	text += strspn(text, " \t");
	size_t n = strlen(text);
	while (n > 0 && strchr(" \t", text[n - 1])) {
		text[--n] = '\0';
	}
	return text;
}

static int set_parameter(struct hk_profile_config *config, char *assignment, struct hk_diag *diag)
{
	const struct hk_profile *profile = config->profile;
	char *value = assignment;
	char *key = trim(strsep(&value, "="));
	const struct hk_param *row = hk_params_find(profile->params, profile->n_params, NULL, key);
	if (!value) {
		return hk_diag_set(
			diag, -EINVAL, "--set: expected KEY=VALUE, got \"%s\"", assignment);
	}
	if (!row) {
		return hk_diag_set(diag, -EINVAL, "--set: profile %s has no parameter \"%s\"",
			profile->name, key);
	}
	struct hk_diag why;
	const int r = hk_param_parse(row, config->config, trim(value), &why);
	return r < 0 ? hk_diag_set(diag, r, "--set: %s", why.text) : 0;
}

static int set_parameters(struct hk_profile_config *config, const char *text, struct hk_diag *diag)
{
	char *copy = strdup(text), *rest = copy;
	int r = copy ? 0 : -ENOMEM;
	for (char *part; r == 0 && (part = strsep(&rest, ";"));) {
		if (*trim(part) != '\0') {
			r = set_parameter(config, part, diag);
		}
	}
	free(copy);
	return r;
}

static int rate_of_first(const struct hk_manifest *manifest, uint32_t *ret, struct hk_diag *diag)
{
	for (size_t i = 0; i < manifest->n_takes; i++) {
		struct hk_audio_file *file;
		if (hk_audio_open(&file, manifest->takes[i].path, HK_CHANNEL_MIX, NULL) == 0) {
			struct hk_audio_info info;
			hk_audio_info(file, &info);
			hk_audio_close(file);
			*ret = info.rate_hz;
			return 0;
		}
	}
	return hk_diag_set(
		diag, -ENOENT, "none of the %zu recordings can be read", manifest->n_takes);
}

int hk_shape(struct hk_analyzer_setup *ret_setup, struct hk_profile_config *ret_config,
	const char *profile, const char *parameters, uint32_t rate_hz,
	const struct hk_manifest *manifest, struct hk_diag *diag)
{
	const char *name = profile[0] ? profile : DEFAULT_PROFILE;
	const struct hk_profile *found = hk_profile_find(name);
	if (!found) {
		return hk_diag_set(diag, -EINVAL, "--profile: no profile \"%s\"", name);
	}
	hk_profile_config_init(ret_config, found);
	int r = set_parameters(ret_config, hk_profile_habits(name)->parameters, diag);
	r = r < 0 ? r : set_parameters(ret_config, parameters, diag);
	rate_hz = rate_hz ? rate_hz : found->default_rate_hz;
	if (r == 0 && rate_hz == 0) {
		r = rate_of_first(manifest, &rate_hz, diag);
	}
	if (r < 0) {
		return r;
	}
	*ret_setup = (struct hk_analyzer_setup){
		.profile = ret_config,
		.rate_hz = rate_hz,
		.n_window_frames = (uint32_t)lround(found->window_s * rate_hz),
		.n_step_frames = (uint32_t)lround(found->step_s * rate_hz),
	};
	return found->check(ret_config->config, rate_hz, ret_setup->n_window_frames,
		ret_setup->n_step_frames, diag);
}
