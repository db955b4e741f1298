/* SPDX-License-Identifier: MIT */
#include "clients/watch/watcher.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "clients/cli/clock.h"
#include "clients/cli/output.h"
#include "clients/socket/follower.h"
#include "clients/socket/varlink_client.h"
#include "clients/watch/scene.h"
#include "clients/watch/terminal.h"
#include "clients/watch/view.h"

#define CONNECT_MS 1000 /* a local daemon answers at once or is not there */
#define RETRY_MS 500
#define STATUS_MS 1000
#define FRAME_MS 30 /* no more than so many pictures, however many come */

#define CTRL_C 3

struct watcher {
	const struct hk_watch_setup *setup;
	size_t shown; /* index of the socket */
	struct hk_terminal terminal;
	struct hk_canvas canvas;
	struct hk_watch_scene scene;
	struct hk_varlink_client monitor, status;
	struct hk_follower *follower;
	int signal_fd;
	int64_t retry_ms;  /* when to connect again */
	int64_t status_ms; /* when to ask again */
	int64_t answer_ms; /* when what was asked must have been answered */
	bool status_asked;
	bool history_known; /* the last events were asked for first, and answered */
	int64_t frame_ms;   /* when the next frame may be drawn */
	bool changed;       /* since the last frame */
	bool resized;
	bool quit;
	bool turn; /* to the next instance */
	char news[256];
	struct hk_diag diag; /* why it ended, unless the user wanted it */
};

static const char *path_of(const struct watcher *watcher)
{
	return watcher->setup->sockets->paths[watcher->shown];
}

static bool has_several(const struct watcher *watcher)
{
	return watcher->setup->sockets->n_paths > 1;
}

/* ---- what the daemon says ---- */

static void disconnect(struct watcher *watcher)
{
	hk_varlink_client_close(&watcher->monitor);
	hk_varlink_client_close(&watcher->status);
}

static void lose(struct watcher *watcher)
{
	disconnect(watcher);
	hk_watch_scene_lost(&watcher->scene);
	watcher->status_asked = watcher->history_known = false;
	watcher->retry_ms = hk_clock_ms() + RETRY_MS;
	watcher->changed = true;
	snprintf(watcher->news, sizeof(watcher->news), "%.180s; trying again, q quits",
		watcher->diag.text);
}

static enum hk_exit connect_monitor(struct watcher *watcher)
{
	enum hk_exit exit_code = hk_varlink_client_open(
		&watcher->monitor, path_of(watcher), CONNECT_MS, &watcher->diag);
	if (exit_code == HK_EXIT_OK) {
		exit_code = hk_varlink_client_send(&watcher->monitor, "Monitor",
			json_pack("{s:b}", "pictures", 1), true, &watcher->diag);
	}
	if (exit_code == HK_EXIT_OK) {
		exit_code = hk_varlink_client_open(
			&watcher->status, path_of(watcher), CONNECT_MS, &watcher->diag);
	}
	return exit_code;
}

typedef int read_fn(struct hk_watch_scene *scene, json_t *reply, struct hk_diag *diag);

/* Take the replies that have come on REMOTE, by READ. *ret_any: there was one. */
static enum hk_exit take_replies(
	struct watcher *watcher, struct hk_varlink_client *remote, read_fn *read, bool *ret_any)
{
	for (;;) {
		struct hk_reply reply;
		const enum hk_exit exit_code =
			hk_varlink_client_receive(remote, 0, &reply, &watcher->diag);
		if (exit_code != HK_EXIT_OK || !reply.parameters) {
			return exit_code;
		}
		const int r = read(&watcher->scene, reply.parameters, &watcher->diag);
		json_decref(reply.parameters);
		if (r < 0) {
			return HK_EXIT_PROTOCOL;
		}
		*ret_any = watcher->changed = true;
	}
}

