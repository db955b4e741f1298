/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/varlink_server.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* Out of descriptors: how long to leave the door shut instead of spinning on it. */
#define ACCEPT_PAUSE_USEC (100 * 1000)

/* Connections taken in one turn of the loop, so that a flood cannot keep the rest waiting. */
#define ACCEPTS_PER_TURN 16

struct hk_varlink_listener {
	struct hk_varlink_listener *next;
	struct hk_varlink_server *server;
	int fd;
	char *path; /* NULL: not ours to unlink */
	sd_event_source *io;
	sd_event_source *pause;
};

static int tend(sd_event_source *source, void *userdata)
{
	(void)source;
	struct hk_varlink_server *server = userdata;
	struct hk_varlink_connection **at = &server->clients;
	while (*at) {
		struct hk_varlink_connection *client = *at;
		if (!client->doomed && client->n_in > 0 && !client->call.active) {
			hk_varlink_connection_tend(client);
		}
		if (!client->doomed) {
			at = &client->next;
			continue;
		}
		*at = client->next;
		server->stats.n_clients--;
		hk_varlink_connection_free(client);
	}
	return 0;
}

void hk_varlink_tend_soon(struct hk_varlink_server *server)
{
	sd_event_source_set_enabled(server->tender, SD_EVENT_ONESHOT);
}

int hk_varlink_new(struct hk_varlink_server **ret, sd_event *event,
	const struct hk_varlink_interface *interface, void *owner)
{
	struct hk_varlink_server *server = calloc(1, sizeof(*server));
	if (!server) {
		return -ENOMEM;
	}
	server->event = sd_event_ref(event);
	server->interface = interface;
	server->owner = owner;
	int r = sd_event_add_defer(event, &server->tender, tend, server);
	if (r >= 0) {
		r = sd_event_source_set_enabled(server->tender, SD_EVENT_OFF);
	}
	if (r < 0) {
		hk_varlink_free(server);
		return r;
	}
	*ret = server;
	return 0;
}

static void listener_free(struct hk_varlink_listener *listener)
{
	sd_event_source_disable_unref(listener->io);
	sd_event_source_disable_unref(listener->pause);
	if (listener->path) {
		unlink(listener->path);
		free(listener->path);
	}
	close(listener->fd);
	free(listener);
}

void hk_varlink_free(struct hk_varlink_server *server)
{
	if (!server) {
		return;
	}
	while (server->listeners) {
		struct hk_varlink_listener *listener = server->listeners;
		server->listeners = listener->next;
		listener_free(listener);
	}
	while (server->clients) {
		struct hk_varlink_connection *client = server->clients;
		server->clients = client->next;
		hk_varlink_connection_free(client);
	}
	sd_event_source_disable_unref(server->tender);
	sd_event_unref(server->event);
	free(server);
}

int hk_varlink_serve(struct hk_varlink_server *server, int fd)
{
	struct hk_varlink_connection *client;
	const int r = hk_varlink_connection_new(&client, server, fd);
	if (r < 0) {
		close(fd);
		return r;
	}
	client->next = server->clients;
	server->clients = client;
	server->stats.n_clients++;
	server->stats.n_accepted++;
	return 0;
}

/* Say why before the door closes; a client that cannot take even that is left without. */
static void refuse(struct hk_varlink_server *server, int fd)
{
	static const char text[] = "{\"error\":\"io.hearken.TooManyClients\",\"parameters\":{}}";
	(void)!send(fd, text, sizeof(text), MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
	server->stats.n_refused++;
}

static int open_again(sd_event_source *source, uint64_t usec, void *userdata)
{
	(void)source;
	(void)usec;
	struct hk_varlink_listener *listener = userdata;
	return sd_event_source_set_enabled(listener->io, SD_EVENT_ON);
}

static int pause_listener(struct hk_varlink_listener *listener)
{
	int r = sd_event_source_set_enabled(listener->io, SD_EVENT_OFF);
	if (r >= 0) {
		r = sd_event_source_set_time_relative(listener->pause, ACCEPT_PAUSE_USEC);
	}
	if (r >= 0) {
		r = sd_event_source_set_enabled(listener->pause, SD_EVENT_ONESHOT);
	}
	return r;
}

static int on_connection(sd_event_source *source, int listening_fd, uint32_t events, void *userdata)
{
	(void)source;
	(void)events;
	struct hk_varlink_listener *listener = userdata;
	struct hk_varlink_server *server = listener->server;
	for (int i = 0; i < ACCEPTS_PER_TURN; i++) {
		const int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS ||
				errno == ENOMEM) {
				return pause_listener(listener);
			}
			return 0; /* EAGAIN: all taken; ECONNABORTED and the like: gone again */
		}
		if (server->stats.n_clients >= HK_VARLINK_MAX_CLIENTS) {
			refuse(server, fd);
		} else if (hk_varlink_serve(server, fd) < 0) {
			return pause_listener(listener);
		}
	}
	return 0;
}

