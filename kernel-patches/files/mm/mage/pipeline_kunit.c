// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of the stages "write" and "commit", and of the way through all of
 * them, with a far store that the tests control.
 */
#include <kunit/test.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/mmu_notifier.h>
#include <linux/page-flags.h>
#include <linux/rmap.h>
#include <linux/swap.h>
#include <linux/swap_cgroup.h>
#include <linux/unistd.h>
#include "../internal.h"
#include "../swap.h"
#include "bed_kunit.h"
#include "disk.h"
#include "domain.h"
#include "ghost.h"
#include "knobs.h"
#include "pipeline.h"
#include "room.h"
#include "slot.h"

/* Victims of most tests, and which content their pages have. */
#define NR	8
#define SEED	1

static u8 outcome(struct mage_bed *bed, unsigned int i)
{
	return bed->batch->victim[i].outcome;
}

/* The first pages are victims whose writes are on their way, and held. */
static void write_and_hold(struct kunit *test, unsigned int nr)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, nr, SEED);
	bed->store.hold = true;
	mage_bed_pick(bed, 0, nr);
	mage_bed_step(bed, MAGE_BATCH_WRITING);
	bed->store.hold = false;
	KUNIT_ASSERT_EQ(test, bed->batch->nr, nr);
	KUNIT_ASSERT_EQ(test, bed->batch->chain.nr, nr);
	KUNIT_ASSERT_NOT_NULL(test, bed->store.held);
}

/* The store answers, and the batch ends. */
static void complete_and_end(struct mage_bed *bed)
{
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
}

/* All victims but @stays have gone, and come back as they were. */
static void all_but_went(struct kunit *test, unsigned int nr, unsigned int stays, u8 why)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	for (i = 0; i < nr; i++) {
		if (i == stays) {
			KUNIT_EXPECT_EQ(test, outcome(bed, i), why);
			continue;
		}
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_EVICTED);
		KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, i, NULL));
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
}

/* Page 0 was rescued: it is local, unchanged, on its list, and can go the next time. */
static void first_stayed(struct kunit *test, u32 seed)
{
	struct mage_bed *bed = test->priv;
	struct mage_frame *frame;

	KUNIT_ASSERT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	frame = mage_bed_frame(bed, 0);
	KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_LISTED);
	KUNIT_EXPECT_EQ(test, folio_ref_count(mage_bed_folio(bed, 0)), 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, seed));
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, seed));
}

/* The way through all stages */

static void each_stage_does_its_part_in_turn(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_batch *batch = bed->batch;
	struct mage_frame *frame;
	unsigned long frames;
	swp_entry_t entry;

	mage_bed_fill(bed, 0, NR, SEED);
	frames = mage_shards_frames(&bed->domain->shards);
	bed->store.hold = true;
	mage_bed_pick(bed, 0, NR);
	frame = batch->victim[0].frame;
	KUNIT_EXPECT_TRUE(test, pte_young(mage_bed_pte(bed, 0)));
	KUNIT_EXPECT_TRUE(test, pte_dirty(mage_bed_pte(bed, 0)));

	/* Arm. */
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_SHOOT);
	KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, 0)));
	KUNIT_EXPECT_FALSE(test, pte_dirty(mage_bed_pte(bed, 0)));
	KUNIT_EXPECT_TRUE(test, batch->victim[0].dirty);
	/* Shoot: asked for, and not answered before it was sent. */
	KUNIT_EXPECT_FALSE(test, mage_batch_step(batch));
	mage_bed_step(bed, MAGE_BATCH_WRITE);
	KUNIT_EXPECT_EQ(test, bed->shoot.over, batch->round);
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(frame));
	/* Write. */
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_WRITING);
	KUNIT_EXPECT_TRUE(test, mage_frame_has_slot(frame));
	KUNIT_EXPECT_TRUE(test, mage_bed_stores(bed, frame->slot, 0, SEED));
	/* Until the store has answered. */
	KUNIT_EXPECT_FALSE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_WRITING);
	WRITE_ONCE(bed->bell.rung, false);
	mage_bed_complete(bed);
	KUNIT_EXPECT_TRUE(test, READ_ONCE(bed->bell.rung));
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_COMMIT);
	KUNIT_EXPECT_TRUE(test, pte_present(mage_bed_pte(bed, 0)));
	/* Commit. */
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_SHOOT_AGAIN);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, &entry));
	KUNIT_EXPECT_TRUE(test, pte_swp_exclusive(mage_bed_pte(bed, 0)));
	KUNIT_EXPECT_EQ(test, __swap_count(entry), 1);
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(frame));
	mage_bed_step(bed, MAGE_BATCH_FREE);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), frames);
	/* Free. */
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), frames - NR);
	KUNIT_EXPECT_EQ(test, frame->owner, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->domain->in_flight), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->progress), NR);
	all_but_went(test, NR, NR, 0);
}

