/* SPDX-License-Identifier: MIT */
/*
 * confine: what hearken-capture takes from itself before it opens anything: the kernel then keeps
 * it, and all sound libraries in it, from what a microphone process has no business with.
 *
 * In the calling thread and all that it starts, for good: before there are other threads.
 */
#pragma once

#include <stdbool.h>

/*
 * From now on, as far as this kernel can (what it cannot is no error but is missing from the
 * answer):
 *
 * HK_CONFINED_FILES (Landlock, Linux 5.13): no file is written, truncated, made, renamed or removed
 * but what sound servers and ALSA's dsnoop need below /dev, /dev/shm and /tmp; no other process is
 * traced and, from Linux 6.12 on, signalled; no program is run unless RUNS_PROGRAMS. Reading and
 * Unix sockets stay: ALSA's configuration may lie anywhere, and so may a server's socket.
 *
 * HK_CONFINED_NETWORK (seccomp): no socket but a Unix one is made; and no TCP on one that was
 * (Linux 6.7).
 *
 * Besides no privileges are gained, and others of our user cannot look into our memory.
 *
 * Returns bits of enum hk_confinement (daemon/capture-shared/capture_message.h).
 */
unsigned hk_confine(bool runs_programs);
