/* SPDX-License-Identifier: MIT */
#include "core/classifier/svm.h"

#include <errno.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "core/classifier/kernel.h"

/* Zeros. */
static void *alloc_matrix(const struct hk_svm *svm, size_t value_size)
{
	size_t n_bytes;
	if (__builtin_mul_overflow(svm->stride * value_size, svm->n_vectors, &n_bytes)) {
		return NULL;
	}
	n_bytes = (n_bytes + HK_SVM_ALIGNMENT - 1) / HK_SVM_ALIGNMENT *
		HK_SVM_ALIGNMENT; /* aligned_alloc wants it */
	void *matrix = aligned_alloc(HK_SVM_ALIGNMENT, n_bytes);
	if (matrix) {
		memset(matrix, 0, n_bytes);
	}
	return matrix;
}

static int init(struct hk_svm *svm, bool is_packed, enum hk_svm_decision decision,
	uint32_t n_classes, uint32_t n_vectors, uint32_t n_features)
{
	if (n_classes < 2 || n_classes > HK_MAX_CLASSES || n_vectors == 0 || n_features == 0 ||
		n_features > UINT32_MAX - 16) {
		return -EINVAL;
	}
	const bool ovr = decision == HK_SVM_ONE_VS_REST;
	struct hk_svm made = {
		.decision = decision,
		.n_classes = n_classes,
		.n_vectors = n_vectors,
		.n_features = n_features,
		.stride = (uint32_t)hk_svm_stride(n_features),
		.n_coefs = ovr ? n_classes : n_classes - 1,
		.n_decisions = ovr ? n_classes : n_classes * (n_classes - 1) / 2,
	};
	made.class_count = ovr ? NULL : calloc(n_classes, sizeof(*made.class_count));
	made.labels = calloc(n_classes, sizeof(*made.labels));
	made.rho = calloc(made.n_decisions, sizeof(*made.rho));
	made.coefs = calloc(n_vectors, made.n_coefs * sizeof(*made.coefs));
	if (is_packed) {
		made.packed = alloc_matrix(&made, sizeof(*made.packed));
	} else {
		made.vectors = alloc_matrix(&made, sizeof(*made.vectors));
	}
	if ((!ovr && !made.class_count) || !made.labels || !made.rho || !made.coefs ||
		(!made.vectors && !made.packed)) {
		hk_svm_finish(&made);
		return -ENOMEM;
	}
	for (uint32_t i = 0; i < n_classes; i++) {
		made.labels[i] = i;
	}
	*svm = made;
	return 0;
}

int hk_svm_init(struct hk_svm *svm, enum hk_svm_decision decision, uint32_t n_classes,
	uint32_t n_vectors, uint32_t n_features)
{
	return init(svm, false, decision, n_classes, n_vectors, n_features);
}

int hk_svm_init_packed(struct hk_svm *svm, enum hk_svm_decision decision, uint32_t n_classes,
	uint32_t n_vectors, uint32_t n_features)
{
	return init(svm, true, decision, n_classes, n_vectors, n_features);
}

int hk_svm_pack(struct hk_svm *svm)
{
	if (svm->packed) {
		return 0;
	}
	int16_t *packed = alloc_matrix(svm, sizeof(*packed));
	if (!packed) {
		return -ENOMEM;
	}
	const size_t n = (size_t)svm->n_vectors * svm->stride;
	float largest = 0;
	for (size_t i = 0; i < n; i++) {
		largest = fmaxf(largest, fabsf(svm->vectors[i]));
	}
	int exponent = HK_SVM_MIN_EXPONENT;
	while (exponent < HK_SVM_MAX_EXPONENT && ldexpf(INT16_MAX, exponent) < largest) {
		exponent++;
	}
	for (size_t i = 0; i < n; i++) {
		packed[i] = (int16_t)lrintf(ldexpf(svm->vectors[i], -exponent));
	}
	free(svm->vectors);
	svm->vectors = NULL;
	svm->packed = packed;
	svm->exponent = exponent;
	return 0;
}

void hk_svm_vector(const struct hk_svm *svm, uint32_t index, float *ret)
{
	const size_t start = (size_t)index * svm->stride;
	if (svm->vectors) {
		memcpy(ret, svm->vectors + start, svm->stride * sizeof(*ret));
		return;
	}
	for (uint32_t j = 0; j < svm->stride; j++) {
		ret[j] = ldexpf(svm->packed[start + j], svm->exponent);
	}
}

void hk_svm_finish(struct hk_svm *svm)
{
	if (!svm) {
		return;
	}
	free(svm->class_count);
	free(svm->labels);
	free(svm->rho);
	free(svm->prob_a);
	free(svm->prob_b);
	free(svm->coefs);
	free(svm->vectors);
	free(svm->packed);
	*svm = (struct hk_svm){ 0 };
}

