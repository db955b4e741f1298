/* SPDX-License-Identifier: MIT */
/*
 * A hostile daemon: the first byte chooses a command of `hearken` that asks a daemon, the rest is
 * what every connection that the command makes is told, cut in two, before it is hung up on.
 */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "clients/cli/cli.h"
#include "tests/fuzz/fuzz.h"

#define MAX_WORDS 6
#define MAX_ANSWER (1 << 16)

static const char *const calls[][MAX_WORDS] = {
	{ "hearken", "events", "--table" },
	{ "hearken", "events", "--json", "--reverse" },
	{ "hearken", "events", "--table", "--limit", "3" },
	{ "hearken", "explain", "7" },
	{ "hearken", "explain", "7", "--json" },
	{ "hearken", "status", "--table" },
	{ "hearken", "status", "--json" },
	{ "hearken", "metrics" },
	{ "hearken", "devices" },
	{ "hearken", "devices", "--json" },
	{ "hearken", "reload" },
};

static int listener = -1;
static struct fuzz_path socket_path;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char answer[MAX_ANSWER];
static size_t n_answer;

static void *serve(void *unused)
{
	static char text[MAX_ANSWER];
	for (;;) {
		const int fd = accept(listener, NULL, NULL);
		if (fd < 0) {
			return unused;
		}
		pthread_mutex_lock(&lock);
		const size_t n = n_answer;
		memcpy(text, answer, n);
		pthread_mutex_unlock(&lock);
		if (send(fd, text, n / 2, MSG_NOSIGNAL) >= 0) {
			(void)!send(fd, text + n / 2, n - n / 2, MSG_NOSIGNAL);
		}
		shutdown(fd, SHUT_WR);
		/* until it has what it wants: what it still says would else reset what it has not
		 * read */
		while (recv(fd, text, sizeof(text), 0) > 0) {}
		close(fd);
	}
}

static void listen_once(void)
{
	if (listener >= 0) {
		return;
	}
	pthread_t thread;
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	socket_path = fuzz_path("s");
	FUZZ_REQUIRE(strlen(socket_path.text) < sizeof(address.sun_path));
	strcpy(address.sun_path, socket_path.text);
	listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	FUZZ_REQUIRE(bind(listener, (const struct sockaddr *)&address, sizeof(address)) == 0);
	FUZZ_REQUIRE(listen(listener, 8) == 0);
	FUZZ_REQUIRE(pthread_create(&thread, NULL, serve, NULL) == 0);
	pthread_detach(thread);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct fuzz_bytes bytes = { data, size };
	const uint8_t choice = fuzz_u8(&bytes);
	char *argv[MAX_WORDS + 3] = { NULL };
	int argc = 0;
	fuzz_silence();
	listen_once();
	pthread_mutex_lock(&lock);
	const struct fuzz_part part = fuzz_take(&bytes, MAX_ANSWER);
	n_answer = part.size;
	memcpy(answer, part.data, part.size);
	pthread_mutex_unlock(&lock);
	const char *const *words = calls[choice % (sizeof(calls) / sizeof(calls[0]))];
	for (; argc < MAX_WORDS && words[argc]; argc++) {
		argv[argc] = strdup(words[argc]);
	}
	argv[argc++] = strdup("--socket");
	argv[argc++] = strdup(socket_path.text);
	(void)hk_cli_run(argc, argv, stdout);
	for (int i = 0; i < argc; i++) {
		free(argv[i]);
	}
	return 0;
}
