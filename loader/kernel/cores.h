/* SPDX-License-Identifier: GPL-2.0-only */
/* Which CPUs there are, and which of them evict. */
#ifndef MAGE_KERNEL_CORES_H
#define MAGE_KERNEL_CORES_H

#include "base/cpu_list.h"

#define EVICTOR_CPUS_FILE "/sys/kernel/mm/mage/evictor_cpus"

struct cores {
	struct cpu_list evictors;
	struct cpu_list online;
	struct cpu_list isolated; /* from the scheduler: isolcpus= or an isolated cpuset */
};

/* False if this kernel does not say where evictors run. */
bool cores_read(struct cores *cores);

#endif
