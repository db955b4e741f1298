/* SPDX-License-Identifier: MIT */
/*
 * memory: how much of it a training takes. Any thread.
 */
#pragma once

#include <stddef.h>

/* Bytes: 3 GiB, or 3/4 of the machine's memory if that is less. */
size_t hk_memory_usual(void);
