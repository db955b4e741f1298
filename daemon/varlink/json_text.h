/* SPDX-License-Identifier: MIT */
/*
 * json_text: text of outside origin (paths, names of devices) as JSON. Any thread.
 */
#pragma once

#include <jansson.h>

/* TEXT as a JSON string; bytes that are no UTF-8 become U+FFFD. A new reference; NULL: out of
 * memory. */
json_t *hk_text_json(const char *text);
