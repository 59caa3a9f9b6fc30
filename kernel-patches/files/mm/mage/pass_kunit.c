// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of passes, on pages of a process: what was used is spared, what was not
 * is picked, and leaves whole.
 */
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/swap.h>
#include <linux/unistd.h>
#include <asm/tlbflush.h>
#include "../internal.h"
#include "bed_kunit.h"
#include "domain.h"
#include "look.h"
#include "pass.h"
#include "shard.h"

/* Two rows and a part of one. */
#define NR	40
#define SEED	1

/* Lists that nothing else is on, from which pages are picked, and to which they go. */
#define FROM	3
#define TO	4

/* The page is used, and no translation of before hides that. */
static void touch(struct mage_bed *bed, unsigned int i)
{
	flush_tlb_mm(bed->mm);
	KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, SEED));
	KUNIT_EXPECT_TRUE(bed->test, pte_young(mage_bed_pte(bed, i)));
}

/* An empty batch, with room and a budget. */
static void begin(struct mage_bed *bed, u32 max)
{
	mage_bed_pick(bed, 0, 0);
	bed->batch->max = max;
	bed->batch->walk_budget = MAGE_WALK_BUDGET;
}

/* What was picked goes; and all is as it was when the process asks for it. */
static void end(struct mage_bed *bed)
{
	unsigned int i;

	mage_domain_add_victims(bed->domain, bed->batch->nr);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, SEED));
}

/* So many pages, in order, on a list of their own, and none of them used since. */
static void settle(struct mage_bed *bed, unsigned int nr)
{
	unsigned int i;

	mage_bed_fill(bed, 0, NR, SEED);
	for (i = 0; i < nr; i++)
		KUNIT_ASSERT_EQ(bed->test, mage_frame_set_list(&bed->domain->shards,
							       mage_bed_frame(bed, i), TO, true),
				0);
	begin(bed, NR);
	/* They all were, when they were written. */
	KUNIT_EXPECT_EQ(bed->test, mage_pass_move(bed->batch, TO, nr, FROM, FROM), 0);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_FALSE(bed->test, pte_young(mage_bed_pte(bed, i)));
	flush_tlb_mm(bed->mm);
}

/* Pages of a list, by index, from its head; NR for one that is none of the area's. */
static unsigned int order(struct mage_bed *bed, u32 list, unsigned int *index)
{
	struct mage_frame *frame;
	unsigned int s, i, nr = 0;

	for (s = 0; s < bed->domain->shards.nr; s++) {
		list_for_each_entry(frame, &bed->domain->shards.shard[s].lists[list], link) {
			for (i = 0; i < NR && mage_bed_frame(bed, i) != frame; i++)
				;
			index[nr++] = i;
		}
	}
	return nr;
}

/* On the list there are these, and in that order: from @first on, each @step-th. */
static void expect_list(struct mage_bed *bed, u32 list, unsigned int first, unsigned int step,
			unsigned int nr)
{
	unsigned int index[MAGE_BED_PAGES], i;

	KUNIT_ASSERT_EQ(bed->test, order(bed, list, index), nr);
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_EQ(bed->test, index[i], (first + i * step) % NR);
}

/* The victims are these, from @first on. */
static void expect_victims(struct mage_bed *bed, unsigned int first, unsigned int step,
			   unsigned int nr)
{
	unsigned int i;

	KUNIT_ASSERT_EQ(bed->test, bed->batch->nr, nr);
	for (i = 0; i < nr; i++) {
		struct mage_frame *frame = mage_bed_frame(bed, first + i * step);

		KUNIT_EXPECT_PTR_EQ(bed->test, bed->batch->victim[i].frame, frame);
		KUNIT_EXPECT_EQ(bed->test, (u32)frame->state, MAGE_FRAME_VICTIM);
		KUNIT_EXPECT_EQ(bed->test, folio_ref_count(mage_frame_folio(frame)), 2);
	}
}

