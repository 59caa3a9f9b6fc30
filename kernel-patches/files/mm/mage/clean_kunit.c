// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of pages that are picked to be cleaned only, with a far store that the
 * tests control: they stay, and their far copies equal them or are known not to.
 */
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/swap.h>
#include <linux/unistd.h>
#include "bed_kunit.h"
#include "disk.h"
#include "domain.h"
#include "knobs.h"
#include "pipeline.h"
#include "select.h"
#include "slot.h"

/* Pages of most tests, and which content they have. */
#define NR	8
#define SEED	1

/* The list for what is clean. */
#define CLEAN	5

static u8 outcome(struct mage_bed *bed, unsigned int i)
{
	return bed->batch->victim[i].outcome;
}

/* An empty batch with room for @max victims. */
static void begin(struct mage_bed *bed, u32 max)
{
	mage_bed_pick(bed, 0, 0);
	bed->batch->max = max;
}

/* Some pages are victims that are to be cleaned. */
static void pick_to_clean(struct mage_bed *bed, unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		KUNIT_ASSERT_EQ(bed->test, mage_batch_take_to_clean(bed->batch,
								    mage_bed_frame(bed, i),
								    CLEAN), 0);
}

/* Others are to leave. */
static void pick_to_leave(struct mage_bed *bed, unsigned int first, unsigned int nr)
{
	unsigned int i;

	for (i = first; i < first + nr; i++)
		KUNIT_ASSERT_EQ(bed->test, mage_batch_take(bed->batch, mage_bed_frame(bed, i)), 0);
	mage_domain_add_victims(bed->domain, nr);
}

/* The first pages are to be cleaned, and their writes are held. */
static void clean_and_hold(struct mage_bed *bed, unsigned int nr)
{
	mage_bed_fill(bed, 0, nr, SEED);
	bed->store.hold = true;
	begin(bed, nr);
	pick_to_clean(bed, 0, nr);
	mage_bed_step(bed, MAGE_BATCH_WRITING);
	bed->store.hold = false;
	KUNIT_ASSERT_EQ(bed->test, bed->batch->nr, nr);
}

static void complete_and_end(struct mage_bed *bed)
{
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
}

static void clean(struct mage_bed *bed, unsigned int nr)
{
	mage_bed_fill(bed, 0, nr, SEED);
	begin(bed, nr);
	pick_to_clean(bed, 0, nr);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
}

/* A page has stayed, on that list, and nobody holds it any more. */
static void stayed(struct mage_bed *bed, unsigned int i, u32 list)
{
	struct mage_frame *frame;

	KUNIT_ASSERT_FALSE(bed->test, mage_bed_is_far(bed, i, NULL));
	frame = mage_bed_frame(bed, i);
	KUNIT_EXPECT_EQ(bed->test, (u32)frame->state, MAGE_FRAME_LISTED);
	KUNIT_EXPECT_EQ(bed->test, (u32)frame->list, list);
	KUNIT_EXPECT_EQ(bed->test, folio_ref_count(mage_bed_folio(bed, i)), 1);
}

/* It is evicted, with as many writes, and comes back as it was. */
static void leaves_with(struct mage_bed *bed, unsigned int i, int writes, u32 seed)
{
	atomic_set(&bed->store.writes, 0);
	mage_bed_evict(bed, i, 1);
	KUNIT_EXPECT_EQ(bed->test, atomic_read(&bed->store.writes), writes);
	KUNIT_EXPECT_EQ(bed->test, outcome(bed, 0),
			writes ? MAGE_OUTCOME_EVICTED : MAGE_OUTCOME_CLEAN);
	KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, seed));
}

