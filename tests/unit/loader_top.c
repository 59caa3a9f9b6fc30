// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "domains/top_view.h"

#define NR 3

static struct sample_domain entries[2][NR];
static struct device devices[2];
static struct sample before, now;
static struct top_lines lines;

/* Two seconds; /b faults most, /c has most far memory, /a waits most. */
static int prepare(void **state)
{
	static char *const paths[NR] = { "/a", "/b", "/c" };
	static const uint64_t faults[NR] = { 20, 4000, 200 }, waits[NR] = { 8, 0, 2 };

	(void)state;
	memset(entries, 0, sizeof(entries));
	memset(devices, 0, sizeof(devices));
	for (int i = 0; i < NR; i++) {
		struct sample_domain *entry = &entries[1][i];

		entries[0][i].path = entry->path = paths[i];
		entries[0][i].domain.cgroup_id = entry->domain.cgroup_id = (uint64_t)i + 1;
		strcpy(entry->domain.policy, "clock");
		entry->domain.faults = faults[i];
		entry->domain.waits = waits[i];
		entry->domain.far = (uint64_t)i << 24;
	}
	strcpy(devices[1].name, "mage0");
	strcpy(devices[1].backend, "dram");
	strcpy(devices[1].state, "connected");
	devices[1].swap = true;
	devices[1].slots = 100;
	devices[1].slots_used = 25;
	devices[0].reads = 1000;
	devices[1].reads = 1500;
	before = (struct sample){
		.domains = entries[0], .nr_domains = NR, .devices = &devices[0], .nr_devices = 1
	};
	now = (struct sample){
		.domains = entries[1], .nr_domains = NR, .devices = &devices[1], .nr_devices = 1
	};
	now.steady.tv_sec = 2;
	return 0;
}

static int release(void **state)
{
	(void)state;
	top_lines_free(&lines);
	return 0;
}

static size_t sort_by(const char *name)
{
	size_t i = 0;

	while (strcmp(top_keys[i].name, name))
		i++;
	return i;
}

static void sorted(const char *key, const char *order)
{
	top_lines_free(&lines);
	assert_int_equal(top_view(&now, &before, "1", sort_by(key), 80, &lines), 0);
	for (size_t i = 0; i < NR; i++)
		assert_int_equal(lines.line[lines.header + 1 + i][1], order[i]);
}

static void test_sort(void **state)
{
	(void)state;
	sorted("faults", "bca");
	sorted("far", "cba");
	sorted("waits", "acb");
	sorted("name", "abc");
	/* Equal ones keep to their names. */
	sorted("local", "abc");
}

static void test_contents(void **state)
{
	(void)state;
	sorted("faults", "bca");
	assert_non_null(strstr(lines.line[0], "2.0 s; evictors on CPU 1; domains: 3"));
	assert_non_null(strstr(lines.line[1], "mage0   dram  connected"));
	assert_non_null(strstr(lines.line[1], " 25% used     250 in/s       0 out/s"));
	assert_non_null(strstr(lines.line[lines.header], "CGROUP"));
	assert_non_null(strstr(lines.line[lines.header + 1], "/b                clock"));
	assert_non_null(strstr(lines.line[lines.header + 1], " 2000 "));
}

static void test_legs(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		devices[i].nr_legs = 2;
		devices[i].degraded = true;
		strcpy(devices[i].backend, "set");
		devices[i].legs[0].number = 4;
		devices[i].legs[0].pages = 200;
		devices[i].legs[0].stale = 50;
		devices[i].legs[0].reads = i ? 1500 : 1000;
		strcpy(devices[i].legs[0].backend, "rdma");
		strcpy(devices[i].legs[0].state, "resync");
		strcpy(devices[i].legs[0].address, "10.0.0.1");
		devices[i].legs[0].port = 7471;
	}
	/* One that was not there before. */
	devices[1].legs[1].number = 5;
	devices[1].legs[1].writes = 40;
	sorted("faults", "bca");
	assert_non_null(strstr(lines.line[1], "mage0   set   degraded "));
	assert_string_equal(lines.line[2],
			    "  leg 4  rdma resync     75.0%     250 in/s       0 out/s"
			    "  10.0.0.1:7471");
	assert_non_null(strstr(lines.line[3], "  leg 5 "));
	assert_non_null(strstr(lines.line[3], "       0 in/s      20 out/s"));
	assert_int_equal(lines.header, 5);
}

static void test_policies(void **state)
{
	struct domain *d = &now.domains[1].domain;
	const char *row;

	(void)state;
	d->calls.callback[MAGE_CALLBACK_SELECT].calls = 20;
	d->calls.callback[MAGE_CALLBACK_PAGE_IN].calls = 2000;
	d->calls.callback[MAGE_CALLBACK_PAGE_IN].ns = 50000000;
	d->picks = 640;
	d->refused_full = 4;
	d->refused_gone = 6;
	sorted("faults", "bca");
	assert_non_null(strstr(lines.line[lines.header + NR + 2], "REFUSE/s"));
	row = lines.line[lines.header + NR + 3];
	assert_non_null(strstr(row, "/b                clock"));
	/* In two seconds. */
	assert_non_null(strstr(row, " 1010       320         5   2.50"));
	d->calls.callback[MAGE_CALLBACK_PAGE_IN].calls = 0;
	sorted("faults", "bca");
	assert_non_null(strstr(lines.line[lines.header + NR + 3], " 10       320 "));
	assert_int_equal(lines.nr, lines.header + 2 * NR + 3);
}

static void test_width(void **state)
{
	static const size_t widths[] = { 0, 1, 20, 80, 255, 1000 };

	(void)state;
	for (size_t i = 0; i < sizeof(widths) / sizeof(widths[0]); i++) {
		assert_int_equal(top_view(&now, &before, "1", 0, widths[i], &lines), 0);
		for (size_t j = 0; j < lines.nr; j++)
			assert_true(strlen(lines.line[j]) <= widths[i]);
		/* The whole table fits into 80 columns. */
		if (widths[i] == 80)
			assert_non_null(strstr(lines.line[lines.header], "RESC"));
		top_lines_free(&lines);
	}
}

static void test_nothing(void **state)
{
	(void)state;
	now.nr_domains = now.nr_devices = 0;
	assert_int_equal(top_view(&now, &before, "1", 0, 80, &lines), 0);
	assert_non_null(strstr(lines.line[lines.nr - 1], "No cgroup is governed"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sort, prepare, release),
		cmocka_unit_test_setup_teardown(test_contents, prepare, release),
		cmocka_unit_test_setup_teardown(test_legs, prepare, release),
		cmocka_unit_test_setup_teardown(test_policies, prepare, release),
		cmocka_unit_test_setup_teardown(test_width, prepare, release),
		cmocka_unit_test_setup_teardown(test_nothing, prepare, release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
