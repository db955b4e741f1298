/* SPDX-License-Identifier: MIT */
/* scaler.csv of a profile with 10 features: printed and read back to the bit, and applied to any
 * feature. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/classifier/scaler.h"
#include "core/features/spectrogram/spectrogram.h"
#include "tests/fuzz/fuzz.h"

#define N_FEATURES 10

static void check_printed(const struct hk_scaler *scaler, const struct hk_profile_config *profile)
{
	char *text;
	size_t length;
	struct hk_scaler again;
	struct hk_diag diag;
	FUZZ_REQUIRE(hk_scaler_print(scaler, profile, &text, &length) == 0);
	FUZZ_REQUIRE(hk_scaler_parse(&again, "scaler.csv", text, length, profile, &diag) == 0);
	FUZZ_REQUIRE(memcmp(again.mean, scaler->mean, N_FEATURES * sizeof(*again.mean)) == 0);
	FUZZ_REQUIRE(memcmp(again.scale, scaler->scale, N_FEATURES * sizeof(*again.scale)) == 0);
	hk_scaler_finish(&again);
	free(text);
}

static void check_scaled(const struct hk_scaler *scaler, float feature)
{
	float features[N_FEATURES];
	for (size_t i = 0; i < N_FEATURES; i++) {
		features[i] = feature;
	}
	hk_scaler_apply(scaler, features, features);
	for (size_t i = 0; i < N_FEATURES; i++) {
		FUZZ_REQUIRE(fabs((double)features[i]) <= HK_SCALER_LIMIT);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hk_profile_config profile;
	struct hk_scaler scaler;
	struct hk_diag diag = { "" };
	hk_profile_config_init(&profile, &hk_spectrogram);
	struct hk_spectrogram_config *config = (void *)profile.config;
	config->n_rows = 2;
	config->n_columns = 2;
	const int r =
		hk_scaler_parse(&scaler, "scaler.csv", (const char *)data, size, &profile, &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return 0;
	}
	scaler.clip = 0;
	FUZZ_REQUIRE(scaler.n_features == N_FEATURES);
	check_printed(&scaler, &profile);
	check_scaled(&scaler, 0);
	check_scaled(&scaler, FLT_MAX);
	check_scaled(&scaler, -FLT_MAX);
	hk_scaler_finish(&scaler);
	return 0;
}