static void cleaned_page_stays_and_leaves_without_a_write(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	clean_and_hold(bed, NR);
	/* No room is to come of them, and all can be used. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), 0);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_TRUE(test, pte_young(mage_bed_pte(bed, i)));
		KUNIT_EXPECT_FALSE(test, pte_dirty(mage_bed_pte(bed, i)));
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
	complete_and_end(bed);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), NR);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEANED), NR);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_EVICTIONS), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->domain->in_flight), 0);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_CLEANED);
		stayed(bed, i, CLEAN);
		KUNIT_EXPECT_TRUE(test, pte_young(mage_bed_pte(bed, i)));
		KUNIT_EXPECT_TRUE(test, mage_bed_stores(bed, mage_bed_frame(bed, i)->slot, i,
							SEED));
	}
	for (i = 0; i < NR; i++)
		leaves_with(bed, i, 0, SEED);
}

static void page_written_to_meanwhile_is_not_clean(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	clean_and_hold(bed, NR);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	complete_and_end(bed);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_RESCUED);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_RESCUES), 1);
	stayed(bed, 0, 0);
	for (i = 1; i < NR; i++)
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_CLEANED);
	leaves_with(bed, 0, 1, SEED + 1);
	for (i = 1; i < NR; i++)
		leaves_with(bed, i, 0, SEED);
}

static void page_written_to_afterwards_is_written_again(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	clean(bed, 1);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEANED);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	KUNIT_EXPECT_TRUE(test, pte_dirty(mage_bed_pte(bed, 0)));
	leaves_with(bed, 0, 1, SEED + 1);
}

static void page_with_a_far_copy_is_cleaned_in_its_slot(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t before;

	mage_bed_fill(bed, 0, 1, SEED + 1);
	mage_bed_evict(bed, 0, 1);
	mage_bed_is_far(bed, 0, &before);
	clean(bed, 1);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEANED);
	KUNIT_EXPECT_EQ(test, mage_frame_entry(mage_bed_frame(bed, 0)).val, before.val);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 1);
	/* Now there is nothing to write. */
	atomic_set(&bed->store.writes, 0);
	begin(bed, 1);
	pick_to_clean(bed, 0, 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEANED);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), 0);
	leaves_with(bed, 0, 0, SEED);
}

static void nothing_is_cleaned_that_may_keep_no_slot(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entries[MAGE_BED_SLOTS];
	unsigned int i, taken = MAGE_BED_SLOTS / 4 * 3;

	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, taken, entries), taken);
	clean(bed, NR);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_NO_SLOT);
		stayed(bed, i, 0);
		KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(mage_bed_frame(bed, i)));
	}
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), taken);
	/* That says nothing of whether they could leave. */
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->in_vain), 0);
	while (taken--)
		swap_free(entries[taken]);
	for (i = 0; i < NR; i++)
		leaves_with(bed, i, 1, SEED);
}

static void nothing_is_cleaned_where_swap_is_scarce(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	WRITE_ONCE(bed->domain->memcg->swap.max, 0);
	clean(bed, NR);
	WRITE_ONCE(bed->domain->memcg->swap.max, PAGE_COUNTER_MAX);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), MAGE_OUTCOME_NO_SLOT);
		stayed(bed, i, 0);
	}
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->in_vain), 0);
	for (i = 0; i < NR; i++)
		leaves_with(bed, i, 1, SEED);
}

/* It would be armed and shot down to no end, and go behind all others. */
static void page_without_a_far_copy_is_refused_while_none_is_kept(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;
	unsigned int i;
	long cleaned;

	WRITE_ONCE(mage_knobs.keep_clean, true);
	mage_bed_fill(bed, 0, 1, SEED + 1);
	mage_bed_evict(bed, 0, 1);
	mage_bed_fill(bed, 0, NR, SEED);
	KUNIT_ASSERT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	/* A batch finds that out, whatever it is for. */
	WRITE_ONCE(mage_knobs.keep_clean, false);
	mage_bed_evict(bed, NR - 1, 1);
	KUNIT_EXPECT_TRUE(test, domain->keeps_no_slots);
	cleaned = atomic_long_read(&domain->cleaned);
	begin(bed, NR);
	KUNIT_EXPECT_EQ(test, mage_batch_take_to_clean(bed->batch, mage_bed_frame(bed, 1), CLEAN),
			-EDQUOT);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->cleaned), cleaned);
	/* One that has one is written to where it is, and the other may leave. */
	pick_to_clean(bed, 0, 1);
	pick_to_leave(bed, 1, 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEANED);
	KUNIT_EXPECT_EQ(test, outcome(bed, 1), MAGE_OUTCOME_EVICTED);
	WRITE_ONCE(mage_knobs.keep_clean, true);
	/* So does the next, when they are kept again. */
	mage_bed_evict(bed, 2, 1);
	KUNIT_EXPECT_FALSE(test, domain->keeps_no_slots);
	begin(bed, 1);
	pick_to_clean(bed, 3, 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEANED);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* Else who waits takes a store that has no more than these for one that is idle. */
