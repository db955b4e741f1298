/* SPDX-License-Identifier: MIT */
/*
 * counted-alloc: how many bytes the code under test asks for. The test must be linked with
 * -Wl,--wrap=malloc,--wrap=calloc,--wrap=aligned_alloc (dep_counted_alloc).
 */
#pragma once

#include <stddef.h>

static size_t counted_bytes;

void *__real_malloc(size_t size);
void *__real_calloc(size_t n, size_t size);
void *__real_aligned_alloc(size_t alignment, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);

void *__wrap_malloc(size_t size)
{
	counted_bytes += size;
	return __real_malloc(size);
}

void *__wrap_calloc(size_t n, size_t size)
{
	counted_bytes += n * size;
	return __real_calloc(n, size);
}

void *__wrap_aligned_alloc(size_t alignment, size_t size)
{
	counted_bytes += size;
	return __real_aligned_alloc(alignment, size);
}
