/* SPDX-License-Identifier: MIT */
#include "core/model/model_types.h"

#include <string.h>

int hk_model_label(const struct hk_model *model, const char *label)
{
	for (uint32_t i = 0; i < model->n_labels; i++) {
		if (strcmp(model->labels[i], label) == 0) {
			return (int)i;
		}
	}
	return -1;
}
