/* SPDX-License-Identifier: MIT */
/*
 * hearken.conf and what is laid over it, separated by lines "====": what the files say of the
 * settings and of the classes together, printed and read back.
 */
#include <string.h>

#include "config/load.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/labels.h"

#define MAX_FILES 3

/* Every value of TABLE in STRUCT, printed, reads back into COPY as the same text. */
static void check_printed(
	const struct hk_param *table, size_t n_rows, const void *strct, void *copy)
{
	char text[8192], again[8192];
	struct hk_diag diag;
	for (size_t i = 0; i < n_rows; i++) {
		FUZZ_REQUIRE(hk_param_print(&table[i], strct, text, sizeof(text)) == 0);
		FUZZ_REQUIRE(hk_param_parse(&table[i], copy, text, &diag) == 0);
		FUZZ_REQUIRE(hk_param_print(&table[i], copy, again, sizeof(again)) == 0);
		FUZZ_REQUIRE(strcmp(text, again) == 0);
	}
}

static void check_rules(const struct hk_config *config)
{
	struct hk_class_rules rules[FUZZ_N_LABELS], copy;
	struct hk_diag diag = { "" };
	const int r = hk_config_class_rules(config, fuzz_labels(), rules, &diag);
	fuzz_require_reason(r, &diag);
	for (size_t i = 0; r == 0 && i < FUZZ_N_LABELS; i++) {
		FUZZ_REQUIRE(hk_class_rules_check(&rules[i], &diag) == 0);
		check_printed(hk_class_params, hk_n_class_params, &rules[i], &copy);
	}
}

static void check_origins(const struct hk_config *config)
{
	const struct hk_ini *file;
	for (size_t i = 0; i < hk_n_settings_params; i++) {
		const struct hk_param *row = &hk_settings_params[i];
		const struct hk_ini_entry *origin = hk_config_setting_origin(config, row, &file);
		FUZZ_REQUIRE(!origin || (file && strcmp(origin->section, row->section) == 0));
	}
	for (size_t i = 0; i < hk_n_class_params; i++) {
		(void)hk_config_rule_origin(config, "music", hk_class_params[i].key, &file);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct hk_settings settings, copy;
	struct fuzz_part parts[MAX_FILES];
	struct fuzz_file files[MAX_FILES];
	char *paths[MAX_FILES];
	const size_t n_files = fuzz_cut(data, size, parts, MAX_FILES);
	for (size_t i = 0; i < n_files; i++) {
		fuzz_file_open(&files[i], parts[i].data, parts[i].size);
		paths[i] = files[i].path;
	}
	const struct hk_layers layers = { n_files, 0, paths };
	struct hk_config *config = NULL;
	struct hk_diag diag = { "" };
	hk_params_defaults(hk_settings_params, hk_n_settings_params, &settings);
	int r = hk_config_load(&settings, &config, &layers, &diag);
	for (size_t i = 0; i < n_files; i++) {
		fuzz_file_close(&files[i]);
	}
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		FUZZ_REQUIRE(!config);
		return 0;
	}
	const struct hk_param *at = NULL;
	r = hk_settings_check(&settings, &at, &diag);
	fuzz_require_reason(r, &diag);
	check_printed(hk_settings_params, hk_n_settings_params, &settings, &copy);
	check_origins(config);
	check_rules(config);
	hk_config_free(config);
	return 0;
}
