/* SPDX-License-Identifier: MIT */
#include "daemon/capture-shared/capture_message.h"

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <unistd.h>

_Static_assert(sizeof(struct hk_capture_message) <= PIPE_BUF, "a report must be written whole");

int hk_capture_message_send(int fd, const struct hk_capture_message *report)
{
	ssize_t n;
	do {
		n = write(fd, report, sizeof(*report));
	} while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

static void clean(char *text, size_t size)
{
	text[size - 1] = '\0';
	for (char *c = text; *c; c++) {
		if ((unsigned char)*c < ' ' || *c == 0x7f) {
			*c = '?';
		}
	}
}

int hk_capture_message_receive(int fd, struct hk_capture_message *ret)
{
	struct hk_capture_message report;
	ssize_t n;
	do {
		n = read(fd, &report, sizeof(report));
	} while (n < 0 && errno == EINTR);
	if (n < 0) {
		return -errno;
	}
	if (n == 0) {
		return -EPIPE;
	}
	if ((size_t)n != sizeof(report) || report.news >= HK_N_CAPTURE_NEWS) {
		return -EBADMSG;
	}
	clean(report.device, sizeof(report.device));
	clean(report.text, sizeof(report.text));
	*ret = report;
	return 0;
}
