// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/json.h"

static char *text;
static size_t text_size;

static void start(struct json *json)
{
	free(text);
	text = NULL;
	json_start(json, open_memstream(&text, &text_size));
}

static void finish(struct json *json)
{
	json_end(json);
	fclose(json->out);
}

static void check_string(const char *raw, const char *expected)
{
	struct json json;

	start(&json);
	json_string(&json, NULL, raw);
	finish(&json);
	assert_string_equal(text, expected);
}

static void test_escapes(void **state)
{
	(void)state;
	check_string("", "\"\"\n");
	check_string("plain /path", "\"plain /path\"\n");
	check_string("a\"b\\c", "\"a\\\"b\\\\c\"\n");
	check_string("a\nb\tc", "\"a\\nb\\tc\"\n");
	check_string("\x01\x1f\x7f", "\"\\u0001\\u001f\\u007f\"\n");
	check_string(NULL, "null\n");
}

static void test_utf8(void **state)
{
	(void)state;
	check_string("gr\xc3\xb6\xc3\x9f"
		     "e",
		     "\"gr\xc3\xb6\xc3\x9f"
		     "e\"\n");
	check_string("\xe2\x82\xac \xf0\x9f\x98\x80", "\"\xe2\x82\xac \xf0\x9f\x98\x80\"\n");
	/* A lone continuation, a cut sequence, an overlong one, a surrogate, beyond the last. */
	check_string("\x80", "\"\\ufffd\"\n");
	check_string("a\xc3", "\"a\\ufffd\"\n");
	check_string("\xe2\x82", "\"\\ufffd\\ufffd\"\n");
	check_string("\xc0\xaf", "\"\\ufffd\\ufffd\"\n");
	check_string("\xed\xa0\x80", "\"\\ufffd\\ufffd\\ufffd\"\n");
	check_string("\xf4\x90\x80\x80", "\"\\ufffd\\ufffd\\ufffd\\ufffd\"\n");
	check_string("\xff"
		     "x",
		     "\"\\ufffdx\"\n");
}

static void test_structure(void **state)
{
	struct json json;

	(void)state;
	start(&json);
	json_open_object(&json, NULL);
	json_u64(&json, "n", UINT64_MAX);
	json_open_array(&json, "empty");
	json_close_array(&json);
	json_open_array(&json, "list");
	json_open_object(&json, NULL);
	json_bool(&json, "yes", true);
	json_close_object(&json);
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_null(&json, NULL);
	json_close_array(&json);
	json_string(&json, "k\"", "v");
	json_close_object(&json);
	finish(&json);
	assert_string_equal(text, "{\"n\":18446744073709551615,\"empty\":[],"
				  "\"list\":[{\"yes\":true},{},null],\"k\\\"\":\"v\"}\n");
}

static void test_doubles(void **state)
{
	struct json json;

	(void)state;
	start(&json);
	json_open_array(&json, NULL);
	json_double(&json, NULL, 1.5);
	json_double(&json, NULL, NAN);
	json_double(&json, NULL, INFINITY);
	json_double(&json, NULL, 0);
	json_close_array(&json);
	finish(&json);
	assert_string_equal(text, "[1.500,null,null,0.000]\n");
}

/* Two documents through one writer: each on its own line. */
static void test_lines(void **state)
{
	struct json json;

	(void)state;
	start(&json);
	json_open_object(&json, NULL);
	json_close_object(&json);
	json_end(&json);
	json_open_object(&json, NULL);
	json_close_object(&json);
	finish(&json);
	assert_string_equal(text, "{}\n{}\n");
}

static int free_text(void **state)
{
	(void)state;
	free(text);
	text = NULL;
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_escapes),	  cmocka_unit_test(test_utf8),
		cmocka_unit_test(test_structure), cmocka_unit_test(test_doubles),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}
