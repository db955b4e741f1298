/* SPDX-License-Identifier: MIT */
/*
 * waiting_clients: connections that wait on a socket which systemd passed while hearkend fails to
 * start. A connection that nobody takes makes systemd start the service again at once: each gets an
 * answer instead. Main thread only.
 */
#pragma once

/* Keep the sockets that systemd passed (LISTEN_FDS), whoever closes them later. Call once, before
 * all else. */
void hk_waiting_keep(void);

/*
 * Answer every connection that waits with the error StartFailed, INSTANCE and REASON, and close it.
 * Without a passed socket nothing happens. Never blocks: a client that takes no answer gets none.
 */
void hk_waiting_refuse(const char *instance, const char *reason);

/* Close what is kept. */
void hk_waiting_forget(void);
