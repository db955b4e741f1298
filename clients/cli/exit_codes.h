/* SPDX-License-Identifier: MIT */
/*
 * exit_codes: how `hearken` exits. One table of codes and words, read by the code, `hearken help`,
 * the test of the manual and the tests.
 */
#pragma once

#include <stddef.h>

#include "core/base/exit_codes.h"

extern const struct hk_exit_row hk_client_exits[];
extern const size_t hk_n_client_exits;

/* The exit code for the negative errno ERROR of a function that read an input file. */
enum hk_exit hk_exit_of_input(int error);

/* The same of a function that wrote what the user asked for. */
enum hk_exit hk_exit_of_output(int error);
