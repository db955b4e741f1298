/* SPDX-License-Identifier: MIT */
/*
 * follow_loop: followers of several instances that share one sink. Main thread only (signals).
 */
#pragma once

#include "clients/socket/follow_sink.h"
#include "clients/socket/follower.h"
#include "clients/socket/sockets.h"

/*
 * Follow each of SOCKETS until SIGINT or SIGTERM comes, nobody reads the output, or it makes no
 * sense to go on. SETUP: what is the same for all; its path and owner are set here. An instance
 * that it makes no sense to go on with is reported and left out. Returns the sink's exit code, or
 * that of the first instance that was left out. SIGINT and SIGTERM stay blocked.
 */
enum hk_exit hk_follow_run(const struct hk_sockets *sockets, struct hk_follower_setup *setup,
	struct hk_follow_sink *sink);
