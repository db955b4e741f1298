/* SPDX-License-Identifier: MIT */
/*
 * log: what the daemon has to say about itself. Records with fields when stderr is the journal's,
 * lines on stderr otherwise. err: we stop or lose a function; warning: "..., continuing"; info:
 * start, reload, the source's state; debug: per window. Main thread only.
 */
#pragma once

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>

/* In the order of hk_log_level_words. */
enum hk_log_level { HK_LOG_ERR, HK_LOG_WARNING, HK_LOG_INFO, HK_LOG_DEBUG };

/* Say nothing beyond LEVEL. INSTANCE goes into every record and must stay. */
void hk_log_setup(enum hk_log_level level, const char *instance);

/* Is stderr a stream of the journal's ($JOURNAL_STREAM)? */
bool hk_log_to_journal(void);

/* The text of the last record of the level err, at most 1023 bytes; "": there was none. */
const char *hk_log_last_error(void);

void hk_log(enum hk_log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));
