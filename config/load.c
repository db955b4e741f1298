/* SPDX-License-Identifier: MIT */
#include "config/load.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "core/base/known.h"

#define MAX_FILE_SIZE (1024 * 1024)

/* The NAME of a section "class NAME", or NULL. */
static const char *class_of(const char *section)
{
	static const char prefix[] = "class ";
	if (strncmp(section, prefix, sizeof(prefix) - 1) != 0) {
		return NULL;
	}
	const char *name = section + sizeof(prefix) - 1;
	return name + strspn(name, " \t");
}

static int apply_entry(struct hk_settings *settings, const struct hk_ini *ini,
	const struct hk_ini_entry *entry, struct hk_diag *diag)
{
	if (class_of(entry->section)) {
		struct hk_class_rules checked_only;
		return hk_ini_apply(
			ini, entry, hk_class_params, hk_n_class_params, &checked_only, diag);
	}
	return hk_ini_apply(ini, entry, hk_settings_params, hk_n_settings_params, settings, diag);
}

static const struct hk_ini_entry *find_source(const struct hk_ini *ini)
{
	const struct hk_ini_entry *device = hk_ini_find(ini, "audio", "device");
	return device ? device : hk_ini_find(ini, "audio", "input");
}

/* A link to /dev/null takes a file of that name away: it reads as empty. All else must be a regular
 * file. */
static int read_layer(struct hk_ini **ret, const char *path, struct hk_diag *diag)
{
	struct stat named, null;
	if (stat(path, &named) == 0 && S_ISCHR(named.st_mode) && stat("/dev/null", &null) == 0 &&
		named.st_rdev == null.st_rdev) {
		return hk_ini_parse(ret, path, "", 0, diag);
	}
	return hk_ini_read(ret, path, MAX_FILE_SIZE, diag);
}

/* One file over SETTINGS. It stays in CONFIG, which has room for it. */
static int load_layer(struct hk_config *config, struct hk_settings *settings, const char *path,
	struct hk_diag *diag)
{
	struct hk_ini *ini = NULL;
	int r = read_layer(&ini, path, diag);
	if (r < 0) {
		return r;
	}
	config->layers[config->n_layers++] = ini;
	static const char *const classes[] = { "class NAME", NULL };
	r = hk_ini_check_sections(ini, hk_settings_params, hk_n_settings_params, classes, diag);
	if (find_source(ini)) {
		hk_settings_forget_source(settings);
	}
	for (size_t i = 0; r == 0 && i < ini->n_entries; i++) {
		r = apply_entry(settings, ini, &ini->entries[i], diag);
	}
	const struct hk_param *at = NULL;
	struct hk_diag what = { "" };
	if (r == 0 && (r = hk_settings_check(settings, &at, &what)) < 0) {
		/* all was well before this file */
		const struct hk_ini_entry *entry = hk_ini_find(ini, at->section, at->key);
		assert(entry);
		hk_diag_set(diag, r, "%s:%u: %s: %s", path, entry->line, at->key, what.text);
	}
	return r;
}

int hk_config_load(struct hk_settings *settings, struct hk_config **ret,
	const struct hk_layers *layers, struct hk_diag *diag)
{
	struct hk_config *config = calloc(1, sizeof(*config));
	struct hk_ini **room = calloc(layers->n_paths + 1, sizeof(struct hk_ini *));
	if (!config || !room) {
		free(config);
		free(room);
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	config->layers = room;
	config->n_common = layers->n_common;
	int r = 0;
	for (size_t i = 0; r == 0 && i < layers->n_paths; i++) {
		r = load_layer(config, settings, layers->paths[i], diag);
	}
	if (r < 0) {
		hk_config_free(config);
		return r;
	}
	*ret = config;
	return 0;
}

void hk_config_free(struct hk_config *config)
{
	if (!config) {
		return;
	}
	for (size_t i = 0; i < config->n_layers; i++) {
		hk_ini_free(config->layers[i]);
	}
	free(config->layers);
	free(config);
}

static int refuse_class(const struct hk_ini *ini, const struct hk_ini_section *section,
	const struct hk_model *model, struct hk_diag *diag)
{
	struct hk_known labels = { .asked = class_of(section->name) };
	for (uint32_t i = 0; i < model->n_labels; i++) {
		hk_known_add(&labels, "%s", model->labels[i]);
	}
	return hk_diag_set(diag, -EINVAL,
		"%s:%u: model %s has no class \"%s\": expected one of %s%s", ini->path,
		section->line, model->name, class_of(section->name), labels.text, labels.hint);
}

/* Where the rules of a class were touched last, to name the place. */
struct rule_place {
	const struct hk_ini *ini;
	uint32_t line;
};

static int apply_rules(const struct hk_ini *ini, bool common, const struct hk_model *model,
	struct hk_class_rules *rules, struct rule_place *places, struct hk_diag *diag)
{
	for (size_t i = 0; i < ini->n_sections; i++) {
		const char *name = class_of(ini->sections[i].name);
		if (name && !common && hk_model_label(model, name) < 0) {
			return refuse_class(ini, &ini->sections[i], model, diag);
		}
	}
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		const char *name = class_of(entry->section);
		if (!name) {
			continue;
		}
		const int label = hk_model_label(model, name);
		if (label < 0) {
			continue; /* common: another instance's model has it */
		}
		const int r = hk_ini_apply(
			ini, entry, hk_class_params, hk_n_class_params, &rules[label], diag);
		if (r < 0) {
			return r;
		}
		places[label] = (struct rule_place){ ini, entry->line };
	}
	return 0;
}

