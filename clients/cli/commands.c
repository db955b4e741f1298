/* SPDX-License-Identifier: MIT */
#include "clients/cli/commands.h"

#include <stdbool.h>
#include <string.h>

#include "core/base/known.h"

const struct hk_command *const hk_commands[] = {
#define ROW(name_) &hk_cmd_##name_,
	HK_COMMANDS(ROW)
#undef ROW
		NULL,
};

/* How many of WORDS the words of NAME match; 0 when not all of NAME is there. */
static size_t match(const char *name, char *const *words, size_t n_words)
{
	size_t n_used = 0;
	while (n_used < n_words) {
		const size_t length = strcspn(name, " ");
		const char *word = words[n_used];
		if (strlen(word) != length || memcmp(name, word, length) != 0) {
			return 0;
		}
		n_used++;
		if (name[length] == '\0') {
			return n_used;
		}
		name += length + 1;
	}
	return 0;
}

const struct hk_command *hk_command_find(char *const *words, size_t n_words, size_t *ret_n_used)
{
	for (size_t i = 0; hk_commands[i]; i++) {
		const size_t n_used = match(hk_commands[i]->name, words, n_words);
		if (n_used > 0) {
			*ret_n_used = n_used;
			return hk_commands[i];
		}
	}
	return NULL;
}

enum hk_exit hk_command_refuse(char *const *words, size_t n_words)
{
	struct hk_known expected = { .length = 0 };
	struct hk_known all = { .asked = words[0] };
	for (size_t i = 0; hk_commands[i]; i++) {
		const char *name = hk_commands[i]->name;
		const size_t n_first = strcspn(name, " ");
		hk_known_add(&all, "%s", name);
		if (strlen(words[0]) != n_first || memcmp(name, words[0], n_first) != 0) {
			continue;
		}
		hk_known_add(&expected, "%s", name);
	}
	const bool begins = expected.length > 0, two = n_words > 1 && begins;
	hk_message("no command \"%s%s%s\"%s%s%s; see `hearken help`", words[0], two ? " " : "",
		two ? words[1] : "", begins ? ": expected " : "", expected.text,
		begins ? "" : all.hint);
	return HK_EXIT_USAGE;
}
