// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of looks around a page that was used: which neighbours are moved, what is
 * left alone, and what it counts as.
 */
#include <kunit/test.h>
#include <linux/mman.h>
#include <linux/swap.h>
#include <linux/unistd.h>
#include <asm/tlbflush.h>
#include "../internal.h"
#include "around.h"
#include "bed_kunit.h"
#include "domain.h"
#include "pass.h"
#include "select.h"
#include "shard.h"

#define NR	MAGE_BED_PAGES
#define SEED	1

/* Lists that nothing else is on: those of the pages, and those to which they go. */
#define FROM	3
#define TO	4
#define OTHER	9
#define OTHER_TO 10

/* Pages that only looks around would move. */
#define HERE	40

/* The page is used, and no translation of before hides that. */
static void touch(struct mage_bed *bed, unsigned int i)
{
	flush_tlb_mm(bed->mm);
	KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, SEED));
	KUNIT_EXPECT_TRUE(bed->test, pte_young(mage_bed_pte(bed, i)));
}

static bool is_young(struct mage_bed *bed, unsigned int i)
{
	return pte_young(mage_bed_pte(bed, i));
}

static u32 list_of(struct mage_bed *bed, unsigned int i)
{
	return mage_bed_frame(bed, i)->list;
}

/* Pages of FROM go to TO, those of OTHER to OTHER_TO, all others are left alone. */
static u64 from_to(void)
{
	u64 to = MAGE_AROUND_NONE & ~(15ULL << 4 * FROM | 15ULL << 4 * OTHER);

	return to | (u64)TO << 4 * FROM | (u64)OTHER_TO << 4 * OTHER;
}

static u32 look_around(struct mage_bed *bed, unsigned int i)
{
	return mage_frame_take_young_around(bed->batch, mage_bed_frame(bed, i), from_to());
}

/* As if the policy were called anew. */
static void begin(struct mage_bed *bed)
{
	bed->batch->walk_budget = MAGE_WALK_BUDGET;
	bed->batch->around = (struct mage_window){};
}

/*
 * The area lies elsewhere: a page table ends before its page @first, and none does after.  All
 * pages are on list FROM, in order, and none was used since.
 */
static void settle(struct mage_bed *bed, unsigned int first)
{
	unsigned long table = (bed->area & PMD_MASK) - 8 * PMD_SIZE;
	unsigned long area = table - first * PAGE_SIZE;
	unsigned int i;

	KUNIT_ASSERT_EQ(bed->test, vm_munmap(bed->area, NR * PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(bed->test, vm_mmap(NULL, area, NR * PAGE_SIZE, PROT_READ | PROT_WRITE,
					   MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, 0),
			area);
	bed->area = area;
	mage_bed_fill(bed, 0, NR, SEED);
	for (i = 0; i < NR; i++)
		KUNIT_ASSERT_EQ(bed->test, mage_frame_set_list(&bed->domain->shards,
							       mage_bed_frame(bed, i), TO, true),
				0);
	mage_bed_pick(bed, 0, 0);
	bed->batch->max = NR;
	begin(bed);
	/* They all were, when they were written. */
	KUNIT_ASSERT_EQ(bed->test, mage_pass_move(bed->batch, TO, NR, FROM, FROM), 0);
	begin(bed);
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

static void neighbours_that_were_used_are_moved(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, 0);
	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&bed->domain->shards, mage_bed_frame(bed, 33),
						  OTHER, true), 0);
	touch(bed, 30);
	touch(bed, 33);
	touch(bed, HERE);
	/* One that was not used says nothing of its neighbours. */
	KUNIT_EXPECT_EQ(test, look_around(bed, 31), 0);
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, MAGE_WALK_BUDGET);
	/* Itself, 63 others, eight for one, and two that are moved. */
	KUNIT_EXPECT_EQ(test, look_around(bed, HERE), 1 + 8 + 2);
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, MAGE_WALK_BUDGET - 8 - 2);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_FALSE(test, is_young(bed, i));
		KUNIT_EXPECT_EQ(test, list_of(bed, i),
				i == 30 ? TO : i == 33 ? OTHER_TO : FROM);
	}
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, TO), 1);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, OTHER_TO), 1);
	KUNIT_EXPECT_EQ(test, look_around(bed, HERE), 0);
	end(bed);
}

