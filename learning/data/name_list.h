/* SPDX-License-Identifier: MIT */
/*
 * name_list: names that a message counts and lists: the first ones in full, the others as a number.
 * One thread.
 */
#pragma once

#include <stddef.h>

/* Zeroed: empty. */
struct hk_name_list {
	size_t n;
	char *text;   /* "a, b" or "a, b, ... and 3 more"; NULL: empty */
	char *listed; /* those that are named */
};

/* Returns 0, -ENOMEM. */
int hk_name_list_add(struct hk_name_list *list, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void hk_name_list_finish(struct hk_name_list *list);
