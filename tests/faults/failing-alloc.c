/* SPDX-License-Identifier: MIT */
#include "tests/faults/failing-alloc.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

/* The first ones all fail, later ones one in so many. */
#define FIRST_ONES 300
#define STRIDE 7

static atomic_long n_left; /* allocations until the one that fails; 0: none will */
static atomic_long n_live; /* pieces of memory; not counted when wrapped */
static atomic_bool spared;
static enum alloc_whose whose_fail;

/* Of the program and what is linked into it. */
extern char __executable_start, etext;

static bool fails(const void *caller)
{
	const char *at = caller;
	if (atomic_load(&n_left) == 0 || atomic_load(&spared) ||
		(whose_fail == ALLOC_OURS && (at < &__executable_start || at >= &etext))) {
		return false;
	}
	if (atomic_fetch_sub(&n_left, 1) != 1) {
		return false;
	}
	errno = ENOMEM;
	return true;
}

#ifdef HK_WRAPPED_ALLOC
#define NAME(name_) __wrap_##name_
#define REAL(name_) __real_##name_
#else
#define NAME(name_) name_
#define REAL(name_) __libc_##name_
#define __libc_aligned_alloc __libc_memalign
#endif

void *REAL(malloc)(size_t size);
void *REAL(calloc)(size_t n, size_t size);
void *REAL(realloc)(void *old, size_t size);
void *REAL(aligned_alloc)(size_t alignment, size_t size);
void REAL(free)(void *old);

#ifdef HK_WRAPPED_ALLOC
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t n, size_t size);
void *__wrap_realloc(void *old, size_t size);
void *__wrap_aligned_alloc(size_t alignment, size_t size);
void *__wrap_reallocarray(void *old, size_t n, size_t size);
#endif

static void *counted(void *made)
{
	n_live += made != NULL;
	return made;
}

void *NAME(malloc)(size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : counted(REAL(malloc)(size));
}

void *NAME(calloc)(size_t n, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : counted(REAL(calloc)(n, size));
}

static void *reallocate(void *old, size_t size)
{
	void *made = REAL(realloc)(old, size);
	n_live += !old && made;
	n_live -= old && !made && size == 0;
	return made;
}

void *NAME(realloc)(void *old, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL : reallocate(old, size);
}

void *NAME(reallocarray)(void *old, size_t n, size_t size)
{
	size_t all;
	if (__builtin_mul_overflow(n, size, &all)) {
		errno = ENOMEM;
		return NULL;
	}
	return fails(__builtin_return_address(0)) ? NULL : reallocate(old, all);
}

void *NAME(aligned_alloc)(size_t alignment, size_t size)
{
	return fails(__builtin_return_address(0)) ? NULL
						  : counted(REAL(aligned_alloc)(alignment, size));
}

#ifndef HK_WRAPPED_ALLOC
int posix_memalign(void **ret, size_t alignment, size_t size)
{
	void *made = fails(__builtin_return_address(0))
		? NULL
		: counted(REAL(aligned_alloc)(alignment, size));
	if (made) {
		*ret = made;
	}
	return made ? 0 : ENOMEM;
}

void free(void *old)
{
	n_live -= old != NULL;
	REAL(free)(old);
}
#endif

void alloc_spare(bool spare)
{
	atomic_store(&spared, spare);
}

/* Returns whether one failed. */
static bool run_once(const char *name, alloc_scenario *scenario, void *data, long nth)
{
#ifndef HK_WRAPPED_ALLOC
	const long n_before = n_live;
#endif
	atomic_store(&n_left, nth);
	const int r = scenario(data);
	const bool hit = nth > 0 && atomic_exchange(&n_left, 0) == 0;
	if (hit ? r != 0 && r != -ENOMEM : r != 0) {
		fail_msg("%s: allocation %ld: returned %d", name, nth, r);
	}
#ifndef HK_WRAPPED_ALLOC
	if (hit && n_live != n_before) {
		fail_msg("%s: allocation %ld: %ld pieces of memory left behind", name, nth,
			n_live - n_before);
	}
#endif
	return hit;
}

void alloc_sweep(const char *name, enum alloc_whose whose, alloc_scenario *scenario, void *data)
{
	whose_fail = whose;
	run_once(name, scenario, data, 0);
	run_once(name, scenario, data, 0);
	const char *only = getenv("ALLOC"); /* to look at one with a debugger */
	const bool thorough = getenv("HEARKEN_LONG");
	long n = only ? atol(only) : 1, n_failed = 0;
	while (run_once(name, scenario, data, n)) {
		n += n < FIRST_ONES || thorough ? 1 : STRIDE;
		n_failed++;
	}
	printf("%s: %ld allocations failed, one a run\n", name, n_failed);
	/* a sweep in which nothing was allocated is no test */
	assert_true(n_failed > 0);
}
