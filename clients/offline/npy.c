/* SPDX-License-Identifier: MIT */
#include "clients/offline/npy.h"

#include <assert.h>
#include <endian.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define PREFIX_SIZE 10 /* magic, version, length of the text */

void hk_npy_head(uint64_t n_rows, uint64_t n_columns, unsigned char ret_head[HK_NPY_HEAD_SIZE])
{
	const size_t text_size = HK_NPY_HEAD_SIZE - PREFIX_SIZE;
	char text[HK_NPY_HEAD_SIZE];
	const int length = snprintf(text, sizeof(text),
		"{'descr': '%cf4', 'fortran_order': False, 'shape': (%" PRIu64 ", %" PRIu64 "), }",
		BYTE_ORDER == LITTLE_ENDIAN ? '<' : '>', n_rows, n_columns);
	assert(length > 0 && (size_t)length < text_size); /* two counts of 20 digits fit */
	memset(text + length, ' ', text_size - (size_t)length);
	text[text_size - 1] = '\n';

	static const unsigned char prefix[PREFIX_SIZE] = {
		0x93,
		'N',
		'U',
		'M',
		'P',
		'Y',
		1,
		0,
		HK_NPY_HEAD_SIZE - PREFIX_SIZE,
		0,
	};
	memcpy(ret_head, prefix, PREFIX_SIZE);
	memcpy(ret_head + PREFIX_SIZE, text, text_size);
}
