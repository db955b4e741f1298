/* SPDX-License-Identifier: MIT */
/*
 * exit_codes: how `hearkend` ends, the numbers as in sysexits.h. One table of numbers and words,
 * read by the code, --help and the tests.
 */
#pragma once

#include <stddef.h>

enum hk_exit {
	HK_EXIT_OK = 0,
	HK_EXIT_FAILURE = 1,
	HK_EXIT_USAGE = 64,
	HK_EXIT_NO_INPUT = 66,
	HK_EXIT_CONFIG = 78,
};

struct hk_exit_row {
	enum hk_exit code;
	const char *help;
};

extern const struct hk_exit_row hk_exit_table[];
extern const size_t hk_n_exits;
