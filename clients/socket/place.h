/* SPDX-License-Identifier: MIT */
/*
 * place: the cursor of the last change that was dealt with, in a file that survives a crash at any
 * moment.
 *
 * The file holds one decimal number and a line feed. It is replaced as a whole: a temporary file
 * beside it
 * (".NAME.tmp") is written, synced and renamed over it, and the folder is synced. One writer a
 * file.
 */
#pragma once

#include <stdint.h>

#include "core/base/diag.h"

/* Returns 0; -ENOENT: no file yet, *ret_cursor is -1; another negative errno with DIAG: unreadable,
 * or no cursor in it. */
int hk_place_read(const char *path, int64_t *ret_cursor, struct hk_diag *diag);

/* Returns 0, or a negative errno with DIAG: PATH is as it was. */
int hk_place_write(const char *path, int64_t cursor, struct hk_diag *diag);
