/* SPDX-License-Identifier: MIT */
#include "core/model/smoothing.h"

#define LONGEST_LAG_S 60.0

static const char *const method_names[] = { "none", "hmm", NULL };

#define AT(member) HK_PARAM_AT(struct hk_smoothing, member)

const struct hk_param hk_smoothing_params[] = {
	{ "smoothing", "method", HK_PARAM_ENUM, AT(method), .words = method_names,
		.fallback = "none" },
	{ "smoothing", "stay", HK_PARAM_DOUBLE, AT(stay), .min = 0, .max = 100, .fallback = "6" },
	{ "smoothing", "lag", HK_PARAM_DURATION, AT(lag_s), .min = 0, .max = LONGEST_LAG_S,
		.fallback = "2 s", .unit = "s" },
	{ "smoothing", "cap", HK_PARAM_DOUBLE, AT(cap), .min = 0.1, .max = 50, .fallback = "5" },
	{ "smoothing", "gate_dbfs", HK_PARAM_DOUBLE, AT(gate_dbfs), .min = HK_GATE_OPEN_DBFS,
		.max = 0, .fallback = "-200" },
};

const size_t hk_n_smoothing_params = sizeof(hk_smoothing_params) / sizeof(hk_smoothing_params[0]);
