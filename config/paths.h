/* SPDX-License-Identifier: MIT */
/*
 * paths: where the things are that came with hearken: next to a binary that runs from its build
 * tree, in the prefix of an installed one. Any thread; not real-time.
 */
#pragma once

#include <stddef.h>

/*
 * The folder of model bundle NAME: NAME itself when it has a '/' or holds a model.ini, else the
 * bundle of that name that came with hearken (which need not exist). Returns 0, -ENAMETOOLONG, or
 * the errno of reading /proc/self/exe.
 */
int hk_path_model(const char *name, char *ret_path, size_t size);

/* The program hearken-capture. Returns as hk_path_model. */
int hk_path_capture(char *ret_path, size_t size);
