/* SPDX-License-Identifier: MIT */
#include "clients/socket/metrics_merge.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define INSTANCE "{instance=\""

/* A piece of the text. */
struct slice {
	const char *at;
	size_t length;
};

struct family {
	struct slice name, type;
	struct slice head, samples; /* whole lines */
};

struct hk_metrics_text {
	char *text;
	struct slice instance; /* as it stands between the quotes; at: NULL: not known yet */
	size_t n_families;
	struct family *families;
};

static bool same(struct slice a, struct slice b)
{
	return a.length == b.length && (a.length == 0 || memcmp(a.at, b.at, a.length) == 0);
}

static bool begins(struct slice text, const char *with)
{
	return text.length >= strlen(with) && memcmp(text.at, with, strlen(with)) == 0;
}

static struct slice behind(struct slice text, size_t n)
{
	return (struct slice){ text.at + n, text.length - n };
}

/* TEXT up to the first of the characters ENDS. */
static struct slice word(struct slice text, const char *ends)
{
	size_t length = 0;
	while (length < text.length && !strchr(ends, text.at[length])) {
		length++;
	}
	return (struct slice){ text.at, length };
}

static int refuse(struct hk_diag *diag, const char *what, struct slice line)
{
	return hk_diag_set(diag, -EPROTO, "metrics that cannot be read: %s: %.*s", what,
		(int)(line.length < 200 ? line.length : 200), line.at);
}

static struct family *find(const struct hk_metrics_text *text, struct slice name)
{
	for (size_t i = 0; i < text->n_families; i++) {
		if (same(text->families[i].name, name)) {
			return &text->families[i];
		}
	}
	return NULL;
}

/* "# TYPE name type", "# HELP name text", "# UNIT name unit"; the first of a family opens it. */
static int take_head(struct hk_metrics_text *text, struct slice line, struct hk_diag *diag)
{
	const struct slice rest = behind(line, strlen("# TYPE "));
	const struct slice name = word(rest, " ");
	struct family *last = text->n_families ? &text->families[text->n_families - 1] : NULL;
	if (name.length == 0 || name.length == rest.length) {
		return refuse(diag, "expected a name and a text", line);
	}
	if (!last || !same(last->name, name)) {
		if (last && !last->type.at) {
			return refuse(diag, "a family without its # TYPE before", line);
		}
		if (find(text, name)) {
			return refuse(diag, "a family that comes twice", line);
		}
		if (text->n_families == HK_METRICS_MERGE_FAMILIES) {
			return hk_diag_set(diag, -EPROTO, "more than %d families of metrics",
				HK_METRICS_MERGE_FAMILIES);
		}
		last = &text->families[text->n_families++];
		*last = (struct family){ .name = name, .head = { line.at, 0 } };
	}
	if (last->samples.at) {
		return refuse(diag, "metadata behind samples", line);
	}
	if (begins(line, "# TYPE ")) {
		if (last->type.at) {
			return refuse(diag, "a second type", line);
		}
		last->type = behind(rest, name.length + 1);
	}
	last->head.length = (size_t)(line.at + line.length + 1 - last->head.at);
	return 0;
}

/* The length of TEXT, "{name="value",...}", up to its closing brace; 0: it has none. */
static size_t labels_length(struct slice text)
{
	bool quoted = false;
	for (size_t i = 0; i < text.length; i++) {
		if (quoted && text.at[i] == '\\') {
			i++;
		} else if (text.at[i] == '"') {
			quoted = !quoted;
		} else if (text.at[i] == '}' && !quoted) {
			return i + 1;
		}
	}
	return 0;
}

/* The label's value, up to the quote that ends it; escaped ones are part of it. */
static struct slice quoted_value(struct slice text)
{
	size_t length = 0;
	while (length < text.length && text.at[length] != '"') {
		length += text.at[length] == '\\' ? 2 : 1;
	}
	return (struct slice){ text.at, length < text.length ? length : text.length };
}

static bool is_value(struct slice text)
{
	return text.length > 1 && text.at[0] == ' ' &&
		strspn(text.at + 1, "+-.0123456789eEINafn") == text.length - 1;
}

static int take_sample(struct hk_metrics_text *text, struct slice line, struct hk_diag *diag)
{
	struct family *family = text->n_families ? &text->families[text->n_families - 1] : NULL;
	const struct slice name = word(line, "{ ");
	const struct slice rest = behind(line, name.length);
	if (!family || !family->type.at || name.length < family->name.length ||
		memcmp(name.at, family->name.at, family->name.length) != 0) {
		return refuse(diag, "a sample without its # TYPE", line);
	}
	if (!begins(rest, INSTANCE)) {
		return refuse(diag, "expected the label instance first", line);
	}
	const size_t n_labels = labels_length(rest);
	if (n_labels == 0 || !is_value(behind(rest, n_labels))) {
		return refuse(diag, "expected NAME{LABELS} VALUE", line);
	}
	const struct slice instance = quoted_value(behind(rest, strlen(INSTANCE)));
	if (!text->instance.at) {
		text->instance = instance;
	} else if (!same(text->instance, instance)) {
		return refuse(diag, "a second instance", line);
	}
	if (!family->samples.at) {
		family->samples.at = line.at;
	}
	family->samples.length = (size_t)(line.at + line.length + 1 - family->samples.at);
	return 0;
}

