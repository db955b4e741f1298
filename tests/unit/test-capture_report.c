/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/capture-shared/capture_message.h"

static int fds[2];

static int open_pipe(void **state)
{
	(void)state;
	return pipe2(fds, O_NONBLOCK | O_CLOEXEC);
}

static int close_pipe(void **state)
{
	(void)state;
	close(fds[0]);
	close(fds[1]); /* EBADF where the test closed it */
	return 0;
}

static void test_reports_arrive_one_by_one_as_they_were_sent(void **state)
{
	const struct hk_capture_message opened = {
		.news = HK_CAPTURE_OPENED,
		.rate_hz = 44100,
		.n_channels = 2,
		.realtime = 1,
		.device = "ALSA: mic",
	};
	const struct hk_capture_message lost = {
		.news = HK_CAPTURE_LOST, .error = -ENODEV, .text = "away"
	};
	struct hk_capture_message report;
	(void)state;
	assert_int_equal(hk_capture_message_send(fds[1], &opened), 0);
	assert_int_equal(hk_capture_message_send(fds[1], &lost), 0);
	assert_int_equal(hk_capture_message_receive(fds[0], &report), 0);
	assert_memory_equal(&report, &opened, sizeof(report));
	assert_int_equal(hk_capture_message_receive(fds[0], &report), 0);
	assert_memory_equal(&report, &lost, sizeof(report));
	assert_int_equal(hk_capture_message_receive(fds[0], &report), -EAGAIN);
	close(fds[1]);
	assert_int_equal(hk_capture_message_receive(fds[0], &report), -EPIPE);
}

static void test_a_piece_of_a_report_is_refused(void **state)
{
	struct hk_capture_message report;
	(void)state;
	assert_int_equal(write(fds[1], "opened", 6), 6);
	assert_int_equal(hk_capture_message_receive(fds[0], &report), -EBADMSG);
}

static void test_unknown_news_are_refused(void **state)
{
	struct hk_capture_message report = { .news = HK_N_CAPTURE_NEWS };
	(void)state;
	assert_int_equal(hk_capture_message_send(fds[1], &report), 0);
	assert_int_equal(hk_capture_message_receive(fds[0], &report), -EBADMSG);
}

static void test_text_without_an_end_is_ended_and_control_characters_are_replaced(void **state)
{
	struct hk_capture_message report = { .news = HK_CAPTURE_LOST };
	(void)state;
	memset(report.text, 'x', sizeof(report.text));
	memset(report.device, '\n', sizeof(report.device));
	assert_int_equal(hk_capture_message_send(fds[1], &report), 0);
	assert_int_equal(hk_capture_message_receive(fds[0], &report), 0);
	assert_int_equal(strlen(report.text), sizeof(report.text) - 1);
	assert_int_equal(strspn(report.device, "?"), sizeof(report.device) - 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			test_reports_arrive_one_by_one_as_they_were_sent, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(
			test_a_piece_of_a_report_is_refused, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(
			test_unknown_news_are_refused, open_pipe, close_pipe),
		cmocka_unit_test_setup_teardown(
			test_text_without_an_end_is_ended_and_control_characters_are_replaced,
			open_pipe, close_pipe),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
