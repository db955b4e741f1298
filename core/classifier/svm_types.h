/* SPDX-License-Identifier: MIT */
/*
 * svm_types: the shape of a trained C-SVC in memory, and its bounds. svm.h says what it means.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_MAX_CLASSES 128

/*
 * Bounds that keep every decision value finite, whatever a bundle or a microphone brings: no value
 * of a vector (scaled features included) and no coefficient or rho is larger than these.
 */
#define HK_SVM_MAX_VALUE 1e9
#define HK_SVM_MAX_COEF 1e15
#define HK_SVM_MIN_EXPONENT (-100)
#define HK_SVM_MAX_EXPONENT 15 /* 32767 * 2^15 is just beyond HK_SVM_MAX_VALUE */

enum hk_kernel { HK_KERNEL_LINEAR, HK_KERNEL_POLYNOMIAL, HK_KERNEL_RBF, HK_KERNEL_SIGMOID };

enum hk_svm_decision {
	HK_SVM_ONE_VS_ONE,  /* k (k - 1) / 2 decision values, k - 1 coefficients a vector, libsvm's
			       layout */
	HK_SVM_ONE_VS_REST, /* k decision values, k coefficients a vector */
};

#define HK_SVM_ALIGNMENT 64 /* bytes, of matrices and of what is decided on */

/* From one row of a matrix to the next: N_FEATURES rounded up to 16, a multiple of the alignment.
 */
static inline size_t hk_svm_stride(size_t n_features)
{
	return (n_features + 15) / 16 * 16;
}

struct hk_svm {
	enum hk_svm_decision decision;
	enum hk_kernel kernel;
	uint32_t degree;
	double gamma, coef0;
	uint32_t n_classes;
	uint32_t n_vectors;
	uint32_t n_features;
	uint32_t stride;  /* values from one row of the matrix to the next: n_features rounded up to
			     16, zeros */
	uint32_t n_coefs; /* coefficients a vector: n_classes - 1 or n_classes */
	uint32_t n_decisions;  /* decision values: see enum hk_svm_decision; 1 for two classes
				  one-vs-one */
	uint32_t *class_count; /* one-vs-one: vectors of each class, in label order; one-vs-rest:
				  NULL */
	uint32_t *labels; /* n_classes: the model's class -> index in the bundle's label list */
	double *rho;      /* n_decisions */
	double *prob_a,
		*prob_b; /* n_decisions each, libsvm's pairwise sigmoids; NULL when not trained */
	double *coefs;   /* n_coefs * n_vectors, row a coefficient */
	float *vectors;  /* n_vectors * stride, aligned to 64; NULL when packed */
	int16_t *packed; /* the same shape: each value is packed * 2^exponent; NULL: not packed */
	int exponent;    /* HK_SVM_MIN_EXPONENT..HK_SVM_MAX_EXPONENT */
};
