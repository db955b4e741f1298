/* SPDX-License-Identifier: MIT */
/*
 * fuzz: what the targets share. A target is one file, fuzz-NAME.c, with LLVMFuzzerTestOneInput:
 * linked with libFuzzer (or AFL++'s driver) it looks for inputs that break it, linked with replay.c
 * it runs the inputs that it is given. A target checks more than that nothing crashes: what was
 * accepted must be printed and read back the same, what was refused must have a reason. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/base/diag.h"

/* The target. Always 0. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Ends the program unless CONDITION holds: the input is then a finding. */
#define FUZZ_REQUIRE(condition_)                                                                   \
	do {                                                                                       \
		if (!(condition_)) {                                                               \
			fuzz_fail(__FILE__, __LINE__, #condition_);                                \
		}                                                                                  \
	} while (0)

_Noreturn void fuzz_fail(const char *file, int line, const char *condition);

/* R is 0, or negative with one clean line in DIAG. */
void fuzz_require_reason(int r, const struct hk_diag *diag);

/* ---- the input cut up ---- */

/* Apart by lines "====": several files in one input. Returns how many parts there are, at most MAX.
 */
struct fuzz_part {
	const char *data;
	size_t size;
};
size_t fuzz_cut(const uint8_t *data, size_t size, struct fuzz_part *ret_parts, size_t max);

/* Taken from the front; 0 when there is none left. */
struct fuzz_bytes {
	const uint8_t *at;
	size_t n_left;
};
uint8_t fuzz_u8(struct fuzz_bytes *bytes);
uint16_t fuzz_u16(struct fuzz_bytes *bytes);
uint64_t fuzz_u64(struct fuzz_bytes *bytes);
/* The next N bytes, fewer at the end. */
struct fuzz_part fuzz_take(struct fuzz_bytes *bytes, size_t n);

/* ---- the input as files ---- */

/* A regular file in memory that has the path of a descriptor. */
struct fuzz_file {
	int fd;
	char path[32];
};
void fuzz_file_open(struct fuzz_file *ret, const void *data, size_t size);
void fuzz_file_close(struct fuzz_file *file);

/* A folder of this process in $TMPDIR, which is gone at its end. */
const char *fuzz_folder(void);

/* PATH of NAME in it. */
struct fuzz_path {
	char text[256];
};
struct fuzz_path fuzz_path(const char *name);

/* Write the file NAME there. */
void fuzz_write(const char *name, const void *data, size_t size);

/* What the code under test says on stdout and stderr goes nowhere from here on; sanitizers still
 * speak. */
void fuzz_silence(void);
