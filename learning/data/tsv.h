/* SPDX-License-Identifier: MIT */
/*
 * tsv: a table in a text file: a line of column names, then a line a row, fields separated by tabs,
 * no quoting, empty lines skipped. One thread.
 */
#pragma once

#include <stddef.h>
#include <stdio.h>

#include "core/base/diag.h"

#define HK_TSV_MAX_COLUMNS 64

/* Bytes of the mark (U+FEFF) that some programs put before a text in UTF-8; 0: TEXT has none. */
size_t hk_tsv_mark(const char *text);

struct hk_tsv {
	const char *path; /* the caller's */
	FILE *file;
	unsigned line; /* of the row last read */
	char *heading, *text;
	size_t text_size;
	size_t n_columns;
	char *names[HK_TSV_MAX_COLUMNS];
	char *fields[HK_TSV_MAX_COLUMNS]; /* of the row last read; valid until the next */
};

/*
 * Open PATH (which must outlive the table) and read the column names.
 * Returns 0; the errno of opening; -EINVAL (no or double column names) with DIAG; -ENOMEM.
 */
int hk_tsv_open(struct hk_tsv *ret, const char *path, struct hk_diag *diag);
void hk_tsv_close(struct hk_tsv *tsv);

/* Index of column NAME, or -1. */
int hk_tsv_column(const struct hk_tsv *tsv, const char *name);

/*
 * Read the next row. Returns 1; 0 at the end; -EINVAL with DIAG when it has not as many fields as
 * there are columns, or a NUL byte; -EIO, -ENOMEM.
 */
int hk_tsv_next(struct hk_tsv *tsv, struct hk_diag *diag);
