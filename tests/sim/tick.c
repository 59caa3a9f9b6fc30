// SPDX-License-Identifier: GPL-2.0-only
/* A policy's periodic callback; so many references stand for MAGE_TICK_MS milliseconds. */
#include "internal.h"

static void ask_headroom(struct mage_domain *domain)
{
	u64 limit = machine_limit(domain), answer;

	if (!domain->policy->headroom)
		return;
	/* How much room there is is given; but the policy may count on being asked. */
	answer = domain->policy->headroom(domain, limit);
	if (answer > limit)
		machine_break(domain, "headroom answered %llu; it must be 0 to %llu", answer,
			      limit);
}

void tick_maybe(struct mage_domain *domain)
{
	const struct machine_counts *now = &domain->counts, *before = &domain->at_tick;
	struct mage_rates rates;

	if (now->references < domain->next_tick)
		return;
	domain->next_tick += domain->setup.tick;
	ask_headroom(domain);
	rates = (struct mage_rates){
		.ns = MAGE_TICK_MS * 1000000ULL,
		.faults = now->faults - before->faults,
		.new = now->first_touches - before->first_touches,
		.prefetched = now->prefetched - before->prefetched,
		.prefetch_hits = now->prefetch_hits - before->prefetch_hits,
		.prefetch_waste = now->prefetch_waste - before->prefetch_waste,
		.evictions = now->evictions - before->evictions,
		.refaults = now->refaults - before->refaults,
		.refault_distance = now->refault_distance - before->refault_distance,
		.room = machine_room(domain),
		.headroom = domain->headroom,
		.limit = machine_limit(domain),
		.frames = domain->frames_used,
	};
	domain->at_tick = *now;
	if (!domain->policy->tick || !(rates.faults || rates.evictions || rates.new ||
				       domain->policy->flags &MAGE_OPS_IDLE_TICK))
		return;
	domain->scan = (struct mage_batch){
		.domain = domain,
		.scan = true,
		.walk_budget = MAGE_WALK_BUDGET,
		.region_budget = region_budget(domain),
	};
	domain->policy->tick(domain, &rates, &domain->scan);
}
