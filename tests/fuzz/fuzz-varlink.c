/* SPDX-License-Identifier: MIT */
/*
 * Clients that send anything: the daemon's server with its real table of methods. Input: steps of a
 * byte that says what is done (its low half) by whom (its high half), and what that needs. Whatever
 * a client is sent must be Varlink.
 *
 * Nothing waits: the history is memory_store.c, the list of devices is in a pipe before it is asked
 * for.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/features/profiles.h"
#include "daemon/api/api.h"
#include "daemon/capture/helper_process.h"
#include "tests/fuzz/fuzz.h"
#include "tests/fuzz/labels.h"
#include "tests/fuzz/memory_store.h"

#define N_CLIENTS 4
#define N_TURNS 16
#define FLOOD 10 /* events at a time */
#define BIG_BYTES (HK_VARLINK_MAX_QUEUE / 3)
#define MAX_BIG                                                                                    \
	4 /* in one input: with the socket's own buffer more than a client may leave unread */

enum step {
	SEND,      /* up to and with the next NUL */
	SEND_SOME, /* a byte: how many */
	HEAR,
	HANG_UP,
	SAY_NO_MORE,
	DIAL,
	TURN,
	WAIT, /* now the same as TURN */
	EVENT,
	STORE,
	WINDOW,
	PICTURE,
	SOURCE,
	EVENTS,
	BIG, /* a window that takes much room */
	N_STEPS,
};

struct client {
	int fd; /* -1: none */
	size_t n_heard;
	char heard[HK_VARLINK_MAX_QUEUE + (1 << 18)];
};

static sd_event *event;
static struct fuzz_store store;
static struct hk_api *api;
static struct client clients[N_CLIENTS];
static struct hk_event_record ongoing;
static bool pictures_wanted;
static unsigned n_big;

/* In place of daemon/capture/helper_process.c (linked with --wrap): a helper that has written its
 * list and ended. */
int __wrap_hk_helper_process_start_list(
	struct hk_helper_process *ret, const char *path, struct hk_diag *diag);
void __wrap_hk_helper_process_finish(struct hk_helper_process *helper);

int __wrap_hk_helper_process_start_list(
	struct hk_helper_process *ret, const char *path, struct hk_diag *diag)
{
	(void)path;
	(void)diag;
	static const char list[] =
		"{\"name\":\"mic\",\"host_api\":\"ALSA\",\"device\":\"mic\",\"channels\":2,"
		"\"default_rate\":48000,\"rates\":[48000],\"default\":true,\"busy\":false}\n"
		"what a library writes\n";
	int fds[2];
	FUZZ_REQUIRE(pipe2(fds, O_CLOEXEC | O_NONBLOCK) == 0);
	FUZZ_REQUIRE(write(fds[1], list, sizeof(list) - 1) == (ssize_t)sizeof(list) - 1);
	close(fds[1]);
	*ret = (struct hk_helper_process){ .report_fd = fds[0] };
	return 0;
}

void __wrap_hk_helper_process_finish(struct hk_helper_process *helper)
{
	close(helper->report_fd);
}

static void fill_vitals(void *owner, struct hk_daemon_status *ret)
{
	(void)owner;
	static struct hk_model model;
	model = *fuzz_labels();
	model.rate_hz = 16000;
	model.n_window_frames = 32000;
	model.n_step_frames = 16000;
	hk_profile_config_init(&model.profile, hk_profiles[0]);
	*ret = (struct hk_daemon_status){
		.instance = "fuzz",
		.started_us = 1000000,
		.source = { .state = HK_SOURCE_HEARING, .device = "mic", .rate_hz = 48000 },
		.source_since_us = 2000000,
		.model = &model,
		.totals = { .n_windows = 7,
			.last_window_us = 3000000,
			.level_dbfs = -40,
			.n_events = { 1, 0, 2 } },
		.ongoing = &ongoing,
		.n_ongoing = 1,
	};
	ret->store = (struct hk_store_status){ .ok = true, .n_events = store.n_records };
}

static json_t *trail(void *owner, uint64_t id, uint64_t *ret_omitted)
{
	(void)owner;
	(void)id;
	*ret_omitted = 3;
	return json_array();
}

static int reload(void *owner, struct hk_diag *diag)
{
	(void)owner;
	return pictures_wanted ? hk_diag_set(diag, -EINVAL, "x.conf:3: bad") : 0;
}

static void want_pictures(void *owner, bool wanted)
{
	(void)owner;
	FUZZ_REQUIRE(wanted != pictures_wanted);
	pictures_wanted = wanted;
}

static struct hk_event_record new_record(void)
{
	const uint64_t number = ++store.last_number;
	struct hk_event_record record = {
		.sequence = number,
		.event = { .id = number, .n_windows = 2, .level_dbfs = -20 },
		.cursor = number,
		.start_us = 1000000,
		.end_us = 3000000,
		.instance = "fuzz",
		.label = "music",
		.model = "fuzz",
	};
	return record;
}

static void store_event(bool ends)
{
	struct hk_event_record record = new_record();
	record.event.state = ends ? HK_EVENT_ENDED : HK_EVENT_ONGOING;
	record.stored = true;
	fuzz_store_put(&store, &record);
	if (api) {
		hk_api_event(api, &record);
	}
}

