/* SPDX-License-Identifier: MIT */
/*
 * load: from the files of a configuration to settings and to the rules of a model's classes.
 *
 * Every key is known or the file is refused; every fault names file, line, key and what was
 * expected. Main thread only; not real-time.
 */
#pragma once

#include "config/layers.h"
#include "config/settings.h"
#include "core/base/ini_file.h"
#include "core/model/model.h"

struct hk_config {
	size_t n_layers;
	size_t n_common;        /* the first of them are of all instances */
	struct hk_ini **layers; /* one a file; the last goes over all before it */
};

/*
 * Read LAYERS, one over the other, over SETTINGS, which hold the defaults. A file that names a
 * device or an input replaces what those before it say of either. The sections [class NAME] are
 * checked as far as they can be without a model and stay in *RET (owner: the caller,
 * hk_config_free). Returns 0; a negative errno with DIAG; SETTINGS may then be half read, *ret is
 * untouched.
 */
int hk_config_load(struct hk_settings *settings, struct hk_config **ret,
	const struct hk_layers *layers, struct hk_diag *diag);

void hk_config_free(struct hk_config *config);

/*
 * The rules of MODEL's classes: the bundle's suggestions with [class NAME] of CONFIG over them.
 * Shapes: ret_rules[model->n_labels].
 * A class that MODEL lacks is an error in a file of this instance. In a file of all instances,
 * whose models may differ, its section is ignored: hk_config_foreign_class. Returns 0; -EINVAL with
 * DIAG: no such class in MODEL, rules that cannot be.
 */
int hk_config_class_rules(const struct hk_config *config, const struct hk_model *model,
	struct hk_class_rules *ret_rules, struct hk_diag *diag);

/*
 * The next section [class NAME] in a file of all instances that MODEL has no class for. *AT: 0 at
 * first. Returns false: no more; else RET_DIAG names file, line, class and what was expected.
 */
bool hk_config_foreign_class(const struct hk_config *config, const struct hk_model *model,
	size_t *at, struct hk_diag *ret_diag);

/*
 * The entry that a setting has its value from, and its file; NULL: the default. For `device` and
 * `input` of [audio] that is an entry of either: the one that was named last replaced both.
 */
const struct hk_ini_entry *hk_config_setting_origin(const struct hk_config *config,
	const struct hk_param *setting, const struct hk_ini **ret_file);

/* The same with KEY of [class LABEL]; NULL: the model's. */
const struct hk_ini_entry *hk_config_rule_origin(const struct hk_config *config, const char *label,
	const char *key, const struct hk_ini **ret_file);
