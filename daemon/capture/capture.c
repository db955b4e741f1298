/* SPDX-License-Identifier: MIT */
#include "daemon/capture/capture.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "daemon/capture-shared/capture_message.h"
#include "daemon/capture-shared/clock.h"
#include "daemon/capture/capture_internal.h"
#include "daemon/capture/capture_options_check.h"

#define FIRST_WORD_MS 1000

static uint64_t now_ns(void)
{
	return (uint64_t)hk_clock_ns();
}

/* ---- the helper's life ---- */

/* Last in every handler: the sink may do what it likes. */
static void tell(struct hk_capture *capture)
{
	const struct hk_liveness *liveness = &capture->liveness;
	/* The reason why a FIFO is lost changes when somebody changes it. That of a device changes
	 * at each attempt to open it. */
	const bool new_reason = capture->options.kind == HK_SOURCE_PIPE &&
		liveness->state == HK_SOURCE_LOST && strcmp(liveness->why, capture->told_why) != 0;
	if (liveness->state == capture->told && !new_reason) {
		return;
	}
	capture->told = liveness->state;
	snprintf(capture->told_why, sizeof(capture->told_why), "%s", liveness->why);
	struct hk_capture_status status;
	hk_capture_status(capture, &status);
	capture->sink.on_state(capture->sink.owner, &status);
}

/* How many frames had arrived when REPORT was written: frames that came after a loss, but before we
 * read of it, are the source's return. */
static uint64_t frames_before(
	const struct hk_capture *capture, const struct hk_capture_message *report)
{
	const uint64_t n_frames =
		atomic_load_explicit(&capture->channel.shared->n_frames, memory_order_relaxed);
	return report->n_frames < n_frames ? report->n_frames : n_frames;
}

static void take_report(struct hk_capture *capture, const struct hk_capture_message *report)
{
	switch ((enum hk_capture_news)report->news) {
	case HK_CAPTURE_OPENED:
		capture->opened = *report;
		hk_liveness_opened(&capture->liveness, now_ns());
		break;
	case HK_CAPTURE_LOST:
		hk_liveness_lost(
			&capture->liveness, report->text, frames_before(capture, report), now_ns());
		break;
	case HK_CAPTURE_IMPOSSIBLE:
	case HK_CAPTURE_ENDED:
		hk_liveness_ended(&capture->liveness, report->text, now_ns());
		break;
	case HK_CAPTURE_NOTE:
		if (capture->sink.on_note) {
			capture->sink.on_note(capture->sink.owner, report->text);
		}
		break;
	case HK_N_CAPTURE_NEWS:
		break;
	}
}

/* Take the reports that wait. Returns -EAGAIN when there are no more, -EPIPE, -EBADMSG, -errno. */
static int take_reports(struct hk_capture *capture)
{
	struct hk_capture_message report;
	int r;
	while ((r = hk_capture_message_receive(capture->helper.report_fd, &report)) == 0) {
		take_report(capture, &report);
	}
	return r;
}

/* Last in its handler, as tell. */
static void look_at_samples(struct hk_capture *capture)
{
	struct hk_intake_counts counts;
	hk_shared_audio_samples(&capture->channel, &counts);
	const unsigned news = hk_sample_notices_look(&capture->notices, &counts, now_ns());
	for (int i = 0; i < HK_N_SAMPLE_FAULTS && capture->sink.on_samples; i++) {
		if (news & 1U << i) {
			char text[HK_INTAKE_TEXT_SIZE];
			hk_sample_fault_text((enum hk_sample_fault)i, &counts, text);
			capture->sink.on_samples(capture->sink.owner, text);
		}
	}
}

static int on_report(sd_event_source *source, int fd, uint32_t revents, void *owner)
{
	struct hk_capture *capture = owner;
	(void)fd;
	(void)revents;
	if (take_reports(capture) != -EAGAIN) {
		/* The end of it, or nonsense: what happens next is for its exit or the frames to
		 * tell. */
		sd_event_source_set_enabled(source, SD_EVENT_OFF);
	}
	look_at_samples(capture); /* a short stream may end before the first tick */
	tell(capture);
	return 0;
}

