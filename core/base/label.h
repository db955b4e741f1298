/* SPDX-License-Identifier: MIT */
/*
 * label: the name of a class: UTF-8 letters of any script, digits, '_', '-' and '.'.
 *
 * A label is normalised (Unicode's form NFC), so that two labels that look alike for their accents
 * are the same bytes. It holds no blank, control, invisible or direction character, so it fits
 * unquoted into model.ini, a section of hearken.conf, a list separated by commas, a journal field,
 * and a terminal. Any thread; no allocation.
 */
#pragma once

#include <stddef.h>

#include "core/base/diag.h"

#define HK_LABEL_SIZE 64 /* bytes, with the NUL */

/*
 * Is TEXT[length] a label? Returns 0; -EINVAL with DIAG: what it holds, and what is expected.
 */
int hk_label_check(const char *text, size_t length, struct hk_diag *diag);

/*
 * The label of the class that people call NAME: normalised; characters that no label has (blanks,
 * punctuation, symbols) become '_'. Returns 0; -EINVAL with DIAG: NAME is empty, too long, or not
 * UTF-8, or holds a control or an invisible character that would hide what it says. *ret untouched
 * on failure.
 */
int hk_label_of(const char *name, char ret[HK_LABEL_SIZE], struct hk_diag *diag);
