/* SPDX-License-Identifier: MIT */
/*
 * commands: the one table of what `hearken` can do.
 *
 * Each command is a row in its own file (cmd_NAME.c) with the table of its options. Parsing the
 * command line, `hearken help`, the shell completions, the manual's test and the tests all read
 * these rows. To add a command: one file, one row in HK_COMMANDS.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clients/cli/exit_codes.h"
#include "clients/cli/output.h"
#include "core/base/params.h"

/* What the shell offers for a value. */
enum hk_completion {
	HK_COMPLETE_NOTHING,
	HK_COMPLETE_FILE,
	HK_COMPLETE_FOLDER,
	HK_COMPLETE_WORDS,   /* the words of the option's parameter */
	HK_COMPLETE_PROFILE, /* a name in hk_profiles */
	HK_COMPLETE_COMMAND, /* a name in hk_commands */
	HK_COMPLETE_SHELL,   /* a name in hk_shells (completion.h) */
};

struct hk_option {
	/* The key is the long name; a row of type HK_PARAM_BOOL without ARGUMENT is a switch.
	 * No fallback: when it is not given, the value stays zero or empty. */
	struct hk_param value;
	const char *argument; /* "DIR"; NULL: takes none */
	char letter;          /* short name; 0: none */
	enum hk_completion completion;
	bool repeats; /* given again, a text is added to the one before, separated by a comma */
	bool rest; /* the words behind the value belong to it: they are the command's arguments */
};

struct hk_command;

/* One call of a command, parsed. */
struct hk_call {
	const struct hk_command *command;
	const void *options; /* the command's own struct */
	size_t n_arguments;
	char *const *arguments;
	struct hk_output *out;
};

struct hk_command {
	const char *name;      /* "detect"; "model show" is two words */
	const char *arguments; /* "FILE...", "[COMMAND]"; "" = none */
	const char *summary;   /* one line without a full stop */
	const char *help;      /* paragraphs, lines of at most 80 columns, each ended by \n */
	size_t min_arguments, max_arguments;
	enum hk_completion completion; /* of the arguments */
	const struct hk_option *options;
	size_t n_options;
	size_t options_size; /* of the struct that the options fill */
	enum hk_exit (*run)(const struct hk_call *call);
};

/* All commands, in the order of `hearken help`: ROW_(NAME) for hk_cmd_NAME of cmd_NAME.c. */
#define HK_COMMANDS(ROW_)                                                                          \
	ROW_(status)                                                                               \
	ROW_(events)                                                                               \
	ROW_(follow)                                                                               \
	ROW_(watch)                                                                                \
	ROW_(explain)                                                                              \
	ROW_(metrics)                                                                              \
	ROW_(reload)                                                                               \
	ROW_(detect)                                                                               \
	ROW_(classify)                                                                             \
	ROW_(plot)                                                                                 \
	ROW_(features)                                                                             \
	ROW_(evaluate)                                                                             \
	ROW_(train)                                                                                \
	ROW_(model_show)                                                                           \
	ROW_(profiles)                                                                             \
	ROW_(devices)                                                                              \
	ROW_(fit)                                                                                  \
	ROW_(completions)                                                                          \
	ROW_(help)                                                                                 \
	ROW_(version)

#define HK_DECLARE_COMMAND(name_) extern const struct hk_command hk_cmd_##name_;
HK_COMMANDS(HK_DECLARE_COMMAND)
#undef HK_DECLARE_COMMAND

/* The same, NULL-terminated. */
extern const struct hk_command *const hk_commands[];

/*
 * The command that WORDS begins with ("model", "show", ...). Shapes: words[n_words].
 * Returns it and sets *ret_n_used to the words of its name; NULL when there is none.
 */
const struct hk_command *hk_command_find(char *const *words, size_t n_words, size_t *ret_n_used);

/* Say that WORDS, at least one, are no command, and which begin with the first of them. Returns
 * HK_EXIT_USAGE. */
enum hk_exit hk_command_refuse(char *const *words, size_t n_words);
