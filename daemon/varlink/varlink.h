/* SPDX-License-Identifier: MIT */
/*
 * varlink: a Varlink server on AF_UNIX stream sockets, inside an sd-event loop.
 *
 * Knows the wire, the bounds and org.varlink.service; what the methods do is in the table of the
 * interface that the owner hands in. A connection answers its calls one after the other. Nothing
 * ever waits for a client: a reply that finds more than HK_VARLINK_MAX_QUEUE bytes unread cuts the
 * client off, and that is counted. Main thread only; not real-time.
 *
 * Source: varlink.org, "Protocol" and "Service".
 */
#pragma once

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <systemd/sd-event.h>

#include "core/base/diag.h"

#define HK_VARLINK_MAX_MESSAGE (64 * 1024) /* bytes of one request, its NUL included */
#define HK_VARLINK_MAX_CLIENTS 64          /* connections at a time */
#define HK_VARLINK_MAX_QUEUE (1024 * 1024) /* bytes of replies that a client may leave unread */

/* One call of one client: from its request to its last reply. */
struct hk_varlink_call;

enum hk_varlink_type {
	HK_VARLINK_BOOL,
	HK_VARLINK_INT,
	HK_VARLINK_STRING,
	HK_VARLINK_STRINGS, /* list of strings */
};

/* A parameter. All are optional: one that is absent or null is simply not there. */
struct hk_varlink_parameter {
	const char *name;
	enum hk_varlink_type type;
	bool required;
};

#define HK_VARLINK_MAX_PARAMETERS 8

enum hk_varlink_method_flags {
	HK_VARLINK_MORE = 1 << 0,       /* a stream: must be called with `more` */
	HK_VARLINK_PRIVILEGED = 1 << 1, /* root and the server's own user only */
};

struct hk_varlink_method {
	const char *name; /* without the interface: "GetStatus" */
	unsigned flags;   /* enum hk_varlink_method_flags */
	struct hk_varlink_parameter parameters[HK_VARLINK_MAX_PARAMETERS]; /* up to a NULL name */
	/*
	 * Names and types of PARAMETERS (borrowed) were checked. Must end in one final reply or
	 * error, at once or later; a stream may reply with `continues` until it is cancelled.
	 */
	void (*call)(void *owner, struct hk_varlink_call *call, json_t *parameters);
};

struct hk_varlink_interface {
	const char *name;        /* "io.hearken" */
	const char *description; /* the interface file's text */
	const struct hk_varlink_method *methods;
	size_t n_methods;
	/* for org.varlink.service.GetInfo */
	const char *vendor, *product, *version, *url;
};

struct hk_varlink_stats {
	uint64_t n_clients;  /* connected now */
	uint64_t n_accepted; /* ever */
	uint64_t n_refused;  /* found HK_VARLINK_MAX_CLIENTS connected */
	uint64_t n_cut_off;  /* read too slowly */
	uint64_t n_bad;      /* sent what is no Varlink request */
	uint64_t n_calls;
};

struct hk_varlink_server;

/* INTERFACE must outlive the server; OWNER is handed to the methods. Returns 0, -ENOMEM. */
int hk_varlink_new(struct hk_varlink_server **ret, sd_event *event,
	const struct hk_varlink_interface *interface, void *owner);

/* Cancels all calls, closes all connections. A socket that was bound is unlinked, a passed one is
 * not. */
void hk_varlink_free(struct hk_varlink_server *server);

/* Accept on FD, a listening socket that systemd passed. Takes the fd over. */
int hk_varlink_listen_fd(struct hk_varlink_server *server, int fd);

/*
 * Bind PATH with MODE and accept there. A socket file that nobody answers on is replaced.
 * Returns 0; -EADDRINUSE (a live server answers), -EEXIST (PATH is no socket), -ENAMETOOLONG, ...,
 * with DIAG naming the path.
 */
int hk_varlink_listen(
	struct hk_varlink_server *server, const char *path, mode_t mode, struct hk_diag *diag);

/* Serve a connected socket, as if it had been accepted. Takes the fd over. For tests. */
int hk_varlink_serve(struct hk_varlink_server *server, int fd);

void hk_varlink_stats(const struct hk_varlink_server *server, struct hk_varlink_stats *ret);

/* ---- a call ---- */

/*
 * Send one reply; PARAMETERS is taken over (NULL: {}). CONTINUES: more replies follow; else the
 * call is over and CALL must not be used again.
 */
void hk_varlink_reply(struct hk_varlink_call *call, json_t *parameters, bool continues);

/* End the call with error NAME ("io.hearken.NoSuchEvent"); PARAMETERS is taken over. */
void hk_varlink_error(struct hk_varlink_call *call, const char *name, json_t *parameters);

/* org.varlink.service.InvalidParameter for PARAMETER. */
void hk_varlink_invalid(struct hk_varlink_call *call, const char *parameter);

/*
 * When the client goes before the call is over, FN is called with DATA; CALL is dead after it.
 * Every call that is not answered at once must set one.
 */
void hk_varlink_on_cancel(struct hk_varlink_call *call, void (*fn)(void *data), void *data);

/* Bytes that the client has not read yet. For streams that can leave something out, or wait. */
size_t hk_varlink_unread(const struct hk_varlink_call *call);

/* Each time the client has read all that was sent, FN is called with DATA. FN NULL: no more. */
void hk_varlink_on_drained(struct hk_varlink_call *call, void (*fn)(void *data), void *data);
