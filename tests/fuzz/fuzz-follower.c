/* SPDX-License-Identifier: MIT */
/*
 * A hostile daemon that is followed for hours: the parts of the input, separated by lines "====",
 * are what one connection after the other is told before it is hung up on. The clock jumps
 * (-Wl,--wrap=hk_clock_ms,--wrap=hk_clock_left_ms).
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients/cli/clock.h"
#include "clients/socket/follower.h"
#include "tests/fuzz/fuzz.h"

#define MAX_CONNECTIONS 8
#define MAX_TURNS 200
#define TURN_MS 700

int64_t __wrap_hk_clock_ms(void);
int __wrap_hk_clock_left_ms(int64_t deadline_ms);

static int64_t now_ms;

int64_t __wrap_hk_clock_ms(void)
{
	return now_ms;
}

/* Nothing is waited for: what comes is there. */
int __wrap_hk_clock_left_ms(int64_t deadline_ms)
{
	(void)deadline_ms;
	return 0;
}

struct told {
	size_t n_events;
};

static void on_event(void *owner, json_t *event, const struct hk_event_view *heard)
{
	struct told *told = owner;
	FUZZ_REQUIRE(json_is_object(event));
	FUZZ_REQUIRE(heard->label && heard->state && heard->start);
	told->n_events++;
}

static void on_source(void *owner, json_t *source)
{
	(void)owner;
	FUZZ_REQUIRE(json_is_object(source));
}

static void on_place(void *owner, int64_t cursor)
{
	(void)owner;
	FUZZ_REQUIRE(cursor >= 0);
}

static void on_news(void *owner, const char *text)
{
	(void)owner;
	FUZZ_REQUIRE(text[0] != '\0');
}

static int open_listener(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	FUZZ_REQUIRE(strlen(path) < sizeof(address.sun_path));
	strcpy(address.sun_path, path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	FUZZ_REQUIRE(bind(fd, (const struct sockaddr *)&address, sizeof(address)) == 0);
	FUZZ_REQUIRE(listen(fd, MAX_CONNECTIONS) == 0);
	return fd;
}

/* Tell the connection that waits what PART says. False: none waits. */
static bool serve(int listener, const struct fuzz_part *part)
{
	const int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	if (fd < 0) {
		return false;
	}
	(void)!send(fd, part->data, part->size, MSG_NOSIGNAL);
	shutdown(fd, SHUT_WR);
	char asked[4096];
	while (recv(fd, asked, sizeof(asked), 0) > 0) {}
	close(fd);
	return true;
}

static void follow(const struct hk_follower_setup *setup, int listener,
	const struct fuzz_part *parts, size_t n_parts)
{
	struct hk_follower *follower = hk_follower_new(setup);
	struct hk_diag diag;
	FUZZ_REQUIRE(follower);
	size_t n_served = 0;
	for (int turn = 0; turn < MAX_TURNS; turn++) {
		if (hk_follower_tend(follower, &diag) != HK_EXIT_OK) {
			FUZZ_REQUIRE(diag.text[0] != '\0');
			break;
		}
		if (n_served < n_parts && serve(listener, &parts[n_served])) {
			n_served++;
		}
		if (n_served == n_parts && hk_follower_fd(follower) < 0) {
			break;
		}
		now_ms += TURN_MS;
	}
	hk_follower_free(follower);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const uint8_t how = fuzz_u8(&bytes);
	struct fuzz_part parts[MAX_CONNECTIONS];
	const size_t n_parts = fuzz_cut(bytes.at, bytes.n_left, parts, MAX_CONNECTIONS);
	const struct fuzz_path path = fuzz_path("s");
	struct told told = { 0 };
	const struct hk_follower_setup setup = {
		.path = path.text,
		.labels = how & 1 ? "music,alarm" : "",
		.sources = how & 2,
		.after_id = how & 4 ? 5 : -1,
		.after_cursor = how & 8 ? 5 : -1,
		.owner = &told,
		.on_event = on_event,
		.on_place = on_place,
		.on_source = on_source,
		.on_news = on_news,
	};
	const int listener = open_listener(path.text);
	now_ms = 1000;
	follow(&setup, listener, parts, n_parts);
	close(listener);
	unlink(path.text);
	return 0;
}
