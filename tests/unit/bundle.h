/* SPDX-License-Identifier: MIT */
/*
 * bundle: a small model in memory and its files in a folder of the test's own, to be spoilt.
 */
#pragma once

#include <stddef.h>

#include "core/model/model.h"

#define BUNDLE_N_LABELS 3

struct bundle {
	char root[32];   /* the test's folder */
	char folder[64]; /* root/home, where the good bundle lies */
	struct hk_model *model;
};

/* For cmocka: a good bundle in a new folder, and its end. */
int bundle_setup(void **state);
int bundle_teardown(void **state);

void bundle_path(const struct bundle *bundle, const char *name, char ret[128]);

/* A file of the bundle, malloc'd; what cannot be read or written aborts. */
char *bundle_read(const struct bundle *bundle, const char *name, size_t *ret_length);
void bundle_write(const struct bundle *bundle, const char *name, const char *data, size_t length);

/* Put the hash of NAME as it is now into model.ini. */
void bundle_rehash(const struct bundle *bundle, const char *name);
