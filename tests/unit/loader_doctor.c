// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "doctor/findings.h"

static struct findings findings;
static char *text;
static size_t size;

static int prepare(void **state)
{
	(void)state;
	memset(&findings, 0, sizeof(findings));
	finding_add(&findings, "kernel", "mage", VERDICT_OK, NULL, "Linux %s has Mage", "6.12");
	finding_add(&findings, "cores", "sharing", VERDICT_NOTE, "isolate them", "shared");
	return 0;
}

static const char *render(void (*how)(FILE *, const struct findings *))
{
	FILE *out;

	free(text);
	out = open_memstream(&text, &size);
	how(out, &findings);
	fclose(out);
	return text;
}

static void test_text(void **state)
{
	(void)state;
	assert_string_equal(render(findings_text),
			    "ok     kernel       mage           Linux 6.12 has Mage\n"
			    "note   cores        sharing        shared\n"
			    "                                   -> isolate them\n"
			    "\n1 ok, 1 to note, 0 wrong\n");
	assert_false(findings_wrong(&findings));
	finding_add(&findings, "device", "mage0", VERDICT_WRONG, "connect\nagain", "has\033failed");
	assert_true(findings_wrong(&findings));
	assert_non_null(strstr(render(findings_text), "has?failed\n"));
	assert_non_null(strstr(text, "-> connect?again\n"));
	assert_non_null(strstr(text, "1 wrong\n"));
}

static void test_json(void **state)
{
	(void)state;
	assert_string_equal(render(findings_json),
			    "{\"ok\":true,\"findings\":[{\"area\":\"kernel\",\"check\":\"mage\","
			    "\"verdict\":\"ok\",\"text\":\"Linux 6.12 has Mage\",\"todo\":null},"
			    "{\"area\":\"cores\",\"check\":\"sharing\",\"verdict\":\"note\","
			    "\"text\":\"shared\",\"todo\":\"isolate them\"}]}\n");
	finding_add(&findings, "device", "mage0", VERDICT_WRONG, NULL, "failed");
	assert_non_null(strstr(render(findings_json), "{\"ok\":false,"));
}

static void test_full(void **state)
{
	(void)state;
	for (int i = 0; i < 2 * MOST_FINDINGS; i++)
		finding_add(&findings, "domain", "policy", VERDICT_OK, NULL, "%d", i);
	assert_int_equal(findings.nr, MOST_FINDINGS);
}

static int free_text(void **state)
{
	(void)state;
	free(text);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_text, prepare),
		cmocka_unit_test_setup(test_json, prepare),
		cmocka_unit_test_setup(test_full, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}
