// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a batch, from the selection of its victims through the stages to their
 * outcomes.
 */
#include <linux/pagevec.h>
#include <trace/events/mage.h>
#include "internal.h"

/* Selections in a row that may pick nothing while threads wait for room. */
#define MAGE_FRUITLESS_MAX	64

/* Pages that are not to be had that a policy may pick by number in a row. */
#define MAGE_BAD_PICKS_MAX	16

/* Fewest frames that the built-in selection takes from a shard at a time. */
#define MAGE_SHARD_LEAST	16UL

/* Times that a batch may be filled up after victims of it were spared. */
#define MAGE_REFILLS_MAX	8

/* Takes back the last victim of @frame, which nobody has armed. */
void mage_batch_drop(struct mage_batch *batch, struct mage_frame *frame)
{
	unsigned int i = batch->nr;

	while (i-- > batch->armed) {
		if (batch->victim[i].frame == frame) {
			batch->victim[i] = batch->victim[--batch->nr];
			return;
		}
	}
}

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
	err = mage_frame_pick(domain, frame);
	if (err)
		return err;
	mage_batch_push(batch, frame);
	if (atomic_read(&domain->bad_picks))
		atomic_set(&domain->bad_picks, 0);
	return 0;
}

/* Ejects a policy that picks what this call of it has picked before. */
static bool mage_batch_picked_twice(struct mage_batch *batch, struct mage_frame *frame)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
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

static bool mage_batch_is_bad_row(struct mage_batch *batch)
{
	return atomic_inc_return(&batch->domain->bad_picks) >= MAGE_BAD_PICKS_MAX;
}

/**
 * mage_batch_take_id() - add a victim that the policy remembered
 * @batch: the batch
 * @id: page frame number, or any other
 *
 * A page that was freed since may be another domain's by now.  As many such
 * picks as pages have left the domain since the call began may be of that kind,
 * and count as picks of pages that are gone.
 *
 * Return: as mage_batch_take(); -EXDEV when the page is another domain's or there
 * is none of that number
 */
int mage_batch_take_id(struct mage_batch *batch, u64 id)
{
	struct mage_frame *frame = mage_frame_by_pfn(id);
	struct mage_domain *domain = batch->domain;
	int err;

	if (!frame) {
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_BAD_FRAME,
				  "select picked %llu, which is no page", id);
		return -EXDEV;
	}
	err = mage_batch_pick(batch, frame);
	if (err == -EXDEV && ++batch->foreign <= mage_domain_gone(domain) - batch->gone)
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
 * mage_batch_select_builtin() - first in, first out
 * @domain: the domain
 * @batch: filled with the heads of its lists
 *
 * Each shard gives in proportion to what it has, so that the oldest pages go
 * first though no list has them all.
 */
void mage_batch_select_builtin(struct mage_domain *domain, struct mage_batch *batch)
{
	unsigned long frames = mage_domain_frames(domain) + 1;
	unsigned int start = atomic_read(&domain->next_shard);
	unsigned int list, i;

	for (list = 0; list < MAGE_LISTS && batch->nr < batch->max; list++) {
		/* Twice round: the shares of full shards, then what there is. */
		for (i = 0; i < 2 * domain->nr_shards && batch->nr < batch->max; i++) {
			struct mage_shard *shard =
				&domain->shards[(start + i) & (domain->nr_shards - 1)];
			unsigned long nr = READ_ONCE(shard->nr[list]), share = batch->max;

			if (!nr)
				continue;
			if (i < domain->nr_shards)
				share = max(batch->max * nr / frames, MAGE_SHARD_LEAST);
			mage_batch_take_share(batch, shard, list, share);
			atomic_set(&domain->next_shard, start + i + 1);
		}
	}
}

/*
 * Ejects a policy that picks nothing while threads wait for room.  While other
 * batches than this one are in flight room may yet come of them.
 */
static void mage_batch_watch(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	long frames = mage_domain_frames(domain);
	/* Going round once for second chances is no fault, twice neither. */
	int max = MAGE_FRUITLESS_MAX + 2 * frames / MAGE_WALK_BUDGET;

	if (batch->nr) {
		atomic_set(&domain->fruitless, 0);
		return;
	}
	if (batch->policy == &mage_builtin_policy || !frames ||
	    !atomic_read(&domain->nr_waiting) || atomic_read(&domain->in_flight) > 1)
		return;
	if (atomic_inc_return(&domain->fruitless) > max) {
		atomic_set(&domain->fruitless, 0);
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_NO_PROGRESS,
				  "select picked nothing %d times while threads wait for room and %ld pages are there",
				  max, frames);
	}
}

