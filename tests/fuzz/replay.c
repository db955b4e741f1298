/* SPDX-License-Identifier: MIT */
/*
 * replay FILE|FOLDER...: runs the target it is linked with on each file. A folder that is not there
 * holds none.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "core/base/file.h"
#include "tests/fuzz/fuzz.h"

#define MAX_SIZE (64 << 20)

static int visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* The path goes out before the input runs: it is the last one when that ends the program. */
static int run_file(const char *path)
{
	char *data;
	size_t size;
	struct hk_diag diag;
	if (hk_file_read(AT_FDCWD, path, path, MAX_SIZE, &data, &size, &diag) < 0) {
		dprintf(STDERR_FILENO, "%s\n", diag.text);
		return -1;
	}
	dprintf(STDOUT_FILENO, "%s\n", path);
	/* as large as it is, so that a sanitizer sees every step beyond */
	uint8_t *exact = malloc(size ? size : 1);
	if (!exact) {
		free(data);
		return -1;
	}
	memcpy(exact, data, size);
	free(data);
	LLVMFuzzerTestOneInput(exact, size);
	free(exact);
	return 0;
}

static int run(const char *path)
{
	struct dirent **entries;
	const int n = scandir(path, &entries, visible, alphasort);
	if (n < 0) {
		return errno == ENOTDIR ? run_file(path) : 0;
	}
	int r = 0;
	for (int i = 0; i < n; i++) {
		char name[4096];
		snprintf(name, sizeof(name), "%s/%s", path, entries[i]->d_name);
		r |= run_file(name);
		free(entries[i]);
	}
	free(entries);
	return r;
}

int main(int argc, char **argv)
{
	int r = 0;
	for (int i = 1; i < argc; i++) {
		r |= run(argv[i]);
	}
	return r < 0;
}
