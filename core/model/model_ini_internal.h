/* SPDX-License-Identifier: MIT */
/*
 * model_ini_internal: the rows of model.ini that stand in no table of their own. Only model_ini.c,
 * which reads, and model_ini_print.c, which writes, use it.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/ini_file.h"
#include "core/base/params.h"
#include "core/model/model_ini.h"

#define HK_MODEL_INI_CLASS "class "
#define HK_MODEL_INI_SMOOTHING "smoothing"
#define HK_MODEL_INI_LIST_SIZE                                                                     \
	(HK_INI_MAX_LINE - 64) /* bytes of a list's text, with room for its key */

/* The values of model.ini as the table describes them. */
struct hk_model_ini_values {
	uint32_t format;
	char name[HK_LABEL_SIZE];
	char description[sizeof(((struct hk_model *)0)->description)];
	char labels[HK_MODEL_INI_LIST_SIZE];
	uint32_t rate_hz, window_frames, step_frames;
	char profile[HK_LABEL_SIZE];
	double clip;
	uint32_t method; /* enum hk_calibration_method */
	char slope[HK_MODEL_INI_LIST_SIZE], bias[HK_MODEL_INI_LIST_SIZE];
	char smoothing_bias[HK_MODEL_INI_LIST_SIZE];
	char scaler_hash[HK_SHA256_TEXT_SIZE], svm_hash[HK_SHA256_TEXT_SIZE];
	char vectors_hash[HK_SHA256_TEXT_SIZE];
};

extern const struct hk_param hk_model_ini_params[];
extern const size_t hk_n_model_ini_params;

/* Words of `method` in [calibration], NULL-terminated. */
extern const char *const hk_calibration_names[];

/* How many slopes and biases METHOD has. */
uint32_t hk_calibration_n_slopes(enum hk_calibration_method method, uint32_t n_labels);
uint32_t hk_calibration_n_biases(enum hk_calibration_method method, uint32_t n_labels);
