/* SPDX-License-Identifier: MIT */
/*
 * ini_file: an INI text as a list of entries, each with its section, key, value and line.
 *
 * Read by inih, strictly: `[section]`, `key = value`, blank lines, and comments that begin a line
 * with '#' or ';'. A value reaches to the end of its line, whatever it contains. Nothing is cut,
 * joined or taken twice: lines that are too long, continuation lines, and a key that is set twice
 * in a section are refused. Main thread only (inih's options are global); not real-time.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/base/params.h"

#define HK_INI_MAX_LINE 16384 /* bytes without the line's end */

struct hk_ini_entry {
	char *section; /* "" before the first */
	char *key;
	char *value; /* without blanks around it; may be "" */
	uint32_t line;
};

struct hk_ini_section {
	char *name;
	uint32_t line; /* of its [NAME], which may stand several times */
};

struct hk_ini {
	char *path; /* as given, for messages */
	size_t n_sections;
	struct hk_ini_section *sections; /* in the order of the file, also those without keys */
	size_t n_entries;
	struct hk_ini_entry *entries; /* in the order of the file */
};

/*
 * Parse LENGTH bytes of TEXT. PATH: what messages call it.
 * Returns 0, -EINVAL with DIAG ("PATH:LINE: ..."), -ENOMEM with DIAG. *ret is untouched on failure.
 */
int hk_ini_parse(struct hk_ini **ret, const char *path, const char *text, size_t length,
	struct hk_diag *diag);

/*
 * The same with a file of at most MAX_SIZE bytes.
 * Returns 0; -ENOENT, -EACCES, ... , -EFBIG, -EINVAL (also: not a regular file), -ENOMEM, each with
 * DIAG.
 */
int hk_ini_read(struct hk_ini **ret, const char *path, size_t max_size, struct hk_diag *diag);

void hk_ini_free(struct hk_ini *ini);

/* The entry of SECTION and KEY, or NULL. */
const struct hk_ini_entry *hk_ini_find(
	const struct hk_ini *ini, const char *section, const char *key);

/*
 * Is every section one that TABLE names, or one of ALSO (NULL-terminated)? "class NAME" in there:
 * any that begins with "class ". Returns 0; -EINVAL with DIAG ("PATH:LINE: ..."), which lists them
 * all.
 */
int hk_ini_check_sections(const struct hk_ini *ini, const struct hk_param *table, size_t n_rows,
	const char *const *also, struct hk_diag *diag);

/*
 * Parse ENTRY's value into STRUCT by the row of TABLE that has its key (and its section, when the
 * table names sections; there has to be one of that section: hk_ini_check_sections).
 * Returns 0; -EINVAL or -ERANGE with DIAG ("PATH:LINE: ..."): no such key, no such value.
 */
int hk_ini_apply(const struct hk_ini *ini, const struct hk_ini_entry *entry,
	const struct hk_param *table, size_t n_rows, void *strct, struct hk_diag *diag);
