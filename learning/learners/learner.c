/* SPDX-License-Identifier: MIT */
#include "learning/learners/learner.h"

#include <errno.h>

const struct hk_learner *const hk_learners[] = { &hk_learner_svc_ovr, &hk_learner_svc_ovo,
	&hk_learner_svc_reduced, &hk_learner_ridge, &hk_learner_svc_linear, &hk_learner_logistic,
	&hk_learner_logistic_ovr, NULL };
const char *const hk_learner_names[] = { "svc-ovr", "svc-ovo", "svc-reduced", "ridge", "svc-linear",
	"logistic", "logistic-ovr", "auto", NULL };

int hk_lesson_too_large(const struct hk_lesson *lesson, size_t needed, struct hk_diag *diag)
{
	return hk_diag_set(diag, -EFBIG,
		"%zu windows of %zu values take %.0f MiB to learn from, %.0f are allowed",
		lesson->n_rows, lesson->n_features, (double)needed / 0x1p20,
		(double)lesson->memory / 0x1p20);
}
