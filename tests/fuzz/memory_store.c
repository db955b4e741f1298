/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/memory_store.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

struct hk_store_ticket {
	struct fuzz_store *store;
	sd_event_source *source;
	hk_store_done_fn *done;
	void *owner;
	struct hk_store_query query;
	uint64_t id; /* to explain; 0: a query */
};

int __wrap_hk_store_ask(struct hk_store *store, const struct hk_store_query *query,
	hk_store_done_fn *done, void *owner, struct hk_store_ticket **ret);
int __wrap_hk_store_explain(struct hk_store *store, uint64_t id, hk_store_done_fn *done,
	void *owner, struct hk_store_ticket **ret);
void __wrap_hk_store_forget(struct hk_store_ticket *ticket);
void __wrap_hk_store_waiting(struct hk_store *store, hk_store_row_fn *on_row, void *owner);

void fuzz_store_put(struct fuzz_store *store, const struct hk_event_record *record)
{
	if (store->n_records == FUZZ_STORE_RECORDS) {
		store->n_records--;
		memmove(store->records, store->records + 1,
			store->n_records * sizeof(store->records[0]));
	}
	store->records[store->n_records++] = *record;
}

struct hk_store *fuzz_store_handle(struct fuzz_store *store)
{
	return (struct hk_store *)store;
}

static bool is_wanted(const struct hk_store_query *query, const struct hk_event_record *record)
{
	const uint64_t id = record->event.id, after = query->after_id;
	const bool down = query->order == HK_STORE_BY_ID_DOWN;
	return (after == 0 || (down ? id < after : id > after)) &&
		record->cursor > query->after_cursor &&
		(query->state == 0 || (int)record->event.state == query->state - 1);
}

/* Times and labels are the real store's business, which binds them to a prepared statement. */
static void answer_query(const struct hk_store_ticket *ticket)
{
	const struct fuzz_store *store = ticket->store;
	const struct hk_store_query *query = &ticket->query;
	struct hk_event_record found[FUZZ_STORE_RECORDS];
	struct hk_store_answer answer = { .records = found, .last_cursor = store->last_number };
	for (size_t i = 0; i < store->n_records; i++) {
		const bool down = query->order == HK_STORE_BY_ID_DOWN;
		const struct hk_event_record *record =
			&store->records[down ? store->n_records - 1 - i : i];
		if (!is_wanted(query, record)) {
			continue;
		}
		if (answer.n_records == query->limit) {
			answer.has_more = true;
			break;
		}
		found[answer.n_records++] = *record;
	}
	ticket->done(ticket->owner, &answer);
}

static void answer_explain(const struct hk_store_ticket *ticket)
{
	const struct fuzz_store *store = ticket->store;
	struct hk_store_answer answer = { .error = -ENOENT, .text = "no such event" };
	for (size_t i = 0; i < store->n_records; i++) {
		if (store->records[i].event.id == ticket->id) {
			answer = (struct hk_store_answer){ .records = &store->records[i],
				.n_records = 1 };
			answer.trail = i % 2 ? "{\"windows\": [], \"omitted\": 0}" : NULL;
		}
	}
	ticket->done(ticket->owner, &answer);
}

static void release(struct hk_store_ticket *ticket)
{
	sd_event_source_disable_unref(ticket->source);
	free(ticket);
}

static int on_turn(sd_event_source *source, void *userdata)
{
	(void)source;
	struct hk_store_ticket *ticket = userdata;
	if (ticket->id > 0) {
		answer_explain(ticket);
	} else {
		answer_query(ticket);
	}
	release(ticket);
	return 0;
}

static int issue(
	struct hk_store *store, const struct hk_store_ticket *wanted, struct hk_store_ticket **ret)
{
	struct hk_store_ticket *ticket = malloc(sizeof(*ticket));
	FUZZ_REQUIRE(ticket);
	*ticket = *wanted;
	ticket->store = (struct fuzz_store *)store;
	ticket->query.labels = NULL; /* borrowed for the call alone */
	FUZZ_REQUIRE(
		sd_event_add_defer(ticket->store->event, &ticket->source, on_turn, ticket) >= 0);
	if (ret) {
		*ret = ticket;
	}
	return 0;
}

int __wrap_hk_store_ask(struct hk_store *store, const struct hk_store_query *query,
	hk_store_done_fn *done, void *owner, struct hk_store_ticket **ret)
{
	FUZZ_REQUIRE(query->limit > 0);
	return issue(store,
		&(struct hk_store_ticket){ .done = done, .owner = owner, .query = *query }, ret);
}

int __wrap_hk_store_explain(struct hk_store *store, uint64_t id, hk_store_done_fn *done,
	void *owner, struct hk_store_ticket **ret)
{
	/* 0 is nobody's id, and no record has the highest */
	return issue(store,
		&(struct hk_store_ticket){
			.done = done, .owner = owner, .id = id ? id : UINT64_MAX },
		ret);
}

void __wrap_hk_store_forget(struct hk_store_ticket *ticket)
{
	if (ticket) {
		release(ticket);
	}
}

/* All is in the history at once. */
void __wrap_hk_store_waiting(struct hk_store *store, hk_store_row_fn *on_row, void *owner)
{
	(void)store;
	(void)on_row;
	(void)owner;
}
