/* SPDX-License-Identifier: MIT */
#include "daemon/systemd_status.h"

#include <errno.h>
#include <stdlib.h>
#include <systemd/sd-daemon.h>
#include <time.h>

#include "daemon/log/notify.h"

#define START_MARGIN_US 10000000 /* of READY=1 after its bound, on a machine that is busy */

struct hk_systemd_status {
	sd_event_source *ready_timer;
	sd_event_source *watchdog_timer;
	uint64_t watchdog_us; /* between two looks; 0: systemd does not want it */
	bool ready;
	bool reloading;

	const struct hk_analysis *analysis;
	struct hk_pulse pulse; /* at the last look */

	struct hk_systemd_status_setup setup;
};

static void tell(struct hk_systemd_status *life, bool ready)
{
	struct hk_daemon_status vitals = { 0 };
	char status[1024];
	life->setup.vitals(life->setup.owner, &vitals);
	hk_daemon_status_line(&vitals, status, sizeof(status));
	if (ready) {
		hk_notify_ready(status);
	} else if (!life->reloading) {
		hk_notify_status(status);
	}
}

static void become_ready(struct hk_systemd_status *life)
{
	life->ready = true;
	life->ready_timer = sd_event_source_disable_unref(life->ready_timer);
	tell(life, true);
}

static int on_ready_timeout(sd_event_source *source, uint64_t usec, void *owner)
{
	(void)source;
	(void)usec;
	become_ready(owner);
	return 0;
}

static int on_watchdog(sd_event_source *source, uint64_t usec, void *owner)
{
	struct hk_systemd_status *life = owner;
	(void)usec;
	if (life->analysis) {
		struct hk_pulse pulse;
		hk_analysis_pulse(life->analysis, &pulse);
		const bool analysed = pulse.n_windows != life->pulse.n_windows;
		const bool waits = pulse.n_turns != life->pulse.n_turns && !pulse.overdue;
		if (analysed || waits) {
			hk_notify_watchdog();
		}
		life->pulse = pulse;
	}
	sd_event_source_set_time_relative(source, life->watchdog_us);
	return sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

int hk_systemd_status_new(struct hk_systemd_status **ret, sd_event *event,
	const struct hk_systemd_status_setup *setup)
{
	struct hk_systemd_status *life = calloc(1, sizeof(*life));
	if (!life) {
		return -ENOMEM;
	}
	life->setup = *setup;
	const uint64_t ready_timeout_us = (uint64_t)(setup->ready_timeout_s * 1e6);
	hk_notify_extend(ready_timeout_us + START_MARGIN_US);
	int r = sd_event_add_time_relative(event, &life->ready_timer, CLOCK_MONOTONIC,
		ready_timeout_us, 0, on_ready_timeout, life);
	uint64_t watchdog_us = 0;
	if (r >= 0 && sd_watchdog_enabled(0, &watchdog_us) > 0) {
		life->watchdog_us = watchdog_us / 4;
		r = sd_event_add_time_relative(event, &life->watchdog_timer, CLOCK_MONOTONIC,
			life->watchdog_us, 0, on_watchdog, life);
	}
	if (r < 0) {
		hk_systemd_status_free(life);
		return r;
	}
	*ret = life;
	return 0;
}

void hk_systemd_status_free(struct hk_systemd_status *life)
{
	if (!life) {
		return;
	}
	sd_event_source_disable_unref(life->ready_timer);
	sd_event_source_disable_unref(life->watchdog_timer);
	free(life);
}

void hk_systemd_status_set_analysis(
	struct hk_systemd_status *life, const struct hk_analysis *analysis)
{
	life->analysis = analysis;
	life->pulse = (struct hk_pulse){ 0 };
}

void hk_systemd_status_heard(struct hk_systemd_status *life)
{
	if (life->ready) {
		tell(life, false);
	} else {
		become_ready(life);
	}
}

void hk_systemd_status_changed(struct hk_systemd_status *life)
{
	tell(life, false);
}

void hk_systemd_status_reloading(struct hk_systemd_status *life)
{
	life->reloading = true;
	hk_notify_reloading();
}

void hk_systemd_status_reloaded(struct hk_systemd_status *life)
{
	life->reloading = false;
	become_ready(life);
}
