/* SPDX-License-Identifier: MIT */
#include "learning/data/duplicate_takes.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The rows of a take. */
struct rows {
	size_t take;
	const float *features;
	size_t n_bytes;
};

static int compare_content(const struct rows *a, const struct rows *b)
{
	if (a->n_bytes != b->n_bytes) {
		return a->n_bytes < b->n_bytes ? -1 : 1;
	}
	return memcmp(a->features, b->features, a->n_bytes);
}

static int compare_rows(const void *a, const void *b)
{
	const struct rows *x = a, *y = b;
	const int order = compare_content(x, y);
	return order != 0 ? order : (x->take > y->take) - (x->take < y->take);
}

int hk_doubles_find(const struct hk_dataset *dataset, const struct hk_manifest *manifest,
	hk_double_sink_fn *sink, void *owner)
{
	struct rows *all = calloc(dataset->n_takes + 1, sizeof(*all));
	const float *features = dataset->features;
	size_t n = 0;
	if (!all) {
		return -ENOMEM;
	}
	for (size_t i = 0; i < dataset->n_takes; i++) {
		const size_t n_values = dataset->n_take_rows[i] * dataset->n_features;
		if (n_values > 0) {
			all[n++] = (struct rows){ i, features, n_values * sizeof(*features) };
			features += n_values;
		}
	}
	qsort(all, n, sizeof(*all), compare_rows);
	for (size_t i = 1; i < n; i++) {
		const struct hk_take *a = &manifest->takes[all[i - 1].take];
		const struct hk_take *b = &manifest->takes[all[i].take];
		if (compare_content(&all[i - 1], &all[i]) == 0 &&
			(a->label != b->label || a->group != b->group)) {
			sink(owner, all[i - 1].take, all[i].take);
		}
	}
	free(all);
	return 0;
}
