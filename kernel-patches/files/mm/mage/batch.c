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

/* Foreign frames that a policy may pick in a row. */
#define MAGE_BAD_PICKS_MAX	16

/**
 * mage_batch_take() - add a victim
 * @batch: the batch
 * @frame: frame that the policy named
 *
 * Return: 0; -ENOSPC when the batch is full; -ENOENT when the page was freed
 * meanwhile; -EBUSY or -EXDEV when the pick broke a rule
 */
int mage_batch_take(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_domain *domain = batch->domain;
	struct mage_victim *victim;
	int err;

	if (batch->nr >= batch->max)
		return -ENOSPC;
	err = mage_frame_pick(domain, frame);
	if (err == -EBUSY) {
		mage_policy_eject(domain, batch->policy, MAGE_EXIT_DOUBLE_PICK,
				  "select picked a page that is a victim already");
		return err;
	}
	if (err == -EXDEV) {
		/*
		 * A page that was freed between the policy's look and its pick
		 * may belong to anybody by now; a row of those is no accident.
		 */
		if (atomic_inc_return(&domain->bad_picks) >= MAGE_BAD_PICKS_MAX)
			mage_policy_eject(domain, batch->policy, MAGE_EXIT_FOREIGN_FRAME,
					  "select picked %d pages in a row that are not the domain's",
					  MAGE_BAD_PICKS_MAX);
		return err;
	}
	if (err)
		return err;
	if (atomic_read(&domain->bad_picks))
		atomic_set(&domain->bad_picks, 0);
	victim = &batch->victim[batch->nr++];
	victim->folio = pfn_folio(mage_frame_pfn(frame));
	victim->frame = frame;
	victim->outcome = MAGE_OUTCOME_PENDING;
	return 0;
}

/**
 * mage_batch_select_builtin() - first in, first out
 * @domain: the domain
 * @batch: filled with the heads of its lists
 */
void mage_batch_select_builtin(struct mage_domain *domain, struct mage_batch *batch)
{
	unsigned int start = atomic_inc_return(&domain->next_shard);
	unsigned int list, i;

	for (list = 0; list < MAGE_LISTS; list++) {
		for (i = 0; i < domain->nr_shards; i++) {
			struct mage_shard *shard =
				&domain->shards[(start + i) & (domain->nr_shards - 1)];
			struct mage_frame *frame;

			while (batch->nr < batch->max &&
			       (frame = mage_frame_walk(domain, shard, list))) {
				if (mage_batch_take(batch, frame) == -ENOENT)
					continue;
			}
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
	long frames = atomic_long_read(&domain->nr_frames);
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
	struct mage_ops *policy;

	batch->domain = domain;
	batch->nr = 0;
	batch->max = MAGE_BATCH_DEFAULT;
	batch->walk_budget = MAGE_WALK_BUDGET;

	rcu_read_lock();
	policy = mage_policy(domain);
	batch->policy = policy;
	if (policy->batch_size) {
		u32 max = policy->batch_size(domain, min(wanted, U32_MAX));

		if (max >= 1 && max <= MAGE_BATCH_MAX)
			batch->max = max;
		else
			mage_policy_eject(domain, policy, MAGE_EXIT_BAD_NUMBER,
					  "batch_size answered %u; it must be 1 to %u",
					  max, MAGE_BATCH_MAX);
	}
	if (policy->select)
		policy->select(domain, batch);
	else
		mage_batch_select_builtin(domain, batch);
	rcu_read_unlock();

	mage_batch_watch(batch);
	return batch->nr;
}

static void mage_batch_report(struct mage_batch *batch, struct mage_victim *victim)
{
	struct mage_domain *domain = batch->domain;

	switch (victim->outcome) {
	case MAGE_OUTCOME_CLEAN:
		mage_count(domain, MAGE_STAT_CLEAN_DROPS);
		fallthrough;
	case MAGE_OUTCOME_EVICTED:
		mage_count(domain, MAGE_STAT_EVICTIONS);
		break;
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

/* Gives back the pages and charges of a batch in bulk; the rest stays. */
static void mage_batch_free(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	struct folio_batch folios;
	unsigned long freed = 0;
	unsigned int i;

	folio_batch_init(&folios);
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];
		struct folio *folio = victim->folio;

		switch (victim->outcome) {
		case MAGE_OUTCOME_EVICTED:
		case MAGE_OUTCOME_CLEAN:
			mage_batch_report(batch, victim);
			mage_frame_remove(domain, victim->frame, true);
			mage_policy_page_out(domain, victim->frame, MAGE_PAGE_OUT_EVICTED);
			freed++;
			break;
		case MAGE_OUTCOME_EXCLUDED:
		case MAGE_OUTCOME_NO_SLOT:
			mage_batch_report(batch, victim);
			mage_folio_give_to_lru(domain, folio);
			break;
		default:
			mage_frame_relist(domain, victim->frame);
			mage_batch_report(batch, victim);
			break;
		}
		if (!folio_batch_add(&folios, folio))
			folios_put(&folios);
	}
	folios_put(&folios);
	mage_count(domain, MAGE_STAT_BATCHES);
	mage_room_made(domain, freed);
}

enum mage_batch_state mage_batch_next_state(enum mage_batch_state state)
{
	return state == MAGE_BATCH_FREE ? MAGE_BATCH_IDLE : state + 1;
}

/**
 * mage_batch_step() - take a batch through its next stage
 * @batch: a batch that is not idle
 *
 * Return: false if it has to wait for the far store
 */
bool mage_batch_step(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;

	trace_mage_batch_stage(domain->cgroup_id, batch, batch->state, batch->nr);
	switch (batch->state) {
	case MAGE_BATCH_ARM:
		mage_batch_arm(batch);
		break;
	case MAGE_BATCH_SHOOT:
		mage_batch_shoot(batch);
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
		break;
	case MAGE_BATCH_FREE:
		mage_batch_free(batch);
		break;
	case MAGE_BATCH_IDLE:
	case MAGE_BATCH_STATES:
		WARN_ON_ONCE(1);
		return false;
	}
	batch->state = mage_batch_next_state(batch->state);
	if (batch->state == MAGE_BATCH_IDLE) {
		batch->domain = NULL;
		atomic_dec(&domain->in_flight);
		mage_domain_put(domain);
	}
	return true;
}
