/* SPDX-License-Identifier: MIT */
/* The place in the source is no field of ours: messages are for the owner of the house. */
#define SD_JOURNAL_SUPPRESS_LOCATION
#include "daemon/log/log.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <syslog.h>
#include <systemd/sd-journal.h>
#include <unistd.h>

#include "core/base/utf8.h"

static struct {
	enum hk_log_level level;
	const char *instance;
	bool to_journal;
	char last_error[1024];
} logger = { .level = HK_LOG_INFO, .instance = "" };

static bool stderr_is_journal(void)
{
	const char *stream = getenv("JOURNAL_STREAM");
	uintmax_t device, inode;
	struct stat st;
	return stream && sscanf(stream, "%" SCNuMAX ":%" SCNuMAX, &device, &inode) == 2 &&
		fstat(STDERR_FILENO, &st) == 0 && st.st_dev == device && st.st_ino == inode;
}

void hk_log_setup(enum hk_log_level level, const char *instance)
{
	logger.level = level;
	logger.instance = instance;
	logger.to_journal = stderr_is_journal();
}

bool hk_log_to_journal(void)
{
	return logger.to_journal;
}

const char *hk_log_last_error(void)
{
	return logger.last_error;
}

void hk_log(enum hk_log_level level, const char *format, ...)
{
	static const int priorities[] = { LOG_ERR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
	if (level > logger.level) {
		return;
	}
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	hk_utf8_repair(text); /* journalctl shows "[blob data]" else */
	if (level == HK_LOG_ERR) {
		memcpy(logger.last_error, text, sizeof(text));
	}
	if (logger.to_journal) {
		sd_journal_send("MESSAGE=%s", text, "PRIORITY=%d", priorities[level],
			"HEARKEN_INSTANCE=%s", logger.instance, NULL);
	} else {
		fprintf(stderr, "hearkend: %s\n", text);
	}
}
