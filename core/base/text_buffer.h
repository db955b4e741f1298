/* SPDX-License-Identifier: MIT */
/*
 * text_buffer: a text in memory that is written as a FILE. As open_memstream, but a text that could
 * not grow is an error: glibc's loses what did not fit and says nothing. In the caller's memory,
 * where it stays until its end. One thread.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

struct hk_text_buffer {
	FILE *file; /* to print to */
	char *data;
	size_t length, size;
	bool failed;
};

/* Returns 0, -ENOMEM. */
int hk_text_buffer_begin(struct hk_text_buffer *text);

/*
 * The text with a NUL behind it, malloc'd, for the caller to free. Returns 0; -ENOMEM: some of it
 * could not be kept, nothing is left. RET_LENGTH may be NULL.
 */
int hk_text_buffer_end(struct hk_text_buffer *text, char **ret_data, size_t *ret_length);