/* What a processor whose accessed bits come late needs, and the switch can have. */
static void second_shootdown_is_waited_for(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	bool one = mage_knobs.one_shootdown;

	write_and_hold(test, NR);
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	WRITE_ONCE(mage_knobs.one_shootdown, false);
	mage_batch_step(bed->batch);
	WRITE_ONCE(mage_knobs.one_shootdown, one);
	KUNIT_EXPECT_EQ(test, bed->batch->state, MAGE_BATCH_SHOOT_AGAIN);
	KUNIT_EXPECT_GT(test, bed->batch->round, bed->shoot.over);
	KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
	KUNIT_EXPECT_EQ(test, bed->batch->state, MAGE_BATCH_SHOOT_AGAIN);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	all_but_went(test, NR, NR, 0);
}

/* A store that does not answer keeps the pages that it has; others go in their place. */
static void late_batch_is_not_counted_on(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;

	write_and_hold(test, NR);
	KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
	KUNIT_EXPECT_FALSE(test, bed->batch->late);
	bed->batch->posted_at -= MAGE_LATE + 1;
	KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
	KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
	KUNIT_EXPECT_TRUE(test, bed->batch->late);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->victims), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->late), NR);
	complete_and_end(bed);
	KUNIT_EXPECT_FALSE(test, bed->batch->late);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->victims), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->late), 0);
	/* The store did badly, until it has taken what it was given later. */
	KUNIT_EXPECT_NE(test, domain->write_failed_at, 0);
	all_but_went(test, NR, NR, 0);
	mage_bed_fill(bed, NR, NR, SEED);
	mage_bed_evict(bed, NR, NR);
	KUNIT_EXPECT_EQ(test, domain->write_failed_at, 0);
}

/* Write */

static void more_victims_than_one_handful_of_slots(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, MAGE_BED_PAGES);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), MAGE_BED_PAGES);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), MAGE_BED_PAGES);
	complete_and_end(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->writes), MAGE_BED_PAGES);
	all_but_went(test, MAGE_BED_PAGES, MAGE_BED_PAGES, 0);
}

static void clean_page_with_a_far_copy_is_not_written(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	mage_bed_fill(bed, 0, NR, SEED);
	mage_bed_evict(bed, 0, NR);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	atomic_set(&bed->store.writes, 0);
	/* It would be held. */
	bed->store.hold = true;
	mage_bed_evict(bed, 0, NR);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_DROPS), NR);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_CLEAN);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
}

static void changed_page_is_written_to_the_same_slot(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t before, after;

	mage_bed_fill(bed, 0, 2, SEED);
	mage_bed_evict(bed, 0, 2);
	mage_bed_is_far(bed, 0, &before);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	atomic_set(&bed->store.writes, 0);
	mage_bed_evict(bed, 0, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), 1);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_EVICTED);
	KUNIT_EXPECT_EQ(test, outcome(bed, 1), MAGE_OUTCOME_CLEAN);
	mage_bed_is_far(bed, 0, &after);
	KUNIT_EXPECT_EQ(test, before.val, after.val);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 2);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
}

/* The first three of NR victims have gone to far memory, the others have stayed. */
static void three_went(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, bed->batch->chain.nr, 3);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_EVICTIONS), 3);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_EXCLUDED), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_NO_PLACE), NR - 3);
	for (i = 0; i < NR; i++) {
		bool far = mage_bed_is_far(bed, i, NULL);

		KUNIT_EXPECT_EQ(test, outcome(bed, i), i < 3 ? MAGE_OUTCOME_EVICTED :
							       MAGE_OUTCOME_NO_SLOT);
		KUNIT_EXPECT_EQ(test, far, i < 3);
		if (!far) {
			KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, i)->state,
					MAGE_FRAME_LISTED);
			KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(mage_bed_frame(bed, i)));
		}
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
}

/* There is a place for all, and they go. */
static void all_can_go(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	mage_bed_evict(bed, 0, NR);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* Takes all slots but some, into @entries. */
static unsigned int leave_slots(struct mage_bed *bed, swp_entry_t *entries, unsigned int left)
{
	unsigned int nr = MAGE_BED_SLOTS - left;

	KUNIT_ASSERT_EQ(bed->test, mage_slots_alloc(bed->disk, nr, entries), nr);
	return nr;
}

static void free_slots(const swp_entry_t *entries, unsigned int nr)
{
	while (nr--)
		swap_free(entries[nr]);
}

static void victims_without_a_slot_stay(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entries[MAGE_BED_SLOTS];
	unsigned int taken;

	mage_bed_fill(bed, 0, NR, SEED);
	taken = leave_slots(bed, entries, 3);
	mage_bed_pick(bed, 0, NR);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	free_slots(entries, taken);
	three_went(test);
	all_can_go(test);
}

static void page_with_a_far_copy_is_written_to_a_full_device(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entries[MAGE_BED_SLOTS];
	unsigned int taken;

	mage_bed_fill(bed, 0, 1, SEED);
	mage_bed_evict(bed, 0, 1);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	KUNIT_ASSERT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	taken = leave_slots(bed, entries, 1);
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_EVICTED);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
	free_slots(entries, taken);
}

static void slots_need_not_lie_side_by_side(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entries[MAGE_BED_SLOTS];
	unsigned int taken, i;

	taken = leave_slots(bed, entries, 0);
	for (i = 0; i < taken; i += 2)
		swap_free(entries[i]);
	write_and_hold(test, NR);
	for (i = 1; i < NR; i++)
		KUNIT_EXPECT_NE(test, bed->batch->victim[i].frame->slot,
				bed->batch->victim[i - 1].frame->slot + 1);
	complete_and_end(bed);
	all_but_went(test, NR, NR, 0);
	for (i = 1; i < taken; i += 2)
		swap_free(entries[i]);
}

