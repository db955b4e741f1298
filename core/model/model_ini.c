/* SPDX-License-Identifier: MIT */
#include "core/model/model_ini.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/known.h"
#include "core/base/scan.h"
#include "core/base/text_buffer.h"
#include "core/base/utf8.h"
#include "core/features/profiles.h"
#include "core/model/model_ini_internal.h"

#define MAX_FEATURES (1 << 20)
#define MAX_CALIBRATION 1e6

static bool is_section(const struct hk_ini_entry *entry, const char *section)
{
	return strcmp(entry->section, section) == 0;
}

/* An error at the line of SECTION's KEY, which the file has unless it stands at its default. */
__attribute__((format(printf, 5, 6))) static int refuse(const struct hk_ini *ini,
	const char *section, const char *key, struct hk_diag *diag, const char *format, ...)
{
	const struct hk_ini_entry *entry = hk_ini_find(ini, section, key);
	struct hk_diag text;
	va_list args;
	va_start(args, format);
	hk_diag_vset(&text, 0, format, args);
	va_end(args);
	return entry
		? hk_diag_set(
			  diag, -EINVAL, "%s:%u: %s: %s", ini->path, entry->line, key, text.text)
		: hk_diag_set(diag, -EINVAL, "%s: [%s] %s: %s", ini->path, section, key, text.text);
}

/* Every row without a default must be in the file. */
static int check_complete(const struct hk_ini *ini, const struct hk_param *table, size_t n_rows,
	const char *section, struct hk_diag *diag)
{
	for (size_t i = 0; i < n_rows; i++) {
		const char *in = section ? section : table[i].section;
		if ((section || !table[i].fallback) && !hk_ini_find(ini, in, table[i].key)) {
			return hk_diag_set(diag, -EINVAL, "%s: [%s] %s is missing", ini->path, in,
				table[i].key);
		}
	}
	return 0;
}

static int read_training(const struct hk_ini *ini, struct hk_model *model)
{
	struct hk_text_buffer text;
	const int r = hk_text_buffer_begin(&text);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_section(entry, "training")) {
			fprintf(text.file, "%s = %s\n", entry->key, entry->value);
		}
	}
	return hk_text_buffer_end(&text, &model->training, NULL);
}

/* Does the table of this file describe ENTRY? */
static bool is_own(const struct hk_ini_entry *entry)
{
	return !is_section(entry, "training") &&
		strncmp(entry->section, HK_MODEL_INI_CLASS, strlen(HK_MODEL_INI_CLASS)) != 0 &&
		(!is_section(entry, "profile") || strcmp(entry->key, "name") == 0) &&
		(!is_section(entry, HK_MODEL_INI_SMOOTHING) || strcmp(entry->key, "bias") == 0);
}

static int read_values(
	const struct hk_ini *ini, struct hk_model_ini_values *values, struct hk_diag *diag)
{
	static const char *const others[] = { "training", HK_MODEL_INI_CLASS "NAME", NULL };
	int r = hk_ini_check_sections(
		ini, hk_model_ini_params, hk_n_model_ini_params, others, diag);
	if (r < 0) {
		return r;
	}
	hk_params_defaults(hk_model_ini_params, hk_n_model_ini_params, values);
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_own(entry) &&
			hk_ini_apply(ini, entry, hk_model_ini_params, hk_n_model_ini_params, values,
				diag) < 0) {
			return -EINVAL;
		}
	}
	r = check_complete(ini, hk_model_ini_params, hk_n_model_ini_params, NULL, diag);
	if (r < 0) {
		return r;
	}
	return values->format == HK_MODEL_FORMAT
		? 0
		: refuse(ini, "model", "format", diag, "expected %d, got %u", HK_MODEL_FORMAT,
			  values->format);
}

static int take_label(
	const struct hk_ini *ini, struct hk_model *model, struct hk_span word, struct hk_diag *diag)
{
	const size_t length = (size_t)(word.end - word.at);
	struct hk_diag why = { "" };
	if (hk_label_check(word.at, length, &why) < 0) {
		return refuse(ini, "model", "labels", diag, "label %u: %s", model->n_labels + 1,
			why.text);
	}
	if (model->n_labels == HK_MAX_CLASSES) {
		return refuse(ini, "model", "labels", diag, "expected at most %d", HK_MAX_CLASSES);
	}
	char *label = model->labels[model->n_labels];
	memcpy(label, word.at, length);
	label[length] = '\0';
	if (hk_model_label(model, label) >= 0) {
		return refuse(ini, "model", "labels", diag, "%s is there twice", label);
	}
	model->n_labels++;
	return 0;
}

