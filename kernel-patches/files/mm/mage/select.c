// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the selection of victims, by the policy or built in.
 */
#include <linux/memcontrol.h>
#include "select.h"
#include "call.h"
#include "callback.h"
#include "knobs.h"
#include "policy.h"
#include "region.h"
#include "room.h"
#include "walk.h"

/* Selections in a row that may pick nothing while threads wait for room. */
#define MAGE_FRUITLESS_MAX	64

/* Pages that are not to be had that a policy may pick by number in a row. */
#define MAGE_BAD_PICKS_MAX	16

/* Fewest frames that the built-in selection takes from a shard at a time. */
#define MAGE_SHARD_LEAST	16UL

/* Adds a victim, whoever named it; the errors are those of mage_frame_pick(). */
static int mage_batch_pick(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_domain *domain = batch->domain;
	int err;

	if (batch->nr >= batch->max)
		return -ENOSPC;
	err = mage_walk_pick(batch, frame);
	if (err != -EXDEV)
		return err;
	err = mage_frame_pick(&domain->shards, frame);
	if (err)
		return err;
	mage_batch_push(batch, frame, mage_frame_folio(frame));
	return 0;
}

/* Ejects a policy that picks what this call of it has picked before. */
static bool mage_batch_picked_twice(struct mage_batch *batch, struct mage_frame *frame)
{
	unsigned int i;

	for (i = batch->begun; i < batch->nr; i++) {
		if (batch->victim[i].frame != frame)
			continue;
		mage_policy_eject(batch->domain, batch->policy, MAGE_EXIT_DOUBLE_PICK,
				  "select picked a page that is a victim already");
		return true;
	}
	return false;
}

/**
 * mage_batch_take() - add a victim that the policy was shown
 * @batch: the batch
 * @frame: frame that a walk or a sample of this call returned
 *
 * The page was the domain's and in no batch when it was shown.  If it is not any
 * more, it was freed or another evictor was faster, and that is no fault of the
 * policy, however often it happens: whole processes exit.
 *
 * Return: 0; -ENOSPC when the batch is full; -ENOENT when the page left
 * meanwhile; -EBUSY when it is a victim already, which ejects the policy if it is
 * this batch's
 */
int mage_batch_take(struct mage_batch *batch, struct mage_frame *frame)
{
	int err = mage_batch_pick(batch, frame);

	if (err == -EBUSY)
		mage_batch_picked_twice(batch, frame);
	return err == -EXDEV ? -ENOENT : err;
}

/*
 * Whatever was picked since the last pick in vain has ended the row of these.  So good
 * picks, of which there are many more, need not look at the count.
 */
static void mage_batch_end_bad_row(struct mage_batch *batch)
{
	if (batch->nr != batch->nr_bad && atomic_read(&batch->domain->bad_picks))
		atomic_set(&batch->domain->bad_picks, 0);
	batch->nr_bad = batch->nr;
}

static bool mage_batch_is_bad_row(struct mage_batch *batch)
{
	mage_batch_end_bad_row(batch);
	return atomic_inc_return(&batch->domain->bad_picks) >= MAGE_BAD_PICKS_MAX;
}

/* Whether a page that is another domain's may be one that has left since the call began. */
static bool mage_batch_may_be_gone(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;

	/* From now on the departures are known when a call begins; of this one all count. */
	if (unlikely(!READ_ONCE(domain->by_number)))
		WRITE_ONCE(domain->by_number, true);
	/* The owner was read; pairs with the barrier in mage_count_departures(). */
	smp_rmb();
	return ++batch->foreign <= mage_departures_sum(domain->stats) - batch->gone;
}

/*
 * Whether a page is of another domain under the same policy, which may remember the
 * pages of all of them; or of one below that has got a policy of its own since; or of
 * none by now.
 */
static bool mage_batch_is_related(struct mage_batch *batch, struct mage_frame *frame)
{
	unsigned int id = mage_frame_domain_id(frame);
	struct mage_domain *other;

	guard(rcu)();
	other = mage_domain_by_id(id);
	return !id || (other && mem_cgroup_is_descendant(other->memcg,
							 mage_domain_root(batch->domain)->memcg));
}

