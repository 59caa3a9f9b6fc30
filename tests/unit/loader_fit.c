// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "cgroups/tree.h"
#include "devices/fit.h"
#include "kernel/memory.h"
#include "kernel/state.h"

#define MIB (1ULL << 20)

/* The root, which has no limit; a cgroup with one; one below that; and one beside it. */
static struct fit_group groups[4];
static struct fit_question question;

static int prepare(void **state)
{
	(void)state;
	for (size_t i = 0; i < 4; i++)
		groups[i] = (struct fit_group){
			.parent = 0,
			.limit = NO_LIMIT,
			.swap_max = NO_LIMIT,
		};
	groups[0].parent = NO_PARENT;
	groups[2].parent = 1;
	groups[1].limit = 32 * MIB;
	groups[1].held = 30 * MIB;
	groups[1].swapped = groups[1].swap_current = 40 * MIB;
	groups[2].held = 10 * MIB;
	groups[2].swapped = groups[2].swap_current = 40 * MIB;
	question = (struct fit_question){
		.group = groups,
		.nr = 4,
		.coming = 40 * MIB,
		.available = 1024 * MIB,
		.total = 2048 * MIB,
	};
	return 0;
}

static struct fit_answer judge(void)
{
	struct fit_answer answer;

	assert_int_equal(fit_judge(&question, &answer), 0);
	return answer;
}

static void expect(enum fit_verdict verdict, uint64_t lacks)
{
	struct fit_answer answer = judge();

	assert_int_equal(answer.verdict, verdict);
	assert_int_equal(answer.lacks, lacks);
}

/* 70 MiB where 31 may be, as a thirty-second of the limit is taken for full. */
static void test_limit(void **state)
{
	(void)state;
	expect(FIT_NOT_IN_GROUP, 39 * MIB);
	assert_int_equal(judge().group, 1);
	question.elsewhere = 39 * MIB - 1;
	expect(FIT_NOT_IN_GROUP, 1);
	question.elsewhere = 39 * MIB;
	expect(FIT_YES, 0);
	question.elsewhere = 0;
	groups[1].limit = 73 * MIB;
	expect(FIT_YES, 0);
	groups[1].limit = NO_LIMIT;
	expect(FIT_YES, 0);
}

/* What was in other swap stays there: only what comes needs room. */
static void test_coming(void **state)
{
	(void)state;
	question.coming = 5 * MIB;
	expect(FIT_NOT_IN_GROUP, 5 * MIB);
	question.elsewhere = 5 * MIB;
	expect(FIT_YES, 0);
	question.coming = 0;
	question.elsewhere = 0;
	expect(FIT_YES, 0);
}

/* A limit below asks for as much as those above it, not for as much again. */
static void test_below(void **state)
{
	(void)state;
	groups[2].limit = 32 * MIB;
	/* 50 MiB where 31 may be. */
	groups[1].limit = NO_LIMIT;
	expect(FIT_NOT_IN_GROUP, 19 * MIB);
	assert_int_equal(judge().group, 2);
	groups[1].limit = 32 * MIB;
	expect(FIT_NOT_IN_GROUP, 39 * MIB);
	assert_int_equal(judge().group, 1);
	/* One beside it does ask for more, but no more than comes. */
	groups[3].limit = 32 * MIB;
	groups[3].held = 31 * MIB;
	groups[3].swapped = groups[3].swap_current = 10 * MIB;
	expect(FIT_NOT_IN_GROUP, 40 * MIB);
	question.coming = 50 * MIB;
	expect(FIT_NOT_IN_GROUP, 49 * MIB);
	question.elsewhere = 49 * MIB;
	expect(FIT_YES, 0);
}

/* Other swap is of no use to those who may not use it. */
static void test_swap_max(void **state)
{
	(void)state;
	question.elsewhere = 1024 * MIB;
	groups[1].swap_max = 40 * MIB;
	expect(FIT_YES, 0);
	groups[1].swap_max = 38 * MIB;
	expect(FIT_NOT_IN_GROUP, 2 * MIB);
	assert_int_equal(judge().group, 1);
	groups[1].swap_max = 0;
	expect(FIT_NOT_IN_GROUP, 39 * MIB);
}

static void test_memory(void **state)
{
	(void)state;
	groups[1].limit = NO_LIMIT;
	question.available = 72 * MIB;
	expect(FIT_YES, 0);
	/* 32 MiB are taken for full. */
	question.available = 71 * MIB;
	expect(FIT_NOT_IN_MEMORY, 1 * MIB);
	question.elsewhere = 1 * MIB;
	expect(FIT_YES, 0);
	question.elsewhere = 0;
	question.available = 0;
	expect(FIT_NOT_IN_MEMORY, 40 * MIB);
}

static FILE *from(const char *text)
{
	return fmemopen((void *)text, strlen(text), "r");
}

static void test_files(void **state)
{
	static struct swap_areas areas;
	struct memory memory;
	FILE *file;

	(void)state;
	file = from("Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"
		    "/dev/mage0                              partition\t131068\t\t17\t\t-2\n"
		    "/swap\\040file                            file\t\t1024\t\t0\t\t5\n");
	swap_areas_parse(file, &areas);
	fclose(file);
	assert_int_equal(areas.nr, 2);
	assert_string_equal(areas.area[0].path, "/dev/mage0");
	assert_int_equal(areas.area[0].size, 131068 << 10);
	assert_int_equal(areas.area[0].used, 17 << 10);
	assert_int_equal(areas.area[1].size, MIB);

	file = from("MemTotal:        2000 kB\nMemFree:          10 kB\n"
		    "MemAvailable:     50 kB\nSwapCached:        3 kB\n");
	memory_parse(file, &memory);
	fclose(file);
	assert_int_equal(memory.total, 2000 << 10);
	assert_int_equal(memory.available, 50 << 10);
	assert_int_equal(memory.swap_cached, 3 << 10);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_limit, prepare),
		cmocka_unit_test_setup(test_coming, prepare),
		cmocka_unit_test_setup(test_below, prepare),
		cmocka_unit_test_setup(test_swap_max, prepare),
		cmocka_unit_test_setup(test_memory, prepare),
		cmocka_unit_test(test_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
