/* SPDX-License-Identifier: MIT */
/*
 * completion: scripts with which a shell completes a command line of hearken, made from the table
 * of commands. The build writes and installs one for each shell.
 */
#pragma once

#include <stddef.h>

#include "clients/cli/commands.h"

/* How to write the script of a shell. */
struct hk_shell {
	const char *name;
	void (*write)(struct hk_output *out);
};

/* All shells, NULL-terminated. */
extern const struct hk_shell *const hk_shells[];

/* The row of NAME, or NULL. */
const struct hk_shell *hk_shell_find(const char *name);

/* ---- for the writers ---- */

extern const struct hk_shell hk_shell_bash, hk_shell_zsh, hk_shell_fish;

#define HK_COMPLETION_MAX_WORDS 64

struct hk_completion_words {
	size_t n_words;
	struct {
		const char *text; /* not ended by NUL */
		int length;
		const char *help; /* NULL: none */
	} words[HK_COMPLETION_MAX_WORDS];
};

/* What may stand where COMPLETION is wanted; none for files and folders. VALUE: NULL for arguments.
 */
void hk_completion_words(enum hk_completion completion, const struct hk_param *value,
	struct hk_completion_words *ret);

/*
 * The words of commands that may follow the first LENGTH characters of FIRST: after "model" those
 * of "model show" and its like; with LENGTH 0 the first words of all commands. Each once.
 */
void hk_completion_next_words(const char *first, int length, struct hk_completion_words *ret);

/* WORDS separated by blanks. */
void hk_completion_write_words(struct hk_output *out, const struct hk_completion_words *words);

/* TEXT with a backslash before each character of SPECIAL, for the inside of single quotes: a quote
 * itself becomes '\''. */
void hk_completion_write_quoted(struct hk_output *out, const char *text, const char *special);
