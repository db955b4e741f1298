/* SPDX-License-Identifier: MIT */
#include "daemon/store/store_lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define LOCKED_BYTE (INT64_C(1) << 62) /* SQLite's files end at 2^48, its own locks before 2^31 */
#define FILE_MODE 0644                 /* SQLite's; the umask has its say */

/* Who waited for a damaged file may get it when it has another name already. */
static bool is_still_at(int fd, const char *path)
{
	struct stat locked, found;
	return fstat(fd, &locked) == 0 && stat(path, &found) == 0 &&
		locked.st_dev == found.st_dev && locked.st_ino == found.st_ino;
}

int hk_store_lock(int *ret_fd, const char *path, struct hk_diag *diag)
{
	const int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOCTTY, FILE_MODE);
	if (fd < 0) {
		return hk_diag_set(diag, -errno, "%s", strerror(errno));
	}
	struct flock lock = {
		.l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCKED_BYTE, .l_len = 1
	};
	int r = 0;
	if (fcntl(fd, F_OFD_SETLK, &lock) < 0) {
		r = errno == EAGAIN || errno == EACCES
			? hk_diag_set(diag, -EBUSY, "in use by another hearkend")
			: hk_diag_set(diag, -errno, "cannot be locked: %s", strerror(errno));
	} else if (!is_still_at(fd, path)) {
		r = hk_diag_set(diag, -EBUSY, "the file was replaced just now");
	}
	if (r < 0) {
		close(fd);
		return r;
	}
	*ret_fd = fd;
	return 0;
}

void hk_store_unlock(int fd)
{
	if (fd >= 0) {
		close(fd);
	}
}
