/* SPDX-License-Identifier: MIT */
/*
 * memory_store: a history in memory for targets, in place of daemon/store/store.c (linked with
 * --wrap).
 *
 * An answer comes with the next turn of the event loop, as the real one does, without file, thread
 * or waiting. One thread.
 */
#pragma once

#include <systemd/sd-event.h>

#include "daemon/store/store.h"

#define FUZZ_STORE_RECORDS 16 /* the newest are kept */

struct fuzz_store {
	sd_event *event;
	uint64_t last_number; /* id and cursor of the newest record */
	size_t n_records;
	struct hk_event_record records[FUZZ_STORE_RECORDS]; /* oldest first */
};

void fuzz_store_put(struct fuzz_store *store, const struct hk_event_record *record);

/* What the code under test takes for its store. */
struct hk_store *fuzz_store_handle(struct fuzz_store *store);