/**
 * mage_batch_take_id() - add a victim that the policy remembered
 * @batch: the batch
 * @id: what mage_frame_id() returned, or any number
 *
 * A page that has left may be another domain's by now.  A policy that forgets pages
 * in page_out, which is called before they can be, picks such pages only if
 * they left while the call was under way: as many as have left since it began
 * are taken for pages that are gone, and not held against it.
 *
 * Nor are pages of other cgroups that it governs, which it cannot have now.
 *
 * Return: as mage_batch_take(); -EXDEV when the page is another domain's or there
 * is none of that number; -EAGAIN when the batch is for another node
 */
int mage_batch_take_id(struct mage_batch *batch, u64 id)
{
	struct mage_frame *frame = mage_frame_by_pfn(id);
	struct mage_domain *domain = batch->domain;
	int err;

	/* So mage_frame_id() names a page that has left. */
	if (!id)
		return -ENOENT;
	if (!frame) {
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_BAD_FRAME,
				  "select picked %llu, which is no page", id);
		return -EXDEV;
	}
	if (unlikely(batch->node) && pfn_to_nid(id) != mage_batch_nid(batch))
		return -EAGAIN;
	err = mage_batch_pick(batch, frame);
	if (err == -EXDEV && (mage_batch_is_related(batch, frame) || mage_batch_may_be_gone(batch)))
		return -ENOENT;
	if (err == -EXDEV && mage_batch_is_bad_row(batch))
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_FOREIGN_FRAME,
				  "select picked %d pages in a row that are not the domain's",
				  MAGE_BAD_PICKS_MAX);
	if (err == -EBUSY && !mage_batch_picked_twice(batch, frame) && mage_batch_is_bad_row(batch))
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_DOUBLE_PICK,
				  "select picked %d pages in a row that are victims already",
				  MAGE_BAD_PICKS_MAX);
	return err;
}

/*
 * Whether one more page may be picked to be cleaned, which makes no room: far memory and
 * its link are there for what leaves, too.
 */
static bool mage_domain_may_clean(struct mage_domain *domain)
{
	long clock = atomic_long_read(&domain->clock), old, from;

	old = atomic_long_read(&domain->cleaned);
	do {
		/* What was evicted without is no credit for later. */
		from = max(old, clock);
		if (from - clock >= MAGE_CLEAN_AHEAD)
			return false;
	} while (!atomic_long_try_cmpxchg(&domain->cleaned, &old, from + 1));
	return true;
}

/*
 * Whether a page would be armed, and shot down, to no end, as it has no far copy and may
 * get none.  It is nobody's victim yet, so either may change: the stage "write" decides.
 */
static bool mage_frame_lacks_slot(struct mage_domain *domain, const struct mage_frame *frame)
{
	return READ_ONCE(domain->keeps_no_slots) && !READ_ONCE(frame->slot_type);
}

/**
 * mage_batch_take_to_clean() - add a victim that is only written, and stays
 * @batch: the batch
 * @frame: frame that a walk or a sample of this call returned
 * @list: any number: the list to whose tail it goes when it is clean
 *
 * Return: as mage_batch_take(); -EINVAL for a bad list; -EDQUOT when no more may be cleaned
 * before others are evicted, for a batch of a thread that needs room itself, and for a page
 * without a far copy when the last batch could have kept no new ones
 */
int mage_batch_take_to_clean(struct mage_batch *batch, struct mage_frame *frame, u32 list)
{
	struct mage_domain *domain = batch->domain;
	struct mage_victim *victim;
	int err;

	if (list >= MAGE_LISTS)
		return -EINVAL;
	if (batch->self || mage_frame_lacks_slot(domain, frame) || !mage_domain_may_clean(domain))
		return -EDQUOT;
	err = mage_batch_take(batch, frame);
	if (err) {
		atomic_long_dec(&domain->cleaned);
		return err;
	}
	victim = &batch->victim[batch->nr - 1];
	victim->cleaning = true;
	victim->list = list;
	victim->epoch = READ_ONCE(domain->shards.epoch);
	batch->cleaning++;
	return 0;
}

/* Takes up to @share victims from a shard, a few under each hold of its lock. */
static void mage_batch_take_share(struct mage_batch *batch, struct mage_shard *shard,
				  unsigned int list, unsigned long share)
{
	while (share && batch->nr < batch->max) {
		unsigned long nr = min3(share, (unsigned long)(batch->max - batch->nr),
					MAGE_SHARD_LEAST);

		if (mage_frames_take(batch, shard, list, nr) < nr)
			return;
		share -= nr;
	}
}