/* The charge of the whole run fails, that of its first slots does not. */
static void swap_limit_holds_within_a_batch(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, NR, SEED);
	WRITE_ONCE(bed->domain->memcg->swap.max, 3);
	mage_bed_pick(bed, 0, NR);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 3);
	KUNIT_EXPECT_EQ(test, page_counter_read(&bed->domain->memcg->swap), 3);
	three_went(test);
	KUNIT_EXPECT_TRUE(test, bed->domain->swap_is_scarce);
	WRITE_ONCE(bed->domain->memcg->swap.max, PAGE_COUNTER_MAX);
	all_can_go(test);
	KUNIT_EXPECT_FALSE(test, bed->domain->swap_is_scarce);
}

/* Not before all pages had their turn, since those with far copies can go. */
static void domain_is_stalled_when_no_page_has_a_place(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;
	unsigned long frames, tried;

	mage_bed_fill(bed, 0, 3 * NR, SEED);
	frames = mage_shards_frames(&domain->shards);
	KUNIT_ASSERT_GE(test, frames, 3 * NR);
	WRITE_ONCE(domain->memcg->swap.max, 0);
	for (tried = 0; tried < frames; tried += NR) {
		KUNIT_EXPECT_FALSE(test, READ_ONCE(domain->stalled));
		mage_bed_pick(bed, 0, NR);
		mage_bed_step(bed, MAGE_BATCH_IDLE);
	}
	KUNIT_EXPECT_TRUE(test, READ_ONCE(domain->stalled));
	KUNIT_EXPECT_TRUE(test, mage_room_is_hopeless(domain));
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&domain->shards), frames);
	WRITE_ONCE(domain->memcg->swap.max, PAGE_COUNTER_MAX);
	/* Who would kill for want of memory sees at once that there is a place. */
	KUNIT_EXPECT_FALSE(test, mage_room_is_hopeless(domain));
	KUNIT_EXPECT_TRUE(test, READ_ONCE(domain->stalled));
	all_can_go(test);
	KUNIT_EXPECT_FALSE(test, READ_ONCE(domain->stalled));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->in_vain), 0);
}

static void no_swap_is_allowed_at_all(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 1, SEED);
	WRITE_ONCE(bed->domain->memcg->swap.max, 0);
	mage_bed_pick(bed, 0, 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_NO_SLOT);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

/* Page 0 has a far copy, and its device must not be used; nothing is written. */
static void first_goes_nowhere(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_pick(bed, 0, 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_NO_SLOT);
	KUNIT_EXPECT_EQ(test, bed->batch->chain.nr, 0);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void first_has_a_far_copy(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 1, SEED);
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_ASSERT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
}

static void nothing_is_written_to_a_device_that_is_emptied(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	first_has_a_far_copy(test);
	WRITE_ONCE(bed->disk->draining, true);
	first_goes_nowhere(test);
	WRITE_ONCE(bed->disk->draining, false);
}

static void nothing_is_written_to_a_device_that_failed(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	first_has_a_far_copy(test);
	mage_device_fail(&bed->disk->dev, "a test wants it so");
	first_goes_nowhere(test);
	mage_bed_mend(bed);
}

/* Its far copy is as good as before, and used again when the device is back. */
static void nothing_is_evicted_to_a_device_that_is_suspended(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	first_has_a_far_copy(test);
	mage_bed_fill(bed, 1, 1, SEED);
	mage_device_suspend(&bed->disk->dev, "a test wants it so");
	mage_bed_heed(bed);
	KUNIT_EXPECT_TRUE(test, mage_disk_is_awaited());
	KUNIT_EXPECT_TRUE(test, mage_disk_has_place());
	mage_bed_pick(bed, 0, 2);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_NO_SLOT);
	KUNIT_EXPECT_EQ(test, outcome(bed, 1), MAGE_OUTCOME_NO_SLOT);
	KUNIT_EXPECT_EQ(test, bed->batch->chain.nr, 0);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 1);
	mage_device_resume(&bed->disk->dev);
	mage_bed_heed(bed);
	KUNIT_EXPECT_FALSE(test, mage_disk_is_awaited());
	atomic_set(&bed->store.writes, 0);
	mage_bed_evict(bed, 0, 2);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
}

/* Zeroes */

static bool write_zeroes(struct mage_bed *bed, unsigned int i)
{
	return !clear_user((void __user *)mage_bed_at(bed, i), PAGE_SIZE);
}

static bool holds_zeroes(struct mage_bed *bed, unsigned int i)
{
	return !copy_from_user(bed->buffer, (void __user *)mage_bed_at(bed, i), PAGE_SIZE) &&
	       !memchr_inv(bed->buffer, 0, PAGE_SIZE);
}

/* Evicts page 0: how many writes that took. */
static int writes_of_first(struct mage_bed *bed)
{
	atomic_set(&bed->store.writes, 0);
	mage_bed_evict(bed, 0, 1);
	return atomic_read(&bed->store.writes);
}

