/* SPDX-License-Identifier: MIT */
#include "daemon/analysis/analysis_report.h"

#include <errno.h>
#include <stdalign.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define N_SLOTS 256u /* a power of two: the indices run freely */
#define N_WINDOW_SLOTS (N_SLOTS / 2)
#define N_PICTURE_SLOTS (N_SLOTS / 4)

struct hk_analysis_reports {
	int fd;
	struct hk_analysis_report slots[N_SLOTS];
	_Atomic uint64_t n_dropped[HK_N_REPORT_KINDS];
	alignas(64) _Atomic uint32_t head; /* the writer's */
	alignas(64) _Atomic uint32_t tail; /* the reader's */
};

int hk_analysis_reports_new(struct hk_analysis_reports **ret)
{
	struct hk_analysis_reports *reports =
		aligned_alloc(alignof(struct hk_analysis_reports), sizeof(*reports));
	if (!reports) {
		return -ENOMEM;
	}
	*reports = (struct hk_analysis_reports){ .fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK) };
	if (reports->fd < 0) {
		const int error = -errno;
		free(reports);
		return error;
	}
	*ret = reports;
	return 0;
}

void hk_analysis_reports_free(struct hk_analysis_reports *reports)
{
	if (!reports) {
		return;
	}
	close(reports->fd);
	free(reports);
}

static uint32_t room_of(enum hk_analysis_report_kind kind)
{
	switch (kind) {
	case HK_ANALYSIS_REPORT_PICTURE:
		return N_PICTURE_SLOTS;
	case HK_ANALYSIS_REPORT_WINDOW:
	case HK_ANALYSIS_REPORT_EVENT_SO_FAR:
		return N_WINDOW_SLOTS;
	default:
		return N_SLOTS;
	}
}

bool hk_analysis_reports_write(
	struct hk_analysis_reports *reports, const struct hk_analysis_report *report)
{
	const uint32_t head = atomic_load_explicit(&reports->head, memory_order_relaxed);
	const uint32_t tail = atomic_load_explicit(&reports->tail, memory_order_acquire);
	if (head - tail >= room_of(report->kind)) {
		return false;
	}
	reports->slots[head % N_SLOTS] = *report;
	atomic_store_explicit(&reports->head, head + 1, memory_order_release);
	/* Fails only when 2^64 - 1 wake-ups wait, and then the reader is awake. */
	eventfd_write(reports->fd, 1);
	return true;
}

void hk_analysis_reports_drop(
	struct hk_analysis_reports *reports, const struct hk_analysis_report *report)
{
	atomic_fetch_add_explicit(&reports->n_dropped[report->kind], 1, memory_order_relaxed);
}

int hk_analysis_reports_fd(const struct hk_analysis_reports *reports)
{
	return reports->fd;
}

static bool read_one(struct hk_analysis_reports *reports, struct hk_analysis_report *ret)
{
	const uint32_t tail = atomic_load_explicit(&reports->tail, memory_order_relaxed);
	const uint32_t head = atomic_load_explicit(&reports->head, memory_order_acquire);
	if (head == tail) {
		return false;
	}
	*ret = reports->slots[tail % N_SLOTS];
	atomic_store_explicit(&reports->tail, tail + 1, memory_order_release);
	return true;
}

bool hk_analysis_reports_read(struct hk_analysis_reports *reports, struct hk_analysis_report *ret)
{
	if (read_one(reports, ret)) {
		return true;
	}
	/* Quiet first, then look again: a report written in between has set it anew or is seen. */
	eventfd_t n;
	eventfd_read(reports->fd, &n);
	return read_one(reports, ret);
}

uint64_t hk_analysis_reports_dropped(
	const struct hk_analysis_reports *reports, enum hk_analysis_report_kind kind)
{
	return atomic_load_explicit(&reports->n_dropped[kind], memory_order_relaxed);
}
