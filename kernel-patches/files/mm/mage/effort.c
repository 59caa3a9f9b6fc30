// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what a policy does for the CPU time that it uses.
 *
 * One call may use up to the limit for a call and break no other rule, again and again,
 * while the evictor that it keeps is not there for other domains.  So what calls that loop
 * or walk use adds up, and so do the pages that they look at and pick: once that is a
 * second, the policy is to have done something for it, unless that second took long to
 * come together.
 */
#include <linux/math64.h>
#include "effort.h"
#include "domain.h"
#include "policy.h"

/**
 * mage_effort_spent() - a policy has used CPU time
 * @domain: of this domain; the caller is in an RCU read-side section
 * @policy: the policy
 * @callback: the callback that has ended just now
 * @ns: CPU time of the task, by the accounting of the kernel: so what others take away,
 *	be it a real-time task or a hypervisor, is not in it
 * @work: pages that were looked at or picked, or that the call was about
 *
 * Several may add to it at a time.  One who comes too late to be the one that looks has
 * the next one look.
 */
void mage_effort_spent(struct mage_domain *domain, struct mage_ops *policy,
		       const char *callback, u64 ns, unsigned long work)
{
	struct mage_effort *effort = &mage_domain_root(domain)->effort;
	unsigned long since;
	s64 spent;

	/* What the one before does to its end is not held against a new one. */
	if (mage_policy(domain) != policy)
		return;
	atomic_long_add(work, &effort->work);
	if (!ns)
		return;
	spent = atomic64_add_return(ns, &effort->ns);
	if (likely(spent < MAGE_EFFORT_NS) || !atomic64_try_cmpxchg(&effort->ns, &spent, 0))
		return;
	work = atomic_long_xchg(&effort->work, 0);
	since = xchg(&effort->since, jiffies);
	if (work >= MAGE_EFFORT_LEAST || time_after(jiffies, since + MAGE_EFFORT_WITHIN))
		return;
	mage_policy_eject(domain, policy, MAGE_EXIT_OVER_BUDGET,
			  "%s, and what was called before, used %llu ms of CPU time for %lu pages in %u ms; it may for %d or more",
			  callback, div_u64(spent, NSEC_PER_MSEC), work,
			  jiffies_to_msecs(jiffies - since), MAGE_EFFORT_LEAST);
}

/**
 * mage_effort_forget() - another policy takes over
 * @domain: the domain
 */
void mage_effort_forget(struct mage_domain *domain)
{
	atomic64_set(&domain->effort.ns, 0);
	atomic_long_set(&domain->effort.work, 0);
	WRITE_ONCE(domain->effort.since, jiffies);
}
