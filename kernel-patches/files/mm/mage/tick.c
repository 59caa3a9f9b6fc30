// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a policy's periodic callback, with the domain's rates.
 *
 * A work that queues itself while there is something to tell.  It begins when a
 * batch ends, and ends after a period in which nothing happened.
 */
#include <linux/mm.h>
#include <linux/slab.h>
#include "internal.h"

static bool mage_policy_wants_tick(struct mage_domain *domain)
{
	bool wants;

	rcu_read_lock();
	wants = mage_policy(domain)->tick || mage_policy(domain)->headroom;
	rcu_read_unlock();
	return wants;
}

/* What @stat has grown by since the last time. */
static u64 mage_tick_delta(struct mage_domain *domain, enum mage_stat stat)
{
	u64 now = mage_stat_sum(domain, stat), before = domain->tick_seen[stat];

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
		.frames = mage_domain_frames(domain),
		.waiting = max(atomic_read(&domain->nr_waiting), 0),
	};
	domain->tick_at = now;
}

/**
 * mage_tick_call() - call a policy's tick
 * @domain: its domain
 * @rates: what to tell it
 * @scan: a zeroed batch, for its walks
 */
void mage_tick_call(struct mage_domain *domain, const struct mage_rates *rates,
		    struct mage_batch *scan)
{
	struct mage_ops *policy;
	u64 begin;

	scan->domain = domain;
	scan->scan = true;
	scan->refusals = 0;
	scan->walk_budget = MAGE_WALK_BUDGET;
	rcu_read_lock();
	policy = mage_policy(domain);
	scan->policy = policy;
	if (policy->tick) {
		begin = mage_callback_begin();
		policy->tick(domain, rates, scan);
		mage_callback_end(domain, policy, "tick", begin);
	}
	rcu_read_unlock();
}

/**
 * mage_tick_work() - one tick, and the next one if there is to be any
 * @work: the domain's
 */
void mage_tick_work(struct work_struct *work)
{
	struct mage_domain *domain = container_of(to_delayed_work(work), struct mage_domain,
						  tick_work);
	struct mage_rates rates;
	bool active;

	if (!domain->scan)
		domain->scan = kvzalloc(sizeof(*domain->scan), GFP_KERNEL);
	mage_tick_rates(domain, &rates);
	active = rates.faults || rates.evictions || rates.new || rates.waits || rates.waiting;
	if (domain->scan && active) {
		mage_policy_ask_headroom(domain);
		mage_tick_call(domain, &rates, domain->scan);
	}
	if (active && !READ_ONCE(domain->closing) && mage_policy_wants_tick(domain)) {
		queue_delayed_work(system_unbound_wq, &domain->tick_work,
				   msecs_to_jiffies(MAGE_TICK_MS));
		return;
	}
	/* Who ends a batch from now on starts it again. */
	atomic_set_release(&domain->ticking, 0);
	mage_domain_put(domain);
}

/**
 * mage_tick_start() - something happened in a domain
 * @domain: the domain; the caller holds a reference
 */
void mage_tick_start(struct mage_domain *domain)
{
	struct mage_rates rates;

	if (atomic_read(&domain->ticking) || READ_ONCE(domain->closing) ||
	    !mage_policy_wants_tick(domain) || atomic_cmpxchg_acquire(&domain->ticking, 0, 1))
		return;
	if (!mage_domain_get(domain)) {
		atomic_set_release(&domain->ticking, 0);
		return;
	}
	/* The period begins now; who has set @ticking owns what it measures by. */
	mage_tick_rates(domain, &rates);
	queue_delayed_work(system_unbound_wq, &domain->tick_work,
			   msecs_to_jiffies(MAGE_TICK_MS));
}

/**
 * mage_tick_stop() - no tick is under way or comes any more
 * @domain: a domain that is closing; the caller holds a reference
 */
void mage_tick_stop(struct mage_domain *domain)
{
	if (cancel_delayed_work_sync(&domain->tick_work)) {
		atomic_set_release(&domain->ticking, 0);
		mage_domain_put(domain);
	}
}
