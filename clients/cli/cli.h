/* SPDX-License-Identifier: MIT */
/*
 * cli: from argv to an exit code: finds the command, reads its options, runs it, and makes sure
 * that what it wrote arrived. Main thread only.
 */
#pragma once

#include <stdio.h>

#include "clients/cli/exit_codes.h"

/* Data goes to OUT_FILE, messages to stderr. Shapes: argv[argc + 1], NULL-terminated. */
enum hk_exit hk_cli_run(int argc, char **argv, FILE *out_file);
