/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "clients/socket/metrics_merge.h"
#include "core/base/text_buffer.h"

#define KITCHEN                                                                                    \
	"# TYPE a counter\n# HELP a A.\na_total{instance=\"kitchen\"} 1\n"                         \
	"# TYPE b gauge\nb{instance=\"kitchen\",l=\"}\\\" {\"} 2.5e-3\n# EOF\n"
#define ATTIC                                                                                      \
	"# TYPE b gauge\nb{instance=\"attic\",l=\"x\"} 3\nb{instance=\"attic\",l=\"y\"} 4\n"       \
	"# TYPE c gauge\nc{instance=\"attic\"} NaN\n# EOF\n"

static void assert_prints(const struct hk_metrics_merge *merge, const char *expected)
{
	struct hk_text_buffer text;
	char *data;
	assert_int_equal(hk_text_buffer_begin(&text), 0);
	hk_metrics_merge_print(merge, text.file);
	assert_int_equal(hk_text_buffer_end(&text, &data, NULL), 0);
	assert_string_equal(data, expected);
	free(data);
}

static void families_come_once_with_the_samples_of_all(void **state)
{
	(void)state;
	struct hk_metrics_merge merge = { 0 };
	assert_int_equal(hk_metrics_merge_add(&merge, KITCHEN, NULL), 0);
	assert_prints(&merge, KITCHEN);
	assert_int_equal(hk_metrics_merge_add(&merge, ATTIC, NULL), 0);
	assert_prints(&merge,
		"# TYPE a counter\n# HELP a A.\na_total{instance=\"kitchen\"} 1\n"
		"# TYPE b gauge\nb{instance=\"kitchen\",l=\"}\\\" {\"} 2.5e-3\n"
		"b{instance=\"attic\",l=\"x\"} 3\nb{instance=\"attic\",l=\"y\"} 4\n"
		"# TYPE c gauge\nc{instance=\"attic\"} NaN\n# EOF\n");
	hk_metrics_merge_finish(&merge);
}

static void a_text_that_would_spoil_the_others_is_refused_with_its_reason(void **state)
{
	(void)state;
	static const struct {
		const char *text, *reason;
	} cases[] = {
		{ "", "# EOF is missing" },
		{ "# TYPE a counter\n", "# EOF is missing" },
		{ "# TYPE a counter\n# EOF", "without its end" },
		{ "# EOF\n# EOF\n", "behind # EOF" },
		{ "# TYPE a\n# EOF\n", "a name and a text" },
		{ "x{instance=\"x\"} 1\n# EOF\n", "without its # TYPE" },
		{ "# HELP d D.\nd{instance=\"x\"} 1\n# EOF\n", "without its # TYPE" },
		{ "# TYPE d gauge\ne{instance=\"x\"} 1\n# EOF\n", "without its # TYPE" },
		{ "# TYPE d gauge\nd 1\n# EOF\n", "label instance first" },
		{ "# TYPE d gauge\nd{l=\"1\",instance=\"x\"} 1\n# EOF\n", "label instance first" },
		{ "# TYPE d gauge\nd{instance=\"x} 1\n# EOF\n", "NAME{LABELS} VALUE" },
		{ "# TYPE d gauge\nd{instance=\"x\\\"} 1\n# EOF\n", "NAME{LABELS} VALUE" },
		{ "# TYPE d gauge\nd{instance=\"x\"} one\n# EOF\n", "NAME{LABELS} VALUE" },
		{ "# TYPE d gauge\nd{instance=\"x\"}\n# EOF\n", "NAME{LABELS} VALUE" },
		{ "# TYPE d gauge\nd{instance=\"x\"} 1\nd{instance=\"y\"} 1\n# EOF\n",
			"a second instance" },
		{ "# TYPE d gauge\n# TYPE e gauge\n# TYPE d gauge\n# EOF\n", "comes twice" },
		{ "# TYPE d gauge\n# TYPE d gauge\n# EOF\n", "a second type" },
		{ "# TYPE d gauge\nd{instance=\"x\"} 1\n# HELP d D.\n# EOF\n", "behind samples" },
		{ "# TYPE d gauge\nd{instance=\"kitchen\"} 1\n# EOF\n", "called \"kitchen\" too" },
		{ "# TYPE a gauge\na{instance=\"x\"} 1\n# EOF\n",
			"a is a gauge here and a counter of another instance" },
		{ "# HELP a A.\n# EOF\n", "without its # TYPE before" },
		{ "# HELP d D.\n# TYPE e gauge\n# EOF\n", "without its # TYPE before" },
		{ "\n# EOF\n", "without its # TYPE" },
	};
	struct hk_metrics_merge merge = { 0 };
	assert_int_equal(hk_metrics_merge_add(&merge, KITCHEN, NULL), 0);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct hk_diag diag = { "" };
		assert_int_equal(hk_metrics_merge_add(&merge, cases[i].text, &diag), -EPROTO);
		if (!strstr(diag.text, cases[i].reason)) {
			fail_msg("case %zu: \"%s\" does not name \"%s\"", i, diag.text,
				cases[i].reason);
		}
		assert_prints(&merge, KITCHEN);
	}
	hk_metrics_merge_finish(&merge);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(families_come_once_with_the_samples_of_all),
		cmocka_unit_test(a_text_that_would_spoil_the_others_is_refused_with_its_reason),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
