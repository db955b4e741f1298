/* SPDX-License-Identifier: MIT */
/*
 * goldens: reads the reference files beside the golden tests. A file that is missing or of another
 * length than expected fails the test.
 */
#pragma once

#include <jansson.h>
#include <stddef.h>
#include <stdint.h>

/* The JSON document in NAME ("features/index.json"); the caller owns the reference. */
json_t *golden_json(const char *name);

/* N little-endian numbers of NAME, malloc'd. */
float *golden_f32(const char *folder, const char *name, size_t n);
double *golden_f64(const char *folder, const char *name, size_t n);
int32_t *golden_i32(const char *folder, const char *name, size_t n);

/* The whole of NAME, malloc'd, with a NUL after its *RET_LENGTH bytes. */
char *golden_text(const char *folder, const char *name, size_t *ret_length);

/* N samples of NAME as floats, malloc'd: files named .s16 are divided by 32768, others are floats.
 */
float *golden_samples(const char *folder, const char *name, size_t n);

/* Where NAME lies, for programs that open files by themselves. */
void golden_path(const char *folder, const char *name, char ret_path[1024]);
