// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "size.h"

static void parses(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} cases[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "1K", 1024 },
		{ "3m", 3 << 20 },
		{ "2G", UINT64_C(2) << 30 },
		{ "1T", UINT64_C(1) << 40 },
		{ "5MB", 5 << 20 },
		{ "5MiB", 5 << 20 },
		{ "18446744073709551615", UINT64_MAX },
		{ "16777215T", UINT64_C(16777215) << 40 },
	};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(size_parse(cases[i].text, &bytes), 0);
		assert_int_equal(bytes, cases[i].bytes);
	}
}

static void refuses(void **state)
{
	static const char *const cases[] = {
		"", " 1", "-1", "+1", "M", "1X", "1MM", "1Mi", "1MiBx", "1 M", "0x10", "1.5G", "1B",
	};
	uint64_t bytes = 7;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(size_parse(cases[i], &bytes), -EINVAL);
	assert_int_equal(size_parse("18446744073709551616", &bytes), -ERANGE);
	assert_int_equal(size_parse("16777216T", &bytes), -ERANGE);
	assert_int_equal(size_parse("99999999999999999999G", &bytes), -ERANGE);
	assert_int_equal(bytes, 7);
}

static void formats(void **state)
{
	char text[SIZE_TEXT_LEN];

	(void)state;
	assert_string_equal(size_format(0, text), "0 bytes");
	assert_string_equal(size_format(5000, text), "5000 bytes");
	assert_string_equal(size_format(4096, text), "4 KiB");
	assert_string_equal(size_format(12 << 20, text), "12 MiB");
	assert_string_equal(size_format(UINT64_C(3) << 30, text), "3 GiB");
	assert_string_equal(size_format(UINT64_MAX, text), "18446744073709551615 bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(parses),
		cmocka_unit_test(refuses),
		cmocka_unit_test(formats),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
