/* SPDX-License-Identifier: MIT */
/*
 * publisher: when the world is told of an event: once it is in the history, so that whoever was
 * told finds it there after a crash; but no later than HK_PUBLISH_PATIENCE_US, stored or not: a
 * smoke alarm does not wait for a disk. Each change is told once, in the order in which it came;
 * what the wall clock does meanwhile changes nothing. Main thread only.
 */
#pragma once

#include <systemd/sd-event.h>

#include "daemon/store/event_record.h"
#include "daemon/store/store.h"

#define HK_PUBLISH_PATIENCE_US 1000000

struct hk_publisher_sink {
	void *owner;
	void (*on_event)(void *owner, const struct hk_event_record *record);
};

struct hk_publisher;

/* STORE: NULL when no history is kept; else the publisher is what watches it
 * (hk_store_watch_written), and is freed after hk_store_stop. Returns 0, -ENOMEM. */
int hk_publisher_new(struct hk_publisher **ret, sd_event *event, struct hk_store *store,
	const struct hk_publisher_sink *sink);
void hk_publisher_free(struct hk_publisher *publisher);

/* RECORD has its id; it gets its sequence, its cursor and when it is due. TRAIL: JSON text,
 * malloc'd, taken over; may be NULL. */
void hk_publish(struct hk_publisher *publisher, struct hk_event_record *record, char *trail);

/* Tell at once what still waits: for the end. */
void hk_publisher_flush(struct hk_publisher *publisher);