static void zeroes_are_neither_written_nor_read(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;

	KUNIT_ASSERT_TRUE(test, write_zeroes(bed, 0));
	KUNIT_EXPECT_EQ(test, writes_of_first(bed), 0);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEAN);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, 0, &entry));
	/* It would be found out. */
	memset(page_address(bed->store.page[swp_offset(entry)]), 0x55, PAGE_SIZE);
	atomic_set(&bed->store.reads, 0);
	KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, 0));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 0);
	/* With its far copy, which is as good as any. */
	KUNIT_EXPECT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	KUNIT_EXPECT_EQ(test, writes_of_first(bed), 0);
	KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, 0));
}

static void slot_holds_zeroes_and_others_in_turn(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry, again;
	unsigned int round;

	KUNIT_ASSERT_TRUE(test, write_zeroes(bed, 0));
	mage_bed_evict(bed, 0, 1);
	mage_bed_is_far(bed, 0, &entry);
	for (round = 0; round < 2; round++) {
		KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + round));
		KUNIT_EXPECT_EQ(test, writes_of_first(bed), 1);
		mage_bed_is_far(bed, 0, &again);
		KUNIT_EXPECT_EQ(test, again.val, entry.val);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + round));
		KUNIT_ASSERT_TRUE(test, write_zeroes(bed, 0));
		KUNIT_EXPECT_EQ(test, writes_of_first(bed), 0);
		mage_bed_is_far(bed, 0, &again);
		KUNIT_EXPECT_EQ(test, again.val, entry.val);
		KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, 0));
	}
}

static void one_word_makes_the_difference(struct kunit *test)
{
	static const unsigned int words[] = { 0, 1, 200, 510, 511 };
	struct mage_bed *bed = test->priv;
	u64 value, __user *word;
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(words); i++) {
		KUNIT_ASSERT_TRUE(test, write_zeroes(bed, 0));
		word = (u64 __user *)mage_bed_at(bed, 0) + words[i];
		KUNIT_ASSERT_EQ(test, put_user(1ULL << 63, word), 0);
		KUNIT_EXPECT_EQ(test, writes_of_first(bed), 1);
		KUNIT_ASSERT_EQ(test, get_user(value, word), 0);
		KUNIT_EXPECT_EQ(test, value, 1ULL << 63);
		KUNIT_ASSERT_EQ(test, put_user(0, word), 0);
		KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, 0));
	}
}

/* What was found is not used: the page goes as what it has become. */
static void zeroes_that_are_written_to_are_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	KUNIT_ASSERT_TRUE(test, write_zeroes(bed, 0));
	mage_bed_pick(bed, 0, 1);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED));
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED);
}

static struct kunit_case write_test_cases[] = {
	KUNIT_CASE(each_stage_does_its_part_in_turn),
	KUNIT_CASE(second_shootdown_is_waited_for),
	KUNIT_CASE(late_batch_is_not_counted_on),
	KUNIT_CASE(more_victims_than_one_handful_of_slots),
	KUNIT_CASE(clean_page_with_a_far_copy_is_not_written),
	KUNIT_CASE(changed_page_is_written_to_the_same_slot),
	KUNIT_CASE(victims_without_a_slot_stay),
	KUNIT_CASE(page_with_a_far_copy_is_written_to_a_full_device),
	KUNIT_CASE(slots_need_not_lie_side_by_side),
	KUNIT_CASE(swap_limit_holds_within_a_batch),
	KUNIT_CASE(domain_is_stalled_when_no_page_has_a_place),
	KUNIT_CASE(no_swap_is_allowed_at_all),
	KUNIT_CASE(nothing_is_written_to_a_device_that_is_emptied),
	KUNIT_CASE(nothing_is_written_to_a_device_that_failed),
	KUNIT_CASE(nothing_is_evicted_to_a_device_that_is_suspended),
	KUNIT_CASE(zeroes_are_neither_written_nor_read),
	KUNIT_CASE(slot_holds_zeroes_and_others_in_turn),
	KUNIT_CASE(one_word_makes_the_difference),
	KUNIT_CASE(zeroes_that_are_written_to_are_rescued),
	{}
};

static struct kunit_suite write_test_suite = {
	.name = "mage_write",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = write_test_cases,
};

/* Commit */

