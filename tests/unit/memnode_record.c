// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "record.h"

#define MIB (UINT64_C(1) << 20)

static struct record good(void)
{
	struct record record = {
		.version = RECORD_VERSION,
		.length = sizeof(record),
		.size = MIB,
		.charge = 2 * MIB,
		.nr_queues = 4,
		.key_len = 32,
		.key = "alpha",
		.address = "192.0.2.1",
		.device = "rxe0",
	};

	memcpy(record.magic, RECORD_MAGIC, sizeof(record.magic));
	return record;
}

static void refused(const struct record *record, size_t len, uint64_t memory, const char *why)
{
	char error[256] = "";

	assert_false(record_check(record, len, memory, error, sizeof(error)));
	assert_non_null(strstr(error, why));
}

static void takes_a_session(void **state)
{
	struct record record = good();
	char error[256];

	(void)state;
	assert_true(record_check(&record, sizeof(record), 2 * MIB, error, sizeof(error)));
	/* With the secret that all share, or with none. */
	record.key[0] = 0;
	record.key_len = 0;
	assert_true(record_check(&record, sizeof(record), 2 * MIB, error, sizeof(error)));
}

static void another_version_is_none(void **state)
{
	struct record record = good();

	(void)state;
	refused(&record, sizeof(record) - 1, 2 * MIB, "another version");
	record.length++;
	refused(&record, sizeof(record), 2 * MIB, "another version");
	record = good();
	record.version++;
	refused(&record, sizeof(record), 2 * MIB, "another version of mage-memnoded (2, this");
}

static void something_else_is_none(void **state)
{
	struct record record = good();

	(void)state;
	refused(&record, 8, 2 * MIB, "no session");
	record.magic[0]++;
	refused(&record, sizeof(record), 2 * MIB, "no session");
	memset(&record, 0, sizeof(record));
	refused(&record, sizeof(record), 0, "no session");
}

static void memory_has_to_be_that_of_the_session(void **state)
{
	struct record record = good();

	(void)state;
	refused(&record, sizeof(record), MIB, "cannot have 1048576 bytes");
	refused(&record, sizeof(record), 3 * MIB, "cannot have");
	record.size = 2 * MIB + 4096;
	refused(&record, sizeof(record), 2 * MIB, "cannot have");
	record.size = 0;
	refused(&record, sizeof(record), 2 * MIB, "cannot have");
	record.size = 4097;
	refused(&record, sizeof(record), 2 * MIB, "cannot have");
}

static void numbers_and_names_are_looked_at(void **state)
{
	struct record record = good();

	(void)state;
	record.nr_queues = 0;
	refused(&record, sizeof(record), 2 * MIB, "out of range");
	record.nr_queues = MAGE_WIRE_QUEUES_MAX + 1;
	refused(&record, sizeof(record), 2 * MIB, "out of range");
	record = good();
	record.key_len = MAGE_WIRE_SECRET_MAX + 1;
	refused(&record, sizeof(record), 2 * MIB, "out of range");
	record = good();
	memset(record.key, 'k', sizeof(record.key));
	refused(&record, sizeof(record), 2 * MIB, "names");
	record = good();
	memcpy(record.key, "../a", 5);
	refused(&record, sizeof(record), 2 * MIB, "names");
	record = good();
	memset(record.address, '1', sizeof(record.address));
	refused(&record, sizeof(record), 2 * MIB, "names");
	record = good();
	memset(record.device, 'd', sizeof(record.device));
	refused(&record, sizeof(record), 2 * MIB, "names");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(takes_a_session),
		cmocka_unit_test(another_version_is_none),
		cmocka_unit_test(something_else_is_none),
		cmocka_unit_test(memory_has_to_be_that_of_the_session),
		cmocka_unit_test(numbers_and_names_are_looked_at),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
