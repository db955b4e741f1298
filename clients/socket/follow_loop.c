/* SPDX-License-Identifier: MIT */
#include "clients/socket/follow_loop.h"

#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients/cli/clock.h"

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

/* One instance; NULL as its follower: it made no sense to go on with it. */
struct lane {
	struct hk_follow_feed feed;
	char instance[HK_SOCKET_PATH_SIZE];
	struct hk_follower *follower;
};

struct following {
	size_t n_lanes;
	struct lane *lanes;
	struct pollfd *fds; /* N_OWN_FDS, then one a lane */
	struct hk_follow_sink *sink;
	enum hk_exit exit_code; /* of the first instance that was given up */
};

enum { FD_SIGNAL, FD_READER, FD_COMMAND, N_OWN_FDS };

/* Returns whether any instance is left. */
static bool tend(struct following *following)
{
	bool any = false;
	for (size_t i = 0; i < following->n_lanes; i++) {
		struct lane *lane = &following->lanes[i];
		struct hk_diag diag;
		if (!lane->follower) {
			continue;
		}
		const enum hk_exit exit_code = hk_follower_tend(lane->follower, &diag);
		if (exit_code == HK_EXIT_OK) {
			any = true;
			continue;
		}
		hk_message("%s", diag.text);
		hk_follower_free(lane->follower);
		lane->follower = NULL;
		if (following->exit_code == HK_EXIT_OK) {
			following->exit_code = exit_code;
		}
	}
	return any;
}

/* Until something happens or is due. */
static void wait_for_news(const struct following *following, int signal_fd)
{
	const struct hk_follow_sink *sink = following->sink;
	struct pollfd *fds = following->fds;
	int64_t due_ms = sink->runner ? hk_exec_queue_due_ms(sink->runner) : INT64_MAX;
	fds[FD_SIGNAL] = (struct pollfd){ .fd = signal_fd, .events = POLLIN };
	/* POLLERR: no reader left */
	fds[FD_READER] = (struct pollfd){ .fd = sink->print ? fileno(sink->table.out->file) : -1 };
	fds[FD_COMMAND] = (struct pollfd){
		.fd = sink->runner ? hk_exec_queue_fd(sink->runner) : -1,
		.events = POLLIN,
	};
	for (size_t i = 0; i < following->n_lanes; i++) {
		struct lane *lane = &following->lanes[i];
		const bool takes = lane->follower && hk_follow_may_take(&lane->feed);
		fds[N_OWN_FDS + i] = (struct pollfd){
			.fd = takes ? hk_follower_fd(lane->follower) : -1,
			.events = POLLIN,
		};
		if (takes) {
			due_ms = earlier(due_ms, hk_follower_due_ms(lane->follower));
		}
	}
	poll(fds, N_OWN_FDS + following->n_lanes, hk_clock_left_ms(due_ms));
}

/* Until a signal comes, nobody reads what we write, or it makes no sense to go on. */
static enum hk_exit follow(struct following *following, int signal_fd)
{
	struct hk_follow_sink *sink = following->sink;
	while (!sink->table.out->error && tend(following)) {
		if (sink->runner) {
			hk_exec_queue_tend(sink->runner);
		}
		if (sink->exit_code != HK_EXIT_OK) {
			break;
		}
		wait_for_news(following, signal_fd);
		if (following->fds[FD_SIGNAL].revents ||
			(following->fds[FD_READER].revents & POLLERR)) {
			break;
		}
	}
	return sink->exit_code != HK_EXIT_OK ? sink->exit_code : following->exit_code;
}

/* Make SIGINT and SIGTERM readable. Returns the descriptor, or -1. */
static int take_signals(sigset_t *ret_before)
{
	sigset_t ending;
	sigemptyset(&ending);
	sigaddset(&ending, SIGINT);
	sigaddset(&ending, SIGTERM);
	sigprocmask(SIG_BLOCK, &ending, ret_before);
	return signalfd(-1, &ending, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* A follower for each socket. Returns false: out of memory. */
static bool start_lanes(struct following *following, const struct hk_sockets *sockets,
	struct hk_follower_setup *setup)
{
	following->lanes = calloc(sockets->n_paths, sizeof(*following->lanes));
	following->fds = calloc(N_OWN_FDS + sockets->n_paths, sizeof(*following->fds));
	if (!following->lanes || !following->fds) {
		return false;
	}
	for (size_t i = 0; i < sockets->n_paths; i++) {
		struct lane *lane = &following->lanes[i];
		hk_socket_instance(sockets->paths[i], lane->instance);
		lane->feed.sink = following->sink;
		lane->feed.instance = sockets->n_paths > 1 ? lane->instance : NULL;
		setup->path = sockets->paths[i];
		setup->owner = &lane->feed;
		lane->follower = hk_follower_new(setup);
		following->n_lanes++;
		if (!lane->follower) {
			return false;
		}
	}
	return true;
}

enum hk_exit hk_follow_run(const struct hk_sockets *sockets, struct hk_follower_setup *setup,
	struct hk_follow_sink *sink)
{
	sigset_t before;
	struct following following = { .sink = sink };
	const int signal_fd = take_signals(&before);
	enum hk_exit exit_code = HK_EXIT_INTERNAL;
	if (signal_fd < 0 || !start_lanes(&following, sockets, setup)) {
		hk_message("out of memory or descriptors");
	} else {
		exit_code = follow(&following, signal_fd);
	}
	for (size_t i = 0; i < following.n_lanes; i++) {
		hk_follower_free(following.lanes[i].follower);
	}
	free(following.lanes);
	free(following.fds);
	if (signal_fd >= 0) {
		close(signal_fd);
	}
	return exit_code;
}
