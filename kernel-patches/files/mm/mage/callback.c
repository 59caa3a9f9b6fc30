// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the calls of a policy's callbacks.
 *
 * Each runs wholly inside one RCU read-side section: a replaced policy is freed
 * only after a grace period.  What a policy does not define costs the look at a
 * pointer, or, where it would be called for every page, at a bit of the domain.
 */
#include <linux/sched/cputime.h>
#include "callback.h"
#include "disk.h"
#include "effort.h"
#include "limit.h"
#include "policy.h"

/* What is remembered of a page that comes back from @from, an entry of 0 for nowhere. */
static void mage_policy_recall(struct mage_domain *domain, const struct mage_ops *policy,
			       swp_entry_t from, struct mage_ghost *ghost)
{
	struct mage_disk *disk = from.val ? mage_disk_of_type(swp_type(from)) : NULL;

	*ghost = (struct mage_ghost){ .distance = MAGE_NO_DISTANCE };
	if (!disk)
		return;
	ghost->slot = swp_offset(from);
	if (!(policy->flags & MAGE_OPS_GHOST) ||
	    !mage_ghost_read(disk, swp_offset(from), mage_domain_ghost_key(domain), ghost))
		return;
	mage_count(domain->stats, MAGE_STAT_REFAULTS);
	mage_count_add(domain->stats, MAGE_STAT_REFAULT_DISTANCE, ghost->distance);
}

void __mage_policy_page_in(struct mage_domain *domain, struct mage_frame *frame, u32 why,
			   swp_entry_t from)
{
	struct mage_ghost ghost;
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->page_in || policy->flags & MAGE_OPS_GHOST) {
		mage_policy_recall(domain, policy, from, &ghost);
		if (policy->page_in)
			policy->page_in(domain, frame, why, &ghost);
	}
	rcu_read_unlock();
}

void __mage_policy_page_out(struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->page_out)
		policy->page_out(domain, frame, why);
	rcu_read_unlock();
}

void __mage_policy_outcome(struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->outcome)
		policy->outcome(domain, frame, outcome);
	rcu_read_unlock();
}

/**
 * mage_policy_hint() - an application said something about a page
 * @domain: its domain
 * @frame: its frame; the page table lock is held
 * @what: enum mage_hint
 */
void mage_policy_hint(struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->hint)
		policy->hint(domain, frame, what);
	else
		mage_frame_set_list(&domain->shards, frame, 0, what == MAGE_HINT_WILLNEED);
	rcu_read_unlock();
}

/* Ejects a policy whose answer is out of range. */
static bool mage_answer_is_good(struct mage_domain *domain, struct mage_ops *policy,
				const char *callback, u64 answer, u64 least, u64 most)
{
	if (likely(answer >= least && answer <= most))
		return true;
	mage_policy_eject(domain, policy, MAGE_EXIT_BAD_NUMBER,
			  "%s answered %llu; it must be %llu to %llu",
			  callback, answer, least, most);
	return false;
}

/**
 * mage_policy_evictors() - how many evictors may serve a domain now
 * @domain: the domain
 */
u32 mage_policy_evictors(struct mage_domain *domain)
{
	u32 evictors = MAGE_EVICTORS_MAX;
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->evictors) {
		u32 answer = policy->evictors(domain);

		if (mage_answer_is_good(domain, policy, "evictors", answer, 0,
					MAGE_EVICTORS_MAX))
			evictors = answer;
	}
	rcu_read_unlock();
	/* Nobody but an evictor can help those that wait, for room or for what they reclaim. */
	if (!evictors && mage_domain_is_asked(domain))
		evictors = 1;
	return evictors;
}

/**
 * mage_policy_depth() - how many batches of a domain an evictor may have
 * @domain: the domain
 */
u32 mage_policy_depth(struct mage_domain *domain)
{
	u32 depth = MAGE_DEPTH_DEFAULT;
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->depth) {
		u32 answer = policy->depth(domain);

		if (mage_answer_is_good(domain, policy, "depth", answer, 1, MAGE_DEPTH_MAX))
			depth = answer;
	}
	rcu_read_unlock();
	return depth;
}

/**
 * mage_policy_ask_headroom() - ask the policy how much room to keep free
 * @domain: the domain
 *
 * The answer is kept in @domain->wanted_room, where faults look at it.
 */
void mage_policy_ask_headroom(struct mage_domain *domain)
{
	unsigned long wanted = MAGE_HEADROOM_DEFAULT;
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->headroom) {
		u64 limit = mage_domain_limit(domain);
		u64 answer = policy->headroom(domain, limit);

		if (mage_answer_is_good(domain, policy, "headroom", answer, 0, limit))
			wanted = answer;
	}
	rcu_read_unlock();
	if (READ_ONCE(domain->wanted_room) != wanted)
		WRITE_ONCE(domain->wanted_room, wanted);
}

/**
 * mage_policy_no_room() - what a thread that finds no room is to do
 * @domain: its domain
 * @nr: pages that it needs
 *
 * Return: 0 to wait; else how many pages to evict itself
 */
u32 mage_policy_no_room(struct mage_domain *domain, u32 nr)
{
	struct mage_ops *policy;
	u32 self = 0;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->no_room) {
		self = policy->no_room(domain, nr);
		if (!mage_answer_is_good(domain, policy, "no_room", self, 0, MAGE_SELF_MAX))
			self = 0;
	}
	rcu_read_unlock();
	return self;
}

/**
 * mage_callback_clock() - the time by which callbacks that may use much are measured
 *
 * The time of the task in the kernel as the accounting of CPU time has it, which
 * the clock's ticks add to.  The scheduler's clock would be finer, but it goes on
 * while a hypervisor does not run the CPU, and a policy is not to blame for that.
 *
 * Return: nanoseconds
 */
u64 mage_callback_clock(void)
{
	u64 utime, stime;

	task_cputime(current, &utime, &stime);
	return stime;
}

/**
 * mage_callback_end() - a callback has ended
 * @domain: its domain
 * @policy: whose it is
 * @callback: its name
 * @begin: what mage_callback_clock() returned
 * @work: pages that it has looked at or picked
 *
 * It is the task's CPU time that counts, so that a policy is not blamed for
 * other tasks, nor for other guests of a host.
 */
void mage_callback_end(struct mage_domain *domain, struct mage_ops *policy,
		       const char *callback, u64 begin, unsigned long work)
{
	u64 ns = mage_callback_clock() - begin;
	u64 ms = div_u64(ns, NSEC_PER_MSEC);

	if (unlikely(ms > MAGE_CALLBACK_MS))
		mage_policy_eject(domain, policy, MAGE_EXIT_OVER_BUDGET,
				  "%s used %llu ms of CPU time; it may use %d",
				  callback, ms, MAGE_CALLBACK_MS);
	else
		mage_effort_spent(domain, policy, callback, ns, work);
}
