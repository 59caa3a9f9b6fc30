// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "tracing/pages.h"

static struct trace_pages pages;
static struct trace trace;

static int release(void **state)
{
	(void)state;
	trace_pages_free(&pages);
	trace_free(&trace);
	return 0;
}

static void refer(uint64_t mm, uint64_t address)
{
	uint32_t number;

	assert_int_equal(trace_pages_number(&pages, mm, address, &number), 0);
	assert_int_equal(trace_add(&trace, number, false), 0);
}

static void sorted(const uint32_t *want, size_t nr)
{
	assert_int_equal(trace_pages_sort(&pages, &trace), 0);
	assert_int_equal(trace.nr, nr);
	for (size_t i = 0; i < nr; i++)
		assert_int_equal(trace.reference[i].page, want[i]);
	assert_int_equal(trace.pages, pages.nr);
}

/* Neighbours in memory are neighbours in the trace, whatever came first. */
static void test_order(void **state)
{
	static const uint32_t want[] = { 2, 0, 1, 2, 3 };

	(void)state;
	refer(1, 0x7f0000003000);
	refer(1, 0x7f0000001000);
	refer(1, 0x7f0000002000);
	refer(1, 0x7f0000003fff);
	refer(1, 0x7fff00000000);
	sorted(want, 5);
}

/* One space after the other, the one that came first first, whatever its number. */
static void test_spaces(void **state)
{
	static const uint32_t want[] = { 1, 2, 0, 3, 1 };

	(void)state;
	refer(900, 0x2000);
	refer(3, 0x1000);
	refer(900, 0x1000);
	refer(3, 0x2000);
	refer(900, 0x2008);
	sorted(want, 5);
}

static void test_none(void **state)
{
	(void)state;
	assert_int_equal(trace_pages_sort(&pages, &trace), 0);
	assert_int_equal(trace.pages, 0);
}

/* More pages than the table begins with, from the last to the first. */
static void test_many_pages(void **state)
{
	const uint32_t nr = 100000;

	(void)state;
	for (uint32_t i = 0; i < 2 * nr; i++)
		refer(7, (uint64_t)(nr - i % nr) << 12);
	assert_int_equal(pages.nr, nr);
	assert_int_equal(trace_pages_sort(&pages, &trace), 0);
	for (uint32_t i = 0; i < 2 * nr; i++)
		assert_int_equal(trace.reference[i].page, nr - 1 - i % nr);
}

/* The same with 2 pages each in many spaces, the second first, and all again. */
static void test_many_spaces(void **state)
{
	const uint32_t spaces = 50000, nr = 4 * spaces;

	(void)state;
	for (uint32_t i = 0; i < nr; i++)
		refer(i % spaces, i / spaces % 2 ? 0x1000 : 0x2000);
	assert_int_equal(pages.nr, 2 * spaces);
	assert_int_equal(trace_pages_sort(&pages, &trace), 0);
	for (uint32_t i = 0; i < nr; i++)
		assert_int_equal(trace.reference[i].page,
				 2 * (i % spaces) + (i / spaces % 2 ? 0 : 1));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(test_order, release),
		cmocka_unit_test_teardown(test_spaces, release),
		cmocka_unit_test_teardown(test_none, release),
		cmocka_unit_test_teardown(test_many_pages, release),
		cmocka_unit_test_teardown(test_many_spaces, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
