// SPDX-License-Identifier: GPL-2.0-only
#include <stdlib.h>
#include <string.h>

#include "base/sysfile.h"
#include "doctor/machine.h"

/* Microseconds: more than what a page takes from a node nearby. */
#define WAKE_MAX 10

static const char area[] = "machine";

struct idle_state {
	int cpu;
	char name[32];
	unsigned long latency; /* microseconds to leave it */
};

static bool idle_read(const char *sys, int cpu, unsigned int state, const char *file, char *text,
		      size_t size)
{
	return sysfile_readf(text, size, "%s/devices/system/cpu/cpu%d/cpuidle/state%u/%s", sys, cpu,
			     state, file);
}

/* The slowest that a CPU may be in, if it is slower than that. */
static void slowest(const char *sys, int cpu, struct idle_state *found)
{
	char latency[32], disabled[8], name[32];

	for (unsigned int state = 0;
	     idle_read(sys, cpu, state, "latency", latency, sizeof(latency)); state++) {
		if (strtoul(latency, NULL, 10) <= found->latency ||
		    (idle_read(sys, cpu, state, "disable", disabled, sizeof(disabled)) &&
		     strcmp(disabled, "0") != 0))
			continue;
		idle_read(sys, cpu, state, "name", name, sizeof(name));
		found->cpu = cpu;
		found->latency = strtoul(latency, NULL, 10);
		snprintf(found->name, sizeof(found->name), "%s", name);
	}
}

static void look_at_idle(struct findings *findings, const char *sys,
			 const struct cpu_list *evictors)
{
	struct idle_state found = { .cpu = -1 };

	for (int cpu = 0; cpu < MOST_CPUS; cpu++)
		if (evictors->has[cpu])
			slowest(sys, cpu, &found);
	if (found.cpu < 0)
		return;
	if (found.latency > WAKE_MAX)
		finding_add(
			findings, area, "idle", VERDICT_NOTE,
			"cpupower -c LIST idle-set -D 10, with the CPUs of the evictors",
			"CPU %d of the evictors may idle in %s, and takes %lu us to wake up, for "
			"which threads wait",
			found.cpu, found.name, found.latency);
	else
		finding_add(findings, area, "idle", VERDICT_OK, NULL,
			    "the evictors' CPUs wake up within %lu us", found.latency);
}

static void look_at_huge_pages(struct findings *findings, const char *sys)
{
	char text[64];

	if (!sysfile_readf(text, sizeof(text), "%s/kernel/mm/transparent_hugepage/enabled", sys))
		return;
	if (strstr(text, "[always]"))
		finding_add(
			findings, area, "huge pages", VERDICT_NOTE,
			"echo madvise >/sys/kernel/mm/transparent_hugepage/enabled",
			"transparent huge pages are always on: what is in one is reclaimed by the "
			"kernel, split, before it is Mage's");
	else
		finding_add(findings, area, "huge pages", VERDICT_OK, NULL,
			    "transparent huge pages are not always on");
}

static void look_at_zswap(struct findings *findings, const char *sys)
{
	char text[16];

	if (sysfile_readf(text, sizeof(text), "%s/module/zswap/parameters/enabled", sys) &&
	    !strcmp(text, "Y"))
		finding_add(
			findings, area, "zswap", VERDICT_NOTE,
			"echo N >/sys/module/zswap/parameters/enabled, unless it is wanted",
			"zswap compresses what the kernel's own reclaim takes: it stays in local "
			"memory; evictors go past it");
	else
		finding_add(findings, area, "zswap", VERDICT_OK, NULL,
			    "zswap keeps nothing in local memory");
}

void doctor_machine(struct findings *findings, const char *sys, const struct cpu_list *evictors)
{
	if (evictors)
		look_at_idle(findings, sys, evictors);
	look_at_huge_pages(findings, sys);
	look_at_zswap(findings, sys);
}
