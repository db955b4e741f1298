/* SPDX-License-Identifier: MIT */
/*
 * svm.model, and behind a line "====" vectors.bin: of 10 features and 3 labels, or of 2. What is
 * accepted reads back from its own print and decides with finite numbers, whatever a scaler lets
 * through.
 */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "core/classifier/svm_text.h"
#include "tests/fuzz/fuzz.h"

#define N_FEATURES 10
#define STRIDE 16
#define MAX_LABELS 3
#define MAX_VALUES (1 << 22) /* of a model that is printed and used: the rest only costs time */

struct text {
	char *data;
	size_t length;
};

static void print(const struct hk_svm *svm, struct text *ret_text, struct text *ret_packed)
{
	*ret_packed = (struct text){ NULL, 0 };
	FUZZ_REQUIRE(hk_svm_print(svm, &ret_text->data, &ret_text->length) == 0);
	if (svm->packed) {
		FUZZ_REQUIRE(hk_svm_print_packed(svm, &ret_packed->data, &ret_packed->length) == 0);
	}
}

static void check_printed(const struct hk_svm *svm, uint32_t n_labels)
{
	struct text text, packed, text_again, packed_again;
	struct hk_svm again;
	struct hk_diag diag;
	print(svm, &text, &packed);
	const struct hk_svm_packed second = { "vectors.bin", packed.data, packed.length };
	FUZZ_REQUIRE(hk_svm_parse(&again, "svm.model", text.data, text.length,
			     packed.data ? &second : NULL, N_FEATURES, n_labels, &diag) == 0);
	print(&again, &text_again, &packed_again);
	FUZZ_REQUIRE(text.length == text_again.length);
	FUZZ_REQUIRE(memcmp(text.data, text_again.data, text.length) == 0);
	FUZZ_REQUIRE(packed.length == packed_again.length);
	FUZZ_REQUIRE(!packed.data || memcmp(packed.data, packed_again.data, packed.length) == 0);
	hk_svm_finish(&again);
	free(text.data);
	free(packed.data);
	free(text_again.data);
	free(packed_again.data);
}

static void check_decisions(const struct hk_svm *svm, double value)
{
	_Alignas(64) float x[STRIDE] = { 0 };
	double decisions[MAX_LABELS], scores[MAX_LABELS], probabilities[MAX_LABELS];
	double *scratch = calloc(hk_svm_scratch_size(svm) + 1, sizeof(*scratch));
	FUZZ_REQUIRE(scratch);
	for (size_t i = 0; i < N_FEATURES; i++) {
		x[i] = (float)(i % 2 ? -value : value);
	}
	hk_svm_decisions(svm, x, scratch, decisions);
	for (uint32_t i = 0; i < svm->n_decisions; i++) {
		FUZZ_REQUIRE(isfinite(decisions[i]));
	}
	FUZZ_REQUIRE(hk_svm_label(svm, decisions) < svm->n_classes);
	hk_svm_scores(svm, decisions, scores);
	double sum = 0;
	const bool has_probabilities = hk_svm_probabilities(svm, decisions, probabilities) == 0;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		FUZZ_REQUIRE(isfinite(scores[i]));
		sum += has_probabilities ? probabilities[i] : 0;
	}
	FUZZ_REQUIRE(!has_probabilities || fabs(sum - 1) < 1e-6);
	free(scratch);
}

static bool use(const struct fuzz_part *text, const struct hk_svm_packed *packed, uint32_t n_labels)
{
	struct hk_svm svm;
	struct hk_diag diag = { "" };
	const int r = hk_svm_parse(
		&svm, "svm.model", text->data, text->size, packed, N_FEATURES, n_labels, &diag);
	fuzz_require_reason(r, &diag);
	if (r < 0) {
		return false;
	}
	FUZZ_REQUIRE(svm.n_classes == n_labels && svm.stride == STRIDE);
	if ((uint64_t)svm.n_vectors * svm.stride <= MAX_VALUES) {
		check_printed(&svm, n_labels);
		check_decisions(&svm, 0);
		check_decisions(&svm, 1);
		check_decisions(&svm, HK_SVM_MAX_VALUE);
	}
	hk_svm_finish(&svm);
	return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_part parts[2];
	const size_t n_parts = fuzz_cut(data, size, parts, 2);
	const struct hk_svm_packed packed = { "vectors.bin", parts[1].data, parts[1].size };
	for (uint32_t n_labels = MAX_LABELS; n_labels >= 2; n_labels--) {
		if (use(&parts[0], n_parts == 2 ? &packed : NULL, n_labels)) {
			break;
		}
	}
	return 0;
}
