/* SPDX-License-Identifier: MIT */
#include "learning/learners/libsvm_rows.h"

#include <errno.h>
#include <stdlib.h>

#define MIB (1024.0 * 1024.0)
#define MIN_CACHE_MIB 16.0

size_t hk_nodes_size(const struct hk_lesson *lesson)
{
	return lesson->n_rows *
		(sizeof(struct svm_node *) + (lesson->n_features + 1) * sizeof(struct svm_node));
}

int hk_nodes_init(struct hk_nodes *nodes, const struct hk_lesson *lesson)
{
	const size_t stride = lesson->n_features + 1;
	*nodes = (struct hk_nodes){
		.n_rows = lesson->n_rows,
		.rows = calloc(lesson->n_rows, sizeof(struct svm_node *)),
		.values = reallocarray(NULL, lesson->n_rows, stride * sizeof(struct svm_node)),
	};
	if (!nodes->rows || !nodes->values) {
		hk_nodes_finish(nodes);
		return -ENOMEM;
	}
	for (size_t i = 0; i < lesson->n_rows; i++) {
		struct svm_node *row = nodes->values + i * stride;
		nodes->rows[i] = row;
		for (size_t j = 0; j < lesson->n_features; j++) {
			const float value = lesson->rows[i * lesson->stride + j];
			row[j] = (struct svm_node){ .index = (int)j + 1, .value = (double)value };
		}
		row[lesson->n_features] = (struct svm_node){ .index = -1 };
	}
	return 0;
}

void hk_nodes_finish(struct hk_nodes *nodes)
{
	free(nodes->rows);
	free(nodes->values);
	*nodes = (struct hk_nodes){ 0 };
}

static void say_nothing(const char *text)
{
	(void)text;
}

int hk_svc_parameters(
	struct svm_parameter *ret, const struct hk_lesson *lesson, struct hk_diag *diag)
{
	const double nodes_mib = (double)hk_nodes_size(lesson) / MIB;
	const double whole_mib =
		(double)lesson->n_rows * (double)lesson->n_rows * sizeof(float) / MIB;
	double cache_mib = (double)lesson->memory / MIB - nodes_mib;
	if (cache_mib < MIN_CACHE_MIB && cache_mib < whole_mib) {
		return hk_lesson_too_large(
			lesson, (size_t)((nodes_mib + MIN_CACHE_MIB) * MIB), diag);
	}
	cache_mib = cache_mib < whole_mib + 1 ? cache_mib : whole_mib + 1;
	*ret = (struct svm_parameter){
		.svm_type = C_SVC,
		.kernel_type = RBF,
		.gamma = lesson->gamma,
		.cache_size = cache_mib,
		.eps = 1e-3,
		.C = lesson->c,
		.shrinking = 1,
	};
	svm_set_print_string_function(say_nothing);
	return 0;
}
