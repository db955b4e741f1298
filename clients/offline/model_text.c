/* SPDX-License-Identifier: MIT */
#include "clients/offline/model_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clients/cli/table.h"
#include "core/base/printable.h"
#include "learning/learners/learner.h"

#define VALUE_SIZE 4096 /* of one parameter as text */

static const char *const kernel_names[] = {
	[HK_KERNEL_LINEAR] = "linear",
	[HK_KERNEL_POLYNOMIAL] = "polynomial",
	[HK_KERNEL_RBF] = "rbf",
	[HK_KERNEL_SIGMOID] = "sigmoid",
};

static const char *const decision_names[] = {
	[HK_SVM_ONE_VS_ONE] = "one-vs-one",
	[HK_SVM_ONE_VS_REST] = "one-vs-rest",
};

static const char *const calibration_names[] = {
	[HK_CALIBRATION_NONE] = "none",
	[HK_CALIBRATION_SOFTMAX] = "softmax",
	[HK_CALIBRATION_SIGMOID] = "sigmoid",
	[HK_CALIBRATION_LIBSVM] = "libsvm",
};

static double seconds(const struct hk_model *model, uint32_t n_frames)
{
	return (double)n_frames / model->rate_hz;
}

static json_t *param_json(const struct hk_param *row, const void *strct)
{
	const void *value = (const char *)strct + row->offset;
	char text[VALUE_SIZE];
	switch (row->type) {
	case HK_PARAM_BOOL:
		return json_boolean(*(const bool *)value);
	case HK_PARAM_UINT:
		return json_integer(*(const uint32_t *)value);
	case HK_PARAM_DOUBLE:
	case HK_PARAM_DURATION:
		return hk_json_number(*(const double *)value);
	default:
		return hk_param_print(row, strct, text, sizeof(text)) == 0 ? hk_json_text(text)
									   : json_null();
	}
}

static json_t *params_json(const struct hk_param *table, size_t n_rows, const void *strct)
{
	json_t *object = json_object();
	for (size_t i = 0; i < n_rows; i++) {
		json_object_set_new(object, table[i].key, param_json(&table[i], strct));
	}
	return object;
}

/* "key = value" lines as an object of strings. */
static json_t *training_json(const char *text)
{
	json_t *object = json_object();
	while (text && *text) {
		const size_t length = strcspn(text, "\n");
		char line[VALUE_SIZE];
		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		char *value = strstr(line, " = ");
		if (value) {
			*value = '\0';
			json_object_set_new(object, line, hk_json_text(value + strlen(" = ")));
		}
		text += length + (text[length] == '\n');
	}
	return object;
}

/* What MODEL was learnt with by its own word; NULL: it does not say, or hearken does not know it.
 */
static const struct hk_learner *learner_of(const struct hk_model *model)
{
	json_t *training = training_json(model->training);
	const char *name = json_string_value(json_object_get(training, "classifier"));
	const struct hk_learner *learner = NULL;
	for (size_t i = 0; name && hk_learners[i] && !learner; i++) {
		learner = strcmp(hk_learners[i]->name, name) == 0 ? hk_learners[i] : NULL;
	}
	json_decref(training);
	return learner;
}

/* What the rows of the matrix are. */
static const char *vectors_name(const struct hk_model *model)
{
	const struct hk_learner *learner = learner_of(model);
	const bool are_landmarks =
		learner == &hk_learner_ridge || learner == &hk_learner_svc_reduced;
	return hk_svm_is_weights(&model->svm) ? "weight vectors"
		: are_landmarks               ? "landmarks"
					      : "support vectors";
}

