/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/labels.h"

const struct hk_model *fuzz_labels(void)
{
	static char labels[FUZZ_N_LABELS][HK_LABEL_SIZE] = { "alarm", "music", "silence" };
	static struct hk_class_rules rules[FUZZ_N_LABELS];
	static const struct hk_model model = {
		.name = "fuzz",
		.n_labels = FUZZ_N_LABELS,
		.labels = labels,
		.rules = rules,
	};
	static bool computed;
	for (size_t i = 0; !computed && i < FUZZ_N_LABELS; i++) {
		hk_params_defaults(hk_class_params, hk_n_class_params, &rules[i]);
	}
	computed = true;
	return &model;
}
