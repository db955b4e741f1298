/* SPDX-License-Identifier: MIT */
/*
 * smoothing: the parameters of the smoother (core/detection/smoother.h) as a bundle holds them.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/params.h"
#include "core/classifier/svm.h"

#define HK_GATE_OPEN_DBFS (-200.0) /* no window is below */

enum hk_smoothing_method { HK_SMOOTHING_NONE, HK_SMOOTHING_HMM };

/* [smoothing] of model.ini. */
struct hk_smoothing {
	uint32_t method;             /* enum hk_smoothing_method */
	double stay;                 /* nats */
	double lag_s;                /* how much of the future is waited for */
	double cap;                  /* of the log-odds */
	double gate_dbfs;            /* windows below speak against every class */
	double bias[HK_MAX_CLASSES]; /* one a label, added to its log-odds */
};

/* The rows of [smoothing] but for `bias`, which is a list. */
extern const struct hk_param hk_smoothing_params[];
extern const size_t hk_n_smoothing_params;
