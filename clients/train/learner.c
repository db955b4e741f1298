/* SPDX-License-Identifier: MIT */
#include "clients/train/learner.h"

const struct hk_learner *const hk_learners[] = { &hk_learner_svc_ovr, &hk_learner_svc_ovo,
	&hk_learner_ridge, NULL };
const char *const hk_learner_names[] = { "svc-ovr", "svc-ovo", "ridge", NULL };
