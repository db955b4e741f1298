/* SPDX-License-Identifier: MIT */
/*
 * bench-svm [VECTORS [FEATURES]]: milliseconds for the decision values of one window, ours against
 * libsvm's svm_predict_values, on the same random RBF model of 4 classes, as float32 and packed; best
 * of many calls, warm.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <libsvm/svm.h>

#include "core/svm.h"

#define N_CLASSES 4
#define N_PAIRS 6
#define N_CALLS 100

/* The same model for both. */
struct models {
	struct hk_svm ours;
	struct svm_model theirs;
	float *x;
	struct svm_node *nodes; /* of x */
};

static double now_ms(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec * 1e-6;
}

static float noise(void)
{
	return (float)rand() / (float)RAND_MAX - 0.5F;
}

static struct svm_node *nodes_of(const float *values, uint32_t n)
{
	struct svm_node *nodes = calloc(n + 1, sizeof(*nodes));
	for (uint32_t i = 0; i < n; i++) {
		nodes[i] = (struct svm_node){ (int)i + 1, (double)values[i] };
	}
	nodes[n].index = -1;
	return nodes;
}

static void make(struct models *m, uint32_t n_vectors, uint32_t n_features)
{
	struct hk_svm *svm = &m->ours;
	if (hk_svm_init(svm, HK_SVM_ONE_VS_ONE, N_CLASSES, n_vectors, n_features) < 0) {
		abort();
	}
	svm->kernel = HK_KERNEL_RBF;
	svm->gamma = 1.0 / n_features;
	m->theirs = (struct svm_model){
		.param = { .svm_type = C_SVC, .kernel_type = RBF, .gamma = svm->gamma },
		.nr_class = N_CLASSES,
		.l = (int)n_vectors,
		.SV = calloc(n_vectors, sizeof(struct svm_node *)),
		.sv_coef = calloc(N_CLASSES - 1, sizeof(double *)),
		.rho = svm->rho,
		.label = calloc(N_CLASSES, sizeof(int)),
		.nSV = calloc(N_CLASSES, sizeof(int)),
	};
	for (uint32_t c = 0; c < N_CLASSES; c++) {
		svm->class_count[c] = (n_vectors + c) / N_CLASSES;
		m->theirs.nSV[c] = (int)svm->class_count[c];
		m->theirs.label[c] = (int)c;
	}
	for (uint32_t i = 0; i < n_vectors; i++) {
		float *row = svm->vectors + (size_t)i * svm->stride;
		for (uint32_t j = 0; j < n_features; j++) {
			row[j] = noise();
		}
		m->theirs.SV[i] = nodes_of(row, n_features);
	}
	for (uint32_t i = 0; i < n_vectors * svm->n_coefs; i++) {
		svm->coefs[i] = (double)noise();
	}
	for (uint32_t k = 0; k < svm->n_coefs; k++) {
		m->theirs.sv_coef[k] = svm->coefs + (size_t)k * n_vectors;
	}
	m->x = aligned_alloc(64, svm->stride * sizeof(float));
	memset(m->x, 0, svm->stride * sizeof(float));
	for (uint32_t j = 0; j < n_features; j++) {
		m->x[j] = noise();
	}
	m->nodes = nodes_of(m->x, n_features);
}

static void finish(struct models *m)
{
	for (int i = 0; i < m->theirs.l; i++) {
		free(m->theirs.SV[i]);
	}
	free(m->theirs.SV);
	free(m->theirs.sv_coef);
	free(m->theirs.label);
	free(m->theirs.nSV);
	free(m->nodes);
	free(m->x);
	hk_svm_finish(&m->ours);
}

static double time_ours(const struct models *m, double *ret)
{
	double *scratch = calloc(hk_svm_scratch_size(&m->ours), sizeof(*scratch));
	double best = INFINITY;
	for (int i = 0; i < N_CALLS; i++) {
		const double start = now_ms();
		hk_svm_decisions(&m->ours, m->x, scratch, ret);
		best = fmin(best, now_ms() - start);
	}
	free(scratch);
	return best;
}

static double time_theirs(const struct models *m, double *ret)
{
	double best = INFINITY;
	for (int i = 0; i < N_CALLS; i++) {
		const double start = now_ms();
		svm_predict_values(&m->theirs, m->nodes, ret);
		best = fmin(best, now_ms() - start);
	}
	return best;
}

static void print(
	const char *name, double ms, double theirs_ms, const double *got, const double *expected)
{
	double worst = 0;
	for (int i = 0; i < N_PAIRS; i++) {
		worst = fmax(worst, fabs(got[i] - expected[i]));
	}
	printf("%-8s %.3f ms, %.1f times as fast, worst difference %.2g\n", name, ms,
		theirs_ms / ms, worst);
}

int main(int argc, char **argv)
{
	const long n_vectors = argc > 1 ? atol(argv[1]) : 400;
	const long n_features = argc > 2 ? atol(argv[2]) : 8198;
	if (n_vectors < N_CLASSES || n_vectors > 1000000 || n_features < 1 ||
		n_features > 1000000) {
		fprintf(stderr,
			"bench-svm: expected 4 to 1000000 vectors, 1 to 1000000 features\n");
		return EXIT_FAILURE;
	}
	struct models m;
	make(&m, (uint32_t)n_vectors, (uint32_t)n_features);
	double ours[N_PAIRS], packed[N_PAIRS], theirs[N_PAIRS];
	const double theirs_ms = time_theirs(&m, theirs);
	const double ours_ms = time_ours(&m, ours);
	if (hk_svm_pack(&m.ours) < 0) {
		abort();
	}
	const double packed_ms = time_ours(&m, packed);
	printf("%ld x %ld: libsvm %.3f ms\n", n_vectors, n_features, theirs_ms);
	print("float32", ours_ms, theirs_ms, ours, theirs);
	print("packed", packed_ms, theirs_ms, packed, theirs);
	finish(&m);
	return EXIT_SUCCESS;
}
