/* SPDX-License-Identifier: MIT */
#include "core/base/text_buffer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SIZE 1024

/* As fopencookie wants it: 0 when it failed. */
static ssize_t append(void *cookie, const char *data, size_t n)
{
	struct hk_text_buffer *text = cookie;
	if (text->failed) {
		return 0;
	}
	if (text->length + n >= text->size) {
		const size_t size = 2 * (text->length + n) + FIRST_SIZE;
		char *grown = realloc(text->data, size);
		if (!grown) {
			text->failed = true;
			return 0;
		}
		text->data = grown;
		text->size = size;
	}
	memcpy(text->data + text->length, data, n);
	text->length += n;
	return (ssize_t)n;
}

int hk_text_buffer_begin(struct hk_text_buffer *text)
{
	*text = (struct hk_text_buffer){ 0 };
	text->data = malloc(FIRST_SIZE);
	text->size = FIRST_SIZE;
	text->file = text->data ? fopencookie(text, "w", (cookie_io_functions_t){ .write = append })
				: NULL;
	if (!text->file) {
		free(text->data);
		return -ENOMEM;
	}
	return 0;
}

int hk_text_buffer_end(struct hk_text_buffer *text, char **ret_data, size_t *ret_length)
{
	const bool failed = ferror(text->file) != 0;
	if (fclose(text->file) != 0 || failed || text->failed) {
		free(text->data);
		return -ENOMEM;
	}
	text->data[text->length] = '\0'; /* there is always room for it */
	*ret_data = text->data;
	if (ret_length) {
		*ret_length = text->length;
	}
	return 0;
}
