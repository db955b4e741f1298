/* SPDX-License-Identifier: MIT */
/*
 * bench-svm: the decision values of one vector, ours (float32 and packed) and libsvm's
 * svm_predict_values, with the same random one-vs-one RBF model.
 */
#include <libsvm/svm.h>

#include "core/classifier/svm.h"
#include "tests/bench/bench.h"

struct work {
	struct hk_svm ours;
	struct svm_model theirs;
	float *x;
	struct svm_node *nodes; /* of x */
	double *scratch, *decisions;
};

static struct svm_node *nodes_of(const float *values, uint32_t n)
{
	struct svm_node *nodes = bench_alloc(n + 1, sizeof(*nodes));
	for (uint32_t i = 0; i < n; i++) {
		nodes[i] = (struct svm_node){ (int)i + 1, (double)values[i] };
	}
	nodes[n].index = -1;
	return nodes;
}

static struct work *make(char **words)
{
	const uint32_t n_vectors = bench_count(words[0]), n_features = bench_count(words[1]),
		       n_classes = bench_count(words[2]);
	struct work *work = bench_alloc(1, sizeof(*work));
	struct hk_svm *svm = &work->ours;
	if (hk_svm_init(svm, HK_SVM_ONE_VS_ONE, n_classes, n_vectors, n_features) < 0) {
		bench_fail("predictor", "impossible shape");
	}
	svm->kernel = HK_KERNEL_RBF;
	svm->gamma = 1.0 / n_features;
	for (uint32_t c = 0; c < n_classes; c++) {
		svm->class_count[c] = (n_vectors + c) / n_classes;
	}
	for (uint32_t i = 0; i < n_vectors; i++) {
		for (uint32_t j = 0; j < n_features; j++) {
			svm->vectors[(size_t)i * svm->stride + j] = bench_noise();
		}
	}
	for (size_t i = 0; i < (size_t)n_vectors * svm->n_coefs; i++) {
		svm->coefs[i] = (double)bench_noise();
	}
	work->x = bench_alloc(svm->stride, sizeof(float));
	for (uint32_t j = 0; j < n_features; j++) {
		work->x[j] = bench_noise();
	}
	work->scratch = bench_alloc(hk_svm_scratch_size(svm), sizeof(double));
	work->decisions = bench_alloc(svm->n_decisions, sizeof(double));
	return work;
}

static void *prepare_float(char **words)
{
	return make(words);
}

static void *prepare_packed(char **words)
{
	struct work *work = make(words);
	if (hk_svm_pack(&work->ours) < 0) {
		bench_fail("predictor-packed", "no memory");
	}
	return work;
}

static void *prepare_libsvm(char **words)
{
	struct work *work = make(words);
	const struct hk_svm *svm = &work->ours;
	work->theirs = (struct svm_model){
		.param = { .svm_type = C_SVC, .kernel_type = RBF, .gamma = svm->gamma },
		.nr_class = (int)svm->n_classes,
		.l = (int)svm->n_vectors,
		.SV = bench_alloc(svm->n_vectors, sizeof(struct svm_node *)),
		.sv_coef = bench_alloc(svm->n_coefs, sizeof(double *)),
		.rho = svm->rho,
		.label = bench_alloc(svm->n_classes, sizeof(int)),
		.nSV = (int *)svm->class_count,
	};
	for (uint32_t i = 0; i < svm->n_vectors; i++) {
		work->theirs.SV[i] =
			nodes_of(svm->vectors + (size_t)i * svm->stride, svm->n_features);
	}
	for (uint32_t k = 0; k < svm->n_coefs; k++) {
		work->theirs.sv_coef[k] = svm->coefs + (size_t)k * svm->n_vectors;
	}
	work->nodes = nodes_of(work->x, svm->n_features);
	return work;
}

static void run_ours(void *work_)
{
	struct work *work = work_;
	hk_svm_decisions(&work->ours, work->x, work->scratch, work->decisions);
}

static void run_libsvm(void *work_)
{
	struct work *work = work_;
	svm_predict_values(&work->theirs, work->nodes, work->decisions);
}

#define WORDS "VECTORS FEATURES CLASSES"

const struct bench_piece bench_svm_pieces[] = {
	{ "predictor", WORDS, 3, prepare_float, run_ours },
	{ "predictor-packed", WORDS, 3, prepare_packed, run_ours },
	{ "predictor-libsvm", WORDS, 3, prepare_libsvm, run_libsvm },
	{ 0 },
};