/* The last family is the one that no other has checked. */
static int check_end(const struct hk_metrics_text *text, struct slice line, struct hk_diag *diag)
{
	const size_t n = text->n_families;
	return n > 0 && !text->families[n - 1].type.at
		? refuse(diag, "a family without its # TYPE before", line)
		: 0;
}

static int parse(struct hk_metrics_text *text, struct hk_diag *diag)
{
	for (const char *at = text->text; *at;) {
		const struct slice line = { at, strcspn(at, "\n") };
		if (at[line.length] == '\0') {
			return refuse(diag, "a line without its end", line);
		}
		at += line.length + 1;
		if (same(line, (struct slice){ "# EOF", strlen("# EOF") })) {
			return *at ? refuse(diag, "lines behind # EOF", line)
				   : check_end(text, line, diag);
		}
		const bool head = begins(line, "# TYPE ") || begins(line, "# HELP ") ||
			begins(line, "# UNIT ");
		const int r = head ? take_head(text, line, diag) : take_sample(text, line, diag);
		if (r < 0) {
			return r;
		}
	}
	return hk_diag_set(diag, -EPROTO, "metrics that cannot be read: # EOF is missing");
}

/* Whether TEXT can stand beside those that are there. */
static int compare(const struct hk_metrics_merge *merge, const struct hk_metrics_text *text,
	struct hk_diag *diag)
{
	for (size_t i = 0; i < merge->n_texts; i++) {
		const struct hk_metrics_text *other = &merge->texts[i];
		if (text->instance.at && other->instance.at &&
			same(text->instance, other->instance)) {
			return hk_diag_set(diag, -EPROTO,
				"another daemon is called \"%.*s\" too: its metrics would be the "
				"same; expected an --instance of its own",
				(int)text->instance.length, text->instance.at);
		}
		for (size_t k = 0; k < text->n_families; k++) {
			const struct family *family = &text->families[k];
			const struct family *known = find(other, family->name);
			if (known && !same(known->type, family->type)) {
				return hk_diag_set(diag, -EPROTO,
					"%.*s is a %.*s here and a %.*s of another instance: daemons of "
					"different versions",
					(int)family->name.length, family->name.at,
					(int)family->type.length, family->type.at,
					(int)known->type.length, known->type.at);
			}
		}
	}
	return 0;
}

static void finish_text(struct hk_metrics_text *text)
{
	free(text->text);
	free(text->families);
}

int hk_metrics_merge_add(struct hk_metrics_merge *merge, const char *text, struct hk_diag *diag)
{
	struct hk_metrics_text *texts =
		realloc(merge->texts, (merge->n_texts + 1) * sizeof(*merge->texts));
	if (!texts) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	merge->texts = texts;
	struct hk_metrics_text added = {
		.text = strdup(text),
		.families = calloc(HK_METRICS_MERGE_FAMILIES, sizeof(*added.families)),
	};
	int r = added.text && added.families ? parse(&added, diag)
					     : hk_diag_set(diag, -ENOMEM, "out of memory");
	if (r == 0) {
		r = compare(merge, &added, diag);
	}
	if (r < 0) {
		finish_text(&added);
		return r;
	}
	merge->texts[merge->n_texts++] = added;
	return 0;
}

/* FAMILY of text FIRST, which no text before it has. */
static void print_family(
	const struct hk_metrics_merge *merge, size_t first, const struct family *family, FILE *out)
{
	fwrite(family->head.at, 1, family->head.length, out);
	for (size_t i = first; i < merge->n_texts; i++) {
		const struct family *one = find(&merge->texts[i], family->name);
		if (one && one->samples.at) {
			fwrite(one->samples.at, 1, one->samples.length, out);
		}
	}
}

void hk_metrics_merge_print(const struct hk_metrics_merge *merge, FILE *out)
{
	for (size_t i = 0; i < merge->n_texts; i++) {
		const struct hk_metrics_text *text = &merge->texts[i];
		for (size_t k = 0; k < text->n_families; k++) {
			bool printed = false;
			for (size_t before = 0; before < i && !printed; before++) {
				printed = find(&merge->texts[before], text->families[k].name);
			}
			if (!printed) {
				print_family(merge, i, &text->families[k], out);
			}
		}
	}
	fputs("# EOF\n", out);
}

void hk_metrics_merge_finish(struct hk_metrics_merge *merge)
{
	for (size_t i = 0; i < merge->n_texts; i++) {
		finish_text(&merge->texts[i]);
	}
	free(merge->texts);
	*merge = (struct hk_metrics_merge){ 0 };
}