static int add_listener(struct hk_varlink_server *server, int fd, const char *path)
{
	struct hk_varlink_listener *listener = calloc(1, sizeof(*listener));
	if (!listener) {
		return -ENOMEM;
	}
	listener->server = server;
	listener->fd = -1;
	int r = -ENOMEM;
	if (path) {
		listener->path = strdup(path);
		if (!listener->path) {
			goto fail;
		}
	}
	r = sd_event_add_io(server->event, &listener->io, fd, EPOLLIN, on_connection, listener);
	if (r < 0) {
		goto fail;
	}
	r = sd_event_add_time_relative(
		server->event, &listener->pause, CLOCK_MONOTONIC, 0, 0, open_again, listener);
	if (r < 0) {
		goto fail;
	}
	r = sd_event_source_set_enabled(listener->pause, SD_EVENT_OFF);
	if (r < 0) {
		goto fail;
	}
	listener->fd = fd;
	listener->next = server->listeners;
	server->listeners = listener;
	return 0;

fail:
	sd_event_source_disable_unref(listener->io);
	sd_event_source_disable_unref(listener->pause);
	free(listener->path);
	free(listener);
	return r;
}

int hk_varlink_listen_fd(struct hk_varlink_server *server, int fd)
{
	const int flags = fcntl(fd, F_GETFL);
	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
		fcntl(fd, F_SETFD, FD_CLOEXEC) < 0) {
		return -errno;
	}
	return add_listener(server, fd, NULL);
}

/* Remove what a server that is no more left behind; leave everything else alone. */
static int clear_path(const struct sockaddr_un *address, struct hk_diag *diag)
{
	struct stat st;
	if (lstat(address->sun_path, &st) < 0) {
		return errno == ENOENT
			? 0
			: hk_diag_set(diag, -errno, "%s: %s", address->sun_path, strerror(errno));
	}
	if (!S_ISSOCK(st.st_mode)) {
		return hk_diag_set(
			diag, -EEXIST, "%s: exists and is not a socket", address->sun_path);
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return hk_diag_set(diag, -errno, "socket: %s", strerror(errno));
	}
	const int connected = connect(fd, (const struct sockaddr *)address, sizeof(*address));
	const int error = errno;
	close(fd);
	if (connected == 0 || error == EAGAIN) {
		return hk_diag_set(
			diag, -EADDRINUSE, "%s: another daemon answers there", address->sun_path);
	}
	if (error != ECONNREFUSED) {
		return hk_diag_set(diag, -error, "%s: %s", address->sun_path, strerror(error));
	}
	if (unlink(address->sun_path) < 0) {
		return hk_diag_set(diag, -errno, "%s: %s", address->sun_path, strerror(errno));
	}
	return 0;
}

int hk_varlink_listen(
	struct hk_varlink_server *server, const char *path, mode_t mode, struct hk_diag *diag)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	const size_t length = strlen(path);
	if (length >= sizeof(address.sun_path)) {
		return hk_diag_set(diag, -ENAMETOOLONG, "%s: a socket's path has at most %zu bytes",
			path, sizeof(address.sun_path) - 1);
	}
	memcpy(address.sun_path, path, length + 1);
	int r = clear_path(&address, diag);
	if (r < 0) {
		return r;
	}
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0) {
		return hk_diag_set(diag, -errno, "socket: %s", strerror(errno));
	}
	/* the mode before anyone can connect: bind makes the file, listen opens the door */
	if (bind(fd, (const struct sockaddr *)&address, sizeof(address)) < 0 ||
		chmod(path, mode) < 0 || listen(fd, SOMAXCONN) < 0) {
		r = hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
		close(fd);
		return r;
	}
	r = add_listener(server, fd, path);
	if (r < 0) {
		unlink(path);
		close(fd);
		return hk_diag_set(diag, r, "%s: %s", path, strerror(-r));
	}
	return 0;
}

void hk_varlink_stats(const struct hk_varlink_server *server, struct hk_varlink_stats *ret)
{
	*ret = server->stats;
}
