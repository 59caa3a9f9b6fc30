// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "command.h"
#include "find.h"
#include "loader_stderr.h"

/* What the table refers to; only the names matter here. */
#define STUB(name)                          \
	enum rc name(int argc, char **argv) \
	{                                   \
		(void)argc;                 \
		(void)argv;                 \
		return RC_OK;               \
	}
STUB(cmd_device_connect)
STUB(cmd_device_disconnect)
STUB(cmd_device_list)
STUB(cmd_device_add_leg)
STUB(cmd_device_remove_leg)
STUB(cmd_device_replace)
STUB(cmd_device_drain)
STUB(cmd_device_wait)
STUB(cmd_metrics)
STUB(cmd_policy_load)
STUB(cmd_policy_swap)
STUB(cmd_policy_unload)
STUB(cmd_policy_dump)
STUB(cmd_policy_list)
STUB(cmd_policy_show)
STUB(cmd_policy_tune)
STUB(cmd_policy_log)
STUB(cmd_policy_features)
STUB(cmd_policy_new)
STUB(cmd_trace_faults)
STUB(cmd_trace_batches)
STUB(cmd_trace_rescues)
STUB(cmd_trace_waits)
STUB(cmd_trace_record)
STUB(cmd_evictors)
STUB(cmd_doctor)
STUB(cmd_top)
STUB(cmd_run)
STUB(cmd_status)
STUB(cmd_up)
STUB(cmd_down)

static int used;

static const struct command *find(char *first, char *second)
{
	char *argv[] = { first, second, NULL };

	used = 0;
	return find_command(&command_table, !first ? 0 : !second ? 1 : 2, argv, &used);
}

static void test_found(void **state)
{
	(void)state;
	assert_ptr_equal(find("status", NULL)->run, cmd_status);
	assert_int_equal(used, 1);
	assert_ptr_equal(find("status", "list")->run, cmd_status);
	assert_int_equal(used, 1);
	assert_ptr_equal(find("device", "list")->run, cmd_device_list);
	assert_int_equal(used, 2);
	assert_ptr_equal(find("policy", "list")->run, cmd_policy_list);
	assert_int_equal(used, 2);
	assert_string_equal(stderr_text(), "");
}

static void test_not_found(void **state)
{
	static const struct {
		char *first, *second;
		const char *says;
	} cases[] = {
		{ NULL, NULL, "no command given" },
		{ "policy", NULL, "no command given" },
		{ "statsu", NULL, "did you mean 'status'?" },
		{ "devcie", "list", "did you mean 'device'?" },
		{ "policy", "lod", "did you mean 'policy load'?" },
		{ "policy", "connect", "see 'mage help'" },
		{ "swap", "fifo", "did you mean 'policy swap'?" },
		{ "frobnicate", NULL, "see 'mage help'" },
		{ "--versoin", NULL, "unknown option; did you mean --version?" },
		{ "--json", "status", "options of a command follow it" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_null(find(cases[i].first, cases[i].second));
		assert_non_null(strstr(stderr_text(), cases[i].says));
	}
}

/* No command may be without a word of help. */
static void test_table(void **state)
{
	const struct command *commands = command_table.command;

	(void)state;
	for (size_t i = 0; i < command_table.nr; i++) {
		assert_non_null(commands[i].name);
		assert_non_null(commands[i].summary);
		assert_non_null(commands[i].synopsis);
		assert_non_null(commands[i].run);
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(commands[i].run, commands[j].run);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_found, stderr_setup, stderr_teardown),
		cmocka_unit_test_setup_teardown(test_not_found, stderr_setup, stderr_teardown),
		cmocka_unit_test(test_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
