/* SPDX-License-Identifier: MIT */
#include "tests/unit/bundle.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/features/spectrogram/spectrogram.h"

/* 12 features, 5 vectors, 3 labels; one-vs-one with probabilities. */
static struct hk_model *bundle_model(void)
{
	static const char *const labels[BUNDLE_N_LABELS] = { "fire_alarm", "music", "v-1.0" };
	struct hk_model *model = calloc(1, sizeof(*model));
	strcpy(model->name, "home");
	strcpy(model->description, "made for a test; with = and : in it");
	model->n_labels = BUNDLE_N_LABELS;
	model->labels = calloc(BUNDLE_N_LABELS, sizeof(*model->labels));
	model->rules = calloc(BUNDLE_N_LABELS, sizeof(*model->rules));
	for (int i = 0; i < BUNDLE_N_LABELS; i++) {
		strcpy(model->labels[i], labels[i]);
		hk_params_defaults(hk_class_params, hk_n_class_params, &model->rules[i]);
	}
	model->rules[1].on = 0.725;
	model->rules[2].event = false;
	model->rate_hz = 16000;
	model->n_window_frames = 32000;
	model->n_step_frames = 16000;
	hk_profile_config_init(&model->profile, &hk_spectrogram);
	struct hk_spectrogram_config *config = (void *)model->profile.config;
	config->n_rows = 2;
	config->n_columns = 3;
	hk_scaler_init(&model->scaler, 12);
	model->scaler.clip = 10;
	hk_svm_init(&model->svm, HK_SVM_ONE_VS_ONE, BUNDLE_N_LABELS, 5, 12);
	struct hk_svm *svm = &model->svm;
	svm->kernel = HK_KERNEL_RBF;
	svm->gamma = 1.0 / 12;
	svm->class_count[0] = 2;
	svm->class_count[1] = 1;
	svm->class_count[2] = 2;
	svm->prob_a = calloc(3, sizeof(double));
	svm->prob_b = calloc(3, sizeof(double));
	unsigned seed = 3;
	for (size_t i = 0; i < 12; i++) {
		model->scaler.mean[i] = rand_r(&seed) / 1e9;
		model->scaler.scale[i] = 0.1 + rand_r(&seed) / 1e9;
	}
	for (size_t i = 0; i < 3; i++) {
		svm->rho[i] = rand_r(&seed) / 1e9 - 1;
		svm->prob_a[i] = -rand_r(&seed) / 1e9;
		svm->prob_b[i] = rand_r(&seed) / 1e9 - 1;
		model->calibration.bias[i] = rand_r(&seed) / 1e9 - 1;
	}
	for (size_t i = 0; i < 10; i++) {
		svm->coefs[i] = rand_r(&seed) / 1e9 - 1;
	}
	for (size_t i = 0; i < 5; i++) {
		for (size_t j = 0; j < 12; j++) {
			svm->vectors[i * svm->stride + j] = (float)(rand_r(&seed) / 1e9 - 1);
		}
	}
	model->calibration.method = HK_CALIBRATION_SOFTMAX;
	model->calibration.slope[0] = 1.0 / 3;
	model->training = strdup("accuracy = 0.9, measured\nsources = a: b; c # d\n");
	return model;
}

void bundle_path(const struct bundle *bundle, const char *name, char ret[128])
{
	snprintf(ret, 128, "%s/%s", bundle->folder, name);
}

char *bundle_read(const struct bundle *bundle, const char *name, size_t *ret_length)
{
	char path[128], *data = NULL;
	bundle_path(bundle, name, path);
	if (hk_file_read(AT_FDCWD, path, path, 1 << 20, &data, ret_length, NULL) < 0) {
		abort();
	}
	return data;
}

void bundle_write(const struct bundle *bundle, const char *name, const char *data, size_t length)
{
	char path[128];
	bundle_path(bundle, name, path);
	unlink(path); /* it may be a link */
	FILE *file = fopen(path, "wb");
	if (!file || fwrite(data, 1, length, file) != length || fclose(file) != 0) {
		abort();
	}
}

void bundle_rehash(const struct bundle *bundle, const char *name)
{
	size_t length, ini_length;
	char hash[HK_SHA256_TEXT_SIZE], key[32];
	char *data = bundle_read(bundle, name, &length);
	hk_sha256_text(data, length, hash);
	free(data);
	char *ini = bundle_read(bundle, "model.ini", &ini_length);
	snprintf(key, sizeof(key), "\n%s = ", name);
	char *place = strstr(ini, key);
	if (place) {
		memcpy(place + strlen(key), hash, HK_SHA256_TEXT_SIZE - 1);
		bundle_write(bundle, "model.ini", ini, ini_length);
	}
	free(ini);
}

int bundle_setup(void **state)
{
	struct bundle *bundle = calloc(1, sizeof(*bundle));
	strcpy(bundle->root, "/tmp/hearken-model-XXXXXX");
	if (!mkdtemp(bundle->root)) {
		return -1;
	}
	snprintf(bundle->folder, sizeof(bundle->folder), "%s/home", bundle->root);
	bundle->model = bundle_model();
	*state = bundle;
	struct hk_diag diag;
	if (hk_model_save(bundle->model, bundle->folder, &diag) < 0) {
		fprintf(stderr, "%s\n", diag.text);
		return -1;
	}
	return 0;
}

int bundle_teardown(void **state)
{
	struct bundle *bundle = *state;
	char command[64];
	snprintf(command, sizeof(command), "rm -rf '%s'", bundle->root);
	const int r = system(command);
	hk_model_free(bundle->model);
	free(bundle);
	return r;
}
