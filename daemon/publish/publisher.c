/* SPDX-License-Identifier: MIT */
#include "daemon/publish/publisher.h"

#include <errno.h>
#include <stdlib.h>
#include <time.h>

#define BATCH 64 /* records told in one go */

struct hk_publisher {
	struct hk_store *store;
	struct hk_publisher_sink sink;
	sd_event_source *timer;
	uint64_t last_sequence;
	uint64_t told_sequence; /* everything up to here was told */
	uint64_t last_cursor;   /* without a history */
};

static int64_t monotonic_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000000) + now.tv_nsec / 1000;
}

/* Records that have waited long enough, copied: nothing may be told under the store's lock. */
struct overdue {
	uint64_t told_sequence;
	int64_t due_us; /* those that were due by then */
	struct hk_event_record records[BATCH];
	size_t n;
};

static int collect(void *owner, const struct hk_event_record *record)
{
	struct overdue *overdue = owner;
	if (record->sequence <= overdue->told_sequence) {
		return 0;
	}
	if (overdue->n == BATCH || record->due_us > overdue->due_us) {
		return 1;
	}
	overdue->records[overdue->n++] = *record;
	return 0;
}

static void tell(struct hk_publisher *publisher, const struct hk_event_record *record)
{
	publisher->told_sequence = record->sequence;
	publisher->sink.on_event(publisher->sink.owner, record);
}

static void tell_due(struct hk_publisher *publisher, int64_t due_us)
{
	struct overdue overdue = { .due_us = due_us };
	do {
		overdue.n = 0;
		overdue.told_sequence = publisher->told_sequence;
		hk_store_waiting(publisher->store, collect, &overdue);
		for (size_t i = 0; i < overdue.n; i++) {
			tell(publisher, &overdue.records[i]);
		}
	} while (overdue.n == BATCH);
}

static int on_timer(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)usec;
	struct hk_publisher *publisher = userdata;
	tell_due(publisher, monotonic_us());
	struct hk_store_status status;
	hk_store_status(publisher->store, &status);
	if (status.n_queued == 0) {
		return 0;
	}
	const int r = sd_event_source_set_time_relative(source, HK_PUBLISH_PATIENCE_US / 4);
	return r < 0 ? r : sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
}

static void on_written(void *owner, const struct hk_event_record *record)
{
	struct hk_publisher *publisher = owner;
	if (record->sequence > publisher->told_sequence) {
		tell(publisher, record);
	}
}

int hk_publisher_new(struct hk_publisher **ret, sd_event *event, struct hk_store *store,
	const struct hk_publisher_sink *sink)
{
	struct hk_publisher *publisher = calloc(1, sizeof(*publisher));
	if (!publisher) {
		return -ENOMEM;
	}
	publisher->store = store;
	publisher->sink = *sink;
	publisher->last_cursor = hk_store_first_cursor();
	int r = sd_event_add_time_relative(
		event, &publisher->timer, CLOCK_MONOTONIC, 0, 0, on_timer, publisher);
	if (r >= 0) {
		r = sd_event_source_set_enabled(publisher->timer, SD_EVENT_OFF);
	}
	if (r < 0) {
		hk_publisher_free(publisher);
		return r;
	}
	if (store) {
		hk_store_watch_written(store, on_written, publisher);
	}
	*ret = publisher;
	return 0;
}

void hk_publisher_free(struct hk_publisher *publisher)
{
	if (!publisher) {
		return;
	}
	sd_event_source_disable_unref(publisher->timer);
	free(publisher);
}

static void wait_for_store(struct hk_publisher *publisher)
{
	int enabled = SD_EVENT_OFF;
	sd_event_source_get_enabled(publisher->timer, &enabled);
	if (enabled == SD_EVENT_OFF) {
		sd_event_source_set_time_relative(publisher->timer, HK_PUBLISH_PATIENCE_US);
		sd_event_source_set_enabled(publisher->timer, SD_EVENT_ONESHOT);
	}
}

void hk_publish(struct hk_publisher *publisher, struct hk_event_record *record, char *trail)
{
	record->sequence = ++publisher->last_sequence;
	record->due_us = monotonic_us() + HK_PUBLISH_PATIENCE_US;
	if (!publisher->store) {
		record->cursor = ++publisher->last_cursor;
		free(trail);
		tell(publisher, record);
		return;
	}
	if (!hk_store_write(publisher->store, record, trail)) {
		/* what the queue refused is told now: it will never be stored */
		tell_due(publisher, INT64_MAX);
		tell(publisher, record);
	}
	wait_for_store(publisher);
}

void hk_publisher_flush(struct hk_publisher *publisher)
{
	if (publisher->store) {
		tell_due(publisher, INT64_MAX);
	}
}
