// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "base/parse.h"

#define PAGE 4096

static void test_sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "1", 1 },
		{ "4096", 4096 },
		{ "4096B", 4096 },
		{ "64KiB", 64 << 10 },
		{ "64k", 64 << 10 },
		{ "512M", 512 << 20 },
		{ "1G", 1 << 30 },
		{ "3gib", 3ULL << 30 },
		{ "2T", 2ULL << 40 },
		{ "16383P", 16383ULL << 50 },
		{ "18446744073709551615", UINT64_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		uint64_t bytes = 0;

		assert_int_equal(parse_size(good[i].text, &bytes), PARSE_OK);
		assert_int_equal(bytes, good[i].bytes);
	}
}

static void test_bad_sizes(void **state)
{
	static const struct {
		const char *text;
		enum parse_result result;
	} bad[] = {
		{ "", PARSE_NO_NUMBER },
		{ "G", PARSE_NO_NUMBER },
		{ "-1G", PARSE_NO_NUMBER },
		{ "+1G", PARSE_NO_NUMBER },
		{ " 1G", PARSE_NO_NUMBER },
		{ "1G ", PARSE_BAD_UNIT },
		{ "1 G", PARSE_BAD_UNIT },
		{ "1GB", PARSE_BAD_UNIT },
		{ "1Gi", PARSE_BAD_UNIT },
		{ "1X", PARSE_BAD_UNIT },
		{ "1.5G", PARSE_BAD_UNIT },
		{ "0x1000", PARSE_BAD_UNIT },
		{ "1G1", PARSE_BAD_UNIT },
		{ "0", PARSE_ZERO },
		{ "0G", PARSE_ZERO },
		{ "000", PARSE_ZERO },
		{ "18446744073709551616", PARSE_OVERFLOW },
		{ "99999999999999999999999", PARSE_OVERFLOW },
		{ "16384P", PARSE_OVERFLOW },
		{ "17179869184G", PARSE_OVERFLOW },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		uint64_t bytes = 77;

		assert_int_equal(parse_size(bad[i].text, &bytes), bad[i].result);
		assert_int_equal(bytes, 77);
	}
}

static void test_page_sizes(void **state)
{
	uint64_t bytes = 0;

	(void)state;
	assert_int_equal(parse_page_size("64K", PAGE, &bytes), PARSE_OK);
	assert_int_equal(bytes, 65536);
	assert_int_equal(parse_page_size("4097", PAGE, &bytes), PARSE_NOT_PAGES);
	assert_int_equal(parse_page_size("1K", PAGE, &bytes), PARSE_NOT_PAGES);
	assert_int_equal(parse_page_size("0", PAGE, &bytes), PARSE_ZERO);
	assert_int_equal(parse_page_size("1Q", PAGE, &bytes), PARSE_BAD_UNIT);
	assert_int_equal(bytes, 65536);
}

static void test_durations(void **state)
{
	uint64_t ns = 77;

	(void)state;
	assert_int_equal(parse_duration("700ns", &ns), PARSE_OK);
	assert_int_equal(ns, 700);
	assert_int_equal(parse_duration("20us", &ns), PARSE_OK);
	assert_int_equal(ns, 20000);
	assert_int_equal(parse_duration("5MS", &ns), PARSE_OK);
	assert_int_equal(ns, 5000000);
	assert_int_equal(parse_duration("1s", &ns), PARSE_OK);
	assert_int_equal(ns, 1000000000);
	assert_int_equal(parse_duration("0", &ns), PARSE_OK);
	assert_int_equal(ns, 0);
	assert_int_equal(parse_duration("20", &ns), PARSE_BAD_UNIT);
	assert_int_equal(parse_duration("20 us", &ns), PARSE_BAD_UNIT);
	assert_int_equal(parse_duration("20usx", &ns), PARSE_BAD_UNIT);
	assert_int_equal(parse_duration("us", &ns), PARSE_NO_NUMBER);
	assert_int_equal(parse_duration("-1us", &ns), PARSE_NO_NUMBER);
	assert_int_equal(parse_duration("18446744073710s", &ns), PARSE_OVERFLOW);
}

static void test_numbers(void **state)
{
	uint64_t number = 77;

	(void)state;
	assert_int_equal(parse_number("32767", 32767, &number), PARSE_OK);
	assert_int_equal(number, 32767);
	assert_int_equal(parse_number("32768", 32767, &number), PARSE_OVERFLOW);
	assert_int_equal(parse_number("1a", 32767, &number), PARSE_BAD_UNIT);
	assert_int_equal(parse_number("", 32767, &number), PARSE_NO_NUMBER);
	assert_int_equal(number, 32767);
}

