/* SPDX-License-Identifier: MIT */
#include "clients/socket/cursors.h"

#include <errno.h>
#include <stdlib.h>

int hk_cursors_add(struct hk_cursors *cursors, int64_t cursor)
{
	if (cursors->n == cursors->size) {
		const size_t size = cursors->size ? 2 * cursors->size : 16;
		int64_t *grown = reallocarray(cursors->values, size, sizeof(*grown));
		if (!grown) {
			return -ENOMEM;
		}
		cursors->values = grown;
		cursors->size = size;
	}
	cursors->values[cursors->n++] = cursor;
	return 0;
}

bool hk_cursors_take(struct hk_cursors *cursors, int64_t cursor)
{
	bool found = false;
	size_t n_kept = 0;
	for (size_t i = 0; i < cursors->n; i++) {
		found |= cursors->values[i] == cursor;
		if (cursors->values[i] > cursor) {
			cursors->values[n_kept++] = cursors->values[i];
		}
	}
	cursors->n = n_kept;
	return found;
}

void hk_cursors_finish(struct hk_cursors *cursors)
{
	free(cursors->values);
	*cursors = (struct hk_cursors){ 0 };
}
