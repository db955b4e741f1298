/* SPDX-License-Identifier: MIT */
/* The table of recordings that `hearken train` learns from. */
#include <string.h>

#include "learning/data/manifest.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_file file;
	struct hk_manifest manifest;
	struct hk_diag diag = { "" };
	fuzz_file_open(&file, data, size);
	const int r = hk_manifest_read(&manifest, file.path, &diag);
	fuzz_file_close(&file);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return 0;
	}
	FUZZ_REQUIRE(!memchr(data, '\0', size)); /* what stands behind it would be lost */
	FUZZ_REQUIRE(manifest.n_labels > 0 && manifest.n_labels <= HK_MAX_CLASSES);
	FUZZ_REQUIRE(manifest.n_groups > 0 && manifest.n_groups <= manifest.n_takes);
	for (size_t i = 0; i < manifest.n_takes; i++) {
		const struct hk_take *take = &manifest.takes[i];
		FUZZ_REQUIRE(take->label < manifest.n_labels && take->group < manifest.n_groups);
		FUZZ_REQUIRE(take->start_s >= 0 && take->end_s > take->start_s);
		FUZZ_REQUIRE(take->path[0] == '/');
	}
	hk_manifest_finish(&manifest);
	return 0;
}
