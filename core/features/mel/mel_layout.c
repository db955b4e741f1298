/* SPDX-License-Identifier: MIT */
#include "core/features/mel/mel_layout.h"

#include <assert.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/features/mel/mel_extension.h"
#include "core/features/mel/mel_modulation_config.h"

/* How a group is laid out: a list, or a matrix named by row and column. */
struct shape {
	const char *name;
	uint32_t n_rows;
	uint32_t n_columns;
	bool matrix;
};

static struct shape shape_of(const struct hk_mel_modulation_config *config, enum hk_mel_group group)
{
	const uint32_t n_crest = config->crest_bins.n_values - 1;
	const uint32_t n_rhythms = config->modulation_bins.n_values - 1;
	switch (group) {
	case HK_MEL_MEAN:
		return (struct shape){ "mel_mean", 1, config->n_mels, false };
	case HK_MEL_STD:
		return (struct shape){ "mel_std", 1, config->n_mels, false };
	case HK_MEL_CREST_MEAN:
		return (struct shape){ "crest_mean", 1, n_crest, false };
	case HK_MEL_CREST_STD:
		return (struct shape){ "crest_std", 1, n_crest, false };
	case HK_MEL_GROUP_MODULATION:
		return (struct shape){ "modulation", n_rhythms, config->n_groups, true };
	case HK_MEL_CEPSTRUM_MODULATION:
		return (struct shape){ "cepstral", n_rhythms, config->n_cepstra, true };
	case HK_N_MEL_GROUPS:
		break;
	}
	assert(false);
	return (struct shape){ 0 };
}

size_t hk_mel_layout_group_size(const void *config, enum hk_mel_group group)
{
	const struct shape shape = shape_of(config, group);
	return (size_t)shape.n_rows * shape.n_columns;
}

size_t hk_mel_layout_size(const void *config_)
{
	const struct hk_mel_modulation_config *config = config_;
	size_t n = 0;
	for (enum hk_mel_group group = 0; group < HK_N_MEL_GROUPS; group++) {
		n += hk_mel_layout_group_size(config, group);
	}
	for (uint32_t i = hk_mel_extension_next(config, 0); i < HK_N_MEL_EXTENSIONS;
		i = hk_mel_extension_next(config, i + 1)) {
		n += hk_mel_extensions[i].n_values(config);
	}
	return n;
}

static void name_in_group(
	const struct shape *shape, size_t index, char ret_name[HK_FEATURE_NAME_SIZE])
{
	const int length = shape->matrix
		? snprintf(ret_name, HK_FEATURE_NAME_SIZE, "%s_%02zu_%02zu", shape->name,
			  index / shape->n_columns, index % shape->n_columns)
		: snprintf(ret_name, HK_FEATURE_NAME_SIZE, "%s_%02zu", shape->name, index);
	assert(length < HK_FEATURE_NAME_SIZE);
	(void)length;
}

void hk_mel_layout_name(const void *config_, size_t index, char ret_name[HK_FEATURE_NAME_SIZE])
{
	const struct hk_mel_modulation_config *config = config_;
	for (enum hk_mel_group group = 0; group < HK_N_MEL_GROUPS; group++) {
		const struct shape shape = shape_of(config, group);
		const size_t n = hk_mel_layout_group_size(config, group);
		if (index < n) {
			name_in_group(&shape, index, ret_name);
			return;
		}
		index -= n;
	}
	for (uint32_t i = hk_mel_extension_next(config, 0); i < HK_N_MEL_EXTENSIONS;
		i = hk_mel_extension_next(config, i + 1)) {
		const size_t n = hk_mel_extensions[i].n_values(config);
		if (index < n) {
			hk_mel_extensions[i].value_name(config, index, ret_name);
			return;
		}
		index -= n;
	}
	assert(false);
}
