// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "devices/render.h"
#include "domains/status_json.h"
#include "domains/status_table.h"

#define MOUNT "/sys/fs/cgroup"
#define NAME "/demo"

static struct sample_domain entries[2][1];
static struct device device = {
	.name = "mage0",
	.backend = "rdma",
	.address = "fe80::1",
	.port = 7471,
	.state = "connected",
	.swap = true,
	.size = 1 << 30,
	.slots = 262143,
	.slots_used = 17,
};
static struct sample before = {
	.steady = { 100, 500000000 },
	.domains = entries[0],
	.nr_domains = 1,
};
static struct sample now = {
	.when = { 1700000000, 250000000 },
	.steady = { 102, 500000000 },
	.domains = entries[1],
	.nr_domains = 1,
	.devices = &device,
	.nr_devices = 1,
};
static char name[] = MOUNT NAME;
static char *text;
static size_t text_size;

static struct limit_notes limits = {
	.note = { {
		.effect = LIMIT_STOPS,
		.cgroup = (char *)"/sys/fs/cgroup/demo/x",
		.file = "memory.swap.max",
		.text = "nothing of it",
		.todo = "raise it",
	} },
	.nr = 1,
};

static int prepare(void **state)
{
	struct domain *a = &entries[0][0].domain, *b = &entries[1][0].domain;

	(void)state;
	memset(entries, 0, sizeof(entries));
	a->cgroup_id = 42;
	strcpy(a->policy, "fifo");
	a->local = 64 << 20;
	a->limit = 96 << 20;
	a->faults = 1000;
	a->evictions = 500;
	a->rescues = 10;
	a->waits = 4;
	a->latency.bucket[20] = 9;
	entries[0][0].path = name;
	entries[0][0].mount_len = strlen(MOUNT);
	entries[0][0].direct_reclaim = 5;
	entries[1][0] = entries[0][0];
	b->faults = 3000;
	b->evictions = 900;
	b->latency.bucket[20] = 11;
	b->far = 32 << 20;
	b->link_id = 7;
	entries[1][0].direct_reclaim = 8;
	entries[1][0].pin = PIN_LIVE;
	return 0;
}

static FILE *open_text(void)
{
	free(text);
	text = NULL;
	return open_memstream(&text, &text_size);
}

static void test_activity(void **state)
{
	struct activity activity;

	(void)state;
	assert_true(sample_seconds(&now, &before) == 2);
	activity = activity_since(&entries[1][0], sample_find(&before, 42), 2);
	assert_int_equal(activity.faults, 2000);
	assert_int_equal(activity.evictions, 400);
	assert_int_equal(activity.rescues, 0);
	assert_int_equal(activity.direct_reclaim, 3);
	assert_int_equal(histogram_count(&activity.latency), 2);

	/* Totals without an earlier sample. */
	activity = activity_since(&entries[1][0], sample_find(NULL, 42), 0);
	assert_int_equal(activity.faults, 3000);
	assert_int_equal(activity.direct_reclaim, 8);
	assert_null(sample_find(&before, 43));

	/* Made anew in between: counted from zero. */
	entries[1][0].domain.faults = 30;
	activity = activity_since(&entries[1][0], sample_find(&before, 42), 2);
	assert_int_equal(activity.faults, 30);
}

static void test_table(void **state)
{
	struct status_table table;
	FILE *out = open_text();
	unsigned int headers = 0;

	(void)state;
	status_table_start(&table, out, true);
	for (int i = 0; i < 41; i++)
		status_table_rows(&table, &now, &before);
	fclose(out);
	for (const char *p = text; (p = strstr(p, "CGROUP")); p++)
		headers++;
	assert_int_equal(headers, 3);
	assert_non_null(strstr(text, "FAULT/s"));
	/* 2000 faults and 400 evictions in two seconds. */
	assert_non_null(strstr(text, " 1000 "));
	assert_non_null(strstr(text, " 200 "));
	assert_non_null(strstr(text, NAME " "));
}

