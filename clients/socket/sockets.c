/* SPDX-License-Identifier: MIT */
#include "clients/socket/sockets.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "clients/cli/output.h"
#include "core/base/known.h"

#define SUFFIX ".sock"
#define HINT_TIMEOUT_MS 1000

static bool is_folder(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* HEARKEN_SOCKET; NULL: not set, or empty. */
static const char *environment(void)
{
	const char *named = getenv("HEARKEN_SOCKET");
	return named && *named ? named : NULL;
}

static const char *folder(void)
{
	static char own[PATH_MAX];
	const char *named = environment(), *runtime = getenv("XDG_RUNTIME_DIR");
	if (named && is_folder(named)) {
		return named;
	}
	if (runtime && *runtime && !is_folder(HK_SOCKETS_FOLDER)) {
		snprintf(own, sizeof(own), "%s/hearken", runtime);
		if (is_folder(own)) {
			return own;
		}
	}
	return HK_SOCKETS_FOLDER;
}

static enum hk_exit take_path(char ret_path[HK_SOCKET_PATH_SIZE], const char *path)
{
	const size_t length = strlen(path);
	if (length >= HK_SOCKET_PATH_SIZE) {
		hk_message(
			"%s: a socket's path has at most %zu bytes", path, HK_SOCKET_PATH_SIZE - 1);
		return HK_EXIT_USAGE;
	}
	memcpy(ret_path, path, length + 1);
	return HK_EXIT_OK;
}

static enum hk_exit take_instance(char ret_path[HK_SOCKET_PATH_SIZE], const char *name)
{
	char path[PATH_MAX];
	if (!*name || *name == '.' || strchr(name, '/')) {
		hk_message("\"%s\" is not a valid instance name", name);
		return HK_EXIT_USAGE;
	}
	snprintf(path, sizeof(path), "%s/%s" SUFFIX, folder(), name);
	return take_path(ret_path, path);
}

enum hk_exit hk_socket_find(
	const char *socket, const char *instance, char ret_path[HK_SOCKET_PATH_SIZE])
{
	if (*socket && *instance) {
		hk_message("--socket and --instance are mutually exclusive");
		return HK_EXIT_USAGE;
	}
	if (*socket) {
		return take_path(ret_path, socket);
	}
	if (*instance) {
		return take_instance(ret_path, instance);
	}
	const char *named = environment();
	return named && !is_folder(named) ? take_path(ret_path, named)
					  : take_instance(ret_path, "default");
}

static int has_suffix(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');
	return dot && dot > entry->d_name && strcmp(dot, SUFFIX) == 0;
}

/* Returns 0, -ENOENT (there is none), -ENAMETOOLONG, -ENOMEM, -errno. */
static int list_folder(struct hk_sockets *ret)
{
	struct dirent **entries = NULL;
	const int n_entries = scandir(folder(), &entries, has_suffix, alphasort);
	if (n_entries <= 0) {
		const int error = n_entries < 0 ? -errno : -ENOENT;
		free(entries);
		return error;
	}
	int r = 0;
	ret->paths = calloc((size_t)n_entries, sizeof(*ret->paths));
	if (!ret->paths) {
		r = -ENOMEM;
	}
	for (int i = 0; i < n_entries; i++) {
		const int length = r < 0 ? 0
					 : snprintf(ret->paths[ret->n_paths], sizeof(*ret->paths),
						   "%s/%s", folder(), entries[i]->d_name);
		if (length >= (int)sizeof(*ret->paths)) {
			r = -ENAMETOOLONG;
		}
		ret->n_paths += r == 0;
		free(entries[i]);
	}
	free(entries);
	return r;
}

static enum hk_exit take_all(struct hk_sockets *ret)
{
	const int r = list_folder(ret);
	switch (r) {
	case 0:
		return HK_EXIT_OK;
	case -ENOENT:
		hk_message("no daemon is running: no socket in %s", folder());
		return HK_EXIT_UNAVAILABLE;
	case -ENAMETOOLONG:
		hk_message("%s: a socket's path has at most %zu bytes", folder(),
			HK_SOCKET_PATH_SIZE - 1);
		return HK_EXIT_USAGE;
	case -ENOMEM:
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	default:
		hk_message("%s: %s", folder(), strerror(-r));
		return r == -EACCES ? HK_EXIT_PERMISSION : HK_EXIT_UNAVAILABLE;
	}
}

static bool is_among(const struct hk_sockets *sockets, const char *path)
{
	for (size_t i = 0; i < sockets->n_paths; i++) {
		if (strcmp(sockets->paths[i], path) == 0) {
			return true;
		}
	}
	return false;
}

/* INSTANCES: "a,b". RET has room for as many as there are. */
static enum hk_exit take_instances(struct hk_sockets *ret, const char *instances)
{
	enum hk_exit exit_code = HK_EXIT_OK;
	for (bool more = true; more && exit_code == HK_EXIT_OK;) {
		const size_t length = strcspn(instances, ",");
		char name[NAME_MAX + 1], path[HK_SOCKET_PATH_SIZE];
		snprintf(name, sizeof(name), "%.*s", (int)length, instances);
		exit_code = take_instance(path, name);
		if (exit_code == HK_EXIT_OK && !is_among(ret, path)) {
			memcpy(ret->paths[ret->n_paths++], path, sizeof(path));
		}
		more = instances[length];
		instances += length + more;
	}
	return exit_code;
}

enum hk_exit hk_sockets_find(
	const char *socket, const char *instances, bool all, struct hk_sockets *ret)
{
	*ret = (struct hk_sockets){ .all = all };
	if ((*socket && *instances) || (all && (*socket || *instances))) {
		hk_message("expected one of --socket, --instance and --all");
		return HK_EXIT_USAGE;
	}
	if (all) {
		return take_all(ret);
	}
	size_t n_room = 1;
	for (const char *at = strchr(instances, ','); at; at = strchr(at + 1, ',')) {
		n_room++;
	}
	ret->paths = calloc(n_room, sizeof(*ret->paths));
	if (!ret->paths) {
		hk_message("out of memory");
		return HK_EXIT_INTERNAL;
	}
	if (*instances) {
		return take_instances(ret, instances);
	}
	ret->n_paths = 1;
	return hk_socket_find(socket, "", ret->paths[0]);
}

void hk_socket_instance(const char *path, char ret_name[HK_SOCKET_PATH_SIZE])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	snprintf(ret_name, HK_SOCKET_PATH_SIZE, "%s", name);
	char *dot = strrchr(ret_name, '.');
	if (dot && dot > ret_name && strcmp(dot, SUFFIX) == 0) {
		*dot = '\0';
	}
}

