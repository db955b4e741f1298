/* SPDX-License-Identifier: MIT */
/*
 * sockets: where the daemons of this machine answer.
 *
 * --socket PATH is one. --instance NAME is NAME.sock in the folder of sockets, --all is each of
 * them. Without any it is what HEARKEN_SOCKET names, and without that the instance `default`. The
 * folder is what HEARKEN_SOCKET names when that is a folder, else /run/hearken, else (no service of
 * the system has been there) that of the user's own service, $XDG_RUNTIME_DIR/hearken. Main thread
 * only (environment).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "clients/cli/exit_codes.h"
#include "clients/socket/varlink_client.h"
#include "core/base/diag.h"

#define HK_SOCKETS_FOLDER "/run/hearken"

struct hk_sockets {
	size_t n_paths;
	char (*paths)[HK_SOCKET_PATH_SIZE];
	bool all; /* whatever is in the folder; false: the user named them */
};

/*
 * The socket of one daemon. SOCKET and INSTANCE: the options; "": not given.
 * Returns HK_EXIT_OK; HK_EXIT_USAGE after saying why: both given, no name of an instance, too long.
 */
enum hk_exit hk_socket_find(
	const char *socket, const char *instance, char ret_path[HK_SOCKET_PATH_SIZE]);

/*
 * The sockets of several daemons. INSTANCES: names separated by commas, a name that comes twice
 * counts once. ALL: each in the folder, by name. Without any of the three: as hk_socket_find.
 * Returns also HK_EXIT_UNAVAILABLE after saying so when there is none in the folder. RET is always
 * written.
 */
enum hk_exit hk_sockets_find(
	const char *socket, const char *instances, bool all, struct hk_sockets *ret);

/* The name of the instance that answers at PATH, as its file has it: "kitchen" of
 * /run/hearken/kitchen.sock. */
void hk_socket_instance(const char *path, char ret_name[HK_SOCKET_PATH_SIZE]);

/* Whether HEARKEN_SOCKET names one daemon. */
bool hk_sockets_one_is_named(void);

/* All in the folder, or the one that HEARKEN_SOCKET names; none, and no word, when they cannot be
 * found. */
void hk_sockets_look(struct hk_sockets *ret);

/*
 * Add to DIAG, which says why PATH did not answer, the instances that do, if there are any and PATH
 * is not among them.
 */
void hk_sockets_hint(const char *path, struct hk_diag *diag);

/* Print DIAG, why socket INDEX failed with EXIT_CODE, with the hint when the user named it and
 * nobody answers. */
void hk_sockets_report(const struct hk_sockets *sockets, size_t index, enum hk_exit exit_code,
	struct hk_diag *diag);

/*
 * Ask the daemon of hk_socket_find, whose socket goes into RET_PATH. PARAMETERS, *RET_PARAMETERS:
 * as hk_varlink_client_call. What goes wrong is said to the user, with the hint.
 */
enum hk_exit hk_socket_ask(const char *socket, const char *instance, const char *method,
	json_t *parameters, char ret_path[HK_SOCKET_PATH_SIZE], json_t **ret_parameters);

void hk_sockets_finish(struct hk_sockets *sockets);