static int take_labels(const struct hk_ini *ini, const struct hk_model_ini_values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	struct hk_span line = { values->labels, values->labels + strlen(values->labels) }, word;
	model->labels = calloc(HK_MAX_CLASSES, sizeof(*model->labels));
	if (!model->labels) {
		return -ENOMEM;
	}
	while (hk_scan_word(&line, &word)) {
		const int r = take_label(ini, model, word, diag);
		if (r < 0) {
			return r;
		}
	}
	return model->n_labels >= 2
		? 0
		: refuse(ini, "model", "labels", diag,
			  "expected 2 to %d labels separated by blanks", HK_MAX_CLASSES);
}

static int take_profile(const struct hk_ini *ini, const struct hk_model_ini_values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	const struct hk_profile *profile = hk_profile_find(values->profile);
	if (!profile) {
		struct hk_known names = { .asked = values->profile };
		for (size_t i = 0; hk_profiles[i]; i++) {
			hk_known_add(&names, "%s", hk_profiles[i]->name);
		}
		return refuse(ini, "profile", "name", diag,
			"no profile \"%s\": expected one of %s%s", values->profile, names.text,
			names.hint);
	}
	hk_profile_config_init(&model->profile, profile);
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_section(entry, "profile") && strcmp(entry->key, "name") != 0 &&
			hk_ini_apply(ini, entry, profile->params, profile->n_params,
				model->profile.config, diag) < 0) {
			return -EINVAL;
		}
	}
	int r = check_complete(ini, profile->params, profile->n_params, "profile", diag);
	if (r < 0) {
		return r;
	}
	if (values->step_frames > values->window_frames) {
		return refuse(ini, "audio", "step_frames", diag,
			"expected at most window_frames (%u), got %u", values->window_frames,
			values->step_frames);
	}
	struct hk_diag reason = { "" };
	r = profile->check(model->profile.config, values->rate_hz, values->window_frames,
		values->step_frames, &reason);
	if (r < 0) {
		return refuse(ini, "profile", "name", diag, "%s: %s", profile->name, reason.text);
	}
	const size_t n_features = profile->n_features(model->profile.config);
	return n_features <= MAX_FEATURES
		? 0
		: refuse(ini, "profile", "name", diag, "expected at most %d features, got %zu",
			  MAX_FEATURES, n_features);
}

static int take_reals(const struct hk_ini *ini, const char *section, const char *key,
	const char *text, const char *method, uint32_t n, double *ret, struct hk_diag *diag)
{
	struct hk_span line = { text, text + strlen(text) }, word;
	for (uint32_t i = 0; i < n; i++) {
		if (!hk_scan_word(&line, &word)) {
			return refuse(ini, section, key, diag, "expected %u numbers, got %u", n, i);
		}
		if (hk_span_double(word, &ret[i]) < 0 || fabs(ret[i]) > MAX_CALIBRATION) {
			return refuse(ini, section, key, diag,
				"expected numbers from %g to %g, got \"%.*s\"", -MAX_CALIBRATION,
				MAX_CALIBRATION, HK_SPAN_ARG(word));
		}
	}
	if (!hk_scan_word(&line, &word)) {
		return 0;
	}
	if (n == 0) {
		return refuse(
			ini, section, key, diag, "expected nothing for the method %s", method);
	}
	return refuse(ini, section, key, diag, "expected only %u numbers", n);
}

static int take_calibration(const struct hk_ini *ini, const struct hk_model_ini_values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	const char *method = hk_calibration_names[values->method];
	model->calibration.method = values->method;
	const uint32_t n_slopes = hk_calibration_n_slopes(values->method, model->n_labels);
	const uint32_t n_biases = hk_calibration_n_biases(values->method, model->n_labels);
	const int r = take_reals(ini, "calibration", "slope", values->slope, method, n_slopes,
		model->calibration.slope, diag);
	return r < 0 ? r
		     : take_reals(ini, "calibration", "bias", values->bias, method, n_biases,
			       model->calibration.bias, diag);
}

