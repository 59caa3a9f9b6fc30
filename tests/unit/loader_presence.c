// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include <linux/mage.h>

#include "base/error.h"
#include "kernel/presence.h"
#include "loader_stderr.h"

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

static void test_version(void **state)
{
	(void)state;
	assert_int_equal(version_check("test", MAGE_GENL_VERSION), RC_OK);
	assert_int_equal(version_check("test", MAGE_GENL_VERSION + 1), RC_NO_MAGE);
	assert_non_null(strstr(stderr_text(), "install the package mage"));
	assert_int_equal(version_check("test", MAGE_GENL_VERSION - 1), RC_NO_MAGE);
	assert_non_null(strstr(stderr_text(), "boot the kernel"));
}

static void test_kept(void **state)
{
	struct error_line line;

	(void)state;
	error_kept = &line;
	assert_int_equal(version_check("test", MAGE_GENL_VERSION + 1), RC_NO_MAGE);
	error_kept = NULL;
	assert_string_equal(stderr_text(), "");
	assert_ptr_equal(strstr(line.text, "test: the kernel has version"), line.text);
	assert_string_equal(line.todo, "install the package mage that came with the kernel");
	report(RC_FAILED, "test", "file", NULL, "is full");
	assert_string_equal(stderr_text(), "mage: test: file: is full\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_switched_off),
		cmocka_unit_test_setup_teardown(test_version, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_kept, stderr_setup, stderr_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
