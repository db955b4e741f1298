/* SPDX-License-Identifier: MIT */
/*
 * notify: what systemd is told (sd_notify(3)). Each does nothing when systemd did not start us.
 * Main thread only.
 */
#pragma once

#include <stdint.h>

void hk_notify_ready(const char *status);
void hk_notify_status(const char *status);
void hk_notify_watchdog(void);
void hk_notify_stopping(void);

/* What goes on, a start or a stop, may take so long from now on, whatever the unit allows. */
void hk_notify_extend(uint64_t timeout_us);

void hk_notify_reloading(void); /* hk_notify_ready ends it */
