/* SPDX-License-Identifier: MIT */
/*
 * child: run a program and take what it prints, within a time limit. Main thread only.
 */
#pragma once

#include <stddef.h>

/*
 * Run ARGV (argv[0] is the path) with stdin from /dev/null and our stderr until it ends, at most
 * TIMEOUT_MS; then it is killed.
 * Returns 0 with *ret_text (what it wrote to stdout, NUL-terminated, for the caller to free) and
 * *ret_code (its exit code; 128 + the signal that ended it); -ETIMEDOUT, -EMSGSIZE (more than 1 MiB),
 * -ENOMEM, or the errno of starting it.
 */
int hk_child_output(char *const *argv, int timeout_ms, char **ret_text, int *ret_code);