/* Lets whatever governs now add victims up to the batch's size. */
static void mage_batch_fill(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	struct mage_ops *policy;
	u64 begin;

	batch->walk_budget = MAGE_WALK_BUDGET;
	batch->refusals = 0;
	batch->gone = mage_domain_gone(domain);
	batch->foreign = 0;
	batch->walk = NULL;
	rcu_read_lock();
	policy = mage_policy(domain);
	batch->policy = policy;
	if (policy->select) {
		begin = mage_callback_begin();
		policy->select(domain, batch);
		mage_callback_end(domain, policy, "select", begin);
	} else {
		mage_batch_select_builtin(domain, batch);
	}
	rcu_read_unlock();
}

/* Victims of a batch when neither policy nor knob says. */
u32 mage_batch_default_size(struct mage_domain *domain)
{
	return clamp(mage_domain_headroom(domain) / 2, MAGE_BATCH_LEAST, MAGE_BATCH_DEFAULT);
}

/**
 * mage_batch_select() - let the policy pick victims
 * @batch: an idle batch
 * @domain: the domain; the caller holds a reference
 * @wanted: pages to evict now
 *
 * Return: number of victims
 */
int mage_batch_select(struct mage_batch *batch, struct mage_domain *domain, unsigned long wanted)
{
	u32 knob = READ_ONCE(mage_knobs.batch);
	struct mage_ops *policy;

	batch->domain = domain;
	batch->nr = 0;
	batch->armed = 0;
	batch->refills = 0;
	batch->out = 0;
	batch->last_mm = NULL;
	batch->max = clamp(wanted, MAGE_BATCH_LEAST, mage_batch_default_size(domain));
	batch->progress = atomic_long_read(&domain->progress);
	cpumask_clear(&batch->tlb.cpumask);

	rcu_read_lock();
	policy = mage_policy(domain);
	if (policy->batch_size) {
		u32 max = policy->batch_size(domain, min(wanted, U32_MAX));

		if (max >= 1 && max <= MAGE_BATCH_MAX)
			batch->max = max;
		else
			mage_policy_eject(domain, policy, MAGE_EXIT_BAD_NUMBER,
					  "batch_size answered %u; it must be 1 to %u",
					  max, MAGE_BATCH_MAX);
	}
	if (knob)
		batch->max = min(knob, MAGE_BATCH_MAX);
	WRITE_ONCE(domain->batch_size, policy->batch_size || knob ? batch->max : 0);
	/* While threads wait any page will do. */
	batch->spare_young = (!policy->select || policy->flags & MAGE_OPS_SPARE_YOUNG) &&
			     !atomic_read(&domain->nr_waiting);
	rcu_read_unlock();
	mage_batch_fill(batch);

	mage_batch_watch(batch);
	atomic_long_add(batch->nr, &domain->victims);
	return batch->nr;
}

/* Reports the victims that are out, while their frames say which pages they are. */
static void mage_batch_report_out(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	unsigned int i, clean = 0, waste = 0;

	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (!mage_victim_is_out(victim))
			continue;
		clean += victim->outcome == MAGE_OUTCOME_CLEAN;
		waste += victim->frame->prefetched;
		mage_policy_outcome(domain, victim->frame, victim->outcome);
	}
	mage_count_add(domain, MAGE_STAT_EVICTIONS, batch->out);
	mage_count_add(domain, MAGE_STAT_CLEAN_DROPS, clean);
	mage_count_add(domain, MAGE_STAT_PREFETCH_WASTE, waste);
}

/* Reports a victim that is not, and was not spared either. */
static void mage_batch_report(struct mage_batch *batch, struct mage_victim *victim)
{
	struct mage_domain *domain = batch->domain;

	switch (victim->outcome) {
	case MAGE_OUTCOME_RESCUED:
		mage_count(domain, MAGE_STAT_RESCUES);
		trace_mage_rescue(domain->cgroup_id, folio_pfn(victim->folio));
		break;
	case MAGE_OUTCOME_EXCLUDED:
	case MAGE_OUTCOME_NO_SLOT:
		mage_count(domain, MAGE_STAT_EXCLUDED);
		break;
	case MAGE_OUTCOME_WRITE_FAILED:
		mage_count(domain, MAGE_STAT_WRITE_ERRORS);
		break;
	}
	mage_policy_outcome(domain, victim->frame, victim->outcome);
}

/* Ends a victim that is still local; one that stays was relisted. */
static void mage_victim_end(struct mage_batch *batch, struct mage_victim *victim)
{
	mage_batch_report(batch, victim);
	if (!mage_victim_stays(victim))
		mage_folio_give_to_lru(batch->domain, victim->folio);
	folio_put(victim->folio);
}

