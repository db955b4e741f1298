/* SPDX-License-Identifier: MIT */
#include "daemon/capture/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/capture_report.h"

/* ---- files, other processes, TCP: Landlock ---- */

/* What the header of Debian 12 does not know yet; with the ABI that brought it. */
#define FS_TRUNCATE (UINT64_C(1) << 14)    /* 3 */
#define NET_BIND_TCP (UINT64_C(1) << 0)    /* 4 */
#define NET_CONNECT_TCP (UINT64_C(1) << 1) /* 4 */
#define FS_IOCTL_DEV (UINT64_C(1) << 15)   /* 5 */
#define SCOPE_SIGNAL (UINT64_C(1) << 1)    /* 6 */

#define FS_MAKE                                                                                    \
	(LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR |                              \
		LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |                       \
		LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK |                     \
		LANDLOCK_ACCESS_FS_MAKE_SYM)
#define FS_REMOVE (LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE)

/* landlock_ruleset_attr of ABI 6. An older kernel takes it when what it does not know is 0. */
struct ruleset {
	uint64_t fs, net, scoped;
};

/* Where something else than reading is left. The runtime folders of PulseAudio and PipeWire are not among them:
 * their clients write nothing there, the audio goes through memory that the server passes. */
static const struct place {
	const char *path;
	uint64_t allowed;
} places[] = {
	/* sound devices; which others can be opened is the unit's business (DeviceAllow=) */
	{ "/dev", LANDLOCK_ACCESS_FS_WRITE_FILE | FS_IOCTL_DEV },
	/* JACK's shared memory, semaphores, and a socket for each client */
	{ "/dev/shm",
		LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG |
			LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE },
	/* the socket by which ALSA's dsnoop, the default of many cards, shares the device */
	{ "/tmp", LANDLOCK_ACCESS_FS_MAKE_SOCK | LANDLOCK_ACCESS_FS_REMOVE_FILE },
};

static void allow(int ruleset, const struct place *place, uint64_t known)
{
	const struct landlock_path_beneath_attr beneath = {
		.allowed_access = place->allowed & known,
		.parent_fd = open(place->path, O_PATH | O_CLOEXEC),
	};
	if (beneath.parent_fd < 0) {
		return; /* nothing to allow */
	}
	(void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &beneath, 0);
	close(beneath.parent_fd);
}

static bool restrict_files(bool runs_programs)
{
	const long abi =
		syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	if (abi < 1) {
		return false; /* an old kernel, or one that was booted without it */
	}
	const struct ruleset rules = {
		.fs = LANDLOCK_ACCESS_FS_WRITE_FILE | FS_MAKE | FS_REMOVE |
			(runs_programs ? 0 : LANDLOCK_ACCESS_FS_EXECUTE) |
			(abi >= 2 ? LANDLOCK_ACCESS_FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
			(abi >= 5 ? FS_IOCTL_DEV : 0),
		.net = abi >= 4 ? NET_BIND_TCP | NET_CONNECT_TCP : 0,
		.scoped = abi >= 6 ? SCOPE_SIGNAL : 0,
	};
	const int ruleset = (int)syscall(SYS_landlock_create_ruleset, &rules, sizeof(rules), 0);
	if (ruleset < 0) {
		return false;
	}
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		allow(ruleset, &places[i], rules.fs);
	}
	const bool holds = syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
	close(ruleset);
	return holds;
}

/* ---- the network: seccomp ---- */

#if defined(__x86_64__)
#define NATIVE_ARCH AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define NATIVE_ARCH AUDIT_ARCH_AARCH64
#elif defined(__arm__)
#define NATIVE_ARCH AUDIT_ARCH_ARM
#endif

#ifdef NATIVE_ARCH

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* Go on with the next line when it is VALUE, else jump over it. */
#define IF(value) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, 1)
#define REFUSE(error) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error))
#define ALLOW BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)

static bool restrict_calls(void)
{
	struct sock_filter lines[] = {
		/* what the numbers below would not mean the same in */
		LOAD(arch),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, NATIVE_ARCH, 1, 0),
		REFUSE(ENOSYS),
		LOAD(nr),
#ifdef __x86_64__
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 0x40000000 /* x32 */, 0, 1),
		REFUSE(ENOSYS),
#endif
		/* makes sockets past this filter */
		IF(SYS_io_uring_setup),
		REFUSE(ENOSYS),
		/* Landlock before ABI 3, Debian 12's, lets a file be emptied by its name */
		IF(SYS_truncate),
		REFUSE(EACCES),
#ifdef SYS_truncate64
		IF(SYS_truncate64),
		REFUSE(EACCES),
#endif
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_socket, 1, 0),
		ALLOW,
		LOAD(args[0]), /* its low half: all of these are little-endian */
		IF(AF_UNIX),
		ALLOW,
		REFUSE(EAFNOSUPPORT),
	};
	const struct sock_fprog program = { sizeof(lines) / sizeof(lines[0]), lines };
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

#else

static bool restrict_calls(void)
{
	return false;
}

#endif

unsigned hk_confine(bool runs_programs)
{
	unsigned confined = 0;
	/* both of the others need it */
	(void)prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	if (restrict_files(runs_programs)) {
		confined |= HK_CONFINED_FILES;
	}
	if (restrict_calls()) {
		confined |= HK_CONFINED_NETWORK;
	}
	return confined;
}
