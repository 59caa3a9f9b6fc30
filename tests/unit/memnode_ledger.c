// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger.h"

#define MIB (UINT64_C(1) << 20)

static void counts(void **state)
{
	struct ledger ledger = {
		.size = 10 * MIB,
		.max_client = 8 * MIB,
		.granule = 4096,
		.max_clients = 2,
	};
	struct verdict verdict;
	uint64_t first, second, third;

	(void)state;
	assert_true(ledger_reserve(&ledger, 6 * MIB, &first, &verdict));
	assert_int_equal(first, 6 * MIB);
	assert_false(ledger_reserve(&ledger, 5 * MIB, &second, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_FULL);
	assert_string_equal(verdict.message, "5 MiB asked, 4 MiB free of 10 MiB");
	assert_true(ledger_reserve(&ledger, 4 * MIB, &second, &verdict));
	assert_int_equal(ledger.reserved, 10 * MIB);

	assert_false(ledger_reserve(&ledger, 4096, &third, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_TOO_MANY);

	ledger_release(&ledger, first);
	assert_int_equal(ledger.clients, 1);
	assert_int_equal(ledger.reserved, 4 * MIB);
	assert_int_equal(ledger.peak, 10 * MIB);
	assert_true(ledger_reserve(&ledger, 6 * MIB, &first, &verdict));
	ledger_release(&ledger, first);
	ledger_release(&ledger, second);
	assert_int_equal(ledger.reserved, 0);
	assert_int_equal(ledger.clients, 0);
}

static void refuses_what_will_never_fit(void **state)
{
	struct ledger ledger = {
		.size = 10 * MIB,
		.max_client = 8 * MIB,
		.granule = 4096,
		.max_clients = 2,
	};
	struct verdict verdict;
	uint64_t charge;

	(void)state;
	assert_false(ledger_reserve(&ledger, 9 * MIB, &charge, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_TOO_LARGE);
	assert_string_equal(verdict.message, "9 MiB asked, the node lends at most 8 MiB");
	assert_false(ledger_reserve(&ledger, UINT64_MAX - 4095, &charge, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_TOO_LARGE);
	assert_int_equal(ledger.clients, 0);
	assert_int_equal(ledger.reserved, 0);
}

static void rounds_up_to_huge_pages(void **state)
{
	struct ledger ledger = {
		.size = 3 * MIB,
		.max_client = 3 * MIB,
		.granule = 2 * MIB,
		.max_clients = 9,
	};
	struct verdict verdict;
	uint64_t charge;

	(void)state;
	assert_true(ledger_reserve(&ledger, 4096, &charge, &verdict));
	assert_int_equal(charge, 2 * MIB);
	/* One MiB is free, but no huge page. */
	assert_false(ledger_reserve(&ledger, 4096, &charge, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_FULL);
}

static void what_was_lent_stays_lent(void **state)
{
	struct ledger ledger = {
		.size = 4 * MIB,
		.max_client = 4 * MIB,
		.granule = 4096,
		.max_clients = 9,
	};
	struct verdict verdict;
	uint64_t charge;

	(void)state;
	/* The daemon before lent more than this one may. */
	ledger_restore(&ledger, 3 * MIB);
	ledger_restore(&ledger, 3 * MIB);
	assert_int_equal(ledger.clients, 2);
	assert_int_equal(ledger.peak, 6 * MIB);
	assert_int_equal(ledger_free(&ledger), 0);
	assert_false(ledger_reserve(&ledger, 4096, &charge, &verdict));
	assert_string_equal(verdict.message, "4 KiB asked, 0 bytes free of 4 MiB");
	ledger_release(&ledger, 3 * MIB);
	assert_int_equal(ledger_free(&ledger), MIB);
	assert_true(ledger_reserve(&ledger, MIB, &charge, &verdict));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(counts),
		cmocka_unit_test(refuses_what_will_never_fit),
		cmocka_unit_test(rounds_up_to_huge_pages),
		cmocka_unit_test(what_was_lent_stays_lent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
