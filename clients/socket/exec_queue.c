/* SPDX-License-Identifier: MIT */
#include "clients/socket/exec_queue.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clients/cli/clock.h"
#include "clients/cli/output.h"
#include "clients/socket/exec_environment.h"

#define GRACE_MS 2000 /* between SIGTERM and SIGKILL */

#define N_MORE 256 /* beyond a full queue: a page of the history and what came with it */

struct queued_change {
	json_t *change;
	char subject[128]; /* for messages */
	int64_t place;     /* the mark behind it; -1: none */
};

struct hk_exec_queue {
	struct hk_exec_queue_setup setup;
	struct queued_change *queue; /* a ring of n_room */
	size_t n_room;
	size_t first, n_queued;
	pid_t pid; /* of the command, and of its process group; 0: none runs */
	int pidfd;
	int64_t due_ms; /* when the next signal is due */
	int next_signal;
	struct queued_change now; /* what it runs for, without the change */
	uint64_t n_runs, n_failed, n_dropped;
	uint64_t n_dropped_now; /* since the queue is full */
};

static bool is_program(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && access(path, X_OK) == 0;
}

/* Whether posix_spawnp would find NAME: told at the start, not at the first alarm. */
static bool can_run(const char *name)
{
	if (strchr(name, '/')) {
		return is_program(name);
	}
	const char *path = getenv("PATH");
	while (path && *path && *name) {
		char candidate[PATH_MAX];
		const int length = (int)strcspn(path, ":");
		snprintf(candidate, sizeof(candidate), "%.*s/%s", length, path, name);
		if (is_program(candidate)) {
			return true;
		}
		path += length + (path[length] == ':');
	}
	return false;
}

struct hk_exec_queue *hk_exec_queue_new(const struct hk_exec_queue_setup *setup)
{
	if (!can_run(setup->argv[0])) {
		hk_message("follow: option --exec: program \"%s\" not found", setup->argv[0]);
		return NULL;
	}
	struct hk_exec_queue *runner = calloc(1, sizeof(*runner));
	if (runner) {
		runner->setup = *setup;
		runner->pidfd = -1;
		runner->n_room = setup->max_queued + (setup->on_place ? N_MORE : 0);
		runner->queue = calloc(runner->n_room, sizeof(*runner->queue));
	}
	if (!runner || !runner->queue) {
		hk_message("out of memory");
		free(runner);
		return NULL;
	}
	return runner;
}

static void drop(struct hk_exec_queue *runner, const char *subject)
{
	if (runner->n_dropped_now == 0) {
		hk_message("%s is too slow: %s and what follows are not handed to it until it has "
			   "caught up",
			runner->setup.argv[0], subject);
	}
	runner->n_dropped_now++;
	runner->n_dropped++;
}

void hk_exec_queue_push(struct hk_exec_queue *runner, json_t *change, const char *subject)
{
	if (runner->n_queued == runner->n_room) {
		drop(runner, subject);
		return;
	}
	struct queued_change *waiting =
		&runner->queue[(runner->first + runner->n_queued) % runner->n_room];
	*waiting = (struct queued_change){ .change = json_incref(change), .place = -1 };
	snprintf(waiting->subject, sizeof(waiting->subject), "%s", subject);
	runner->n_queued++;
	hk_exec_queue_tend(runner);
}

void hk_exec_queue_mark(struct hk_exec_queue *runner, int64_t place)
{
	if (runner->n_queued > 0) {
		runner->queue[(runner->first + runner->n_queued - 1) % runner->n_room].place =
			place;
	} else if (runner->pid) {
		runner->now.place = place;
	} else if (runner->setup.on_place) {
		runner->setup.on_place(runner->setup.owner, place);
	}
}

bool hk_exec_queue_is_full(const struct hk_exec_queue *runner)
{
	return runner->n_queued >= runner->setup.max_queued;
}

int hk_exec_queue_fd(const struct hk_exec_queue *runner)
{
	return runner->pidfd;
}

int64_t hk_exec_queue_due_ms(const struct hk_exec_queue *runner)
{
	return runner->pid ? runner->due_ms : INT64_MAX;
}

/* A file that holds CHANGE as one line, to be read from its start. Returns its descriptor, or a
 * negative errno. */
static int make_input(const json_t *change)
{
	char *text = json_dumps(change, HK_JSON_FLAGS);
	const int fd = memfd_create("event", MFD_CLOEXEC);
	int r = text ? 0 : -ENOMEM;
	if (fd < 0) {
		r = -errno;
	} else if (r == 0) {
		const size_t length = strlen(text);
		text[length] = '\n'; /* in the place of the NUL */
		if (write(fd, text, length + 1) != (ssize_t)(length + 1) ||
			lseek(fd, 0, SEEK_SET) < 0) {
			r = errno ? -errno : -EIO;
		}
	}
	free(text);
	if (r < 0 && fd >= 0) {
		close(fd);
	}
	return r < 0 ? r : fd;
}

/* Start the command in a process group of its own, with the signals that a program expects. */
static int spawn(struct hk_exec_queue *runner, int stdin_fd, char **envp)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t ignored, blocked;
	sigemptyset(&blocked);
	sigemptyset(&ignored);
	sigaddset(&ignored, SIGPIPE);
	sigaddset(&ignored, SIGXFSZ);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setsigdefault(&attributes, &ignored);
	posix_spawnattr_setsigmask(&attributes, &blocked);
	posix_spawnattr_setpgroup(&attributes, 0);
	posix_spawnattr_setflags(&attributes,
		POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	const int r = -posix_spawnp(&runner->pid, runner->setup.argv[0], &actions, &attributes,
		runner->setup.argv, envp);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	if (r < 0) {
		runner->pid = 0;
		return r;
	}
	runner->pidfd = pidfd_open(runner->pid, 0);
	return runner->pidfd < 0 ? -errno : 0;
}