/* Of all pages, which were used, a look around page @i moves those from @first on, but for it. */
static void expect_moved(struct mage_bed *bed, unsigned int i, unsigned int first, unsigned int nr)
{
	unsigned int j;

	for (j = 0; j < NR; j++)
		touch(bed, j);
	KUNIT_EXPECT_EQ(bed->test, look_around(bed, i), 1 + DIV_ROUND_UP(nr - 1, 8) + nr - 1);
	for (j = 0; j < NR; j++) {
		bool seen = j >= first && j < first + nr;

		KUNIT_EXPECT_EQ_MSG(bed->test, is_young(bed, j), !seen, "page %u", j);
		KUNIT_EXPECT_EQ_MSG(bed->test, list_of(bed, j), seen && j != i ? TO : FROM,
				    "page %u", j);
	}
}

static void page_is_in_the_middle_of_64(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	expect_moved(bed, HERE, HERE - 32, 64);
	end(bed);
}

static void area_ends_a_look_around(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	expect_moved(bed, NR - 1, NR - 64, 64);
	end(bed);
}

static void another_area_is_not_looked_at(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mprotect, mage_bed_at(bed, 0),
					    30 * PAGE_SIZE, PROT_READ, 0, 0), 0);
	expect_moved(bed, 31, 30, 50);
	end(bed);
}

static void page_table_ends_a_look_around(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, HERE);
	expect_moved(bed, HERE, HERE, NR - HERE);
	end(bed);
}

/* A victim, an isolated page, one that a walk shows, and one on a list that is not to change. */
static void what_others_have_is_left_alone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_frame *shown;
	struct folio *isolated;
	unsigned int i;

	settle(bed, 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take(bed->batch, mage_bed_frame(bed, 20)), 0);
	isolated = mage_bed_folio(bed, 21);
	KUNIT_ASSERT_TRUE(test, folio_test_clear_lru(isolated));
	/* Page 0: around page HERE it is too far away. */
	shown = mage_frame_walk(&bed->domain->shards.shard[0], FROM);
	KUNIT_ASSERT_PTR_EQ(test, shown, mage_bed_frame(bed, 0));
	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&bed->domain->shards, mage_bed_frame(bed, 22), 5,
						  true), 0);
	touch(bed, 0);
	for (i = 20; i < 24; i++)
		touch(bed, i);
	touch(bed, 24);
	KUNIT_EXPECT_EQ(test, look_around(bed, 24), 1 + 8 + 1);
	KUNIT_EXPECT_TRUE_MSG(test, is_young(bed, 20), "victim");
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 20)->state, MAGE_FRAME_VICTIM);
	KUNIT_EXPECT_TRUE_MSG(test, is_young(bed, 21), "isolated");
	KUNIT_EXPECT_EQ(test, list_of(bed, 21), FROM);
	KUNIT_EXPECT_TRUE_MSG(test, is_young(bed, 22), "on a list of its own");
	KUNIT_EXPECT_EQ(test, list_of(bed, 22), 5);
	KUNIT_EXPECT_TRUE_MSG(test, is_young(bed, 0), "shown by a walk");
	KUNIT_EXPECT_EQ(test, (u32)shown->state, MAGE_FRAME_WALKED);
	KUNIT_EXPECT_FALSE(test, is_young(bed, 23));
	KUNIT_EXPECT_EQ(test, list_of(bed, 23), TO);
	mage_frame_unwalk(&bed->domain->shards, shown);
	folio_set_lru(isolated);
	end(bed);
}

static void page_of_another_cgroup_is_left_alone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *child;

	settle(bed, 0);
	KUNIT_ASSERT_EQ(test, mage_bed_enter(bed, 0), 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 38), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	mage_bed_fill(bed, 38, 1, SEED);
	child = mage_bed_domain(bed, 38);
	KUNIT_ASSERT_PTR_NE(test, child, bed->domain);
	KUNIT_ASSERT_EQ(test, mage_frame_set_list(&child->shards, mage_bed_frame(bed, 38), FROM,
						  true), 0);
	touch(bed, 38);
	touch(bed, 39);
	touch(bed, HERE);
	KUNIT_EXPECT_EQ(test, look_around(bed, HERE), 1 + 8 + 1);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 38));
	KUNIT_EXPECT_EQ(test, list_of(bed, 38), FROM);
	KUNIT_EXPECT_EQ(test, list_of(bed, 39), TO);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&child->shards, FROM), 1);
	end(bed);
}

