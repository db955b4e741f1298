/* SPDX-License-Identifier: MIT */
#include "clients/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/clock.h"

#define MAX_TEXT (1024 * 1024)

static int start(char *const *argv, int stdout_fd, pid_t *ret_pid)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, stdout_fd, STDOUT_FILENO);

	/* Ignored signals are inherited; the program is not us. */
	sigset_t signals;
	sigemptyset(&signals);
	sigaddset(&signals, SIGPIPE);
	sigaddset(&signals, SIGXFSZ);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &signals);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF);

	const int r = -posix_spawn(ret_pid, argv[0], &actions, &attributes, argv, environ);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return r;
}

/* Read FD to its end into TEXT of MAX_TEXT + 1 bytes. */
static int read_all(int fd, int64_t deadline_ms, char *text)
{
	size_t length = 0;
	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		const int ready = poll(&readable, 1, hk_clock_left_ms(deadline_ms));
		if (ready == 0) {
			return -ETIMEDOUT;
		}
		const ssize_t n = ready < 0 ? -1 : read(fd, text + length, MAX_TEXT + 1 - length);
		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		if (n == 0) {
			text[length] = '\0';
			return 0;
		}
		length += n > 0 ? (size_t)n : 0;
		if (length > MAX_TEXT) {
			return -EMSGSIZE;
		}
	}
}

int hk_child_output(char *const *argv, int timeout_ms, char **ret_text, int *ret_code)
{
	int ends[2];
	char *text = malloc(MAX_TEXT + 1);
	if (!text) {
		return -ENOMEM;
	}
	if (pipe2(ends, O_CLOEXEC) < 0) {
		free(text);
		return -errno;
	}
	pid_t pid = 0;
	int r = start(argv, ends[1], &pid);
	close(ends[1]);
	if (r == 0) {
		r = read_all(ends[0], hk_clock_ms() + timeout_ms, text);
		if (r < 0) {
			kill(pid, SIGKILL);
		}
		int status = 0;
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {}
		*ret_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	}
	close(ends[0]);
	if (r < 0) {
		free(text);
		return r;
	}
	*ret_text = text;
	return 0;
}
