// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: when a policy's tick is due.
 *
 * A work of the domain that queues itself while there is something to tell.  It
 * begins when a batch ends or a policy takes over, and ends after a period in which
 * nothing happened; or never, if the policy wants that.
 */
#include <linux/cgroup.h>
#include <linux/memcontrol.h>
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
	wants = mage_policy(domain)->tick || mage_policy(domain)->headroom ||
		READ_ONCE(domain->untold);
	rcu_read_unlock();
	return wants;
}

/**
 * mage_tick_is_endless() - whether the policy is to be called though nothing happens
 * @domain: the domain
 *
 * A tick has a reference, and with it one to the cgroup: were there always one, a cgroup that
 * is removed would never go.
 *
 * Return: true if so
 */
bool mage_tick_is_endless(struct mage_domain *domain)
{
	const struct mage_ops *policy;
	bool endless;

	rcu_read_lock();
	policy = mage_policy(domain);
	endless = policy->tick && policy->flags & MAGE_OPS_IDLE_TICK &&
		  !css_is_dying(&domain->memcg->css);
	rcu_read_unlock();
	return endless;
}

/**
 * mage_tick_start() - something happened in a domain
 * @domain: the domain; the caller holds a reference
 */
void mage_tick_start(struct mage_domain *domain)
{
	/* Either we see that the last tick has ended, or that sees what the caller did. */
	smp_mb();
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
 * mage_tick_over() - no tick follows the one that is under way
 * @domain: the domain; the caller is its tick_work, whose reference this drops
 */
void mage_tick_over(struct mage_domain *domain)
{
	/* Who ends a batch from now on starts it again. */
	atomic_set_release(&domain->ticking, 0);
	/* A policy may have taken over since we looked what it wants: see mage_tick_start(). */
	smp_mb();
	if (READ_ONCE(domain->untold) || mage_tick_is_endless(domain))
		mage_tick_start(domain);
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
