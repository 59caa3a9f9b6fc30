/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the RDMA devices moved.  One-sided verbs do not pass through this
 * process, so the kernel's counters are read: those of the RDMA port where it
 * counts bytes, else those of its network interface.
 */
#ifndef MEMNODE_COUNTERS_H
#define MEMNODE_COUNTERS_H

#include <stddef.h>
#include <stdint.h>

#define COUNTERS_PORTS_MAX 16
#define COUNTERS_HW_MAX 96
#define COUNTERS_NAME_LEN 64

enum counters_source {
	COUNTERS_NONE,
	COUNTERS_PORT,
	COUNTERS_NETDEV,
};

struct counter {
	char name[COUNTERS_NAME_LEN];
	uint64_t value;
};

/* One port of an RDMA device. */
struct port_counters {
	char device[COUNTERS_NAME_LEN];
	unsigned int port;
	char netdev[COUNTERS_NAME_LEN]; /* "" for none */
	enum counters_source source;
	uint64_t received; /* bytes */
	uint64_t sent;  /* bytes */
	unsigned int nr_hw;
	struct counter hw[COUNTERS_HW_MAX]; /* the device's own */
};

struct counters {
	unsigned int nr_ports;
	struct port_counters ports[COUNTERS_PORTS_MAX];
};

/* Reads all ports below sysfs, usually "/sys". */
void counters_read(struct counters *counters, const char *sysfs);

/* Leaves in *now what came since start; a port that is new keeps its values. */
void counters_subtract(struct counters *now, const struct counters *start);

const char *counters_source_name(enum counters_source source);

#endif
