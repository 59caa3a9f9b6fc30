// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of what a policy is told of the pages that were there before it, of
 * ticks that do not end, and of reclaim ahead of need.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/unistd.h>
#include "../internal.h"
#include "bed_kunit.h"
#include "domain.h"
#include "kfunc_place.h"
#include "kfunc_pressure.h"
#include "room.h"
#include "takeover.h"
#include "tick.h"
#include "walk.h"

#define NR	8
#define SEED	1

/**
 * struct takeover_test - what the suite keeps beside the bed
 * @told: pages that page_in has told of, by reason
 * @strange: of these, some with words, or something remembered
 * @to: list that the policy moves them to, 0 for none
 * @walks: it then begins a walk of that list which leaves frames there, as on another CPU
 * @walk: that walk
 */
struct takeover_test {
	unsigned int told[MAGE_PAGE_IN_TAKEOVER + 1];
	unsigned int strange;
	u32 to;
	bool walks;
	struct bpf_iter_mage_list walk;
};

static void begin_walk_that_stays(struct mage_bed *bed)
{
	struct takeover_test *t = bed->private;

	t->walks = false;
	bed->batch->domain = bed->domain;
	bed->batch->max = NR;
	bed->batch->walk_budget = NR;
	bpf_iter_mage_list_new(&t->walk, bed->batch, t->to, MAGE_WALK_STAY);
	bpf_iter_mage_list_next(&t->walk);
}

static void told(struct mage_domain *domain, struct mage_frame *frame, u32 why,
		 const struct mage_ghost *ghost)
{
	struct mage_bed *bed = kunit_get_current_test()->priv;
	struct takeover_test *t = bed->private;

	t->told[why]++;
	if (frame->word[0] || frame->epoch != domain->shards.epoch ||
	    ghost->distance != MAGE_NO_DISTANCE)
		t->strange++;
	if (t->to)
		mage_frame_set_list(&domain->shards, frame, t->to, true);
	if (t->walks)
		begin_walk_that_stays(bed);
}

static void ticks(struct mage_domain *domain, const struct mage_rates *rates,
		  struct mage_batch *scan)
{
}

static int takeover_test_init(struct kunit *test)
{
	struct takeover_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	int err = mage_bed_init(test);
	struct mage_bed *bed = test->priv;

	if (err || !t)
		return err ?: -ENOMEM;
	bed->private = t;
	mage_bed_fill(bed, 0, NR, SEED);
	bed->policy.page_in = told;
	bed->policy.flags = MAGE_OPS_TAKEOVER;
	mage_bed_govern(bed);
	return 0;
}

/* As if the bed's policy had just taken over: words are another's. */
static void take_over(struct mage_bed *bed)
{
	unsigned int i;

	for (i = 0; i < NR; i++)
		mage_bed_frame(bed, i)->word[0] = 1;
	bed->domain->shards.epoch++;
	WRITE_ONCE(bed->domain->untold, true);
	mage_takeover(bed->domain);
}

static void expect_all_is_well(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	for (i = 0; i < NR; i++) {
		struct folio *folio = mage_bed_folio(bed, i);

		KUNIT_EXPECT_TRUE(test, folio_test_lru(folio));
		KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, i)->state, MAGE_FRAME_LISTED);
		KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	}
}

static void each_page_is_told_of_once(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;
	unsigned long frames = mage_shards_frames(&bed->domain->shards);

	take_over(bed);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_TAKEOVER], frames);
	KUNIT_EXPECT_EQ(test, t->strange, 0);
	/* Nothing has changed since, so there is nothing to tell. */
	WRITE_ONCE(bed->domain->untold, true);
	mage_takeover(bed->domain);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_TAKEOVER], frames);
	KUNIT_EXPECT_FALSE(test, bed->domain->untold);
	expect_all_is_well(test);
}

static void page_that_is_told_of_can_be_moved(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;
	unsigned int i;

	t->to = 5;
	take_over(bed);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, i)->list, 5);
	expect_all_is_well(test);
	mage_bed_evict(bed, 0, NR);
	for (i = 0; i < NR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

/* Frames that are linked into a list, as far as that goes round. */
static unsigned long linked(struct mage_bed *bed, u32 list)
{
	struct mage_shards *shards = &bed->domain->shards;
	struct mage_frame *frame;
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < shards->nr; i++) {
		struct mage_shard *shard = &shards->shard[i];

		spin_lock_irq(&shard->lock);
		list_for_each_entry(frame, &shard->lists[list], link)
			if (++nr > MAGE_BED_PAGES)
				break;
		spin_unlock_irq(&shard->lock);
	}
	return nr;
}

/* Its frame is on the list all the time, and is not put there once more. */
static void page_that_a_walk_looks_at_meanwhile_is_linked_once(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;
	struct mage_shards *shards = &bed->domain->shards;
	unsigned long frames = mage_shards_frames(shards);

	t->to = 5;
	t->walks = true;
	take_over(bed);
	KUNIT_EXPECT_FALSE(test, t->walks);
	bpf_iter_mage_list_destroy(&t->walk);
	KUNIT_EXPECT_EQ(test, linked(bed, 5), frames);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(shards, 5), frames);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(shards, 0), 0);
	expect_all_is_well(test);
}

