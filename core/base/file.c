/* SPDX-License-Identifier: MIT */
#include "core/base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define MODE 0644

const char *hk_file_kind(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFDIR:
		return "a folder";
	case S_IFIFO:
		return "a FIFO";
	case S_IFSOCK:
		return "a socket";
	case S_IFCHR:
	case S_IFBLK:
		return "a device";
	default:
		return "a regular file";
	}
}

static int say_errno(struct hk_diag *diag, const char *path)
{
	const int error = -errno;
	return hk_diag_set(diag, error, "%s: %s", path, strerror(-error));
}

/*
 * Into a buffer that begins as large as the file says it is and grows with what really comes.
 * *RET_DATA is set as soon as there is memory to free.
 */
static int read_all(int fd, const char *path, size_t size, size_t max_size, char **ret_data,
	size_t *ret_length, struct hk_diag *diag)
{
	size_t length = 0;
	for (;;) {
		char *data = realloc(*ret_data, size + 2);
		if (!data) {
			return -ENOMEM;
		}
		*ret_data = data;
		while (length <= size) {
			const ssize_t n = read(fd, data + length, size + 1 - length);
			if (n == 0) {
				data[length] = '\0';
				*ret_length = length;
				return 0;
			}
			if (n < 0 && errno != EINTR) {
				return say_errno(diag, path);
			}
			length += n > 0 ? (size_t)n : 0;
		}
		if (length > max_size) {
			return hk_diag_set(
				diag, -EFBIG, "%s: expected at most %zu bytes", path, max_size);
		}
		size = size > max_size / 2 ? max_size : 2 * size + 1;
	}
}

int hk_file_read(int dir_fd, const char *name, const char *path, size_t max_size, char **ret_data,
	size_t *ret_length, struct hk_diag *diag)
{
	/* O_NONBLOCK: a FIFO must not hold us up before it is refused. */
	const int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	if (fd < 0) {
		return say_errno(diag, path);
	}
	struct stat st;
	char *data = NULL;
	int r;
	if (fstat(fd, &st) < 0) {
		r = say_errno(diag, path);
	} else if (!S_ISREG(st.st_mode)) {
		r = hk_diag_set(diag, -EINVAL, "%s: expected a regular file, got %s", path,
			hk_file_kind(st.st_mode));
	} else if ((uint64_t)st.st_size > max_size) {
		r = hk_diag_set(diag, -EFBIG, "%s: expected at most %zu bytes, got %lld", path,
			max_size, (long long)st.st_size);
	} else {
		r = read_all(fd, path, (size_t)st.st_size, max_size, &data, ret_length, diag);
	}
	close(fd);
	if (r < 0) {
		free(data);
		return r;
	}
	*ret_data = data;
	return 0;
}

int hk_keep_standard_descriptors(int mode)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		/* The lowest free number is FD, for those below it are open. Kept over exec. */
		/* NOLINTNEXTLINE(android-cloexec-open) */
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", mode) < 0) {
			return -errno;
		}
	}
	return 0;
}

static int write_all(int fd, const char *data, size_t length)
{
	while (length > 0) {
		const ssize_t n = write(fd, data, length);
		if (n < 0 && errno != EINTR) {
			return -1;
		}
		data += n > 0 ? n : 0;
		length -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd);
}

int hk_file_write(int dir_fd, const char *name, const char *path, const char *data, size_t length,
	struct hk_diag *diag)
{
	const int fd = openat(dir_fd, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, MODE);
	if (fd < 0) {
		return say_errno(diag, path);
	}
	const int r = write_all(fd, data, length) < 0 ? say_errno(diag, path) : 0;
	return close(fd) < 0 && r == 0 ? say_errno(diag, path) : r;
}

/* Returns 0, -errno with DIAG. A pipe has nothing to bring to a disk. */
static int write_into(const char *path, const char *data, size_t length, struct hk_diag *diag)
{
	const int fd = open(path, O_WRONLY | O_TRUNC | O_CREAT | O_CLOEXEC | O_NOCTTY, MODE);
	if (fd < 0) {
		return say_errno(diag, path);
	}
	const bool failed = write_all(fd, data, length) < 0 && errno != EINVAL && errno != EROFS;
	const int r = failed ? say_errno(diag, path) : 0;
	return close(fd) < 0 && r == 0 ? say_errno(diag, path) : r;
}

int hk_file_replace(const char *path, const char *data, size_t length, struct hk_diag *diag)
{
	struct stat status;
	char *beside;
	if (lstat(path, &status) == 0 && !S_ISREG(status.st_mode)) {
		return write_into(path, data, length, diag);
	}
	if (asprintf(&beside, "%s.%ld.new", path, (long)getpid()) < 0) {
		return hk_diag_set(diag, -ENOMEM, "%s: out of memory", path);
	}
	int r = hk_file_write(AT_FDCWD, beside, path, data, length, diag);
	if (r == 0 && rename(beside, path) < 0) {
		r = say_errno(diag, path);
	}
	if (r < 0 && r != -EEXIST) {
		unlink(beside);
	}
	free(beside);
	return r;
}