/**
 * mage_batch_take_list() - add the victims at the heads of a list
 * @batch: the batch
 * @list: any number
 * @nr: how many at most
 *
 * As a walk that picks what it is shown, but without a word to the policy about each:
 * the shards take turns likewise, and it counts against the same budget.
 *
 * Return: how many were added; -EINVAL if there is no such list
 */
int mage_batch_take_list(struct mage_batch *batch, u32 list, u32 nr)
{
	const struct mage_shards *shards = &batch->domain->shards;
	u32 before = batch->nr, i;
	struct mage_span span;
	unsigned int start;

	if (list >= MAGE_LISTS)
		return -EINVAL;
	/* There is no room in the batch of tick. */
	if (!nr || !mage_walk_may_begin(batch, "walks") || batch->nr >= batch->max ||
	    !mage_batch_goes_on(batch))
		return 0;
	nr = min3(nr, batch->walk_budget, batch->max - batch->nr);
	span = mage_shards_span(shards, mage_batch_nid(batch));
	start = mage_turn_shard(batch, &span, list);
	for (i = 0; i <= span.mask && batch->nr - before < nr; i++) {
		struct mage_shard *shard = mage_span_shard(shards, &span, start + i);

		/* What comes meanwhile is not seen, as in a walk. */
		mage_batch_take_share(batch, shard, list,
				      min(READ_ONCE(shard->nr[list]),
					  (unsigned long)nr - (batch->nr - before)));
	}
	batch->walk_budget -= batch->nr - before;
	return batch->nr - before;
}

/*
 * First in, first out: fills a batch with the heads of the lists of some shards.
 *
 * Each shard gives in proportion to what it has, so that the oldest pages go
 * first though no list has them all.
 */
static void mage_batch_take_heads(struct mage_domain *domain, struct mage_batch *batch,
				  const struct mage_span *span)
{
	unsigned long frames = mage_span_frames(&domain->shards, span) + 1;
	unsigned int start = atomic_read(&domain->next_shard);
	unsigned int list, i;

	for (list = 0; list < MAGE_LISTS && batch->nr < batch->max; list++) {
		/* Twice round: the shares of full shards, then what there is. */
		for (i = 0; i < 2 * (span->mask + 1) && batch->nr < batch->max; i++) {
			struct mage_shard *shard = mage_span_shard(&domain->shards, span,
								   start + i);
			unsigned long nr = READ_ONCE(shard->nr[list]), share = batch->max;

			if (!nr)
				continue;
			if (i <= span->mask)
				share = max(batch->max * nr / frames, MAGE_SHARD_LEAST);
			mage_batch_take_share(batch, shard, list, share);
			atomic_set(&domain->next_shard, start + i + 1);
		}
	}
}

static void mage_batch_select_builtin(struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_span span = mage_shards_span(&domain->shards, mage_batch_nid(batch));

	/* A batch is of the node whose turn it is, as far as that has enough. */
	if (domain->want && !batch->node) {
		unsigned int turn = mage_turn_shard(batch, &span, 0);
		struct mage_span row = mage_shards_span(&domain->shards,
							domain->shards.shard[turn].nid);

		mage_batch_take_heads(domain, batch, &row);
	}
	if (batch->nr < batch->max)
		mage_batch_take_heads(domain, batch, &span);
}

/*
 * Ejects a policy that picks nothing while threads wait for room.  While other
 * batches have victims room may yet come of them, unless the far store does not
 * answer; this one's are not counted yet.
 */
static void mage_batch_watch(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	long frames = mage_shards_frames(&domain->shards);
	/* Going round once for second chances is no fault, twice neither. */
	int max = MAGE_FRUITLESS_MAX + 2 * frames / MAGE_WALK_BUDGET;

	if (mage_batch_leaving(batch)) {
		atomic_set(&domain->fruitless, 0);
		return;
	}
	if (batch->policy == &mage_builtin_policy || batch->node || !frames ||
	    !mage_room_is_stuck(domain))
		return;
	if (atomic_inc_return(&domain->fruitless) > max) {
		atomic_set(&domain->fruitless, 0);
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_NO_PROGRESS,
				  "select picked nothing %d times while threads wait for room and %ld pages are there",
				  max, frames);
	}
}

