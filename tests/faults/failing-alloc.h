/* SPDX-License-Identifier: MIT */
/*
 * failing-alloc: memory runs out at the Nth allocation, for every N. The program's own malloc
 * family stands before glibc's, so that libraries are met as well. A sanitizer needs that place for
 * itself: there the calls of our own code are wrapped (-Wl,--wrap), those of libraries are not met,
 * and the sanitizer looks for what is left behind.
 */
#pragma once

#include <stdbool.h>

enum alloc_whose {
	ALLOC_ANY,
	ALLOC_OURS, /* not those that a library makes, in which its own fault would end us */
};

/*
 * SCENARIO with DATA, first as it is (and twice, so that libraries have what they keep), then with
 * its first allocation failing, with its second, and so on to its last (of very many a part; all
 * with HEARKEN_LONG=1). It must return 0 or a negative errno: -ENOMEM unless it worked on without
 * that memory. It must leave nothing allocated behind. Fails the cmocka test that calls it
 * otherwise.
 */
typedef int alloc_scenario(void *data);
void alloc_sweep(const char *name, enum alloc_whose whose, alloc_scenario *scenario, void *data);

/* Within a scenario: the test's own allocations do not count from here, or do again. */
void alloc_spare(bool spare);
