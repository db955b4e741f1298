/* SPDX-License-Identifier: MIT */
/* The table of events beside a scene's audio file. */
#include "learning/scoring/scenes.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/labels.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hk_scenes scenes;
	struct hk_diag diag = { "" };
	const struct fuzz_path path = fuzz_path("scene.wav");
	fuzz_write("scene.wav", "", 0);
	fuzz_write("scene.tsv", data, size);
	FUZZ_REQUIRE(hk_scenes_at(path.text, false));
	const int r = hk_scenes_read(&scenes, path.text, false, fuzz_labels(), &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return 0;
	}
	FUZZ_REQUIRE(scenes.n_scenes == 1);
	for (size_t i = 0; i < scenes.scenes[0].n_references; i++) {
		const struct hk_reference *reference = &scenes.scenes[0].references[i];
		FUZZ_REQUIRE(reference->onset_s >= 0 && reference->offset_s > reference->onset_s);
		FUZZ_REQUIRE(reference->label < FUZZ_N_LABELS || reference->label == HK_BYSTANDER);
		FUZZ_REQUIRE(reference->name[0] != '\0');
	}
	hk_scenes_finish(&scenes);
	return 0;
}
