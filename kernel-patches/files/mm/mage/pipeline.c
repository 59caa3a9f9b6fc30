// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a batch on its way, from stage to stage, and the outcomes of its victims.
 */
#include <linux/pagevec.h>
#include <linux/sched.h>
#include <trace/events/mage.h>
#include "pipeline.h"
#include "arm.h"
#include "callback.h"
#include "commit.h"
#include "disk.h"
#include "domain.h"
#include "knobs.h"
#include "leave.h"
#include "recycle.h"
#include "room.h"
#include "select.h"
#include "shoot.h"
#include "tick.h"
#include "unmap.h"
#include "write.h"

/* Times that a batch may be filled up after victims of it were spared. */
#define MAGE_REFILLS_MAX	8

/* What became of a victim.  Each of a batch may take the policy as long as a call may. */
static void mage_batch_tell(struct mage_batch *batch, struct mage_victim *victim)
{
	/* Most policies do not hear of it, and then there is nothing to give way for. */
	if (!(READ_ONCE(batch->domain->hears) & MAGE_HEARS_OUTCOME))
		return;
	mage_policy_outcome(batch->domain, victim->frame, victim->outcome);
	cond_resched();
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
		mage_batch_tell(batch, victim);
	}
	mage_count_add(domain->stats, MAGE_STAT_EVICTIONS, batch->out);
	mage_count_add(domain->stats, MAGE_STAT_CLEAN_DROPS, clean);
	mage_count_add(domain->stats, MAGE_STAT_PREFETCH_WASTE, waste);
}

/* Reports a victim that is not, and was not spared either. */
static void mage_batch_report(struct mage_batch *batch, struct mage_victim *victim)
{
	struct mage_domain *domain = batch->domain;

	switch (victim->outcome) {
	case MAGE_OUTCOME_RESCUED:
		mage_count(domain->stats, MAGE_STAT_RESCUES);
		trace_mage_rescue(domain->cgroup_id, folio_pfn(victim->folio));
		break;
	case MAGE_OUTCOME_EXCLUDED:
		mage_count(domain->stats, MAGE_STAT_EXCLUDED);
		break;
	case MAGE_OUTCOME_WRITE_FAILED:
		mage_count(domain->stats, MAGE_STAT_WRITE_ERRORS);
		break;
	case MAGE_OUTCOME_NO_SLOT:
		mage_count(domain->stats, MAGE_STAT_NO_PLACE);
		break;
	case MAGE_OUTCOME_GONE:
		mage_count(domain->stats, MAGE_STAT_GONE);
		break;
	case MAGE_OUTCOME_CLEANED:
		mage_count(domain->stats, MAGE_STAT_CLEANED);
		break;
	}
	mage_batch_tell(batch, victim);
}

/* Ends a victim that is still local; one that stays was relisted. */
static void mage_victim_end(struct mage_batch *batch, struct mage_victim *victim)
{
	mage_batch_report(batch, victim);
	if (!mage_victim_stays(victim))
		mage_folio_give_to_lru(batch->domain, victim->folio);
	folio_put(victim->folio);
}

/* Of @nr victims some were spared.  Evictors that write it at once lose one's batch. */
static void mage_domain_spared(struct mage_domain *domain, unsigned int nr, unsigned int spared)
{
	if (!nr)
		return;
	mage_count_add(domain->stats, MAGE_STAT_SPARED, spared);
	WRITE_ONCE(domain->in_use, (7 * READ_ONCE(domain->in_use) + 256 * spared / nr) / 8);
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
	long leaving = mage_batch_leaving(batch);

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
			mage_batch_tell(batch, victim);
			folio_put(victim->folio);
		} else {
			batch->cleaning -= victim->cleaning;
			mage_victim_end(batch, victim);
		}
	}
	mage_domain_spared(domain, before - batch->armed, spared);
	batch->nr = keep;
	batch->armed = keep;

	if (batch->spare_young && keep < batch->max / 8 * 7 && batch->refills < MAGE_REFILLS_MAX) {
		batch->refills++;
		mage_batch_fill(batch);
	}
	mage_batch_add_victims(batch, mage_batch_leaving(batch) - leaving);
	return batch->nr == batch->armed;
}

/* Tells the policy that the victims that are out have left; before they are anybody's. */
static void mage_batch_tell_out(struct mage_batch *batch)
{
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		if (!mage_victim_is_out(&batch->victim[i]))
			continue;
		mage_policy_page_out(batch->domain, batch->victim[i].frame, MAGE_PAGE_OUT_EVICTED);
		cond_resched();
	}
}

/* Tells on which nodes the pages are that are about to be free. */
static void mage_batch_count_nodes(struct mage_batch *batch)
{
	struct mage_want *want = batch->domain->want;
	unsigned int i;

	for (i = 0; want && i < batch->nr; i++)
		if (mage_victim_is_out(&batch->victim[i]))
			atomic_long_inc(&want[folio_nid(batch->victim[i].folio)].progress);
}

/* What a batch says of the place that there is in far memory. */
static void mage_batch_look_for_place(struct mage_domain *domain, unsigned long out,
				      unsigned int no_slot)
{
	if (!out && no_slot)
		mage_room_has_no_place(domain, no_slot);
	else if (out)
		mage_room_has_place(domain);
}

