/* SPDX-License-Identifier: MIT */
#include "clients/socket/varlink_client.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "clients/cli/clock.h"
#include "clients/cli/output.h"
#include "core/base/number.h"
#include "core/base/printable.h"

#define INTERFACE "io.hearken"
#define FIRST_SIZE (16 * 1024)
#define MAX_CALLS 3 /* of which all but the last were lost with a daemon that went away */
#define MIN_PATIENCE_S 1
#define MAX_PATIENCE_S 3600
#define PROBE_MS 1500       /* for the answer to a second connection */
#define CONNECT_PAUSE_MS 20 /* between attempts while the daemon's queue of connections is full */

/* "PATH: WHAT: why" into DIAG; close, and return EXIT_CODE. */
static enum hk_exit fail(struct hk_varlink_client *remote, enum hk_exit exit_code, int error,
	const char *what, struct hk_diag *diag)
{
	hk_diag_set(diag, -EIO, "%s: %s%s%s", remote->path, what, error ? ": " : "",
		error ? strerror(error) : "");
	hk_varlink_client_close(remote);
	return exit_code;
}

static enum hk_exit fail_memory(struct hk_varlink_client *remote, struct hk_diag *diag)
{
	return fail(remote, HK_EXIT_INTERNAL, ENOMEM, "cannot talk to the daemon", diag);
}

enum hk_exit hk_varlink_client_refuse(const char *path, struct hk_diag *diag, const char *text)
{
	hk_diag_set(diag, -EPROTO, "%s: %s", path, text);
	return HK_EXIT_PROTOCOL;
}

enum hk_exit hk_varlink_client_give_up(struct hk_varlink_client *remote, struct hk_diag *diag)
{
	return fail(remote, HK_EXIT_UNAVAILABLE, 0, "the daemon does not answer", diag);
}

/* The limit for an answer, which the user may set. */
static enum hk_exit read_patience(int *ret_ms, struct hk_diag *diag)
{
	const char *text = getenv("HEARKEN_TIMEOUT");
	double seconds;
	*ret_ms = HK_VARLINK_CLIENT_PATIENCE_MS;
	if (!text || !*text) {
		return HK_EXIT_OK;
	}
	if (hk_parse_double(text, &seconds) < 0 ||
		!(seconds >= MIN_PATIENCE_S && seconds <= MAX_PATIENCE_S)) {
		hk_diag_set(diag, -EINVAL,
			"HEARKEN_TIMEOUT: expected seconds from %d to %d, got \"%s\"",
			MIN_PATIENCE_S, MAX_PATIENCE_S, text);
		return HK_EXIT_USAGE;
	}
	*ret_ms = (int)(seconds * 1000);
	return HK_EXIT_OK;
}

static int try_connect(int fd, const struct sockaddr_un *address, int64_t deadline_ms)
{
	while (connect(fd, (const struct sockaddr *)address, sizeof(*address)) < 0) {
		if (errno != EAGAIN && errno != EINTR) {
			return -errno;
		}
		if (hk_clock_ms() >= deadline_ms) {
			return -EAGAIN;
		}
		poll(NULL, 0, CONNECT_PAUSE_MS);
	}
	return 0;
}

enum hk_exit hk_varlink_client_open(
	struct hk_varlink_client *remote, const char *path, int timeout_ms, struct hk_diag *diag)
{
	*remote = (struct hk_varlink_client){ .fd = -1 };
	const enum hk_exit read = read_patience(&remote->patience_ms, diag);
	if (read != HK_EXIT_OK) {
		return read;
	}
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = strlen(path);
	if (length >= sizeof(address.sun_path)) {
		hk_diag_set(diag, -ENAMETOOLONG, "%s: a socket's path has at most %zu bytes", path,
			sizeof(address.sun_path) - 1);
		return HK_EXIT_USAGE;
	}
	memcpy(address.sun_path, path, length + 1);
	memcpy(remote->path, path, length + 1);
	remote->in = malloc(FIRST_SIZE);
	if (!remote->in) {
		return fail_memory(remote, diag);
	}
	remote->in_size = FIRST_SIZE;
	remote->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (remote->fd < 0) {
		return fail(remote, HK_EXIT_INTERNAL, errno, "cannot make a socket", diag);
	}
	const int r = try_connect(remote->fd, &address,
		hk_clock_ms() + (timeout_ms < 0 ? remote->patience_ms : timeout_ms));
	if (r == -EAGAIN) {
		return hk_varlink_client_give_up(remote, diag);
	}
	if (r == -EACCES || r == -EPERM) {
		return fail(remote, HK_EXIT_PERMISSION, -r,
			"members of the group hearken may talk to the daemon", diag);
	}
	return r < 0 ? fail(remote, HK_EXIT_UNAVAILABLE, -r, "no daemon answers there", diag)
		     : HK_EXIT_OK;
}

void hk_varlink_client_close(struct hk_varlink_client *remote)
{
	if (!remote || !remote->in) {
		return;
	}
	if (remote->fd >= 0) {
		close(remote->fd);
	}
	free(remote->in);
	remote->in = NULL;
	remote->fd = -1;
}