static void test_seconds(void **state)
{
	double seconds = 0;

	(void)state;
	assert_int_equal(parse_seconds("2", &seconds), PARSE_OK);
	assert_true(seconds == 2);
	assert_int_equal(parse_seconds("0.5", &seconds), PARSE_OK);
	assert_true(seconds == 0.5);
	assert_int_equal(parse_seconds(".25", &seconds), PARSE_OK);
	assert_true(seconds == 0.25);
	assert_int_equal(parse_seconds("0", &seconds), PARSE_ZERO);
	assert_int_equal(parse_seconds("0.0001", &seconds), PARSE_ZERO);
	assert_int_equal(parse_seconds("1e3", &seconds), PARSE_BAD_UNIT);
	assert_int_equal(parse_seconds("1.2.3", &seconds), PARSE_BAD_UNIT);
	assert_int_equal(parse_seconds(".", &seconds), PARSE_NO_NUMBER);
	assert_int_equal(parse_seconds("nan", &seconds), PARSE_NO_NUMBER);
	assert_int_equal(parse_seconds("-1", &seconds), PARSE_NO_NUMBER);
	assert_int_equal(parse_seconds("86401", &seconds), PARSE_OVERFLOW);
}

static void test_devices(void **state)
{
	static const char *const bad[] = {
		"",    "mage",	   "/dev/mage", "mage-1",      "mage0p1",	 "mage00", "mage01",
		"sda", "/dev/sda", "dev/mage0", "/dev//mage0", "mage4294967296", "Mage0",  "mage0 ",
	};
	uint32_t index = 77;

	(void)state;
	assert_int_equal(parse_device("mage0", &index), PARSE_OK);
	assert_int_equal(index, 0);
	assert_int_equal(parse_device("/dev/mage12", &index), PARSE_OK);
	assert_int_equal(index, 12);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_not_equal(parse_device(bad[i], &index), PARSE_OK);
	assert_int_equal(index, 12);
}

static void check_address(const char *text, const char *expected_host, uint16_t expected_port)
{
	uint16_t port = 1;
	char host[32];

	assert_int_equal(parse_address(text, host, sizeof(host), &port), PARSE_OK);
	assert_string_equal(host, expected_host);
	assert_int_equal(port, expected_port);
}

static void test_addresses(void **state)
{
	char host[8];
	uint16_t port;

	(void)state;
	check_address("node1", "node1", 1);
	check_address("node1:7471", "node1", 7471);
	check_address("10.0.0.1:65535", "10.0.0.1", 65535);
	check_address("fe80::1", "fe80::1", 1);
	check_address("[fe80::1]", "fe80::1", 1);
	check_address("[fe80::1]:80", "fe80::1", 80);

	assert_int_equal(parse_address("", host, sizeof(host), &port), PARSE_NO_NUMBER);
	assert_int_equal(parse_address(":80", host, sizeof(host), &port), PARSE_NO_NUMBER);
	assert_int_equal(parse_address("[]:80", host, sizeof(host), &port), PARSE_NO_NUMBER);
	assert_int_equal(parse_address("[fe80::1", host, sizeof(host), &port), PARSE_BAD_UNIT);
	assert_int_equal(parse_address("[::1]80", host, sizeof(host), &port), PARSE_BAD_UNIT);
	assert_int_equal(parse_address("node:", host, sizeof(host), &port), PARSE_NO_NUMBER);
	assert_int_equal(parse_address("node:0", host, sizeof(host), &port), PARSE_ZERO);
	assert_int_equal(parse_address("node:65536", host, sizeof(host), &port), PARSE_OVERFLOW);
	assert_int_equal(parse_address("node:8x", host, sizeof(host), &port), PARSE_BAD_UNIT);
	assert_int_equal(parse_address("longhost", host, sizeof(host), &port), PARSE_OVERFLOW);
}

static void test_texts(void **state)
{
	(void)state;
	for (int result = PARSE_OK; result <= PARSE_NOT_PAGES; result++)
		assert_true(strlen(parse_result_text((enum parse_result)result)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_sizes),	   cmocka_unit_test(test_bad_sizes),
		cmocka_unit_test(test_page_sizes), cmocka_unit_test(test_durations),
		cmocka_unit_test(test_numbers),	   cmocka_unit_test(test_seconds),
		cmocka_unit_test(test_devices),	   cmocka_unit_test(test_addresses),
		cmocka_unit_test(test_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
