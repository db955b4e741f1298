/* SPDX-License-Identifier: MIT */
#include "daemon/capture/helper_process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define N_REAP_NAPS 500
#define REAP_NAP_NS 2000000

/* What the child does before exec: its six file descriptors. The two sources are at 10 or above, so
 * that no dup2 writes over one that is still needed. */
static int prepare_files(posix_spawn_file_actions_t *files,
	const struct hk_helper_process_setup *setup, int channel, int report)
{
	int r = 0;
	if (!setup->keep_stdin) {
		r = posix_spawn_file_actions_addopen(files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	}
	if (r == 0) {
		r = posix_spawn_file_actions_addopen(
			files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	}
	if (r == 0 && !setup->keep_stderr) {
		r = posix_spawn_file_actions_addopen(
			files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	}
	if (r == 0) {
		r = posix_spawn_file_actions_adddup2(files, channel, HK_HELPER_CHANNEL_FD);
	}
	if (r == 0) {
		r = posix_spawn_file_actions_adddup2(files, report, HK_HELPER_REPORT_FD);
	}
	if (r == 0) {
		r = posix_spawn_file_actions_addclosefrom_np(files, HK_HELPER_REPORT_FD + 1);
	}
	return r;
}

/* The daemon blocks signals for its event loop; the child starts as a program expects to. */
static int prepare_signals(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int r = posix_spawnattr_setsigmask(attributes, &none);
	if (r == 0) {
		r = posix_spawnattr_setsigdefault(attributes, &all);
	}
	if (r == 0) {
		r = posix_spawnattr_setflags(
			attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	}
	return r;
}

static int spawn(
	pid_t *ret_pid, const struct hk_helper_process_setup *setup, int channel, int report)
{
	char name[] = "hearken-capture", mode[] = "--serve";
	char *const argv[] = { name, mode, NULL };
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r = posix_spawn_file_actions_init(&files);
	if (r != 0) {
		return -r;
	}
	r = posix_spawnattr_init(&attributes);
	if (r != 0) {
		goto files;
	}
	r = prepare_files(&files, setup, channel, report);
	if (r == 0) {
		r = prepare_signals(&attributes);
	}
	if (r == 0) {
		r = posix_spawn(ret_pid, setup->path, &files, &attributes, argv, environ);
	}
	posix_spawnattr_destroy(&attributes);
files:
	posix_spawn_file_actions_destroy(&files);
	return -r;
}

int hk_helper_process_start(struct hk_helper_process *ret,
	const struct hk_helper_process_setup *setup, struct hk_diag *diag)
{
	int pipe_fds[2] = { -1, -1 }, channel = -1, report = -1, r = 0;
	pid_t pid;
	if (pipe2(pipe_fds, O_CLOEXEC) < 0 || fcntl(pipe_fds[0], F_SETFL, O_NONBLOCK) < 0) {
		r = -errno;
		goto done;
	}
	channel = fcntl(setup->channel_fd, F_DUPFD_CLOEXEC, 10);
	report = fcntl(pipe_fds[1], F_DUPFD_CLOEXEC, 10);
	if (channel < 0 || report < 0) {
		r = -errno;
		goto done;
	}
	r = spawn(&pid, setup, channel, report);
	if (r < 0) {
		goto done;
	}
	*ret = (struct hk_helper_process){ .pid = pid, .report_fd = pipe_fds[0] };
	pipe_fds[0] = -1;

done:
	for (size_t i = 0; i < 2; i++) {
		if (pipe_fds[i] >= 0) {
			close(pipe_fds[i]);
		}
	}
	if (channel >= 0) {
		close(channel);
	}
	if (report >= 0) {
		close(report);
	}
	if (r < 0) {
		hk_diag_set(diag, r, "%s: cannot start the capture process: %s", setup->path,
			strerror(-r));
	}
	return r;
}

int hk_helper_process_start_list(
	struct hk_helper_process *ret, const char *path, struct hk_diag *diag)
{
	char name[] = "hearken-capture", mode[] = "--list", called[] = "hearkend";
	char *const argv[] = { name, mode, called, NULL };
	int pipe_fds[2];
	pid_t pid;
	if (pipe2(pipe_fds, O_CLOEXEC | O_NONBLOCK) < 0) {
		return hk_diag_set(diag, -errno, "%s: %s", path, strerror(errno));
	}
	posix_spawn_file_actions_t files;
	posix_spawnattr_t attributes;
	int r = posix_spawn_file_actions_init(&files);
	if (r != 0) {
		goto done;
	}
	r = posix_spawnattr_init(&attributes);
	if (r != 0) {
		goto files;
	}
	r = prepare_signals(&attributes);
	if (r == 0) {
		r = posix_spawn_file_actions_addopen(
			&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	}
	for (int fd = STDOUT_FILENO; r == 0 && fd <= STDERR_FILENO; fd++) {
		r = posix_spawn_file_actions_adddup2(&files, pipe_fds[1], fd);
	}
	if (r == 0) {
		r = posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
	}
	if (r == 0) {
		r = posix_spawn(&pid, path, &files, &attributes, argv, environ);
	}
	posix_spawnattr_destroy(&attributes);
files:
	posix_spawn_file_actions_destroy(&files);
done:
	close(pipe_fds[1]);
	if (r != 0) {
		close(pipe_fds[0]);
		return hk_diag_set(diag, -r, "%s: %s", path, strerror(r));
	}
	*ret = (struct hk_helper_process){ .pid = pid, .report_fd = pipe_fds[0] };
	return 0;
}

void hk_helper_process_kill(const struct hk_helper_process *helper)
{
	if (helper->pid > 0) {
		kill(helper->pid, SIGKILL);
	}
}

void hk_helper_process_finish(struct hk_helper_process *helper)
{
	if (!helper || helper->pid <= 0) {
		return;
	}
	hk_helper_process_kill(helper);
	const struct timespec nap = { .tv_nsec = REAP_NAP_NS };
	for (int i = 0; i < N_REAP_NAPS && waitpid(helper->pid, NULL, WNOHANG) == 0; i++) {
		nanosleep(&nap, NULL);
	}
	close(helper->report_fd);
	*helper = (struct hk_helper_process){ 0 };
}