static json_t *calibration_json(const struct hk_model *model)
{
	const struct hk_calibration *calibration = &model->calibration;
	json_t *object = json_pack("{s:s}", "method", calibration_names[calibration->method]);
	if (calibration->method == HK_CALIBRATION_SOFTMAX) {
		json_object_set_new(object, "slope", json_real(calibration->slope[0]));
	}
	json_t *slopes = json_object(), *biases = json_object();
	for (uint32_t i = 0; i < model->n_labels; i++) {
		json_object_set_new(slopes, model->labels[i], json_real(calibration->slope[i]));
		json_object_set_new(biases, model->labels[i], json_real(calibration->bias[i]));
	}
	if (calibration->method == HK_CALIBRATION_SIGMOID) {
		json_object_set(object, "slope", slopes);
	}
	if (calibration->method == HK_CALIBRATION_SOFTMAX ||
		calibration->method == HK_CALIBRATION_SIGMOID) {
		json_object_set(object, "bias", biases);
	}
	json_decref(slopes);
	json_decref(biases);
	return object;
}

static json_t *smoothing_json(const struct hk_model *model)
{
	json_t *object = params_json(hk_smoothing_params, hk_n_smoothing_params, &model->smoothing);
	json_t *biases = json_object();
	for (uint32_t i = 0; i < model->n_labels; i++) {
		json_object_set_new(biases, model->labels[i], json_real(model->smoothing.bias[i]));
	}
	json_object_set_new(object, "bias", biases);
	return object;
}

json_t *hk_model_json(const struct hk_model *model, const char *path, uint64_t n_bytes)
{
	const struct hk_profile *profile = model->profile.profile;
	const struct hk_svm *svm = &model->svm;
	const struct hk_learner *learner = learner_of(model);
	json_t *labels = json_array(), *classes = json_object();
	for (uint32_t i = 0; i < model->n_labels; i++) {
		json_array_append_new(labels, json_string(model->labels[i]));
		json_object_set_new(classes, model->labels[i],
			params_json(hk_class_params, hk_n_class_params, &model->rules[i]));
	}
	json_t *audio = json_pack("{s:i, s:i, s:i, s:f, s:f}", "rate_hz", (int)model->rate_hz,
		"window_frames", (int)model->n_window_frames, "step_frames",
		(int)model->n_step_frames, "window_s", seconds(model, model->n_window_frames),
		"step_s", seconds(model, model->n_step_frames));
	json_t *classifier = json_pack("{s:s?, s:s, s:s, s:i, s:f, s:f, s:I, s:I, s:f}", "method",
		learner ? learner->title : NULL, "kernel", kernel_names[svm->kernel], "decision",
		decision_names[svm->decision], "degree", (int)svm->degree, "gamma", svm->gamma,
		"coef0", svm->coef0, "vectors", (json_int_t)svm->n_vectors, "features",
		(json_int_t)svm->n_features, "clip", (double)model->scaler.clip);
	return json_pack(
		"{s:o, s:s, s:o, s:s, s:I, s:o, s:o, s:{s:s, s:o}, s:o, s:o, s:o, s:o, s:o}",
		"path", hk_json_text(path), "name", model->name, "description",
		hk_json_text(model->description), "hash", model->hash, "bytes", (json_int_t)n_bytes,
		"labels", labels, "audio", audio, "profile", "name", profile->name, "parameters",
		params_json(profile->params, profile->n_params, model->profile.config),
		"classifier", classifier, "calibration", calibration_json(model), "smoothing",
		smoothing_json(model), "classes", classes, "training",
		training_json(model->training));
}

static void print_heading(struct hk_output *out, const char *heading)
{
	hk_output_text(out, "\n");
	hk_output_coloured(out, HK_COLOUR_BOLD, heading);
	hk_output_text(out, "\n");
}

static void print_params(
	struct hk_output *out, const struct hk_param *table, size_t n_rows, const void *strct)
{
	for (size_t i = 0; i < n_rows; i++) {
		char text[VALUE_SIZE];
		if (hk_param_print(&table[i], strct, text, sizeof(text)) == 0) {
			/* A duration is printed with its unit. */
			const bool bare = table[i].type != HK_PARAM_DURATION && table[i].unit;
			const char *unit = bare ? table[i].unit : "";
			hk_output_text(out, "  %-18s %s%s%s\n", table[i].key, text,
				*unit ? " " : "", unit);
		}
	}
}

