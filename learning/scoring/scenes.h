/* SPDX-License-Identifier: MIT */
/*
 * scenes: long recordings whose events are known: an audio file and beside it, with the same name
 * and the ending .tsv, a table as sed_eval reads it: onset and offset in seconds and the label,
 * separated by tabs (then a label may hold blanks) or by blanks, with or without a line of column
 * names. Labels are compared as hk_label_of makes them. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/model/model.h"

/* A label that the model does not know: told, not scored. */
#define HK_BYSTANDER UINT32_MAX

struct hk_reference {
	double onset_s, offset_s;
	uint32_t label; /* in the model's list, or HK_BYSTANDER */
	char *name;
};

struct hk_scene {
	char *path;
	size_t n_references;
	struct hk_reference *references; /* in the table's order */
};

struct hk_scenes {
	size_t n_scenes;
	struct hk_scene *scenes; /* by name */
};

/* Is PATH a scene, or a folder with at least one in it? BARE: a recording without a table is one,
 * too. */
bool hk_scenes_at(const char *path, bool bare);

/*
 * PATH was taken for a manifest: if it is a recording without a table, or the table of a scene, put
 * that into DIAG and return -EINVAL or, for a recording, -ENOENT; else 0.
 */
int hk_scenes_explain(const char *path, struct hk_diag *diag);

/*
 * Read the scene or the folder of scenes PATH (hk_scenes_at). BARE: a recording without a table has
 * no events. Returns 0; -ENOENT, ...; -EINVAL with DIAG naming file and line (also of an offset
 * beyond the end of the recording); -ENOMEM.
 */
int hk_scenes_read(struct hk_scenes *ret, const char *path, bool bare, const struct hk_model *model,
	struct hk_diag *diag);
void hk_scenes_finish(struct hk_scenes *scenes);
