/* SPDX-License-Identifier: MIT */
/* Prints each event as it starts and ends: follow [SOCKET]. cc follow.c -o follow -ljansson */
#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

static int fail(const char *path, const char *why)
{
	fprintf(stderr, "%s: %s\n", path, why);
	return 1;
}

/* Returns 0, or 1 after saying why. */
static int print_reply(const char *path, const char *text)
{
	json_error_t why;
	json_t *reply = json_loads(text, 0, &why);
	const char *error = NULL, *start, *label, *state;
	json_t *event;
	int r = 0;
	if (!reply) {
		r = fail(path, why.text);
	} else if (json_unpack(reply, "{s:s}", "error", &error) == 0) {
		r = fail(path, error);
	} else if (json_unpack(reply, "{s:{s:o}}", "parameters", "event", &event) == 0 &&
		json_unpack(event, "{s:s, s:s, s:s}", "start", &start, "label", &label, "state",
			&state) == 0) {
		printf("%s %s %s\n", start, label, state);
		fflush(stdout);
	}
	json_decref(reply);
	return r;
}

int main(int argc, char **argv)
{
	static const char call[] =
		"{\"method\":\"io.hearken.FollowEvents\",\"parameters\":{\"after_cursor\":0},\"more\":true}";
	const char *path = argc > 1 ? argv[1] : "/run/hearken/default.sock";
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	if (strlen(path) >= sizeof(address.sun_path)) {
		return fail(path, "too long");
	}
	strcpy(address.sun_path, path);
	const int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0 ||
		send(fd, call, sizeof(call), MSG_NOSIGNAL) != (ssize_t)sizeof(call)) {
		return fail(path, strerror(errno));
	}
	static char message[1 << 20]; /* a longer reply is refused */
	size_t length = 0;
	while (length < sizeof(message)) {
		const ssize_t n = recv(fd, message + length, sizeof(message) - length, 0);
		if (n <= 0) {
			return fail(path, "the daemon went away");
		}
		length += (size_t)n;
		char *end;
		while ((end = memchr(message, '\0', length))) { /* the NUL that ends a reply */
			if (print_reply(path, message)) {
				return 1;
			}
			length -= (size_t)(end + 1 - message);
			memmove(message, end + 1, length);
		}
	}
	return fail(path, "a reply is too long");
}
