/* SPDX-License-Identifier: MIT */
/*
 * notes: what a person should know about the recordings that a model is made of or measured on: a
 * line on stderr when it is found, and again in the result. One thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clients/cli/output.h"
#include "core/detection/detector.h"
#include "learning/data/manifest.h"

/* Zeroed: none. */
struct hk_notes {
	size_t n;
	char **lines;
};

/* One more line. Returns 0, -ENOMEM. */
int hk_notes_add(struct hk_notes *notes, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void hk_notes_finish(struct hk_notes *notes);

/* For people, after the figures; nothing if there is none. */
void hk_notes_print(const struct hk_notes *notes, struct hk_output *out);

/* An array of texts; NULL when out of memory. */
json_t *hk_notes_json(const struct hk_notes *notes);

/* Files of the folder PATH that are not used, folders without a recording, names that became other
 * labels. Returns 0, -ENOMEM. */
int hk_notes_of_names(struct hk_notes *notes, const struct hk_manifest *manifest, const char *path);

/*
 * For training: classes that are silence or other in another case, though they make events; no
 * class silence, no class other. Shapes: rules[manifest->n_labels]. Returns 0, -ENOMEM.
 */
int hk_notes_of_background(struct hk_notes *notes, const struct hk_manifest *manifest,
	const struct hk_class_rules *rules);

/* For evaluation: classes that the model does not have, which count as other. Returns 0, -ENOMEM.
 */
int hk_notes_of_strangers(
	struct hk_notes *notes, const struct hk_manifest *manifest, const struct hk_model *model);

/* The path of recording INDEX; valid until the notes are made. */
typedef const char *hk_notes_path_fn(const void *owner, size_t index);

/*
 * Recordings with more audio than their headers promise. Reads the headers of N recordings; one
 * that cannot be read has no note. Returns 0, -ENOMEM.
 */
int hk_notes_of_headers(
	struct hk_notes *notes, hk_notes_path_fn *path_of, const void *owner, size_t n);

/* What was measured of recordings; arrays are the caller's. */
struct hk_bandwidths {
	size_t n;                    /* recordings */
	const uint32_t *ends_hz;     /* n: they hold nothing above; 0: not known */
	const struct hk_take *takes; /* n: with their labels; NULL: they have no classes (scenes) */
	uint32_t n_labels;
	char (*labels)[HK_LABEL_SIZE];
	uint32_t rate_hz; /* of the features */
	bool training;    /* else evaluation */
};

/*
 * Recordings that hold nothing in the upper part of what the features see, by class; louder when
 * the classes differ. Returns 0, -ENOMEM.
 */
int hk_notes_of_bandwidth(struct hk_notes *notes, const struct hk_bandwidths *bandwidths);
