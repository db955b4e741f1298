/* SPDX-License-Identifier: MIT */
/*
 * file: whole small files, read without trust and written to stay; the standard descriptors. Any
 * thread; not real-time.
 */
#pragma once

#include <stddef.h>
#include <sys/types.h>

#include "core/base/diag.h"

/* What MODE (of fstat) is, for messages: "a FIFO", "a folder", ... */
const char *hk_file_kind(mode_t mode);

/*
 * Read the regular file NAME in the folder DIR_FD (or AT_FDCWD), at most MAX_SIZE bytes, into
 * malloc'ed memory with a NUL after its last byte. PATH is for messages. What grows while it is
 * read is read to its end or refused. Returns 0; -ENOENT, -EACCES, -ELOOP, ...; -EINVAL (no regular
 * file), -EFBIG, -ENOMEM, each with DIAG.
 */
int hk_file_read(int dir_fd, const char *name, const char *path, size_t max_size, char **ret_data,
	size_t *ret_length, struct hk_diag *diag);

/*
 * Open /dev/null in MODE (O_RDONLY, ...) as each of the descriptors 0 to 2 that is closed. First of
 * all in a program: a later open would get that number, and what is printed would be written into
 * it. Returns 0; -errno when there is no /dev/null.
 */
int hk_keep_standard_descriptors(int mode);

/*
 * Create the file NAME in DIR_FD with these bytes and bring them to the disk. Returns 0, -EEXIST,
 * -ENOSPC, ..., each with DIAG.
 */
int hk_file_write(int dir_fd, const char *name, const char *path, const char *data, size_t length,
	struct hk_diag *diag);

/*
 * Put these bytes into the file PATH in one step: on failure it is as it was. They are written
 * straight into what is no regular file (a symbolic link, a FIFO, a device). Returns 0, -ENOENT,
 * -EACCES, -ENOSPC, -EFBIG, ..., each with DIAG.
 */
int hk_file_replace(const char *path, const char *data, size_t length, struct hk_diag *diag);
