// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the calls of a policy's callbacks.
 *
 * Each runs wholly inside one RCU read-side section: a replaced policy is freed
 * only after a grace period.  What a policy does not define costs the look at a
 * pointer, or, where it would be called for every page, at a bit of the domain.
 */
#include "callback.h"
#include "call.h"
#include "disk.h"
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
	struct mage_call call;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->page_in || policy->flags & MAGE_OPS_GHOST) {
		mage_policy_recall(domain, policy, from, &ghost);
		if (policy->page_in) {
			mage_call_enter(&call, domain, policy, MAGE_CALLBACK_PAGE_IN,
					MAGE_CALL_LOCKED);
			call.work = 1;
			policy->page_in(domain, frame, why, &ghost);
			mage_call_leave(&call);
		}
	}
	rcu_read_unlock();
}

void __mage_policy_page_out(struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	struct mage_ops *policy;
	struct mage_call call;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->page_out) {
		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_PAGE_OUT, MAGE_CALL_LOCKED);
		call.work = 1;
		policy->page_out(domain, frame, why);
		mage_call_leave(&call);
	}
	rcu_read_unlock();
}

void __mage_policy_outcome(struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	struct mage_ops *policy;
	struct mage_call call;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->outcome) {
		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_OUTCOME, MAGE_CALL_EACH);
		call.work = 1;
		policy->outcome(domain, frame, outcome);
		mage_call_leave(&call);
	}
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
	struct mage_call call;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->hint) {
		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_HINT, MAGE_CALL_LOCKED);
		call.work = 1;
		policy->hint(domain, frame, what);
		mage_call_leave(&call);
	} else {
		mage_frame_set_list(&domain->shards, frame, 0, what == MAGE_HINT_WILLNEED);
	}
	rcu_read_unlock();
}

/**
 * mage_answer_is_good() - eject a policy whose answer is out of range
 * @call: the call that answered; the caller is in the RCU read-side section of it
 * @answer: the answer
 * @least: the least that it may be
 * @most: the most
 *
 * Return: whether it is in range
 */
bool mage_answer_is_good(const struct mage_call *call, u64 answer, u64 least, u64 most)
{
	if (likely(answer >= least && answer <= most))
		return true;
	mage_call_count(call->domain, call->callback, errors, 1);
	mage_policy_eject(call->domain, call->policy, MAGE_EXIT_BAD_NUMBER,
			  "%s answered %llu; it must be %llu to %llu",
			  mage_callback_name(call->callback), answer, least, most);
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
		struct mage_call call;
		u32 answer;

		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_EVICTORS, MAGE_CALL_USUAL);
		answer = policy->evictors(domain);
		mage_call_leave(&call);
		if (mage_answer_is_good(&call, answer, 0, MAGE_EVICTORS_MAX))
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
		struct mage_call call;
		u32 answer;

		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_DEPTH, MAGE_CALL_USUAL);
		answer = policy->depth(domain);
		mage_call_leave(&call);
		if (mage_answer_is_good(&call, answer, 1, MAGE_DEPTH_MAX))
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
		u64 limit = mage_domain_limit(domain), answer;
		struct mage_call call;

		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_HEADROOM, MAGE_CALL_USUAL);
		answer = policy->headroom(domain, limit);
		mage_call_leave(&call);
		if (mage_answer_is_good(&call, answer, 0, limit))
			wanted = answer;
	}
	rcu_read_unlock();
	if (READ_ONCE(domain->wanted_room) != wanted)
		WRITE_ONCE(domain->wanted_room, wanted);
}

/* Asks @ask, under rcu_read_lock(), about a thread that finds no room for @nr pages. */
static u32 mage_ask_no_room(struct mage_domain *domain, struct mage_ops *policy,
			    u32 (*ask)(struct mage_domain *domain, u32 nr),
			    enum mage_callback callback, u32 nr, u32 most)
{
	struct mage_call call;
	u32 answer;

	if (!ask)
		return 0;
	mage_call_enter(&call, domain, policy, callback, MAGE_CALL_USUAL);
	answer = ask(domain, nr);
	call.work = nr;
	mage_call_leave(&call);
	return mage_answer_is_good(&call, answer, 0, most) ? answer : 0;
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
	u32 self;

	rcu_read_lock();
	policy = mage_policy(domain);
	self = mage_ask_no_room(domain, policy, policy->no_room, MAGE_CALLBACK_NO_ROOM,
				nr, MAGE_SELF_MAX);
	rcu_read_unlock();
	return self;
}

/**
 * mage_policy_reserve() - whether a thread that finds no room is favoured
 * @domain: the domain that it would wait at
 * @nr: pages that it needs
 *
 * Return: 0 to wait in its turn; else pages to be kept in reserve for threads like it
 */
u32 mage_policy_reserve(struct mage_domain *domain, u32 nr)
{
	struct mage_ops *policy;
	u32 reserve;

	rcu_read_lock();
	policy = mage_policy(domain);
	reserve = mage_ask_no_room(domain, policy, policy->reserve, MAGE_CALLBACK_RESERVE,
				   nr, MAGE_RESERVE_MAX);
	rcu_read_unlock();
	return reserve;
}
