/* SPDX-License-Identifier: MIT */
/*
 * notify: what systemd is told (sd_notify(3)). Each does nothing when systemd did not start us.
 * Main thread only.
 */
#pragma once

void hk_notify_ready(const char *status);
void hk_notify_status(const char *status);
void hk_notify_watchdog(void);
void hk_notify_stopping(void);

/* The stop may take so long from now on, whatever the unit allows; STATUS says why, in words. */
void hk_notify_stop_takes(unsigned timeout_ms, const char *status);

void hk_notify_reloading(void); /* hk_notify_ready ends it */
