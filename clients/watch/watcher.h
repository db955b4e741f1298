/* SPDX-License-Identifier: MIT */
/*
 * watcher: shows on the terminal what a daemon of several hears, until the user quits. When the
 * daemon goes away it says so and tries again. Main thread only.
 */
#pragma once

#include "clients/cli/exit_codes.h"
#include "clients/socket/sockets.h"
#include "clients/watch/canvas.h"

struct hk_watch_setup {
	const struct hk_sockets *sockets; /* one is shown at a time, Tab goes to the next */
	enum hk_colours colours;
	double seconds; /* of the picture */
};

/* Stdin and stdout are a terminal. Returns HK_EXIT_OK, or another code after saying why; the
 * terminal is as it was before. */
enum hk_exit hk_watch_run(const struct hk_watch_setup *setup);
