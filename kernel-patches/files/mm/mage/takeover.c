// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a policy is told of the pages that were there before it.
 *
 * When a policy takes the place of another all frames are on list 0, where those that it has
 * not been told of stay until it moves them.  What tells them apart is the epoch of their
 * words: that of a page that arrived since, or that the policy has given a word, is the
 * domain's.
 */
#include <linux/mm.h>
#include <linux/sched.h>
#include "takeover.h"
#include "call.h"
#include "domain.h"
#include "policy.h"

/*
 * Times round list 0 at most.  What a walk of the policy's looks at just then is on no list,
 * and is found the next time, unless another one looks at it by then: that is known to it.
 */
#define MAGE_TAKEOVER_PASSES	4

/*
 * Tells of one page, under RCU.  It is kept from being freed by a reference, and from being
 * isolated by taking PG_lru off it, as whoever isolates it would: so page_out cannot come
 * before this.  What is isolated already comes back as ADOPTED, and a victim is told of by
 * its outcome.
 *
 * Return: whether the policy was told
 */
static bool mage_takeover_tell(struct mage_domain *domain, struct mage_ops *policy,
			       struct mage_frame *frame)
{
	const struct mage_ghost nothing = { .distance = MAGE_NO_DISTANCE };
	u64 owner = READ_ONCE(frame->owner);
	struct mage_call call;
	struct folio *folio;
	bool told = false;

	if (owner >> MAGE_OWNER_ID_SHIFT != domain->shards.id ||
	    READ_ONCE(frame->epoch) == READ_ONCE(domain->shards.epoch))
		return false;
	folio = mage_owner_folio(owner);
	if (!folio_try_get(folio))
		return false;
	/* It may have been freed before that, and be another's. */
	if (READ_ONCE(frame->owner) == owner && folio_test_clear_lru(folio)) {
		memset(frame->word, 0, sizeof(frame->word));
		WRITE_ONCE(frame->epoch, READ_ONCE(domain->shards.epoch));
		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_PAGE_IN, MAGE_CALL_LOCKED);
		call.work = 1;
		policy->page_in(domain, frame, MAGE_PAGE_IN_TAKEOVER, &nothing);
		mage_call_leave(&call);
		folio_set_lru(folio);
		told = true;
	}
	/* The last put of an anonymous page does not sleep, as we may not. */
	folio_put(folio);
	return told;
}

/*
 * Takes the head of a shard's list 0, tells of it, which is counted in @told, and puts it at
 * the tail unless the policy has moved it.
 *
 * Return: false if there is none, or the policy does not govern any more
 */
static bool mage_takeover_next(struct mage_domain *domain, struct mage_shard *shard, u8 epoch,
			       unsigned long *told)
{
	struct mage_frame *frame = NULL;
	struct mage_ops *policy;

	rcu_read_lock();
	policy = mage_policy(domain);
	if (mage_policy_wants_takeover(policy) && READ_ONCE(domain->shards.epoch) == epoch &&
	    !READ_ONCE(domain->shards.closing))
		frame = mage_frame_walk(shard, 0);
	if (frame) {
		*told += mage_takeover_tell(domain, policy, frame);
		mage_frame_unwalk(&domain->shards, frame);
	}
	rcu_read_unlock();
	return frame;
}

/* Goes once round what list 0 has; returns how many pages the policy was told of. */
static unsigned long mage_takeover_pass(struct mage_domain *domain, u8 epoch)
{
	unsigned long told = 0;
	unsigned int i;

	for (i = 0; i < domain->shards.nr; i++) {
		struct mage_shard *shard = &domain->shards.shard[i];
		unsigned long left = READ_ONCE(shard->nr[0]);

		while (left-- && mage_takeover_next(domain, shard, epoch, &told))
			cond_resched();
	}
	return told;
}

/**
 * mage_takeover() - tell a policy that has just taken over of the pages that are there
 * @domain: the domain; the caller is its tick_work
 *
 * Does nothing if none has.  May sleep.
 */
void mage_takeover(struct mage_domain *domain)
{
	unsigned int pass;
	u8 epoch;

	if (!READ_ONCE(domain->untold))
		return;
	WRITE_ONCE(domain->untold, false);
	/*
	 * Before the looks at who governs, and since when: one that takes over meanwhile
	 * sets it again.
	 */
	smp_mb();
	epoch = READ_ONCE(domain->shards.epoch);
	for (pass = 0; pass < MAGE_TAKEOVER_PASSES; pass++) {
		/* What a walk that began before had taken off list 0 is on it again. */
		if (pass)
			synchronize_rcu();
		if (!mage_takeover_pass(domain, epoch))
			break;
	}
}
