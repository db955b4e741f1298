/* SPDX-License-Identifier: MIT */
/*
 * varlink_server: what the server's files share. Not for others: they use varlink.h.
 */
#pragma once

#include "daemon/varlink/varlink.h"

struct hk_varlink_server {
	sd_event *event;
	const struct hk_varlink_interface *interface;
	void *owner;
	struct hk_varlink_listener *listeners;
	struct hk_varlink_connection *clients;
	sd_event_source *tender; /* see hk_varlink_tend_soon */
	struct hk_varlink_stats stats;
};

struct hk_varlink_call {
	bool active;
	bool more;
	bool oneway;
	void (*on_cancel)(void *data);
	void *cancel_data;
	void (*on_drained)(void *data);
	void *drained_data;
};

/* One connection. */
struct hk_varlink_connection {
	struct hk_varlink_connection *next;
	struct hk_varlink_server *server;
	int fd;
	uid_t uid;
	bool doomed; /* freed at the next tending, when no callback of its own runs */
	bool eof;    /* sends no more, but still reads */
	sd_event_source *io;
	struct hk_varlink_call call; /* the one that is being answered */
	char *in;                    /* what arrived and is not handled yet */
	size_t n_in, in_size;
	char *out; /* what waits to be sent */
	size_t n_out, out_size;
};

int hk_varlink_connection_new(
	struct hk_varlink_connection **ret, struct hk_varlink_server *server, int fd);
void hk_varlink_connection_free(struct hk_varlink_connection *client);

/* Once the loop is back: free the doomed clients, go on with requests that waited behind a call. */
void hk_varlink_tend_soon(struct hk_varlink_server *server);

/* Handle what has arrived, as far as no call is being answered. */
void hk_varlink_connection_tend(struct hk_varlink_connection *client);

/* Handle one request, TEXT of LENGTH bytes without its NUL. Returns 0, -EBADMSG: no Varlink
 * request. */
int hk_varlink_dispatch(struct hk_varlink_connection *client, const char *text, size_t length);
