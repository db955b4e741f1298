/* SPDX-License-Identifier: MIT */
#include <fcntl.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>

#include "clients/cli/cli.h"
#include "core/base/file.h"

int main(int argc, char **argv)
{
	/* For reading: to write to it is an error, and is reported. */
	if (hk_keep_standard_descriptors(O_RDONLY) < 0) {
		return HK_EXIT_IO;
	}
	/* Numbers stay in the C locale; only the width of characters is the user's. */
	setlocale(LC_CTYPE, "");
	/* A closed pipe comes back as EPIPE, which ends a command in order: see hk_output_finish.
	 */
	signal(SIGPIPE, SIG_IGN);
	/* A file beyond `ulimit -f` comes back as EFBIG, which leaves nothing half written. */
	signal(SIGXFSZ, SIG_IGN);
	return hk_cli_run(argc, argv, stdout);
}
