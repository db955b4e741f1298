/* SPDX-License-Identifier: MIT */
#include <sha2.h>

#include "core/model.h"

void hk_sha256_text(const void *data, size_t length, char ret_text[HK_SHA256_TEXT_SIZE])
{
	SHA2_CTX context;
	SHA256Init(&context);
	SHA256Update(&context, data, length);
	SHA256End(&context, ret_text);
}
