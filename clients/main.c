/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

#include "clients/cli.h"

/*
 * A closed standard descriptor would be handed out again by the next open, and output would land in
 * an input file. Opened for reading, so that writing to it still fails and is told.
 */
static int keep_standard_descriptors(void)
{
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", O_RDONLY) != fd) {
			return -1;
		}
	}
	return 0;
}

int main(int argc, char **argv)
{
	if (keep_standard_descriptors() < 0) {
		return HK_EXIT_IO;
	}
	/* Numbers stay in the C locale; only the width of characters is the user's. */
	setlocale(LC_CTYPE, "");
	/* A closed pipe comes back as EPIPE, which ends a command in order: see hk_output_finish. */
	signal(SIGPIPE, SIG_IGN);
	/* A file beyond `ulimit -f` comes back as EFBIG, which leaves nothing half written. */
	signal(SIGXFSZ, SIG_IGN);
	return hk_cli_run(argc, argv, stdout);
}