static void budget_ends_a_look_around(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, 0);
	for (i = 0; i < NR; i++)
		touch(bed, i);
	bed->batch->walk_budget = 0;
	KUNIT_EXPECT_EQ(test, look_around(bed, 0), 1);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, TO), 0);
	begin(bed);
	bed->batch->walk_budget = 12;
	KUNIT_EXPECT_EQ(test, look_around(bed, HERE), 1 + 8 + 4);
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, 0);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, TO), 4);
	begin(bed);
	bed->batch->walk_budget = 3;
	KUNIT_EXPECT_EQ(test, look_around(bed, 70), 1 + 3);
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget, 0);
	end(bed);
}

static void place_is_looked_at_once_in_a_call(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	touch(bed, HERE);
	KUNIT_EXPECT_EQ(test, look_around(bed, HERE), 1 + 8);
	touch(bed, 50);
	touch(bed, 51);
	KUNIT_EXPECT_EQ(test, look_around(bed, 50), 1);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 51));
	begin(bed);
	touch(bed, 50);
	KUNIT_EXPECT_EQ(test, look_around(bed, 50), 1 + 8 + 1);
	KUNIT_EXPECT_EQ(test, list_of(bed, 51), TO);
	end(bed);
}

/* That it reads as used is no sign of what is around it. */
static void page_that_cannot_be_looked_at_has_no_neighbours(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	touch(bed, 39);
	folio_lock(mage_bed_folio(bed, HERE));
	KUNIT_EXPECT_EQ(test, look_around(bed, HERE), 1);
	folio_unlock(mage_bed_folio(bed, HERE));
	KUNIT_EXPECT_TRUE(test, is_young(bed, 39));
	KUNIT_EXPECT_EQ(test, list_of(bed, 39), FROM);
	/* As one that stays in memory for whoever has locked its area. */
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mlock, mage_bed_at(bed, HERE), PAGE_SIZE, 0,
					    0, 0), 0);
	look_around(bed, HERE);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 39));
	KUNIT_EXPECT_EQ(test, mage_bed_call(bed, __NR_munlock, mage_bed_at(bed, HERE), PAGE_SIZE,
					    0, 0, 0), 0);
	end(bed);
}

/* Pages of a list: the index of each, from the head. */
static void expect_list(struct mage_bed *bed, u32 list, const unsigned int *index, unsigned int nr)
{
	struct mage_frame *frame;
	unsigned int i = 0;

	KUNIT_EXPECT_EQ(bed->test, mage_shards_list_size(&bed->domain->shards, list), nr);
	list_for_each_entry(frame, &bed->domain->shards.shard[0].lists[list], link) {
		if (i < nr)
			KUNIT_EXPECT_PTR_EQ(bed->test, frame, mage_bed_frame(bed, index[i]));
		i++;
	}
}

static int pass_around(struct mage_bed *bed, u32 flags)
{
	return mage_pass_pick_around(bed->batch, FROM, 2 * NR, from_to(), flags);
}

static void pass_looks_around_what_was_used(struct kunit *test)
{
	static const unsigned int to[] = { 20, 0, 70 };
	static const unsigned int other[] = { 30 };
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&bed->domain->shards, mage_bed_frame(bed, 30),
						  OTHER, true), 0);
	touch(bed, 0);
	touch(bed, 20);
	touch(bed, 30);
	touch(bed, 70);
	/* All but that of the other list, and but for 20, which the look around 0 takes. */
	KUNIT_EXPECT_EQ(test, pass_around(bed, 0), NR - 2);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, NR - 4);
	expect_list(bed, FROM, NULL, 0);
	expect_list(bed, TO, to, ARRAY_SIZE(to));
	expect_list(bed, OTHER_TO, other, 1);
	/* Twice around, from 0 and from 70, where nothing else was used. */
	KUNIT_EXPECT_EQ(test, bed->batch->walk_budget,
			MAGE_WALK_BUDGET - (NR - 2) - (8 + 2) - 8);
	end(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_EVICTIONS), NR - 4);
}

