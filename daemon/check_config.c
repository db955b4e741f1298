/* SPDX-License-Identifier: MIT */
#include "daemon/check_config.h"

#include <stdio.h>
#include <string.h>

#include "daemon/analysis/engine.h"
#include "daemon/log/log.h"
#include "daemon/log_messages.h"
#include "daemon/settings/setting_origin.h"
#include "daemon/settings/source_settings.h"

/* A path, or a model's. */
#define VALUE_SIZE 4200

static void print_files(const struct hk_config *config)
{
	for (size_t i = 0; i < config->n_layers; i++) {
		printf("%s%s", i > 0 ? ", " : "", config->layers[i]->path);
	}
	if (config->n_layers == 0) {
		fputs("no configuration file", stdout);
	}
}

static void print_value(const struct hk_param *param, const void *values)
{
	char value[VALUE_SIZE];
	if (hk_param_print(param, values, value, sizeof(value)) == 0) {
		printf("%s =%s%s\n", param->key, value[0] != '\0' ? " " : "", value);
	}
}

static void print_setting(const struct hk_setting_origins *origins,
	const struct hk_settings *settings, const struct hk_param *setting)
{
	char origin[VALUE_SIZE];
	hk_setting_origin_print(origins, setting, origin, sizeof(origin));
	printf("# %s%s\n", origin, setting->at_start ? "; read at the start only" : "");
	print_value(setting, settings);
}

static void print_rules(const struct hk_config *config, const struct hk_engine *engine)
{
	const struct hk_model *model = hk_engine_model(engine);
	const struct hk_class_rules *rules = hk_engine_rules(engine);
	for (uint32_t i = 0; i < model->n_labels; i++) {
		printf("\n[class %s]\n", model->labels[i]);
		for (size_t k = 0; k < hk_n_class_params; k++) {
			const struct hk_param *rule = &hk_class_params[k];
			const struct hk_ini *file = NULL;
			const struct hk_ini_entry *entry =
				hk_config_rule_origin(config, model->labels[i], rule->key, &file);
			if (entry) {
				printf("# %s:%u\n", file->path, entry->line);
			} else {
				printf("# model %s\n", model->name);
			}
			print_value(rule, &rules[i]);
		}
	}
}

/* Only a file is opened: a device may be away, and what is read from a pipe is lost to who hears
 * it. */
static int check_input(const struct hk_capture_options *source,
	const struct hk_setting_origins *origins, struct hk_diag *diag)
{
	if (source->kind != HK_SOURCE_FILE) {
		return 0;
	}
	sd_event *event = NULL;
	struct hk_capture *capture = NULL;
	int r = sd_event_new(&event);
	if (r < 0) {
		return hk_diag_set(diag, r, "cannot set up the event loop: %s", strerror(-r));
	}
	const struct hk_capture_sink nobody = { 0 }; /* the loop does not run */
	r = hk_source_open(&capture, event, source, &nobody, origins, diag);
	hk_capture_free(capture);
	sd_event_unref(event);
	return r;
}

static void show(const struct hk_setting_origins *origins, const struct hk_settings *settings,
	const struct hk_engine *engine)
{
	printf("# hearkend --instance %s: ", origins->options->instance);
	print_files(origins->config);
	putchar('\n');
	const char *section = "";
	for (size_t i = 0; i < hk_n_settings_params; i++) {
		const struct hk_param *setting = &hk_settings_params[i];
		if (strcmp(setting->section, section) != 0) {
			section = setting->section;
			printf("\n[%s]\n", section);
		}
		print_setting(origins, settings, setting);
	}
	print_rules(origins->config, engine);
}

/* Of several instances it is said whose configuration is wrong. */
static void say_wrong(const struct hk_options *options, const struct hk_diag *what)
{
	if (options->all) {
		hk_log(HK_LOG_ERR, "instance %s: %s", options->instance, what->text);
	} else {
		hk_log(HK_LOG_ERR, "%s", what->text);
	}
}

enum hk_exit hk_check_config(const struct hk_options *options, const struct hk_settings *settings,
	const struct hk_config *config)
{
	const struct hk_setting_origins origins = { options, config };
	struct hk_diag diag = { "out of memory" };
	struct hk_engine *engine = NULL;
	struct hk_capture_options source;
	enum hk_exit code = HK_EXIT_OK;
	if (hk_engine_new(&engine, settings->model.path, &origins, &diag) < 0 ||
		hk_source_options(
			settings, &origins, hk_engine_model(engine)->rate_hz, &source, &diag) < 0) {
		code = HK_EXIT_CONFIG;
	} else if (options->show_config) {
		hk_say_foreign_classes(config, hk_engine_model(engine));
		show(&origins, settings, engine);
	} else if (check_input(&source, &origins, &diag) < 0) {
		code = HK_EXIT_NO_INPUT;
	} else {
		hk_say_foreign_classes(config, hk_engine_model(engine));
		if (options->all) {
			printf("%s: ", options->instance);
		}
		print_files(config);
		printf(": OK (model %s)\n", hk_engine_model(engine)->name);
	}
	if (code != HK_EXIT_OK) {
		say_wrong(options, &diag);
	}
	hk_engine_free(engine);
	return code;
}

static enum hk_exit inspect_instance(const struct hk_options *options)
{
	struct hk_settings settings;
	struct hk_config *config = NULL;
	enum hk_options_fault fault = HK_OPTIONS_FAULT_FILE;
	struct hk_diag diag = { "out of memory" };
	if (hk_options_check_instance(options->instance, &diag) < 0 ||
		hk_options_settings(options, &settings, &config, &fault, &diag) < 0) {
		say_wrong(options, &diag);
		return fault == HK_OPTIONS_FAULT_ARGV ? HK_EXIT_USAGE : HK_EXIT_CONFIG;
	}
	const enum hk_exit code = hk_check_config(options, &settings, config);
	hk_config_free(config);
	return code;
}

enum hk_exit hk_check_config_all(const struct hk_options *options)
{
	struct hk_instances instances = { 0 };
	struct hk_diag diag = { "out of memory" };
	if (hk_instances_find_installed(&instances, &diag) < 0) {
		hk_log(HK_LOG_ERR, "%s", diag.text);
		return HK_EXIT_CONFIG;
	}
	/* without files of its own there is one instance, which reads those of all */
	enum hk_exit first = instances.n_names == 0 ? inspect_instance(options) : HK_EXIT_OK;
	for (size_t i = 0; i < instances.n_names; i++) {
		struct hk_options one = *options;
		one.instance = instances.names[i];
		const enum hk_exit code = inspect_instance(&one);
		if (first == HK_EXIT_OK) {
			first = code;
		}
	}
	hk_instances_finish(&instances);
	return first;
}