static void test_unknown_values(void **state)
{
	struct status_table table;
	FILE *out = open_text();

	(void)state;
	memset(&entries[1][0].domain.latency, 0, sizeof(struct histogram));
	entries[1][0].domain.limit = NO_LIMIT;
	entries[1][0].direct_reclaim = -1;
	entries[1][0].path = NULL;
	status_table_start(&table, out, false);
	status_table_rows(&table, &now, NULL);
	fclose(out);
	assert_non_null(strstr(text, "(gone)"));
	assert_non_null(strstr(text, " - "));
	assert_null(strstr(text, "17592186044416"));
}

static void test_json(void **state)
{
	FILE *out = open_text();

	(void)state;
	status_json(out, &now, &before);
	fclose(out);
	assert_int_equal(strcspn(text, "\n"), strlen(text) - 1);
	assert_non_null(strstr(text, "{\"time\":1700000000.250,\"interval_s\":2.000,"));
	assert_non_null(strstr(text, "\"cgroup\":\"" MOUNT NAME "\",\"cgroup_id\":42,"
				     "\"policy\":\"fifo\","
				     "\"builtin\":false,\"link_id\":7,\"pinned\":true,"
				     "\"last_exit\":null,\"limit_bytes\":100663296,"));
	assert_non_null(strstr(text, "\"faults\":3000,"));
	assert_non_null(strstr(text, "\"faults_per_s\":1000.000,"));
	assert_non_null(strstr(text, "\"direct_reclaim_pages\":8,"));
	assert_non_null(strstr(text, "\"latency_ns\":{\"count\":2,\"p50\":"));
	assert_non_null(strstr(text, "\"address\":\"fe80::1\",\"port\":7471,\"path\":null,"
				     "\"swap\":true,"));
}

static void test_json_totals(void **state)
{
	struct domain *domain = &entries[1][0].domain;
	FILE *out = open_text();

	(void)state;
	domain->limit = NO_LIMIT;
	domain->link_id = 0;
	domain->builtin = true;
	domain->exit_kind = MAGE_EXIT_DOUBLE_PICK;
	strcpy(domain->exit_policy, "bad");
	strcpy(domain->exit_message, "frame \"17\"");
	memset(&domain->latency, 0, sizeof(domain->latency));
	entries[1][0].path = NULL;
	entries[1][0].pin = PIN_UNKNOWN;
	status_json(out, &now, NULL);
	fclose(out);
	assert_non_null(strstr(text, "\"interval_s\":null,"));
	assert_non_null(strstr(text, "\"cgroup\":null,"));
	assert_non_null(strstr(text, "\"link_id\":null,\"pinned\":null,"));
	assert_non_null(strstr(text, "\"limit_bytes\":null,"));
	assert_non_null(strstr(text, "\"faults_per_s\":null,"));
	assert_non_null(strstr(text, "\"latency_ns\":{\"count\":0,\"p50\":null,"));
	assert_non_null(strstr(text, "\"last_exit\":{\"kind\":\"double-pick\","));
	assert_non_null(strstr(text, "\"policy\":\"bad\",\"message\":\"frame \\\"17\\\"\"}"));
	assert_non_null(strstr(text, "\"limits\":null}"));
}

static void test_limits(void **state)
{
	FILE *out = open_text();

	(void)state;
	entries[1][0].limits = &limits;
	status_json(out, &now, NULL);
	fclose(out);
	assert_non_null(strstr(text, "\"limits\":[{\"cgroup\":\"/sys/fs/cgroup/demo/x\","
				     "\"file\":\"memory.swap.max\",\"bytes\":0,"
				     "\"effect\":\"stops\",\"text\":\"nothing of it\","
				     "\"todo\":\"raise it\"}]}"));
	out = open_text();
	status_limits(out, &now);
	fclose(out);
	assert_string_equal(text, "/demo: nothing of it; raise it\n");
	/* Those that are just kept are for programs only. */
	limits.note[0].effect = LIMIT_KEPT;
	out = open_text();
	status_limits(out, &now);
	fclose(out);
	assert_string_equal(text, "");
}

