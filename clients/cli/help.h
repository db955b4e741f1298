/* SPDX-License-Identifier: MIT */
/*
 * help: texts made from the table of commands.
 */
#pragma once

#include "clients/cli/commands.h"
#include "clients/cli/output.h"

/* What hearken is, its commands, the exit codes. */
void hk_help_all(struct hk_output *out);

/* Usage, description and options of COMMAND. */
void hk_help_command(struct hk_output *out, const struct hk_command *command);
