/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/varlink_server.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#define FIRST_IN_SIZE 1024

static void doom(struct hk_varlink_connection *client)
{
	client->doomed = true;
	sd_event_source_set_enabled(client->io, SD_EVENT_OFF);
	hk_varlink_tend_soon(client->server);
}

/* Listen for requests while none is being answered, for room while replies wait. A peer that is
 * gone altogether (EPOLLHUP) is always heard. */
static void watch(struct hk_varlink_connection *client)
{
	const bool idle = !client->call.active;
	if (idle && client->eof && client->n_out == 0) {
		doom(client);
		return;
	}
	uint32_t events = 0;
	if (idle && !client->eof) {
		events |= EPOLLIN;
	}
	if (client->n_out > 0) {
		events |= EPOLLOUT;
	}
	if (sd_event_source_set_io_events(client->io, events) < 0) {
		doom(client);
	}
}

static void flush(struct hk_varlink_connection *client)
{
	size_t sent = 0;
	while (sent < client->n_out) {
		const ssize_t n = send(client->fd, client->out + sent, client->n_out - sent,
			MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n < 0 && errno == EINTR) {
			continue;
		}
		if (n < 0) {
			if (errno != EAGAIN) {
				doom(client);
			}
			break;
		}
		sent += (size_t)n;
	}
	if (sent > 0) {
		client->n_out -= sent;
		memmove(client->out, client->out + sent, client->n_out);
	}
}

/* Queue MESSAGE with its NUL and send what goes; a client that reads too slowly is cut off. */
static void send_message(struct hk_varlink_connection *client, const json_t *message)
{
	if (client->doomed) {
		return;
	}
	char *text = json_dumps(message, JSON_COMPACT);
	if (!text) {
		doom(client);
		return;
	}
	const size_t n_text = strlen(text) + 1;
	if (client->n_out > 0 && client->n_out + n_text > HK_VARLINK_MAX_QUEUE) {
		client->server->stats.n_cut_off++;
		doom(client);
		free(text);
		return;
	}
	if (client->n_out + n_text > client->out_size) {
		/* twice as much, so that a client that reads slowly does not cost a copy a message
		 */
		const size_t size = 2 * client->out_size > client->n_out + n_text
			? 2 * client->out_size
			: client->n_out + n_text;
		char *grown = realloc(client->out, size);
		if (!grown) {
			doom(client);
			free(text);
			return;
		}
		client->out = grown;
		client->out_size = size;
	}
	memcpy(client->out + client->n_out, text, n_text);
	client->n_out += n_text;
	free(text);
	flush(client);
}

static struct hk_varlink_connection *client_of(struct hk_varlink_call *call)
{
	return (struct hk_varlink_connection *)((char *)call -
		offsetof(struct hk_varlink_connection, call));
}

/* Tell CALL's client MESSAGE (taken over); FINAL: the call is over, the next request may come. */
static void answer(struct hk_varlink_call *call, json_t *message, bool final)
{
	struct hk_varlink_connection *client = client_of(call);
	if (!call->oneway) {
		if (message) {
			send_message(client, message);
		} else {
			doom(client); /* out of memory */
		}
	}
	json_decref(message);
	if (final) {
		*call = (struct hk_varlink_call){ 0 };
		hk_varlink_tend_soon(client->server); /* for requests that came behind this one */
	}
	if (!client->doomed) {
		watch(client);
	}
}

void hk_varlink_reply(struct hk_varlink_call *call, json_t *parameters, bool continues)
{
	json_t *message =
		json_pack("{s:o*}", "parameters", parameters ? parameters : json_object());
	if (message && continues) {
		json_object_set_new(message, "continues", json_true());
	}
	answer(call, message, !continues);
}

void hk_varlink_error(struct hk_varlink_call *call, const char *name, json_t *parameters)
{
	answer(call,
		json_pack("{s:s, s:o*}", "error", name, "parameters",
			parameters ? parameters : json_object()),
		true);
}

void hk_varlink_invalid(struct hk_varlink_call *call, const char *parameter)
{
	hk_varlink_error(call, "org.varlink.service.InvalidParameter",
		json_pack("{s:s}", "parameter", parameter));
}