static void unused_are_picked_and_used_go_to_the_list_named(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, NR);
	for (i = 0; i < NR; i += 2)
		touch(bed, i);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 2 * NR, TO, 0), NR);
	expect_victims(bed, 1, 2, NR / 2);
	expect_list(bed, FROM, 0, 1, 0);
	expect_list(bed, TO, 0, 2, NR / 2);
	/* The move before has looked at them, too. */
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, MAGE_WALK_BUDGET - 2 * NR);
	/* That they were used is forgotten. */
	for (i = 0; i < NR; i += 2)
		KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, i)));
	end(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_EVICTIONS), NR / 2);
}

static void all_used_are_spared_once(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, NR);
	for (i = 0; i < NR; i++)
		touch(bed, i);
	/* To the tail of the very list: each is seen once all the same. */
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, MAGE_WALK_BUDGET, FROM, 0), NR);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, 0);
	expect_list(bed, FROM, 0, 1, NR);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, MAGE_WALK_BUDGET, FROM, 0), NR);
	expect_victims(bed, 0, 1, NR);
	end(bed);
}

static void frames_are_sorted_by_use(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, NR);
	for (i = 0; i < NR; i += 2)
		touch(bed, i);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, FROM, NR, FROM, TO), NR / 2);
	expect_list(bed, FROM, 1, 2, NR / 2);
	expect_list(bed, TO, 0, 2, NR / 2);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, 0);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, i)));
	end(bed);
}

static void those_that_stay_keep_their_places(struct kunit *test)
{
	const u32 flags = MAGE_WALK_STAY | MAGE_WALK_RESUME;
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, NR);
	for (i = 0; i < NR; i++)
		if (i != 5 && i != NR - 1)
			touch(bed, i);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 20, TO, flags), 20);
	expect_victims(bed, 5, 1, 1);
	/* The hand is where it was left, and in the end at the head again. */
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR - 20, TO, flags), NR - 20);
	expect_victims(bed, 5, NR - 6, 2);
	expect_list(bed, TO, 0, 1, 0);
	bed->batch->max = 3;
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR, TO, flags), 1);
	KUNIT_EXPECT_PTR_EQ(test, bed->batch->victim[2].frame, mage_bed_frame(bed, 0));
	end(bed);
}

static void tail_comes_first_if_it_is_to(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, NR);
	touch(bed, NR - 1);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 2, FROM, MAGE_WALK_TAIL), 2);
	expect_victims(bed, NR - 2, 1, 1);
	/* What was used went to the head. */
	expect_list(bed, FROM, NR - 1, 1, NR - 1);
	end(bed);
}

static void batch_and_budget_end_a_pass(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, NR);
	bed->batch->max = 20;
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR, TO, 0), 20);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR, TO, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, FROM, NR, TO, TO), 0);
	bed->batch->max = NR;
	bed->batch->walk_budget = 7;
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR, TO, 0), 7);
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, 0);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR, TO, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, FROM, NR, TO, TO), 0);
	KUNIT_EXPECT_EQ(test, bed->batch->refusals, 2);
	expect_victims(bed, 0, 1, 27);
	expect_list(bed, FROM, 27, 1, NR - 27);
	end(bed);
}

static void pass_refuses_what_it_cannot_do(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, NR);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, MAGE_LISTS, 1, TO, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 1, MAGE_LISTS, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 1, TO, 1 << 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 1, TO, MAGE_WALK_RESUME), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, MAGE_LISTS, 1, TO, TO), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, FROM, 1, MAGE_LISTS, TO), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, FROM, 1, TO, MAGE_LISTS), -EINVAL);
	/* What there is nothing of, and nothing that is wanted. */
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, TO, NR, TO, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, TO, NR, FROM, FROM), 0);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 0, TO, 0), 0);
	/* The batch of tick. */
	bed->batch->scan = true;
	bed->batch->max = 0;
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, NR, TO, 0), 0);
	expect_list(bed, FROM, 0, 1, NR);
	KUNIT_EXPECT_EQ(test, mage_pass_move(bed->batch, FROM, NR, TO, TO), NR);
	expect_list(bed, TO, 0, 1, NR);
	bed->batch->scan = false;
	bed->batch->max = NR;
	end(bed);
}

