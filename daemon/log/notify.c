/* SPDX-License-Identifier: MIT */
#include "daemon/log/notify.h"

#include <inttypes.h>
#include <systemd/sd-daemon.h>
#include <time.h>

void hk_notify_ready(const char *status)
{
	sd_notifyf(0, "READY=1\nSTATUS=%s", status);
}

void hk_notify_status(const char *status)
{
	sd_notifyf(0, "STATUS=%s", status);
}

void hk_notify_watchdog(void)
{
	sd_notify(0, "WATCHDOG=1");
}

void hk_notify_stopping(void)
{
	sd_notify(0, "STOPPING=1\nSTATUS=Stopping");
}

void hk_notify_extend(uint64_t timeout_us)
{
	sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, timeout_us);
}

void hk_notify_reloading(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sd_notifyf(0,
		"RELOADING=1\nMONOTONIC_USEC=%" PRIu64 "\nSTATUS=Reading configuration and model",
		(uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000);
}
