/* SPDX-License-Identifier: MIT */
/*
 * printable: text of outside origin (names of files, labels) as it may reach a terminal or a log.
 */
#pragma once

#include <stddef.h>

/*
 * Copy TEXT with control characters, hiding characters and bytes that are not UTF-8 shown as '?'.
 * Cut with "..." when too long for SIZE (>= 4). Any thread.
 */
void hk_printable(const char *text, char *ret_text, size_t size);
