/* SPDX-License-Identifier: MIT */
/*
 * faults: for LD_PRELOAD: in the program $FAULT_PROGRAM the call $FAULT_CALL fails the $FAULT_NTH
 * time with errno $FAULT_ERRNO, with $FAULT_LASTS=1 from then on. Into the file $FAULT_COUNTS goes
 * at the end how often each call was made, a line each: name and number.
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <unistd.h>

#define CALLS(ROW_)                                                                                \
	ROW_(accept4)                                                                              \
	ROW_(bind)                                                                                 \
	ROW_(epoll_create1)                                                                        \
	ROW_(epoll_ctl)                                                                            \
	ROW_(eventfd)                                                                              \
	ROW_(fdatasync)                                                                            \
	ROW_(fsync)                                                                                \
	ROW_(ftruncate)                                                                            \
	ROW_(linkat)                                                                               \
	ROW_(listen)                                                                               \
	ROW_(memfd_create)                                                                         \
	ROW_(mkdtemp)                                                                              \
	ROW_(mmap)                                                                                 \
	ROW_(open)                                                                                 \
	ROW_(pipe2)                                                                                \
	ROW_(posix_spawn)                                                                          \
	ROW_(pread)                                                                                \
	ROW_(pthread_create)                                                                       \
	ROW_(pwrite)                                                                               \
	ROW_(read)                                                                                 \
	ROW_(rename)                                                                               \
	ROW_(renameat2)                                                                            \
	ROW_(send)                                                                                 \
	ROW_(signalfd)                                                                             \
	ROW_(socket)                                                                               \
	ROW_(timerfd_create)                                                                       \
	ROW_(unlink)                                                                               \
	ROW_(write)

enum call {
#define NUMBER(name_) CALL_##name_,
	CALLS(NUMBER)
#undef NUMBER
		N_CALLS,
};

static const char *const names[N_CALLS] = {
#define NAME(name_) #name_,
	CALLS(NAME)
#undef NAME
};

static atomic_long counts[N_CALLS];

static long number_of(const char *variable)
{
	const char *text = getenv(variable);
	return text ? atol(text) : 0;
}

/* Does this one fail? errno is set then. */
static int fails(enum call call)
{
	const char *program = getenv("FAULT_PROGRAM"), *name = getenv("FAULT_CALL");
	if (!program || strcmp(program, program_invocation_short_name) != 0) {
		return 0;
	}
	const long n = ++counts[call], nth = number_of("FAULT_NTH");
	if (!name || strcmp(name, names[call]) != 0 ||
		(number_of("FAULT_LASTS") ? n < nth : n != nth)) {
		return 0;
	}
	errno = (int)number_of("FAULT_ERRNO");
	return 1;
}

__attribute__((destructor)) static void write_counts(void)
{
	const char *path = getenv("FAULT_COUNTS"), *program = getenv("FAULT_PROGRAM");
	FILE *file = path && program && strcmp(program, program_invocation_short_name) == 0
		? fopen(path, "we")
		: NULL;
	for (int i = 0; file && i < N_CALLS; i++) {
		fprintf(file, "%s %ld\n", names[i], (long)counts[i]);
	}
	if (file) {
		fclose(file);
	}
}

/* The function behind ours. */
#define NEXT(name_) ((__typeof__(&name_))dlsym(RTLD_NEXT, #name_))

