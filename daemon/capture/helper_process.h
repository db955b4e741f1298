/* SPDX-License-Identifier: MIT */
/*
 * helper_process: the process `hearken-capture`: started with its channel and a pipe for its
 * reports, nothing else of ours.
 */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "core/base/diag.h"
#include "daemon/capture-shared/inherited_fds.h"

struct hk_helper_process {
	pid_t pid;     /* 0: none */
	int report_fd; /* non-blocking; hk_capture_message_receive reads it */
};

struct hk_helper_process_setup {
	const char *path;
	int channel_fd;
	bool keep_stdin;  /* else /dev/null */
	bool keep_stderr; /* else /dev/null */
};

/* Returns 0; -errno with DIAG naming the program. */
int hk_helper_process_start(struct hk_helper_process *ret,
	const struct hk_helper_process_setup *setup, struct hk_diag *diag);

/*
 * Start `PATH --list`: what it writes, to stdout and stderr, comes through report_fd until its end.
 * Returns as hk_helper_process_start.
 */
int hk_helper_process_start_list(
	struct hk_helper_process *ret, const char *path, struct hk_diag *diag);

/* SIGKILL. The caller reaps it. */
void hk_helper_process_kill(const struct hk_helper_process *helper);

/* Kill it, reap it (a second at most: a helper that hangs in a driver is left to the kernel) and
 * forget it. */
void hk_helper_process_finish(struct hk_helper_process *helper);
