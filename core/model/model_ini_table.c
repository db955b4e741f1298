/* SPDX-License-Identifier: MIT */
#include "core/model/model_ini_internal.h"

#define MAX_WINDOW_FRAMES (1 << 24)

const char *const hk_calibration_names[] = { "none", "softmax", "sigmoid", "libsvm", NULL };

#define AT(member_) HK_PARAM_AT(struct hk_model_ini_values, member_)

const struct hk_param hk_model_ini_params[] = {
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
	{ "calibration", "method", HK_PARAM_ENUM, AT(method), .words = hk_calibration_names },
	{ "calibration", "slope", HK_PARAM_STRING, AT(slope), .fallback = "" },
	{ "calibration", "bias", HK_PARAM_STRING, AT(bias), .fallback = "" },
	{ HK_MODEL_INI_SMOOTHING, "bias", HK_PARAM_STRING, AT(smoothing_bias), .fallback = "" },
	{ "files", HK_MODEL_SCALER, HK_PARAM_STRING, AT(scaler_hash) },
	{ "files", HK_MODEL_SVM, HK_PARAM_STRING, AT(svm_hash) },
	{ "files", HK_MODEL_VECTORS, HK_PARAM_STRING, AT(vectors_hash), .fallback = "" },
};
const size_t hk_n_model_ini_params = sizeof(hk_model_ini_params) / sizeof(hk_model_ini_params[0]);

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

uint32_t hk_calibration_n_slopes(enum hk_calibration_method method, uint32_t n_labels)
{
	return list_length(calibration_lists[method].slope, n_labels);
}

uint32_t hk_calibration_n_biases(enum hk_calibration_method method, uint32_t n_labels)
{
	return list_length(calibration_lists[method].bias, n_labels);
}