static void begin(void)
{
	if (!event) {
		FUZZ_REQUIRE(sd_event_new(&event) >= 0);
	}
	store = (struct fuzz_store){ .event = event };
	store_event(true);
	store_event(false);
	store_event(true);
	pictures_wanted = false;
	n_big = 0;
	ongoing = new_record();
	ongoing.event.id = 5;
	const struct hk_api_daemon daemon = { NULL, fill_vitals, trail, reload, want_pictures };
	struct hk_store *history = fuzz_store_handle(&store);
	FUZZ_REQUIRE(
		hk_api_new(&api, event, &daemon, history, "/nonexistent/hearken-capture") == 0);
	for (size_t i = 0; i < N_CLIENTS; i++) {
		clients[i].fd = -1;
	}
}

static void hang_up(struct client *client)
{
	if (client->fd >= 0) {
		close(client->fd);
	}
	client->fd = -1;
	client->n_heard = 0;
}

static void dial(struct client *client)
{
	int fds[2];
	hang_up(client);
	FUZZ_REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, fds) == 0);
	FUZZ_REQUIRE(hk_varlink_serve(hk_api_server(api), fds[1]) == 0);
	client->fd = fds[0];
}

static void turn(void)
{
	for (int i = 0; i < N_TURNS && sd_event_run(event, 0) > 0; i++) {}
}

static void send_part(struct client *client, struct fuzz_part part)
{
	if (client->fd < 0) {
		dial(client);
	}
	(void)!send(client->fd, part.data, part.size, MSG_NOSIGNAL);
	turn();
}

/* With its NUL, unless the input ends before it. */
static struct fuzz_part take_text(struct fuzz_bytes *bytes)
{
	const uint8_t *end = bytes->n_left ? memchr(bytes->at, '\0', bytes->n_left) : NULL;
	return fuzz_take(bytes, end ? (size_t)(end + 1 - bytes->at) : bytes->n_left);
}

static void check_message(const char *text, size_t length)
{
	json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, NULL);
	FUZZ_REQUIRE(json_is_object(message));
	FUZZ_REQUIRE(json_is_object(json_object_get(message, "parameters")));
	const json_t *error = json_object_get(message, "error");
	FUZZ_REQUIRE(!error || json_is_string(error));
	FUZZ_REQUIRE(!error || !json_object_get(message, "continues"));
	json_decref(message);
}

/* Take what has come, and look at it. */
static void hear(struct client *client)
{
	if (client->fd < 0) {
		return;
	}
	const ssize_t n = recv(client->fd, client->heard + client->n_heard,
		sizeof(client->heard) - client->n_heard, 0);
	client->n_heard += n > 0 ? (size_t)n : 0;
	const char *at = client->heard;
	const char *end = at + client->n_heard;
	const char *nul;
	while (at < end && (nul = memchr(at, '\0', (size_t)(end - at)))) {
		check_message(at, (size_t)(nul - at));
		at = nul + 1;
	}
	client->n_heard = (size_t)(end - at);
	memmove(client->heard, at, client->n_heard);
	turn();
}

static void tell_event(void)
{
	const struct hk_event_record record = new_record();
	hk_api_event(api, &record);
}

static void tell(enum step step)
{
	json_t *json = step == SOURCE ? NULL : json_pack("{s:i}", "start_frame", 5);
	if (step == WINDOW) {
		hk_api_window(api, json);
	} else if (step == PICTURE) {
		hk_api_picture(api, json);
	} else {
		hk_api_source(api);
	}
	json_decref(json);
}

static void tell_big(void)
{
	static char text[BIG_BYTES + 1];
	static json_t *json; /* made once: libjansson looks at each byte */
	if (!json) {
		memset(text, 'x', BIG_BYTES);
		json = json_pack("{s:s}", "label", text);
		FUZZ_REQUIRE(json);
	}
	hk_api_window(api, json);
}

static void take_step(enum step step, struct client *client, struct fuzz_bytes *bytes)
{
	switch (step) {
	case SEND:
		send_part(client, take_text(bytes));
		break;
	case SEND_SOME:
		send_part(client, fuzz_take(bytes, fuzz_u8(bytes)));
		break;
	case HEAR:
		hear(client);
		break;
	case HANG_UP:
		hang_up(client);
		turn();
		break;
	case SAY_NO_MORE:
		shutdown(client->fd, SHUT_WR);
		turn();
		break;
	case DIAL:
		dial(client);
		break;
	case TURN:
	case WAIT:
		turn();
		break;
	case EVENT:
		tell_event();
		break;
	case STORE:
		store_event(client == &clients[0]);
		break;
	case WINDOW:
	case PICTURE:
	case SOURCE:
		tell(step);
		break;
	case EVENTS:
		for (int i = 0; i < FLOOD; i++) {
			tell_event();
		}
		break;
	case BIG:
		if (n_big++ < MAX_BIG) {
			tell_big();
		}
		break;
	case N_STEPS:
		break;
	}
}

static void end(void)
{
	for (size_t i = 0; i < N_CLIENTS; i++) {
		hear(&clients[i]);
	}
	for (size_t i = 0; i < N_CLIENTS; i += 2) {
		hang_up(&clients[i]);
	}
	turn();
	hk_api_free(api);
	api = NULL;
	FUZZ_REQUIRE(!pictures_wanted);
	for (size_t i = 0; i < N_CLIENTS; i++) {
		hang_up(&clients[i]);
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	begin();
	while (bytes.n_left > 0) {
		const uint8_t byte = fuzz_u8(&bytes);
		take_step(
			(enum step)(byte % 16 % N_STEPS), &clients[byte / 16 % N_CLIENTS], &bytes);
	}
	end();
	return 0;
}
