// SPDX-License-Identifier: GPL-2.0-only
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "domains/metrics.h"

#define MOUNT "/sys/fs/cgroup"

static char plain[] = MOUNT "/demo";
static char strange[] = MOUNT "/a\"b\\c\nd\xff";
static struct sample_domain entries[2];
static struct device device = {
	.name = "mage0",
	.backend = "rdma",
	.address = "fe80::1",
	.state = "failed",
	.swap = true,
	.size = 1 << 30,
	.slots = 262143,
	.reads = 5,
	.degraded = true,
	.nr_legs = 2,
	.legs = { { .state = "in-sync", .backend = "rdma", .address = "10.0.0.1", .port = 7471 },
		  { .number = 3,
		    .column = 0,
		    .state = "failed",
		    .backend = "blk",
		    .path = "/dev/vda",
		    .stale = 17,
		    .pages = 20,
		    .copied = 4,
		    .mismatches = 1 } },
};
static struct sample sample = {
	.domains = entries,
	.nr_domains = 2,
	.devices = &device,
	.nr_devices = 1,
};
static char *text;

static int prepare(void **state)
{
	(void)state;
	memset(entries, 0, sizeof(entries));
	for (int i = 0; i < 2; i++) {
		entries[i].domain.cgroup_id = 42 + (uint64_t)i;
		strcpy(entries[i].domain.policy, "fifo");
		entries[i].domain.limit = NO_LIMIT;
		entries[i].path = i ? strange : plain;
		entries[i].mount_len = strlen(MOUNT);
		entries[i].direct_reclaim = i ? -1 : 3;
	}
	return 0;
}

static void write_all(void)
{
	size_t size;
	FILE *out;

	free(text);
	text = NULL;
	out = open_memstream(&text, &size);
	metrics_write(out, &sample, "0.1");
	fclose(out);
}

static void has(const char *line)
{
	char whole[512];

	snprintf(whole, sizeof(whole), "\n%s\n", line);
	if (!strstr(text, whole))
		fail_msg("%s is not in:\n%s", line, text);
}

static void test_values(void **state)
{
	(void)state;
	entries[0].domain.limit = 96 << 20;
	entries[0].domain.faults = 3000000000;
	entries[0].domain.wait_ns = 1500000000;
	entries[1].domain.builtin = true;
	write_all();
	has("mage_build_info{version=\"0.1\"} 1");
	has("# TYPE mage_domain_faults_total counter");
	has("mage_domain_faults_total{cgroup_id=\"42\",cgroup=\"/demo\"} 3000000000");
	has("mage_domain_wait_seconds_total{cgroup_id=\"42\",cgroup=\"/demo\"} 1.5");
	has("mage_domain_limit_bytes{cgroup_id=\"42\",cgroup=\"/demo\"} 100663296");
	has("mage_domain_info{cgroup_id=\"42\",cgroup=\"/demo\",policy=\"fifo\",builtin=\"false\"} 1");
	has("mage_device_up{device=\"mage0\"} 0");
	has("mage_device_swap_active{device=\"mage0\"} 1");
	has("mage_device_pages_read_total{device=\"mage0\"} 5");
	has("mage_device_info{device=\"mage0\",backend=\"rdma\",address=\"fe80::1\"} 1");
	device.state[0] = '\0';
	write_all();
	has("mage_device_up{device=\"mage0\"} 1");
}

static void test_unknown_is_left_out(void **state)
{
	(void)state;
	write_all();
	has("# TYPE mage_domain_limit_bytes gauge");
	assert_null(strstr(text, "mage_domain_limit_bytes{"));
	has("mage_domain_direct_reclaim_pages_total{cgroup_id=\"42\",cgroup=\"/demo\"} 3");
	assert_null(strstr(text, "mage_domain_direct_reclaim_pages_total{cgroup_id=\"43\""));
}

static void test_labels(void **state)
{
	(void)state;
	write_all();
	has("mage_domain_faults_total{cgroup_id=\"43\",cgroup=\"/a\\\"b\\\\c?d?\"} 0");
	/* Two that are gone are told apart. */
	entries[0].path = entries[1].path = NULL;
	write_all();
	has("mage_domain_faults_total{cgroup_id=\"42\",cgroup=\"(gone)\"} 0");
	has("mage_domain_faults_total{cgroup_id=\"43\",cgroup=\"(gone)\"} 0");
}

