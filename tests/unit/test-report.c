/* SPDX-License-Identifier: MIT */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "daemon/analysis/analysis_report.h"

#define N_SENT 200000u

static struct hk_analysis_report gap(uint64_t number)
{
	return (struct hk_analysis_report){ .kind = HK_ANALYSIS_REPORT_GAP,
		.rate_hz = (uint32_t)number,
		.span = { .first_frame = number, .n_frames = ~number } };
}

static bool is_quiet(const struct hk_analysis_reports *reports)
{
	struct pollfd fd = { .fd = hk_analysis_reports_fd(reports), .events = POLLIN };
	return poll(&fd, 1, 0) == 0;
}

static void reports_come_in_order_and_wake_the_reader(void **state)
{
	(void)state;
	struct hk_analysis_reports *reports = NULL;
	struct hk_analysis_report report;
	assert_int_equal(hk_analysis_reports_new(&reports), 0);
	assert_true(is_quiet(reports));
	assert_false(hk_analysis_reports_read(reports, &report));
	for (uint64_t i = 0; i < 3; i++) {
		const struct hk_analysis_report sent = gap(i);
		assert_true(hk_analysis_reports_write(reports, &sent));
		assert_false(is_quiet(reports));
	}
	for (uint64_t i = 0; i < 3; i++) {
		assert_true(hk_analysis_reports_read(reports, &report));
		assert_int_equal(report.span.first_frame, i);
	}
	assert_false(hk_analysis_reports_read(reports, &report));
	assert_true(is_quiet(reports));
	hk_analysis_reports_free(reports);
}

static void pictures_leave_half_of_their_room_to_windows_and_those_to_events(void **state)
{
	(void)state;
	struct hk_analysis_reports *reports = NULL;
	assert_int_equal(hk_analysis_reports_new(&reports), 0);
	const struct hk_analysis_report window = { .kind = HK_ANALYSIS_REPORT_WINDOW };
	const struct hk_analysis_report start = { .kind = HK_ANALYSIS_REPORT_EVENT_START };
	const struct hk_analysis_report picture = { .kind = HK_ANALYSIS_REPORT_PICTURE };
	uint32_t n_pictures = 0, n_windows = 0, n_starts = 0;
	while (hk_analysis_reports_write(reports, &picture)) {
		n_pictures++;
	}
	while (hk_analysis_reports_write(reports, &window)) {
		n_windows++;
	}
	hk_analysis_reports_drop(reports, &window);
	while (hk_analysis_reports_write(reports, &start)) {
		n_starts++;
	}
	assert_true(n_starts > 0);
	assert_true(n_pictures > 0);
	assert_int_equal(n_pictures, n_windows);
	assert_int_equal(n_pictures + n_windows, n_starts);
	assert_int_equal(hk_analysis_reports_dropped(reports, HK_ANALYSIS_REPORT_WINDOW), 1);
	assert_int_equal(hk_analysis_reports_dropped(reports, HK_ANALYSIS_REPORT_EVENT_START), 0);

	struct hk_analysis_report report;
	uint32_t n_read = 0;
	while (hk_analysis_reports_read(reports, &report)) {
		n_read++;
	}
	assert_int_equal(n_read, n_pictures + n_windows + n_starts);
	hk_analysis_reports_free(reports);
}

static void *send_all(void *owner)
{
	struct hk_analysis_reports *reports = owner;
	for (uint64_t i = 1; i <= N_SENT; i++) {
		const struct hk_analysis_report report = gap(i);
		if (!hk_analysis_reports_write(reports, &report)) {
			hk_analysis_reports_drop(reports, &report);
		}
	}
	const struct hk_analysis_report end = { .kind = HK_ANALYSIS_REPORT_END };
	while (!hk_analysis_reports_write(reports, &end)) {}
	return NULL;
}

static void between_threads_every_report_arrives_whole_or_is_counted(void **state)
{
	(void)state;
	struct hk_analysis_reports *reports = NULL;
	assert_int_equal(hk_analysis_reports_new(&reports), 0);
	pthread_t thread;
	assert_int_equal(pthread_create(&thread, NULL, send_all, reports), 0);
	uint64_t n_got = 0, last = 0;
	for (bool end = false; !end;) {
		struct pollfd fd = { .fd = hk_analysis_reports_fd(reports), .events = POLLIN };
		assert_int_equal(poll(&fd, 1, 60000), 1);
		struct hk_analysis_report report;
		while (hk_analysis_reports_read(reports, &report)) {
			if (report.kind == HK_ANALYSIS_REPORT_END) {
				end = true;
				break;
			}
			n_got++;
			assert_true(report.span.first_frame > last);
			last = report.span.first_frame;
			assert_true(report.span.n_frames == ~last);
			assert_int_equal(report.rate_hz, (uint32_t)last);
		}
	}
	pthread_join(thread, NULL);
	assert_int_equal(
		n_got + hk_analysis_reports_dropped(reports, HK_ANALYSIS_REPORT_GAP), N_SENT);
	hk_analysis_reports_free(reports);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reports_come_in_order_and_wake_the_reader),
		cmocka_unit_test(pictures_leave_half_of_their_room_to_windows_and_those_to_events),
		cmocka_unit_test(between_threads_every_report_arrives_whole_or_is_counted),
	};
	return cmocka_run_group_tests_name("report", tests, NULL, NULL);
}
