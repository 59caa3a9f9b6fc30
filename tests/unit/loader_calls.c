// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "policies/calls.h"

static char *text;
static size_t text_size;

static FILE *begin(void)
{
	FILE *out = open_memstream(&text, &text_size);

	assert_non_null(out);
	return out;
}

static void is(FILE *out, const char *want)
{
	fclose(out);
	assert_string_equal(text, want);
	free(text);
}

/* Lines stay lines, and nothing else reaches the terminal. */
static void test_said(void **state)
{
	FILE *out = begin();

	(void)state;
	said_text(out, "  ", "one\n\ntwo\033[2J\nno end", false);
	is(out, "  one\n  \n  two?[2J\n  no end\n");
	out = begin();
	said_text(out, "", "one\n", true);
	is(out, "one\n... (cut short: there was more, or it took too long)\n");
	out = begin();
	said_text(out, "", "", false);
	is(out, "");
}

static void test_said_all_of_it(void **state)
{
	char long_line[MAGE_DUMP_LEN], want[MAGE_DUMP_LEN + 1];
	FILE *out = begin();

	(void)state;
	memset(long_line, 'x', sizeof(long_line) - 1);
	long_line[sizeof(long_line) - 1] = 0;
	snprintf(want, sizeof(want), "%s\n", long_line);
	said_text(out, "", long_line, false);
	is(out, want);
}

static void test_calls(void **state)
{
	struct policy_calls calls = { 0 };
	FILE *out = begin();

	(void)state;
	calls_text(out, "", &calls);
	is(out, "");
	calls.callback[MAGE_CALLBACK_SELECT].calls = 12;
	calls.callback[MAGE_CALLBACK_DEPTH].calls = 13;
	calls.callback[MAGE_CALLBACK_DEPTH].errors = 1;
	out = begin();
	calls_text(out, " ", &calls);
	is(out, " CALLBACK          CALLS  ERRORS    TIME_ms\n"
		" depth                13       1          -\n"
		" select               12       0          -\n");
	calls.callback[MAGE_CALLBACK_SELECT].ns = 1540000;
	out = begin();
	calls_text(out, "", &calls);
	is(out, "CALLBACK          CALLS  ERRORS    TIME_ms\n"
		"depth                13       1        0.0\n"
		"select               12       0        1.5\n");
}

static void test_lists(void **state)
{
	struct policy_calls calls = { .nr_lists = 3, .list = { 0, 7, 9 } };
	FILE *out = begin();

	(void)state;
	lists_text(out, "lists ", &calls);
	is(out, "lists 1: 7, 2: 9 pages\n");
	calls.nr_lists = 1;
	out = begin();
	lists_text(out, "lists ", &calls);
	is(out, "");
}

static void test_json(void **state)
{
	struct policy_calls calls = { .nr_lists = 2, .list = { 5, 6 } };
	FILE *out = begin();
	struct json json;

	(void)state;
	calls.callback[MAGE_CALLBACK_TICK] = (struct mage_callback_stats){ 3, 1, 99 };
	json_start(&json, out);
	json_open_object(&json, NULL);
	calls_json(&json, &calls);
	json_close_object(&json);
	json_end(&json);
	is(out, "{\"calls\":[{\"callback\":\"tick\",\"calls\":3,\"errors\":1,\"ns\":99}],"
		"\"lists\":[5,6]}\n");
}

/* Those that there were none of are left out for people, but for the first. */
static void test_victims(void **state)
{
	static const struct domain domain = { .picks = 10, .evictions = 8, .refused_full = 2 };
	FILE *out = begin();

	(void)state;
	victims_text(out, &domain);
	is(out, "\nVICTIMS                PAGES  MEANING\n"
		"picks                     10  picked since the cgroup is governed\n"
		"evictions                  8  evicted\n"
		"refused_full               2  refused: the batch was full\n");
}

static void test_names(void **state)
{
	(void)state;
	assert_string_equal(callback_name(MAGE_CALLBACK_PAGE_IN), "page_in");
	assert_string_equal(callback_name(MAGE_CALLBACK_DUMP), "dump");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_said),  cmocka_unit_test(test_said_all_of_it),
		cmocka_unit_test(test_calls), cmocka_unit_test(test_lists),
		cmocka_unit_test(test_json),  cmocka_unit_test(test_victims),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
