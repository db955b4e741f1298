/* SPDX-License-Identifier: MIT */
/*
 * systemd_status: what the daemon reports to systemd: READY, STATUS in words (made from the vitals), the watchdog.
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

struct hk_life;

struct hk_life_setup {
	double ready_timeout_s;
	void *owner;
	void (*vitals)(
		void *owner, struct hk_vitals *ret); /* called from new on, whenever they change */
};

/* Returns 0, -ENOMEM or an error of sd-event. SETUP is copied. */
int hk_life_new(struct hk_life **ret, sd_event *event, const struct hk_life_setup *setup);
void hk_life_free(struct hk_life *life);

/* Whose pulse is felt; NULL: nobody's, the watchdog waits. */
void hk_life_set_analysis(struct hk_life *life, const struct hk_analysis *analysis);

/* The first audio of a stream arrived: ready. */
void hk_life_heard(struct hk_life *life);

/* Something that STATUS shows has changed: the source, the model, an event, the history. */
void hk_life_changed(struct hk_life *life);

/* A reload begins, and is over. */
void hk_life_reloading(struct hk_life *life);
void hk_life_reloaded(struct hk_life *life);