static int take_smoothing(const struct hk_ini *ini, const struct hk_model_ini_values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	hk_params_defaults(hk_smoothing_params, hk_n_smoothing_params, &model->smoothing);
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_section(entry, HK_MODEL_INI_SMOOTHING) && !is_own(entry) &&
			hk_ini_apply(ini, entry, hk_smoothing_params, hk_n_smoothing_params,
				&model->smoothing, diag) < 0) {
			return -EINVAL;
		}
	}
	const char *method = hk_smoothing_params[0].words[model->smoothing.method];
	const bool has_bias =
		model->smoothing.method != HK_SMOOTHING_NONE && values->smoothing_bias[0] != '\0';
	return take_reals(ini, HK_MODEL_INI_SMOOTHING, "bias", values->smoothing_bias, method,
		has_bias ? model->n_labels : 0, model->smoothing.bias, diag);
}

static int take_rules(const struct hk_ini *ini, struct hk_model *model, struct hk_diag *diag)
{
	model->rules = calloc(model->n_labels, sizeof(*model->rules));
	if (!model->rules) {
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < model->n_labels; i++) {
		hk_params_defaults(hk_class_params, hk_n_class_params, &model->rules[i]);
	}
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (strncmp(entry->section, HK_MODEL_INI_CLASS, strlen(HK_MODEL_INI_CLASS)) != 0) {
			continue;
		}
		const int label =
			hk_model_label(model, entry->section + strlen(HK_MODEL_INI_CLASS));
		if (label < 0) {
			return hk_diag_set(diag, -EINVAL, "%s:%u: [%s]: no such label", ini->path,
				entry->line, entry->section);
		}
		if (hk_ini_apply(ini, entry, hk_class_params, hk_n_class_params,
			    &model->rules[label], diag) < 0) {
			return -EINVAL;
		}
	}
	for (uint32_t i = 0; i < model->n_labels; i++) {
		struct hk_diag reason = { "" };
		if (hk_class_rules_check(&model->rules[i], &reason) < 0) {
			return hk_diag_set(diag, -EINVAL, "%s: [" HK_MODEL_INI_CLASS "%s] %s",
				ini->path, model->labels[i], reason.text);
		}
	}
	return 0;
}

static int take_hash(const struct hk_ini *ini, const char *file, const char *text,
	char ret[HK_SHA256_TEXT_SIZE], struct hk_diag *diag)
{
	if (strlen(text) != HK_SHA256_TEXT_SIZE - 1 ||
		strspn(text, "0123456789abcdef") != HK_SHA256_TEXT_SIZE - 1) {
		return refuse(ini, "files", file, diag,
			"expected a SHA-256 of %d hexadecimal digits, got \"%s\"",
			HK_SHA256_TEXT_SIZE - 1, text);
	}
	memcpy(ret, text, HK_SHA256_TEXT_SIZE);
	return 0;
}

static int take_values(const struct hk_ini *ini, const struct hk_model_ini_values *values,
	struct hk_model *model, struct hk_model_hashes *ret_hashes, struct hk_diag *diag)
{
	memcpy(model->name, values->name, sizeof(model->name));
	hk_utf8_repair(model->name); /* it goes into JSON, metrics and reports */
	memcpy(model->description, values->description, sizeof(model->description));
	model->rate_hz = values->rate_hz;
	model->n_window_frames = values->window_frames;
	model->n_step_frames = values->step_frames;
	model->scaler.clip = (float)values->clip;
	int r;
	if ((r = take_labels(ini, values, model, diag)) < 0 ||
		(r = take_profile(ini, values, model, diag)) < 0 ||
		(r = take_calibration(ini, values, model, diag)) < 0 ||
		(r = take_smoothing(ini, values, model, diag)) < 0 ||
		(r = take_rules(ini, model, diag)) < 0 ||
		(r = take_hash(ini, HK_MODEL_SCALER, values->scaler_hash, ret_hashes->scaler,
			 diag)) < 0 ||
		(r = take_hash(ini, HK_MODEL_SVM, values->svm_hash, ret_hashes->svm, diag)) < 0) {
		return r;
	}
	ret_hashes->vectors[0] = '\0';
	return values->vectors_hash[0] == '\0'
		? 0
		: take_hash(ini, HK_MODEL_VECTORS, values->vectors_hash, ret_hashes->vectors, diag);
}

int hk_model_ini_parse(struct hk_model *model, struct hk_model_hashes *ret_hashes, const char *path,
	const char *text, size_t length, struct hk_diag *diag)
{
	struct hk_ini *ini;
	int r = hk_ini_parse(&ini, path, text, length, diag);
	if (r < 0) {
		return r;
	}
	struct hk_model_ini_values values = { 0 };
	if ((r = read_values(ini, &values, diag)) == 0 && (r = read_training(ini, model)) == 0) {
		r = take_values(ini, &values, model, ret_hashes, diag);
	}
	hk_ini_free(ini);
	return r;
}
