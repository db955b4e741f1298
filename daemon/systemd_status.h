/* SPDX-License-Identifier: MIT */
/*
 * systemd_status: what the daemon reports to systemd: READY, STATUS in words (made from the
 * vitals), the watchdog.
 *
 * READY=1 with the first audio, or after the setting ready_timeout with the reason in STATUS.
 * WATCHDOG=1 only while windows get analysed, or while the analysis thread turns and no window is
 * due because no audio comes: a dead microphone does not make systemd restart us (that would not
 * bring it back), a hung analysis does. Main thread only.
 */
#pragma once

#include <systemd/sd-event.h>

#include "daemon/analysis/analysis.h"
#include "daemon/status/daemon_status.h"

struct hk_systemd_status;

struct hk_systemd_status_setup {
	double ready_timeout_s;
	void *owner;
	void (*vitals)(void *owner,
		struct hk_daemon_status *ret); /* called from new on, whenever they change */
};

/* Returns 0, -ENOMEM or an error of sd-event. SETUP is copied. */
int hk_systemd_status_new(struct hk_systemd_status **ret, sd_event *event,
	const struct hk_systemd_status_setup *setup);
void hk_systemd_status_free(struct hk_systemd_status *life);

/* Whose pulse is felt; NULL: nobody's, the watchdog waits. */
void hk_systemd_status_set_analysis(
	struct hk_systemd_status *life, const struct hk_analysis *analysis);

/* The first audio of a stream arrived: ready. */
void hk_systemd_status_heard(struct hk_systemd_status *life);

/* Something that STATUS shows has changed: the source, the model, an event, the history. */
void hk_systemd_status_changed(struct hk_systemd_status *life);

/* A reload begins, and is over. */
void hk_systemd_status_reloading(struct hk_systemd_status *life);
void hk_systemd_status_reloaded(struct hk_systemd_status *life);
