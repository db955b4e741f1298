/* SPDX-License-Identifier: MIT */
/*
 * make-bundle DIR NAME RATE: writes a model of two classes, `tone` and `quiet`, that looks at the
 * loudest sample of the window only, so that a test knows by heart which windows are which: above
 * 0.05 it is `tone`, sure of it from 0.1 on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/features/spectrogram/spectrogram.h"
#include "core/model/model.h"

#define FEATURE_MAXIMUM 2 /* of the spectrogram profile */

static int fail(const char *text)
{
	fprintf(stderr, "make-bundle: %s\n", text);
	return 1;
}

static int shape(struct hk_model *model)
{
	hk_profile_config_init(&model->profile, &hk_spectrogram);
	struct hk_spectrogram_config *config = (void *)model->profile.config;
	config->n_rows = 2;
	config->n_columns = 2;
	const uint32_t n_features = (uint32_t)model->profile.profile->n_features(config);
	if (hk_scaler_init(&model->scaler, n_features) < 0 ||
		hk_svm_init(&model->svm, HK_SVM_ONE_VS_ONE, 2, 1, n_features) < 0) {
		return -1;
	}
	model->scaler.clip = 10;
	model->scaler.mean[FEATURE_MAXIMUM] = 0.05;
	model->scaler.scale[FEATURE_MAXIMUM] = 0.01;
	model->svm.kernel = HK_KERNEL_LINEAR;
	model->svm.class_count[0] = 1;
	model->svm.coefs[0] = 1;
	model->svm.vectors[FEATURE_MAXIMUM] = 1;
	model->calibration.method = HK_CALIBRATION_SOFTMAX;
	model->calibration.slope[0] = 0.5;
	return 0;
}

int main(int argc, char **argv)
{
	static const char *const labels[] = { "tone", "quiet" };
	struct hk_model *model = calloc(1, sizeof(*model));
	if (argc != 4 || !model) {
		return fail("DIR NAME RATE");
	}
	snprintf(model->name, sizeof(model->name), "%s", argv[2]);
	model->rate_hz = (uint32_t)atoi(argv[3]);
	model->n_window_frames = 2 * model->rate_hz;
	model->n_step_frames = model->rate_hz;
	model->n_labels = 2;
	model->labels = calloc(2, sizeof(*model->labels));
	model->rules = calloc(2, sizeof(*model->rules));
	if (!model->labels || !model->rules || shape(model) < 0) {
		return fail("out of memory");
	}
	for (size_t i = 0; i < 2; i++) {
		strcpy(model->labels[i], labels[i]);
		hk_params_defaults(hk_class_params, hk_n_class_params, &model->rules[i]);
	}
	model->rules[1].event = false;
	struct hk_diag diag = { "" };
	const int r = hk_model_save(model, argv[1], &diag);
	hk_model_free(model);
	return r < 0 ? fail(diag.text) : 0;
}
