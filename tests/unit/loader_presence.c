// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "kernel/presence.h"

static void test_switched_off(void **state)
{
	(void)state;
	assert_true(switches_mage_off("mage=off"));
	assert_true(switches_mage_off("ro quiet mage=0 root=/dev/vda"));
	assert_true(switches_mage_off("mage=on mage=no"));
	assert_false(switches_mage_off("mage=off mage=on"));
	assert_false(switches_mage_off("image=off"));
	assert_false(switches_mage_off("mage= mage=1 x"));
	assert_false(switches_mage_off("damage.mage=off"));
	assert_false(switches_mage_off(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switched_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
