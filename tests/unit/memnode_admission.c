// SPDX-License-Identifier: GPL-2.0-only
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "admission.h"
#include "refusal.h"

#define PER_SOURCE 8
#define RATE 2

static struct admission admission;
static struct verdict verdict;

static int set_up(void **state)
{
	(void)state;
	admission = (struct admission){ .per_source = PER_SOURCE, .rate = RATE };
	verdict = (struct verdict){ .status = MAGE_WIRE_OK };
	return 0;
}

static struct source *source(unsigned int number)
{
	char address[ADDRESS_LEN];

	snprintf(address, sizeof(address), "192.0.2.%u", number);
	return admission_source(&admission, address, 100);
}

/* The source that had to give way; NULL for none.  It is left as a daemon does. */
static struct source *enter(struct source *from)
{
	struct source *displaced;

	assert_true(admission_enter(&admission, from, &displaced, &verdict));
	if (displaced)
		admission_leave(&admission, displaced, false);
	return displaced;
}

static void refused(struct source *from, enum refusal cause)
{
	struct source *displaced;

	assert_false(admission_enter(&admission, from, &displaced, &verdict));
	assert_int_equal(verdict.status, MAGE_WIRE_TOO_MANY);
	assert_int_equal(verdict.cause, cause);
	assert_int_not_equal(verdict.message[0], '\0');
	assert_null(displaced);
}

static void fill(unsigned int first, unsigned int nr, unsigned int each)
{
	for (unsigned int i = 0; i < nr; i++)
		for (unsigned int j = 0; j < each; j++)
			assert_null(enter(source(first + i)));
}

static void one_source_has_so_many(void **state)
{
	(void)state;
	fill(1, 1, PER_SOURCE);
	refused(source(1), REFUSAL_SOURCE_FULL);
	assert_null(enter(source(2)));
	admission_leave(&admission, source(1), false);
	assert_null(enter(source(1)));
	assert_int_equal(admission.unproven, PER_SOURCE + 1);
}

/* Whoever proves a key is no longer in the way, and neither are others from there. */
static void proving_gives_the_place_back(void **state)
{
	(void)state;
	fill(1, 1, PER_SOURCE);
	admission_leave(&admission, source(1), true);
	assert_true(source(1)->known);
	assert_int_equal(source(1)->unproven, PER_SOURCE - 1);
	assert_int_equal(admission.unproven, PER_SOURCE - 1);
	assert_null(enter(source(1)));
}

static void newcomer_displaces_one_of_the_largest(void **state)
{
	const unsigned int open = ADMISSION_UNPROVEN_MAX - ADMISSION_RESERVED;

	(void)state;
	fill(1, open / PER_SOURCE, PER_SOURCE);
	/* Not one of its own. */
	refused(source(1), REFUSAL_SOURCE_FULL);
	for (unsigned int i = 0; i < 6; i++) {
		struct source *newcomer = source(50), *displaced = enter(newcomer);

		assert_non_null(displaced);
		assert_ptr_not_equal(displaced, newcomer);
		assert_true(displaced->unproven >= newcomer->unproven);
		assert_int_equal(admission.unproven, open);
	}
	/* It has six by now, all others seven: one more would only turn that round. */
	refused(source(50), REFUSAL_UNPROVEN_FULL);
}

/* Who has one place is never displaced, however many come. */
static void the_only_one_stays(void **state)
{
	const unsigned int open = ADMISSION_UNPROVEN_MAX - ADMISSION_RESERVED;

	(void)state;
	fill(1, open, 1);
	refused(source(100), REFUSAL_UNPROVEN_FULL);
	for (unsigned int i = 1; i <= open; i++)
		assert_int_equal(source(i)->unproven, 1);
}

static void places_are_kept_for_known_sources(void **state)
{
	const unsigned int open = ADMISSION_UNPROVEN_MAX - ADMISSION_RESERVED;

	(void)state;
	assert_null(enter(source(200)));
	admission_leave(&admission, source(200), true);
	fill(1, open, 1);
	refused(source(100), REFUSAL_UNPROVEN_FULL);
	for (unsigned int i = 0; i < PER_SOURCE; i++)
		assert_null(enter(source(200)));
	assert_int_equal(admission.unproven, open + PER_SOURCE);
}