static unsigned int bucket_of(uint64_t ns)
{
	unsigned int i = 0;

	while (mage_latency_floor(i + 1) <= ns)
		i++;
	return i;
}

#define BUCKET "mage_domain_fault_latency_seconds_bucket{cgroup_id=\"42\",cgroup=\"/demo\",le=\""

static void test_histogram(void **state)
{
	(void)state;
	entries[0].domain.latency.bucket[bucket_of(10)] = 1;
	entries[0].domain.latency.bucket[bucket_of(1023)] += 2;
	entries[0].domain.latency.bucket[bucket_of(1024)] += 4;
	entries[0].domain.latency.bucket[bucket_of(1000000)] = 8;
	entries[0].domain.latency.bucket[MAGE_LATENCY_BUCKETS - 1] = 16;
	write_all();
	has("# TYPE mage_domain_fault_latency_seconds histogram");
	has(BUCKET "1.024e-06\"} 3");
	has(BUCKET "2.048e-06\"} 7");
	has(BUCKET "0.000524288\"} 7");
	has(BUCKET "0.001048576\"} 15");
	has(BUCKET "17.1798692\"} 15");
	has(BUCKET "+Inf\"} 31");
	has("mage_domain_fault_latency_seconds_count{cgroup_id=\"42\",cgroup=\"/demo\"} 31");
	has("mage_domain_fault_latency_seconds_sum{cgroup_id=\"43\",cgroup=\"/a\\\"b\\\\c?d?\"} 0");
	/* 1 ms counts as the middle of its bucket. */
	memset(&entries[0].domain.latency, 0, sizeof(struct histogram));
	entries[0].domain.latency.bucket[bucket_of(1000000)] = 8;
	write_all();
	has("mage_domain_fault_latency_seconds_sum{cgroup_id=\"42\",cgroup=\"/demo\"} 0.00786432");
}

static void test_legs(void **state)
{
	(void)state;
	write_all();
	has("mage_device_degraded{device=\"mage0\"} 1");
	has("mage_leg_info{device=\"mage0\",leg=\"0\",column=\"0\",backend=\"rdma\","
	    "address=\"10.0.0.1:7471\"} 1");
	has("mage_leg_info{device=\"mage0\",leg=\"3\",column=\"0\",backend=\"blk\","
	    "address=\"/dev/vda\"} 1");
	has("mage_leg_state{device=\"mage0\",leg=\"0\",state=\"in-sync\"} 1");
	has("mage_leg_state{device=\"mage0\",leg=\"3\",state=\"in-sync\"} 0");
	has("mage_leg_state{device=\"mage0\",leg=\"3\",state=\"failed\"} 1");
	has("mage_leg_stale_pages{device=\"mage0\",leg=\"3\"} 17");
	has("mage_leg_pages{device=\"mage0\",leg=\"3\"} 20");
	has("mage_leg_pages_copied_total{device=\"mage0\",leg=\"3\"} 4");
	has("mage_leg_mismatches_total{device=\"mage0\",leg=\"3\"} 1");
	has("mage_leg_mismatches_total{device=\"mage0\",leg=\"0\"} 0");
}

static void test_nothing(void **state)
{
	static const struct sample empty;

	(void)state;
	free(text);
	text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	metrics_write(out, &empty, "0.1");
	fclose(out);
	has("# TYPE mage_device_up gauge");
	assert_null(strstr(text, "mage_domain_info{"));
}

/* What lint/metrics has others read. */
static int print(void)
{
	prepare(NULL);
	entries[0].domain.limit = 96 << 20;
	entries[0].domain.faults = 7;
	entries[0].domain.latency.bucket[bucket_of(50000)] = 5;
	entries[0].domain.latency.bucket[MAGE_LATENCY_BUCKETS - 1] = 2;
	metrics_write(stdout, &sample, "0.1");
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2 && !strcmp(argv[1], "--print"))
		return print();

	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(test_values, prepare),
		cmocka_unit_test_setup(test_unknown_is_left_out, prepare),
		cmocka_unit_test_setup(test_labels, prepare),
		cmocka_unit_test_setup(test_histogram, prepare),
		cmocka_unit_test_setup(test_legs, prepare),
		cmocka_unit_test(test_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
