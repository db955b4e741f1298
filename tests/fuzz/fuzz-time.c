/* SPDX-License-Identifier: MIT */
/* Points in time as people and programs write them. */
#include <string.h>

#include "core/base/time_text.h"
#include "tests/fuzz/fuzz.h"

#define NOW_US INT64_C(1795341600000000) /* 2026-11-22 10:00 UTC */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[256], printed[HK_TIME_TEXT_SIZE];
	const size_t n = size < sizeof(text) - 1 ? size : sizeof(text) - 1;
	if (n > 0) {
		memcpy(text, data, n);
	}
	text[n] = '\0';
	int64_t time_us = -1, again_us;
	struct hk_diag diag = { "" };
	const int r = hk_time_parse(text, NOW_US, &time_us, &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		FUZZ_REQUIRE(time_us == -1);
		return 0;
	}
	FUZZ_REQUIRE(time_us >= 0);
	hk_time_print_local(time_us, printed);
	hk_time_print_utc(time_us, printed);
	FUZZ_REQUIRE(hk_time_parse(printed, NOW_US, &again_us, &diag) == 0);
	FUZZ_REQUIRE(again_us == time_us - time_us % 1000);
	return 0;
}
