// SPDX-License-Identifier: GPL-2.0-only
#include <stdbool.h>
#include <string.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "options.h"

#define ARGS_MAX 32

/* Parses a command line, words separated by single spaces. */
static int parse(const char *line, struct options *options, char *error, size_t error_len)
{
	static char copy[512];
	char *argv[ARGS_MAX + 1], *next = copy;
	int argc = 0;

	strncpy(copy, line, sizeof(copy) - 1);
	while (next && argc < ARGS_MAX)
		argv[argc++] = strsep(&next, " ");
	argv[argc] = NULL;
	return options_parse(options, argc, argv, error, error_len);
}

static void defaults(void **state)
{
	struct options options;
	char error[256];

	(void)state;
	assert_int_equal(parse("d --size 64M --secret-file s", &options, error, sizeof(error)), 0);
	assert_int_equal(options.action, OPTIONS_RUN);
	assert_null(options.listen);
	assert_int_equal(options.port, 7471);
	assert_int_equal(options.size, 64 << 20);
	assert_int_equal(options.max_client, 64 << 20);
	assert_int_equal(options.max_clients, 64);
	assert_int_equal(options.handshake_timeout, 10);
	assert_int_equal(options.max_unproven, 8);
	assert_int_equal(options.connect_rate, 16);
	assert_int_equal(options.grace, 300);
	assert_string_equal(options.secret_file, "s");
	assert_null(options.clients);
	assert_false(options.insecure_no_secret);
	assert_false(options.hugepages);
	assert_false(options.json);
	assert_null(options.stats_file);
	assert_int_equal(options.stats_interval, 0);
}

static void everything(void **state)
{
	struct options options;
	char error[256];

	(void)state;
	assert_int_equal(parse("d -s 1G -m 4K -n 3 -l ::1 -p 65535 --insecure-no-secret -H -t 2 "
			       "-o f -i 5 -j -u 64 -r 10000 -g 86400 -M m",
			       &options, error, sizeof(error)),
			 0);
	assert_string_equal(options.listen, "::1");
	assert_int_equal(options.port, 65535);
	assert_int_equal(options.size, 1 << 30);
	assert_int_equal(options.max_client, 4096);
	assert_int_equal(options.max_clients, 3);
	assert_int_equal(options.handshake_timeout, 2);
	assert_int_equal(options.max_unproven, 64);
	assert_int_equal(options.connect_rate, 10000);
	assert_int_equal(options.grace, 86400);
	assert_null(options.secret_file);
	assert_true(options.insecure_no_secret);
	assert_true(options.hugepages);
	assert_true(options.json);
	assert_string_equal(options.stats_file, "f");
	assert_string_equal(options.metrics_file, "m");
	assert_int_equal(options.stats_interval, 5);
}

static void help_and_version_need_nothing_else(void **state)
{
	struct options options;
	char error[256];

	(void)state;
	assert_int_equal(parse("d --help", &options, error, sizeof(error)), 0);
	assert_int_equal(options.action, OPTIONS_HELP);
	assert_int_equal(parse("d --version --nonsense", &options, error, sizeof(error)), 0);
	assert_int_equal(options.action, OPTIONS_VERSION);
}

static void says_what_is_wrong(void **state)
{
	static const struct {
		const char *line;
		const char *part; /* of the sentence */
	} cases[] = {
		{ "d", "--size is missing" },
		{ "d --size", "--size needs a value" },
		{ "d --size 0 --secret-file s", "must not be zero" },
		{ "d --size 5000 --secret-file s", "no multiple of 4096" },
		{ "d --size x --secret-file s", "\"x\" is not a size" },
		{ "d --size 99999999T --secret-file s", "is not a size" },
		{ "d --size 1M", "--secret-file is missing" },
		{ "d --size 1M --clients c --insecure-no-secret", "exclude each other" },
		{ "d --size 1M --secret-file s --insecure-no-secret", "exclude each other" },
		{ "d --size 1M --secret-file s --max-client 2M", "larger than --size" },
		{ "d --size 1M --secret-file s --keep --max-clients 2049", "of 2048 at most" },
		{ "d --size 1M --secret-file s --port 0", "not from 1 to 65535" },
		{ "d --size 1M --secret-file s --port 65536", "not from 1 to 65535" },
		{ "d --size 1M --secret-file s --port -1", "not a number" },
		{ "d --size 1M --secret-file s --port 99999999999999999999", "not a number" },
		{ "d --size 1M --secret-file s --max-clients 0", "not from 1" },
		{ "d --size 1M --secret-file s --max-clients ", "not a number" },
		{ "d --size 1M --secret-file s --stats-interval 5", "needs --stats" },
		{ "d --size 1M --secret-file s --max-unproven 65", "not from 1 to 64" },
		{ "d --size 1M --secret-file s --max-unproven 0", "not from 1 to 64" },
		{ "d --size 1M --secret-file s --connect-rate 0", "not from 1 to 10000" },
		{ "d --size 1M --secret-file s more", "unexpected argument \"more\"" },
		{ "d --nonsense", "unknown option --nonsense" },
		{ "d -z", "unknown option -z" },
		{ "d --json=yes", "--json=yes" },
	};
	struct options options;
	char error[256];

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		error[0] = '\0';
		assert_int_equal(parse(cases[i].line, &options, error, sizeof(error)), -1);
		if (!strstr(error, cases[i].part))
			fail_msg("%s: \"%s\" does not say \"%s\"", cases[i].line, error,
				 cases[i].part);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(defaults),
		cmocka_unit_test(everything),
		cmocka_unit_test(help_and_version_need_nothing_else),
		cmocka_unit_test(says_what_is_wrong),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
