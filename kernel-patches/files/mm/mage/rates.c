// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a policy's periodic callback, with the domain's rates.
 */
#include <linux/slab.h>
#include "rates.h"
#include "batch.h"
#include "call.h"
#include "callback.h"
#include "domain.h"
#include "limit.h"
#include "policy.h"
#include "region.h"
#include "room.h"
#include "takeover.h"
#include "tick.h"

/* What @stat has grown by since the last time. */
static u64 mage_tick_delta(struct mage_domain *domain, enum mage_stat stat)
{
	u64 now = mage_stat_sum(domain->stats, stat), before = domain->tick_seen[stat];

	domain->tick_seen[stat] = now;
	return now - before;
}

static void mage_tick_rates(struct mage_domain *domain, struct mage_rates *rates)
{
	u64 now = ktime_get_ns();

	*rates = (struct mage_rates){
		.ns = now - domain->tick_at,
		.faults = mage_tick_delta(domain, MAGE_STAT_FAULTS),
		.new = mage_tick_delta(domain, MAGE_STAT_FIRST_TOUCHES),
		.prefetched = mage_tick_delta(domain, MAGE_STAT_PREFETCHED),
		.prefetch_hits = mage_tick_delta(domain, MAGE_STAT_PREFETCH_HITS),
		.prefetch_waste = mage_tick_delta(domain, MAGE_STAT_PREFETCH_WASTE),
		.evictions = mage_tick_delta(domain, MAGE_STAT_EVICTIONS),
		.rescues = mage_tick_delta(domain, MAGE_STAT_RESCUES),
		.waits = mage_tick_delta(domain, MAGE_STAT_WAITS),
		.wait_ns = mage_tick_delta(domain, MAGE_STAT_WAIT_NS),
		.refaults = mage_tick_delta(domain, MAGE_STAT_REFAULTS),
		.refault_distance = mage_tick_delta(domain, MAGE_STAT_REFAULT_DISTANCE),
		.room = mage_domain_room(domain),
		.headroom = mage_domain_headroom(domain),
		.limit = mage_domain_limit(domain),
		.frames = mage_shards_frames(&domain->shards),
		.waiting = mage_domain_waiting(domain),
		.fault_ns = mage_tick_delta(domain, MAGE_STAT_FAULT_NS),
	};
	domain->tick_at = now;
}

/* Calls the policy's tick; @scan is for its walks. */
static void mage_tick_call(struct mage_domain *domain, const struct mage_rates *rates,
			   struct mage_batch *scan)
{
	struct mage_ops *policy;
	struct mage_call call;

	scan->domain = domain;
	scan->scan = true;
	scan->refusals = 0;
	scan->walk_budget = MAGE_WALK_BUDGET;
	scan->around = (struct mage_window){};
	mage_region_begin(scan, rates->frames);
	rcu_read_lock();
	policy = mage_policy(domain);
	scan->policy = policy;
	if (policy->tick) {
		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_TICK, MAGE_CALL_USUAL);
		scan->call = &call;
		policy->tick(domain, rates, scan);
		scan->call = NULL;
		call.work = MAGE_WALK_BUDGET - scan->walk_budget + mage_region_work(scan);
		mage_call_leave(&call);
	}
	rcu_read_unlock();
}

/* One tick, and the next one if there is to be any. */
static void mage_tick_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(to_delayed_work(work), struct mage_domain,
						  tick_work);
	bool begins = !domain->tick_at, active;
	struct mage_rates rates;

	mage_takeover(domain);
	if (!domain->scan)
		domain->scan = kvzalloc(sizeof(*domain->scan), GFP_KERNEL);
	mage_tick_rates(domain, &rates);
	active = rates.faults || rates.evictions || rates.new || rates.waits || rates.waiting ||
		 mage_tick_is_endless(domain);
	if (domain->scan && active && !begins) {
		mage_policy_ask_headroom(domain);
		mage_tick_call(domain, &rates, domain->scan);
	}
	if ((active || begins) && !READ_ONCE(domain->shards.closing) &&
	    mage_tick_is_wanted(domain) &&
	    /* While mage_tick_stop() waits for this work it cannot be queued. */
	    queue_delayed_work(system_unbound_wq, &domain->tick_work,
			       msecs_to_jiffies(MAGE_TICK_MS)))
		return;
	mage_tick_over(domain);
}

/**
 * mage_rates_set_up() - what calls the tick of a domain's policy
 * @domain: a new domain
 */
void mage_rates_set_up(struct mage_domain *domain)
{
	INIT_DELAYED_WORK(&domain->tick_work, mage_tick_work);
}
