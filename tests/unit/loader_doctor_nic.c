// SPDX-License-Identifier: GPL-2.0-only
/* Adapters and settings of machines that are made up: a directory stands for /sys. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "doctor/machine.h"
#include "doctor/nic.h"
#include "loader_sys.h"

#define DEVICE "class/infiniband/mlx5_0/"

static struct findings findings;
static struct cpu_list evictors;
/* An adapter with which all is well, on the first of two nodes. */
static void plug_in(void)
{
	mkdir(below("devices/"), 0700);
	mkdir(below("devices/0000:3b:00.0/"), 0700);
	mkdir(below(DEVICE), 0700);
	point(DEVICE "device", "../../../devices/0000:3b:00.0");
	point("devices/0000:3b:00.0/subsystem", "../bus/pci");
	point("devices/0000:3b:00.0/driver", "../bus/pci/drivers/mlx5_core");
	put("devices/0000:3b:00.0/current_link_speed", "16.0 GT/s PCIe");
	put("devices/0000:3b:00.0/current_link_width", "16");
	put("devices/0000:3b:00.0/max_link_speed", "16.0 GT/s PCIe");
	put("devices/0000:3b:00.0/max_link_width", "16");
	put("devices/0000:3b:00.0/numa_node", "0");
	put("devices/0000:3b:00.0/iommu_group/type", "identity");
	put(DEVICE "fw_ver", "22.39.1002");
	put(DEVICE "ports/1/state", "4: ACTIVE");
	put(DEVICE "ports/1/rate", "100 Gb/sec (2X HDR)");
	put(DEVICE "ports/1/link_layer", "Ethernet");
	put(DEVICE "ports/1/gids/0", "fe80:0000:0000:0000:0e42:a1ff:fe00:0001");
	put(DEVICE "ports/1/gids/1", "0000:0000:0000:0000:0000:ffff:0a00:0001");
	put(DEVICE "ports/1/gid_attrs/types/0", "IB/RoCE v1");
	put(DEVICE "ports/1/gid_attrs/types/1", "RoCE v2");
	put(DEVICE "ports/1/gid_attrs/ndevs/0", "eth0");
	put("class/net/eth0/mtu", "9000");
	put("devices/system/node/node0/cpulist", "0-3");
	put("devices/system/node/node1/cpulist", "4-7");
	put("devices/system/node/node0/distance", "10 21");
	put("devices/system/node/node1/distance", "21 10");
}

static int prepare(void **state)
{
	(void)state;
	memset(&findings, 0, sizeof(findings));
	if (!sys_make())
		return -1;
	cpu_list_parse("2-3", &evictors);
	return 0;
}

static int clean_up(void **state)
{
	(void)state;
	return sys_remove();
}

/* There is one finding of that name, it says so, and has a remedy if it needs one. */
static void finds(const char *check, enum verdict verdict, const char *part)
{
	const struct finding *found = NULL;

	for (size_t i = 0; i < findings.nr; i++) {
		if (strcmp(findings.finding[i].check, check) != 0)
			continue;
		assert_null(found);
		found = &findings.finding[i];
	}
	if (!found)
		fail_msg("nothing was found of %s", check);
	if (found->verdict != verdict || !strstr(found->text, part))
		fail_msg("%s: %d, %s", check, found->verdict, found->text);
	assert_int_equal(verdict == VERDICT_OK, !found->todo[0]);
}

static void look_at_nics(void)
{
	memset(&findings, 0, sizeof(findings));
	doctor_nics(&findings, sys, &evictors);
}

static void test_no_adapter(void **state)
{
	(void)state;
	look_at_nics();
	finds("device", VERDICT_NOTE, "there is no RDMA device");
	assert_int_equal(findings.nr, 1);
}

static void test_all_well(void **state)
{
	(void)state;
	plug_in();
	look_at_nics();
	finds("adapter", VERDICT_OK,
	      "mlx5_0: driver mlx5_core, firmware 22.39.1002, at 0000:3b:00.0");
	finds("PCIe", VERDICT_OK, "x16 at 16.0 GT/s PCIe");
	finds("NUMA", VERDICT_OK, "on node 0, as are the evictors");
	finds("IOMMU", VERDICT_OK, "passes mlx5_0 through");
	finds("port", VERDICT_OK, "mlx5_0 port 1 is active, 100 Gb/sec");
	finds("GID", VERDICT_OK, "the first at index 1");
	finds("MTU", VERDICT_OK, "a page is one packet");
	assert_int_equal(findings.nr, 7);
	/* Nobody knows where evictors run. */
	memset(&findings, 0, sizeof(findings));
	doctor_nics(&findings, sys, NULL);
	assert_int_equal(findings.nr, 6);
}

static void test_pcie(void **state)
{
	(void)state;
	plug_in();
	/* 8 * 8 * 128 / 130 */
	put("devices/0000:3b:00.0/current_link_speed", "8.0 GT/s PCIe");
	put("devices/0000:3b:00.0/current_link_width", "8");
	look_at_nics();
	finds("PCIe", VERDICT_NOTE, "x8 at 8.0 GT/s PCIe, 63 Gb/s, and its port has 100 Gb/s");
	/* 5 * 16 * 8 / 10 */
	put("devices/0000:3b:00.0/current_link_speed", "5.0 GT/s PCIe");
	put("devices/0000:3b:00.0/current_link_width", "16");
	look_at_nics();
	finds("PCIe", VERDICT_NOTE, "64 Gb/s");
	put("devices/0000:3b:00.0/current_link_speed", "16.0 GT/s PCIe");
	put("devices/0000:3b:00.0/current_link_width", "8");
	look_at_nics();
	finds("PCIe", VERDICT_NOTE, "by x8 at 16.0 GT/s PCIe, and could by x16 at 16.0 GT/s PCIe");
}