#define WRAP(result_, call_, name_, declared_, given_)                                             \
	result_ name_ declared_                                                                    \
	{                                                                                          \
		return fails(CALL_##call_) ? (result_)-1 : NEXT(name_) given_;                     \
	}

WRAP(int, accept4, accept4, (int fd, struct sockaddr *address, socklen_t *length, int flags),
	(fd, address, length, flags))
WRAP(int, bind, bind, (int fd, const struct sockaddr *address, socklen_t length),
	(fd, address, length))
WRAP(int, epoll_create1, epoll_create1, (int flags), (flags))
WRAP(int, epoll_ctl, epoll_ctl, (int fd, int what, int of, struct epoll_event *event),
	(fd, what, of, event))
WRAP(int, eventfd, eventfd, (unsigned first, int flags), (first, flags))
WRAP(int, fdatasync, fdatasync, (int fd), (fd))
WRAP(int, fsync, fsync, (int fd), (fd))
WRAP(int, ftruncate, ftruncate, (int fd, off_t length), (fd, length))
WRAP(int, ftruncate, ftruncate64, (int fd, off64_t length), (fd, length))
WRAP(int, linkat, linkat, (int from, const char *a, int to, const char *b, int flags),
	(from, a, to, b, flags))
WRAP(int, listen, listen, (int fd, int n), (fd, n))
WRAP(int, memfd_create, memfd_create, (const char *name, unsigned flags), (name, flags))
WRAP(int, pipe2, pipe2, (int fds[2], int flags), (fds, flags))
WRAP(ssize_t, pread, pread, (int fd, void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(ssize_t, pread, pread64, (int fd, void *data, size_t n, off64_t at), (fd, data, n, at))
WRAP(ssize_t, pwrite, pwrite, (int fd, const void *data, size_t n, off_t at), (fd, data, n, at))
WRAP(ssize_t, pwrite, pwrite64, (int fd, const void *data, size_t n, off64_t at), (fd, data, n, at))
WRAP(ssize_t, read, read, (int fd, void *data, size_t n), (fd, data, n))
WRAP(int, rename, rename, (const char *from, const char *to), (from, to))
WRAP(int, renameat2, renameat2, (int from, const char *a, int to, const char *b, unsigned flags),
	(from, a, to, b, flags))
WRAP(ssize_t, send, send, (int fd, const void *data, size_t n, int flags), (fd, data, n, flags))
WRAP(int, signalfd, signalfd, (int fd, const sigset_t *signals, int flags), (fd, signals, flags))
WRAP(int, socket, socket, (int domain, int type, int protocol), (domain, type, protocol))
WRAP(int, timerfd_create, timerfd_create, (clockid_t clock, int flags), (clock, flags))
WRAP(int, unlink, unlink, (const char *path), (path))
WRAP(ssize_t, write, write, (int fd, const void *data, size_t n), (fd, data, n))

char *mkdtemp(char *path)
{
	return fails(CALL_mkdtemp) ? NULL : NEXT(mkdtemp)(path);
}

void *mmap(void *at, size_t length, int access, int flags, int fd, off_t from)
{
	return fails(CALL_mmap) ? MAP_FAILED : NEXT(mmap)(at, length, access, flags, fd, from);
}

void *mmap64(void *at, size_t length, int access, int flags, int fd, off64_t from)
{
	return fails(CALL_mmap) ? MAP_FAILED : NEXT(mmap64)(at, length, access, flags, fd, from);
}

/* These two return the error. */
int pthread_create(pthread_t *thread, const pthread_attr_t *how, void *(*run)(void *), void *data)
{
	return fails(CALL_pthread_create) ? errno : NEXT(pthread_create)(thread, how, run, data);
}

int posix_spawn(pid_t *pid, const char *path, const posix_spawn_file_actions_t *files,
	const posix_spawnattr_t *how, char *const argv[], char *const envp[])
{
	return fails(CALL_posix_spawn) ? errno
				       : NEXT(posix_spawn)(pid, path, files, how, argv, envp);
}

#define MODE_OF(flags_)                                                                            \
	va_list more;                                                                              \
	va_start(more, flags_);                                                                    \
	const mode_t mode = (flags_) & (O_CREAT | O_TMPFILE) ? va_arg(more, mode_t) : 0;           \
	va_end(more)

int open(const char *path, int flags, ...)
{
	MODE_OF(flags);
	return fails(CALL_open) ? -1 : NEXT(open)(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
	MODE_OF(flags);
	return fails(CALL_open) ? -1 : NEXT(open64)(path, flags, mode);
}

int openat(int folder, const char *path, int flags, ...)
{
	MODE_OF(flags);
	return fails(CALL_open) ? -1 : NEXT(openat)(folder, path, flags, mode);
}

int openat64(int folder, const char *path, int flags, ...)
{
	MODE_OF(flags);
	return fails(CALL_open) ? -1 : NEXT(openat64)(folder, path, flags, mode);
}
