// SPDX-License-Identifier: GPL-2.0-only
#include <dirent.h>
#include <limits.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/sysfile.h"
#include "doctor/nic.h"

/*
 * MTU of a network interface from which a packet of RDMA carries 4096 bytes: the headers take up
 * to 96 (iboe_get_mtu() in include/rdma/ib_addr.h).
 */
#define MTU_OF_A_PAGE (4096 + 96)
/* Of a node that is as near as can be: ACPI 6.5, section 6.2.18, "SLIT". */
#define DISTANCE_LOCAL 10

static const char area[] = "rdma";

struct nic {
	const char *sys;
	const char *name;
};

/* A file of the device: "ports/1/state".  False (and "") if it cannot be read. */
static bool nic_read(const struct nic *nic, char *text, size_t size, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static bool nic_read(const struct nic *nic, char *text, size_t size, const char *format, ...)
{
	char file[256];
	va_list args;

	va_start(args, format);
	vsnprintf(file, sizeof(file), format, args);
	va_end(args);
	return sysfile_readf(text, size, "%s/class/infiniband/%.64s/%s", nic->sys, nic->name, file);
}

/* What a link of the device points to, its last part; "" if there is none. */
static void nic_link(const struct nic *nic, const char *file, char *text, size_t size)
{
	char path[PATH_MAX], target[PATH_MAX];
	const char *last;
	ssize_t len;

	snprintf(path, sizeof(path), "%s/class/infiniband/%.64s/%s", nic->sys, nic->name, file);
	len = readlink(path, target, sizeof(target) - 1);
	target[len > 0 ? len : 0] = '\0';
	last = strrchr(target, '/');
	snprintf(text, size, "%.*s", (int)size - 1, last ? last + 1 : target);
}

/* Calls for each entry of a directory below the device; returns how many there were. */
static size_t for_each_entry(const char *path,
			     void (*look)(struct findings *, const struct nic *, const char *),
			     struct findings *findings, const struct nic *nic)
{
	struct dirent **entries;
	int nr = scandir(path, &entries, NULL, alphasort);
	size_t seen = 0;

	for (int i = 0; i < nr; i++) {
		if (entries[i]->d_name[0] != '.') {
			look(findings, nic, entries[i]->d_name);
			seen++;
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	return seen;
}

/* -- Ports */

static bool is_roce_v2(const struct nic *nic, const char *port, unsigned int index)
{
	static const char zero[] = "0000:0000:0000:0000:0000:0000:0000:0000";
	char type[64], gid[64];

	return nic_read(nic, type, sizeof(type), "ports/%.16s/gid_attrs/types/%u", port, index) &&
	       !strcmp(type, "RoCE v2") &&
	       nic_read(nic, gid, sizeof(gid), "ports/%.16s/gids/%u", port, index) &&
	       strcmp(gid, zero) != 0;
}

static void look_at_gids(struct findings *findings, const struct nic *nic, const char *port)
{
	char gid[64];

	for (unsigned int i = 0; nic_read(nic, gid, sizeof(gid), "ports/%.16s/gids/%u", port, i);
	     i++) {
		if (!is_roce_v2(nic, port, i))
			continue;
		finding_add(findings, area, "GID", VERDICT_OK, NULL,
			    "%s port %s has an address of RoCE v2, the first at index %u",
			    nic->name, port, i);
		return;
	}
	finding_add(
		findings, area, "GID", VERDICT_NOTE,
		"give its interface an IP address; cma_roce_mode -d DEVICE -p PORT -m 2",
		"%s port %s has no address of RoCE v2: its packets pass no router, and some nodes "
		"refuse them",
		nic->name, port);
}

static void look_at_mtu(struct findings *findings, const struct nic *nic, const char *port)
{
	char netdev[64], text[32];
	unsigned long mtu;

	if (!nic_read(nic, netdev, sizeof(netdev), "ports/%.16s/gid_attrs/ndevs/0", port))
		return;
	if (!sysfile_readf(text, sizeof(text), "%s/class/net/%.64s/mtu", nic->sys, netdev))
		return;
	mtu = strtoul(text, NULL, 10);
	if (mtu >= MTU_OF_A_PAGE)
		finding_add(findings, area, "MTU", VERDICT_OK, NULL,
			    "%s has an MTU of %lu: a page is one packet", netdev, mtu);
	else
		finding_add(
			findings, area, "MTU", VERDICT_NOTE,
			"ip link set INTERFACE mtu 9000, also on the other machine and the switch",
			"%s has an MTU of %lu: a page takes several packets, from %u on it is one",
			netdev, mtu, MTU_OF_A_PAGE);
}

static void look_at_port(struct findings *findings, const struct nic *nic, const char *port)
{
	char state[64], rate[64], layer[32];

	nic_read(nic, state, sizeof(state), "ports/%.16s/state", port);
	nic_read(nic, rate, sizeof(rate), "ports/%.16s/rate", port);
	nic_read(nic, layer, sizeof(layer), "ports/%.16s/link_layer", port);
	if (!strstr(state, "ACTIVE")) {
		finding_add(findings, area, "port", VERDICT_NOTE,
			    "bring its network interface up, or start the subnet manager",
			    "%s port %s is not active: %s", nic->name, port, state);
		return;
	}
	finding_add(findings, area, "port", VERDICT_OK, NULL, "%s port %s is active, %s", nic->name,
		    port, rate);
	if (!strcmp(layer, "Ethernet")) {
		look_at_gids(findings, nic, port);
		look_at_mtu(findings, nic, port);
	}
}

/* -- Where it is plugged in */

/* "100 Gb/sec (4X EDR)"; the fastest of the ports, 0 if none says. */
static double port_rate(const struct nic *nic)
{
	double rate, best = 0;
	char text[64];

	for (unsigned int port = 1; nic_read(nic, text, sizeof(text), "ports/%u/rate", port);
	     port++) {
		rate = strtod(text, NULL);
		if (rate > best)
			best = rate;
	}
	return best;
}

/*
 * Gbit/s of a PCI Express link, headers not counted off.  Up to 5 GT/s ten bits carry eight, above
 * 130 carry 128 (PCI Express Base Specification 5.0, sections 4.2.1 and 4.2.2).
 */
static double pcie_rate(double speed, unsigned long width)
{
	return speed * (double)width * (speed <= 5.0 ? 8.0 / 10 : 128.0 / 130);
}

static void look_at_pcie(struct findings *findings, const struct nic *nic)
{
	char speed[64], width[16], max_speed[64], max_width[16];
	double rate, wanted = port_rate(nic);

	if (!nic_read(nic, speed, sizeof(speed), "device/current_link_speed") ||
	    !nic_read(nic, width, sizeof(width), "device/current_link_width") ||
	    !nic_read(nic, max_speed, sizeof(max_speed), "device/max_link_speed") ||
	    !nic_read(nic, max_width, sizeof(max_width), "device/max_link_width"))
		return;
	rate = pcie_rate(strtod(speed, NULL), strtoul(width, NULL, 10));
	if (rate < wanted)
		finding_add(findings, area, "PCIe", VERDICT_NOTE,
			    "put it into a faster slot; see lspci -vv, LnkCap and LnkSta",
			    "%s is connected by x%s at %s, %.0f Gb/s, and its port has %.0f Gb/s",
			    nic->name, width, speed, rate, wanted);
	else if (strtod(speed, NULL) < strtod(max_speed, NULL) ||
		 strtoul(width, NULL, 10) < strtoul(max_width, NULL, 10))
		finding_add(findings, area, "PCIe", VERDICT_NOTE,
			    "look at slot and riser if a page takes long; see lspci -vv, LnkSta",
			    "%s is connected by x%s at %s, and could by x%s at %s", nic->name,
			    width, speed, max_width, max_speed);
	else
		finding_add(findings, area, "PCIe", VERDICT_OK, NULL,
			    "%s is connected by x%s at %s", nic->name, width, speed);
}

/* From node to node as the firmware says; DISTANCE_LOCAL where it says nothing. */
static unsigned long distance(const char *sys, unsigned int from, unsigned int to)
{
	char text[1024];
	char *next = text;
	unsigned long value = DISTANCE_LOCAL;

	if (!sysfile_readf(text, sizeof(text), "%s/devices/system/node/node%u/distance", sys, from))
		return DISTANCE_LOCAL;
	for (unsigned int node = 0; node <= to; node++)
		value = strtoul(next, &next, 10);
	return value;
}

static bool node_cpus(const char *sys, unsigned int node, struct cpu_list *cpus)
{
	char text[4096];

	return sysfile_readf(text, sizeof(text), "%s/devices/system/node/node%u/cpulist", sys,
			     node) &&
	       cpu_list_parse(text, cpus);
}

/* The node of a CPU, -1 if none has it. */
static int node_of(const char *sys, unsigned int cpu)
{
	static struct cpu_list cpus;

	for (unsigned int node = 0; node_cpus(sys, node, &cpus); node++)
		if (cpus.has[cpu])
			return (int)node;
	return -1;
}

static void look_at_node(struct findings *findings, const struct nic *nic,
			 const struct cpu_list *evictors)
{
	static struct cpu_list near;
	char text[16], list[256];
	int node, cpu, other;

	if (!evictors || !nic_read(nic, text, sizeof(text), "device/numa_node"))
		return;
	node = (int)strtol(text, NULL, 10);
	/* -1: the firmware does not say, or there is one node. */
	if (node < 0 || !node_cpus(nic->sys, (unsigned int)node, &near))
		return;
	cpu = cpu_list_not_in(evictors, &near);
	if (cpu < 0) {
		finding_add(findings, area, "NUMA", VERDICT_OK, NULL,
			    "%s is on node %d, as are the evictors", nic->name, node);
		return;
	}
	other = node_of(nic->sys, (unsigned int)cpu);
	cpu_list_format(&near, list, sizeof(list));
	finding_add(
		findings, area, "NUMA", VERDICT_NOTE, "mage evictors --cpus LIST, of that node",
		"%s is on node %d (CPU %s), and evictors run on CPU %d of node %d, at %lu/10 of "
		"the distance",
		nic->name, node, list, cpu, other,
		other < 0 ? DISTANCE_LOCAL :
			    distance(nic->sys, (unsigned int)node, (unsigned int)other));
}

static void look_at_iommu(struct findings *findings, const struct nic *nic)
{
	char type[32];

	if (!nic_read(nic, type, sizeof(type), "device/iommu_group/type"))
		finding_add(findings, area, "IOMMU", VERDICT_OK, NULL,
			    "%s reaches memory without an IOMMU", nic->name);
	else if (!strcmp(type, "identity"))
		finding_add(findings, area, "IOMMU", VERDICT_OK, NULL,
			    "the IOMMU passes %s through", nic->name);
	else
		finding_add(findings, area, "IOMMU", VERDICT_NOTE,
			    "boot with iommu.passthrough=1, if you trust the adapter",
			    "the IOMMU maps each page for %s, and unmaps it after (%s)%s",
			    nic->name, type, strcmp(type, "DMA") ? "" : ", with a flush each time");
}

static void look_at_adapter(struct findings *findings, const struct nic *nic,
			    const struct cpu_list *evictors)
{
	char bus[64], driver[64], firmware[64], address[64];

	nic_link(nic, "device/subsystem", bus, sizeof(bus));
	nic_link(nic, "device/driver", driver, sizeof(driver));
	nic_link(nic, "device", address, sizeof(address));
	if (strcmp(bus, "pci") != 0 || !nic_read(nic, firmware, sizeof(firmware), "fw_ver")) {
		finding_add(findings, area, "adapter", VERDICT_NOTE,
			    "use an adapter that has RDMA, except to try things out",
			    "%s is software: each page costs time of processors on both machines",
			    nic->name);
		return;
	}
	finding_add(findings, area, "adapter", VERDICT_OK, NULL,
		    "%s: driver %s, firmware %s, at %s", nic->name, driver, firmware, address);
	look_at_pcie(findings, nic);
	look_at_node(findings, nic, evictors);
	look_at_iommu(findings, nic);
}

void doctor_nics(struct findings *findings, const char *sys, const struct cpu_list *evictors)
{
	char path[PATH_MAX], ports[PATH_MAX];
	struct dirent **entries;
	size_t seen = 0;
	int nr;

	snprintf(path, sizeof(path), "%s/class/infiniband", sys);
	nr = scandir(path, &entries, NULL, alphasort);
	for (int i = 0; i < nr; i++) {
		struct nic nic = { .sys = sys, .name = entries[i]->d_name };

		if (nic.name[0] != '.') {
			look_at_adapter(findings, &nic, evictors);
			snprintf(ports, sizeof(ports), "%.2048s/%.64s/ports", path, nic.name);
			for_each_entry(ports, look_at_port, findings, &nic);
			seen++;
		}
		free(entries[i]);
	}
	if (nr >= 0)
		free(entries);
	if (!seen)
		finding_add(
			findings, area, "device", VERDICT_NOTE,
			"load the NIC's driver, or for soft-RoCE: rdma link add rxe0 type rxe "
			"netdev INTERFACE",
			"there is no RDMA device, so no memory node can be reached: there are blk and dram");
}
