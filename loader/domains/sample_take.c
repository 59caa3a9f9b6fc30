// SPDX-License-Identifier: GPL-2.0-only
/* The part of a sample that asks the system. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "cgroups/path.h"
#include "cgroups/tree.h"
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

static int judge_limits(const struct cgroup_tree *tree, struct sample_domain *entry)
{
	size_t at;

	for (at = 0; at < tree->nr && tree->node[at].id != entry->domain.cgroup_id; at++)
		;
	/* Gone, or out of view. */
	if (at == tree->nr)
		return 0;
	entry->limits = malloc(sizeof(*entry->limits));
	if (!entry->limits)
		return -ENOMEM;
	limit_notes_judge(tree, at, entry->limits);
	return 0;
}

int sample_take_limits(struct sample *sample)
{
	struct cgroup_tree tree;
	int err;

	err = cgroup_tree_read(cgroup_mount_point(), &tree);
	for (size_t i = 0; i < sample->nr_domains && !err; i++)
		err = judge_limits(&tree, &sample->domains[i]);
	cgroup_tree_free(&tree);
	if (err)
		sample_free(sample);
	return err;
}
