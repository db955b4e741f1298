/* SPDX-License-Identifier: MIT */
#include "config/load.h"

#include <errno.h>
#include <string.h>

#define MAX_FILE_SIZE (1024 * 1024)

/* The NAME of a section "class NAME", or NULL. */
static const char *class_of(const struct hk_ini_entry *entry)
{
	static const char prefix[] = "class ";
	if (strncmp(entry->section, prefix, sizeof(prefix) - 1) != 0) {
		return NULL;
	}
	const char *name = entry->section + sizeof(prefix) - 1;
	return name + strspn(name, " \t");
}

static int apply_entry(struct hk_settings *settings, const struct hk_ini *ini,
	const struct hk_ini_entry *entry, struct hk_diag *diag)
{
	if (class_of(entry)) {
		struct hk_class_rules checked_only;
		return hk_ini_apply(
			ini, entry, hk_class_params, hk_n_class_params, &checked_only, diag);
	}
	return hk_ini_apply(ini, entry, hk_settings_params, hk_n_settings_params, settings, diag);
}

int hk_config_load(struct hk_settings *settings, struct hk_ini **ret_ini, const char *path,
	struct hk_diag *diag)
{
	struct hk_ini *ini = NULL;
	int r = hk_ini_read(&ini, path, MAX_FILE_SIZE, diag);
	for (size_t i = 0; r == 0 && i < ini->n_entries; i++) {
		r = apply_entry(settings, ini, &ini->entries[i], diag);
	}
	if (r < 0) {
		hk_ini_free(ini);
		return r;
	}
	*ret_ini = ini;
	return 0;
}

static int refuse_class(const struct hk_ini *ini, const struct hk_ini_entry *entry,
	const struct hk_model *model, struct hk_diag *diag)
{
	char labels[HK_DIAG_SIZE / 2] = "";
	size_t length = 0;
	for (uint32_t i = 0; i < model->n_labels; i++) {
		const int n = snprintf(labels + length, sizeof(labels) - length, "%s%s",
			i > 0 ? ", " : "", model->labels[i]);
		if (n < 0 || (size_t)n >= sizeof(labels) - length) {
			break;
		}
		length += (size_t)n;
	}
	return hk_diag_set(diag, -EINVAL, "%s:%u: model %s has no class \"%s\": expected one of %s",
		ini->path, entry->line, model->name, class_of(entry), labels);
}

int hk_config_class_rules(const struct hk_ini *ini, const struct hk_model *model,
	struct hk_class_rules *ret_rules, struct hk_diag *diag)
{
	memcpy(ret_rules, model->rules, model->n_labels * sizeof(*ret_rules));
	uint32_t last_line[HK_MAX_CLASSES] = { 0 }; /* of each class, to name the place */
	for (size_t i = 0; ini && i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		const char *name = class_of(entry);
		if (!name) {
			continue;
		}
		const int label = hk_model_label(model, name);
		if (label < 0) {
			return refuse_class(ini, entry, model, diag);
		}
		const int r = hk_ini_apply(
			ini, entry, hk_class_params, hk_n_class_params, &ret_rules[label], diag);
		if (r < 0) {
			return r;
		}
		last_line[label] = entry->line;
	}
	for (uint32_t i = 0; i < model->n_labels; i++) {
		struct hk_diag what = { "" };
		if (last_line[i] > 0 && hk_class_rules_check(&ret_rules[i], &what) < 0) {
			return hk_diag_set(diag, -EINVAL, "%s:%u: [class %s] %s", ini->path,
				last_line[i], model->labels[i], what.text);
		}
	}
	return 0;
}
