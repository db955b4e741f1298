/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/capture-shared/capture_message.h"
#include "daemon/log/log.h"
#include "daemon/log_messages.h"

#define S INT64_C(1000000000)

static void lose(struct hk_losses *losses, uint64_t frame, uint64_t n_frames)
{
	const struct hk_analysis_report report = {
		.kind = HK_ANALYSIS_REPORT_GAP,
		.rate_hz = 16000,
		.span = { .first_frame = frame, .n_frames = n_frames },
	};
	hk_losses_add(losses, &report);
}

static int stderr_fd, reading_fd;

/* From now on what is written to stderr is kept. */
static void begin_to_listen(void)
{
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	stderr_fd = dup(STDERR_FILENO);
	dup2(pipe_fds[1], STDERR_FILENO);
	close(pipe_fds[1]);
	reading_fd = pipe_fds[0];
}

/* What was written, "" when it was nothing. */
static const char *end_to_listen(void)
{
	static char text[1024];
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	const ssize_t n = read(reading_fd, text, sizeof(text) - 1);
	close(reading_fd);
	assert_true(n >= 0);
	text[n] = '\0';
	return text;
}

static const char *said(struct hk_losses *losses, int64_t now_ns)
{
	begin_to_listen();
	const bool something = hk_losses_say(losses, now_ns);
	const char *text = end_to_listen();
	assert_int_equal(something, text[0] != '\0');
	return text;
}

static const char *said_of(unsigned confined)
{
	const struct hk_capture_status status = { .confined = confined };
	begin_to_listen();
	hk_say_confinement(&status);
	return end_to_listen();
}

static void the_first_loss_is_said_at_once(void **state)
{
	(void)state;
	struct hk_losses losses = { 0 };
	assert_string_equal(said(&losses, 5 * S), "");
	lose(&losses, 64000, 8000);
	const char *text = said(&losses, 5 * S);
	assert_non_null(strstr(text, "0.500 s"));
	assert_non_null(strstr(text, "64000"));
	assert_string_equal(said(&losses, 500 * S), "");
}

static void what_follows_is_summed_up(void **state)
{
	(void)state;
	struct hk_losses losses = { 0 };
	lose(&losses, 0, 1600);
	assert_true(said(&losses, 5 * S)[0] != '\0');
	for (uint64_t i = 1; i <= 20; i++) {
		lose(&losses, i * 16000, 1600);
		assert_string_equal(said(&losses, 5 * S + (int64_t)i * S / 4), "");
	}
	assert_string_equal(said(&losses, 5 * S + HK_LOSS_PAUSE_NS - 1), "");
	const char *text = said(&losses, 5 * S + HK_LOSS_PAUSE_NS);
	assert_non_null(strstr(text, "2.000 s"));
	assert_non_null(strstr(text, " 20 "));
	assert_non_null(strstr(text, "320000"));
}

static void a_source_that_begins_anew_loses_nothing_by_it(void **state)
{
	(void)state;
	struct hk_losses losses = { 0 };
	lose(&losses, 16000, 0);
	assert_string_equal(said(&losses, 5 * S), "");
}

static void what_the_kernel_does_not_keep_the_helper_from_is_said(void **state)
{
	(void)state;
	hk_log_setup(HK_LOG_INFO, "");
	assert_string_equal(said_of(HK_CONFINED_FILES | HK_CONFINED_NETWORK), "");
	const char *text = said_of(HK_CONFINED_NETWORK);
	assert_non_null(strstr(text, "Landlock"));
	assert_null(strstr(text, "seccomp"));
	text = said_of(HK_CONFINED_FILES);
	assert_non_null(strstr(text, "seccomp"));
	assert_null(strstr(text, "Landlock"));
	hk_log_setup(HK_LOG_WARNING, "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_loss_is_said_at_once),
		cmocka_unit_test(what_follows_is_summed_up),
		cmocka_unit_test(a_source_that_begins_anew_loses_nothing_by_it),
		cmocka_unit_test(what_the_kernel_does_not_keep_the_helper_from_is_said),
	};
	hk_log_setup(HK_LOG_WARNING, "");
	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
