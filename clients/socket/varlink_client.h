/* SPDX-License-Identifier: MIT */
/*
 * varlink_client: a connection to a daemon's Varlink socket. One call at a time; its replies come
 * one by one.
 *
 * Nothing that the peer sends is believed: a reply has at most HK_VARLINK_CLIENT_MAX_REPLY bytes
 * and is one JSON object with members of the types that Varlink gives them. The functions return an
 * exit code with, on failure, one line in DIAG that names the socket: most commands say it and end
 * with it, `hearken follow` says it and tries again. A failure closes the connection, unless it is
 * an error that the daemon answered. One thread.
 *
 * Source: varlink.org, "Protocol".
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/un.h>

#include "clients/cli/exit_codes.h"
#include "core/base/diag.h"

#define HK_SOCKET_PATH_SIZE sizeof(((struct sockaddr_un *)0)->sun_path)

#define HK_VARLINK_CLIENT_MAX_REPLY                                                                \
	(8 * 1024 * 1024) /* bytes: an event of hours with all its windows */
#define HK_VARLINK_CLIENT_PATIENCE_MS                                                              \
	5000 /* for an answer, unless HEARKEN_TIMEOUT names another limit */
#define HK_VARLINK_CLIENT_SLOW_MS                                                                  \
	30000 /* while the daemon answers others: a history on a slow disk */

#define HK_VARLINK_CLIENT_WAIT                                                                     \
	(-1) /* as TIMEOUT_MS of hk_varlink_client_open: the limit for an answer */

/* Zeroed: closed. */
struct hk_varlink_client {
	char path[HK_SOCKET_PATH_SIZE];
	int fd;
	int patience_ms; /* the limit for an answer */
	char *in;        /* what arrived and was not taken yet; NULL: closed */
	size_t n_in, in_size;
	size_t n_scanned; /* of it, without a NUL */
	bool lost;        /* the daemon went away with a call, before it said a word in reply */
};

struct hk_reply {
	json_t *parameters; /* an object, the caller's; NULL: no reply came in time */
	bool continues;     /* more replies follow */
	char error[64];     /* name of the error that the daemon answered; "": none */
};

/*
 * Connect to PATH, at most TIMEOUT_MS (HK_VARLINK_CLIENT_WAIT: remote->patience_ms). Reads
 * HEARKEN_TIMEOUT. Returns: HK_EXIT_OK HK_EXIT_UNAVAILABLE: no daemon answers there
 *   HK_EXIT_PERMISSION
 *   HK_EXIT_USAGE: PATH is too long, or HEARKEN_TIMEOUT is no limit
 */
enum hk_exit hk_varlink_client_open(
	struct hk_varlink_client *remote, const char *path, int timeout_ms, struct hk_diag *diag);
void hk_varlink_client_close(struct hk_varlink_client *remote);
bool hk_varlink_client_is_open(const struct hk_varlink_client *remote);

/* Call METHOD of io.hearken. PARAMETERS is taken over; NULL: none. MORE: any number of replies. */
enum hk_exit hk_varlink_client_send(struct hk_varlink_client *remote, const char *method,
	json_t *parameters, bool more, struct hk_diag *diag);

/*
 * Take the next reply, waiting at most TIMEOUT_MS for it. RET is always written.
 * Returns HK_EXIT_OK (look at ret->parameters); the exit code of the error that the daemon
 * answered; HK_EXIT_UNAVAILABLE: it went away; HK_EXIT_PROTOCOL: this is no Varlink.
 */
enum hk_exit hk_varlink_client_receive(struct hk_varlink_client *remote, int timeout_ms,
	struct hk_reply *ret, struct hk_diag *diag);

/*
 * Send and receive the one reply; *ret_parameters is an object, the caller's. Late:
 * HK_EXIT_UNAVAILABLE; late is after the limit when the daemon does not answer another connection
 * either, else after HK_VARLINK_CLIENT_SLOW_MS. A daemon that goes away before it replies may be
 * restarting: the call is made anew to the one that answers next. (That is safe: questions change
 * nothing, and a daemon that is told to reload twice has reloaded.)
 */
enum hk_exit hk_varlink_client_call(struct hk_varlink_client *remote, const char *method,
	json_t *parameters, json_t **ret_parameters, struct hk_diag *diag);

/* The same on a connection of its own to PATH. */
enum hk_exit hk_varlink_client_ask(const char *path, const char *method, json_t *parameters,
	json_t **ret_parameters, struct hk_diag *diag);

/* "PATH: the daemon does not answer" into DIAG. Returns HK_EXIT_UNAVAILABLE; REMOTE is closed. */
enum hk_exit hk_varlink_client_give_up(struct hk_varlink_client *remote, struct hk_diag *diag);

/* "PATH: TEXT" into DIAG; returns HK_EXIT_PROTOCOL: for replies that are not what the interface
 * says. */
enum hk_exit hk_varlink_client_refuse(const char *path, struct hk_diag *diag, const char *text);

/* What the error NAME with PARAMETERS means, as "PATH: ..." in DIAG. Returns its exit code. */
enum hk_exit hk_varlink_client_error(
	const char *path, const char *name, json_t *parameters, struct hk_diag *diag);