int hk_config_class_rules(const struct hk_config *config, const struct hk_model *model,
	struct hk_class_rules *ret_rules, struct hk_diag *diag)
{
	memcpy(ret_rules, model->rules, model->n_labels * sizeof(*ret_rules));
	struct rule_place places[HK_MAX_CLASSES] = { 0 };
	for (size_t i = 0; i < config->n_layers; i++) {
		const int r = apply_rules(
			config->layers[i], i < config->n_common, model, ret_rules, places, diag);
		if (r < 0) {
			return r;
		}
	}
	for (uint32_t i = 0; i < model->n_labels; i++) {
		struct hk_diag what = { "" };
		if (places[i].ini && hk_class_rules_check(&ret_rules[i], &what) < 0) {
			return hk_diag_set(diag, -EINVAL, "%s:%u: [class %s] %s",
				places[i].ini->path, places[i].line, model->labels[i], what.text);
		}
	}
	return 0;
}

bool hk_config_foreign_class(const struct hk_config *config, const struct hk_model *model,
	size_t *at, struct hk_diag *ret_diag)
{
	size_t n = 0; /* sections so far */
	for (size_t i = 0; i < config->n_common; i++) {
		const struct hk_ini *ini = config->layers[i];
		for (size_t k = 0; k < ini->n_sections; k++) {
			const char *name = class_of(ini->sections[k].name);
			if (n++ < *at || !name || hk_model_label(model, name) >= 0) {
				continue;
			}
			*at = n;
			(void)refuse_class(ini, &ini->sections[k], model, ret_diag);
			return true;
		}
	}
	return false;
}

static const struct hk_ini_entry *find_rule(
	const struct hk_ini *ini, const char *label, const char *key)
{
	/* the last: "[class a]" and "[class  a]" are one class to us, two sections to the file */
	for (size_t i = ini->n_entries; i-- > 0;) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		const char *name = class_of(entry->section);
		if (name && strcmp(name, label) == 0 && strcmp(entry->key, key) == 0) {
			return entry;
		}
	}
	return NULL;
}

const struct hk_ini_entry *hk_config_setting_origin(const struct hk_config *config,
	const struct hk_param *setting, const struct hk_ini **ret_file)
{
	for (size_t i = config->n_layers; i-- > 0;) {
		const struct hk_ini *ini = config->layers[i];
		const struct hk_ini_entry *entry = hk_ini_find(ini, setting->section, setting->key);
		if (!entry && hk_settings_is_source(setting)) {
			entry = find_source(ini);
		}
		if (entry) {
			*ret_file = ini;
			return entry;
		}
	}
	return NULL;
}

const struct hk_ini_entry *hk_config_rule_origin(const struct hk_config *config, const char *label,
	const char *key, const struct hk_ini **ret_file)
{
	for (size_t i = config->n_layers; i-- > 0;) {
		const struct hk_ini_entry *entry = find_rule(config->layers[i], label, key);
		if (entry) {
			*ret_file = config->layers[i];
			return entry;
		}
	}
	return NULL;
}
