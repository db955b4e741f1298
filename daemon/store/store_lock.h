/* SPDX-License-Identifier: MIT */
/*
 * store_lock: one daemon a history. Who opens it closes what the last run left open, so a second
 * one would falsify the events of the first.
 *
 * It is a lock of the open file description (fcntl(2), F_OFD_SETLK) on one byte of the history's
 * own file, far behind what SQLite locks or writes. So the kernel takes it away with the process
 * however that ends; it holds whatever name (a link, another mount) the file is opened by; no file
 * of its own stays behind; others can still read the history. Closing any descriptor of a file
 * drops the locks that SQLite holds on it for this process: take the lock before SQLite opens the
 * file, release it after SQLite has closed it. The store's thread only.
 */
#pragma once

#include "core/base/diag.h"

/*
 * Lock the file at PATH, which is made when it is missing. *ret_fd holds the lock (owner: the
 * caller, hk_store_unlock). Returns 0; -EBUSY with DIAG: another process has it, or the file was
 * replaced just now; -ENOENT, -EACCES, -EROFS, -ENOSPC, ... with DIAG.
 */
int hk_store_lock(int *ret_fd, const char *path, struct hk_diag *diag);

/* FD: what hk_store_lock gave; negative: nothing is done. */
void hk_store_unlock(int fd);
