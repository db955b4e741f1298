/* SPDX-License-Identifier: MIT */
#include "core/model/class_rules.h"

#include <errno.h>
#include <stddef.h>

#define SHORTEST_MAX_DURATION_S 1.0 /* a cut a second is the most that makes sense */
#define LONGEST_S (366.0 * 86400.0)

const char *const hk_priority_words[] = { "emerg", "alert", "crit", "err", "warning", "notice",
	"info", "debug", NULL };

#define AT(member) HK_PARAM_AT(struct hk_class_rules, member)

const struct hk_param hk_class_params[] = {
	{ NULL, "enabled", HK_PARAM_BOOL, AT(enabled), .fallback = "yes",
		.help = "Watch for this class" },
	{ NULL, "event", HK_PARAM_BOOL, AT(event), .fallback = "yes",
		.help = "Make events of this class; no for classes such as silence and other" },
	{ NULL, "on", HK_PARAM_DOUBLE, AT(on), .min = 0, .max = 1, .fallback = "0.6",
		.help = "Probability from which a window counts towards the start of an event" },
	{ NULL, "off", HK_PARAM_DOUBLE, AT(off), .min = 0, .max = 1, .fallback = "0.4",
		.help = "Probability from which a window keeps an event going; at most on" },
	{ NULL, "confirm", HK_PARAM_K_OF_N, AT(confirm), .min = 1, .max = HK_MAX_CONFIRM,
		.fallback = "2 of 3",
		.help = "An event starts when K of the last N windows counted" },
	{ NULL, "sure_on", HK_PARAM_DOUBLE, AT(sure_on), .min = 0, .max = 1, .fallback = "0",
		.help = "Probability from which a window is unmistakable; 0: none is" },
	{ NULL, "sure_confirm", HK_PARAM_K_OF_N, AT(sure_confirm), .min = 1, .max = HK_MAX_CONFIRM,
		.fallback = "2 of 2",
		.help = "An event also starts when K of the last N windows were unmistakable" },
	{ NULL, "faint_on", HK_PARAM_DOUBLE, AT(faint_on), .min = 0, .max = 1, .fallback = "0",
		.help = "Probability, before smoothing, from which a window is faint evidence; 0: none "
			"is" },
	{ NULL, "faint_confirm", HK_PARAM_K_OF_N, AT(faint_confirm), .min = 1,
		.max = HK_MAX_CONFIRM, .fallback = "9 of 10",
		.help = "An event also starts when K of the last N windows were faint evidence" },
	{ NULL, "release", HK_PARAM_DURATION, AT(release_s), .min = 0, .max = LONGEST_S,
		.fallback = "2 s", .unit = "s",
		.help = "An event ends when no window kept it going for this long" },
	{ NULL, "refractory", HK_PARAM_DURATION, AT(refractory_s), .min = 0, .max = LONGEST_S,
		.fallback = "0 s", .unit = "s",
		.help = "After an event nothing counts towards the next one for this long" },
	{ NULL, "min_duration", HK_PARAM_DURATION, AT(min_duration_s), .min = 0, .max = LONGEST_S,
		.fallback = "0 s", .unit = "s",
		.help = "Events that stay shorter than this are not reported" },
	{ NULL, "max_duration", HK_PARAM_DURATION, AT(max_duration_s), .min = 0, .max = LONGEST_S,
		.fallback = "0 s", .unit = "s",
		.help = "A longer event is ended and goes on as a new one; 0: no limit" },
	{ NULL, "priority", HK_PARAM_ENUM, AT(priority), .words = hk_priority_words,
		.fallback = "notice", .help = "Priority of the journal records of this class" },
};

const size_t hk_n_class_params = sizeof(hk_class_params) / sizeof(hk_class_params[0]);

int hk_class_rules_check(const struct hk_class_rules *rules, struct hk_diag *diag)
{
	if (!(rules->on >= 0 && rules->on <= 1) || !(rules->off >= 0)) {
		return hk_diag_set(diag, -EINVAL,
			"on and off: expected probabilities from 0 to 1, got %g and %g", rules->on,
			rules->off);
	}
	if (rules->off > rules->on) {
		return hk_diag_set(diag, -EINVAL, "off: expected at most on (%g), got %g",
			rules->on, rules->off);
	}
	if (rules->sure_on != 0 && !(rules->sure_on >= rules->on && rules->sure_on <= 1)) {
		return hk_diag_set(diag, -EINVAL,
			"sure_on: expected 0 (no such way) or on (%g) to 1, got %g", rules->on,
			rules->sure_on);
	}
	if (!(rules->faint_on >= 0 && rules->faint_on <= 1)) {
		return hk_diag_set(
			diag, -EINVAL, "faint_on: expected 0 to 1, got %g", rules->faint_on);
	}
	const struct {
		const char *key;
		const struct hk_k_of_n *confirm;
		bool used;
	} confirms[] = { { "confirm", &rules->confirm, true },
		{ "sure_confirm", &rules->sure_confirm, rules->sure_on > 0 },
		{ "faint_confirm", &rules->faint_confirm, rules->faint_on > 0 } };
	for (size_t i = 0; i < sizeof(confirms) / sizeof(confirms[0]); i++) {
		const struct hk_k_of_n *confirm = confirms[i].confirm;
		if (confirms[i].used &&
			(confirm->k < 1 || confirm->k > confirm->n ||
				confirm->n > HK_MAX_CONFIRM)) {
			return hk_diag_set(diag, -EINVAL,
				"%s: expected K of N with 1 <= K <= N <= %d, got %u of %u",
				confirms[i].key, HK_MAX_CONFIRM, confirm->k, confirm->n);
		}
	}
	const double durations[] = { rules->release_s, rules->refractory_s, rules->min_duration_s,
		rules->max_duration_s };
	for (size_t i = 0; i < sizeof(durations) / sizeof(durations[0]); i++) {
		if (!(durations[i] >= 0 && durations[i] <= LONGEST_S)) {
			return hk_diag_set(diag, -EINVAL,
				"release, refractory, min_duration and max_duration: expected 0 to %g s, got %g s",
				LONGEST_S, durations[i]);
		}
	}
	if (rules->max_duration_s > 0 && rules->max_duration_s < SHORTEST_MAX_DURATION_S) {
		return hk_diag_set(diag, -EINVAL,
			"max_duration: expected 0 (no limit) or at least %g s, got %g s",
			SHORTEST_MAX_DURATION_S, rules->max_duration_s);
	}
	if (rules->max_duration_s > 0 && rules->max_duration_s < rules->min_duration_s) {
		return hk_diag_set(diag, -EINVAL,
			"max_duration: expected at least min_duration (%g s), got %g s",
			rules->min_duration_s, rules->max_duration_s);
	}
	if (rules->priority > 7) {
		return hk_diag_set(
			diag, -EINVAL, "priority: expected 0 to 7, got %u", rules->priority);
	}
	return 0;
}
