/* SPDX-License-Identifier: MIT */
#include "core/base/ini_file.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/file.h"
#include "core/base/known.h"

/* Every key is compared with all before it: more would take long. */
#define MAX_ENTRIES 4096

/* What inih reads from: we hand out the lines, so that each is counted, whole and plain. */
struct ini_reader {
	struct hk_ini *ini;
	const char *next, *end;
	uint32_t line;
	const char *section; /* inih itself cuts section names at 50 bytes */
	int error;
	struct hk_diag *diag;
};

static int refuse(struct ini_reader *reader, const char *what)
{
	reader->error = hk_diag_set(
		reader->diag, -EINVAL, "%s:%u: %s", reader->ini->path, reader->line, what);
	return reader->error;
}

/* Nothing but blanks in the LENGTH bytes at TEXT, which has no NUL at its end. */
static bool is_blank(const char *text, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		if (text[i] != ' ' && text[i] != '\t' && text[i] != '\r') {
			return false;
		}
	}
	return true;
}

/* ITEMS, of which there are N, with room for one more: by doubling, due whenever N is a power of
 * two. NULL: no memory. */
static void *grow(void *items, size_t n, size_t size)
{
	return (n & (n - 1)) == 0 ? reallocarray(items, n ? 2 * n : 1, size) : items;
}

static int take_section(struct ini_reader *reader, const char *line, size_t length)
{
	const char *close = memchr(line, ']', length);
	if (!close || close == line + 1) {
		return refuse(reader, "expected [SECTION]");
	}
	if (!is_blank(close + 1, (size_t)(line + length - close - 1))) {
		return refuse(reader, "expected nothing after [SECTION]");
	}
	struct hk_ini *ini = reader->ini;
	struct hk_ini_section *sections =
		grow(ini->sections, ini->n_sections, sizeof(*ini->sections));
	if (!sections) {
		return reader->error = -ENOMEM;
	}
	ini->sections = sections;
	struct hk_ini_section *section = &ini->sections[ini->n_sections];
	*section = (struct hk_ini_section){
		.name = strndup(line + 1, (size_t)(close - line - 1)),
		.line = reader->line,
	};
	if (!section->name) {
		return reader->error = -ENOMEM;
	}
	ini->n_sections++;
	reader->section = section->name;
	return 0;
}

/* ini_reader: one line a call, like fgets. */
static char *read_line(char *buffer, int size, void *stream)
{
	struct ini_reader *reader = stream;
	if (reader->error < 0 || reader->next == reader->end) {
		return NULL;
	}
	reader->line++;
	const char *line = reader->next;
	const char *newline = memchr(line, '\n', (size_t)(reader->end - line));
	size_t length = (size_t)((newline ? newline : reader->end) - line);
	reader->next = newline ? newline + 1 : reader->end;
	if (length > HK_INI_MAX_LINE || length + 1 > (size_t)size) {
		refuse(reader, "the line is too long");
		return NULL;
	}
	if (memchr(line, '\0', length)) {
		refuse(reader, "expected text, got a NUL byte");
		return NULL;
	}
	if (length > 0 && (line[0] == ' ' || line[0] == '\t') && !is_blank(line, length)) {
		refuse(reader, "expected the line to begin without a blank");
		return NULL;
	}
	if (length > 0 && line[0] == '[' && take_section(reader, line, length) < 0) {
		return NULL;
	}
	memcpy(buffer, line, length);
	buffer[length] = '\0';
	return buffer;
}

static int add_entry(struct ini_reader *reader, const char *key, const char *value)
{
	struct hk_ini *ini = reader->ini;
	if (ini->n_entries == MAX_ENTRIES) {
		return refuse(reader, "there are too many keys");
	}
	const struct hk_ini_entry *before = hk_ini_find(ini, reader->section, key);
	if (before) {
		return reader->error = hk_diag_set(reader->diag, -EINVAL,
			       "%s:%u: \"%s\" is set twice in [%s], first in line %u", ini->path,
			       reader->line, key, reader->section, before->line);
	}
	struct hk_ini_entry *entries = grow(ini->entries, ini->n_entries, sizeof(*ini->entries));
	if (!entries) {
		return reader->error = -ENOMEM;
	}
	ini->entries = entries;
	struct hk_ini_entry *entry = &ini->entries[ini->n_entries++];
	*entry = (struct hk_ini_entry){
		.section = strdup(reader->section),
		.key = strdup(key),
		.value = strdup(value),
		.line = reader->line,
	};
	if (!entry->section || !entry->key || !entry->value) {
		reader->error = -ENOMEM;
	}
	return reader->error;
}

/* ini_handler: non-zero goes on. */
static int on_value(void *user, const char *section, const char *key, const char *value)
{
	(void)section;
	struct ini_reader *reader = user;
	if (key[0] == '\0') {
		return refuse(reader, "expected KEY = VALUE") == 0;
	}
	return add_entry(reader, key, value) == 0;
}

static int say_memory(const char *path, struct hk_diag *diag)
{
	return hk_diag_set(diag, -ENOMEM, "%s: out of memory", path);
}

