/* SPDX-License-Identifier: MIT */
/*
 * fakeclock: for LD_PRELOAD: a computer whose wall clock is wrong, and who vouches for it. The file
 * $FAKECLOCK holds two doubles: the seconds by which CLOCK_REALTIME is ahead, and whether adjtimex
 * calls it synchronised (0: no; 1: yes). Both may change at any time.
 */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <time.h>
#include <unistd.h>

#define NS_PER_S 1000000000L

static const volatile double *values;

__attribute__((constructor)) static void begin(void)
{
	const char *path = getenv("FAKECLOCK");
	const int fd = path ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd >= 0) {
		void *map = mmap(NULL, 2 * sizeof(double), PROT_READ, MAP_SHARED, fd, 0);
		values = map == MAP_FAILED ? NULL : map;
		close(fd);
	}
}

int clock_gettime(clockid_t id, struct timespec *ret)
{
	const int r = (int)syscall(SYS_clock_gettime, id, ret);
	if (r == 0 && values && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE)) {
		const double ahead_s = values[0];
		const long whole_s = (long)ahead_s;
		ret->tv_sec += whole_s;
		ret->tv_nsec += (long)((ahead_s - (double)whole_s) * 1e9);
		if (ret->tv_nsec < 0) {
			ret->tv_nsec += NS_PER_S;
			ret->tv_sec--;
		} else if (ret->tv_nsec >= NS_PER_S) {
			ret->tv_nsec -= NS_PER_S;
			ret->tv_sec++;
		}
	}
	return r;
}

time_t time(time_t *ret)
{
	struct timespec now = { 0 };
	clock_gettime(CLOCK_REALTIME, &now);
	if (ret) {
		*ret = now.tv_sec;
	}
	return now.tv_sec;
}

int adjtimex(struct timex *timex)
{
	memset(timex, 0, sizeof(*timex));
	const int synchronised = values && values[1] > 0.0;
	timex->status = synchronised ? 0 : STA_UNSYNC;
	return synchronised ? TIME_OK : TIME_ERROR;
}