static void what_is_cleaned_late_counts_as_with_a_silent_store(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;
	unsigned int i;

	mage_bed_fill(bed, 0, NR + 2, SEED);
	bed->store.hold = true;
	/* Alone, and beside what leaves. */
	for (i = 0; i < 2; i++) {
		begin(bed, NR);
		pick_to_clean(bed, 0, NR - 2);
		pick_to_leave(bed, NR, 2 * i);
		mage_bed_step(bed, MAGE_BATCH_WRITING);
		KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
		KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->tree_victims), 2 * i);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->tree_late), 0);
		bed->batch->posted_at -= MAGE_LATE + 1;
		KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
		KUNIT_EXPECT_FALSE(test, mage_batch_step(bed->batch));
		KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->tree_victims), NR - 2 + 2 * i);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->tree_late), NR - 2 + 2 * i);
		/* No room is to come of any. */
		KUNIT_EXPECT_EQ(test, mage_domain_coming(domain), 0);
		complete_and_end(bed);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->tree_victims), 0);
		KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->tree_late), 0);
		KUNIT_EXPECT_NE(test, domain->write_failed_at, 0);
	}
	bed->store.hold = false;
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* Though they were picked first. */
static void what_leaves_gets_its_slot_before_what_is_cleaned(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	mage_bed_fill(bed, 0, 2 * NR, SEED);
	WRITE_ONCE(bed->domain->memcg->swap.max, 2 * NR);
	bed->store.hold = true;
	begin(bed, 2 * NR);
	pick_to_clean(bed, 0, NR);
	pick_to_leave(bed, NR, NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), NR);
	mage_bed_step(bed, MAGE_BATCH_WRITE);
	/* By when there is room for what leaves alone. */
	WRITE_ONCE(bed->domain->memcg->swap.max, NR);
	mage_bed_step(bed, MAGE_BATCH_WRITING);
	WRITE_ONCE(bed->domain->memcg->swap.max, PAGE_COUNTER_MAX);
	bed->store.hold = false;
	complete_and_end(bed);
	for (i = 0; i < 2 * NR; i++) {
		KUNIT_EXPECT_EQ(test, outcome(bed, i), i < NR ? MAGE_OUTCOME_NO_SLOT :
								MAGE_OUTCOME_EVICTED);
		KUNIT_EXPECT_EQ(test, mage_bed_is_far(bed, i, NULL), i >= NR);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->progress), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), 0);
}

static void failed_write_leaves_no_copy(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	bed->store.write_error = -EIO;
	__set_bit(0, bed->store.bad);
	clean(bed, 2);
	__clear_bit(0, bed->store.bad);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_WRITE_FAILED);
	KUNIT_EXPECT_EQ(test, outcome(bed, 1), MAGE_OUTCOME_CLEANED);
	stayed(bed, 0, 0);
	stayed(bed, 1, CLEAN);
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	leaves_with(bed, 0, 1, SEED);
	leaves_with(bed, 1, 0, SEED);
}

/* What MADV_FREE meets meanwhile may go, and its far copy is not what it was. */
static void page_that_is_given_up_meanwhile_is_not_clean(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	clean_and_hold(bed, 1);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 0), PAGE_SIZE,
					    MADV_FREE, 0, 0), 0);
	complete_and_end(bed);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_RESCUED);
	stayed(bed, 0, 0);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	leaves_with(bed, 0, 1, SEED + 1);
}

static void used_page_is_not_spared_but_cleaned(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 2, SEED);
	begin(bed, 2);
	bed->batch->spare_young = true;
	/* Else it is filled up when one is spared. */
	bed->batch->refills = U32_MAX;
	pick_to_clean(bed, 0, 1);
	pick_to_leave(bed, 1, 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEANED), 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_SPARED), 1);
	stayed(bed, 0, CLEAN);
	stayed(bed, 1, 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), 0);
}

/* Its lists are others. */
static void another_policy_finds_cleaned_pages_on_list_0(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	clean_and_hold(bed, 1);
	WRITE_ONCE(bed->domain->shards.epoch, bed->domain->shards.epoch + 1);
	complete_and_end(bed);
	KUNIT_EXPECT_EQ(test, outcome(bed, 0), MAGE_OUTCOME_CLEANED);
	stayed(bed, 0, 0);
	leaves_with(bed, 0, 0, SEED);
}

