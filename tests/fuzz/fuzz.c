/* SPDX-License-Identifier: MIT */
#include "tests/fuzz/fuzz.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

_Noreturn void fuzz_fail(const char *file, int line, const char *condition)
{
	dprintf(STDERR_FILENO, "%s:%d: not so: %s\n", file, line, condition);
	abort();
}

void fuzz_require_reason(int r, const struct hk_diag *diag)
{
	FUZZ_REQUIRE(r <= 0);
	if (r == 0) {
		return;
	}
	FUZZ_REQUIRE(diag->text[0] != '\0');
	FUZZ_REQUIRE(memchr(diag->text, '\0', sizeof(diag->text)));
	for (const char *c = diag->text; *c; c++) {
		FUZZ_REQUIRE((unsigned char)*c >= ' ' && *c != 0x7f);
	}
}

size_t fuzz_cut(const uint8_t *data, size_t size, struct fuzz_part *ret_parts, size_t max)
{
	static const char mark[] = "\n====\n";
	const size_t n_mark = sizeof(mark) - 1;
	const char *at = (const char *)data;
	const char *end = at + size;
	size_t n = 0;
	while (n + 1 < max) {
		const char *found = size ? memmem(at, (size_t)(end - at), mark, n_mark) : NULL;
		if (!found) {
			break;
		}
		/* the newline before the mark belongs to the part */
		ret_parts[n++] = (struct fuzz_part){ at, (size_t)(found + 1 - at) };
		at = found + n_mark;
	}
	ret_parts[n++] = (struct fuzz_part){ at, (size_t)(end - at) };
	return n;
}

struct fuzz_part fuzz_take(struct fuzz_bytes *bytes, size_t n)
{
	const struct fuzz_part part = { (const char *)bytes->at,
		n < bytes->n_left ? n : bytes->n_left };
	bytes->at += part.size;
	bytes->n_left -= part.size;
	return part;
}

/* Little-endian, as far as there are bytes. */
static uint64_t number(struct fuzz_bytes *bytes, size_t n)
{
	const struct fuzz_part part = fuzz_take(bytes, n);
	uint64_t value = 0;
	for (size_t i = 0; i < part.size; i++) {
		value |= (uint64_t)(uint8_t)part.data[i] << 8 * i;
	}
	return value;
}

uint8_t fuzz_u8(struct fuzz_bytes *bytes)
{
	return (uint8_t)number(bytes, 1);
}

uint16_t fuzz_u16(struct fuzz_bytes *bytes)
{
	return (uint16_t)number(bytes, 2);
}

uint64_t fuzz_u64(struct fuzz_bytes *bytes)
{
	return number(bytes, 8);
}

static void write_fd(int fd, const void *data, size_t size)
{
	FUZZ_REQUIRE(fd >= 0);
	for (const char *at = data; size > 0;) {
		const ssize_t n = write(fd, at, size);
		FUZZ_REQUIRE(n > 0);
		at += n;
		size -= (size_t)n;
	}
}

void fuzz_file_open(struct fuzz_file *ret, const void *data, size_t size)
{
	ret->fd = memfd_create("fuzz", MFD_CLOEXEC);
	write_fd(ret->fd, data, size);
	snprintf(ret->path, sizeof(ret->path), "/proc/self/fd/%d", ret->fd);
}

void fuzz_file_close(struct fuzz_file *file)
{
	close(file->fd);
}

static char folder[128];

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *at)
{
	(void)status;
	(void)kind;
	(void)at;
	return remove(path);
}

static void remove_folder(void)
{
	nftw(folder, remove_entry, 8, FTW_DEPTH | FTW_PHYS);
}

const char *fuzz_folder(void)
{
	if (folder[0] == '\0') {
		const char *where = getenv("TMPDIR");
		snprintf(folder, sizeof(folder), "%.100s/hearken-fuzz-XXXXXX",
			where ? where : "/tmp");
		FUZZ_REQUIRE(mkdtemp(folder));
		atexit(remove_folder);
	}
	return folder;
}

struct fuzz_path fuzz_path(const char *name)
{
	struct fuzz_path path;
	snprintf(path.text, sizeof(path.text), "%s/%s", fuzz_folder(), name);
	return path;
}

void fuzz_write(const char *name, const void *data, size_t size)
{
	const struct fuzz_path path = fuzz_path(name);
	FILE *file = fopen(path.text, "wbe");
	FUZZ_REQUIRE(file);
	write_fd(fileno(file), data, size);
	fclose(file);
}

void fuzz_silence(void)
{
	static FILE *nowhere;
	if (!nowhere) {
		nowhere = fopen("/dev/null", "we");
		FUZZ_REQUIRE(nowhere);
		stdout = stderr = nowhere;
	}
}
