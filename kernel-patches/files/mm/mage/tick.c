// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: when a policy's tick is due.
 *
 * A work of the domain that queues itself while there is something to tell.  It
 * begins when a batch ends or a policy takes over, and ends after a period in which
 * nothing happened.
 */
#include <linux/workqueue.h>
#include "tick.h"
#include "domain.h"
#include "policy.h"

/**
 * mage_tick_is_wanted() - whether a domain's policy is to be called now and then
 * @domain: the domain
 *
 * Return: true if it has a callback for that
 */
bool mage_tick_is_wanted(struct mage_domain *domain)
{
	bool wants;

	rcu_read_lock();
	wants = mage_policy(domain)->tick || mage_policy(domain)->headroom;
	rcu_read_unlock();
	return wants;
}

/**
 * mage_tick_start() - something happened in a domain
 * @domain: the domain; the caller holds a reference
 */
void mage_tick_start(struct mage_domain *domain)
{
	if (atomic_read(&domain->ticking) || READ_ONCE(domain->shards.closing) ||
	    !mage_tick_is_wanted(domain) || atomic_cmpxchg_acquire(&domain->ticking, 0, 1))
		return;
	if (!mage_domain_get(domain)) {
		atomic_set_release(&domain->ticking, 0);
		return;
	}
	/* Who has set @ticking owns what is measured by; the work begins the period. */
	domain->tick_at = 0;
	if (queue_delayed_work(system_unbound_wq, &domain->tick_work, 0))
		return;
	/* mage_tick_stop() is at it. */
	atomic_set_release(&domain->ticking, 0);
	mage_domain_put(domain);
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