/* Leaves pages of a batch to faults, gives others and charges back in bulk; the rest stays. */
static void mage_batch_free(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;
	struct mage_recycling recycling;
	struct folio_batch folios;
	unsigned int i, no_slot = 0;
	unsigned long freed;

	mage_batch_let_faults_in(batch);
	mage_batch_report_out(batch);
	freed = mage_victims_remove(batch);
	if (freed != batch->nr)
		mage_victims_relist(batch, 0);

	if (READ_ONCE(domain->hears) & MAGE_HEARS_PAGE_OUT)
		mage_batch_tell_out(batch);
	mage_count_departures(domain->stats, freed);
	mage_batch_count_nodes(batch);

	mage_recycle_begin(&recycling, domain, freed);
	folio_batch_init(&folios);
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (!mage_victim_is_out(victim)) {
			/* One that was to be cleaned could have left for all that is known. */
			no_slot += victim->outcome == MAGE_OUTCOME_NO_SLOT && !victim->cleaning;
			mage_victim_end(batch, victim);
			continue;
		}
		if (mage_recycle_page(&recycling, victim->folio))
			continue;
		if (!folio_batch_add(&folios, victim->folio))
			folios_put(&folios);
	}
	folios_put(&folios);
	mage_recycle_end(&recycling);
	mage_count(domain->stats, MAGE_STAT_BATCHES);
	mage_room_made(domain, freed);
	mage_batch_look_for_place(domain, freed, no_slot);
	mage_tick_start(domain);
	mage_room_turned_over(domain, atomic_long_read(&domain->progress) - batch->progress);
}

/*
 * The far store keeps all of a batch waiting, be it only what is cleaned: so long that
 * counts as in flight, too, and who waits for room sees a store that is silent.  First in
 * and last out, so that no look finds more late than in flight.
 */
static void mage_batch_begin_late(struct mage_batch *batch)
{
	batch->late = true;
	if (batch->cleaning)
		mage_batch_add_victims(batch, batch->cleaning);
	mage_batch_add_late(batch, batch->nr);
}

/* Commit has yet to hear of it. */
static void mage_batch_end_late(struct mage_batch *batch)
{
	mage_batch_add_late(batch, -(long)batch->nr);
	if (batch->cleaning)
		mage_batch_add_victims(batch, -(long)batch->cleaning);
}

/*
 * Whether the far store has answered.  A batch that it keeps waiting is no room that
 * is about to come: others go in place of its pages, as far as the depth allows.  More
 * than that would fill the queue of a store that may only be slow.  Threads that wait
 * for room have the evictor look.
 */
static bool mage_batch_is_written(struct mage_batch *batch)
{
	/* Pairs with the release in mage_batch_written(). */
	bool written = smp_load_acquire(&batch->written);

	if (written && batch->late)
		mage_batch_end_late(batch);
	else if (!written && !batch->late && time_after(jiffies, batch->posted_at + MAGE_LATE))
		mage_batch_begin_late(batch);
	return written;
}

/* Whether a batch is to go the stock way, which leads to every kind of swap area. */
static bool mage_batch_goes_stock(void)
{
	return !READ_ONCE(mage_knobs.mapped_writeback) || !mage_disk_has_turn();
}

/* The stock way writes nothing that is to stay, so what was to be cleaned is as it was. */
static void mage_batch_clean_nothing(struct mage_batch *batch)
{
	unsigned int i, keep = 0;

	for (i = 0; i < batch->nr; i++)
		if (batch->victim[i].cleaning)
			batch->victim[i].outcome = MAGE_OUTCOME_NO_SLOT;
	mage_victims_relist(batch, 0);
	for (i = 0; i < batch->nr; i++) {
		if (batch->victim[i].cleaning)
			mage_victim_end(batch, &batch->victim[i]);
		else
			batch->victim[keep++] = batch->victim[i];
	}
	batch->nr = keep;
	batch->cleaning = 0;
}

/* What comes after a stage. */
static enum mage_batch_state mage_batch_next_state(enum mage_batch_state state)
{
	return state == MAGE_BATCH_FREE ? MAGE_BATCH_IDLE : state + 1;
}

static void mage_batch_end(struct mage_batch *batch)
{
	struct mage_domain *domain = batch->domain;

	batch->state = MAGE_BATCH_IDLE;
	mage_batch_add_victims(batch, -(long)mage_batch_leaving(batch));
	batch->domain = NULL;
	atomic_dec(&domain->in_flight);
	mage_domain_put(domain);
}

/* Evicts a batch the stock way, and ends it. */
static void mage_batch_go_stock(struct mage_batch *batch)
{
	unsigned int nr, back;

	if (batch->cleaning)
		mage_batch_clean_nothing(batch);
	nr = batch->nr;
	mage_batch_unmap_first(batch, &back);
	/* What went need not be free yet. */
	mage_batch_look_for_place(batch->domain, nr - back, back);
	mage_batch_add_victims(batch, -(long)nr);
	mage_batch_end(batch);
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
		/* Not if it comes again after a refill: dirty bits of armed pages are gone. */
		if (!batch->armed && mage_batch_goes_stock()) {
			mage_batch_go_stock(batch);
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
		if (!mage_batch_is_written(batch))
			return false;
		break;
	case MAGE_BATCH_COMMIT:
		/* Again, after the other batches had their turn. */
		if (!mage_batch_commit(batch))
			return true;
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
