/* SPDX-License-Identifier: MIT */
/*
 * averages: the last lines of scikit-learn's classification_report.
 */
#pragma once

#include <stdbool.h>

#include "learning/validation/measures.h"

struct hk_averages {
	double precision, recall, f1;
};

/* Means over the classes that have rows, each class alike or weighted by its rows. */
struct hk_averages hk_averages_of(const struct hk_measures *measures, bool weighted);