bool hk_varlink_client_is_open(const struct hk_varlink_client *remote)
{
	return remote->in;
}

/* Wait until the socket has EVENTS. Returns whether it has. */
static bool wait_for(const struct hk_varlink_client *remote, short events, int64_t deadline_ms)
{
	struct pollfd ready = { .fd = remote->fd, .events = events };
	int r;
	do {
		r = poll(&ready, 1, hk_clock_left_ms(deadline_ms));
	} while (r < 0 && errno == EINTR);
	return r > 0;
}

static int send_all(const struct hk_varlink_client *remote, const char *text, size_t length)
{
	const int64_t deadline_ms = hk_clock_ms() + remote->patience_ms;
	while (length > 0) {
		const ssize_t n = send(remote->fd, text, length, MSG_NOSIGNAL);
		if (n >= 0) {
			text += n;
			length -= (size_t)n;
		} else if (errno == EAGAIN) {
			if (!wait_for(remote, POLLOUT, deadline_ms)) {
				return -ETIMEDOUT;
			}
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

enum hk_exit hk_varlink_client_send(struct hk_varlink_client *remote, const char *method,
	json_t *parameters, bool more, struct hk_diag *diag)
{
	json_t *message = json_pack(
		"{s:s++, s:o*}", "method", INTERFACE, ".", method, "parameters", parameters);
	if (message && more) {
		json_object_set_new(message, "more", json_true());
	}
	char *text = message ? json_dumps(message, JSON_COMPACT) : NULL;
	json_decref(message);
	if (!text) {
		return fail_memory(remote, diag);
	}
	const int r = send_all(remote, text, strlen(text) + 1);
	free(text);
	if (r == -EPIPE || r == -ECONNRESET) {
		/* It may have said why before it hung up: that is still to be received. */
		return HK_EXIT_OK;
	}
	if (r == -ETIMEDOUT) {
		return hk_varlink_client_give_up(remote, diag);
	}
	return r < 0 ? fail(remote, HK_EXIT_UNAVAILABLE, -r, "the daemon does not listen", diag)
		     : HK_EXIT_OK;
}

/* Read what is there. Returns 0, or a negative errno: -EPIPE (the end), -EAGAIN (nothing),
 * -EMSGSIZE, -ENOMEM. */
static int read_some(struct hk_varlink_client *remote)
{
	if (remote->n_in == remote->in_size) {
		if (remote->in_size >= HK_VARLINK_CLIENT_MAX_REPLY) {
			return -EMSGSIZE;
		}
		char *grown = realloc(remote->in, 2 * remote->in_size);
		if (!grown) {
			return -ENOMEM;
		}
		remote->in = grown;
		remote->in_size *= 2;
	}
	const ssize_t n =
		recv(remote->fd, remote->in + remote->n_in, remote->in_size - remote->n_in, 0);
	if (n < 0) {
		return errno == ECONNRESET ? -EPIPE : errno == EINTR ? -EAGAIN : -errno;
	}
	remote->n_in += (size_t)n;
	return n == 0 ? -EPIPE : 0;
}

static enum hk_exit fail_read(struct hk_varlink_client *remote, int r, struct hk_diag *diag)
{
	switch (r) {
	case -EPIPE:
		remote->lost = remote->n_in == 0;
		return fail(remote, HK_EXIT_UNAVAILABLE, 0,
			remote->n_in > 0 ? "the daemon went away in the middle of a reply"
					 : "the daemon went away",
			diag);
	case -EMSGSIZE:
		return fail(remote, HK_EXIT_PROTOCOL, 0,
			"no hearken daemon: a reply has no end within 8 MiB", diag);
	case -ENOMEM:
		return fail_memory(remote, diag);
	default:
		return fail(remote, HK_EXIT_UNAVAILABLE, -r, "cannot read", diag);
	}
}

/* Make RET of the reply in TEXT. */
static enum hk_exit parse_reply(struct hk_varlink_client *remote, const char *text, size_t length,
	struct hk_reply *ret, struct hk_diag *diag)
{
	json_error_t why;
	json_t *message = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
	if (!message) {
		return fail(
			remote, HK_EXIT_PROTOCOL, 0, "no hearken daemon: it sends no JSON", diag);
	}
	const char *error = NULL;
	json_t *parameters = NULL;
	int continues = 0;
	if (json_unpack(message, "{s?s, s?o, s?b}", "error", &error, "parameters", &parameters,
		    "continues", &continues) < 0 ||
		(parameters && !json_is_object(parameters) && !json_is_null(parameters))) {
		json_decref(message);
		return fail(remote, HK_EXIT_PROTOCOL, 0, "no hearken daemon: it speaks no Varlink",
			diag);
	}
	enum hk_exit exit_code = HK_EXIT_OK;
	if (error) {
		exit_code = hk_varlink_client_error(remote->path, error, parameters, diag);
		hk_printable(error, ret->error, sizeof(ret->error));
	} else {
		ret->parameters =
			json_is_object(parameters) ? json_incref(parameters) : json_object();
		ret->continues = continues;
	}
	json_decref(message);
	if (!error && !ret->parameters) {
		return fail_memory(remote, diag);
	}
	return exit_code;
}

/* The length of the reply that has arrived whole; SIZE_MAX: none has. */
static size_t find_reply(struct hk_varlink_client *remote)
{
	const char *from = remote->in + remote->n_scanned;
	const char *end = memchr(from, '\0', remote->n_in - remote->n_scanned);
	remote->n_scanned = remote->n_in;
	return end ? (size_t)(end - remote->in) : SIZE_MAX;
}

enum hk_exit hk_varlink_client_receive(struct hk_varlink_client *remote, int timeout_ms,
	struct hk_reply *ret, struct hk_diag *diag)
{
	*ret = (struct hk_reply){ 0 };
	const int64_t deadline_ms = hk_clock_ms() + timeout_ms;
	size_t length = find_reply(remote);
	while (length == SIZE_MAX) {
		const int r = read_some(remote);
		if (r == -EAGAIN) {
			if (!wait_for(remote, POLLIN, deadline_ms)) {
				return HK_EXIT_OK;
			}
		} else if (r < 0) {
			return fail_read(remote, r, diag);
		} else {
			length = find_reply(remote);
		}
	}
	const enum hk_exit exit_code = parse_reply(remote, remote->in, length, ret, diag);
	if (hk_varlink_client_is_open(remote)) {
		remote->n_in -= length + 1;
		memmove(remote->in, remote->in + length + 1, remote->n_in);
		remote->n_scanned = 0;
	}
	return exit_code;
}

/* Whether the daemon answers another connection: then it is not hung, and the request takes its
 * time. */
static bool answers_others(const char *path)
{
	struct hk_varlink_client other;
	struct hk_reply reply = { 0 };
	struct hk_diag diag;
	if (hk_varlink_client_open(&other, path, PROBE_MS, &diag) == HK_EXIT_OK &&
		hk_varlink_client_send(&other, "GetStatus", NULL, false, &diag) == HK_EXIT_OK) {
		(void)hk_varlink_client_receive(&other, PROBE_MS, &reply, &diag);
	}
	hk_varlink_client_close(&other);
	json_decref(reply.parameters);
	return reply.parameters;
}

/* The next reply, waiting for it as long as it makes sense. */
static enum hk_exit await_reply(
	struct hk_varlink_client *remote, struct hk_reply *ret, struct hk_diag *diag)
{
	const int64_t deadline_ms = hk_clock_ms() + HK_VARLINK_CLIENT_SLOW_MS;
	for (;;) {
		const enum hk_exit exit_code =
			hk_varlink_client_receive(remote, remote->patience_ms, ret, diag);
		if (exit_code != HK_EXIT_OK || ret->parameters) {
			return exit_code;
		}
		if (hk_clock_ms() >= deadline_ms || !answers_others(remote->path)) {
			return hk_varlink_client_give_up(remote, diag);
		}
	}
}

static enum hk_exit call_once(struct hk_varlink_client *remote, const char *method,
	json_t *parameters, json_t **ret_parameters, struct hk_diag *diag)
{
	enum hk_exit exit_code = hk_varlink_client_send(remote, method, parameters, false, diag);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	struct hk_reply reply;
	exit_code = await_reply(remote, &reply, diag);
	if (exit_code != HK_EXIT_OK) {
		return exit_code;
	}
	if (reply.continues) {
		json_decref(reply.parameters);
		return fail(remote, HK_EXIT_PROTOCOL, 0,
			"no hearken daemon: it sends more than was asked for", diag);
	}
	*ret_parameters = reply.parameters;
	return HK_EXIT_OK;
}

enum hk_exit hk_varlink_client_call(struct hk_varlink_client *remote, const char *method,
	json_t *parameters, json_t **ret_parameters, struct hk_diag *diag)
{
	char path[HK_SOCKET_PATH_SIZE];
	memcpy(path, remote->path, sizeof(path));
	enum hk_exit exit_code;
	for (int n_calls = 1;; n_calls++) {
		exit_code =
			call_once(remote, method, json_incref(parameters), ret_parameters, diag);
		if (!remote->lost || n_calls == MAX_CALLS ||
			hk_varlink_client_open(remote, path, HK_VARLINK_CLIENT_WAIT, NULL) !=
				HK_EXIT_OK) {
			break;
		}
	}
	json_decref(parameters);
	return exit_code;
}

enum hk_exit hk_varlink_client_ask(const char *path, const char *method, json_t *parameters,
	json_t **ret_parameters, struct hk_diag *diag)
{
	struct hk_varlink_client remote;
	enum hk_exit exit_code =
		hk_varlink_client_open(&remote, path, HK_VARLINK_CLIENT_WAIT, diag);
	if (exit_code == HK_EXIT_OK) {
		exit_code =
			hk_varlink_client_call(&remote, method, parameters, ret_parameters, diag);
	} else {
		json_decref(parameters);
	}
	hk_varlink_client_close(&remote);
	return exit_code;
}
