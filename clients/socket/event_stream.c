/* SPDX-License-Identifier: MIT */
#include "clients/socket/event_stream.h"

#define PAGE 500 /* events asked for at a time */

enum hk_exit hk_event_stream_open(
	struct hk_event_stream *stream, const char *path, json_t *filter, struct hk_diag *diag)
{
	stream->filter = filter;
	return hk_varlink_client_open(&stream->remote, path, HK_VARLINK_CLIENT_WAIT, diag);
}

static void drop_page(struct hk_event_stream *stream)
{
	json_decref(stream->page);
	stream->page = stream->event = NULL;
	stream->next = 0;
}

void hk_event_stream_begin(
	struct hk_event_stream *stream, int64_t after_id, uint64_t limit, bool newest_first)
{
	drop_page(stream);
	stream->last_id = after_id;
	stream->n_left = limit;
	stream->newest_first = newest_first;
	stream->more = true;
}

static enum hk_exit ask_page(struct hk_event_stream *stream, struct hk_diag *diag)
{
	json_t *parameters = json_copy(stream->filter);
	const json_int_t n_wanted = stream->n_left < PAGE ? (json_int_t)stream->n_left : PAGE;
	json_object_set_new(parameters, "limit", json_integer(n_wanted));
	json_object_set_new(parameters, "newest_first", json_boolean(stream->newest_first));
	if (stream->last_id != 0) {
		json_object_set_new(parameters, "after_id", json_integer(stream->last_id));
	}
	json_t *reply = NULL;
	const enum hk_exit exit_code =
		hk_varlink_client_call(&stream->remote, "ListEvents", parameters, &reply, diag);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	json_t *events = json_object_get(reply, "events");
	const size_t n_events = json_array_size(events);
	stream->more = json_is_true(json_object_get(reply, "has_more"));
	const bool readable = json_is_array(events) && n_events <= stream->n_left &&
		!(stream->more && n_events == 0);
	if (readable) {
		stream->page = json_incref(events);
		stream->n_left -= n_events;
	}
	json_decref(reply);
	return readable ? HK_EXIT_OK
			: hk_varlink_client_refuse(stream->remote.path, diag,
				  "a reply to ListEvents that cannot be read");
}

/* Ids must go on from the last one, or a peer could keep us for ever. */
static enum hk_exit take(struct hk_event_stream *stream, json_t *event, struct hk_diag *diag)
{
	struct hk_diag why;
	if (hk_event_view_read(event, &stream->heard, &why) < 0) {
		return hk_varlink_client_refuse(stream->remote.path, diag, why.text);
	}
	const int64_t id = stream->heard.id, last = stream->last_id;
	if (last != 0 && (stream->newest_first ? id >= last : id <= last)) {
		return hk_varlink_client_refuse(
			stream->remote.path, diag, "a list of events that is not in order");
	}
	stream->last_id = id;
	stream->event = event;
	return HK_EXIT_OK;
}

static enum hk_exit advance(struct hk_event_stream *stream, struct hk_diag *diag)
{
	stream->event = NULL;
	if (stream->next == json_array_size(stream->page)) {
		drop_page(stream);
		if (!stream->more || stream->n_left == 0) {
			return HK_EXIT_OK;
		}
		const enum hk_exit exit_code = ask_page(stream, diag);
		if (exit_code != HK_EXIT_OK || json_array_size(stream->page) == 0) {
			return exit_code;
		}
	}
	return take(stream, json_array_get(stream->page, stream->next++), diag);
}

enum hk_exit hk_event_stream_next(struct hk_event_stream *stream, struct hk_diag *diag)
{
	const enum hk_exit exit_code = advance(stream, diag);
	if (exit_code != HK_EXIT_OK) {
		hk_event_stream_finish(stream);
	}
	return exit_code;
}

void hk_event_stream_finish(struct hk_event_stream *stream)
{
	drop_page(stream);
	stream->n_left = 0;
	stream->more = false;
	hk_varlink_client_close(&stream->remote);
}
