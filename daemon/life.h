/* SPDX-License-Identifier: MIT */
/*
 * life: what systemd is told of us: READY, STATUS in words, the watchdog.
 *
 * READY=1 with the first audio, or after the setting ready_timeout with the reason in STATUS.
 * WATCHDOG=1 only while windows get analysed, or while the analysis thread turns and no window is
 * due because no audio comes: a dead microphone does not make systemd restart us (that would not
 * bring it back), a hung analysis does. Main thread only.
 */
#pragma once

#include <systemd/sd-event.h>

#include "daemon/analysis.h"
#include "daemon/capture.h"
#include "daemon/record.h"

struct hk_life;

/* Returns 0, -ENOMEM or an error of sd-event. MODEL: its name; copied. */
int hk_life_new(struct hk_life **ret, sd_event *event, double ready_timeout_s, const char *model);
void hk_life_free(struct hk_life *life);

/* Whose pulse is felt; NULL: nobody's, the watchdog waits. */
void hk_life_set_analysis(struct hk_life *life, const struct hk_analysis *analysis);
void hk_life_set_model(struct hk_life *life, const char *model);

/* Audio arrived from the source that STATUS describes, whatever its state is said to be yet. */
void hk_life_heard(struct hk_life *life, const struct hk_capture_status *status);

void hk_life_source(struct hk_life *life, const struct hk_capture_status *status);
void hk_life_event(struct hk_life *life, const struct hk_record *record);

/* A reload begins, and is over. */
void hk_life_reloading(struct hk_life *life);
void hk_life_reloaded(struct hk_life *life);
