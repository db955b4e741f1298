/* SPDX-License-Identifier: MIT */
/*
 * slowdisk: for LD_PRELOAD: a disk that stalls. While the file $SLOWDISK exists, fsync and
 * fdatasync do not return.
 */
#include <stdlib.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void wait_for_disk(void)
{
	static const struct timespec moment = { .tv_nsec = 10000000 };
	const char *path = getenv("SLOWDISK");
	while (path && access(path, F_OK) == 0) {
		nanosleep(&moment, NULL);
	}
}

int fsync(int fd)
{
	wait_for_disk();
	return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd)
{
	wait_for_disk();
	return (int)syscall(SYS_fdatasync, fd);
}
