/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/json_text.h"

#include <stdlib.h>

#include "core/base/utf8.h"

json_t *hk_text_json(const char *text)
{
	char *valid = hk_utf8_valid(text);
	json_t *string = valid ? json_string(valid) : NULL;
	free(valid);
	return string;
}
