/* SPDX-License-Identifier: MIT */
/*
 * cursors: a set of cursors of changes, for changes that are known before their turn comes. Zeroed
 * memory is an empty set. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct hk_cursors {
	int64_t *values;
	size_t n, size;
};

/* Returns 0, -ENOMEM. */
int hk_cursors_add(struct hk_cursors *cursors, int64_t cursor);

/* Whether CURSOR is in the set. It and all below it, which will not come any more, are removed. */
bool hk_cursors_take(struct hk_cursors *cursors, int64_t cursor);

void hk_cursors_finish(struct hk_cursors *cursors);
