/* SPDX-License-Identifier: MIT */
/* The metrics of several hostile daemons as one text. */
#include <stdlib.h>
#include <string.h>

#include "clients/socket/metrics_merge.h"
#include "core/base/text_buffer.h"
#include "tests/fuzz/fuzz.h"

#define MAX_TEXTS 4

static char *print(const struct hk_metrics_merge *merge)
{
	struct hk_text_buffer text;
	char *data;
	FUZZ_REQUIRE(hk_text_buffer_begin(&text) == 0);
	hk_metrics_merge_print(merge, text.file);
	FUZZ_REQUIRE(hk_text_buffer_end(&text, &data, NULL) == 0);
	return data;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part parts[MAX_TEXTS];
	struct hk_metrics_merge merge = { 0 };
	const size_t n_parts = fuzz_cut(data, size, parts, MAX_TEXTS);
	for (size_t i = 0; i < n_parts; i++) {
		char *text = strndup(parts[i].data, parts[i].size);
		struct hk_diag diag = { "" };
		const size_t n_before = merge.n_texts;
		FUZZ_REQUIRE(text);
		const int r = hk_metrics_merge_add(&merge, text, &diag);
		fuzz_require_reason(r, &diag);
		FUZZ_REQUIRE(merge.n_texts == n_before + (r == 0));
		if (r == 0 && n_before == 0) {
			char *printed = print(&merge);
			FUZZ_REQUIRE(strcmp(printed, text) == 0);
			free(printed);
		}
		free(text);
	}
	free(print(&merge));
	hk_metrics_merge_finish(&merge);
	return 0;
}