static void forget_helper(struct hk_capture *capture)
{
	capture->report_source = sd_event_source_disable_unref(capture->report_source);
	capture->child_source = sd_event_source_disable_unref(capture->child_source);
}

static int on_exit_of_helper(sd_event_source *source, const siginfo_t *info, void *owner)
{
	struct hk_capture *capture = owner;
	(void)source;
	take_reports(capture); /* its last words */
	char why[128];
	if (info->si_code == CLD_EXITED) {
		snprintf(why, sizeof(why), "the capture process ended with status %d",
			info->si_status);
	} else {
		snprintf(why, sizeof(why), "the capture process was ended by signal %d (%s)",
			info->si_status, strsignal(info->si_status));
	}
	hk_liveness_exited(&capture->liveness, why, now_ns());
	forget_helper(capture);
	close(capture->helper.report_fd);
	capture->helper = (struct hk_helper_process){ 0 }; /* sd-event reaps it */
	look_at_samples(capture);
	tell(capture);
	return 0;
}

/* Start a helper; its sources are added by watch. */
static int start(struct hk_capture *capture, struct hk_diag *diag)
{
	const struct hk_helper_process_setup setup = {
		.path = capture->helper_path,
		.channel_fd = capture->channel.fd,
		.keep_stdin = capture->options.kind == HK_SOURCE_PIPE &&
			strcmp(capture->options.device, "-") == 0,
		.keep_stderr = capture->options.verbose,
	};
	capture->channel.shared->options = capture->options;
	capture->channel.shared->daemon_pid = getpid();
	const int r = hk_helper_process_start(&capture->helper, &setup, diag);
	if (r < 0) {
		return r;
	}
	capture->n_starts++;
	hk_liveness_started(&capture->liveness, now_ns());
	return 0;
}

static int watch(struct hk_capture *capture)
{
	int r = sd_event_add_child(capture->event, &capture->child_source, capture->helper.pid,
		WEXITED, on_exit_of_helper, capture);
	if (r < 0) {
		return r;
	}
	return sd_event_add_io(capture->event, &capture->report_source, capture->helper.report_fd,
		POLLIN, on_report, capture);
}

static void restart(struct hk_capture *capture)
{
	struct hk_diag diag = { 0 };
	int r = start(capture, &diag);
	if (r == 0) {
		r = watch(capture);
		if (r == 0) {
			return;
		}
		hk_diag_set(&diag, r, "cannot watch the capture process: %s", strerror(-r));
		forget_helper(capture);
		hk_helper_process_finish(&capture->helper);
	}
	hk_liveness_exited(&capture->liveness, diag.text, now_ns());
}

static void on_new_device(void *owner)
{
	struct hk_capture *capture = owner;
	hk_liveness_hurry(&capture->liveness, now_ns());
}

/* Last in its handler, as tell. */
static void look_for_clipping(struct hk_capture *capture)
{
	const struct hk_shared_audio_shared *shared = capture->channel.shared;
	const enum hk_clipping_change change = hk_clipping_look(&capture->clipping,
		atomic_load_explicit(&shared->n_frames, memory_order_relaxed),
		atomic_load_explicit(&shared->n_clipped, memory_order_relaxed), now_ns());
	if (change != HK_CLIPPING_SAME && capture->sink.on_clipping) {
		capture->sink.on_clipping(capture->sink.owner,
			change == HK_CLIPPING_BEGAN ? capture->clipping.share : 0.0);
	}
}

static void look(struct hk_capture *capture)
{
	const struct hk_shared_audio_shared *shared = capture->channel.shared;
	const uint32_t rate_hz = capture->opened.rate_hz;
	struct hk_intake_counts counts;
	hk_shared_audio_samples(&capture->channel, &counts);
	const struct hk_liveness_view view = {
		.now_ns = now_ns(),
		.n_frames = atomic_load_explicit(&shared->n_frames, memory_order_relaxed),
		.still_ns = rate_hz == 0 ? 0 : counts.n_still / rate_hz * UINT64_C(1000000000),
		.still = counts.still,
		.reader_late = capture->options.kind != HK_SOURCE_PORTAUDIO &&
			hk_ring_fill(&capture->channel.ring) > HK_SHARED_AUDIO_RING_BYTES / 2,
	};
	switch (hk_liveness_tick(&capture->liveness, &view)) {
	case HK_LIVENESS_START:
		restart(capture);
		break;
	case HK_LIVENESS_KILL:
		hk_helper_process_kill(&capture->helper);
		break;
	case HK_LIVENESS_NOTHING:
		break;
	}
}