static void test_exits(void **state)
{
	struct domain *domain = &entries[1][0].domain;
	FILE *out;

	(void)state;
	out = open_text();
	domain->exit_kind = MAGE_EXIT_REPLACED;
	status_exits(out, &now);
	fclose(out);
	assert_string_equal(text, "");

	out = open_text();
	domain->exit_kind = MAGE_EXIT_NO_PROGRESS;
	strcpy(domain->exit_policy, "lazy");
	status_exits(out, &now);
	fclose(out);
	assert_string_equal(text, NAME ": 'lazy' ejected: picked nothing while room was needed\n");

	/* A kernel newer than this tool. */
	assert_string_equal(exit_kind_name(1000), "unknown");
	assert_true(strlen(exit_kind_text(1000)) > 0);
}

static void test_policies(void **state)
{
	static const char *const names[] = { "builtin", "fifo" };
	FILE *out = open_text();

	(void)state;
	policies_table(out, &now, names, 2);
	fclose(out);
	assert_non_null(strstr(text, "PINNED"));
	assert_non_null(strstr(text, "\nAvailable: builtin, fifo\n"));
	assert_non_null(strstr(text, NAME " "));

	out = open_text();
	policies_json(out, &now, names, 2);
	fclose(out);
	assert_string_equal(text, "{\"domains\":[{\"cgroup\":\"" MOUNT NAME "\",\"cgroup_id\":42,"
				  "\"policy\":\"fifo\",\"builtin\":false,\"link_id\":7,"
				  "\"pinned\":true,\"last_exit\":null}],"
				  "\"available\":[\"builtin\",\"fifo\"]}\n");
}

static void test_devices(void **state)
{
	FILE *out = open_text();

	(void)state;
	devices_table(out, &device, 1);
	fclose(out);
	assert_non_null(strstr(text, "[fe80::1]:7471"));
	assert_non_null(strstr(text, "connected"));

	/* Of several legs: what they are, and which one is not as it should be. */
	assert_null(strstr(text, "LEG"));
	device.degraded = true;
	device.nr_legs = 2;
	device.legs[1].number = 1;
	strcpy(device.backend, "set");
	strcpy(device.legs[0].state, "in-sync");
	strcpy(device.legs[1].state, "suspended");
	strcpy(device.legs[1].reason, "no answer");
	out = open_text();
	devices_table(out, &device, 1);
	fclose(out);
	assert_non_null(strstr(text, "  mirror of 2\n"));
	assert_non_null(strstr(text, "DEVICE   LEG COL"));
	assert_non_null(strstr(text, "mage0 is degraded: leg 1 (-) has not answered for 0 s: no "
				     "answer; see that it can be reached"));
	out = open_text();
	devices_json_document(out, &device, 1);
	fclose(out);
	assert_non_null(strstr(text, "\"degraded\":true,"));
	assert_non_null(strstr(text, "\"legs\":[{\"number\":0,"));

	out = open_text();
	devices_table(out, NULL, 0);
	fclose(out);
	assert_non_null(strstr(text, "No far device"));

	out = open_text();
	devices_json_document(out, NULL, 0);
	fclose(out);
	assert_string_equal(text, "{\"devices\":[]}\n");
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
		cmocka_unit_test_setup(test_activity, prepare),
		cmocka_unit_test_setup(test_table, prepare),
		cmocka_unit_test_setup(test_unknown_values, prepare),
		cmocka_unit_test_setup(test_json, prepare),
		cmocka_unit_test_setup(test_limits, prepare),
		cmocka_unit_test_setup(test_json_totals, prepare),
		cmocka_unit_test_setup(test_exits, prepare),
		cmocka_unit_test_setup(test_policies, prepare),
		cmocka_unit_test_setup(test_devices, prepare),
	};

	return cmocka_run_group_tests(tests, NULL, free_text);
}
