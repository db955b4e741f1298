/* SPDX-License-Identifier: MIT */
#include "core/model_ini.h"

#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/ini_file.h"
#include "core/params.h"
#include "core/scan.h"
#include "core/text.h"

#define MAX_FEATURES (1 << 20)
#define MAX_WINDOW_FRAMES (1 << 24)
#define MAX_CALIBRATION 1e6
#define LIST_SIZE (HK_INI_MAX_LINE - 64) /* bytes of a list's text, with room for its key */

#define CLASS_SECTION "class "
#define SMOOTHING "smoothing"
#define LABEL_CHARACTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-."

/* The values of model.ini as the table below describes them. */
struct values {
	uint32_t format;
	char name[HK_LABEL_SIZE];
	char description[sizeof(((struct hk_model *)0)->description)];
	char labels[LIST_SIZE];
	uint32_t rate_hz, window_frames, step_frames;
	char profile[HK_LABEL_SIZE];
	double clip;
	uint32_t method; /* enum hk_calibration_method */
	char slope[LIST_SIZE], bias[LIST_SIZE];
	char smoothing_bias[LIST_SIZE];
	char scaler_hash[HK_SHA256_TEXT_SIZE], svm_hash[HK_SHA256_TEXT_SIZE];
	char vectors_hash[HK_SHA256_TEXT_SIZE];
};

static const char *const method_names[] = { "none", "softmax", "sigmoid", "libsvm", NULL };

#define AT(member_) HK_PARAM_AT(struct values, member_)

static const struct hk_param params[] = {
	{ "model", "format", HK_PARAM_UINT, AT(format), .max = UINT32_MAX },
	{ "model", "name", HK_PARAM_STRING, AT(name) },
	{ "model", "description", HK_PARAM_STRING, AT(description), .fallback = "" },
	{ "model", "labels", HK_PARAM_STRING, AT(labels) },
	{ "audio", "rate_hz", HK_PARAM_UINT, AT(rate_hz), .min = 1000, .max = 768000,
		.unit = "Hz" },
	{ "audio", "window_frames", HK_PARAM_UINT, AT(window_frames), .min = 1,
		.max = MAX_WINDOW_FRAMES },
	{ "audio", "step_frames", HK_PARAM_UINT, AT(step_frames), .min = 1,
		.max = MAX_WINDOW_FRAMES },
	{ "profile", "name", HK_PARAM_STRING, AT(profile) },
	{ "classifier", "clip", HK_PARAM_DOUBLE, AT(clip), .min = 0, .max = HK_SCALER_LIMIT,
		.fallback = "0" },
	{ "calibration", "method", HK_PARAM_ENUM, AT(method), .words = method_names },
	{ "calibration", "slope", HK_PARAM_STRING, AT(slope), .fallback = "" },
	{ "calibration", "bias", HK_PARAM_STRING, AT(bias), .fallback = "" },
	{ SMOOTHING, "bias", HK_PARAM_STRING, AT(smoothing_bias), .fallback = "" },
	{ "files", HK_MODEL_SCALER, HK_PARAM_STRING, AT(scaler_hash) },
	{ "files", HK_MODEL_SVM, HK_PARAM_STRING, AT(svm_hash) },
	{ "files", HK_MODEL_VECTORS, HK_PARAM_STRING, AT(vectors_hash), .fallback = "" },
};
#define N_PARAMS (sizeof(params) / sizeof(params[0]))

/* How many slopes and biases each method has: none, one, or one a label. */
enum list { LIST_NONE, LIST_ONE, LIST_LABELS };
static const struct {
	enum list slope, bias;
} calibration_lists[] = {
	[HK_CALIBRATION_NONE] = { LIST_NONE, LIST_NONE },
	[HK_CALIBRATION_SOFTMAX] = { LIST_ONE, LIST_LABELS },
	[HK_CALIBRATION_SIGMOID] = { LIST_LABELS, LIST_LABELS },
	[HK_CALIBRATION_LIBSVM] = { LIST_NONE, LIST_NONE },
};

static uint32_t list_length(enum list list, uint32_t n_labels)
{
	return list == LIST_LABELS ? n_labels : list == LIST_ONE ? 1 : 0;
}

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
	struct hk_text text;
	const int r = hk_text_begin(&text);
	if (r < 0) {
		return r;
	}
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_section(entry, "training")) {
			fprintf(text.file, "%s = %s\n", entry->key, entry->value);
		}
	}
	return hk_text_end(&text, &model->training, NULL);
}

/* Does the table of this file describe ENTRY? */
static bool is_own(const struct hk_ini_entry *entry)
{
	return !is_section(entry, "training") &&
		strncmp(entry->section, CLASS_SECTION, strlen(CLASS_SECTION)) != 0 &&
		(!is_section(entry, "profile") || strcmp(entry->key, "name") == 0) &&
		(!is_section(entry, SMOOTHING) || strcmp(entry->key, "bias") == 0);
}