static void credit_comes_back_with_time(void **state)
{
	struct source *from = source(1);

	(void)state;
	for (unsigned int i = 0; i < RATE * ADMISSION_BURST_SECONDS; i++)
		assert_true(admission_take_credit(&admission, from, 100, &verdict));
	assert_false(admission_take_credit(&admission, from, 100, &verdict));
	assert_int_equal(verdict.cause, REFUSAL_TOO_FAST);
	/* Others are not asked to pay for it. */
	assert_true(admission_take_credit(&admission, source(2), 100, &verdict));

	for (unsigned int i = 0; i < RATE; i++)
		assert_true(admission_take_credit(&admission, from, 101, &verdict));
	assert_false(admission_take_credit(&admission, from, 101, &verdict));

	/* Never more than a burst, however long it was quiet. */
	for (unsigned int i = 0; i < RATE * ADMISSION_BURST_SECONDS; i++)
		assert_true(admission_take_credit(&admission, from, 1000000000, &verdict));
	assert_false(admission_take_credit(&admission, from, 1000000000, &verdict));
}

static void strangers_do_not_push_out_who_is_known_or_there(void **state)
{
	char address[ADDRESS_LEN];

	(void)state;
	assert_null(enter(source(1)));
	assert_null(enter(source(2)));
	admission_leave(&admission, source(2), true);
	source(2)->refused = 7;
	for (unsigned int i = 0; i < 3 * ADMISSION_SOURCES_MAX; i++) {
		snprintf(address, sizeof(address), "198.51.100.%u", i);
		admission_source(&admission, address, 200 + i);
	}
	assert_int_equal(source(1)->unproven, 1);
	assert_true(source(2)->known);
	assert_int_equal(source(2)->refused, 7);
}

static void every_cause_has_a_name(void **state)
{
	(void)state;
	for (unsigned int cause = 0; cause < REFUSAL_NR; cause++)
		if ((cause > MAGE_WIRE_OK && cause <= MAGE_WIRE_ELSEWHERE) || cause >= REFUSAL_OWN)
			assert_non_null(refusal_name(cause));
		else
			assert_null(refusal_name(cause));
	assert_null(refusal_name(REFUSAL_NR));
}

static void is_source(int family, const char *address, const char *wanted)
{
	struct sockaddr_storage storage = { .ss_family = (sa_family_t)family };
	char text[ADDRESS_LEN];

	if (family == AF_INET)
		inet_pton(family, address, &((struct sockaddr_in *)&storage)->sin_addr);
	else if (family == AF_INET6)
		inet_pton(family, address, &((struct sockaddr_in6 *)&storage)->sin6_addr);
	address_source((struct sockaddr *)&storage, text);
	assert_string_equal(text, wanted);
}

static void sources_of_addresses(void **state)
{
	(void)state;
	is_source(AF_INET, "192.0.2.7", "192.0.2.7");
	is_source(AF_INET6, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64");
	is_source(AF_INET6, "2001:db8:1:2:ffff:ffff:ffff:ffff", "2001:db8:1:2::/64");
	is_source(AF_INET6, "::ffff:192.0.2.7", "192.0.2.7");
	is_source(AF_UNIX, "", "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(one_source_has_so_many, set_up),
		cmocka_unit_test_setup(proving_gives_the_place_back, set_up),
		cmocka_unit_test_setup(newcomer_displaces_one_of_the_largest, set_up),
		cmocka_unit_test_setup(the_only_one_stays, set_up),
		cmocka_unit_test_setup(places_are_kept_for_known_sources, set_up),
		cmocka_unit_test_setup(credit_comes_back_with_time, set_up),
		cmocka_unit_test_setup(strangers_do_not_push_out_who_is_known_or_there, set_up),
		cmocka_unit_test(every_cause_has_a_name),
		cmocka_unit_test(sources_of_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
