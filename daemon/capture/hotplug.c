/* SPDX-License-Identifier: MIT */
#include "daemon/capture/hotplug.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/inotify.h>

#define SOUND "snd"

struct hk_hotplug {
	sd_event *event;
	char sound_folder[PATH_MAX];
	hk_hotplug_fn *callback;
	void *owner;
	sd_event_source
		*folder_source; /* /dev: the folder of sound devices comes with the first of them */
	sd_event_source *sound_source; /* /dev/snd */
};

static int on_device(sd_event_source *source, const struct inotify_event *event, void *owner)
{
	struct hk_hotplug *hotplug = owner;
	(void)source;
	(void)event;
	hotplug->callback(hotplug->owner);
	return 0;
}

/* Without success there is no hint; nothing depends on it. */
static void watch_sound_folder(struct hk_hotplug *hotplug)
{
	hotplug->sound_source = sd_event_source_disable_unref(hotplug->sound_source);
	/* udev makes the device first and lets us open it later. */
	(void)sd_event_add_inotify(hotplug->event, &hotplug->sound_source, hotplug->sound_folder,
		IN_CREATE | IN_ATTRIB | IN_ONLYDIR, on_device, hotplug);
}

static int on_folder(sd_event_source *source, const struct inotify_event *event, void *owner)
{
	struct hk_hotplug *hotplug = owner;
	(void)source;
	if (event->len > 0 && strcmp(event->name, SOUND) == 0) {
		watch_sound_folder(hotplug);
		hotplug->callback(hotplug->owner);
	}
	return 0;
}

int hk_hotplug_new(struct hk_hotplug **ret, sd_event *event, const char *folder,
	hk_hotplug_fn *callback, void *owner)
{
	struct hk_hotplug *hotplug = calloc(1, sizeof(*hotplug));
	if (!hotplug) {
		return -ENOMEM;
	}
	hotplug->event = sd_event_ref(event);
	hotplug->callback = callback;
	hotplug->owner = owner;
	snprintf(hotplug->sound_folder, sizeof(hotplug->sound_folder), "%s/" SOUND, folder);
	(void)sd_event_add_inotify(
		event, &hotplug->folder_source, folder, IN_CREATE | IN_ONLYDIR, on_folder, hotplug);
	watch_sound_folder(hotplug);
	*ret = hotplug;
	return 0;
}

void hk_hotplug_free(struct hk_hotplug *hotplug)
{
	if (!hotplug) {
		return;
	}
	sd_event_source_disable_unref(hotplug->folder_source);
	sd_event_source_disable_unref(hotplug->sound_source);
	sd_event_unref(hotplug->event);
	free(hotplug);
}
