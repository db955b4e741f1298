/* SPDX-License-Identifier: MIT */
/*
 * page: one HTML file that needs no other: text is escaped, pictures are SVG inside it. Errors are
 * kept; hk_page_end tells the first. One thread.
 */
#pragma once

#include <stdio.h>

#include "clients/chart.h"
#include "core/diag.h"

struct hk_page {
	char path[4096];
	FILE *file;
	int error; /* 0, or the negative errno of what failed first */
	struct hk_diag diag;
};

/* Begin index.html in FOLDER, which is made if it is not there. Returns 0; -ENOSPC, ... with DIAG. */
int hk_page_begin(struct hk_page *ret, const char *folder, const char *title, struct hk_diag *diag);

/* Close the file and bring it to the disk. Returns 0, or the first error with DIAG. */
int hk_page_end(struct hk_page *page, struct hk_diag *diag);

/* Markup as it is. */
void hk_page_html(struct hk_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Text: <, >, & and quotes are escaped, control characters are shown as '?'. */
void hk_page_text(struct hk_page *page, const char *text);

/* <h2>, <td>, ... around an escaped text. */
void hk_page_element(struct hk_page *page, const char *element, const char *text);

/* Begin a picture; NULL: not possible, the error is kept. ALT is read to those who see none. */
struct hk_chart *hk_page_picture(
	struct hk_page *page, struct hk_chart *chart, double width, double height);
void hk_page_picture_end(struct hk_page *page, struct hk_chart *chart, const char *alt);