static void end_group(struct hk_exec_queue *runner, int signal_number)
{
	kill(-runner->pid, signal_number);
}

/* Take the exit status. */
static void reap(struct hk_exec_queue *runner)
{
	int status = 0;
	if (runner->next_signal == SIGKILL) { /* it had to be ended: so has what it left behind */
		end_group(runner, SIGKILL);
	}
	while (waitpid(runner->pid, &status, 0) < 0 && errno == EINTR) {}
	if (WIFSIGNALED(status)) {
		hk_message("%s for %s was ended by signal %d", runner->setup.argv[0],
			runner->now.subject, WTERMSIG(status));
	} else if (WEXITSTATUS(status) != 0) {
		hk_message("%s for %s ended with %d", runner->setup.argv[0], runner->now.subject,
			WEXITSTATUS(status));
	}
	runner->n_failed += status != 0;
	if (runner->pidfd >= 0) {
		close(runner->pidfd);
	}
	runner->pidfd = -1;
	runner->pid = 0;
}

/* The oldest change, the caller's now; what is known of it becomes `now`. */
static json_t *take_first(struct hk_exec_queue *runner)
{
	runner->now = runner->queue[runner->first];
	runner->first = (runner->first + 1) % runner->n_room;
	runner->n_queued--;
	return runner->now.change;
}

static char **make_environment(json_t *change)
{
	const json_t *source = json_object_get(change, "source");
	struct hk_event_view heard;
	struct hk_diag diag;
	if (source) {
		return hk_exec_environment_of_source(
			source, json_string_value(json_object_get(change, "instance")));
	}
	/* it was read before: that cannot fail */
	return hk_event_view_read(change, &heard, &diag) == 0 ? hk_exec_environment_of(&heard)
							      : NULL;
}

/* The command has ended, or could not be run. */
static void finish(struct hk_exec_queue *runner)
{
	if (runner->now.place >= 0 && runner->setup.on_place) {
		runner->setup.on_place(runner->setup.owner, runner->now.place);
	}
	runner->now.place = -1;
}

static void start_next(struct hk_exec_queue *runner)
{
	json_t *change = take_first(runner);
	char **envp = make_environment(change);
	const int input = make_input(change);
	int r = -ENOMEM;
	if (envp && input < 0) {
		r = input;
	} else if (envp) {
		r = spawn(runner, input, envp);
	}
	runner->n_runs++;
	runner->due_ms = hk_clock_ms() + runner->setup.timeout_ms;
	runner->next_signal = SIGTERM;
	if (r < 0) {
		hk_message("cannot run %s for %s: %s", runner->setup.argv[0], runner->now.subject,
			strerror(-r));
		if (runner->pid) { /* it runs, but cannot be watched */
			runner->next_signal = SIGKILL;
			reap(runner);
		} else {
			runner->n_failed++;
		}
		finish(runner);
	}
	if (input >= 0) {
		close(input);
	}
	hk_exec_environment_free(envp);
	json_decref(change);
}

static bool has_ended(const struct hk_exec_queue *runner)
{
	struct pollfd ended = { .fd = runner->pidfd, .events = POLLIN };
	return poll(&ended, 1, 0) > 0;
}

void hk_exec_queue_tend(struct hk_exec_queue *runner)
{
	if (runner->pid && has_ended(runner)) {
		reap(runner);
		finish(runner);
	}
	if (runner->pid && hk_clock_ms() >= runner->due_ms) {
		if (runner->next_signal == SIGTERM) {
			hk_message("%s for %s takes longer than %.1f s and is ended",
				runner->setup.argv[0], runner->now.subject,
				(double)runner->setup.timeout_ms / 1000);
		}
		end_group(runner, runner->next_signal);
		runner->next_signal = SIGKILL;
		runner->due_ms = hk_clock_ms() + GRACE_MS;
	}
	while (!runner->pid && runner->n_queued > 0) {
		start_next(runner);
	}
	if (runner->n_dropped_now > 0 && runner->n_queued < runner->n_room) {
		hk_message("%s catches up; %llu changes were not handed to it",
			runner->setup.argv[0], (unsigned long long)runner->n_dropped_now);
		runner->n_dropped_now = 0;
	}
}

static void end_now(struct hk_exec_queue *runner)
{
	struct pollfd ended = { .fd = runner->pidfd, .events = POLLIN };
	end_group(runner, SIGTERM);
	const int64_t deadline_ms = hk_clock_ms() + GRACE_MS;
	while (poll(&ended, 1, hk_clock_left_ms(deadline_ms)) < 0 && errno == EINTR) {}
	runner->next_signal = SIGKILL;
	reap(runner);
}

void hk_exec_queue_free(struct hk_exec_queue *runner)
{
	if (!runner) {
		return;
	}
	if (runner->pid) {
		end_now(runner);
	}
	if (runner->n_failed + runner->n_dropped + runner->n_queued > 0) {
		hk_message("%s: %llu runs, %llu of them failed; %llu changes were dropped and %llu "
			   "were still waiting",
			runner->setup.argv[0], (unsigned long long)runner->n_runs,
			(unsigned long long)runner->n_failed, (unsigned long long)runner->n_dropped,
			(unsigned long long)runner->n_queued);
	}
	while (runner->n_queued > 0) {
		json_decref(take_first(runner));
	}
	free(runner->queue);
	free(runner);
}