static void test_nodes(void **state)
{
	(void)state;
	plug_in();
	cpu_list_parse("3-4", &evictors);
	look_at_nics();
	finds("NUMA", VERDICT_NOTE,
	      "on node 0 (CPU 0-3), and evictors run on CPU 4 of node 1, at 21/10");
	put("devices/0000:3b:00.0/numa_node", "-1");
	look_at_nics();
	assert_int_equal(findings.nr, 6);
}

static void test_iommu(void **state)
{
	(void)state;
	plug_in();
	put("devices/0000:3b:00.0/iommu_group/type", "DMA");
	look_at_nics();
	finds("IOMMU", VERDICT_NOTE, "with a flush each time");
	put("devices/0000:3b:00.0/iommu_group/type", "DMA-FQ");
	look_at_nics();
	finds("IOMMU", VERDICT_NOTE, "unmaps it after (DMA-FQ)");
	unlink(below("devices/0000:3b:00.0/iommu_group/type"));
	look_at_nics();
	finds("IOMMU", VERDICT_OK, "without an IOMMU");
}

static void test_ports(void **state)
{
	(void)state;
	plug_in();
	put("class/net/eth0/mtu", "4191");
	put(DEVICE "ports/1/gids/1", "0000:0000:0000:0000:0000:0000:0000:0000");
	look_at_nics();
	finds("MTU", VERDICT_NOTE,
	      "eth0 has an MTU of 4191: a page takes several packets, from 4192");
	finds("GID", VERDICT_NOTE, "no address of RoCE v2");
	put(DEVICE "ports/1/link_layer", "InfiniBand");
	look_at_nics();
	assert_int_equal(findings.nr, 5);
	put(DEVICE "ports/1/state", "1: DOWN");
	look_at_nics();
	finds("port", VERDICT_NOTE, "mlx5_0 port 1 is not active: 1: DOWN");
}

static void test_software(void **state)
{
	(void)state;
	plug_in();
	unlink(below(DEVICE "fw_ver"));
	look_at_nics();
	finds("adapter", VERDICT_NOTE, "mlx5_0 is software");
	finds("port", VERDICT_OK, "is active");
	assert_int_equal(findings.nr, 4);
	put(DEVICE "fw_ver", "");
	point("devices/0000:3b:00.0/subsystem", "../bus/virtio");
	look_at_nics();
	finds("adapter", VERDICT_NOTE, "mlx5_0 is software");
}

static void idle_state(const char *cpu_and_state, const char *name, const char *latency,
		       const char *disabled)
{
	char path[128];

	snprintf(path, sizeof(path), "devices/system/cpu/%s/name", cpu_and_state);
	put(path, name);
	snprintf(path, sizeof(path), "devices/system/cpu/%s/latency", cpu_and_state);
	put(path, latency);
	snprintf(path, sizeof(path), "devices/system/cpu/%s/disable", cpu_and_state);
	put(path, disabled);
}

static void look_at_machine(void)
{
	memset(&findings, 0, sizeof(findings));
	doctor_machine(&findings, sys, &evictors);
}

static void test_idle(void **state)
{
	(void)state;
	look_at_machine();
	/* Only that of zswap: what is not there is not judged. */
	assert_int_equal(findings.nr, 1);
	idle_state("cpu2/cpuidle/state0", "POLL", "0", "0");
	idle_state("cpu2/cpuidle/state1", "C1", "2", "0");
	idle_state("cpu3/cpuidle/state0", "POLL", "0", "0");
	idle_state("cpu3/cpuidle/state1", "C1", "2", "0");
	idle_state("cpu3/cpuidle/state2", "C6", "133", "0");
	/* No evictor runs there. */
	idle_state("cpu0/cpuidle/state0", "C8", "500", "0");
	look_at_machine();
	finds("idle", VERDICT_NOTE, "CPU 3 of the evictors may idle in C6, and takes 133 us");
	idle_state("cpu3/cpuidle/state2", "C6", "133", "1");
	look_at_machine();
	finds("idle", VERDICT_OK, "within 2 us");
	memset(&findings, 0, sizeof(findings));
	doctor_machine(&findings, sys, NULL);
	assert_int_equal(findings.nr, 1);
}

static void test_settings(void **state)
{
	(void)state;
	put("kernel/mm/transparent_hugepage/enabled", "[always] madvise never");
	put("module/zswap/parameters/enabled", "Y");
	look_at_machine();
	finds("huge pages", VERDICT_NOTE, "always on");
	finds("zswap", VERDICT_NOTE, "compresses");
	put("kernel/mm/transparent_hugepage/enabled", "always [madvise] never");
	put("module/zswap/parameters/enabled", "N");
	look_at_machine();
	finds("huge pages", VERDICT_OK, "not always on");
	finds("zswap", VERDICT_OK, "nothing");
}

int main(void)
{
#define CASE(function) cmocka_unit_test_setup_teardown(function, prepare, clean_up)
	const struct CMUnitTest tests[] = {
		CASE(test_no_adapter), CASE(test_all_well), CASE(test_pcie),
		CASE(test_nodes),      CASE(test_iommu),    CASE(test_ports),
		CASE(test_software),   CASE(test_idle),	    CASE(test_settings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
