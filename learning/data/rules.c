/* SPDX-License-Identifier: MIT */
#include "learning/data/rules.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "core/base/ini_file.h"

#define MAX_FILE_SIZE (1 << 20)
#define CLASS_PREFIX "class "

/* Classes that are known so that others are not taken for them. */
static bool is_background(const char *label)
{
	return strcmp(label, "silence") == 0 || strcmp(label, "other") == 0;
}

/* The class a section speaks of: index of its label, or N_LABELS. */
static uint32_t class_of(const char *section, char (*labels)[HK_LABEL_SIZE], uint32_t n_labels)
{
	const size_t n_prefix = strlen(CLASS_PREFIX);
	uint32_t c = n_labels;
	if (strncmp(section, CLASS_PREFIX, n_prefix) == 0) {
		for (c = 0; c < n_labels && strcmp(section + n_prefix, labels[c]) != 0; c++) {}
	}
	return c;
}

static int apply(struct hk_class_rules *rules, const struct hk_ini *ini,
	char (*labels)[HK_LABEL_SIZE], uint32_t n_labels, struct hk_diag *diag)
{
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		const uint32_t c = class_of(entry->section, labels, n_labels);
		if (c == n_labels) {
			return hk_diag_set(diag, -EINVAL,
				"%s:%u: expected sections [class NAME] of the classes that are "
				"trained, got [%s]",
				ini->path, entry->line, entry->section);
		}
		const int r = hk_ini_apply(
			ini, entry, hk_class_params, hk_n_class_params, &rules[c], diag);
		if (r < 0) {
			return r;
		}
	}
	for (uint32_t c = 0; c < n_labels; c++) {
		struct hk_diag why;
		if (hk_class_rules_check(&rules[c], &why) < 0) {
			return hk_diag_set(diag, -EINVAL, "%s: [class %s]: %s", ini->path,
				labels[c], why.text);
		}
	}
	return 0;
}

int hk_rules_read(struct hk_class_rules *ret_rules, char (*labels)[HK_LABEL_SIZE],
	uint32_t n_labels, const char *path, struct hk_diag *diag)
{
	for (uint32_t c = 0; c < n_labels; c++) {
		hk_params_defaults(hk_class_params, hk_n_class_params, &ret_rules[c]);
		ret_rules[c].event = !is_background(labels[c]);
	}
	if (!path) {
		return 0;
	}
	struct hk_ini *ini;
	int r = hk_ini_read(&ini, path, MAX_FILE_SIZE, diag);
	if (r < 0) {
		return r;
	}
	r = apply(ret_rules, ini, labels, n_labels, diag);
	hk_ini_free(ini);
	return r;
}