/* The answer to the question for the last events. Without a history only what happens is shown. */
static enum hk_exit take_history(struct watcher *watcher, bool *ret_any)
{
	struct hk_reply reply;
	const enum hk_exit exit_code =
		hk_varlink_client_receive(&watcher->status, 0, &reply, &watcher->diag);
	if (reply.error[0] && hk_varlink_client_is_open(&watcher->status)) {
		watcher->history_known = *ret_any = true;
		return HK_EXIT_OK;
	}
	if (exit_code != HK_EXIT_OK || !reply.parameters) {
		return exit_code;
	}
	const int r = hk_watch_scene_history(&watcher->scene, reply.parameters, &watcher->diag);
	json_decref(reply.parameters);
	watcher->history_known = *ret_any = watcher->changed = true;
	return r < 0 ? HK_EXIT_PROTOCOL : HK_EXIT_OK;
}

static enum hk_exit send_question(struct watcher *watcher)
{
	if (watcher->history_known) {
		return hk_varlink_client_send(
			&watcher->status, "GetStatus", NULL, false, &watcher->diag);
	}
	return hk_varlink_client_send(&watcher->status, "ListEvents",
		json_pack("{s:i, s:b}", "limit", HK_WATCH_SCENE_EVENTS, "newest_first", 1), false,
		&watcher->diag);
}

/* First the last events, then the status again and again. */
static enum hk_exit ask_status(struct watcher *watcher)
{
	bool any = false;
	enum hk_exit exit_code = watcher->history_known
		? take_replies(watcher, &watcher->status, hk_watch_scene_status, &any)
		: take_history(watcher, &any);
	if (any) {
		watcher->status_asked = false;
		watcher->news[0] = '\0';
	} else if (exit_code == HK_EXIT_OK && watcher->status_asked &&
		hk_clock_ms() >= watcher->answer_ms) {
		exit_code = hk_varlink_client_give_up(&watcher->status, &watcher->diag);
	}
	if (exit_code == HK_EXIT_OK && !watcher->status_asked &&
		hk_clock_ms() >= watcher->status_ms) {
		watcher->status_asked = true;
		watcher->status_ms = hk_clock_ms() + (watcher->history_known ? STATUS_MS : 0);
		watcher->answer_ms = hk_clock_ms() + watcher->status.patience_ms;
		exit_code = send_question(watcher);
	}
	return exit_code;
}

/* Returns HK_EXIT_OK also when the daemon is away: it is tried again. */
static enum hk_exit tend_daemon(struct watcher *watcher)
{
	enum hk_exit exit_code = HK_EXIT_OK;
	if (!hk_varlink_client_is_open(&watcher->monitor)) {
		if (hk_clock_ms() < watcher->retry_ms) {
			return HK_EXIT_OK;
		}
		exit_code = connect_monitor(watcher);
	}
	bool any = false;
	if (exit_code == HK_EXIT_OK) {
		exit_code = take_replies(watcher, &watcher->monitor, hk_watch_scene_monitor, &any);
	}
	if (exit_code == HK_EXIT_OK) {
		exit_code = ask_status(watcher);
	}
	if (exit_code == HK_EXIT_UNAVAILABLE) {
		lose(watcher);
		return HK_EXIT_OK;
	}
	return exit_code;
}

static void on_event(void *owner, json_t *event, const struct hk_event_view *heard)
{
	struct watcher *watcher = owner;
	(void)event;
	hk_watch_scene_event(&watcher->scene, heard);
	watcher->changed = true;
}

/* The title tells of the microphone and of a lost daemon already. */
static void ignore_source(void *owner, json_t *source)
{
	(void)owner;
	(void)source;
}

static void ignore_news(void *owner, const char *text)
{
	(void)owner;
	(void)text;
}

/* ---- the terminal ---- */