/* For each that a look around takes off the list the pass has one less to see. */
static void pass_sees_no_page_twice(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	touch(bed, 0);
	touch(bed, 20);
	touch(bed, 21);
	KUNIT_EXPECT_EQ(test, pass_around(bed, MAGE_WALK_STAY), NR - 2);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, NR - 3);
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, 0)->state, MAGE_FRAME_LISTED);
	end(bed);
}

static void pass_from_the_tail_moves_to_the_head(struct kunit *test)
{
	static const unsigned int to[] = { NR - 1, NR - 20, NR - 30 };
	struct mage_bed *bed = test->priv;
	unsigned int i;

	settle(bed, 0);
	for (i = 0; i < ARRAY_SIZE(to); i++)
		touch(bed, to[i]);
	KUNIT_EXPECT_EQ(test, pass_around(bed, MAGE_WALK_TAIL), NR - 2);
	expect_list(bed, TO, to, ARRAY_SIZE(to));
	end(bed);
}

static void first_use_of_a_prefetched_neighbour_is_its_arrival(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	touch(bed, 0);
	touch(bed, 20);
	touch(bed, 21);
	mage_bed_frame(bed, 20)->prefetched = true;
	bed->batch->max = 1;
	/* One victim, so that the first row is the last. */
	KUNIT_EXPECT_EQ(test, pass_around(bed, MAGE_PASS_AGAIN), 2);
	KUNIT_EXPECT_TRUE(test, is_young(bed, 20));
	KUNIT_EXPECT_EQ(test, list_of(bed, 20), FROM);
	KUNIT_EXPECT_EQ(test, list_of(bed, 21), TO);
	/* Where any use is one, that is a hit. */
	begin(bed);
	touch(bed, 22);
	KUNIT_EXPECT_EQ(test, look_around(bed, 22), 1 + 8 + 1);
	KUNIT_EXPECT_EQ(test, list_of(bed, 20), TO);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 1);
	bed->batch->max = NR;
	end(bed);
}

static void pass_around_refuses_what_it_cannot_do(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	settle(bed, 0);
	KUNIT_EXPECT_EQ(test, mage_pass_pick_around(bed->batch, MAGE_LISTS, 1, 0, 0), -EINVAL);
	KUNIT_EXPECT_EQ(test, pass_around(bed, 1 << 4), -EINVAL);
	KUNIT_EXPECT_EQ(test, pass_around(bed, MAGE_WALK_RESUME), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_pass_pick_around(bed->batch, TO, NR, from_to(), 0), 0);
	KUNIT_EXPECT_EQ(test, mage_pass_pick_around(bed->batch, FROM, 0, from_to(), 0), 0);
	/* The batch of tick. */
	bed->batch->scan = true;
	KUNIT_EXPECT_EQ(test, pass_around(bed, 0), 0);
	bed->batch->scan = false;
	bed->batch->walk_budget = 0;
	KUNIT_EXPECT_EQ(test, pass_around(bed, 0), 0);
	KUNIT_EXPECT_EQ(test, bed->batch->refusals, 1);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, FROM), NR);
	end(bed);
}

static struct kunit_case around_test_cases[] = {
	KUNIT_CASE(neighbours_that_were_used_are_moved),
	KUNIT_CASE(page_is_in_the_middle_of_64),
	KUNIT_CASE(area_ends_a_look_around),
	KUNIT_CASE(another_area_is_not_looked_at),
	KUNIT_CASE(page_table_ends_a_look_around),
	KUNIT_CASE(what_others_have_is_left_alone),
	KUNIT_CASE(page_of_another_cgroup_is_left_alone),
	KUNIT_CASE(budget_ends_a_look_around),
	KUNIT_CASE(place_is_looked_at_once_in_a_call),
	KUNIT_CASE(page_that_cannot_be_looked_at_has_no_neighbours),
	KUNIT_CASE(pass_looks_around_what_was_used),
	KUNIT_CASE(pass_sees_no_page_twice),
	KUNIT_CASE(pass_from_the_tail_moves_to_the_head),
	KUNIT_CASE(first_use_of_a_prefetched_neighbour_is_its_arrival),
	KUNIT_CASE(pass_around_refuses_what_it_cannot_do),
	{}
};

static struct kunit_suite around_test_suite = {
	.name = "mage_around",
	.init = mage_bed_init_in_order,
	.exit = mage_bed_exit_in_order,
	.test_cases = around_test_cases,
};

kunit_test_suite(around_test_suite);
