// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of what the rest of mm makes of a domain's pages, which are on the
 * LRU but on lists of Mage's.
 */
#include <kunit/test.h>
#include <linux/cgroup.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm_inline.h>
#include <linux/mman.h>
#include <linux/swap.h>
#include <linux/unistd.h>
#include "../internal.h"
#include "bed_kunit.h"
#include "domain.h"
#include "leave.h"

#define NR	8
#define SEED	1

static bool is_listed(struct mage_bed *bed, unsigned int i)
{
	struct folio *folio = mage_bed_folio(bed, i);

	return folio_test_lru(folio) && mage_folio_is_listed(folio) &&
	       mage_bed_frame(bed, i)->state == MAGE_FRAME_LISTED;
}

static void page_is_on_the_lru_and_on_a_list_of_mages(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	mage_bed_fill(bed, 0, NR, SEED);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, is_listed(bed, i));
	mage_bed_evict(bed, 0, NR);
	for (i = 0; i < NR; i++) {
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
		KUNIT_EXPECT_TRUE(test, is_listed(bed, i));
	}
}

static void isolated_page_leaves_and_is_adopted_when_put_back(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	mage_bed_fill(bed, 0, 1, SEED);
	folio = mage_bed_folio(bed, 0);
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 0)->owner, 0);
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	KUNIT_EXPECT_FALSE(test, mage_folio_is_listed(folio));
	folio_putback_lru(folio);
	KUNIT_EXPECT_TRUE(test, is_listed(bed, 0));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	/* It goes as any other does. */
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void page_that_is_being_isolated_is_not_picked(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_shards *shards = &bed->domain->shards;
	struct mage_frame *frame;
	struct folio *folio;
	unsigned int i;

	mage_bed_fill(bed, 0, 1, SEED);
	frame = mage_bed_frame(bed, 0);
	folio = mage_bed_folio(bed, 0);
	/* As between the two steps of folio_isolate_lru(). */
	folio_get(folio);
	KUNIT_ASSERT_TRUE(test, folio_test_clear_lru(folio));
	KUNIT_EXPECT_EQ(test, mage_frame_pick(shards, frame), -ENOENT);
	memset(bed->batch, 0, sizeof(*bed->batch));
	bed->batch->domain = bed->domain;
	bed->batch->max = NR;
	for (i = 0; i < shards->nr; i++)
		mage_frames_take(bed->batch, &shards->shard[i], 0, NR);
	KUNIT_EXPECT_EQ(test, bed->batch->nr, 0);
	KUNIT_EXPECT_TRUE(test, frame->state == MAGE_FRAME_LISTED);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	/* Compaction may think better of it. */
	folio_set_lru(folio);
	folio_put(folio);
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void victim_is_not_isolated_unless_it_stays(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	mage_bed_fill(bed, 0, 2, SEED);
	folio = mage_bed_folio(bed, 0);
	bed->store.hold = true;
	mage_bed_pick(bed, 0, 2);
	mage_bed_step(bed, MAGE_BATCH_WRITING);
	bed->store.hold = false;
	KUNIT_EXPECT_FALSE(test, folio_test_lru(folio));
	KUNIT_EXPECT_FALSE(test, folio_isolate_lru(folio));
	/* A use of it, so that it stays. */
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
	KUNIT_EXPECT_EQ(test, bed->batch->victim[0].outcome, MAGE_OUTCOME_RESCUED);
	KUNIT_EXPECT_TRUE(test, is_listed(bed, 0));
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	folio_putback_lru(folio);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
}

static void given_page_is_tried_by_stock_reclaim_and_then_comes_back(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio;

	mage_bed_fill(bed, 0, 1, SEED);
	folio = mage_bed_folio(bed, 0);
	mage_bed_pick(bed, 0, 1);
	/* The end of a victim that is excluded; the batch keeps its reference. */
	KUNIT_ASSERT_TRUE(test, mage_folio_give_to_lru(bed->domain, folio));
	bed->batch->victim[0].outcome = MAGE_OUTCOME_EVICTED;
	bed->batch->nr = 0;
	mage_domain_add_victims(bed->domain, -1);
	atomic_dec(&bed->domain->in_flight);
	bed->batch->state = MAGE_BATCH_IDLE;
	mage_domain_put(bed->domain);
	folio_put(folio);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
	KUNIT_EXPECT_FALSE(test, mage_folio_is_listed(folio));
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 0)->owner, 0);
	/* As if reclaim put it back without having tried it; then it tries. */
	KUNIT_EXPECT_FALSE(test, mage_lruvec_add(folio));
	KUNIT_EXPECT_FALSE(test, mage_folio_returns(folio));
	KUNIT_EXPECT_TRUE(test, mage_folio_returns(folio));
	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	folio_putback_lru(folio);
	KUNIT_EXPECT_TRUE(test, is_listed(bed, 0));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void locked_page_leaves_and_comes_back_when_it_is_not(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address = mage_bed_at(bed, 0);

	mage_bed_fill(bed, 0, 1, SEED);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mlock, address, PAGE_SIZE, 0, 0, 0), 0);
	lru_add_drain_all();
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 0)->owner, 0);
	KUNIT_EXPECT_TRUE(test, folio_test_unevictable(mage_bed_folio(bed, 0)));
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_munlock, address, PAGE_SIZE, 0, 0, 0), 0);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, is_listed(bed, 0));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void freed_page_leaves(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_frame *frame;

	mage_bed_fill(bed, 0, 1, SEED);
	frame = mage_bed_frame(bed, 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 0), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, frame->owner, 0);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), 0);
}