/* Outside text, line by line, with control characters made visible. */
static void print_lines(struct hk_output *out, const char *text)
{
	while (text && *text) {
		const size_t length = strcspn(text, "\n");
		char line[VALUE_SIZE], shown[VALUE_SIZE];
		snprintf(line, sizeof(line), "%.*s", (int)length, text);
		hk_printable(line, shown, sizeof(shown));
		hk_output_text(out, "  %s\n", shown);
		text += length + (text[length] == '\n');
	}
}

static void print_classifier(const struct hk_model *model, struct hk_output *out)
{
	const struct hk_svm *svm = &model->svm;
	const struct hk_learner *learner = learner_of(model);
	if (learner) {
		hk_output_text(out, "  %s (%s)\n", learner->title, learner->name);
	}
	hk_output_text(out, "  %" PRIu32 " %s of %" PRIu32 " features, %s, %s kernel",
		svm->n_vectors, vectors_name(model), svm->n_features, decision_names[svm->decision],
		kernel_names[svm->kernel]);
	if (svm->kernel == HK_KERNEL_POLYNOMIAL) {
		hk_output_text(out, ", degree %" PRIu32, svm->degree);
	}
	if (svm->kernel != HK_KERNEL_LINEAR) {
		hk_output_text(out, ", gamma %.6g", svm->gamma);
	}
	if (svm->kernel == HK_KERNEL_POLYNOMIAL || svm->kernel == HK_KERNEL_SIGMOID) {
		hk_output_text(out, ", coef0 %.6g", svm->coef0);
	}
	if (model->scaler.clip > 0) {
		hk_output_text(
			out, ", scaled features limited to +-%g", (double)model->scaler.clip);
	}
	const enum hk_calibration_method method = model->calibration.method;
	hk_output_text(out, "\n  calibration: %s%s\n", calibration_names[method],
		method == HK_CALIBRATION_NONE
			? ": the probabilities are an order of the classes, not probabilities"
			: "");
}

static void print_smoothing(const struct hk_model *model, struct hk_output *out)
{
	print_heading(out, "Smoothing");
	print_params(out, hk_smoothing_params, hk_n_smoothing_params, &model->smoothing);
	for (uint32_t i = 0; i < model->n_labels; i++) {
		const size_t width = hk_text_width(model->labels[i]);
		hk_output_text(out, "  bias of %s%*s %.6g\n", model->labels[i],
			width < 10 ? (int)(10 - width) : 0, "", model->smoothing.bias[i]);
	}
}

void hk_model_print(
	const struct hk_model *model, const char *path, uint64_t n_bytes, struct hk_output *out)
{
	const struct hk_profile *profile = model->profile.profile;
	char text[VALUE_SIZE];
	hk_output_coloured(out, HK_COLOUR_BOLD, model->name);
	hk_printable(path, text, sizeof(text));
	hk_output_text(out, "  %s, %.1f MB\n", text, (double)n_bytes / 1e6);
	if (*model->description) {
		hk_printable(model->description, text, sizeof(text));
		hk_output_text(out, "%s\n", text);
	}
	hk_output_text(out, "SHA-256 %s\n", model->hash);

	print_heading(out, "Audio");
	hk_output_text(out, "  %" PRIu32 " Hz, windows of %.6g s every %.6g s\n", model->rate_hz,
		seconds(model, model->n_window_frames), seconds(model, model->n_step_frames));

	print_heading(out, "Classifier");
	print_classifier(model, out);

	snprintf(text, sizeof(text), "Profile %s", profile->name);
	print_heading(out, text);
	print_params(out, profile->params, profile->n_params, model->profile.config);

	if (model->smoothing.method != HK_SMOOTHING_NONE) {
		print_smoothing(model, out);
	}
	for (uint32_t i = 0; i < model->n_labels; i++) {
		snprintf(text, sizeof(text), "Class %s", model->labels[i]);
		print_heading(out, text);
		print_params(out, hk_class_params, hk_n_class_params, &model->rules[i]);
	}
	if (model->training && *model->training) {
		print_heading(out, "Training");
		print_lines(out, model->training);
	}
}
