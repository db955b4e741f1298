/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/confine.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "daemon/capture-shared/capture_message.h"

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

/* Where something else than reading is left. The runtime folders of PulseAudio and PipeWire are not
 * among them: their clients write nothing there, the audio goes through memory that the server
 * passes. */
static const struct allowed_path {
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
#ifdef HK_COVERAGE_FOLDER
	/* the counts of which lines ran */
	{ HK_COVERAGE_FOLDER,
		LANDLOCK_ACCESS_FS_WRITE_FILE | FS_TRUNCATE | LANDLOCK_ACCESS_FS_MAKE_REG },
#endif
};

static void allow(int ruleset, const struct allowed_path *place, uint64_t known)
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

/* A system call that ends with an error instead. */
struct refusal {
	int call;
	uint32_t error;
};

static const struct refusal refusals[] = {
	/* would open sockets past this filter */
	{ SCMP_SYS(io_uring_setup), ENOSYS },
	/* Landlock before ABI 3 (Debian 12's) lets a file be truncated by its name */
	{ SCMP_SYS(truncate), EACCES },
	{ SCMP_SYS(truncate64), EACCES },
};

static bool add_rules(scmp_filter_ctx filter)
{
	for (size_t i = 0; i < sizeof(refusals) / sizeof(refusals[0]); i++) {
		if (seccomp_rule_add(
			    filter, SCMP_ACT_ERRNO(refusals[i].error), refusals[i].call, 0) < 0) {
			return false;
		}
	}
	/* the arguments of another ABI's system calls would not be checked */
	return seccomp_attr_set(filter, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_ERRNO(ENOSYS)) == 0 &&
		seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
			SCMP_A0_32(SCMP_CMP_NE, AF_UNIX, 0)) == 0;
}

static bool restrict_calls(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	const bool holds = filter && add_rules(filter) && seccomp_load(filter) == 0;
	seccomp_release(filter);
	return holds;
}

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
