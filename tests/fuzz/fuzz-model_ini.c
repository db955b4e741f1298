/* SPDX-License-Identifier: MIT */
/* The text of model.ini: what is accepted is printed to a text that reads back to the same. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "core/model/model.h"
#include "core/model/model_ini.h"
#include "tests/fuzz/fuzz.h"

struct text {
	char *data;
	size_t length;
};

/* False: refused. */
static bool print_again(const char *data, size_t size, struct text *ret)
{
	struct hk_model_hashes hashes;
	struct hk_diag diag = { "" };
	struct hk_model *model = calloc(1, sizeof(*model));
	FUZZ_REQUIRE(model);
	int r = hk_model_ini_parse(model, &hashes, "model.ini", data, size, &diag);
	fuzz_require_reason(r, &diag);
	const bool accepted = r == 0;
	if (accepted) {
		r = hk_model_ini_print(model, &hashes, &ret->data, &ret->length, &diag);
		fuzz_require_reason(r, &diag);
		FUZZ_REQUIRE(r == 0);
	}
	hk_model_free(model);
	return accepted;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct text once, twice;
	if (!print_again((const char *)data, size, &once)) {
		return 0;
	}
	FUZZ_REQUIRE(print_again(once.data, once.length, &twice));
	FUZZ_REQUIRE(once.length == twice.length);
	FUZZ_REQUIRE(memcmp(once.data, twice.data, once.length) == 0);
	free(once.data);
	free(twice.data);
	return 0;
}
