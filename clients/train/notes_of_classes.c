/* SPDX-License-Identifier: MIT */
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "clients/train/notes.h"

static const struct {
	const char *label, *without; /* what a model without it does, and the cure */
} backgrounds[] = {
	{ "silence",
		"a quiet room is taken for one of the classes; add a folder silence with "
		"recordings of the quiet room" },
	{ "other",
		"whatever else sounds is taken for one of the classes; add a folder other with "
		"everyday sounds of the place" },
};

#define N_BACKGROUNDS (sizeof(backgrounds) / sizeof(backgrounds[0]))

/* The name of class LABEL as people wrote it. */
static const char *name_of(const struct hk_manifest *manifest, uint32_t label)
{
	size_t i = 0;
	while (manifest->takes[i].label != label) {
		i++;
	}
	return manifest->takes[i].class_name;
}

int hk_notes_of_names(struct hk_notes *notes, const struct hk_manifest *manifest, const char *path)
{
	int r = 0;
	if (manifest->unused.n > 0) {
		r = hk_notes_add(notes,
			"%s: %zu not used, expected a folder a class with recordings in it: %s",
			path, manifest->unused.n, manifest->unused.text);
	}
	if (r == 0 && manifest->empty_folders.n > 0 && manifest->n_labels > 1) {
		r = hk_notes_add(notes, "nothing is in these folders of %s: %s", path,
			manifest->empty_folders.text);
	}
	for (uint32_t c = 0; c < manifest->n_labels && r == 0; c++) {
		const char *name = name_of(manifest, c);
		if (strcmp(name, manifest->labels[c]) != 0) {
			r = hk_notes_add(notes, "class \"%s\" becomes the label %s", name,
				manifest->labels[c]);
		}
	}
	return r;
}

/* The first class whose label is LABEL in any case; n_labels: none. */
static uint32_t find_any_case(const struct hk_manifest *manifest, const char *label)
{
	uint32_t c = 0;
	while (c < manifest->n_labels && strcasecmp(manifest->labels[c], label) != 0) {
		c++;
	}
	return c;
}

int hk_notes_of_background(struct hk_notes *notes, const struct hk_manifest *manifest,
	const struct hk_class_rules *rules)
{
	int r = 0;
	for (size_t b = 0; b < N_BACKGROUNDS; b++) {
		const char *label = backgrounds[b].label;
		for (uint32_t c = 0; c < manifest->n_labels && r == 0; c++) {
			const char *own = manifest->labels[c];
			if (strcasecmp(own, label) == 0 && strcmp(own, label) != 0 &&
				rules[c].event) {
				r = hk_notes_add(notes,
					"class %s makes events; if it means %s, which makes none, "
					"rename it to %s",
					own, label, label);
			}
		}
		if (r == 0 && find_any_case(manifest, label) == manifest->n_labels) {
			r = hk_notes_add(notes, "no class %s: %s", label, backgrounds[b].without);
		}
	}
	return r;
}

int hk_notes_of_strangers(
	struct hk_notes *notes, const struct hk_manifest *manifest, const struct hk_model *model)
{
	int r = 0;
	if (hk_model_label(model, "other") < 0) {
		return 0; /* then a class that it does not have is an error */
	}
	for (uint32_t c = 0; c < manifest->n_labels && r == 0; c++) {
		const char *own = manifest->labels[c], *meant = NULL;
		if (hk_model_label(model, own) >= 0) {
			continue;
		}
		for (uint32_t i = 0; i < model->n_labels; i++) {
			meant = strcasecmp(own, model->labels[i]) == 0 ? model->labels[i] : meant;
		}
		r = meant ? hk_notes_add(notes,
				    "class %s counts as other: the model has no such label; did "
				    "you mean %s?",
				    own, meant)
			  : hk_notes_add(notes,
				    "class %s counts as other: the model has no such label", own);
	}
	return r;
}
