/* SPDX-License-Identifier: MIT */
/*
 * manifest: which recordings are to be learnt from: a folder with a folder a class, or a table.
 *
 * The table (tsv.h) has the columns `path` (relative to the table's folder, or absolute) and
 * `class`; `group` (recordings of one group are never on both sides of a split: same session, same
 * author, cut from the same recording), `start` and `end` (seconds of the file that hold the sound)
 * are optional, empty fields count as not given, other columns are not read. In a folder each file
 * is a group of its own. Characters that no label may have become '_'. One thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"
#include "core/model/model.h"
#include "learning/data/name_list.h"

/* A recording, or a part of one, with its label. */
struct hk_take {
	char *path;
	uint32_t label;   /* index in the manifest's labels */
	uint32_t group;   /* 0..n_groups-1 */
	double start_s;   /* first second to be used */
	double end_s;     /* INFINITY: to the end of the file */
	uint32_t channel; /* core/audio/downmix.h; 0 unless the reader's caller sets it */
	char *class_name; /* as written */
	char *group_name; /* NULL: the path */
};

struct hk_manifest {
	uint32_t n_labels;
	char (*labels)[HK_LABEL_SIZE]; /* in the order of strcmp */
	uint32_t n_groups;
	size_t n_takes; /* in the table's order; a folder: by class, then by name */
	struct hk_take *takes;
	struct hk_name_list empty_folders; /* of a folder: those without a recording */
	struct hk_name_list unused; /* of a folder: files beside the classes, folders within one */
};

/*
 * Read the folder or the table PATH.
 * Returns 0; -ENOENT, -EACCES, ...; -EINVAL (a wrong table, no class at all, more than
 * HK_MAX_CLASSES, a name that becomes no label, two classes with the same label) with DIAG;
 * -ENOMEM.
 */
int hk_manifest_read(struct hk_manifest *ret, const char *path, struct hk_diag *diag);
void hk_manifest_finish(struct hk_manifest *manifest);
