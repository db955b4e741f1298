/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/capture/sample_notice.h"

#define S UINT64_C(1000000000)

static void each_fault_is_reported_once_until_it_was_absent_for_long(void **state)
{
	struct hk_sample_notices notices = { 0 };
	struct hk_intake_counts counts = { 0 };
	char note[HK_SAMPLE_NOTE_SIZE];
	(void)state;
	assert_int_equal(hk_sample_notices_look(&notices, &counts, 1 * S), 0);
	hk_sample_notices_note(&notices, &counts, note);
	assert_string_equal(note, "");

	counts.n_not_numbers = 5;
	assert_int_equal(
		hk_sample_notices_look(&notices, &counts, 2 * S), 1U << HK_SAMPLES_NOT_NUMBERS);
	for (uint64_t t = 3; t < 5000; t += 300) { /* it goes on */
		counts.n_not_numbers++;
		assert_int_equal(hk_sample_notices_look(&notices, &counts, t * S), 0);
	}
	counts.n_off_scale = 1;
	counts.n_cancelled = 1;
	counts.alone = 2;
	assert_int_equal(hk_sample_notices_look(&notices, &counts, 5000 * S),
		1U << HK_SAMPLES_OFF_SCALE | 1U << HK_SAMPLES_CANCELLED);
	hk_sample_notices_note(&notices, &counts, note);
	assert_non_null(strstr(note, "NaN or infinite"));
	assert_non_null(strstr(note, "; samples reach"));
	assert_non_null(strstr(note, "channel 2 is used by itself"));

	assert_int_equal(hk_sample_notices_look(&notices, &counts, 9000 * S), 0);
	hk_sample_notices_note(&notices, &counts, note);
	assert_string_equal(note, "");
	counts.n_off_scale++;
	assert_int_equal(
		hk_sample_notices_look(&notices, &counts, 9001 * S), 1U << HK_SAMPLES_OFF_SCALE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_fault_is_reported_once_until_it_was_absent_for_long),
	};
	return cmocka_run_group_tests_name("sample_notice", tests, NULL, NULL);
}
