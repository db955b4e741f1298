/* SPDX-License-Identifier: MIT */
/*
 * exit_codes: how `hearken` ends. The numbers are those of sysexits.h where it has one. One table
 * of numbers and words, read by the code, `hearken help`, the manual's test and the tests.
 */
#pragma once

#include <stddef.h>

enum hk_exit {
	HK_EXIT_OK = 0,
	HK_EXIT_FAILURE = 1,
	HK_EXIT_USAGE = 64,
	HK_EXIT_DATA = 65,
	HK_EXIT_NO_INPUT = 66,
	HK_EXIT_UNAVAILABLE = 69,
	HK_EXIT_INTERNAL = 70,
	HK_EXIT_IO = 74,
	HK_EXIT_PROTOCOL = 76,
	HK_EXIT_PERMISSION = 77,
	HK_EXIT_CONFIG = 78,
};

struct hk_exit_row {
	enum hk_exit code;
	const char *help; /* when it is used, without a full stop */
};

extern const struct hk_exit_row hk_exit_table[];
extern const size_t hk_n_exits;

/* The exit code for the negative errno ERROR of a function that read an input file. */
enum hk_exit hk_exit_of_input(int error);

/* The same of a function that wrote what the user asked for. */
enum hk_exit hk_exit_of_output(int error);