/* One that came since it took over stays where the policy has put it. */
static void page_that_is_known_is_not_gathered(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;
	unsigned long frames = mage_shards_frames(&bed->domain->shards);

	t->to = 5;
	take_over(bed);
	bed->domain->shards.epoch++;
	mage_bed_fill(bed, NR, 1, SEED);
	mage_shards_gather_unknown(&bed->domain->shards);
	KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, NR)->list, 5);
	KUNIT_EXPECT_EQ(test, linked(bed, 5), 1);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, 5), 1);
	KUNIT_EXPECT_EQ(test, linked(bed, 0), frames);
	KUNIT_EXPECT_EQ(test, mage_shards_list_size(&bed->domain->shards, 0), frames);
	mage_shards_gather(&bed->domain->shards);
	KUNIT_EXPECT_EQ(test, linked(bed, 0), frames + 1);
	expect_all_is_well(test);
}

static void page_that_arrives_is_not_told_of_twice(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;
	unsigned long frames = mage_shards_frames(&bed->domain->shards);

	bed->domain->shards.epoch++;
	mage_bed_fill(bed, NR, 1, SEED);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_NEW], 1);
	WRITE_ONCE(bed->domain->untold, true);
	mage_takeover(bed->domain);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_NEW], 1);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_TAKEOVER], frames);
}

static void isolated_page_is_told_of_when_it_is_back(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;
	unsigned long frames = mage_shards_frames(&bed->domain->shards);
	struct folio *folio = mage_bed_folio(bed, 0);

	KUNIT_ASSERT_TRUE(test, folio_isolate_lru(folio));
	take_over(bed);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_TAKEOVER], frames - 1);
	folio_putback_lru(folio);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_ADOPTED], 1);
	expect_all_is_well(test);
}

static void policy_that_does_not_want_it_is_not_told(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct takeover_test *t = bed->private;

	bed->policy.flags = 0;
	take_over(bed);
	KUNIT_EXPECT_EQ(test, t->told[MAGE_PAGE_IN_TAKEOVER], 0);
	expect_all_is_well(test);
}

static void tick_is_endless_if_the_policy_says_so(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	bed->policy.flags = MAGE_OPS_IDLE_TICK;
	KUNIT_EXPECT_FALSE(test, mage_tick_is_endless(bed->domain));
	bed->policy.tick = ticks;
	KUNIT_EXPECT_TRUE(test, mage_tick_is_endless(bed->domain));
	bed->policy.flags = 0;
	KUNIT_EXPECT_FALSE(test, mage_tick_is_endless(bed->domain));
	bed->policy.tick = NULL;
}

static void nothing_that_is_protected_is_reclaimed_ahead(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mem_cgroup *memcg = bed->domain->memcg;
	unsigned long *protection[] = { &memcg->memory.min, &memcg->memory.low };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(protection); i++) {
		unsigned long before = *protection[i];

		*protection[i] = page_counter_read(&memcg->memory) + MEMCG_CHARGE_BATCH;
		KUNIT_EXPECT_EQ(test, mage_reclaim_ahead(bed->domain, NR), 0);
		*protection[i] = before;
	}
	mage_room_stalled(bed->domain);
	KUNIT_EXPECT_EQ(test, mage_reclaim_ahead(bed->domain, NR), 0);
	bed->domain->stalled = false;
	KUNIT_EXPECT_EQ(test, mage_reclaim_ahead(bed->domain, 0), 0);
	KUNIT_EXPECT_LE(test, mage_domain_demanded(bed->domain), 0);
	expect_all_is_well(test);
}

static void node_of_a_frame_is_that_of_its_page(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_frame *frame = mage_bed_frame(bed, 0);

	KUNIT_EXPECT_EQ(test, mage_frame_node(frame), folio_nid(mage_bed_folio(bed, 0)));
	KUNIT_EXPECT_EQ(test, mage_batch_node(bed->batch), NUMA_NO_NODE);
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_EQ(test, mage_frame_node(frame), NUMA_NO_NODE);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	/* That was a read. */
	KUNIT_EXPECT_GT(test, mage_far_read_ns(), 0);
}

static struct kunit_case takeover_cases[] = {
	KUNIT_CASE(each_page_is_told_of_once),
	KUNIT_CASE(page_that_is_told_of_can_be_moved),
	KUNIT_CASE(page_that_a_walk_looks_at_meanwhile_is_linked_once),
	KUNIT_CASE(page_that_is_known_is_not_gathered),
	KUNIT_CASE(page_that_arrives_is_not_told_of_twice),
	KUNIT_CASE(isolated_page_is_told_of_when_it_is_back),
	KUNIT_CASE(policy_that_does_not_want_it_is_not_told),
	KUNIT_CASE(tick_is_endless_if_the_policy_says_so),
	KUNIT_CASE(nothing_that_is_protected_is_reclaimed_ahead),
	KUNIT_CASE(node_of_a_frame_is_that_of_its_page),
	{}
};

static struct kunit_suite takeover_suite = {
	.name = "mage_takeover",
	.init = takeover_test_init,
	.exit = mage_bed_exit,
	.test_cases = takeover_cases,
};

kunit_test_suite(takeover_suite);