static void take_keys(struct watcher *watcher)
{
	char keys[64];
	const ssize_t n = read(watcher->terminal.in, keys, sizeof(keys));
	for (ssize_t i = 0; i < n; i++) {
		watcher->turn |= keys[i] == '\t' && has_several(watcher);
		watcher->quit |= keys[i] == 'q' || keys[i] == 'Q' || keys[i] == CTRL_C;
	}
}

static void take_signals(struct watcher *watcher)
{
	struct signalfd_siginfo info;
	while (read(watcher->signal_fd, &info, sizeof(info)) == sizeof(info)) {
		if (info.ssi_signo == SIGWINCH) {
			watcher->resized = true;
		} else {
			watcher->quit = true;
		}
	}
}

static enum hk_exit draw(struct watcher *watcher)
{
	int r = 0;
	if (watcher->resized) {
		int n_columns, n_rows;
		hk_terminal_size(&watcher->terminal, &n_columns, &n_rows);
		r = hk_canvas_resize(&watcher->canvas, n_columns, n_rows);
		watcher->resized = false;
	}
	if (r == 0) {
		const struct hk_view view = {
			.seconds = watcher->setup->seconds,
			.now_us = hk_clock_wall_us(),
			.news = watcher->news,
			.place = watcher->shown + 1,
			.n_places = watcher->setup->sockets->n_paths,
		};
		hk_view_draw(&view, &watcher->scene, &watcher->canvas);
		r = hk_canvas_flush(&watcher->canvas, watcher->terminal.out);
	}
	watcher->changed = false;
	watcher->frame_ms = hk_clock_ms() + FRAME_MS;
	if (r < 0) {
		hk_diag_set(&watcher->diag, r, "cannot draw: %s", strerror(-r));
		return r == -ENOMEM ? HK_EXIT_INTERNAL : HK_EXIT_IO;
	}
	return HK_EXIT_OK;
}

/* ---- the loop ---- */

static int64_t earlier(int64_t a_ms, int64_t b_ms)
{
	return a_ms < b_ms ? a_ms : b_ms;
}

static void wait_for_news(struct watcher *watcher)
{
	const bool connected = hk_varlink_client_is_open(&watcher->monitor);
	struct pollfd fds[] = {
		{ .fd = watcher->signal_fd, .events = POLLIN },
		{ .fd = watcher->terminal.in, .events = POLLIN },
		{ .fd = connected ? watcher->monitor.fd : -1, .events = POLLIN },
		{ .fd = connected ? watcher->status.fd : -1, .events = POLLIN },
		{ .fd = hk_follower_fd(watcher->follower), .events = POLLIN },
	};
	const int64_t daemon_ms = !connected ? watcher->retry_ms
		: watcher->status_asked      ? watcher->answer_ms
					     : watcher->status_ms;
	int64_t due_ms = earlier(hk_follower_due_ms(watcher->follower), daemon_ms);
	if (watcher->changed || watcher->resized) {
		due_ms = earlier(due_ms, watcher->frame_ms);
	}
	poll(fds, sizeof(fds) / sizeof(fds[0]), hk_clock_left_ms(due_ms));
	if (fds[0].revents) {
		take_signals(watcher);
	}
	if (fds[1].revents & POLLIN) {
		take_keys(watcher);
	} else if (fds[1].revents) {
		watcher->quit = true; /* the terminal is gone */
	}
}

static enum hk_exit start_follower(struct watcher *watcher)
{
	const struct hk_follower_setup setup = {
		.path = path_of(watcher),
		.labels = "",
		.after_id = -1,
		.after_cursor = -1,
		.owner = watcher,
		.on_event = on_event,
		.on_source = ignore_source,
		.on_news = ignore_news,
	};
	hk_follower_free(watcher->follower);
	watcher->follower = hk_follower_new(&setup);
	if (!watcher->follower) {
		hk_diag_set(&watcher->diag, -ENOMEM, "out of memory");
		return HK_EXIT_INTERNAL;
	}
	return HK_EXIT_OK;
}

