/* SPDX-License-Identifier: MIT */
/*
 * npy: the head of NumPy's file format, version 1.0, for a float32 matrix in C order whose rows
 * follow in the host's byte order. Source: numpy/lib/format.py.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define HK_NPY_HEAD_SIZE 128

/* Shapes: ret_head[HK_NPY_HEAD_SIZE], for a matrix of N_ROWS x N_COLUMNS. */
void hk_npy_head(uint64_t n_rows, uint64_t n_columns, unsigned char ret_head[HK_NPY_HEAD_SIZE]);