static int read_values(const struct hk_ini *ini, struct values *values, struct hk_diag *diag)
{
	hk_params_defaults(params, N_PARAMS, values);
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_own(entry) && hk_ini_apply(ini, entry, params, N_PARAMS, values, diag) < 0) {
			return -EINVAL;
		}
	}
	const int r = check_complete(ini, params, N_PARAMS, NULL, diag);
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
	if (length >= HK_LABEL_SIZE || strspn(word.at, LABEL_CHARACTERS) < length) {
		return refuse(ini, "model", "labels", diag,
			"expected at most %d letters, digits, '_', '-' or '.', got \"%.*s\"",
			HK_LABEL_SIZE - 1, HK_SPAN_ARG(word));
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

static int take_labels(const struct hk_ini *ini, const struct values *values,
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
		: refuse(ini, "model", "labels", diag, "expected 2 to %d labels apart by blanks",
			  HK_MAX_CLASSES);
}

static int take_profile(const struct hk_ini *ini, const struct values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	const struct hk_profile *profile = hk_profile_find(values->profile);
	if (!profile) {
		return refuse(ini, "profile", "name", diag, "no profile \"%s\" is known",
			values->profile);
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

static int take_calibration(const struct hk_ini *ini, const struct values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	const char *method = method_names[values->method];
	model->calibration.method = values->method;
	const uint32_t n_slopes =
		list_length(calibration_lists[values->method].slope, model->n_labels);
	const uint32_t n_biases =
		list_length(calibration_lists[values->method].bias, model->n_labels);
	const int r = take_reals(ini, "calibration", "slope", values->slope, method, n_slopes,
		model->calibration.slope, diag);
	return r < 0 ? r
		     : take_reals(ini, "calibration", "bias", values->bias, method, n_biases,
			       model->calibration.bias, diag);
}

static int take_smoothing(const struct hk_ini *ini, const struct values *values,
	struct hk_model *model, struct hk_diag *diag)
{
	hk_params_defaults(hk_smoothing_params, hk_n_smoothing_params, &model->smoothing);
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (is_section(entry, SMOOTHING) && !is_own(entry) &&
			hk_ini_apply(ini, entry, hk_smoothing_params, hk_n_smoothing_params,
				&model->smoothing, diag) < 0) {
			return -EINVAL;
		}
	}
	const char *method = hk_smoothing_params[0].words[model->smoothing.method];
	const bool has_bias =
		model->smoothing.method != HK_SMOOTHING_NONE && values->smoothing_bias[0] != '\0';
	return take_reals(ini, SMOOTHING, "bias", values->smoothing_bias, method,
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
		if (strncmp(entry->section, CLASS_SECTION, strlen(CLASS_SECTION)) != 0) {
			continue;
		}
		const int label = hk_model_label(model, entry->section + strlen(CLASS_SECTION));
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
			return hk_diag_set(diag, -EINVAL, "%s: [" CLASS_SECTION "%s] %s", ini->path,
				model->labels[i], reason.text);
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

static int take_values(const struct hk_ini *ini, const struct values *values,
	struct hk_model *model, struct hk_model_hashes *ret_hashes, struct hk_diag *diag)
{
	memcpy(model->name, values->name, sizeof(model->name));
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
	struct values values = { 0 };
	if ((r = read_values(ini, &values, diag)) == 0 && (r = read_training(ini, model)) == 0) {
		r = take_values(ini, &values, model, ret_hashes, diag);
	}
	hk_ini_free(ini);
	return r;
}

/* Append to the list TEXT of LIST_SIZE bytes. */
static int append_word(char *text, const char *word)
{
	const size_t length = strlen(text);
	const int n =
		snprintf(text + length, LIST_SIZE - length, "%s%s", length > 0 ? " " : "", word);
	return n >= 0 && (size_t)n < LIST_SIZE - length ? 0 : -ENOSPC;
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
static int values_of(
	const struct hk_model *model, const struct hk_model_hashes *hashes, struct values *values)
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
			list_length(calibration_lists[values->method].slope, model->n_labels));
	}
	if (r == 0) {
		r = append_reals(values->bias, calibration->bias,
			list_length(calibration_lists[values->method].bias, model->n_labels));
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
		r = print_section(file, CLASS_SECTION, model->labels[i], hk_class_params,
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
	for (size_t i = 0; strcmp(section, SMOOTHING) == 0 && i < hk_n_smoothing_params && r == 0;
		i++) {
		r = print_row(file, &hk_smoothing_params[i], &model->smoothing);
	}
	return r;
}

/* Without smoothing there is nothing to say about it. */
static bool is_printed(const struct hk_param *row, const struct hk_model *model)
{
	return strcmp(row->section, SMOOTHING) != 0 || model->smoothing.method != HK_SMOOTHING_NONE;
}

static int print_all(FILE *file, const struct hk_model *model, const struct values *values)
{
	const char *section = "";
	int r = 0;
	for (size_t i = 0; i < N_PARAMS && r == 0; i++) {
		if (!is_printed(&params[i], model)) {
			continue;
		}
		if (strcmp(section, params[i].section) != 0) {
			section = params[i].section;
			if (strcmp(section, "files") == 0 && (r = print_model(file, model)) < 0) {
				return r;
			}
			fprintf(file, "%s[%s]\n", i > 0 ? "\n" : "", section);
		}
		r = print_row(file, &params[i], values);
		if (r == 0) {
			r = print_more(file, section, model);
		}
	}
	return r;
}

int hk_model_ini_print(const struct hk_model *model, const struct hk_model_hashes *hashes,
	char **ret_text, size_t *ret_length, struct hk_diag *diag)
{
	struct values values = { 0 };
	if (values_of(model, hashes, &values) < 0) {
		return hk_diag_set(diag, -EINVAL, "labels, slope or bias: too long for a line");
	}
	struct hk_text text;
	char *data;
	size_t length;
	int r = hk_text_begin(&text);
	if (r < 0) {
		return r;
	}
	const int printed = print_all(text.file, model, &values);
	r = hk_text_end(&text, &data, &length);
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
