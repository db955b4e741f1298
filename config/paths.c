/* SPDX-License-Identifier: MIT */
#include "config/paths.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In the build tree, from the folder of the running binary; models/meson.build makes `bundles`. */
#define BUILD_MODELS "../models/bundles"
#define BUILD_CAPTURE "../daemon/hearken-capture"

static int copy(const char *path, char *ret_path, size_t size)
{
	const size_t n_bytes = strlen(path) + 1;
	if (n_bytes > size) {
		return -ENAMETOOLONG;
	}
	memcpy(ret_path, path, n_bytes);
	return 0;
}

/* RELATIVE to the folder of the running binary when that exists, else INSTALLED. */
static int find(const char *relative, const char *installed, char *ret_path, size_t size)
{
	char binary[PATH_MAX], path[2 * PATH_MAX];
	const ssize_t length = readlink("/proc/self/exe", binary, sizeof(binary) - 1);
	if (length < 0) {
		return -errno;
	}
	binary[length] = '\0';
	*strrchr(binary, '/') = '\0';
	snprintf(path, sizeof(path), "%s/%s", binary, relative);
	return copy(access(path, F_OK) == 0 ? path : installed, ret_path, size);
}

int hk_path_model(const char *name, char *ret_path, size_t size)
{
	char file[2 * PATH_MAX];
	const int length = snprintf(file, sizeof(file), "%s/model.ini", name);
	if (length >= (int)sizeof(file)) {
		return -ENAMETOOLONG;
	}
	if (strchr(name, '/') || access(file, F_OK) == 0) {
		return copy(name, ret_path, size);
	}
	char models[PATH_MAX], path[2 * PATH_MAX];
	const int r = find(BUILD_MODELS, HK_DATA_FOLDER "/models", models, sizeof(models));
	if (r < 0) {
		return r;
	}
	snprintf(path, sizeof(path), "%s/%s", models, name);
	return copy(path, ret_path, size);
}

int hk_path_capture(char *ret_path, size_t size)
{
	return find(BUILD_CAPTURE, HK_PROGRAM_FOLDER "/hearken-capture", ret_path, size);
}