static void stock_way_takes_only_what_is_to_leave(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	mage_bed_fill(bed, 0, 2 * NR, SEED);
	begin(bed, 2 * NR);
	for (i = 0; i < NR; i++) {
		pick_to_clean(bed, 2 * i, 1);
		pick_to_leave(bed, 2 * i + 1, 1);
	}
	WRITE_ONCE(mage_knobs.mapped_writeback, false);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_NO_PLACE), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->domain->victims), 0);
	for (i = 0; i < NR; i++)
		stayed(bed, 2 * i, 0);
	for (i = 0; i < 2 * NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static void cleaning_is_bounded_by_what_is_evicted(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;
	struct mage_batch *batch = bed->batch;
	long clock = atomic_long_read(&domain->clock);
	struct mage_frame *frame;

	mage_bed_fill(bed, 0, NR, SEED);
	begin(bed, NR);
	frame = mage_bed_frame(bed, 2);
	atomic_long_set(&domain->cleaned, clock + MAGE_CLEAN_AHEAD - 2);
	pick_to_clean(bed, 0, 2);
	KUNIT_EXPECT_EQ(test, mage_batch_take_to_clean(batch, frame, CLEAN), -EDQUOT);
	atomic_long_inc(&domain->clock);
	/* What is refused costs nothing. */
	KUNIT_EXPECT_EQ(test, mage_batch_take_to_clean(batch, frame, MAGE_LISTS), -EINVAL);
	batch->max = 2;
	KUNIT_EXPECT_EQ(test, mage_batch_take_to_clean(batch, frame, CLEAN), -ENOSPC);
	batch->max = NR;
	batch->self = true;
	KUNIT_EXPECT_EQ(test, mage_batch_take_to_clean(batch, frame, CLEAN), -EDQUOT);
	batch->self = false;
	pick_to_clean(bed, 2, 1);
	KUNIT_EXPECT_EQ(test, mage_batch_take_to_clean(batch, mage_bed_frame(bed, 3), CLEAN),
			-EDQUOT);
	/* Nothing is saved up. */
	atomic_long_add(10 * MAGE_CLEAN_AHEAD, &domain->clock);
	pick_to_clean(bed, 3, 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->cleaned),
			atomic_long_read(&domain->clock) + 1);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
}

/* It must not sleep, so the frames of the pages have been looked for. */
static void clean_next(struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_bed *bed = container_of(batch->policy, struct mage_bed, policy);
	struct mage_frame **frame = bed->private;
	unsigned int i;

	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(bed->test, mage_batch_take_to_clean(batch, frame[i], CLEAN), 0);
}

static void who_only_cleans_has_picked_nothing(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = bed->domain;
	struct mage_frame *frame[NR];
	unsigned int i;

	mage_bed_fill(bed, 0, NR, SEED);
	for (i = 0; i < NR; i++)
		frame[i] = mage_bed_frame(bed, i);
	bed->private = frame;
	begin(bed, NR);
	atomic_set(&domain->fruitless, 3);
	bed->policy.select = clean_next;
	KUNIT_EXPECT_EQ(test, mage_batch_select(bed->batch, domain, NUMA_NO_NODE, NR, ULONG_MAX),
			NR);
	bed->policy.select = NULL;
	KUNIT_EXPECT_EQ(test, bed->batch->cleaning, NR);
	KUNIT_EXPECT_EQ(test, atomic_read(&domain->fruitless), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->victims), 0);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEANED), NR);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&domain->progress), 0);
}

static struct kunit_case clean_test_cases[] = {
	KUNIT_CASE(cleaned_page_stays_and_leaves_without_a_write),
	KUNIT_CASE(page_written_to_meanwhile_is_not_clean),
	KUNIT_CASE(page_written_to_afterwards_is_written_again),
	KUNIT_CASE(page_with_a_far_copy_is_cleaned_in_its_slot),
	KUNIT_CASE(nothing_is_cleaned_that_may_keep_no_slot),
	KUNIT_CASE(nothing_is_cleaned_where_swap_is_scarce),
	KUNIT_CASE(page_without_a_far_copy_is_refused_while_none_is_kept),
	KUNIT_CASE(what_is_cleaned_late_counts_as_with_a_silent_store),
	KUNIT_CASE(what_leaves_gets_its_slot_before_what_is_cleaned),
	KUNIT_CASE(failed_write_leaves_no_copy),
	KUNIT_CASE(page_that_is_given_up_meanwhile_is_not_clean),
	KUNIT_CASE(used_page_is_not_spared_but_cleaned),
	KUNIT_CASE(another_policy_finds_cleaned_pages_on_list_0),
	KUNIT_CASE(stock_way_takes_only_what_is_to_leave),
	KUNIT_CASE(cleaning_is_bounded_by_what_is_evicted),
	KUNIT_CASE(who_only_cleans_has_picked_nothing),
	{}
};

static struct kunit_suite clean_test_suite = {
	.name = "mage_clean",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = clean_test_cases,
};

kunit_test_suite(clean_test_suite);
