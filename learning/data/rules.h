/* SPDX-License-Identifier: MIT */
/*
 * rules: what a new bundle suggests for each class (detector.h).
 *
 * The defaults, but that the classes named `silence` and `other` make no events; over them the
 * [class NAME] sections of an INI file.
 */
#pragma once

#include <stdint.h>

#include "core/base/diag.h"
#include "core/detection/detector.h"
#include "core/model/model.h"

/*
 * Shapes: labels[n_labels], ret_rules[n_labels]. PATH: the INI file, or NULL.
 * Returns 0; as hk_ini_read; -EINVAL with DIAG (a section that is no class, a wrong key or value,
 * rules that contradict each other).
 */
int hk_rules_read(struct hk_class_rules *ret_rules, char (*labels)[HK_LABEL_SIZE],
	uint32_t n_labels, const char *path, struct hk_diag *diag);