/* The victims in @bad have stayed, without a slot; the others have gone. */
static void bad_writes_stayed(struct kunit *test, unsigned int nr, const unsigned long *bad)
{
	struct mage_bed *bed = test->priv;
	unsigned int i, failed = bitmap_weight(bad, nr);

	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_WRITE_ERRORS), failed);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->write_errors), failed);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->writes), nr - failed);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), nr - failed);
	for (i = 0; i < nr; i++) {
		bool is_bad = test_bit(i, bad);

		KUNIT_EXPECT_EQ(test, outcome(bed, i), is_bad ? MAGE_OUTCOME_WRITE_FAILED :
								MAGE_OUTCOME_EVICTED);
		KUNIT_EXPECT_EQ(test, mage_bed_is_far(bed, i, NULL), !is_bad);
		if (is_bad) {
			struct mage_frame *frame = mage_bed_frame(bed, i);

			KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_LISTED);
			KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(frame));
		}
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
	/* The next time all goes well, and each is written in full. */
	mage_bed_evict(bed, 0, nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static void pages_whose_write_failed_stay(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	DECLARE_BITMAP(bad, MAGE_BATCH_MAX);

	bitmap_zero(bad, MAGE_BATCH_MAX);
	/* At both ends, and two in a row. */
	set_bit(0, bad);
	set_bit(3, bad);
	set_bit(4, bad);
	set_bit(NR - 1, bad);
	bitmap_copy(bed->store.bad, bad, MAGE_BATCH_MAX);
	bed->store.write_error = -EIO;
	write_and_hold(test, NR);
	bitmap_zero(bed->store.bad, MAGE_BATCH_MAX);
	complete_and_end(bed);
	bad_writes_stayed(test, NR, bad);
}

/* Of those that it did not take the store has said nothing. */
static void pages_that_the_store_did_not_accept_stay(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	DECLARE_BITMAP(bad, MAGE_BATCH_MAX);

	bitmap_zero(bad, MAGE_BATCH_MAX);
	bitmap_set(bad, 5, NR - 5);
	bed->store.accept = 5;
	write_and_hold(test, NR);
	bed->store.accept = UINT_MAX;
	complete_and_end(bed);
	bad_writes_stayed(test, NR, bad);
}

static void no_write_succeeded(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	DECLARE_BITMAP(bad, MAGE_BATCH_MAX);

	bitmap_fill(bad, MAGE_BATCH_MAX);
	bed->store.accept = 0;
	mage_bed_fill(bed, 0, NR, SEED);
	mage_bed_pick(bed, 0, NR);
	/* The store answers before the call returns. */
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	bed->store.accept = UINT_MAX;
	bad_writes_stayed(test, NR, bad);
}

static void page_that_is_read_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_RESCUES), 1);
	/* Its far copy is right all the same. */
	KUNIT_EXPECT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	first_stayed(test, SEED);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEAN);
}

static void page_that_is_written_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED + 1);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_EVICTED);
}

/* The dirty bit alone tells: the accessed bit was cleared without a word. */
static void page_that_is_dirty_but_old_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte;

	write_and_hold(test, NR);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	mmap_read_lock(bed->mm);
	pte = get_locked_pte(bed->mm, mage_bed_at(bed, 0), &ptl);
	if (pte) {
		set_pte(pte, pte_mkold(*pte));
		pte_unmap_unlock(pte, ptl);
	}
	mmap_read_unlock(bed->mm);
	flush_tlb_mm(bed->mm);
	KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, 0)));
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED + 1);
}

/* Somebody has cleared the accessed bit again, which had been set. */
static void page_that_was_aged_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	__mage_pte_aged(mage_bed_pte(bed, 0));
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED);
}

/*
 * The process has no more use for what a page holds, as MADV_FREE says: not by that,
 * as what the LRU makes of it is nothing to rely on here.
 */
static void give_up(struct mage_bed *bed, unsigned int i)
{
	struct folio *folio = mage_bed_folio(bed, i);
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte;

	mmap_read_lock(bed->mm);
	pte = get_locked_pte(bed->mm, mage_bed_at(bed, i), &ptl);
	if (pte) {
		folio_clear_dirty(folio);
		set_pte(pte, pte_mkold(pte_mkclean(*pte)));
		__mage_folio_lazyfree(folio);
		pte_unmap_unlock(pte, ptl);
	}
	mmap_read_unlock(bed->mm);
	flush_tlb_mm(bed->mm);
}

/* Some pages that were given up are victims; they go, and nothing is left of them. */
static void are_dropped(struct kunit *test, unsigned int first, unsigned int nr)
{
	struct mage_bed *bed = test->priv;
	s64 pages = percpu_counter_sum(&bed->mm->rss_stat[MM_ANONPAGES]);
	s64 far = percpu_counter_sum(&bed->mm->rss_stat[MM_SWAPENTS]);
	unsigned int i;

	atomic_set(&bed->store.writes, 0);
	mage_bed_pick(bed, first, nr);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), 0);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&bed->mm->rss_stat[MM_ANONPAGES]), pages - nr);
	KUNIT_EXPECT_EQ(test, percpu_counter_sum(&bed->mm->rss_stat[MM_SWAPENTS]), far);
	for (i = 0; i < nr; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_CLEAN);
		KUNIT_EXPECT_TRUE(test, pte_none(mage_bed_pte(bed, first + i)));
		KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, first + i));
	}
}

static void page_that_is_given_up_is_dropped(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long frames;
	unsigned int i;

	mage_bed_fill(bed, 0, NR, SEED);
	frames = mage_shards_frames(&bed->domain->shards);
	for (i = 0; i < NR; i++)
		give_up(bed, i);
	are_dropped(test, 0, NR);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_DROPS), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->progress), NR);
	/* Reading has brought pages of zeroes that are not the domain's. */
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), frames - NR);
}

static void page_that_is_given_up_takes_its_far_copy_along(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	first_has_a_far_copy(test);
	give_up(bed, 0);
	are_dropped(test, 0, 1);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 0);
}

static void page_that_is_given_up_needs_no_place(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 1, SEED);
	give_up(bed, 0);
	WRITE_ONCE(bed->domain->memcg->swap.max, 0);
	are_dropped(test, 0, 1);
}

