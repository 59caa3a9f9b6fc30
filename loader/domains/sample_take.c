// SPDX-License-Identifier: GPL-2.0-only
/* The part of a sample that asks the system. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "cgroups/path.h"
#include "domains/sample_take.h"

static void look_up(struct sample_domain *entry)
{
	entry->path = cgroup_path(entry->domain.cgroup_id);
	entry->mount_len = strlen(cgroup_mount_point());
	entry->direct_reclaim = entry->path ? cgroup_memory_stat(entry->path, "pgscan_direct") : -1;
	entry->pin = pin_look(entry->domain.cgroup_id);
}

int sample_take(struct genl *genl, uint64_t cgroup_id, struct sample *sample)
{
	struct domain *domains;
	size_t nr;
	int err;

	memset(sample, 0, sizeof(*sample));
	err = genl_domains(genl, &domains, &nr);
	if (err)
		return err;
	clock_gettime(CLOCK_REALTIME, &sample->when);
	clock_gettime(CLOCK_MONOTONIC, &sample->steady);
	sample->domains = calloc(nr ? nr : 1, sizeof(*sample->domains));
	if (!sample->domains) {
		free(domains);
		return -ENOMEM;
	}
	for (size_t i = 0; i < nr; i++) {
		if (cgroup_id && domains[i].cgroup_id != cgroup_id)
			continue;
		sample->domains[sample->nr_domains].domain = domains[i];
		look_up(&sample->domains[sample->nr_domains++]);
	}
	free(domains);
	err = genl_devices(genl, &sample->devices, &sample->nr_devices);
	if (err)
		sample_free(sample);
	return err;
}
