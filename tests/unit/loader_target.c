// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "devices/target.h"
#include "loader_stderr.h"

static struct device devices[2];

static int prepare(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		devices[i] = (struct device){ .swap = true, .slots = 1024, .state = "connected" };
		snprintf(devices[i].name, sizeof(devices[i].name), "mage%d", i);
	}
	stderr_capture();
	return 0;
}

static void expect(size_t nr, const char *said)
{
	assert_int_equal(targets_check("run", NULL, devices, nr), RC_FAILED);
	assert_string_equal(stderr_text(), said);
}

static void test_one(void **state)
{
	(void)state;
	assert_int_equal(targets_check("run", NULL, devices, 1), RC_OK);
	devices[0].slots_used = 1024 - 64;
	assert_int_equal(device_target(&devices[0]), TARGET_FINE);
	devices[0].slots_used = 1024 - 63;
	assert_int_equal(device_target(&devices[0]), TARGET_FULL);
	/* As small as that, but not in use. */
	devices[0].slots = 32;
	devices[0].slots_used = 0;
	assert_int_equal(device_target(&devices[0]), TARGET_FINE);
	devices[0].swap = false;
	assert_int_equal(device_target(&devices[0]), TARGET_NO_SWAP);
	strcpy(devices[0].state, "failed");
	assert_int_equal(device_target(&devices[0]), TARGET_FAILED);
}

static void test_words(void **state)
{
	(void)state;
	expect(0, "mage: run: there is no far device to evict to; "
		  "make one with 'mage device connect --swapon', or add --force\n");
	devices[0].swap = false;
	expect(1, "mage: run: there is no far device to evict to: mage0 is not active as swap; "
		  "activate it with mkswap and swapon, or add --force\n");
	assert_int_equal(targets_check("run", NULL, devices, 2), RC_OK);
	devices[1].slots_used = 1024;
	expect(2, "mage: run: there is no far device to evict to: mage0 is not active as swap, "
		  "mage1 is full; connect another one, or add --force\n");
	strcpy(devices[1].state, "failed");
	assert_int_equal(targets_check("up", "app", devices, 2), RC_FAILED);
	assert_string_equal(stderr_text(),
			    "mage: up: app: there is no far device to evict to: mage0 is not "
			    "active as swap, mage1 has failed; see that its memory node runs, "
			    "disconnect it, and connect it again, or add --force\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one, prepare, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_words, prepare, stderr_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