static int on_tick(sd_event_source *source, uint64_t usec, void *owner)
{
	struct hk_capture *capture = owner;
	(void)usec;
	look(capture);
	sd_event_source_set_time_relative(
		source, hk_liveness_next_tick_ns(&capture->liveness) / 1000);
	sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
	look_for_clipping(capture);
	look_at_samples(capture);
	tell(capture);
	return 0;
}

/* ---- new and free ---- */

/* What can never work says so at once. */
static int wait_for_first_word(struct hk_capture *capture, struct hk_diag *diag)
{
	struct pollfd waiting = { .fd = capture->helper.report_fd, .events = POLLIN };
	poll(&waiting, 1, FIRST_WORD_MS);
	struct hk_capture_message report;
	if (hk_capture_message_receive(capture->helper.report_fd, &report) < 0) {
		return 0;
	}
	if (report.news == HK_CAPTURE_IMPOSSIBLE) {
		return hk_diag_set(diag, report.error < 0 ? report.error : -EIO, "%s", report.text);
	}
	take_report(capture, &report);
	return 0;
}

int hk_capture_new(struct hk_capture **ret, sd_event *event, const char *helper,
	const struct hk_capture_options *options, const struct hk_capture_sink *sink,
	struct hk_diag *diag)
{
	int r = hk_capture_options_check(options, diag);
	if (r < 0) {
		return r;
	}
	struct hk_capture *capture = aligned_alloc(alignof(struct hk_capture), sizeof(*capture));
	if (!capture) {
		return hk_diag_set(diag, -ENOMEM, "out of memory");
	}
	*capture = (struct hk_capture){
		.event = sd_event_ref(event),
		.helper_path = strdup(helper),
		.options = *options,
		.sink = *sink,
		.told = HK_SOURCE_STARTING,
	};
	hk_liveness_init(&capture->liveness, options->kind != HK_SOURCE_PORTAUDIO, now_ns());
	if (!capture->helper_path) {
		r = hk_diag_set(diag, -ENOMEM, "out of memory");
		goto fail;
	}
	r = hk_shared_audio_init(&capture->channel);
	if (r < 0) {
		hk_diag_set(
			diag, r, "cannot share memory with the capture process: %s", strerror(-r));
		goto fail;
	}
	r = start(capture, diag);
	if (r < 0) {
		goto fail;
	}
	if (options->kind != HK_SOURCE_PORTAUDIO) {
		r = wait_for_first_word(capture, diag);
		if (r < 0) {
			goto fail;
		}
	}
	r = watch(capture);
	if (r >= 0) {
		r = sd_event_add_time_relative(event, &capture->tick_source, CLOCK_MONOTONIC,
			HK_TICK_NS / 1000, HK_TICK_NS / 10000, on_tick, capture);
	}
	if (r >= 0 && options->kind == HK_SOURCE_PORTAUDIO) {
		r = hk_hotplug_new(&capture->hotplug, event, "/dev", on_new_device, capture);
	}
	if (r < 0) {
		hk_diag_set(diag, r, "cannot watch the capture process: %s", strerror(-r));
		goto fail;
	}
	*ret = capture;
	return 0;

fail:
	hk_capture_free(capture);
	return r;
}

void hk_capture_free(struct hk_capture *capture)
{
	if (!capture) {
		return;
	}
	hk_hotplug_free(capture->hotplug);
	sd_event_source_disable_unref(capture->tick_source);
	forget_helper(capture);
	hk_helper_process_finish(&capture->helper);
	hk_shared_audio_finish(&capture->channel);
	sd_event_unref(capture->event);
	free(capture->helper_path);
	free(capture);
}

void hk_capture_look(struct hk_capture *capture)
{
	look(capture);
	tell(capture);
}