/* What the memory cgroup and the node say, once the shards have told them. */
static void pages_are_counted_as_inactive(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_shards *shards = &bed->domain->shards;
	struct lruvec *lruvec;
	long before;
	int nid;

	mage_bed_fill(bed, 0, 1, SEED);
	nid = folio_nid(mage_bed_folio(bed, 0));
	lruvec = mem_cgroup_lruvec(bed->domain->memcg, NODE_DATA(nid));
	mage_shards_tell(shards);
	cgroup_rstat_flush(bed->domain->memcg->css.cgroup);
	before = lruvec_page_state_local(lruvec, NR_INACTIVE_ANON);
	mage_bed_fill(bed, 1, NR, SEED);
	mage_shards_tell(shards);
	cgroup_rstat_flush(bed->domain->memcg->css.cgroup);
	KUNIT_EXPECT_EQ(test, mage_shards_on_node(shards, nid), NR + 1);
	KUNIT_EXPECT_EQ(test, lruvec_page_state_local(lruvec, NR_INACTIVE_ANON) - before, NR);
	mage_bed_evict(bed, 0, NR + 1);
	mage_shards_tell(shards);
	cgroup_rstat_flush(bed->domain->memcg->css.cgroup);
	KUNIT_EXPECT_EQ(test, lruvec_page_state_local(lruvec, NR_INACTIVE_ANON) - before, -1);
}

static struct kunit_case lru_test_cases[] = {
	KUNIT_CASE(page_is_on_the_lru_and_on_a_list_of_mages),
	KUNIT_CASE(isolated_page_leaves_and_is_adopted_when_put_back),
	KUNIT_CASE(page_that_is_being_isolated_is_not_picked),
	KUNIT_CASE(victim_is_not_isolated_unless_it_stays),
	KUNIT_CASE(given_page_is_tried_by_stock_reclaim_and_then_comes_back),
	KUNIT_CASE(locked_page_leaves_and_comes_back_when_it_is_not),
	KUNIT_CASE(freed_page_leaves),
	KUNIT_CASE(pages_are_counted_as_inactive),
	{}
};

static struct kunit_suite lru_test_suite = {
	.name = "mage_lru",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = lru_test_cases,
};

kunit_test_suite(lru_test_suite);
