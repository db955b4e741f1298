/* SPDX-License-Identifier: MIT */
/*
 * number: numbers in text, in the C locale whatever the process' locale is. Any thread.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_NUMBER_SIZE 40 /* bytes for any number that is printed */

/*
 * Parse the whole of TEXT as a number.
 * Returns 0, -EINVAL (not a number, trailing text, not finite), -ERANGE (overflow). *ret untouched
 * on failure.
 */
int hk_parse_double(const char *text, double *ret);
int hk_parse_uint64(const char *text, uint64_t *ret);

/*
 * Print VALUE with as many digits as it takes to read the same bits again. Returns 0, or -ENOSPC
 * when it does not fit into SIZE bytes.
 */
int hk_print_double(double value, char *ret_text, size_t size);
