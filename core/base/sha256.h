/* SPDX-License-Identifier: MIT */
/*
 * sha256: the hash that names bundles and their files.
 */
#pragma once

#include <stddef.h>

#define HK_SHA256_TEXT_SIZE 65

/* SHA-256 of LENGTH bytes as 64 hexadecimal digits and NUL. Any thread. */
void hk_sha256_text(const void *data, size_t length, char ret_text[HK_SHA256_TEXT_SIZE]);
