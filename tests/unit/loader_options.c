// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/options.h"
#include "loader_stderr.h"

static const char *size, *interval;
static bool swapon_flag, watch;

static const struct option_spec specs[] = {
	{ "size", .value = &size },
	{ "swapon", .flag = &swapon_flag },
	{ "watch", .value = &interval, .flag = &watch },
	{ 0 },
};

static struct operands operands;

/* Up to seven words; getopt wants to exchange them, so they are copied. */
static enum rc parse(const char *const *words)
{
	static char copies[8][64];
	static char *argv[9];
	int argc = 1;

	memset(argv, 0, sizeof(argv));
	argv[0] = copies[0];
	size = interval = NULL;
	swapon_flag = watch = verbose = false;
	for (; words[argc - 1]; argc++) {
		snprintf(copies[argc], sizeof(copies[0]), "%s", words[argc - 1]);
		argv[argc] = copies[argc];
	}
	return options_parse("device connect", argc, argv, specs, &operands);
}

#define PARSE(...) parse((const char *const[]){ __VA_ARGS__, NULL })

static void test_values(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--size", "1G", "--swapon"), RC_OK);
	assert_string_equal(size, "1G");
	assert_true(swapon_flag);
	assert_int_equal(operands.nr, 0);

	assert_int_equal(PARSE("--size=2G"), RC_OK);
	assert_string_equal(size, "2G");
	assert_false(swapon_flag);

	assert_int_equal(PARSE("--size", "1G", "--size", "3G"), RC_OK);
	assert_string_equal(size, "3G");
}

static void test_optional_value(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--watch"), RC_OK);
	assert_true(watch);
	assert_null(interval);
	assert_int_equal(PARSE("--watch=5"), RC_OK);
	assert_true(watch);
	assert_string_equal(interval, "5");
}

static void test_operands(void **state)
{
	(void)state;
	assert_int_equal(PARSE("mage0", "--swapon"), RC_OK);
	assert_int_equal(operands_check("x", &operands, 1, 1, "it"), RC_OK);
	assert_true(swapon_flag);
	assert_int_equal(PARSE("--", "--swapon"), RC_OK);
	assert_int_equal(operands_check("x", &operands, 1, 1, "it"), RC_OK);
	assert_false(swapon_flag);

	assert_int_equal(PARSE("--swapon"), RC_OK);
	assert_int_equal(operands_check("x", &operands, 1, 1, "the name"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "the name is missing"));
	assert_int_equal(PARSE("a", "b"), RC_OK);
	assert_int_equal(operands_check("x", &operands, 1, 1, "it"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "mage: x: b: one argument too many"));
}

static void test_verbose(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--verbose"), RC_OK);
	assert_true(verbose);
	assert_int_equal(PARSE("-v"), RC_OK);
	assert_true(verbose);
	assert_int_equal(PARSE("--swapon"), RC_OK);
	assert_false(verbose);
}

static void test_mistakes(void **state)
{
	(void)state;
	assert_int_equal(PARSE("--sizee", "1G"), RC_USAGE);
	assert_string_equal(stderr_text(), "mage: device connect: --sizee: unknown option; "
					   "did you mean --size?\n");
	assert_int_equal(PARSE("--szie=1G"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "did you mean --size?"));
	assert_int_equal(PARSE("--colour"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "see 'mage device connect --help'"));
	assert_int_equal(PARSE("--size"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "--size: the option needs an argument"));
	assert_int_equal(PARSE("--swapon=1"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "the option takes no argument"));
	assert_int_equal(PARSE("--swapon", "-x"), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "unknown option -x"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_values, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_optional_value, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_operands, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_verbose, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_mistakes, stderr_setup, stderr_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
