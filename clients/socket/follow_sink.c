/* SPDX-License-Identifier: MIT */
#include "clients/socket/follow_sink.h"

#include <stdio.h>

#include "clients/cli/output.h"
#include "clients/socket/place.h"
#include "core/base/printable.h"

void hk_follow_keep_place(void *owner, int64_t cursor)
{
	struct hk_follow_sink *sink = owner;
	struct hk_diag diag;
	if (!sink->cursor_file || sink->table.out->error ||
		(sink->keeps && cursor == sink->cursor)) {
		return;
	}
	const int r = hk_place_write(sink->cursor_file, cursor, &diag);
	if (r == 0) {
		sink->cursor = cursor;
		sink->keeps = true;
		return;
	}
	hk_message("follow: option --cursor-file: %s", diag.text);
	if (!sink->keeps) {
		sink->exit_code = hk_exit_of_output(r);
	}
}

void hk_follow_on_place(void *owner, int64_t cursor)
{
	const struct hk_follow_feed *feed = owner;
	struct hk_follow_sink *sink = feed->sink;
	if (sink->runner) {
		hk_exec_queue_mark(sink->runner, cursor);
	} else {
		hk_follow_keep_place(sink, cursor);
	}
}

/* Without a place nobody asks again for what is not taken now: then the runner drops what it has no
 * room for. */
bool hk_follow_may_take(void *owner)
{
	const struct hk_follow_sink *sink = ((const struct hk_follow_feed *)owner)->sink;
	return !sink->runner || !sink->cursor_file || !hk_exec_queue_is_full(sink->runner);
}

void hk_follow_on_event(void *owner, json_t *event, const struct hk_event_view *heard)
{
	const struct hk_follow_feed *feed = owner;
	struct hk_follow_sink *sink = feed->sink;
	if (sink->print && sink->json) {
		hk_output_json(sink->table.out, json_incref(event));
	} else if (sink->print) {
		hk_event_view_row(&sink->table, heard);
		hk_output_flush(sink->table.out);
	}
	if (sink->runner) {
		char subject[128];
		snprintf(subject, sizeof(subject), "event %lld (%s %s)", (long long)heard->id,
			heard->label, heard->state);
		hk_exec_queue_push(sink->runner, event, subject);
	}
}

static void print_source(const struct hk_follow_feed *feed, const char *state, const char *why)
{
	char line[512];
	struct hk_follow_sink *sink = feed->sink;
	snprintf(line, sizeof(line), "-- %s%smicrophone: %s%s%s",
		feed->instance ? feed->instance : "", feed->instance ? ": " : "", state,
		*why ? ": " : "", why);
	char shown[sizeof(line)];
	hk_printable(line, shown, sizeof(shown));
	hk_output_text(sink->table.out, "%s\n", shown);
	hk_output_flush(sink->table.out);
}

void hk_follow_on_source(void *owner, json_t *source)
{
	const struct hk_follow_feed *feed = owner;
	struct hk_follow_sink *sink = feed->sink;
	const char *state = json_string_value(json_object_get(source, "state"));
	const char *why = json_string_value(json_object_get(source, "why"));
	json_t *change = json_pack("{s:s*, s:O}", "instance", feed->instance, "source", source);
	if (sink->print && sink->json) {
		hk_output_json(sink->table.out, json_incref(change));
	} else if (sink->print) {
		print_source(feed, state ? state : "?", why ? why : "");
	}
	if (sink->runner && change) {
		char subject[128];
		snprintf(subject, sizeof(subject), "source %s", state ? state : "?");
		hk_exec_queue_push(sink->runner, change, subject);
	}
	json_decref(change);
}
