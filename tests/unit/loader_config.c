// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "configuration/file.h"
#include "loader_stderr.h"

static struct config config;
static char *copy;

static enum rc parse_bytes(const char *text, size_t len)
{
	free(copy);
	free(config.sections);
	free(config.entries);
	memset(&config, 0, sizeof(config));
	/* As long as the text, for the address sanitizer to see what lies behind. */
	copy = malloc(len + 1);
	memcpy(copy, text, len);
	copy[len] = '\0';
	return config_parse("up", "mage.conf", copy, len, &config);
}

static enum rc parse(const char *text)
{
	return parse_bytes(text, strlen(text));
}

static int capture(void **state)
{
	(void)state;
	stderr_capture();
	return 0;
}

static int release(void **state)
{
	(void)state;
	stderr_release();
	free(copy);
	config.text = NULL;
	copy = NULL;
	config_free(&config);
	return 0;
}

static void assert_entry(size_t section, size_t nr, const char *key, const char *value,
			 unsigned int line)
{
	const struct config_entry *entry = &config.sections[section].entries[nr];

	assert_string_equal(entry->key, key);
	assert_string_equal(entry->value, value);
	assert_int_equal(entry->line, line);
}

static void test_sections(void **state)
{
	(void)state;
	assert_int_equal(parse("# what it is\n"
			       "[device]\n"
			       "size = 1G\n"
			       "\n"
			       "  backend=dram\t\r\n"
			       "; more\n"
			       "[ cgroup   web/my app ]\n"
			       "policy = clock # no comment\n"
			       "set = a=1\n"
			       "set = b = 2\n"
			       "[device]"),
			 RC_OK);
	assert_int_equal(config.nr, 3);
	assert_string_equal(config.sections[0].kind, "device");
	assert_string_equal(config.sections[0].name, "");
	assert_int_equal(config.sections[0].line, 2);
	assert_int_equal(config.sections[0].nr, 2);
	assert_entry(0, 0, "size", "1G", 3);
	assert_entry(0, 1, "backend", "dram", 5);
	assert_string_equal(config.sections[1].kind, "cgroup");
	assert_string_equal(config.sections[1].name, "web/my app");
	assert_int_equal(config.sections[1].nr, 3);
	assert_entry(1, 0, "policy", "clock # no comment", 8);
	assert_entry(1, 1, "set", "a=1", 9);
	assert_entry(1, 2, "set", "b = 2", 10);
	assert_int_equal(config.sections[2].line, 11);
	assert_int_equal(config.sections[2].nr, 0);
}

static void test_nothing(void **state)
{
	(void)state;
	assert_int_equal(parse(""), RC_OK);
	assert_int_equal(config.nr, 0);
	assert_int_equal(parse("\n\n# only\n"), RC_OK);
	assert_int_equal(config.nr, 0);
}

static void test_mistakes(void **state)
{
	static const struct {
		const char *text;
		const char *message;
	} cases[] = {
		{ "\nsize = 1G\n", "mage: up: mage.conf:2: size = 1G: stands before" },
		{ "[device\n", "mage: up: mage.conf:1: [device: the section does not end" },
		{ "[device] # x\n", "mage: up: mage.conf:1: " },
		{ "[device]\nsize 1G\n", "mage: up: mage.conf:2: size 1G: is neither" },
		{ "[device]\n\n= 1G\n", "mage: up: mage.conf:3: = 1G: is neither" },
		{ "[device]\nsize =  \n", "mage: up: mage.conf:2: size: has no value" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		stderr_release();
		stderr_capture();
		assert_int_equal(parse(cases[i].text), RC_USAGE);
		assert_non_null(strstr(stderr_text(), cases[i].message));
	}
	assert_int_equal(parse_bytes("[device]\0[x]\n", 13), RC_USAGE);
	assert_non_null(strstr(stderr_text(), "mage.conf: is no text file"));
}

/* Whatever the bytes: an answer, and nothing read or written outside of them. */
static void test_garbage(void **state)
{
	static const char letters[] = "[]= \t\r\n#;ab\x80";
	unsigned int seed = 1;
	char text[64];

	(void)state;
	for (int round = 0; round < 5000; round++) {
		size_t len = (size_t)rand_r(&seed) % sizeof(text);
		enum rc rc;

		for (size_t i = 0; i < len; i++)
			text[i] = letters[(size_t)rand_r(&seed) % (sizeof(letters) - 1)];
		rc = parse_bytes(text, len);
		assert_true(rc == RC_OK || rc == RC_USAGE);
		for (size_t i = 0; i < config.nr && !rc; i++) {
			assert_non_null(config.sections[i].kind);
			for (size_t j = 0; j < config.sections[i].nr; j++)
				assert_true(config.sections[i].entries[j].value[0]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sections, capture, release),
		cmocka_unit_test_setup_teardown(test_nothing, capture, release),
		cmocka_unit_test_setup_teardown(test_mistakes, capture, release),
		cmocka_unit_test_setup_teardown(test_garbage, capture, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
