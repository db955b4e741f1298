/* SPDX-License-Identifier: MIT */
#include "daemon/capture/helper_progress.h"

#define IDLE_MS 10000
#define SPIN_CPU_MS 80000 /* ALSA's null device alone takes seconds under AddressSanitizer */

static int64_t cpu_now_ms(const struct hk_helper_progress *progress)
{
	struct timespec now = { 0 };
	(void)clock_gettime(progress->cpu, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void hk_helper_progress_begin(struct hk_helper_progress *progress, pid_t pid)
{
	if (clock_getcpuclockid(pid, &progress->cpu) != 0) {
		progress->cpu = CLOCK_MONOTONIC; /* it has ended already */
	}
	hk_helper_progress_speaks(progress);
}

void hk_helper_progress_speaks(struct hk_helper_progress *progress)
{
	progress->spoken_cpu_ms = progress->cpu_ms = cpu_now_ms(progress);
	progress->idle_ms = 0;
}

bool hk_helper_progress_hangs(struct hk_helper_progress *progress)
{
	const int64_t cpu_ms = cpu_now_ms(progress);
	progress->idle_ms =
		cpu_ms > progress->cpu_ms ? 0 : progress->idle_ms + HK_PROGRESS_SLICE_USEC / 1000;
	progress->cpu_ms = cpu_ms;
	return progress->idle_ms >= IDLE_MS || cpu_ms - progress->spoken_cpu_ms >= SPIN_CPU_MS;
}
