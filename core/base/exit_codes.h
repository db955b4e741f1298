/* SPDX-License-Identifier: MIT */
/*
 * exit_codes: the exit codes of all programs, those of sysexits.h where it has one. Each program
 * has a table of the codes it uses and when.
 */
#pragma once

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
