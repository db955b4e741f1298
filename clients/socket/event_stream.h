/* SPDX-License-Identifier: MIT */
/*
 * event_stream: the events of one daemon's history, one after the other, by ListEvents, a page at a
 * time. One thread.
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stdint.h>

#include "clients/socket/event_view.h"
#include "clients/socket/varlink_client.h"

/* Zeroed: closed, at its end. */
struct hk_event_stream {
	struct hk_varlink_client remote;
	json_t *filter; /* parameters that all pages share; the caller's */
	bool newest_first;
	uint64_t n_left; /* events that may be asked for */
	int64_t last_id; /* of the event that came last; 0: none */
	json_t *page;
	size_t next; /* index in the page */
	bool more;   /* the daemon has more than this page */

	json_t *event; /* the present one, until the next call; NULL: the end */
	struct hk_event_view heard;
};

/* Connect to PATH. Exit codes and DIAG: as hk_varlink_client_open. */
enum hk_exit hk_event_stream_open(
	struct hk_event_stream *stream, const char *path, json_t *filter, struct hk_diag *diag);

/* Begin with the first event after AFTER_ID (0: any), at most LIMIT events. Call
 * hk_event_stream_next then. */
void hk_event_stream_begin(
	struct hk_event_stream *stream, int64_t after_id, uint64_t limit, bool newest_first);

/* Go to the next event. Returns HK_EXIT_OK (look at stream->event), else an exit code with DIAG;
 * the stream is at its end then. */
enum hk_exit hk_event_stream_next(struct hk_event_stream *stream, struct hk_diag *diag);

/* Also what is at its end already. */
void hk_event_stream_finish(struct hk_event_stream *stream);
