/* SPDX-License-Identifier: MIT */
#include "clients/socket/place.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "core/base/number.h"

#define MAX_SIZE 64 /* bytes: more than any number and its line feed */

int hk_place_read(const char *path, int64_t *ret_cursor, struct hk_diag *diag)
{
	char *text = NULL;
	size_t length;
	uint64_t cursor;
	*ret_cursor = -1;
	int r = hk_file_read(AT_FDCWD, path, path, MAX_SIZE, &text, &length, diag);
	if (r < 0) {
		return r;
	}
	text[strcspn(text, "\n")] = '\0';
	if (hk_parse_uint64(text, &cursor) < 0 || cursor > INT64_MAX) {
		r = hk_diag_set(diag, -EINVAL,
			"%s: expected the cursor of a change, a number, got \"%s\"", path, text);
	} else {
		*ret_cursor = (int64_t)cursor;
	}
	free(text);
	return r;
}

static int replace(int folder, const char *name, const char *temporary, const char *path,
	const char *text, struct hk_diag *diag)
{
	/* left behind by a crash */
	if (unlinkat(folder, temporary, 0) < 0 && errno != ENOENT) {
		return hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
	}
	int r = hk_file_write(folder, temporary, path, text, strlen(text), diag);
	if (r < 0) {
		return r;
	}
	if (renameat(folder, temporary, folder, name) < 0 || fsync(folder) < 0) {
		r = hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
	}
	return r;
}

int hk_place_write(const char *path, int64_t cursor, struct hk_diag *diag)
{
	char folder[PATH_MAX], temporary[NAME_MAX + 1], text[MAX_SIZE];
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	const int length = slash ? (int)(slash - path) : 0;
	if (snprintf(temporary, sizeof(temporary), ".%s.tmp", name) >= (int)sizeof(temporary) ||
		length >= (int)sizeof(folder)) {
		return hk_diag_set(diag, -ENAMETOOLONG, "%s: %s", path, strerror(ENAMETOOLONG));
	}
	snprintf(folder, sizeof(folder), "%.*s", slash ? length + (length == 0) : 1,
		slash ? path : ".");
	const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0) {
		return hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
	}
	snprintf(text, sizeof(text), "%" PRId64 "\n", cursor);
	const int r = replace(fd, name, temporary, path, text, diag);
	close(fd);
	return r;
}
