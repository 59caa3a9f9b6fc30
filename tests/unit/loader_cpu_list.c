// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/cpu_list.h"

static struct cpu_list list, other;

static void test_good(void **state)
{
	static const struct {
		const char *typed, *written;
		unsigned int count;
	} cases[] = {
		{ "", "", 0 },
		{ "0", "0", 1 },
		{ "0-3", "0-3", 4 },
		{ "0,1,2,5", "0-2,5", 4 },
		{ "7,2-3,2", "2-3,7", 3 },
		{ "8191", "8191", 1 },
	};
	char text[64];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_true(cpu_list_parse(cases[i].typed, &list));
		assert_int_equal(cpu_list_count(&list), cases[i].count);
		cpu_list_format(&list, text, sizeof(text));
		assert_string_equal(text, cases[i].written);
	}
}

static void test_bad(void **state)
{
	static const char *const cases[] = {
		"a",
		",",
		"1,",
		"1,,2",
		"-1",
		"1-",
		"3-2",
		"1-2-",
		"8192",
		"1 ",
		"99999999999999999999",
		"1;2",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_false(cpu_list_parse(cases[i], &list));
}

static void test_sets(void **state)
{
	(void)state;
	cpu_list_parse("0-3", &list);
	cpu_list_parse("2-5", &other);
	assert_true(cpu_list_overlap(&list, &other));
	assert_int_equal(cpu_list_not_in(&list, &other), 0);
	assert_int_equal(cpu_list_not_in(&other, &list), 4);
	cpu_list_parse("1-2", &other);
	assert_int_equal(cpu_list_not_in(&other, &list), -1);
	cpu_list_parse("4", &other);
	assert_false(cpu_list_overlap(&list, &other));
}

static void test_short_buffer(void **state)
{
	char text[6];

	(void)state;
	cpu_list_parse("100,200,300", &list);
	cpu_list_format(&list, text, sizeof(text));
	assert_string_equal(text, "100,2");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_bad),
		cmocka_unit_test(test_sets),
		cmocka_unit_test(test_short_buffer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
