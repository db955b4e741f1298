/* SPDX-License-Identifier: MIT */
#include "learning/data/tsv.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

size_t hk_tsv_mark(const char *text)
{
	static const char mark[] = "\xef\xbb\xbf";
	return strncmp(text, mark, strlen(mark)) == 0 ? strlen(mark) : 0;
}

/* Cut LINE at its tabs. Returns the number of fields, also when there are more than fit. */
static size_t cut_fields(char *line, char **ret_fields)
{
	size_t n = 0;
	line[strcspn(line, "\r\n")] = '\0';
	for (char *field; (field = strsep(&line, "\t"));) {
		if (n < HK_TSV_MAX_COLUMNS) {
			ret_fields[n] = field;
		}
		n++;
	}
	return n;
}

static int check_names(const struct hk_tsv *tsv, struct hk_diag *diag)
{
	if (tsv->n_columns > HK_TSV_MAX_COLUMNS) {
		return hk_diag_set(diag, -EINVAL, "%s:1: %zu columns, at most %d are read",
			tsv->path, tsv->n_columns, HK_TSV_MAX_COLUMNS);
	}
	for (size_t i = 0; i < tsv->n_columns; i++) {
		for (size_t j = 0; j < i; j++) {
			if (strcmp(tsv->names[i], tsv->names[j]) == 0) {
				return hk_diag_set(diag, -EINVAL,
					"%s:1: column \"%s\" is there twice", tsv->path,
					tsv->names[i]);
			}
		}
	}
	return 0;
}

/* Read a line of the file. Returns 1, 0 at the end, -EINVAL with DIAG, -EIO, -ENOMEM. */
static int read_line(struct hk_tsv *tsv, char **text, size_t *size, struct hk_diag *diag)
{
	errno = 0;
	const ssize_t n = getline(text, size, tsv->file);
	if (n < 0 && ferror(tsv->file)) {
		return hk_diag_set(diag, -EIO, "%s: %s", tsv->path, strerror(errno));
	}
	if (n < 0) {
		return errno == ENOMEM ? -ENOMEM : 0;
	}
	tsv->line++;
	return memchr(*text, '\0', (size_t)n)
		? hk_diag_set(diag, -EINVAL, "%s:%u: expected text, got a NUL byte", tsv->path,
			  tsv->line)
		: 1;
}

int hk_tsv_open(struct hk_tsv *ret, const char *path, struct hk_diag *diag)
{
	struct hk_tsv tsv = { .path = path };
	size_t size = 0;
	int r;
	tsv.file = fopen(path, "re");
	if (!tsv.file) {
		r = -errno;
		return hk_diag_set(diag, r, "%s: %s", path, strerror(-r));
	}
	r = read_line(&tsv, &tsv.heading, &size, diag);
	if (r == 0) {
		r = hk_diag_set(diag, -EINVAL,
			"%s:1: expected a line of column names, separated by tabs", path);
	}
	if (r > 0) {
		tsv.n_columns = cut_fields(tsv.heading + hk_tsv_mark(tsv.heading), tsv.names);
		r = check_names(&tsv, diag);
	}
	if (r < 0) {
		hk_tsv_close(&tsv);
		return r;
	}
	*ret = tsv;
	return 0;
}

void hk_tsv_close(struct hk_tsv *tsv)
{
	if (tsv->file) {
		fclose(tsv->file);
	}
	free(tsv->heading);
	free(tsv->text);
	*tsv = (struct hk_tsv){ 0 };
}

int hk_tsv_column(const struct hk_tsv *tsv, const char *name)
{
	for (size_t i = 0; i < tsv->n_columns; i++) {
		if (strcmp(tsv->names[i], name) == 0) {
			return (int)i;
		}
	}
	return -1;
}

int hk_tsv_next(struct hk_tsv *tsv, struct hk_diag *diag)
{
	for (;;) {
		const int r = read_line(tsv, &tsv->text, &tsv->text_size, diag);
		if (r <= 0) {
			return r;
		}
		if (strspn(tsv->text, "\r\n") == strlen(tsv->text)) {
			continue;
		}
		const size_t n = cut_fields(tsv->text, tsv->fields);
		if (n != tsv->n_columns) {
			return hk_diag_set(diag, -EINVAL, "%s:%u: expected %zu fields, got %zu",
				tsv->path, tsv->line, tsv->n_columns, n);
		}
		return 1;
	}
}
