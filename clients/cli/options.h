/* SPDX-License-Identifier: MIT */
/*
 * options: a command line read by the command's own table. Main thread only (getopt).
 */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "clients/cli/commands.h"
#include "core/base/diag.h"

#define HK_MAX_OPTIONS 24 /* of one command */

enum hk_command_options_result {
	HK_COMMAND_OPTIONS_RUN = 0,
	HK_COMMAND_OPTIONS_HELP = 1, /* --help or -h was given */
};

/*
 * Parse ARGV[1..argc-1] (argv[0] is not read) into OPTIONS, a zeroed struct of
 * command->options_size bytes; the defaults are filled in first. ARGV is permuted so that the
 * arguments that are no options come last, from *ret_first on. With an option that takes the rest
 * of the line (hk_option.rest) nothing moves, and the first argument ends the options.
 * Returns an enum hk_command_options_result, or -EINVAL with DIAG saying what is wrong and what was
 * expected.
 */
int hk_command_options_parse(const struct hk_command *command, int argc, char **argv, void *options,
	int *ret_first, struct hk_diag *diag);

/* ---- rows that several commands have; TYPE is the command's struct ---- */

#define HK_OPTION_MODEL(type_)                                                                     \
	{                                                                                          \
		.value = { .key = "model",                                                         \
			.type = HK_PARAM_STRING,                                                   \
			HK_PARAM_AT(type_, model),                                                 \
			.help = "the model: a folder, or the name of one that came with hearken; " \
				"default: what $HEARKEN_MODEL names, else home" },                 \
		.argument = "DIR", .letter = 'm', .completion = HK_COMPLETE_FOLDER,                \
	}

#define HK_OPTION_CHANNEL(type_)                                                                   \
	{                                                                                          \
		.value = { .key = "channel",                                                       \
			.type = HK_PARAM_UINT,                                                     \
			HK_PARAM_AT(type_, channel),                                               \
			.max = 64,                                                                 \
			.fallback = "0",                                                           \
			.help = "channel to listen to, 1 is the first; 0: the mean of all" },      \
		.argument = "N", .letter = 'c',                                                    \
	}

#define HK_OPTION_JSON(type_)                                                                      \
	{                                                                                          \
		.value = { .key = "json",                                                          \
			.type = HK_PARAM_BOOL,                                                     \
			HK_PARAM_AT(type_, json),                                                  \
			.help = "print one JSON object a line" },                                  \
		.letter = 'j',                                                                     \
	}

#define HK_OPTION_TABLE(type_)                                                                     \
	{                                                                                          \
		.value = { .key = "table",                                                         \
			.type = HK_PARAM_BOOL,                                                     \
			HK_PARAM_AT(type_, table),                                                 \
			.help = "print a table; without --json and --table, a terminal gets the "  \
				"table and anything else JSON" },                                  \
		.letter = 't',                                                                     \
	}

#define HK_OPTION_INSTANCE(type_)                                                                  \
	{                                                                                          \
		.value = { .key = "instance",                                                      \
			.type = HK_PARAM_STRING,                                                   \
			HK_PARAM_AT(type_, instance),                                              \
			.help = "the daemon of this name, that is /run/hearken/NAME.sock" },       \
		.argument = "NAME", .letter = 'i',                                                 \
	}

#define HK_INSTANCES_SIZE 1024 /* of the text of HK_OPTION_INSTANCES */

#define HK_OPTION_INSTANCES(type_)                                                                 \
	{                                                                                          \
		.value = { .key = "instance",                                                      \
			.type = HK_PARAM_STRING,                                                   \
			HK_PARAM_AT(type_, instance),                                              \
			.help = "the daemons of these names, that is /run/hearken/NAME.sock; may " \
				"be given again" },                                                \
		.argument = "NAME,...", .letter = 'i', .repeats = true,                            \
	}

#define HK_OPTION_ALL(type_)                                                                       \
	{                                                                                          \
		.value = { .key = "all",                                                           \
			.type = HK_PARAM_BOOL,                                                     \
			HK_PARAM_AT(type_, all),                                                   \
			.help = "all daemons with a socket in /run/hearken" },                     \
		.letter = 'a',                                                                     \
	}

#define HK_OPTION_SOCKET(type_) HK_OPTION_SOCKET_ELSE(type_, "the instance default")

/* ELSE_: which it is when neither option nor environment says so. */
#define HK_OPTION_SOCKET_ELSE(type_, else_)                                                              \
	{                                                                                                \
		.value = { .key = "socket",                                                              \
			.type = HK_PARAM_STRING,                                                         \
			HK_PARAM_AT(type_, socket),                                                      \
			.help = "the daemon that answers here; default: $HEARKEN_SOCKET, else " else_ }, \
		.argument = "PATH", .letter = 'S', .completion = HK_COMPLETE_FILE,                       \
	}

#define HK_OPTION_LABEL(type_)                                                                     \
	{                                                                                          \
		.value = { .key = "label",                                                         \
			.type = HK_PARAM_STRING,                                                   \
			HK_PARAM_AT(type_, labels),                                                \
			.help = "only these labels, separated by commas; may be given again" },    \
		.argument = "LABEL,...", .letter = 'l', .repeats = true,                           \
	}
