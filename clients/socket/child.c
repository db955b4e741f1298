/* SPDX-License-Identifier: MIT */
#include "clients/socket/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MAX_TEXT (1024 * 1024)
#define SLICE_MS 100
#define SPINS                                                                                      \
	8 /* limits of processor time: ALSA's null device alone takes seconds under                \
	     AddressSanitizer */

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

/* How long a child has been doing nothing, and how long it has computed without a word. */
struct progress {
	clockid_t cpu; /* the child's */
	int64_t cpu_ms, spoken_cpu_ms;
	int idle_ms;
};

static int64_t cpu_now_ms(const struct progress *progress)
{
	struct timespec now = { 0 };
	(void)clock_gettime(progress->cpu, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* A slice went by without output. It counts as SLICE_MS however long it was: what the machine takes
 * from us it takes from the child too. Whether the child hangs. */
static bool hangs(struct progress *progress, int limit_ms)
{
	const int64_t cpu_ms = cpu_now_ms(progress);
	progress->idle_ms = cpu_ms > progress->cpu_ms ? 0 : progress->idle_ms + SLICE_MS;
	progress->cpu_ms = cpu_ms;
	return progress->idle_ms >= limit_ms ||
		cpu_ms - progress->spoken_cpu_ms >= (int64_t)SPINS * limit_ms;
}

static void speaks(struct progress *progress)
{
	progress->spoken_cpu_ms = progress->cpu_ms = cpu_now_ms(progress);
	progress->idle_ms = 0;
}

/* Read FD to its end into TEXT of MAX_TEXT + 1 bytes. */
static int read_all(int fd, pid_t child, int limit_ms, char *text)
{
	struct progress progress = { 0 };
	if (clock_getcpuclockid(child, &progress.cpu) != 0) {
		progress.cpu = CLOCK_MONOTONIC; /* it has ended already */
	}
	speaks(&progress);
	size_t length = 0;
	for (;;) {
		struct pollfd readable = { .fd = fd, .events = POLLIN };
		const int ready = poll(&readable, 1, SLICE_MS);
		if (ready == 0) {
			if (hangs(&progress, limit_ms)) {
				return -ETIMEDOUT;
			}
			continue;
		}
		const ssize_t n = ready < 0 ? -1 : read(fd, text + length, MAX_TEXT + 1 - length);
		if (n < 0 && errno != EINTR) {
			return -errno;
		}
		if (n == 0) {
			text[length] = '\0';
			return 0;
		}
		speaks(&progress);
		length += n > 0 ? (size_t)n : 0;
		if (length > MAX_TEXT) {
			return -EMSGSIZE;
		}
	}
}

int hk_child_output(char *const *argv, int limit_ms, char **ret_text, int *ret_code)
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
		r = read_all(ends[0], pid, limit_ms, text);
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
