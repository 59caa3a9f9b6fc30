// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "policies/find.h"
#include "loader_stderr.h"

static void test_bare_names(void **state)
{
	static const struct {
		const char *typed, *name;
	} good[] = {
		{ "fifo", "fifo" },
		{ "fifo.bpf.o", "fifo" },
		{ "policies/fifo.bpf.o", "fifo" },
		{ "policies/fifo", "fifo" },
		{ "my.policy", "my.policy" },
	};
	static const char *const bad[] = {
		"", "policies/", "./fifo.bpf.o", "/tmp/fifo.bpf.o", "policies/x/fifo.bpf.o", "a/b",
	};
	char name[32];

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		assert_true(policy_bare_name(good[i].typed, name, sizeof(name)));
		assert_string_equal(name, good[i].name);
	}
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(policy_bare_name(bad[i], name, sizeof(name)));
	assert_false(
		policy_bare_name("a-name-that-does-not-fit-into-the-buffer", name, sizeof(name)));
}

static char folder[] = "/tmp/mage-unit-XXXXXX";

static void make_file(const char *name)
{
	char path[PATH_MAX];
	FILE *file;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	file = fopen(path, "w");
	assert_non_null(file);
	fclose(file);
}

static void remove_file(const char *name)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	unlink(path);
}

static int make_folder(void **state)
{
	(void)state;
	if (!mkdtemp(folder))
		return -1;
	make_file("s3fifo.bpf.o");
	make_file("clock.bpf.o");
	make_file("README");
	stderr_capture();
	return 0;
}

static int remove_folder(void **state)
{
	(void)state;
	stderr_release();
	remove_file("s3fifo.bpf.o");
	remove_file("clock.bpf.o");
	remove_file("README");
	return rmdir(folder);
}

static void test_paths(void **state)
{
	char typed[PATH_MAX], path[PATH_MAX];

	(void)state;
	snprintf(typed, sizeof(typed), "%s/s3fifo.bpf.o", folder);
	assert_int_equal(policy_find("policy load", typed, path, sizeof(path)), RC_OK);
	assert_string_equal(path, typed);

	snprintf(typed, sizeof(typed), "%s/s3fif.bpf.o", folder);
	assert_int_equal(policy_find("policy load", typed, path, sizeof(path)), RC_NOT_FOUND);
	assert_string_equal(stderr_text(),
			    "mage: policy load: no policy 's3fif'; did you mean s3fifo?\n");

	snprintf(typed, sizeof(typed), "%s/nothing/s3fifo.bpf.o", folder);
	assert_int_equal(policy_find("policy load", typed, path, sizeof(path)), RC_NOT_FOUND);
	assert_non_null(strstr(stderr_text(), "no such file"));

	/* A folder is no policy. */
	assert_int_equal(policy_find("policy load", folder, path, sizeof(path)), RC_NOT_FOUND);
	assert_int_equal(policy_find("policy load", "", path, sizeof(path)), RC_USAGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bare_names),
		cmocka_unit_test_setup_teardown(test_paths, make_folder, remove_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
