/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/text_buffer.h"
#include "core/model/model_ini_internal.h"

/* Append to the list TEXT of HK_MODEL_INI_LIST_SIZE bytes. */
static int append_word(char *text, const char *word)
{
	const size_t length = strlen(text);
	const int n = snprintf(text + length, HK_MODEL_INI_LIST_SIZE - length, "%s%s",
		length > 0 ? " " : "", word);
	return n >= 0 && (size_t)n < HK_MODEL_INI_LIST_SIZE - length ? 0 : -ENOSPC;
}

static int append_reals(char *text, const double *values, uint32_t n)
{
	int r = 0;
	for (uint32_t i = 0; i < n && r == 0; i++) {
		char number[40];
		hk_print_double(values[i], number, sizeof(number));
		r = append_word(text, number);
	}
	return r;
}

/* The opposite of take_values. */
static int values_of(const struct hk_model *model, const struct hk_model_hashes *hashes,
	struct hk_model_ini_values *values)
{
	const struct hk_calibration *calibration = &model->calibration;
	values->format = HK_MODEL_FORMAT;
	memcpy(values->name, model->name, sizeof(values->name));
	memcpy(values->description, model->description, sizeof(values->description));
	snprintf(values->profile, sizeof(values->profile), "%s", model->profile.profile->name);
	values->rate_hz = model->rate_hz;
	values->window_frames = model->n_window_frames;
	values->step_frames = model->n_step_frames;
	values->clip = (double)model->scaler.clip;
	values->method = calibration->method;
	memcpy(values->scaler_hash, hashes->scaler, sizeof(values->scaler_hash));
	memcpy(values->svm_hash, hashes->svm, sizeof(values->svm_hash));
	memcpy(values->vectors_hash, hashes->vectors, sizeof(values->vectors_hash));
	int r = 0;
	for (uint32_t i = 0; i < model->n_labels && r == 0; i++) {
		r = append_word(values->labels, model->labels[i]);
	}
	if (r == 0) {
		r = append_reals(values->slope, calibration->slope,
			hk_calibration_n_slopes(values->method, model->n_labels));
	}
	if (r == 0) {
		r = append_reals(values->bias, calibration->bias,
			hk_calibration_n_biases(values->method, model->n_labels));
	}
	if (r == 0 && model->smoothing.method != HK_SMOOTHING_NONE) {
		r = append_reals(values->smoothing_bias, model->smoothing.bias, model->n_labels);
	}
	return r;
}

static int print_row(FILE *file, const struct hk_param *row, const void *strct)
{
	char text[HK_INI_MAX_LINE];
	const int r = hk_param_print(row, strct, text, sizeof(text));
	if (r == 0 && (text[0] != '\0' || !row->fallback)) {
		fprintf(file, "%s = %s\n", row->key, text);
	}
	return r;
}

static int print_section(FILE *file, const char *section, const char *name,
	const struct hk_param *table, size_t n_rows, const void *strct)
{
	int r = 0;
	fprintf(file, "\n[%s%s]\n", section, name);
	for (size_t i = 0; i < n_rows && r == 0; i++) {
		r = print_row(file, &table[i], strct);
	}
	return r;
}

/* The sections that are not in the table, before [files]. */
static int print_model(FILE *file, const struct hk_model *model)
{
	int r = 0;
	for (uint32_t i = 0; i < model->n_labels && r == 0; i++) {
		r = print_section(file, HK_MODEL_INI_CLASS, model->labels[i], hk_class_params,
			hk_n_class_params, &model->rules[i]);
	}
	if (r == 0 && model->training) {
		fprintf(file, "\n[training]\n%s", model->training);
	}
	return r;
}

/* The rows of SECTION that are in a table of their own. */
static int print_more(FILE *file, const char *section, const struct hk_model *model)
{
	const struct hk_profile *profile = model->profile.profile;
	int r = 0;
	for (size_t i = 0; strcmp(section, "profile") == 0 && i < profile->n_params && r == 0;
		i++) {
		r = print_row(file, &profile->params[i], model->profile.config);
	}
	for (size_t i = 0;
		strcmp(section, HK_MODEL_INI_SMOOTHING) == 0 && i < hk_n_smoothing_params && r == 0;
		i++) {
		r = print_row(file, &hk_smoothing_params[i], &model->smoothing);
	}
	return r;
}

/* Without smoothing there is nothing to say about it. */
static bool is_printed(const struct hk_param *row, const struct hk_model *model)
{
	return strcmp(row->section, HK_MODEL_INI_SMOOTHING) != 0 ||
		model->smoothing.method != HK_SMOOTHING_NONE;
}

static int print_all(
	FILE *file, const struct hk_model *model, const struct hk_model_ini_values *values)
{
	const char *section = "";
	int r = 0;
	for (size_t i = 0; i < hk_n_model_ini_params && r == 0; i++) {
		if (!is_printed(&hk_model_ini_params[i], model)) {
			continue;
		}
		if (strcmp(section, hk_model_ini_params[i].section) != 0) {
			section = hk_model_ini_params[i].section;
			if (strcmp(section, "files") == 0 && (r = print_model(file, model)) < 0) {
				return r;
			}
			fprintf(file, "%s[%s]\n", i > 0 ? "\n" : "", section);
		}
		r = print_row(file, &hk_model_ini_params[i], values);
		if (r == 0) {
			r = print_more(file, section, model);
		}
	}
	return r;
}

int hk_model_ini_print(const struct hk_model *model, const struct hk_model_hashes *hashes,
	char **ret_text, size_t *ret_length, struct hk_diag *diag)
{
	struct hk_model_ini_values values = { 0 };
	if (values_of(model, hashes, &values) < 0) {
		return hk_diag_set(diag, -EINVAL, "labels, slope or bias: too long for a line");
	}
	struct hk_text_buffer text;
	char *data;
	size_t length;
	int r = hk_text_buffer_begin(&text);
	if (r < 0) {
		return r;
	}
	const int printed = print_all(text.file, model, &values);
	r = hk_text_buffer_end(&text, &data, &length);
	if (r < 0) {
		return r;
	}
	if (printed < 0) {
		free(data);
		return hk_diag_set(diag, -EINVAL, "a value is too long for a line");
	}
	*ret_text = data;
	*ret_length = length;
	return 0;
}