static void page_that_is_given_up_with_two_shootdowns(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, NR, SEED);
	give_up(bed, 0);
	give_up(bed, NR - 1);
	WRITE_ONCE(mage_knobs.one_shootdown, false);
	mage_bed_pick(bed, 0, NR);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, 0));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, NR - 1));
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR - 2);
}

static void page_that_is_written_after_it_was_given_up_goes(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	first_has_a_far_copy(test);
	give_up(bed, 0);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	KUNIT_EXPECT_EQ(test, writes_of_first(bed), 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
	/* From now on it is a page as any other. */
	KUNIT_EXPECT_EQ(test, writes_of_first(bed), 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
}

static void page_that_was_given_up_before_it_is_written_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 1, SEED);
	give_up(bed, 0);
	mage_bed_pick(bed, 0, 1);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED + 1);
}

/* That does not take it back. */
static void page_that_is_read_after_it_was_given_up_is_dropped_later(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 1, SEED);
	give_up(bed, 0);
	mage_bed_pick(bed, 0, 1);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_RESCUED);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	are_dropped(test, 0, 1);
}

/* Another process maps it, too, and has not given it up. */
static void page_that_others_share_is_not_given_up_by_one(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page *page;

	mage_bed_fill(bed, 0, 1, SEED);
	page = &mage_bed_folio(bed, 0)->page;
	ClearPageAnonExclusive(page);
	give_up(bed, 0);
	/* The one that gave it up has ended. */
	SetPageAnonExclusive(page);
	KUNIT_EXPECT_EQ(test, writes_of_first(bed), 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void page_that_is_given_up_in_flight_is_rescued_and_dropped(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	give_up(bed, 0);
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR);
	/* What the store has must not come back. */
	are_dropped(test, 0, 1);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR - 1);
}

/* One fault of the process, which may have to try again. */
static void fault_once(struct kunit *test, unsigned int i)
{
	struct mage_bed *bed = test->priv;
	struct vm_area_struct *vma;

	mmap_read_lock(bed->mm);
	vma = vma_lookup(bed->mm, mage_bed_at(bed, i));
	if (vma)
		handle_mm_fault(vma, mage_bed_at(bed, i), FAULT_FLAG_WRITE | FAULT_FLAG_REMOTE,
				NULL);
	mmap_read_unlock(bed->mm);
	KUNIT_EXPECT_NOT_NULL(test, vma);
}

/* Some CPU may read the old page by its translation: nobody is to have a new one. */
static void fault_waits_for_the_second_shootdown(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	bool one = mage_knobs.one_shootdown;
	swp_entry_t entry;
	unsigned int i;

	write_and_hold(test, NR);
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	WRITE_ONCE(mage_knobs.one_shootdown, false);
	mage_batch_step(bed->batch);
	WRITE_ONCE(mage_knobs.one_shootdown, one);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, 0, &entry));
	fault_once(test, 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	/* The last owner of a slot may go meanwhile. */
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 1), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR - 1);
	KUNIT_EXPECT_EQ(test, READ_ONCE(bed->disk->si->swap_map[swp_offset(entry)]), 1);
	fault_once(test, 0);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, holds_zeroes(bed, 1));
	for (i = 0; i < NR; i++)
		if (i != 1)
			KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* After the far store has taken a page, or while it had one already. */
static void page_stays_whose_device_fails_in_the_last_moment(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	first_has_a_far_copy(test);
	mage_bed_fill(bed, 1, 1, SEED);
	mage_bed_pick(bed, 0, 2);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	KUNIT_EXPECT_EQ(test, bed->batch->chain.nr, 1);
	mage_device_fail(&bed->disk->dev, "a test wants it so");
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_RESCUED);
		KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, i, NULL));
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
		KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, i)->state, MAGE_FRAME_LISTED);
	}
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	mage_bed_mend(bed);
	/* Written anew, dirty or not. */
	KUNIT_EXPECT_EQ(test, writes_of_first(bed), 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

/* What has arrived there has, and is the far copy of a page that stays. */
static void page_stays_whose_device_is_suspended_in_the_last_moment(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	first_has_a_far_copy(test);
	mage_bed_fill(bed, 1, 1, SEED);
	mage_bed_pick(bed, 0, 2);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	mage_device_suspend(&bed->disk->dev, "a test wants it so");
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_RESCUED);
		KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, i, NULL));
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
	mage_device_resume(&bed->disk->dev);
	/* One of them is written to meanwhile. */
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 1, SEED + 1));
	mage_bed_evict(bed, 0, 2);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 1, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED + 1));
}

static void page_that_somebody_holds_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	write_and_hold(test, NR);
	folio = mage_bed_folio(bed, 0);
	folio_get(folio);
	complete_and_end(bed);
	KUNIT_EXPECT_TRUE(test, pte_present(mage_bed_pte(bed, 0)));
	folio_put(folio);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED);
}