/* To the next instance, with nothing of this one left. */
static enum hk_exit turn(struct watcher *watcher)
{
	disconnect(watcher);
	watcher->turn = false;
	watcher->shown = (watcher->shown + 1) % watcher->setup->sockets->n_paths;
	memset(&watcher->scene, 0, sizeof(watcher->scene));
	watcher->status_asked = watcher->history_known = false;
	watcher->retry_ms = watcher->status_ms = 0;
	watcher->news[0] = '\0';
	watcher->changed = true;
	return start_follower(watcher);
}

static enum hk_exit watch(struct watcher *watcher)
{
	enum hk_exit exit_code = HK_EXIT_OK;
	while (exit_code == HK_EXIT_OK && !watcher->quit) {
		if (watcher->turn) {
			exit_code = turn(watcher);
		}
		if (exit_code == HK_EXIT_OK) {
			exit_code = tend_daemon(watcher);
		}
		if (exit_code == HK_EXIT_OK) {
			exit_code = hk_follower_tend(watcher->follower, &watcher->diag);
		}
		const bool due = watcher->changed && hk_clock_ms() >= watcher->frame_ms;
		if (exit_code == HK_EXIT_OK && (due || watcher->resized)) {
			exit_code = draw(watcher);
		}
		if (exit_code == HK_EXIT_OK) {
			wait_for_news(watcher);
		}
	}
	return exit_code;
}

/* Make signals readable. Returns the descriptor, or the negative errno of signalfd. */
static int block_signals(sigset_t *ret_before)
{
	static const int numbers[] = { SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGWINCH };
	sigset_t signals;
	sigemptyset(&signals);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		sigaddset(&signals, numbers[i]);
	}
	sigprocmask(SIG_BLOCK, &signals, ret_before);
	const int fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
	return fd < 0 ? -errno : fd;
}

/* With the terminal entered; the daemon answered once. */
static enum hk_exit run(struct watcher *watcher)
{
	enum hk_exit exit_code = start_follower(watcher);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	const int r = hk_terminal_enter(&watcher->terminal, STDIN_FILENO, STDOUT_FILENO);
	if (r < 0) {
		hk_diag_set(&watcher->diag, r, "the terminal: %s", strerror(-r));
		return HK_EXIT_IO;
	}
	exit_code = watch(watcher);
	hk_terminal_leave(&watcher->terminal);
	return exit_code;
}

/* Begin with the first instance that answers; those before it are reported. */
static enum hk_exit connect_first(struct watcher *watcher)
{
	for (;;) {
		const enum hk_exit exit_code = connect_monitor(watcher);
		if (exit_code == HK_EXIT_OK ||
			watcher->shown + 1 == watcher->setup->sockets->n_paths) {
			return exit_code;
		}
		hk_message("%s", watcher->diag.text);
		disconnect(watcher);
		watcher->shown++;
	}
}

enum hk_exit hk_watch_run(const struct hk_watch_setup *setup)
{
	sigset_t before;
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	if (!watcher) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	watcher->setup = setup;
	watcher->canvas.colours = setup->colours;
	watcher->resized = true;
	watcher->signal_fd = block_signals(&before);
	enum hk_exit exit_code = HK_EXIT_INTERNAL;
	if (watcher->signal_fd < 0) {
		hk_diag_set(&watcher->diag, watcher->signal_fd, "signals: %s",
			strerror(-watcher->signal_fd));
	} else {
		exit_code = connect_first(watcher);
	}
	if (exit_code == HK_EXIT_OK) {
		exit_code = run(watcher);
	}
	if (exit_code != HK_EXIT_OK) {
		hk_message("%s", watcher->diag.text);
	}
	hk_follower_free(watcher->follower);
	hk_varlink_client_close(&watcher->monitor);
	hk_varlink_client_close(&watcher->status);
	hk_canvas_finish(&watcher->canvas);
	if (watcher->signal_fd >= 0) {
		close(watcher->signal_fd);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	free(watcher);
	return exit_code;
}
