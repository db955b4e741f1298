/* SPDX-License-Identifier: MIT */
/*
 * daemon_options: the command line of hearkend, and the settings that come of it: the table's
 * defaults, the configuration's files over them, the command line over that. Main thread only
 * (getopt).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "config/load.h"
#include "core/base/diag.h"

#define HK_MAX_INSTANCE 64

struct hk_daemon_option; /* a row of the table */

struct hk_options {
	const char *config;   /* NULL: the installed files, of which none need be there */
	const char *instance; /* letters, digits, '-', '_', '.' */
	bool check_config;
	bool all; /* with check_config: all instances that have files of their own */
	bool show_config;
	bool events_json;
	bool version;
	bool help;
	/* Settings that were given, in their order; the values are argv's. */
	size_t n_given;
	struct {
		const struct hk_daemon_option *option;
		const char *value;
	} given[32];
};

/*
 * Returns 0, -EINVAL with DIAG: no such option, no argument, two that exclude each other, an
 * instance that is no name. Values of settings are checked by hk_options_settings. OPTIONS keeps
 * pointers into ARGV.
 */
int hk_options_parse(struct hk_options *options, int argc, char **argv, struct hk_diag *diag);

/* Whether NAME can be an instance's. Returns 0, -EINVAL with DIAG. */
int hk_options_check_instance(const char *name, struct hk_diag *diag);

/* What --help prints: options, their settings, exit codes. */
void hk_options_help(FILE *file);

/* A command line whose settings cannot be, as opposed to a file that cannot be read. */
enum hk_options_fault { HK_OPTIONS_FAULT_FILE, HK_OPTIONS_FAULT_ARGV };

/*
 * Defaults < files (layers.h) < command line. *RET_CONFIG keeps the files for the sections [class
 * NAME]. Owner: the caller (hk_config_free).
 * Returns 0; a negative errno with DIAG, *ret_fault says whose fault it is; the rest is untouched.
 */
int hk_options_settings(const struct hk_options *options, struct hk_settings *ret_settings,
	struct hk_config **ret_config, enum hk_options_fault *ret_fault, struct hk_diag *diag);

/* The name of the option that SETTING has its value from; NULL: of none, the files say it. */
const char *hk_options_origin(const struct hk_options *options, const struct hk_param *setting);
