/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "daemon/log.h"
#include "daemon/words.h"

#define S INT64_C(1000000000)

static void lose(struct hk_losses *losses, uint64_t frame, uint64_t n_frames)
{
	const struct hk_report report = {
		.kind = HK_REPORT_GAP,
		.rate_hz = 16000,
		.span = { .first_frame = frame, .n_frames = n_frames },
	};
	hk_losses_add(losses, &report);
}

/* What hk_losses_say writes to stderr, "" when it writes nothing. */
static const char *said(struct hk_losses *losses, int64_t now_ns)
{
	static char text[1024];
	int pipe_fds[2];
	assert_int_equal(pipe(pipe_fds), 0);
	const int stderr_fd = dup(STDERR_FILENO);
	dup2(pipe_fds[1], STDERR_FILENO);
	close(pipe_fds[1]);
	const bool something = hk_losses_say(losses, now_ns);
	dup2(stderr_fd, STDERR_FILENO);
	close(stderr_fd);
	const ssize_t n = read(pipe_fds[0], text, sizeof(text) - 1);
	close(pipe_fds[0]);
	assert_true(n >= 0);
	text[n] = '\0';
	assert_int_equal(something, n > 0);
	return text;
}

static void the_first_loss_is_said_at_once(void **state)
{
	(void)state;
	struct hk_losses losses = { 0 };
	assert_string_equal(said(&losses, 5 * S), "");
	lose(&losses, 64000, 8000);
	assert_string_equal(said(&losses, 5 * S),
		"hearkend: 0.500 s of audio were lost at frame 64000, continuing\n");
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
	assert_string_equal(said(&losses, 5 * S + HK_LOSS_PAUSE_NS),
		"hearkend: 2.000 s of audio were lost in 20 places, the last at frame 320000, continuing\n");
}

static void a_source_that_begins_anew_loses_nothing_by_it(void **state)
{
	(void)state;
	struct hk_losses losses = { 0 };
	lose(&losses, 16000, 0);
	assert_string_equal(said(&losses, 5 * S), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_loss_is_said_at_once),
		cmocka_unit_test(what_follows_is_summed_up),
		cmocka_unit_test(a_source_that_begins_anew_loses_nothing_by_it),
	};
	hk_log_setup(HK_LOG_WARNING, "");
	return cmocka_run_group_tests_name("words", tests, NULL, NULL);
}
