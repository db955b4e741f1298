/* SPDX-License-Identifier: MIT */
#include "clients/cli/exit_codes.h"

#include <errno.h>

const struct hk_exit_row hk_client_exits[] = {
	{ HK_EXIT_OK, "done" },
	{ HK_EXIT_FAILURE, "operation failed; see the message" },
	{ HK_EXIT_USAGE, "unknown command, option or value on the command line" },
	{ HK_EXIT_DATA, "an input file is damaged, empty, too short or of the wrong kind" },
	{ HK_EXIT_NO_INPUT, "an input file is missing or cannot be read" },
	{ HK_EXIT_UNAVAILABLE, "no sound device, or no daemon to talk to" },
	{ HK_EXIT_INTERNAL, "out of memory, or an internal error" },
	{ HK_EXIT_IO, "reading or writing failed, for instance on a full disk" },
	{ HK_EXIT_PROTOCOL,
		"the socket belongs to a different program or an incompatible hearkend" },
	{ HK_EXIT_PERMISSION, "permission denied; allowed: root, or members of the group hearken" },
	{ HK_EXIT_CONFIG, "a model bundle or the configuration cannot be used" },
};

const size_t hk_n_client_exits = sizeof(hk_client_exits) / sizeof(hk_client_exits[0]);

enum hk_exit hk_exit_of_input(int error)
{
	switch (-error) {
	case 0:
		return HK_EXIT_OK;
	case ENOENT:
	case ENOTDIR:
	case EISDIR:
	case EACCES:
	case EPERM:
	case ELOOP:
	case ENAMETOOLONG:
		return HK_EXIT_NO_INPUT;
	case EBADMSG:
	case ENODATA:
	case EINVAL:
	case ECHRNG:
	case ERANGE:
	case EFBIG:
		return HK_EXIT_DATA;
	case EIO:
		return HK_EXIT_IO;
	case ENOMEM:
		return HK_EXIT_INTERNAL;
	default:
		return HK_EXIT_FAILURE;
	}
}

enum hk_exit hk_exit_of_output(int error)
{
	switch (-error) {
	case 0:
		return HK_EXIT_OK;
	case ENOMEM:
		return HK_EXIT_INTERNAL;
	case EINVAL: /* no name that could be written to */
		return HK_EXIT_USAGE;
	default:
		return HK_EXIT_IO;
	}
}
