/* SPDX-License-Identifier: MIT */
#include "clients/cli/completion.h"

#include <assert.h>
#include <string.h>

#include "core/features/profile.h"
#include "core/features/profiles.h"

const struct hk_shell *const hk_shells[] = {
	&hk_shell_bash,
	&hk_shell_zsh,
	&hk_shell_fish,
	NULL,
};

const struct hk_shell *hk_shell_find(const char *name)
{
	for (size_t i = 0; hk_shells[i]; i++) {
		if (strcmp(hk_shells[i]->name, name) == 0) {
			return hk_shells[i];
		}
	}
	return NULL;
}

static void add(struct hk_completion_words *words, const char *text, const char *help)
{
	const size_t length = strcspn(text, " ");
	for (size_t i = 0; i < words->n_words; i++) {
		if (words->words[i].length == (int)length &&
			memcmp(words->words[i].text, text, length) == 0) {
			return;
		}
	}
	assert(words->n_words < HK_COMPLETION_MAX_WORDS);
	words->words[words->n_words].text = text;
	words->words[words->n_words].length = (int)length;
	words->words[words->n_words].help = help;
	words->n_words++;
}

void hk_completion_next_words(const char *first, int length, struct hk_completion_words *ret)
{
	ret->n_words = 0;
	for (size_t i = 0; hk_commands[i]; i++) {
		const char *name = hk_commands[i]->name;
		if (length == 0) {
			add(ret, name, hk_commands[i]->summary);
		} else if (strncmp(name, first, (size_t)length) == 0 && name[length] == ' ') {
			add(ret, name + length + 1, hk_commands[i]->summary);
		}
	}
}

void hk_completion_words(enum hk_completion completion, const struct hk_param *value,
	struct hk_completion_words *ret)
{
	ret->n_words = 0;
	switch (completion) {
	case HK_COMPLETE_NOTHING:
	case HK_COMPLETE_FILE:
	case HK_COMPLETE_FOLDER:
		break;
	case HK_COMPLETE_WORDS:
		for (size_t i = 0; value->words[i]; i++) {
			add(ret, value->words[i], NULL);
		}
		break;
	case HK_COMPLETE_PROFILE:
		for (size_t i = 0; hk_profiles[i]; i++) {
			add(ret, hk_profiles[i]->name, NULL);
		}
		break;
	case HK_COMPLETE_COMMAND:
		hk_completion_next_words("", 0, ret);
		break;
	case HK_COMPLETE_SHELL:
		for (size_t i = 0; hk_shells[i]; i++) {
			add(ret, hk_shells[i]->name, NULL);
		}
		break;
	}
}

void hk_completion_write_words(struct hk_output *out, const struct hk_completion_words *words)
{
	for (size_t i = 0; i < words->n_words; i++) {
		hk_output_text(
			out, "%s%.*s", i ? " " : "", words->words[i].length, words->words[i].text);
	}
}

void hk_completion_write_quoted(struct hk_output *out, const char *text, const char *special)
{
	for (; *text; text++) {
		if (*text == '\'') {
			hk_output_text(out, "'\\''");
		} else {
			hk_output_text(out, "%s%c", strchr(special, *text) ? "\\" : "", *text);
		}
	}
}
