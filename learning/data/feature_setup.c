/* SPDX-License-Identifier: MIT */
#include "learning/data/feature_setup.h"

#include <errno.h>
#include <math.h>
#include <string.h>

#include "core/audio/audio_file.h"
#include "learning/data/profile_set.h"

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

int hk_shape(struct hk_window_pipeline_setup *ret_setup, struct hk_profile_config *ret_config,
	const char *profile, const char *parameters, uint32_t rate_hz,
	const struct hk_manifest *manifest, struct hk_diag *diag)
{
	const char *name = profile[0] ? profile : DEFAULT_PROFILE;
	int r = hk_profile_choose(ret_config, name, diag);
	r = r < 0 ? r : hk_profile_set(ret_config, hk_profile_habits(name)->parameters, diag);
	r = r < 0 ? r : hk_profile_set(ret_config, parameters, diag);
	const struct hk_profile *found = ret_config->profile;
	rate_hz = r < 0 || rate_hz ? rate_hz : found->default_rate_hz;
	if (r == 0 && rate_hz == 0) {
		r = rate_of_first(manifest, &rate_hz, diag);
	}
	if (r < 0) {
		return r;
	}
	*ret_setup = (struct hk_window_pipeline_setup){
		.profile = ret_config,
		.rate_hz = rate_hz,
		.n_window_frames = (uint32_t)lround(found->window_s * rate_hz),
		.n_step_frames = (uint32_t)lround(found->step_s * rate_hz),
	};
	return found->check(ret_config->config, rate_hz, ret_setup->n_window_frames,
		ret_setup->n_step_frames, diag);
}
