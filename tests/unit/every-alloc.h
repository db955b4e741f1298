/* SPDX-License-Identifier: MIT */
/*
 * every-alloc: how often this process allocates, libraries included: the test's own malloc family
 * stands before glibc's. A sanitizer needs that place for itself: EVERY_ALLOC is 0 then, and
 * nothing is counted.
 */
#pragma once

#include <stdatomic.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define EVERY_ALLOC 0
#endif
#elif defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define EVERY_ALLOC 0
#endif
#ifndef EVERY_ALLOC
#define EVERY_ALLOC 1
#endif

static atomic_size_t n_allocs;

#if EVERY_ALLOC
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t n, size_t size);
void *__libc_realloc(void *old, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

void *malloc(size_t size)
{
	n_allocs++;
	return __libc_malloc(size);
}

void *calloc(size_t n, size_t size)
{
	n_allocs++;
	return __libc_calloc(n, size);
}

void *realloc(void *old, size_t size)
{
	n_allocs++;
	return __libc_realloc(old, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
	n_allocs++;
	return __libc_memalign(alignment, size);
}
#endif