void hk_varlink_on_cancel(struct hk_varlink_call *call, void (*fn)(void *data), void *data)
{
	call->on_cancel = fn;
	call->cancel_data = data;
}

void hk_varlink_on_drained(struct hk_varlink_call *call, void (*fn)(void *data), void *data)
{
	call->on_drained = fn;
	call->drained_data = data;
}

size_t hk_varlink_unread(const struct hk_varlink_call *call)
{
	const struct hk_varlink_connection *client =
		(const struct hk_varlink_connection *)((const char *)call -
			offsetof(struct hk_varlink_connection, call));
	return client->n_out;
}

/* Handle the whole requests that have arrived, one at a time. */
static int handle_input(struct hk_varlink_connection *client)
{
	size_t done = 0;
	while (!client->call.active && !client->doomed && done < client->n_in) {
		const char *start = client->in + done;
		const char *end = memchr(start, '\0', client->n_in - done);
		if (!end) {
			break;
		}
		const int r = hk_varlink_dispatch(client, start, (size_t)(end - start));
		if (r < 0) {
			return r;
		}
		done += (size_t)(end - start) + 1;
	}
	client->n_in -= done;
	if (client->n_in > 0 && done > 0) {
		memmove(client->in, client->in + done, client->n_in);
	}
	return 0;
}

/* Read once. Returns 0, -EAGAIN, -EBADMSG (a request this long has no end), ... */
static int read_input(struct hk_varlink_connection *client)
{
	if (client->n_in == client->in_size) {
		if (client->in_size == HK_VARLINK_MAX_MESSAGE) {
			return -EBADMSG;
		}
		const size_t size = client->in_size ? 4 * client->in_size : FIRST_IN_SIZE;
		char *grown = realloc(client->in, size);
		if (!grown) {
			return -ENOMEM;
		}
		client->in = grown;
		client->in_size = size;
	}
	const ssize_t n = recv(client->fd, client->in + client->n_in,
		client->in_size - client->n_in, MSG_DONTWAIT);
	if (n < 0) {
		return errno == EINTR ? -EAGAIN : -errno;
	}
	client->n_in += (size_t)n;
	client->eof = n == 0;
	return 0;
}

void hk_varlink_connection_tend(struct hk_varlink_connection *client)
{
	const int r = handle_input(client);
	if (r < 0) {
		client->server->stats.n_bad += r == -EBADMSG;
		doom(client);
	}
	if (!client->doomed) {
		watch(client);
	}
}

static int on_io(sd_event_source *source, int fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)fd;
	struct hk_varlink_connection *client = userdata;
	int r = 0;
	if (events & EPOLLOUT) {
		flush(client);
		if (!client->doomed && client->n_out == 0 && client->call.on_drained) {
			client->call.on_drained(client->call.drained_data);
		}
	}
	if (events & EPOLLIN) {
		r = read_input(client);
	} else if (events & (EPOLLHUP | EPOLLERR)) {
		r = -EPIPE;
	}
	if (r < 0 && r != -EAGAIN) {
		client->server->stats.n_bad += r == -EBADMSG;
		doom(client);
	}
	if (!client->doomed) {
		hk_varlink_connection_tend(client);
	}
	return 0;
}

int hk_varlink_connection_new(
	struct hk_varlink_connection **ret, struct hk_varlink_server *server, int fd)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0) {
		return -errno;
	}
	struct hk_varlink_connection *client = calloc(1, sizeof(*client));
	if (!client) {
		return -ENOMEM;
	}
	client->server = server;
	client->fd = fd;
	client->uid = peer.uid;
	const int r = sd_event_add_io(server->event, &client->io, fd, EPOLLIN, on_io, client);
	if (r < 0) {
		free(client);
		return r;
	}
	*ret = client;
	return 0;
}

void hk_varlink_connection_free(struct hk_varlink_connection *client)
{
	if (client->call.active && client->call.on_cancel) {
		client->call.on_cancel(client->call.cancel_data);
	}
	sd_event_source_disable_unref(client->io);
	close(client->fd);
	free(client->in);
	free(client->out);
	free(client);
}