/* What cannot be told without waiting, and what cannot go, is spared; so far as is seen. */
static void pages_in_use_by_others_are_spared(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, NR);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mlock, mage_bed_at(bed, 2), PAGE_SIZE, 0, 0,
					    0), 0);
	folio_lock(mage_bed_folio(bed, 0));
	folio_lock(mage_bed_folio(bed, 20));
	mage_pass_pick(bed->batch, FROM, NR, TO, 0);
	folio_unlock(mage_bed_folio(bed, 0));
	folio_unlock(mage_bed_folio(bed, 20));
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 0)->state, MAGE_FRAME_LISTED);
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 0)->list, TO);
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 20)->list, TO);
	KUNIT_EXPECT_NE(test, (u32)mage_bed_frame(bed, 2)->state, MAGE_FRAME_VICTIM);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, NR - 3);
	end(bed);
}

/* As between the two steps of folio_isolate_lru(). */
static void page_that_is_being_isolated_is_no_victim_of_a_pass(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	settle(bed, NR);
	folio = mage_bed_folio(bed, 1);
	KUNIT_ASSERT_TRUE(test, folio_test_clear_lru(folio));
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 3, TO, 0), 3);
	expect_victims(bed, 0, 2, 2);
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 1)->state, MAGE_FRAME_LISTED);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	folio_set_lru(folio);
	end(bed);
}

static void prefetched_page_is_not_used_again_by_its_first_use(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, NR);
	for (i = 0; i < 4; i++)
		touch(bed, i);
	mage_bed_frame(bed, 0)->prefetched = true;
	mage_bed_frame(bed, 1)->prefetched = true;
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 1, TO, 0), 1);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, 0);
	KUNIT_EXPECT_EQ(test, mage_pass_pick(bed->batch, FROM, 3, TO, MAGE_PASS_AGAIN), 3);
	expect_victims(bed, 1, 1, 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 2);
	end(bed);
}

/* What a look sees of page @i, which forgets that it was used. */
static void expect_look(struct mage_bed *bed, unsigned int i, bool young, bool dirty)
{
	struct mage_frame *frame = mage_bed_frame(bed, i);
	struct mage_look look;

	KUNIT_ASSERT_TRUE(bed->test, mage_look_and_clear(bed->batch, frame, &look));
	KUNIT_EXPECT_FALSE(bed->test, look.unknown);
	KUNIT_EXPECT_EQ(bed->test, look.young, young);
	KUNIT_EXPECT_EQ(bed->test, look.dirty, dirty);
	KUNIT_EXPECT_FALSE(bed->test, pte_young(mage_bed_pte(bed, i)));
	KUNIT_EXPECT_EQ(bed->test, pte_dirty(mage_bed_pte(bed, i)), dirty);
}

static void one_look_sees_use_and_writes(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, NR, SEED);
	begin(bed, NR);
	expect_look(bed, 0, true, true);
	expect_look(bed, 0, false, true);
	touch(bed, 0);
	expect_look(bed, 0, true, true);
	/* It comes back with a far copy, and is read only. */
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	begin(bed, NR);
	expect_look(bed, 0, true, false);
	expect_look(bed, 0, false, false);
	flush_tlb_mm(bed->mm);
	KUNIT_EXPECT_TRUE(test, mage_bed_write(bed, 0, SEED));
	expect_look(bed, 0, true, true);
	end(bed);
}

static struct kunit_case pass_test_cases[] = {
	KUNIT_CASE(unused_are_picked_and_used_go_to_the_list_named),
	KUNIT_CASE(all_used_are_spared_once),
	KUNIT_CASE(frames_are_sorted_by_use),
	KUNIT_CASE(those_that_stay_keep_their_places),
	KUNIT_CASE(tail_comes_first_if_it_is_to),
	KUNIT_CASE(batch_and_budget_end_a_pass),
	KUNIT_CASE(pass_refuses_what_it_cannot_do),
	KUNIT_CASE(pages_in_use_by_others_are_spared),
	KUNIT_CASE(page_that_is_being_isolated_is_no_victim_of_a_pass),
	KUNIT_CASE(prefetched_page_is_not_used_again_by_its_first_use),
	KUNIT_CASE(one_look_sees_use_and_writes),
	{}
};

static struct kunit_suite pass_test_suite = {
	.name = "mage_pass",
	.init = mage_bed_init_in_order,
	.exit = mage_bed_exit_in_order,
	.test_cases = pass_test_cases,
};

kunit_test_suite(pass_test_suite);
