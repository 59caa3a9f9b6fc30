// SPDX-License-Identifier: GPL-2.0-only
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "prometheus.h"

static char *text;
static size_t len;
static FILE *out;

static int open_text(void **state)
{
	(void)state;
	out = open_memstream(&text, &len);
	return out ? 0 : -1;
}

static int close_text(void **state)
{
	(void)state;
	free(text);
	return 0;
}

static void is(const char *wanted)
{
	fclose(out);
	assert_string_equal(text, wanted);
}

static void metrics(void **state)
{
	(void)state;
	prometheus_gauge(out, "a_bytes", "Bytes.");
	prometheus_sample(out, "a_bytes", 0, NULL);
	prometheus_counter(out, "b_total", "How many.");
	prometheus_sample(out, "b_total", UINT64_MAX, "key", "alpha", NULL);
	prometheus_sample(out, "b_total", 1, "key", "", "port", "1", NULL);
	is("# HELP a_bytes Bytes.\n# TYPE a_bytes gauge\na_bytes 0\n"
	   "# HELP b_total How many.\n# TYPE b_total counter\n"
	   "b_total{key=\"alpha\"} 18446744073709551615\n"
	   "b_total{key=\"\",port=\"1\"} 1\n");
}

/* Nothing that a label holds ends it, or its line. */
static void labels_are_escaped(void **state)
{
	(void)state;
	prometheus_sample(out, "a", 1, "b", "x\"y\\z\nw} 7", NULL);
	is("a{b=\"x\\\"y\\\\z\\nw} 7\"} 1\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(metrics, open_text, close_text),
		cmocka_unit_test_setup_teardown(labels_are_escaped, open_text, close_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
