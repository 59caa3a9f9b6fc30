// SPDX-License-Identifier: GPL-2.0-only
/* The part of a sample that only computes. */
#include <stdlib.h>
#include <string.h>

#include "domains/sample.h"

void sample_free(struct sample *sample)
{
	for (size_t i = 0; i < sample->nr_domains; i++) {
		limit_notes_free(sample->domains[i].limits);
		free(sample->domains[i].path);
	}
	free(sample->domains);
	free(sample->devices);
	memset(sample, 0, sizeof(*sample));
}

const struct sample_domain *sample_find(const struct sample *before, uint64_t cgroup_id)
{
	for (size_t i = 0; before && i < before->nr_domains; i++) {
		if (before->domains[i].domain.cgroup_id == cgroup_id)
			return &before->domains[i];
	}
	return NULL;
}

double sample_seconds(const struct sample *now, const struct sample *before)
{
	if (!before)
		return 0;
	return (double)(now->steady.tv_sec - before->steady.tv_sec) +
	       (double)(now->steady.tv_nsec - before->steady.tv_nsec) / 1e9;
}

/* A counter that shrank belongs to a domain that was made anew. */
static uint64_t grown(uint64_t now, uint64_t before)
{
	return now >= before ? now - before : now;
}

static uint64_t refused(const struct domain *domain)
{
	return domain->refused_full + domain->refused_gone + domain->refused_taken +
	       domain->refused_foreign + domain->refused_node;
}

/* Those of a policy that has taken over meanwhile begin anew. */
static void add_calls(const struct policy_calls *now, const struct policy_calls *before,
		      struct activity *activity)
{
	for (size_t i = 0; i < MAGE_CALLBACKS; i++) {
		activity->calls += grown(now->callback[i].calls, before->callback[i].calls);
		activity->call_ns += grown(now->callback[i].ns, before->callback[i].ns);
	}
}

struct activity activity_since(const struct sample_domain *now, const struct sample_domain *before,
			       double seconds)
{
	static const struct sample_domain beginning;
	const struct domain *a = before ? &before->domain : &beginning.domain;
	const struct domain *b = &now->domain;
	struct activity activity = {
		.seconds = seconds,
		.faults = grown(b->faults, a->faults),
		.evictions = grown(b->evictions, a->evictions),
		.rescues = grown(b->rescues, a->rescues),
		.waits = grown(b->waits, a->waits),
		.fallbacks = grown(b->fallbacks, a->fallbacks),
		.refaults = grown(b->refaults, a->refaults),
		.picks = grown(b->picks, a->picks),
		.refused = grown(refused(b), refused(a)),
		.direct_reclaim = now->direct_reclaim,
		.latency = histogram_since(&b->latency, &a->latency),
	};

	add_calls(&b->calls, &a->calls, &activity);
	if (before && before->direct_reclaim >= 0 && now->direct_reclaim >= before->direct_reclaim)
		activity.direct_reclaim -= before->direct_reclaim;
	return activity;
}

const char *sample_path(const struct sample_domain *domain)
{
	if (!domain->path)
		return "(gone)";
	return domain->path[domain->mount_len] ? domain->path + domain->mount_len : "/";
}