bool hk_sockets_one_is_named(void)
{
	const char *named = environment();
	return named && !is_folder(named);
}

void hk_sockets_look(struct hk_sockets *ret)
{
	*ret = (struct hk_sockets){ 0 };
	const char *named = environment();
	if (!named || is_folder(named)) {
		(void)list_folder(ret);
	} else if (strlen(named) < HK_SOCKET_PATH_SIZE) {
		ret->paths = calloc(1, sizeof(*ret->paths));
		if (ret->paths) {
			strcpy(ret->paths[0], named);
			ret->n_paths = 1;
		}
	}
}

static bool answers(const char *path)
{
	struct hk_varlink_client remote;
	const bool open =
		hk_varlink_client_open(&remote, path, HINT_TIMEOUT_MS, NULL) == HK_EXIT_OK;
	hk_varlink_client_close(&remote);
	return open;
}

void hk_sockets_hint(const char *path, struct hk_diag *diag)
{
	struct hk_sockets sockets = { 0 };
	struct hk_known names = { .length = 0 };
	bool is_there = false;
	(void)list_folder(&sockets);
	for (size_t i = 0; i < sockets.n_paths && !is_there; i++) {
		const char *found = sockets.paths[i];
		if (!answers(found)) {
			continue;
		}
		is_there = strcmp(found, path) == 0;
		const char *name = strrchr(found, '/') + 1;
		hk_known_add(&names, "%.*s", (int)(strlen(name) - strlen(SUFFIX)), name);
	}
	if (names.length > 0 && !is_there) {
		const struct hk_diag why = *diag;
		hk_diag_set(diag, 0, "%s; there are: %s (--instance NAME)", why.text, names.text);
	}
	hk_sockets_finish(&sockets);
}

void hk_sockets_report(const struct hk_sockets *sockets, size_t index, enum hk_exit exit_code,
	struct hk_diag *diag)
{
	if (exit_code == HK_EXIT_UNAVAILABLE && !sockets->all) {
		hk_sockets_hint(sockets->paths[index], diag);
	}
	hk_message("%s", diag->text);
}

enum hk_exit hk_socket_ask(const char *socket, const char *instance, const char *method,
	json_t *parameters, char ret_path[HK_SOCKET_PATH_SIZE], json_t **ret_parameters)
{
	struct hk_diag diag;
	enum hk_exit exit_code = hk_socket_find(socket, instance, ret_path);
	if (exit_code != HK_EXIT_OK) {
		json_decref(parameters);
		return exit_code;
	}
	exit_code = hk_varlink_client_ask(ret_path, method, parameters, ret_parameters, &diag);
	if (exit_code == HK_EXIT_UNAVAILABLE) {
		hk_sockets_hint(ret_path, &diag);
	}
	if (exit_code != HK_EXIT_OK) {
		hk_message("%s", diag.text);
	}
	return exit_code;
}

void hk_sockets_finish(struct hk_sockets *sockets)
{
	if (sockets) {
		free(sockets->paths);
		*sockets = (struct hk_sockets){ 0 };
	}
}
