/* SPDX-License-Identifier: MIT */
#include "daemon/varlink/waiting_clients.h"

#include <fcntl.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#include "core/base/utf8.h"

#define MAX_SOCKETS 4 /* the unit has one */

static struct {
	int n_fds;
	int fds[MAX_SOCKETS];
} kept;

void hk_waiting_keep(void)
{
	const int n_passed = sd_listen_fds(0);
	for (int i = 0; i < n_passed && kept.n_fds < MAX_SOCKETS; i++) {
		const int fd = fcntl(SD_LISTEN_FDS_START + i, F_DUPFD_CLOEXEC, SD_LISTEN_FDS_START);
		if (fd >= 0) {
			kept.fds[kept.n_fds++] = fd;
		}
	}
}

/* TEXT with '?' for each byte that is no UTF-8, such as a path may hold, in at most SIZE bytes. */
static void make_utf8(const char *text, char *ret, size_t size)
{
	size_t length = strlen(text), at = 0;
	uint32_t code;
	while (length > 0 && at + 5 < size) {
		const size_t n = hk_utf8_decode(text, length, &code);
		const size_t n_taken = n > 0 ? n : 1;
		memcpy(ret + at, n > 0 ? text : "?", n_taken);
		at += n_taken;
		text += n_taken;
		length -= n_taken;
	}
	ret[at] = '\0';
}

/* What the client sent is read first: closing a socket with unread data can cost the client our
 * answer. */
static void answer(int fd, const char *text, size_t length)
{
	char request[4096];
	while (recv(fd, request, sizeof(request), MSG_DONTWAIT) > 0) {}
	(void)!send(fd, text, length, MSG_DONTWAIT | MSG_NOSIGNAL);
	close(fd);
}

static void refuse(int listening_fd, const char *text, size_t length)
{
	const int flags = fcntl(listening_fd, F_GETFL);
	if (flags < 0 || fcntl(listening_fd, F_SETFL, flags | O_NONBLOCK) < 0) {
		return;
	}
	/* at most as many as can wait: who connects meanwhile must not keep us here */
	for (int i = 0; i < SOMAXCONN; i++) {
		const int fd = accept4(listening_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd < 0) {
			return;
		}
		answer(fd, text, length);
	}
}

void hk_waiting_refuse(const char *instance, const char *reason)
{
	if (kept.n_fds == 0) {
		return;
	}
	char who[256], why[1024];
	make_utf8(instance, who, sizeof(who));
	make_utf8(reason, why, sizeof(why));
	json_t *reply = json_pack("{s:s, s:{s:s, s:s}}", "error", "io.hearken.StartFailed",
		"parameters", "instance", who, "reason", why);
	char *text = reply ? json_dumps(reply, JSON_COMPACT) : NULL;
	for (int i = 0; text && i < kept.n_fds; i++) {
		refuse(kept.fds[i], text, strlen(text) + 1);
	}
	free(text);
	json_decref(reply);
}

void hk_waiting_forget(void)
{
	while (kept.n_fds > 0) {
		close(kept.fds[--kept.n_fds]);
	}
}