int hk_ini_parse(struct hk_ini **ret, const char *path, const char *text, size_t length,
	struct hk_diag *diag)
{
	static const char bom[] = "\xef\xbb\xbf";
	if (length >= 3 && memcmp(text, bom, 3) == 0) {
		text += 3;
		length -= 3;
	}
	struct hk_ini *ini = calloc(1, sizeof(*ini));
	struct ini_reader reader = {
		.ini = ini,
		.next = text,
		.end = text + length,
		.section = "",
		.diag = diag,
	};
	if (!ini || !(ini->path = strdup(path))) {
		reader.error = -ENOMEM;
	} else {
		ini_max_line = HK_INI_MAX_LINE + 3;
		ini_allow_multiline = false;
		ini_allow_inline_comments = false;
		ini_stop_on_first_error = true;
		const int r = ini_parse_stream(read_line, &reader, on_value, &reader);
		if (r != 0 && reader.error == 0) {
			refuse(&reader,
				"expected [SECTION], KEY = VALUE, or a comment that begins with #");
		}
	}
	if (reader.error < 0) {
		hk_ini_free(ini);
		return reader.error == -ENOMEM ? say_memory(path, diag) : reader.error;
	}
	*ret = ini;
	return 0;
}

int hk_ini_read(struct hk_ini **ret, const char *path, size_t max_size, struct hk_diag *diag)
{
	char *text = NULL;
	size_t length = 0;
	int r = hk_file_read(AT_FDCWD, path, path, max_size, &text, &length, diag);
	if (r == -ENOMEM) {
		return say_memory(path, diag);
	}
	if (r == 0) {
		r = hk_ini_parse(ret, path, text, length, diag);
	}
	free(text);
	return r;
}

void hk_ini_free(struct hk_ini *ini)
{
	if (!ini) {
		return;
	}
	for (size_t i = 0; i < ini->n_entries; i++) {
		free(ini->entries[i].section);
		free(ini->entries[i].key);
		free(ini->entries[i].value);
	}
	free(ini->entries);
	for (size_t i = 0; i < ini->n_sections; i++) {
		free(ini->sections[i].name);
	}
	free(ini->sections);
	free(ini->path);
	free(ini);
}

const struct hk_ini_entry *hk_ini_find(
	const struct hk_ini *ini, const char *section, const char *key)
{
	for (size_t i = 0; i < ini->n_entries; i++) {
		const struct hk_ini_entry *entry = &ini->entries[i];
		if (strcmp(entry->section, section) == 0 && strcmp(entry->key, key) == 0) {
			return entry;
		}
	}
	return NULL;
}

static bool is_known_section(
	const char *name, const struct hk_param *table, size_t n_rows, const char *const *also)
{
	for (size_t i = 0; i < n_rows; i++) {
		if (strcmp(table[i].section, name) == 0) {
			return true;
		}
	}
	for (; *also; also++) {
		const char *blank = strchr(*also, ' ');
		if (blank ? strncmp(*also, name, (size_t)(blank + 1 - *also)) == 0
			  : strcmp(*also, name) == 0) {
			return true;
		}
	}
	return false;
}

static int refuse_section(const struct hk_ini *ini, const struct hk_ini_section *section,
	const struct hk_param *table, size_t n_rows, const char *const *also, struct hk_diag *diag)
{
	char asked[HK_KNOWN_HINT_SIZE];
	snprintf(asked, sizeof(asked), "[%s]", section->name);
	struct hk_known known = { .asked = asked };
	for (size_t i = 0; i < n_rows; i++) {
		if (i == 0 || strcmp(table[i].section, table[i - 1].section) != 0) {
			hk_known_add(&known, "[%s]", table[i].section);
		}
	}
	for (; *also; also++) {
		hk_known_add(&known, "[%s]", *also);
	}
	return hk_diag_set(diag, -EINVAL, "%s:%u: no section [%s]: expected one of %s%s", ini->path,
		section->line, section->name, known.text, known.hint);
}

int hk_ini_check_sections(const struct hk_ini *ini, const struct hk_param *table, size_t n_rows,
	const char *const *also, struct hk_diag *diag)
{
	for (size_t i = 0; i < ini->n_sections; i++) {
		if (!is_known_section(ini->sections[i].name, table, n_rows, also)) {
			return refuse_section(ini, &ini->sections[i], table, n_rows, also, diag);
		}
	}
	return 0;
}

static int refuse_key(const struct hk_ini *ini, const struct hk_ini_entry *entry,
	const struct hk_param *table, size_t n_rows, struct hk_diag *diag)
{
	if (entry->section[0] == '\0') {
		return hk_diag_set(diag, -EINVAL, "%s:%u: expected a [SECTION] before \"%s\"",
			ini->path, entry->line, entry->key);
	}
	struct hk_known known = { .asked = entry->key };
	for (size_t i = 0; i < n_rows; i++) {
		if (!table[i].section || strcmp(table[i].section, entry->section) == 0) {
			hk_known_add(&known, "%s", table[i].key);
		}
	}
	return hk_diag_set(diag, -EINVAL, "%s:%u: no key \"%s\" in [%s]: expected one of %s%s",
		ini->path, entry->line, entry->key, entry->section, known.text, known.hint);
}

int hk_ini_apply(const struct hk_ini *ini, const struct hk_ini_entry *entry,
	const struct hk_param *table, size_t n_rows, void *strct, struct hk_diag *diag)
{
	const bool sections = n_rows > 0 && table[0].section;
	const struct hk_param *row =
		hk_params_find(table, n_rows, sections ? entry->section : NULL, entry->key);
	if (!row) {
		return refuse_key(ini, entry, table, n_rows, diag);
	}
	struct hk_diag what = { "" };
	const int r = hk_param_parse(row, strct, entry->value, &what);
	return r < 0 ? hk_diag_set(diag, r, "%s:%u: %s", ini->path, entry->line, what.text) : 0;
}