bool hk_svm_is_weights(const struct hk_svm *svm)
{
	if (svm->kernel != HK_KERNEL_LINEAR || svm->decision != HK_SVM_ONE_VS_REST ||
		svm->n_vectors != svm->n_classes) {
		return false;
	}
	for (uint32_t c = 0; c < svm->n_classes; c++) {
		for (uint32_t v = 0; v < svm->n_vectors; v++) {
			if (svm->coefs[c * svm->n_vectors + v] != (c == v ? 1 : 0)) {
				return false;
			}
		}
	}
	return true;
}

size_t hk_svm_size(const struct hk_svm *svm)
{
	const size_t value_size = svm->packed ? sizeof(*svm->packed) : sizeof(*svm->vectors);
	return svm->n_vectors * (svm->stride * value_size + svm->n_coefs * sizeof(*svm->coefs));
}

size_t hk_svm_scratch_size(const struct hk_svm *svm)
{
	return svm->n_vectors;
}

static double weighted_sum(const double *coefs, const double *kernel, uint32_t first, uint32_t n)
{
	double sum = 0;
	for (uint32_t i = first; i < first + n; i++) {
		sum += coefs[i] * kernel[i];
	}
	return sum;
}

/* Row j - 1 of the coefficients holds class i's against class j > i, row i class j's against i. */
static void decide_pairs(const struct hk_svm *svm, const double *kernel, double *ret_decisions)
{
	const size_t n = svm->n_vectors;
	uint32_t pair = 0, first_i = 0;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		uint32_t first_j = first_i + svm->class_count[i];
		for (uint32_t j = i + 1; j < svm->n_classes; j++) {
			ret_decisions[pair] = weighted_sum(svm->coefs + (j - 1) * n, kernel,
						      first_i, svm->class_count[i]) +
				weighted_sum(
					svm->coefs + i * n, kernel, first_j, svm->class_count[j]) -
				svm->rho[pair];
			first_j += svm->class_count[j];
			pair++;
		}
		first_i += svm->class_count[i];
	}
}

void hk_svm_decisions(
	const struct hk_svm *svm, const float *x, double *scratch, double *ret_decisions)
{
	hk_kernel_values(svm, x, scratch);
	if (svm->decision == HK_SVM_ONE_VS_ONE) {
		decide_pairs(svm, scratch, ret_decisions);
		return;
	}
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		ret_decisions[i] = weighted_sum(svm->coefs + (size_t)i * svm->n_vectors, scratch, 0,
					   svm->n_vectors) -
			svm->rho[i];
	}
}

uint32_t hk_svm_label(const struct hk_svm *svm, const double *decisions)
{
	double value[HK_MAX_CLASSES] = { 0 }; /* votes, or the decision values themselves */
	if (svm->decision == HK_SVM_ONE_VS_ONE) {
		const double *decision = decisions;
		for (uint32_t i = 0; i < svm->n_classes; i++) {
			for (uint32_t j = i + 1; j < svm->n_classes; j++) {
				value[*decision++ > 0 ? i : j] += 1;
			}
		}
	} else {
		memcpy(value, decisions, svm->n_classes * sizeof(*value));
	}
	uint32_t best = 0;
	for (uint32_t i = 1; i < svm->n_classes; i++) {
		if (value[i] > value[best]) {
			best = i;
		}
	}
	return svm->labels[best];
}

void hk_svm_scores(const struct hk_svm *svm, const double *decisions, double *ret_scores)
{
	if (svm->decision == HK_SVM_ONE_VS_REST) {
		for (uint32_t i = 0; i < svm->n_classes; i++) {
			ret_scores[svm->labels[i]] = decisions[i];
		}
		return;
	}
	if (svm->n_classes == 2) {
		ret_scores[svm->labels[0]] = decisions[0];
		ret_scores[svm->labels[1]] = -decisions[0];
		return;
	}
	double votes[HK_MAX_CLASSES] = { 0 }, confidence[HK_MAX_CLASSES] = { 0 };
	const double *decision = decisions;
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		for (uint32_t j = i + 1; j < svm->n_classes; j++, decision++) {
			/* scikit-learn's rule, not libsvm's: exactly 0 is a vote for the first */
			votes[*decision < 0 ? j : i] += 1;
			confidence[i] += *decision;
			confidence[j] -= *decision;
		}
	}
	for (uint32_t i = 0; i < svm->n_classes; i++) {
		ret_scores[svm->labels[i]] =
			votes[i] + confidence[i] / (3 * (fabs(confidence[i]) + 1));
	}
}
