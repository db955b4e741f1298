/* SPDX-License-Identifier: MIT */
#include "core/base/sha256.h"

#include <nettle/base16.h>
#include <nettle/sha2.h>

_Static_assert(HK_SHA256_TEXT_SIZE == BASE16_ENCODE_LENGTH(SHA256_DIGEST_SIZE) + 1, "64 digits");

void hk_sha256_text(const void *data, size_t length, char ret_text[HK_SHA256_TEXT_SIZE])
{
	struct sha256_ctx context;
	uint8_t digest[SHA256_DIGEST_SIZE];
	sha256_init(&context);
	sha256_update(&context, length, data);
	sha256_digest(&context, sizeof(digest), digest);
	base16_encode_update(ret_text, sizeof(digest), digest);
	ret_text[HK_SHA256_TEXT_SIZE - 1] = '\0';
}
