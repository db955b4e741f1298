/* SPDX-License-Identifier: MIT */
/*
 * page: one HTML file that needs no other: text is escaped, pictures are SVG inside it. It is made
 * in memory and takes its place in one step. Errors are kept; hk_page_end tells the first. One
 * thread.
 */
#pragma once

#include "clients/draw/chart.h"
#include "core/base/diag.h"
#include "core/base/text_buffer.h"

struct hk_page {
	const char *folder; /* the caller's */
	struct hk_text_buffer text;
	int error; /* 0, or the negative errno of what failed first */
	struct hk_diag diag;
};

/*
 * Could a page be written to FOLDER? It, or the folder that it is to be made in, has to be there
 * and writable; an index.html in it has to be such a page. Changes nothing. Returns 0; -ENOENT,
 * -ENOTDIR, -EACCES, -EEXIST (another index.html), ... with DIAG.
 */
int hk_page_check(const char *folder, struct hk_diag *diag);

/* Begin the page of FOLDER. *RET stays where it is until its end. Returns 0, -ENOMEM. */
int hk_page_begin(struct hk_page *ret, const char *folder, const char *title);

/*
 * Write it as FOLDER/index.html, over an older one; FOLDER is made if it is not there. On failure
 * nothing new is left. Returns 0, or the first error with DIAG.
 */
int hk_page_end(struct hk_page *page, struct hk_diag *diag);

/* Forget it. */
void hk_page_drop(struct hk_page *page);

/* Markup as it is. */
void hk_page_html(struct hk_page *page, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Text: <, >, & and quotes are escaped, control characters are shown as '?',
 * bytes that are no UTF-8 as U+FFFD. */
void hk_page_text(struct hk_page *page, const char *text);

/* <h2>, <td>, ... around an escaped text. */
void hk_page_element(struct hk_page *page, const char *element, const char *text);

/* Begin a picture; NULL: not possible, the error is kept. ALT is read to those who see none. */
struct hk_chart *hk_page_picture(
	struct hk_page *page, struct hk_chart *chart, double width, double height);
void hk_page_picture_end(struct hk_page *page, struct hk_chart *chart, const char *alt);
