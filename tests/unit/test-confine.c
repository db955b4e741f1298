/* SPDX-License-Identifier: MIT */
/* Each case runs in a child of its own: what it has taken from itself does not come back. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/capture-helper/confine.h"
#include "daemon/capture-shared/capture_message.h"

#define FREE 0xffU /* not confined at all */

/* Not below /tmp, where sockets may be made and files removed. */
static char folder[] = "/var/tmp/test-confine-XXXXXX";
static char history[64], other[64];

static int tcp_fd;             /* made before */
static struct sockaddr_in who; /* listens there */

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder)) {
		return -1;
	}
	snprintf(history, sizeof(history), "%s/history.db", folder);
	snprintf(other, sizeof(other), "%s/other", folder);
	const int fd = open(history, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	const bool written = write(fd, "events", 6) == 6;
	close(fd);
	return written ? 0 : -1;
}

static int remove_folder(void **state)
{
	(void)state;
	unlink(history);
	unlink(other);
	rmdir(other);
	return rmdir(folder);
}

/* What TRY comes to in a child that has confined itself to the bits WANTED: 0, or its errno. */
static int outcome(unsigned wanted, bool runs_programs, int (*try)(void))
{
	const pid_t child = fork();
	if (child == 0) {
		if (wanted != FREE && (hk_confine(runs_programs) & wanted) != wanted) {
			_exit(UINT8_MAX);
		}
		_exit(try() < 0 ? errno : 0);
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	if (WEXITSTATUS(status) == UINT8_MAX) {
		print_message("this kernel cannot\n");
		skip();
	}
	return WEXITSTATUS(status);
}

static void assert_refused(unsigned wanted, int error, int (*try)(void))
{
	assert_int_equal(outcome(wanted, false, try), error);
}

static long landlock_abi(void)
{
	return syscall(SYS_landlock_create_ruleset, NULL, 0, 1U);
}

/* ---- what is tried ---- */

static int overwrite(void)
{
	return open(history, O_WRONLY | O_CLOEXEC);
}

static int empty_it(void)
{
	return truncate(history, 0);
}

static int read_it(void)
{
	char text[6];
	const int fd = open(history, O_RDONLY | O_CLOEXEC);
	return fd < 0 || read(fd, text, 6) != 6 ? -1 : memcmp(text, "events", 6);
}

static int rename_it(void)
{
	return rename(history, other);
}

static int remove_it(void)
{
	return unlink(history);
}

static int make_file(void)
{
	return open(other, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
}

static int make_folder_there(void)
{
	return mkdir(other, 0700);
}

static int make_link(void)
{
	return symlink("/", other);
}

static int make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
	const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	return fd < 0 ? -1 : bind(fd, (struct sockaddr *)&address, sizeof(address));
}

static int make_socket_there(void)
{
	return make_socket(other);
}

static int (*const spoiling[])(void) = { overwrite, empty_it, rename_it, remove_it, make_file,
	make_folder_there, make_link, make_socket_there };

static int make_tcp(void)
{
	return socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_tcp6(void)
{
	return socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

static int make_udp(void)
{
	return socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
}

static int connect_tcp(void)
{
	return connect(tcp_fd, (struct sockaddr *)&who, sizeof(who));
}

static int run_program(void)
{
	char name[] = "true";
	char *const argv[] = { name, NULL };
	return execv("/bin/true", argv);
}

static int trace_parent(void)
{
	return ptrace(PTRACE_SEIZE, getppid(), NULL, NULL) < 0 ? -1 : 0;
}

static int signal_parent(void)
{
	return kill(getppid(), 0);
}

static int share_memory(void)
{
	char name[32];
	snprintf(name, sizeof(name), "/test-confine-%d", getpid());
	const int fd = shm_open(name, O_RDWR | O_CREAT | O_EXCL, 0600);
	if (fd < 0 || ftruncate(fd, 4096) < 0 || write(fd, "x", 1) != 1) {
		return -1;
	}
	return shm_unlink(name);
}

static int open_device(void)
{
	return open("/dev/null", O_RDWR | O_CLOEXEC);
}

static int share_device(void)
{
	char path[64];
	snprintf(path, sizeof(path), "/tmp/test-confine-%d", getpid());
	return make_socket(path) < 0 ? -1 : unlink(path);
}

static int share_memory_without_name(void)
{
	const int fd = memfd_create("test-confine", MFD_CLOEXEC);
	return fd < 0 ? -1 : ftruncate(fd, 4096);
}

/* ---- cases ---- */

static void the_history_can_be_read_but_not_changed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(spoiling) / sizeof(spoiling[0]); i++) {
		assert_refused(HK_CONFINED_FILES | HK_CONFINED_NETWORK, EACCES, spoiling[i]);
	}
	assert_int_equal(outcome(HK_CONFINED_FILES, false, read_it), 0);
	struct stat st;
	assert_int_equal(lstat(other, &st), -1);
	/* unconfined they would do harm; else this shows nothing */
	assert_int_equal(outcome(FREE, false, overwrite), 0);
	assert_int_equal(outcome(FREE, false, make_socket_there), 0);
	assert_int_equal(outcome(FREE, false, rename_it), 0);
	assert_int_equal(rename(other, history), 0);
}

static void no_socket_of_the_network_can_be_made(void **state)
{
	(void)state;
	assert_refused(HK_CONFINED_NETWORK, EAFNOSUPPORT, make_tcp);
	assert_refused(HK_CONFINED_NETWORK, EAFNOSUPPORT, make_tcp6);
	assert_refused(HK_CONFINED_NETWORK, EAFNOSUPPORT, make_udp);
}

static void a_tcp_socket_that_was_made_before_does_not_connect(void **state)
{
	(void)state;
	if (landlock_abi() < 4) {
		print_message("this kernel's Landlock knows no TCP\n");
		skip();
	}
	const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t size = sizeof(who);
	who = (struct sockaddr_in){ .sin_family = AF_INET,
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	assert_int_equal(bind(listener, (struct sockaddr *)&who, size), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&who, &size), 0);
	tcp_fd = make_tcp();
	assert_refused(HK_CONFINED_FILES, EACCES, connect_tcp);
	assert_int_equal(outcome(FREE, false, connect_tcp), 0);
	close(tcp_fd);
	close(listener);
}

static void no_program_is_run_but_where_it_must(void **state)
{
	(void)state;
	assert_refused(HK_CONFINED_FILES, EACCES, run_program);
	assert_int_equal(outcome(HK_CONFINED_FILES, true, run_program), 0);
}

static void the_daemon_is_out_of_reach(void **state)
{
	(void)state;
	assert_refused(HK_CONFINED_FILES, EPERM, trace_parent);
	if (landlock_abi() >= 6) {
		assert_refused(HK_CONFINED_FILES, EPERM, signal_parent);
	}
}

static void what_sound_servers_need_is_left(void **state)
{
	(void)state;
	assert_int_equal(outcome(HK_CONFINED_FILES, false, open_device), 0);
	assert_int_equal(outcome(HK_CONFINED_FILES, false, share_memory), 0);
	assert_int_equal(outcome(HK_CONFINED_FILES, false, share_memory_without_name), 0);
	assert_int_equal(outcome(HK_CONFINED_FILES, false, share_device), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_history_can_be_read_but_not_changed),
		cmocka_unit_test(no_socket_of_the_network_can_be_made),
		cmocka_unit_test(a_tcp_socket_that_was_made_before_does_not_connect),
		cmocka_unit_test(no_program_is_run_but_where_it_must),
		cmocka_unit_test(the_daemon_is_out_of_reach),
		cmocka_unit_test(what_sound_servers_need_is_left),
	};
	return cmocka_run_group_tests_name("confine", tests, make_folder, remove_folder);
}
