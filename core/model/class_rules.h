/* SPDX-License-Identifier: MIT */
/*
 * class_rules: by which rules the windows of one class become events. detector.h says what they
 * mean.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/base/params.h"

#define HK_MAX_CONFIRM 64 /* N of `confirm` */

/* One class' rules: [class NAME] of model.ini (suggested) and hearken.conf (the owner's word). */
struct hk_class_rules {
	bool enabled;             /* yes: the class is watched */
	bool event;               /* no: the class is known but makes no events (silence, other) */
	double on;                /* probability, 0..1 */
	double off;               /* probability, 0..on */
	struct hk_k_of_n confirm; /* N <= 64 */
	double sure_on;           /* on..1; 0: no such way */
	struct hk_k_of_n sure_confirm;
	double faint_on; /* 0: no such way */
	struct hk_k_of_n faint_confirm;
	double release_s;
	double refractory_s;
	double min_duration_s;
	double max_duration_s; /* 0: no limit */
	uint32_t priority;     /* index in hk_priority_words: level of the journal record */
};

/* emerg alert crit err warning notice info debug, NULL: the number is the syslog level. */
extern const char *const hk_priority_words[];
extern const struct hk_param hk_class_params[];
extern const size_t hk_n_class_params;

/* Impossible combinations (off > on, max_duration < min_duration, ...). Returns 0, -EINVAL with
 * DIAG (no file name). */
int hk_class_rules_check(const struct hk_class_rules *rules, struct hk_diag *diag);