/* By a reference that is gone again: only the folio's flag tells. */
static void page_that_was_written_by_reference_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	write_and_hold(test, NR);
	folio = mage_bed_folio(bed, 0);
	((u64 *)folio_address(folio))[1]++;
	folio_set_dirty(folio);
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	KUNIT_EXPECT_FALSE(test, mage_bed_holds(bed, 0, SEED));
	((u64 *)folio_address(folio))[1]--;
	first_stayed(test, SEED);
	/* It was written, since the flag was set. */
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_EVICTED);
}

static void page_that_is_locked_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	write_and_hold(test, NR);
	folio = mage_bed_folio(bed, 0);
	KUNIT_ASSERT_TRUE(test, folio_trylock(folio));
	complete_and_end(bed);
	folio_unlock(folio);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED);
}

/* As readahead of the slots around does, or a fault that lost the race. */
static void page_whose_slot_somebody_reads_is_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;

	write_and_hold(test, NR);
	entry = mage_frame_entry(mage_bed_frame(bed, 0));
	KUNIT_ASSERT_EQ(test, swapcache_prepare(entry, 1), 0);
	complete_and_end(bed);
	/* Nobody knows what the reader has: the slot is not used again. */
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	swapcache_clear(bed->disk->si, entry, 1);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR - 1);
	all_but_went(test, NR, 0, MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED);
}

static void page_that_is_unmapped_is_gone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long frames;

	write_and_hold(test, NR);
	frames = mage_shards_frames(&bed->domain->shards);
	KUNIT_ASSERT_EQ(test, vm_munmap(mage_bed_at(bed, 0), PAGE_SIZE), 0);
	/* The batch has the last reference. */
	KUNIT_EXPECT_EQ(test, folio_ref_count(bed->batch->victim[0].folio), 1);
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_GONE);
	/* NR - 1 went and came back. */
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), frames - 1);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR - 1);
}

/* A new page is where the victim was; the areas of both can have either, by its index. */
static void page_that_has_moved_goes_from_there(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mremap, mage_bed_at(bed, 0), PAGE_SIZE,
					    PAGE_SIZE,
					    MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP,
					    bed->spare),
			bed->spare);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_EVICTED);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds_at(bed, bed->spare, 0, SEED));
}

/* As fork and mremap lock it, and then allocate: they may wait for the very pages. */
static void pages_go_while_their_process_is_locked(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct vm_area_struct *vma;

	write_and_hold(test, NR);
	mmap_write_lock(bed->mm);
	vma = vma_lookup(bed->mm, mage_bed_at(bed, 0));
	if (vma)
		vma_start_write(vma);
	complete_and_end(bed);
	mmap_write_unlock(bed->mm);
	KUNIT_EXPECT_NOT_NULL(test, vma);
	all_but_went(test, NR, NR, 0);
}

/* Steps of a batch in commit while somebody has the anon_vma of its victims locked. */
static void step_with_anon_vma_locked(struct kunit *test, unsigned int steps)
{
	struct mage_bed *bed = test->priv;
	struct anon_vma *anon_vma = folio_anon_vma(bed->batch->victim[0].folio);

	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_COMMIT);
	anon_vma_lock_write(anon_vma);
	while (steps--) {
		KUNIT_EXPECT_EQ(test, bed->batch->state, MAGE_BATCH_COMMIT);
		KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_PENDING);
		KUNIT_EXPECT_TRUE(test, mage_batch_step(bed->batch));
	}
	anon_vma_unlock_write(anon_vma);
}

static void victims_that_are_locked_are_looked_for_again(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	step_with_anon_vma_locked(test, 2);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	all_but_went(test, NR, NR, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->clock), NR);
}

static void victims_that_stay_locked_are_rescued(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	write_and_hold(test, NR);
	step_with_anon_vma_locked(test, 3);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_RESCUED);
	first_stayed(test, SEED);
}

/* Another page is mapped where the victim was. */
static void page_that_was_replaced_is_gone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	write_and_hold(test, NR);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 0), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	complete_and_end(bed);
	all_but_went(test, NR, 0, MAGE_OUTCOME_GONE);
	first_stayed(test, SEED + 1);
}

static const struct mmu_notifier_ops no_notices = {};

/* As KVM does: from then on its pages are not for mapped write-back. */
static void page_of_a_process_with_a_notifier_is_excluded(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mmu_notifier notifier = { .ops = &no_notices };
	unsigned int i;

	write_and_hold(test, NR);
	KUNIT_ASSERT_EQ(test, mmu_notifier_register(&notifier, bed->mm), 0);
	complete_and_end(bed);
	mmu_notifier_unregister(&notifier, bed->mm);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_EXCLUDED);
		KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, i)->owner, 0);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_EXCLUDED), NR);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
}

/* As after fork(): the other process may read by an entry of its own. */
static void page_that_is_not_exclusive_is_excluded(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page *page;

	write_and_hold(test, NR);
	page = &mage_bed_folio(bed, 0)->page;
	ClearPageAnonExclusive(page);
	complete_and_end(bed);
	SetPageAnonExclusive(page);
	all_but_went(test, NR, 0, MAGE_OUTCOME_EXCLUDED);
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 0)->owner, 0);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR - 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void page_in_the_swap_cache_is_excluded(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	write_and_hold(test, NR);
	folio = mage_bed_folio(bed, 0);
	folio_set_swapcache(folio);
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_FREE);
	folio_clear_swapcache(folio);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	all_but_went(test, NR, 0, MAGE_OUTCOME_EXCLUDED);
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 0)->owner, 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

