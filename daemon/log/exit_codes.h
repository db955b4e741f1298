/* SPDX-License-Identifier: MIT */
/*
 * exit_codes: how `hearkend` exits. One table of codes and words, read by the code, --help and the
 * tests.
 */
#pragma once

#include <stddef.h>

#include "core/base/exit_codes.h"

extern const struct hk_exit_row hk_daemon_exits[];
extern const size_t hk_n_daemon_exits;
