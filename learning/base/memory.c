/* SPDX-License-Identifier: MIT */
#include "learning/base/memory.h"

#include <unistd.h>

#define MOST ((size_t)3 << 30)

size_t hk_memory_usual(void)
{
	const long pages = sysconf(_SC_PHYS_PAGES), page = sysconf(_SC_PAGESIZE);
	const size_t bytes = pages > 0 && page > 0 ? (size_t)pages / 4 * 3 * (size_t)page : MOST;
	return bytes < MOST ? bytes : MOST;
}
