/* SPDX-License-Identifier: MIT */
/*
 * load: from hearken.conf to settings and to the rules of a model's classes.
 *
 * Every key is known or the file is refused; every fault names file, line, key and what was
 * expected. Main thread only; not real-time.
 */
#pragma once

#include "config/settings.h"
#include "core/ini_file.h"
#include "core/model.h"

/*
 * Read PATH over SETTINGS, which hold the defaults. The sections [class NAME] are checked as far as
 * they can be without a model and stay in *RET_INI (owner: the caller, hk_ini_free).
 * Returns 0; a negative errno with DIAG; SETTINGS may then be half read, *ret_ini is untouched.
 */
int hk_config_load(struct hk_settings *settings, struct hk_ini **ret_ini, const char *path,
	struct hk_diag *diag);

/*
 * The rules of MODEL's classes: the bundle's suggestions with [class NAME] of INI over them.
 * Shapes: ret_rules[model->n_labels]. INI may be NULL.
 * Returns 0; -EINVAL with DIAG: no such class in MODEL, rules that cannot be.
 */
int hk_config_class_rules(const struct hk_ini *ini, const struct hk_model *model,
	struct hk_class_rules *ret_rules, struct hk_diag *diag);
