// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tracing/file.h"

static char path[64];

static int make_file(void **state)
{
	int fd;

	(void)state;
	strcpy(path, "/tmp/trace-file-XXXXXX");
	fd = mkstemp(path);
	return fd < 0 ? -1 : close(fd);
}

static int remove_file(void **state)
{
	(void)state;
	unlink(path);
	return 0;
}

static void write_file(const void *bytes, size_t nr)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, nr, file), nr);
	assert_int_equal(fclose(file), 0);
}

/* The numbers as their definition in trace_file.h gives them, by hand. */
static void test_bytes(void **state)
{
	static const char bytes[] = "mage-trace 1 1000 4 by_hand\n"
				    "\x0c"	   /* 0 to 3: zigzag 6, read */
				    "\x07"	   /* 3 to 1: zigzag 3, written to */
				    "\x98\x1f" /* 1 to 999: zigzag 1996 + 0, times 2 */
				    "\x01";    /* 999 again, written to */
	static const struct trace_reference expected[] = {
		{ 3, false }, { 1, true }, { 999, false }, { 999, true }
	};
	struct trace trace = { 0 };
	char again[sizeof(bytes)];
	FILE *file;
	size_t i;

	(void)state;
	write_file(bytes, sizeof(bytes) - 1);
	assert_int_equal(trace_load(&trace, path), 0);
	assert_string_equal(trace.name, "by_hand");
	assert_int_equal(trace.pages, 1000);
	assert_int_equal(trace.nr, 4);
	for (i = 0; i < trace.nr; i++) {
		assert_int_equal(trace.reference[i].page, expected[i].page);
		assert_int_equal(trace.reference[i].write, expected[i].write);
	}

	assert_int_equal(trace_save(&trace, path), 0);
	file = fopen(path, "r");
	assert_non_null(file);
	assert_int_equal(fread(again, 1, sizeof(again), file), sizeof(bytes) - 1);
	fclose(file);
	assert_memory_equal(again, bytes, sizeof(bytes) - 1);
	trace_free(&trace);
}

static void test_round_trip(void **state)
{
	static const uint32_t pages[] = { 0, UINT32_MAX - 1, 0, 1, 63, 64, 8191, 0x80000000 };
	const size_t nr = 5000;
	struct trace trace = { .name = "round-trip" }, again;
	size_t i;

	(void)state;
	for (i = 0; i < nr; i++)
		assert_int_equal(trace_add(&trace, pages[i % 8], i % 3 == 0), 0);
	assert_int_equal(trace.pages, UINT32_MAX);
	assert_int_equal(trace_save(&trace, path), 0);
	assert_int_equal(trace_load(&again, path), 0);
	assert_string_equal(again.name, trace.name);
	assert_int_equal(again.pages, trace.pages);
	assert_int_equal(again.nr, nr);
	for (i = 0; i < nr; i++) {
		assert_int_equal(again.reference[i].page, pages[i % 8]);
		assert_int_equal(again.reference[i].write, i % 3 == 0);
	}
	trace_free(&trace);
	trace_free(&again);
	assert_null(again.reference);
}

static void test_empty(void **state)
{
	struct trace trace = { .name = "empty" }, again;

	(void)state;
	assert_int_equal(trace_save(&trace, path), 0);
	assert_int_equal(trace_load(&again, path), 0);
	assert_int_equal(again.nr, 0);
	trace_free(&again);
}

static void test_no_trace(void **state)
{
	static const struct {
		const char *bytes;
		size_t nr;
	} cases[] = {
#define CASE(text) { text, sizeof(text) - 1 }
		CASE(""),
		CASE("\n"),
		CASE("mage-trace 2 1 1 a\n\0"),
		CASE("mage-trace 1 1 1\n\0"),
		CASE("mage-trace 1 01 1 a\n\0"),
		CASE("mage-trace 1 -1 1 a\n\0"),
		CASE("mage-trace 1 1 1 a b\n\0"),
		CASE("mage-trace 1 1 1  a\n\0"),
		CASE("mage-trace 1 1 1 a"),
		/* cut off between numbers, and within one */
		CASE("mage-trace 1 1 2 a\n\0"),
		CASE("mage-trace 1 1 2 a\n\0\x80"),
		/* more than was announced */
		CASE("mage-trace 1 1 1 a\n\0\0"),
		/* page 1 of 1, page -1, a number without end */
		CASE("mage-trace 1 1 1 a\n\x04"),
		CASE("mage-trace 1 1 1 a\n\x02"),
		CASE("mage-trace 1 1 1 a\n\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\1"),
		/* a promise that no memory could hold */
		CASE("mage-trace 1 1 18446744073709551615 a\n\0"),
		CASE("mage-trace 1 1 1 "
		     "0123456789012345678901234567890123456789012345678901234567890123\n\0"),
#undef CASE
	};
	struct trace trace;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(cases[i].bytes, cases[i].nr);
		print_message("case %zu\n", i);
		assert_int_equal(trace_load(&trace, path), -EINVAL);
		assert_null(trace.reference);
		assert_int_equal(trace.nr, 0);
		assert_int_equal(trace.pages, 0);
	}
	assert_int_equal(trace_load(&trace, "/nowhere/at-all"), -ENOENT);
}

static void test_not_written(void **state)
{
	struct trace trace = { .name = "two words" };
	size_t i;

	(void)state;
	for (i = 0; i < 100000; i++)
		assert_int_equal(trace_add(&trace, (uint32_t)i * 77 % 4096, false), 0);
	assert_int_equal(trace_save(&trace, path), -EINVAL);
	trace.name[0] = '\0';
	assert_int_equal(trace_save(&trace, path), -EINVAL);
	assert_int_equal(access(path, F_OK), 0);
	strcpy(trace.name, "word");
	assert_int_equal(trace_save(&trace, "/dev/full"), -ENOSPC);
	assert_int_equal(access("/dev/full", F_OK), 0);
	assert_int_equal(trace_save(&trace, "/nowhere/at-all"), -ENOENT);
	assert_int_equal(trace_add(&trace, UINT32_MAX, false), -ERANGE);
	trace_free(&trace);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_bytes, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_round_trip, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_empty, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_no_trace, make_file, remove_file),
		cmocka_unit_test_setup_teardown(test_not_written, make_file, remove_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
