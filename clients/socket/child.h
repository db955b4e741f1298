/* SPDX-License-Identifier: MIT */
/*
 * child: run a program and take what it prints, unless it hangs. Main thread only.
 */
#pragma once

#include <stddef.h>

/*
 * Run ARGV (argv[0] is the path) with stdin from /dev/null and our stderr until it ends.
 * A child that hangs is killed: it neither printed nor computed for LIMIT_MS, or computed for 8
 * times that of its own processor time without printing. A busy machine makes it slow, which is no
 * reason to kill it. Returns 0 with *ret_text (what it wrote to stdout, NUL-terminated, for the
 * caller to free) and *ret_code (its exit code; 128 + the signal that ended it); -ETIMEDOUT,
 * -EMSGSIZE (more than 1 MiB), -ENOMEM, or the errno of starting it.
 */
int hk_child_output(char *const *argv, int limit_ms, char **ret_text, int *ret_code);
