// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <string.h>

#include "domains/trial_rule.h"

static void test_read(void **state)
{
	static const struct {
		const char *text, *metric;
		bool less, relative;
		double bound;
	} cases[] = {
		{ "p99 > 2x", "p99", false, true, 2 },
		{ "p99>1.5x", "p99", false, true, 1.5 },
		{ " p50 < 500us", "p50", true, false, 500000 },
		{ "p999 > 2ms", "p999", false, false, 2000000 },
		{ "faults > 1000", "faults", false, false, 1000 },
		{ "waits > 0.5/s", "waits", false, false, 0.5 },
		{ "refaults<0", "refaults", true, false, 0 },
	};
	struct trial_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(trial_rule_read(cases[i].text, &rule));
		assert_string_equal(trial_metric_name(&rule), cases[i].metric);
		assert_int_equal(rule.less, cases[i].less);
		assert_int_equal(rule.relative, cases[i].relative);
		assert_true(rule.bound == cases[i].bound);
	}
}

static void test_bad(void **state)
{
	static const char *const bad[] = {
		"",	    "p99",	"p99 >",	"p99 = 2x",  "p98 > 2x",    "> 2x",
		"p99 > 5",  "p99 > x",	"p99 > 0x",	"p99 > -1x", "p99 > 2xx",   "p99 >> 2x",
		"faults >", "faults>z", "faults > 5us", "p > 2x",    "faults > 1m", "faults > 0x10",
		"p99 2x",   "p9 9>2x",	"p99 > nanx",	"waits > .", "waits > inf", "waits > 1 x",
	};
	struct trial_rule rule;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(trial_rule_read(bad[i], &rule));
}

static void test_metric(void **state)
{
	struct activity activity = { .seconds = 4, .faults = 1000, .waits = 2 };
	struct trial_rule rule;
	char text[32];

	(void)state;
	assert_true(trial_rule_read("faults > 1", &rule));
	assert_true(trial_metric(&rule, &activity) == 250);
	trial_metric_format(&rule, 250, text, sizeof(text));
	assert_string_equal(text, "250.0/s");
	assert_true(trial_rule_read("waits > 1", &rule));
	assert_true(trial_metric(&rule, &activity) == 0.5);
	activity.seconds = 0;
	assert_true(isnan(trial_metric(&rule, &activity)));

	/* A percentile needs faults. */
	assert_true(trial_rule_read("p99 > 1us", &rule));
	activity.latency.bucket[40] = TRIAL_LEAST_FAULTS - 1;
	assert_true(isnan(trial_metric(&rule, &activity)));
	activity.latency.bucket[40]++;
	assert_true(trial_metric(&rule, &activity) >= (double)mage_latency_floor(40));
	assert_true(trial_metric(&rule, &activity) <= (double)mage_latency_floor(41));
	trial_metric_format(&rule, 1500, text, sizeof(text));
	assert_string_equal(text, "1.5 us");
	trial_metric_format(&rule, NAN, text, sizeof(text));
	assert_string_equal(text, "-");
}

static void test_holds(void **state)
{
	struct trial_rule rule;

	(void)state;
	assert_true(trial_rule_read("p99 > 2x", &rule));
	assert_true(trial_rule_holds(&rule, 2001, 1000));
	assert_false(trial_rule_holds(&rule, 2000, 1000));
	assert_false(trial_rule_holds(&rule, NAN, 1000));
	assert_false(trial_rule_holds(&rule, 2000, NAN));
	assert_true(trial_rule_read("faults < 10", &rule));
	assert_true(trial_rule_holds(&rule, 9, NAN));
	assert_false(trial_rule_holds(&rule, 10, NAN));
	/* Nothing before, something now. */
	assert_true(trial_rule_read("waits > 2x", &rule));
	assert_true(trial_rule_holds(&rule, 0.1, 0));
	assert_false(trial_rule_holds(&rule, 0, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_metric),
		cmocka_unit_test(test_holds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
