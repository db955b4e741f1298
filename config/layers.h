/* SPDX-License-Identifier: MIT */
/*
 * layers: which files make the configuration of an instance, in the order that systemd reads its
 *own (systemd.unit(5), "drop-in"):
 *
 *	hearken.conf, hearken.conf.d/<name>.conf, NAME.conf, NAME.conf.d/<name>.conf
 *
 * each over those before it. A file is taken from the first folder that has it; drop-ins of all
 * folders are read in the order of their file names. So a file in /etc replaces the one of the same
 * name in /usr/lib, and a link to /dev/null, which reads as empty, takes it away. Main thread only.
 */
#pragma once

#include <stddef.h>

#include "core/base/diag.h"

struct hk_layers {
	size_t n_paths;
	size_t n_common; /* the first of them are of all instances */
	char **paths;    /* the last goes over all before it */
};

/*
 * The files for INSTANCE in FOLDERS[N_FOLDERS], which stand in the order of their right. None need
 * exist. Owner of what is in LAYERS: the caller (hk_layers_finish).
 * Returns 0; -EACCES, -EIO, ..., -ENOMEM, each with DIAG: what is there cannot be looked at. LAYERS
 * is untouched on failure.
 */
int hk_layers_find(struct hk_layers *layers, const char *const *folders, size_t n_folders,
	const char *instance, struct hk_diag *diag);

/*
 * The same in the folders of this system: $CONFIGURATION_DIRECTORY, which systemd gives the service
 * of a user (~/.config/hearken), then hearken/ in /etc, /run and /usr/lib of the prefix.
 */
int hk_layers_find_installed(struct hk_layers *layers, const char *instance, struct hk_diag *diag);

/* The one file PATH, which somebody named. Returns 0, -ENOMEM with DIAG. */
int hk_layers_of_file(struct hk_layers *layers, const char *path, struct hk_diag *diag);

void hk_layers_finish(struct hk_layers *layers);

/* Which instances have files of their own, in the order of strcmp, each once. */
struct hk_instances {
	size_t n_names;
	char **names;
};

/*
 * Those with NAME.conf or NAME.conf.d in the folders of this system; also names that no instance
 * can have. Owner of what is in INSTANCES: the caller (hk_instances_finish). Returns 0; -EACCES,
 * -EIO, ..., -ENOMEM, each with DIAG; INSTANCES is untouched then.
 */
int hk_instances_find_installed(struct hk_instances *instances, struct hk_diag *diag);

void hk_instances_finish(struct hk_instances *instances);
