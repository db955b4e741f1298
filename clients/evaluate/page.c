/* SPDX-License-Identifier: MIT */
#include "clients/evaluate/page.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/utf8.h"

#define FILE_NAME "index.html"
#define NEW_NAME ".index.html.new"

/* By which a page of ours is known again. */
static const char beginning[] =
	"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
	"<meta name=\"generator\" content=\"hearken evaluate\">\n";

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

static int say_errno(struct hk_diag *diag, const char *path)
{
	const int r = -errno;
	return hk_diag_set(diag, r, "--report %s: %s", path, strerror(-r));
}

/* ---- where it goes ---- */

/* An index.html in FOLDER must be one of ours, or have gone. */
static int check_old(const char *folder, struct hk_diag *diag)
{
	char start[sizeof(beginning)] = "";
	const int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (folder_fd < 0) {
		return say_errno(diag, folder);
	}
	const int fd = openat(folder_fd, FILE_NAME, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	const int error = errno;
	close(folder_fd);
	if (fd < 0 && error == ENOENT) {
		return 0;
	}
	const ssize_t n = fd < 0 ? -1 : read(fd, start, sizeof(start) - 1);
	if (fd >= 0) {
		close(fd);
	}
	if (n < 0 || strcmp(start, beginning) != 0) {
		return hk_diag_set(diag, -EEXIST,
			"--report %s: the " FILE_NAME
			" that exists was not written by hearken, and "
			"is not replaced",
			folder);
	}
	return 0;
}

int hk_page_check(const char *folder, struct hk_diag *diag)
{
	struct stat status;
	if (stat(folder, &status) == 0) {
		return S_ISDIR(status.st_mode) && access(folder, W_OK | X_OK) < 0
			? say_errno(diag, folder)
			: check_old(folder, diag);
	}
	if (errno != ENOENT) {
		return say_errno(diag, folder);
	}
	char *copy = strdup(folder);
	if (!copy) {
		return -ENOMEM;
	}
	const char *parent = dirname(copy);
	const int r = access(parent, W_OK | X_OK) < 0
		? hk_diag_set(diag, -errno, "--report %s: cannot be made in %s: %s", folder, parent,
			  strerror(errno))
		: 0;
	free(copy);
	return r;
}

/* Write DATA under another name and give it its own when it is whole. */
static int put_in_place(
	int folder_fd, const char *folder, const char *data, size_t length, struct hk_diag *diag)
{
	char path[PATH_MAX];
	snprintf(path, sizeof(path), "--report %s/" FILE_NAME, folder);
	if (unlinkat(folder_fd, NEW_NAME, 0) < 0 && errno != ENOENT) { /* of one that was killed */
		return say_errno(diag, folder);
	}
	int r = hk_file_write(folder_fd, NEW_NAME, path, data, length, diag);
	if (r == 0 && renameat(folder_fd, NEW_NAME, folder_fd, FILE_NAME) < 0) {
		r = say_errno(diag, folder);
	}
	if (r < 0) {
		unlinkat(folder_fd, NEW_NAME, 0);
		return r;
	}
	return fsync(folder_fd) < 0 ? say_errno(diag, folder) : 0;
}

static int write_page(const char *folder, const char *data, size_t length, struct hk_diag *diag)
{
	const bool is_new = mkdir(folder, 0777) == 0;
	if (!is_new && errno != EEXIST) {
		return say_errno(diag, folder);
	}
	const int folder_fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	const int r = folder_fd < 0 ? say_errno(diag, folder)
				    : put_in_place(folder_fd, folder, data, length, diag);
	if (folder_fd >= 0) {
		close(folder_fd);
	}
	if (r < 0 && is_new) {
		rmdir(folder);
	}
	return r;
}

/* ---- what is in it ---- */

int hk_page_begin(struct hk_page *ret, const char *folder, const char *title)
{
	*ret = (struct hk_page){ .folder = folder };
	const int r = hk_text_buffer_begin(&ret->text);
	if (r < 0) {
		return r;
	}
	hk_page_html(ret,
		"%s<meta name=\"viewport\" content=\"width=device-width\">\n<style>%s</style>\n",
		beginning, style);
	hk_page_element(ret, "title", title);
	hk_page_html(ret, "</head>\n<body>\n");
	hk_page_element(ret, "h1", title);
	return 0;
}

int hk_page_end(struct hk_page *page, struct hk_diag *diag)
{
	char *data;
	size_t length;
	hk_page_html(page, "</body>\n</html>\n");
	const int end = hk_text_buffer_end(&page->text, &data, &length);
	if (end < 0) {
		return end;
	}
	const int r = page->error < 0 ? hk_diag_set(diag, page->error, "%s", page->diag.text)
				      : write_page(page->folder, data, length, diag);
	free(data);
	return r;
}

void hk_page_drop(struct hk_page *page)
{
	char *data;
	if (hk_text_buffer_end(&page->text, &data, NULL) == 0) {
		free(data);
	}
}

void hk_page_html(struct hk_page *page, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	vfprintf(page->text.file, format,
		args); /* hk_text_buffer_end tells what could not be kept */
	va_end(args);
}

static bool is_control(uint32_t code)
{
	return code < 0x20 || (code >= 0x7f && code < 0xa0);
}

void hk_page_text(struct hk_page *page, const char *text)
{
	for (size_t left = strlen(text); left > 0;) {
		uint32_t code;
		const size_t n = hk_utf8_decode(text, left, &code);
		if (n == 0) {
			hk_page_html(page, "&#xfffd;");
		} else if (is_control(code)) {
			hk_page_html(page, "?");
		} else if (code < 0x80 && strchr("<>&\"", (int)code)) {
			hk_page_html(page, "&#%u;", (unsigned)code);
		} else {
			hk_page_html(page, "%.*s", (int)n, text);
		}
		text += n > 0 ? n : 1;
		left -= n > 0 ? n : 1;
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
	const int r = hk_chart_begin_svg(chart, page->folder, width, height, &page->diag);
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
