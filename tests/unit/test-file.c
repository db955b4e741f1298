/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/file.h"

/* A folder of its own for each test, removed with what the tests leave in it. */
static int make_folder(void **state)
{
	char *folder = strdup("/tmp/hearken-file-XXXXXX");
	*state = folder;
	return mkdtemp(folder) && chdir(folder) == 0 ? 0 : -1;
}

static int remove_folder(void **state)
{
	static const char *const names[] = { "a", "b", "fifo", "loop", "folder", "link", "real" };
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		remove(names[i]);
	}
	const int r = chdir("/") == 0 ? rmdir(*state) : -1;
	free(*state);
	return r;
}

static int read_named(const char *name, size_t max_size, struct hk_diag *diag)
{
	char *data = NULL;
	size_t length;
	const int r = hk_file_read(AT_FDCWD, name, name, max_size, &data, &length, diag);
	free(data);
	return r;
}

static void what_is_written_reads_back_whole(void **state)
{
	(void)state;
	static const size_t lengths[] = { 0, 1, 4095, 4096, 4097, 1 << 20 };
	for (size_t i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
		char *data = malloc(lengths[i] + 1), *again;
		for (size_t j = 0; j < lengths[i]; j++) {
			data[j] = (char)(j * 7 + j / 256);
		}
		size_t length;
		assert_int_equal(hk_file_write(AT_FDCWD, "a", "a", data, lengths[i], NULL), 0);
		assert_int_equal(
			hk_file_read(AT_FDCWD, "a", "a", lengths[i], &again, &length, NULL), 0);
		assert_int_equal(length, lengths[i]);
		assert_memory_equal(again, data, length);
		assert_int_equal(again[length], '\0');
		free(again);
		free(data);
		assert_int_equal(unlink("a"), 0);
	}
}

static void an_existing_file_is_never_overwritten(void **state)
{
	(void)state;
	struct hk_diag diag;
	assert_int_equal(hk_file_write(AT_FDCWD, "a", "a", "x", 1, NULL), 0);
	assert_int_equal(hk_file_write(AT_FDCWD, "a", "a", "y", 1, &diag), -EEXIST);
	assert_string_equal(diag.text, "a: File exists");
}

static void too_large_files_are_refused_unread(void **state)
{
	(void)state;
	struct hk_diag diag;
	assert_int_equal(hk_file_write(AT_FDCWD, "b", "b", "0123456789", 10, NULL), 0);
	assert_int_equal(read_named("b", 10, &diag), 0);
	assert_int_equal(read_named("b", 9, &diag), -EFBIG);
	assert_string_equal(diag.text, "b: expected at most 9 bytes, got 10");
	assert_int_equal(truncate("b", 1LL << 40), 0); /* sparse: a terabyte */
	assert_int_equal(read_named("b", 1 << 20, &diag), -EFBIG);
}

static void a_file_that_has_more_than_it_says_is_read_or_refused(void **state)
{
	(void)state;
	/* /proc says 0 bytes: as a file that grows after it was opened */
	struct hk_diag diag;
	char *data;
	size_t length;
	assert_int_equal(
		hk_file_read(AT_FDCWD, "/proc/self/maps", "maps", 1 << 20, &data, &length, &diag),
		0);
	assert_true(length > 1000);
	assert_non_null(strstr(data, "[stack]"));
	free(data);
	assert_int_equal(read_named("/proc/self/maps", 1000, &diag), -EFBIG);
	assert_int_equal(read_named("/proc/self/maps", 0, &diag), -EFBIG);
}

static void what_is_no_regular_file_is_refused(void **state)
{
	(void)state;
	struct hk_diag diag;
	assert_int_equal(read_named("missing", 10, &diag), -ENOENT);
	assert_string_equal(diag.text, "missing: No such file or directory");
	assert_int_equal(mkdir("folder", 0700), 0);
	assert_int_equal(read_named("folder", 10, &diag), -EINVAL);
	assert_string_equal(diag.text, "folder: expected a regular file, got a folder");
	assert_int_equal(mkfifo("fifo", 0600), 0); /* with nobody at its other end */
	assert_int_equal(read_named("fifo", 10, &diag), -EINVAL);
	assert_string_equal(diag.text, "fifo: expected a regular file, got a FIFO");
	assert_int_equal(symlink("loop", "loop"), 0);
	assert_int_equal(read_named("loop", 10, &diag), -ELOOP);
	assert_int_equal(read_named("/dev/zero", 10, &diag), -EINVAL);
	assert_string_equal(diag.text, "/dev/zero: expected a regular file, got a device");
}

static void assert_holds(const char *name, const char *text)
{
	struct hk_diag diag;
	char *data;
	size_t length;
	assert_int_equal(hk_file_read(AT_FDCWD, name, name, 1000, &data, &length, &diag), 0);
	assert_string_equal(data, text);
	free(data);
}

static void a_file_is_replaced_whole_or_stays_as_it_was(void **state)
{
	(void)state;
	struct hk_diag diag;
	assert_int_equal(hk_file_replace("a.svg", "old", 3, &diag), 0);
	assert_int_equal(hk_file_replace("a.svg", "new one", 7, &diag), 0);
	assert_holds("a.svg", "new one");
	assert_int_equal(hk_file_replace("nowhere/a.svg", "x", 1, &diag), -ENOENT);
	assert_string_equal(diag.text, "nowhere/a.svg: No such file or directory");

	struct rlimit before;
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	const struct rlimit small = { .rlim_cur = 5, .rlim_max = before.rlim_max };
	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	const int r = hk_file_replace("a.svg", "too much", 8, &diag);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
	assert_int_equal(r, -EFBIG);
	assert_string_equal(diag.text, "a.svg: File too large");
	assert_holds("a.svg", "new one");
	assert_int_equal(unlink("a.svg"), 0); /* remove_folder finds nothing else */
}

static void a_link_keeps_its_place_and_a_pipe_gets_the_bytes(void **state)
{
	(void)state;
	struct hk_diag diag;
	char bytes[4] = "";
	assert_int_equal(symlink("real", "link"), 0);
	assert_int_equal(hk_file_replace("link", "one", 3, &diag), 0);
	assert_holds("real", "one");
	assert_int_equal(hk_file_replace("link", "x", 1, &diag), 0);
	assert_holds("real", "x");
	assert_int_equal(mkfifo("fifo", 0600), 0);
	const int fd = open("fifo", O_RDWR | O_NONBLOCK);
	assert_int_equal(hk_file_replace("fifo", "abc", 3, &diag), 0);
	assert_int_equal(read(fd, bytes, 3), 3);
	assert_string_equal(bytes, "abc");
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_is_written_reads_back_whole, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			an_existing_file_is_never_overwritten, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			too_large_files_are_refused_unread, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			a_file_that_has_more_than_it_says_is_read_or_refused, make_folder,
			remove_folder),
		cmocka_unit_test_setup_teardown(
			a_file_is_replaced_whole_or_stays_as_it_was, make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(a_link_keeps_its_place_and_a_pipe_gets_the_bytes,
			make_folder, remove_folder),
		cmocka_unit_test_setup_teardown(
			what_is_no_regular_file_is_refused, make_folder, remove_folder),
	};
	return cmocka_run_group_tests_name("file", tests, NULL, NULL);
}
