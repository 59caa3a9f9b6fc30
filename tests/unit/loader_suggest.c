// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "base/suggest.h"

static const char *const policies[] = { "arc", "clock", "fifo", "lfu", "s3fifo", "sieve" };

static const char *near(const char *typed)
{
	return suggest(typed, policies, sizeof(policies) / sizeof(policies[0]));
}

static void test_distance(void **state)
{
	(void)state;
	assert_int_equal(typing_distance("", ""), 0);
	assert_int_equal(typing_distance("fifo", "fifo"), 0);
	assert_int_equal(typing_distance("fifo", "fif"), 1);
	assert_int_equal(typing_distance("fif", "fifo"), 1);
	assert_int_equal(typing_distance("fifo", "fiffo"), 1);
	assert_int_equal(typing_distance("fifo", "fufo"), 1);
	assert_int_equal(typing_distance("fifo", "ffio"), 1);
	assert_int_equal(typing_distance("ca", "abc"), 3);
	assert_int_equal(typing_distance("kitten", "sitting"), 3);
	assert_int_equal(typing_distance("abc", ""), 3);
	assert_int_equal(typing_distance("", "abc"), 3);
}

static void test_near(void **state)
{
	(void)state;
	assert_string_equal(near("s3fif"), "s3fifo");
	assert_string_equal(near("fifi"), "fifo");
	assert_string_equal(near("clokc"), "clock");
	assert_string_equal(near("seive"), "sieve");
	assert_string_equal(near("clo"), "clock");
	assert_string_equal(near("fifo"), "fifo");
}

static void test_far(void **state)
{
	(void)state;
	assert_null(near("redis"));
	assert_null(near("x"));
	assert_null(near(""));
	assert_null(near("completely-different"));
	assert_null(suggest("fifo", policies, 0));
}

/* Far longer than anything that is compared in full. */
static void test_long(void **state)
{
	char text[1000];
	const char *const candidates[] = { text };

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_int_equal(typing_distance(text, text), 0);
	assert_int_equal(typing_distance(text, "b"), 64);
	assert_string_equal(suggest(text, candidates, 1), text);
}

static void test_todo(void **state)
{
	static const char *const names[] = { "clock", "fifo" };
	char todo[24];

	(void)state;
	assert_true(did_you_mean(todo, sizeof(todo), "clokc", names, 2));
	assert_string_equal(todo, "did you mean clock?");
	assert_false(did_you_mean(todo, sizeof(todo), "something", names, 2));
	did_you_mean_or_list(todo, sizeof(todo), "it has", "fif", names, 2);
	assert_string_equal(todo, "did you mean fifo?");
	did_you_mean_or_list(todo, sizeof(todo), "it has", "something", names, 2);
	assert_string_equal(todo, "it has clock, fifo");
	/* No more than there is room for. */
	did_you_mean_or_list(todo, 12, "it has", "something", names, 2);
	assert_string_equal(todo, "it has cloc");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_distance), cmocka_unit_test(test_near),
		cmocka_unit_test(test_far),	 cmocka_unit_test(test_long),
		cmocka_unit_test(test_todo),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