/*
 * Arms what was selected.  Victims that are not to go leave the batch at once;
 * if that is more than a few it is filled up, so that one shootdown serves as
 * many pages as it can.
 *
 * Return: true when the batch is as full as it gets
 */
static bool mage_batch_arm_and_sort(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	unsigned int i, keep = batch->armed, before = batch->nr, spared = 0;

	mage_batch_arm(batch);
	mage_victims_relist(batch, keep);
	for (i = keep; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (victim->outcome == MAGE_OUTCOME_PENDING) {
			if (keep++ != i)
				batch->victim[keep - 1] = *victim;
		} else if (victim->outcome == MAGE_OUTCOME_SPARED) {
			/* That is about every other one, and they are counted in one go. */
			spared++;
			mage_policy_outcome(domain, victim->frame, MAGE_OUTCOME_SPARED);
			folio_put(victim->folio);
		} else {
			mage_victim_end(batch, victim);
		}
	}
	mage_count_add(domain, MAGE_STAT_SPARED, spared);
	batch->nr = keep;
	batch->armed = keep;

	if (batch->spare_young && keep < batch->max / 8 * 7 && batch->refills < MAGE_REFILLS_MAX) {
		batch->refills++;
		mage_batch_fill(batch);
	}
	atomic_long_add((long)batch->nr - before, &domain->victims);
	return batch->nr == batch->armed;
}

/* Gives back the pages and charges of a batch in bulk; the rest stays. */
static void mage_batch_free(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	struct folio_batch folios;
	unsigned long freed;
	unsigned int i;

	mage_batch_disarm(batch);
	mage_batch_report_out(batch);
	freed = mage_victims_remove(batch);
	if (freed != batch->nr)
		mage_victims_relist(batch, 0);

	folio_batch_init(&folios);
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (!mage_victim_is_out(victim)) {
			mage_victim_end(batch, victim);
			continue;
		}
		mage_policy_page_out(domain, victim->frame, MAGE_PAGE_OUT_EVICTED);
		if (!folio_batch_add(&folios, victim->folio))
			folios_put(&folios);
	}
	folios_put(&folios);
	mage_count(domain, MAGE_STAT_BATCHES);
	mage_room_made(domain, freed);
	mage_tick_start(domain);
	mage_room_turned_over(domain, atomic_long_read(&domain->progress) - batch->progress);
}

enum mage_batch_state mage_batch_next_state(enum mage_batch_state state)
{
	return state == MAGE_BATCH_FREE ? MAGE_BATCH_IDLE : state + 1;
}

static void mage_batch_end(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;

	batch->state = MAGE_BATCH_IDLE;
	batch->domain = NULL;
	atomic_long_sub(batch->nr, &domain->victims);
	atomic_dec(&domain->in_flight);
	mage_domain_put(domain);
}

/**
 * mage_batch_step() - take a batch through its next stage
 * @batch: a batch that is not idle
 *
 * Return: false if it has to wait, for CPUs or for the far store
 */
bool mage_batch_step(struct mage_batch *batch)
{
	switch (batch->state) {
	case MAGE_BATCH_ARM:
		if (!READ_ONCE(mage_knobs.mapped_writeback)) {
			long nr = batch->nr;

			mage_batch_unmap_first(batch);
			atomic_long_sub(nr, &batch->domain->victims);
			mage_batch_end(batch);
			return true;
		}
		if (!mage_batch_arm_and_sort(batch))
			return true;
		mage_shoot_join(batch);
		break;
	case MAGE_BATCH_SHOOT:
		if (!mage_shoot_is_over(batch))
			return false;
		break;
	case MAGE_BATCH_WRITE:
		mage_batch_write(batch);
		break;
	case MAGE_BATCH_WRITING:
		/* Pairs with the release in mage_batch_written(). */
		if (!smp_load_acquire(&batch->written))
			return false;
		break;
	case MAGE_BATCH_COMMIT:
		mage_batch_commit(batch);
		mage_shoot_join(batch);
		break;
	case MAGE_BATCH_SHOOT_AGAIN:
		if (!mage_shoot_is_over(batch))
			return false;
		break;
	case MAGE_BATCH_FREE:
		mage_batch_free(batch);
		break;
	case MAGE_BATCH_IDLE:
	case MAGE_BATCH_STATES:
		WARN_ON_ONCE(1);
		return false;
	}
	trace_mage_batch_stage(batch->domain->cgroup_id, batch, batch->state, batch->nr);
	batch->state = mage_batch_next_state(batch->state);
	if (batch->state == MAGE_BATCH_IDLE)
		mage_batch_end(batch);
	return true;
}
