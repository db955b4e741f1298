/* SPDX-License-Identifier: MIT */
#include "daemon/capture-helper/source.h"

#include <stdarg.h>
#include <stdio.h>

/* The daemon is gone when nobody reads: the kernel ends us then (PR_SET_PDEATHSIG). */
static void send(const struct hk_source *source, struct hk_capture_message *report)
{
	report->n_frames =
		atomic_load_explicit(&source->channel->shared->n_frames, memory_order_relaxed);
	(void)hk_capture_message_send(source->report_fd, report);
}

void hk_source_say(const struct hk_source *source, enum hk_capture_news news, int error,
	const char *format, ...)
{
	struct hk_capture_message report = { .news = news, .error = error };
	va_list args;
	va_start(args, format);
	vsnprintf(report.text, sizeof(report.text), format, args);
	va_end(args);
	send(source, &report);
}

void hk_source_say_opened(const struct hk_source *source, const char *name, uint32_t rate_hz,
	uint32_t n_channels, bool realtime)
{
	struct hk_capture_message report = {
		.news = HK_CAPTURE_OPENED,
		.rate_hz = rate_hz,
		.n_channels = n_channels,
		.realtime = realtime,
		.locked = source->locked,
		.confined = source->confined,
	};
	snprintf(report.device, sizeof(report.device), "%s", name);
	send(source, &report);
}
