/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/page.h"

#include <errno.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define FILE_NAME "index.html"

static const char style[] =
	"body{font:15px/1.45 sans-serif;color:#222;background:#fff;max-width:62rem;"
	"margin:1.5rem auto;padding:0 1rem}"
	"h1{font-size:1.5rem}h2{font-size:1.2rem;margin-top:2.2rem;border-bottom:1px solid #ccc}"
	"h3{font-size:1rem;margin-bottom:.3rem}"
	"table{border-collapse:collapse;margin:.6rem 0}"
	"td,th{padding:.15rem .6rem;text-align:right;border-bottom:1px solid #e5e5e5;"
	"font-variant-numeric:tabular-nums}"
	"td:first-child,th:first-child,td.text{text-align:left}"
	"th{border-bottom:2px solid #999}"
	"img{max-width:100%;height:auto}figure{margin:.8rem 0}figcaption{color:#555}"
	".wide{overflow-x:auto}details{margin:.6rem 0}";

static void keep_error(struct hk_page *page, int error)
{
	if (page->error == 0) {
		page->error =
			hk_diag_set(&page->diag, error, "%s: %s", page->path, strerror(-error));
	}
}

int hk_page_begin(struct hk_page *ret, const char *folder, const char *title, struct hk_diag *diag)
{
	*ret = (struct hk_page){ 0 };
	const int n = snprintf(ret->path, sizeof(ret->path), "%s/" FILE_NAME, folder);
	if (n < 0 || (size_t)n >= sizeof(ret->path)) {
		return hk_diag_set(diag, -ENAMETOOLONG, "%s: %s", folder, strerror(ENAMETOOLONG));
	}
	if (mkdir(folder, 0777) < 0 && errno != EEXIST) {
		const int r = -errno;
		return hk_diag_set(diag, r, "%s: %s", folder, strerror(-r));
	}
	ret->file = fopen(ret->path, "we");
	if (!ret->file) {
		const int r = -errno;
		return hk_diag_set(diag, r, "%s: %s", ret->path, strerror(-r));
	}
	hk_page_html(ret,
		"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		"<meta name=\"viewport\" content=\"width=device-width\">\n<style>%s</style>\n",
		style);
	hk_page_element(ret, "title", title);
	hk_page_html(ret, "</head>\n<body>\n");
	hk_page_element(ret, "h1", title);
	return 0;
}

int hk_page_end(struct hk_page *page, struct hk_diag *diag)
{
	hk_page_html(page, "</body>\n</html>\n");
	if (fflush(page->file) != 0 || fsync(fileno(page->file)) < 0) {
		keep_error(page, -errno);
	}
	if (fclose(page->file) != 0) {
		keep_error(page, -errno);
	}
	page->file = NULL;
	return page->error < 0 ? hk_diag_set(diag, page->error, "%s", page->diag.text) : 0;
}

void hk_page_html(struct hk_page *page, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	if (page->error == 0 && vfprintf(page->file, format, args) < 0) {
		keep_error(page, -errno);
	}
	va_end(args);
}

void hk_page_text(struct hk_page *page, const char *text)
{
	for (; *text; text++) {
		const unsigned char c = (unsigned char)*text;
		switch (c) {
		case '<':
			hk_page_html(page, "&lt;");
			break;
		case '>':
			hk_page_html(page, "&gt;");
			break;
		case '&':
			hk_page_html(page, "&amp;");
			break;
		case '"':
			hk_page_html(page, "&quot;");
			break;
		default:
			hk_page_html(page, "%c", c < 0x20 || c == 0x7f ? '?' : c);
		}
	}
}

void hk_page_element(struct hk_page *page, const char *element, const char *text)
{
	hk_page_html(page, "<%s>", element);
	hk_page_text(page, text);
	hk_page_html(page, "</%.*s>\n", (int)strcspn(element, " "), element);
}

/* DATA in base 64 (RFC 4648). */
static void write_base64(struct hk_page *page, const char *data, size_t length)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	for (size_t i = 0; i < length; i += 3) {
		uint32_t bits = 0;
		for (size_t j = 0; j < 3; j++) {
			bits = bits << 8 | (i + j < length ? (unsigned char)data[i + j] : 0U);
		}
		char text[5] = { digits[bits >> 18], digits[bits >> 12 & 63],
			i + 1 < length ? digits[bits >> 6 & 63] : '=',
			i + 2 < length ? digits[bits & 63] : '=', '\0' };
		hk_page_html(page, "%s", text);
	}
}

struct hk_chart *hk_page_picture(
	struct hk_page *page, struct hk_chart *chart, double width, double height)
{
	if (page->error < 0) {
		return NULL;
	}
	const int r = hk_chart_begin_svg(chart, page->path, width, height, &page->diag);
	page->error = r;
	return r < 0 ? NULL : chart;
}

void hk_page_picture_end(struct hk_page *page, struct hk_chart *chart, const char *alt)
{
	char *text;
	size_t length;
	const int r = hk_chart_end_svg(chart, &text, &length, &page->diag);
	if (r < 0) {
		page->error = r;
		return;
	}
	/* An image, not markup: the names that cairo gives to glyphs would clash in one page. */
	hk_page_html(page, "<img alt=\"");
	hk_page_text(page, alt);
	hk_page_html(page, "\" src=\"data:image/svg+xml;base64,");
	write_base64(page, text, length);
	hk_page_html(page, "\">\n");
	free(text);
}