/* What others keep in an entry is in the swap entry as well. */
static void marks_of_the_entry_go_along(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	spinlock_t *ptl;	/* of the page table */
	pte_t *pte;

	mage_bed_fill(bed, 0, 2, SEED);
	mage_bed_pick(bed, 0, 2);
	mage_bed_step(bed, MAGE_BATCH_WRITE);
	mmap_read_lock(bed->mm);
	pte = get_locked_pte(bed->mm, mage_bed_at(bed, 0), &ptl);
	if (pte) {
		set_pte(pte, pte_mkuffd_wp(pte_clear_soft_dirty(pte[0])));
		set_pte(pte + 1, pte_mksoft_dirty(pte[1]));
		pte_unmap_unlock(pte, ptl);
	}
	mmap_read_unlock(bed->mm);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 1, NULL));
	KUNIT_EXPECT_FALSE(test, pte_swp_soft_dirty(mage_bed_pte(bed, 0)));
	KUNIT_EXPECT_TRUE(test, pte_swp_uffd_wp(mage_bed_pte(bed, 0)));
	KUNIT_EXPECT_TRUE(test, pte_swp_soft_dirty(mage_bed_pte(bed, 1)));
	KUNIT_EXPECT_FALSE(test, pte_swp_uffd_wp(mage_bed_pte(bed, 1)));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
}

static void what_goes_is_remembered(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_ghost_key key;
	struct mage_ghost ghost;
	swp_entry_t entry;

	bed->policy.flags = MAGE_OPS_GHOST;
	mage_bed_govern(bed);
	mage_bed_fill(bed, 0, 3, SEED);
	mage_bed_frame(bed, 1)->word[1] = 0x100000007;
	mage_bed_evict(bed, 0, 3);
	key = mage_domain_ghost_key(bed->domain);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, 1, &entry));
	KUNIT_ASSERT_TRUE(test, mage_ghost_read(bed->disk, swp_offset(entry), key, &ghost));
	KUNIT_EXPECT_EQ(test, ghost.address, mage_bed_at(bed, 1) & (BIT_ULL(44) - 1));
	KUNIT_EXPECT_EQ(test, ghost.word, 7);
	/* Itself and the one after it. */
	KUNIT_EXPECT_EQ(test, ghost.distance, 2);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_REFAULTS), 1);
}

static struct kunit_case commit_test_cases[] = {
	KUNIT_CASE(pages_whose_write_failed_stay),
	KUNIT_CASE(pages_that_the_store_did_not_accept_stay),
	KUNIT_CASE(no_write_succeeded),
	KUNIT_CASE(page_that_is_read_is_rescued),
	KUNIT_CASE(page_that_is_written_is_rescued),
	KUNIT_CASE(page_that_is_dirty_but_old_is_rescued),
	KUNIT_CASE(page_that_was_aged_is_rescued),
	KUNIT_CASE(page_that_is_given_up_is_dropped),
	KUNIT_CASE(page_that_is_given_up_takes_its_far_copy_along),
	KUNIT_CASE(page_that_is_given_up_needs_no_place),
	KUNIT_CASE(page_that_is_given_up_with_two_shootdowns),
	KUNIT_CASE(page_that_is_written_after_it_was_given_up_goes),
	KUNIT_CASE(page_that_was_given_up_before_it_is_written_is_rescued),
	KUNIT_CASE(page_that_is_read_after_it_was_given_up_is_dropped_later),
	KUNIT_CASE(page_that_others_share_is_not_given_up_by_one),
	KUNIT_CASE(page_that_is_given_up_in_flight_is_rescued_and_dropped),
	KUNIT_CASE(fault_waits_for_the_second_shootdown),
	KUNIT_CASE(page_stays_whose_device_fails_in_the_last_moment),
	KUNIT_CASE(page_stays_whose_device_is_suspended_in_the_last_moment),
	KUNIT_CASE(page_that_somebody_holds_is_rescued),
	KUNIT_CASE(page_that_was_written_by_reference_is_rescued),
	KUNIT_CASE(page_that_is_locked_is_rescued),
	KUNIT_CASE(page_whose_slot_somebody_reads_is_rescued),
	KUNIT_CASE(page_that_is_unmapped_is_gone),
	KUNIT_CASE(page_that_has_moved_goes_from_there),
	KUNIT_CASE(pages_go_while_their_process_is_locked),
	KUNIT_CASE(victims_that_are_locked_are_looked_for_again),
	KUNIT_CASE(victims_that_stay_locked_are_rescued),
	KUNIT_CASE(page_that_was_replaced_is_gone),
	KUNIT_CASE(page_of_a_process_with_a_notifier_is_excluded),
	KUNIT_CASE(page_that_is_not_exclusive_is_excluded),
	KUNIT_CASE(page_in_the_swap_cache_is_excluded),
	KUNIT_CASE(marks_of_the_entry_go_along),
	KUNIT_CASE(what_goes_is_remembered),
	{}
};

static struct kunit_suite commit_test_suite = {
	.name = "mage_commit",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = commit_test_cases,
};

kunit_test_suites(&write_test_suite, &commit_test_suite);