/* Has whatever governs now add victims. */
static void mage_batch_ask_policy(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	struct mage_ops *policy;
	struct mage_call call;

	batch->walk_budget = MAGE_WALK_BUDGET;
	batch->refusals = 0;
	batch->begun = batch->nr;
	batch->gone = READ_ONCE(domain->by_number) ? mage_departures_sum(domain->stats) : 0;
	batch->foreign = 0;
	batch->nr_bad = batch->nr;
	batch->walk = NULL;
	batch->around = (struct mage_window){};
	mage_region_begin(batch, 0);
	rcu_read_lock();
	policy = mage_policy(domain);
	batch->policy = policy;
	if (policy->select) {
		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_SELECT, MAGE_CALL_USUAL);
		batch->call = &call;
		policy->select(domain, batch);
		batch->call = NULL;
		mage_batch_end_bad_row(batch);
		call.work = MAGE_WALK_BUDGET - batch->walk_budget + mage_region_work(batch) +
			    batch->nr - batch->begun;
		mage_call_leave(&call);
	} else {
		mage_batch_select_builtin(domain, batch);
	}
	rcu_read_unlock();
}

/*
 * A policy need not know of nodes, and what it would pick may be on another one.  If it
 * has nothing for a batch that is for one node, not even when it is asked again, the
 * built-in selection takes its place this once.
 */
static void mage_batch_fill_for_node(struct mage_batch *batch)
{
	if (mage_batch_leaving(batch) || batch->policy == &mage_builtin_policy)
		return;
	mage_batch_ask_policy(batch);
	if (!mage_batch_leaving(batch))
		mage_batch_select_builtin(batch->domain, batch);
}

/**
 * mage_batch_fill() - let whatever governs now add victims up to the batch's size
 * @batch: a batch with its size set
 */
void mage_batch_fill(struct mage_batch *batch)
{
	u32 before = batch->nr;

	mage_batch_ask_policy(batch);
	if (unlikely(batch->node))
		mage_batch_fill_for_node(batch);
	mage_count_add(batch->domain->stats, MAGE_STAT_PICKS, batch->nr - before);
}

/**
 * mage_batch_default_size() - victims of a batch when neither policy nor knob says
 * @domain: the domain
 *
 * Return: MAGE_BATCH_LEAST to MAGE_BATCH_DEFAULT
 */
u32 mage_batch_default_size(struct mage_domain *domain)
{
	return clamp(mage_domain_headroom(domain) / 2, MAGE_BATCH_LEAST, MAGE_BATCH_DEFAULT);
}

/**
 * mage_batch_select() - let the policy pick victims
 * @batch: an idle batch
 * @domain: the domain; the caller holds a reference
 * @nid: the node that the victims are to be on, NUMA_NO_NODE for any
 * @wanted: pages to evict now
 * @most: pages that the domain is to give at most, or a few more
 *
 * Return: number of victims
 */
int mage_batch_select(struct mage_batch *batch, struct mage_domain *domain, int nid,
		      unsigned long wanted, unsigned long most)
{
	u32 knob = READ_ONCE(mage_knobs.batch);
	struct mage_ops *policy;

	batch->domain = domain;
	batch->node = nid + 1;
	batch->nr = 0;
	batch->armed = 0;
	batch->refills = 0;
	batch->cleaning = 0;
	batch->out = 0;
	batch->looks = 0;
	batch->max = clamp(wanted, MAGE_BATCH_LEAST, mage_batch_default_size(domain));
	batch->progress = atomic_long_read(&domain->progress);
	cpumask_clear(&batch->tlb.cpumask);

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->batch_size) {
		struct mage_call call;
		u32 max;

		mage_call_enter(&call, domain, policy, MAGE_CALLBACK_BATCH_SIZE, MAGE_CALL_USUAL);
		max = policy->batch_size(domain, min(wanted, U32_MAX));
		mage_call_leave(&call);
		if (mage_answer_is_good(&call, max, 1, MAGE_BATCH_MAX))
			batch->max = max;
	}
	if (knob)
		batch->max = min(knob, MAGE_BATCH_MAX);
	batch->max = min(batch->max, max(most, MAGE_BATCH_LEAST));
	WRITE_ONCE(domain->batch_size, policy->batch_size || knob ? batch->max : 0);
	/* While threads wait any page will do. */
	batch->spare_young = (!policy->select || policy->flags & MAGE_OPS_SPARE_YOUNG) &&
			     !mage_room_is_awaited(domain);
	rcu_read_unlock();
	mage_domain_note_asked(domain);
	mage_batch_fill(batch);

	mage_batch_watch(batch);
	mage_batch_add_victims(batch, mage_batch_leaving(batch));
	return batch->nr;
}
