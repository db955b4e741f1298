/* SPDX-License-Identifier: MIT */
/*
 * hotplug: tells when a sound device may have appeared: something was made, or given to another
 * owner, in /dev/snd.
 *
 * A hint and no more: sound servers come and go without it, and a machine without inotify has none.
 * Main thread.
 */
#pragma once

#include <systemd/sd-event.h>

struct hk_hotplug;

typedef void hk_hotplug_fn(void *owner);

/* FOLDER: "/dev". Returns 0, also when there is nothing to watch; -ENOMEM. */
int hk_hotplug_new(struct hk_hotplug **ret, sd_event *event, const char *folder,
	hk_hotplug_fn *callback, void *owner);
void hk_hotplug_free(struct hk_hotplug *hotplug);
