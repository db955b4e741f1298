/* SPDX-License-Identifier: MIT */
/*
 * model: a bundle: a folder with model.ini, scaler.csv, svm.model and, when its vectors are packed,
 * vectors.bin; read strictly, immutable once loaded.
 *
 * model.ini has the sections [model] (format, name, description, labels), [audio] (rate_hz,
 * window_frames, step_frames), [profile] (name and every parameter), [classifier] (clip),
 * [calibration] (method, slope, bias), [smoothing] (smoother.h; without it: none), [class NAME]
 * (suggested rules, detector.h), [training] (free keys: how and on what it was trained) and [files]
 * (SHA-256 of the other files). Every key is known or the bundle is refused; each file is read
 * once, its hash checked, then parsed, so nothing can change in between. Sizes are bounded:
 * model.ini 256 KiB, scaler.csv 4 MiB, svm.model and vectors.bin 512 MiB each.
 */
#pragma once

#include "core/base/diag.h"
#include "core/model/model_types.h"

/* Names of the files that a bundle may have, NULL-terminated; anything else in its folder is not
 * its. */
extern const char *const hk_model_file_names[];

/*
 * Load the bundle in folder PATH.
 * Returns 0; -ENOENT, -EACCES, ... (file not readable), -EINVAL (refused), -EFBIG, -ENOMEM, each
 * with DIAG naming file and line. *ret is untouched on failure. Main thread only; the result may be
 * used by any thread.
 */
int hk_model_load(struct hk_model **ret, const char *path, struct hk_diag *diag);
void hk_model_free(struct hk_model *model);

/*
 * Write MODEL as a bundle into folder PATH: into a new folder beside it, every file fsync'ed,
 * loaded back as a check, then renamed over in one step. An existing bundle at PATH is replaced
 * whole, other files in it (sources, licences) stay; anything else there is refused (-EEXIST).
 * MODEL->hash is set. The same model gives the same bytes. Returns 0; -EEXIST, -EINVAL (the model
 * would not load), -EFBIG, -ENOSPC, ..., each with DIAG; PATH is as it was then, unless only the
 * last fsync failed.
 */
int hk_model_save(struct hk_model *model, const char *path, struct hk_diag *diag);

/*
 * Before the work that ends in hk_model_save: make the folders above PATH that are missing. Returns
 * 0; -EEXIST (what is at PATH is no bundle), -EACCES (nothing can be written beside it), -ENOTDIR,
 * ..., each with DIAG.
 */
int hk_model_make_room(const char *path, struct hk_diag *diag);
