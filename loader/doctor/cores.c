// SPDX-License-Identifier: GPL-2.0-only
#include "doctor/cores.h"
#include "kernel/cores.h"

static const char area[] = "cores";

void doctor_cores(struct findings *findings)
{
	static struct cores cores;
	char evictors[128], online[128];

	if (!cores_read(&cores))
		return;
	cpu_list_format(&cores.evictors, evictors, sizeof(evictors));
	cpu_list_format(&cores.online, online, sizeof(online));
	if (!cpu_list_overlap(&cores.evictors, &cores.online)) {
		finding_add(findings, area, "evictors", VERDICT_NOTE, "mage evictors --cpus LIST",
			    "none of the evictor CPUs (%s) is online (%s); another one stands in",
			    evictors, online);
		return;
	}
	finding_add(findings, area, "evictors", VERDICT_OK, NULL, "evictors run on CPU %s of %s",
		    evictors, online);
	if (cpu_list_not_in(&cores.online, &cores.evictors) < 0)
		finding_add(findings, area, "sharing", VERDICT_NOTE,
			    "leave applications some: mage evictors --cpus LIST",
			    "evictors may run on every CPU there is");
	else if (cpu_list_not_in(&cores.evictors, &cores.isolated) >= 0)
		finding_add(findings, area, "sharing", VERDICT_NOTE,
			    "isolate them, with an isolated cpuset partition or isolcpus=",
			    "applications may run on the CPUs of the evictors, and slow them down");
	else
		finding_add(findings, area, "sharing", VERDICT_OK, NULL,
			    "the scheduler keeps applications off the CPUs of the evictors");
}
