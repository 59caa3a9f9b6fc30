// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of what policies work with: walks, samples, picks, answers, loops.
 */
#include <kunit/test.h>
#include <kunit/test-bug.h>
#include <linux/bpf.h>
#include <linux/delay.h>
#include <linux/slab.h>
#include "call.h"
#include "callback.h"
#include "domain.h"
#include "effort.h"
#include "govern.h"
#include "knobs.h"
#include "limit.h"
#include "loop.h"
#include "policy.h"
#include "replace.h"
#include "room.h"
#include "select.h"
#include "walk.h"

#define NR_PAGES	24

/**
 * struct policy_test - what each test works on
 * @domain: a domain of no cgroup, with one shard, whose id no real domain has
 * @batch: a batch that a select would fill
 * @policy: what governs the domain
 * @next: what is to govern it after that
 * @said: which rule @next breaks while it takes over
 * @left: why the first one left
 * @shards: the knob, as it was
 * @call: of a callback
 * @tramp: what the trampoline of its program puts on top
 * @page: pages that are nobody else's, side by side
 */
struct policy_test {
	struct mage_domain *domain;
	struct mage_batch *batch;
	struct mage_ops policy;
	struct mage_ops next;
	enum mage_exit_kind said;
	enum mage_exit_kind left;
	u32 shards;
	struct mage_call call;
	struct bpf_tramp_run_ctx tramp;
	struct page *page[NR_PAGES];
};

static struct mage_frame *frame_of(struct policy_test *t, unsigned int i)
{
	return mage_frame_of(page_folio(t->page[i]));
}

/* A page comes to list 0, as one of the LRU. */
static void insert(struct policy_test *t, unsigned int i)
{
	if (mage_frame_insert(&t->domain->shards, frame_of(t, i), page_to_pfn(t->page[i])))
		folio_set_lru(page_folio(t->page[i]));
}

/* All pages, in order, on list 0 of one shard. */
static void insert_all(struct policy_test *t)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		insert(t, i);
}

/* Which page a frame is of; NR_PAGES for none. */
static unsigned int index_of(struct policy_test *t, struct mage_frame *frame)
{
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		if (frame_of(t, i) == frame)
			break;
	return i;
}

/* The order of list 0, by index; returns its length. */
static unsigned int order(struct policy_test *t, unsigned int *index)
{
	struct mage_frame *frame;
	unsigned int nr = 0;

	list_for_each_entry(frame, &t->domain->shards.shard[0].lists[0], link)
		index[nr++] = index_of(t, frame);
	return nr;
}

static int policy_test_init(struct kunit *test)
{
	struct policy_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;
	void *pages;

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->domain = mage_domain_new();
	t->batch = kvzalloc(sizeof(*t->batch), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->domain);
	KUNIT_ASSERT_NOT_NULL(test, t->batch);
	t->domain->root_stats = alloc_percpu(struct mage_root_stats);
	KUNIT_ASSERT_NOT_NULL(test, t->domain->root_stats);
	t->domain->shards.id = MAGE_DOMAIN_IDS - 3;
	strscpy(t->policy.name, "kunit");
	strscpy(t->next.name, "next");
	RCU_INIT_POINTER(t->domain->policy, &t->policy);
	t->batch->domain = t->domain;
	t->batch->policy = &t->policy;
	t->batch->max = NR_PAGES;
	t->batch->walk_budget = MAGE_WALK_BUDGET;
	t->shards = mage_knobs.shards;
	mage_knobs.shards = 1;
	pages = alloc_pages_exact(NR_PAGES * PAGE_SIZE, GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, pages);
	for (i = 0; i < NR_PAGES; i++)
		t->page[i] = virt_to_page(pages + i * PAGE_SIZE);
	test->priv = t;
	return 0;
}

static void policy_test_exit(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i;

	if (!t)
		return;
	mage_knobs.shards = t->shards;
	/* An ejection ends in a work, which looks at the policy. */
	flush_work(&t->domain->eject_work);
	for (i = 0; i < t->batch->nr; i++)
		folio_put(t->batch->victim[i].folio);
	for (i = 0; i < NR_PAGES; i++) {
		mage_frame_remove(&t->domain->shards, frame_of(t, i), true);
		ClearPageLRU(t->page[i]);
		__free_page(t->page[i]);
	}
	kvfree(t->batch);
	mage_domain_free(&t->domain->rcu);
}

static void turning_walk_sees_each_once_and_keeps_the_order(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i, index[NR_PAGES];
	struct bpf_iter_mage_list it;

	insert_all(t);
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_list_new(&it, t->batch, 0, 0), 0);
	for (i = 0; i < NR_PAGES; i++)
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), i);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_list_next(&it));
	bpf_iter_mage_list_destroy(&it);
	KUNIT_ASSERT_EQ(test, order(t, index), NR_PAGES);
	for (i = 0; i < NR_PAGES; i++)
		KUNIT_EXPECT_EQ(test, index[i], i);
	KUNIT_EXPECT_EQ(test, t->batch->walk_budget, MAGE_WALK_BUDGET - NR_PAGES);
}

static void turning_walk_that_stops_turns_what_it_saw(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i, index[NR_PAGES];
	struct bpf_iter_mage_list it;

	insert_all(t);
	bpf_iter_mage_list_new(&it, t->batch, 0, 0);
	for (i = 0; i < 3; i++)
		bpf_iter_mage_list_next(&it);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_ASSERT_EQ(test, order(t, index), NR_PAGES);
	for (i = 0; i < NR_PAGES; i++)
		KUNIT_EXPECT_EQ(test, index[i], (i + 3) % NR_PAGES);
	KUNIT_EXPECT_EQ(test, t->batch->walk_budget, MAGE_WALK_BUDGET - 3);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES);
}

static void walk_from_the_tail_goes_backwards(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i, index[NR_PAGES];
	struct bpf_iter_mage_list it;

	insert_all(t);
	bpf_iter_mage_list_new(&it, t->batch, 0, MAGE_WALK_TAIL);
	for (i = 0; i < 2; i++)
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)),
				NR_PAGES - 1 - i);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_ASSERT_EQ(test, order(t, index), NR_PAGES);
	/* The two went to the head, one before the other. */
	KUNIT_EXPECT_EQ(test, index[0], NR_PAGES - 2);
	KUNIT_EXPECT_EQ(test, index[1], NR_PAGES - 1);
	KUNIT_EXPECT_EQ(test, index[2], 0);
	KUNIT_EXPECT_EQ(test, index[NR_PAGES - 1], NR_PAGES - 3);
}

static void hand_stays_between_walks(struct kunit *test)
{
	const u32 flags = MAGE_WALK_STAY | MAGE_WALK_RESUME;
	struct policy_test *t = test->priv;
	unsigned int i, index[NR_PAGES];
	struct bpf_iter_mage_list it;

	insert_all(t);
	bpf_iter_mage_list_new(&it, t->batch, 0, flags);
	for (i = 0; i < 5; i++)
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), i);
	bpf_iter_mage_list_destroy(&it);
	/* What the hand points at is freed, and what it saw last. */
	mage_frame_remove(&t->domain->shards, frame_of(t, 5), true);
	mage_frame_remove(&t->domain->shards, frame_of(t, 4), true);
	bpf_iter_mage_list_new(&it, t->batch, 0, flags);
	for (i = 6; i < NR_PAGES; i++)
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), i);
	/* After the tail comes the head. */
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), i);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_list_next(&it));
	bpf_iter_mage_list_destroy(&it);
	KUNIT_ASSERT_EQ(test, order(t, index), NR_PAGES - 2);
	for (i = 0; i < NR_PAGES - 2; i++)
		KUNIT_EXPECT_EQ(test, index[i], i < 4 ? i : i + 2);
}

static void hand_past_the_tail_goes_to_the_head_though_pages_arrive(struct kunit *test)
{
	const u32 flags = MAGE_WALK_STAY | MAGE_WALK_RESUME;
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	unsigned int i;

	insert_all(t);
	mage_frame_remove(&t->domain->shards, frame_of(t, NR_PAGES - 1), true);
	bpf_iter_mage_list_new(&it, t->batch, 0, flags);
	for (i = 0; i < NR_PAGES - 1; i++)
		bpf_iter_mage_list_next(&it);
	bpf_iter_mage_list_destroy(&it);
	insert(t, NR_PAGES - 1);
	bpf_iter_mage_list_new(&it, t->batch, 0, flags);
	KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), 0);
	bpf_iter_mage_list_destroy(&it);
}

static void walk_that_stays_begins_at_the_head(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	unsigned int i;

	insert_all(t);
	for (i = 0; i < 2; i++) {
		bpf_iter_mage_list_new(&it, t->batch, 0, MAGE_WALK_STAY);
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), 0);
		bpf_iter_mage_list_destroy(&it);
	}
}

static void walk_refuses_what_it_cannot_do(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;

	insert_all(t);
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_list_new(&it, t->batch, MAGE_LISTS, 0), -EINVAL);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_list_next(&it));
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_list_new(&it, t->batch, 0, 1 << 3), -EINVAL);
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_list_new(&it, t->batch, 0, MAGE_WALK_RESUME),
			-EINVAL);
	KUNIT_EXPECT_EQ(test, bpf_iter_mage_list_new(&it, t->batch, 0,
						     MAGE_WALK_STAY | MAGE_WALK_TAIL), -EINVAL);
}

static void walk_ends_with_the_batch_and_with_the_budget(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	unsigned int seen = 0;
	struct mage_frame *frame;

	insert_all(t);
	t->batch->max = 5;
	bpf_iter_mage_list_new(&it, t->batch, 0, 0);
	while ((frame = bpf_iter_mage_list_next(&it)))
		KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), 0);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 5);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES - 5);

	t->batch->max = MAGE_BATCH_MAX;
	t->batch->walk_budget = 7;
	bpf_iter_mage_list_new(&it, t->batch, 0, 0);
	while (bpf_iter_mage_list_next(&it))
		seen++;
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, seen, 7);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES - 5);
}

static void walking_on_without_a_budget_ejects(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	unsigned int i;

	insert_all(t);
	t->batch->walk_budget = 0;
	for (i = 0; i < 1023; i++) {
		bpf_iter_mage_list_new(&it, t->batch, 0, 0);
		bpf_iter_mage_list_destroy(&it);
	}
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	bpf_iter_mage_list_new(&it, t->batch, 0, 0);
	bpf_iter_mage_list_destroy(&it);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

static void list_gives_its_heads_in_order(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i;

	/* What there is nothing of. */
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, 5), 0);
	insert_all(t);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, MAGE_LISTS, 5), -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 1, 5), 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, 5), 5);
	KUNIT_EXPECT_EQ(test, t->batch->walk_budget, MAGE_WALK_BUDGET - 5);
	/* More than there are, in rows. */
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, U32_MAX), NR_PAGES - 5);
	KUNIT_ASSERT_EQ(test, t->batch->nr, NR_PAGES);
	for (i = 0; i < NR_PAGES; i++) {
		KUNIT_EXPECT_EQ(test, index_of(t, t->batch->victim[i].frame), i);
		KUNIT_EXPECT_EQ(test, (u32)frame_of(t, i)->state, MAGE_FRAME_VICTIM);
		KUNIT_EXPECT_EQ(test, page_ref_count(t->page[i]), 2);
	}
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], 0);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

static void list_gives_no_more_than_batch_and_budget_allow(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i;

	insert_all(t);
	t->batch->max = 18;
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, NR_PAGES), 18);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, NR_PAGES), 0);
	t->batch->max = NR_PAGES;
	t->batch->walk_budget = 2;
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, NR_PAGES), 2);
	KUNIT_EXPECT_EQ(test, t->batch->walk_budget, 0);
	for (i = 0; i < 1023; i++)
		KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, NR_PAGES), 0);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	mage_batch_take_list(t->batch, 0, NR_PAGES);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

/* Frames that a walk has in its row, or is about to pick, are not on the list, or not free. */
static void list_gives_nothing_that_a_walk_has(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame;

	insert_all(t);
	/* Of five pages, one is picked by the walk, the others are yet to be shown. */
	t->batch->max = 5;
	bpf_iter_mage_list_new(&it, t->batch, 0, 0);
	frame = bpf_iter_mage_list_next(&it);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, NR_PAGES), 4);
	KUNIT_EXPECT_EQ(test, index_of(t, t->batch->victim[1].frame), 5);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_list_next(&it));
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 5);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES - 5);
	/* One that stays on the list while it is shown. */
	t->batch->max = 7;
	bpf_iter_mage_list_new(&it, t->batch, 0, MAGE_WALK_STAY);
	KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), 1);
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, 2), 2);
	KUNIT_EXPECT_EQ(test, index_of(t, t->batch->victim[5].frame), 2);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* The batch of tick has room for none. */
static void list_gives_nothing_to_a_scan(struct kunit *test)
{
	struct policy_test *t = test->priv;

	insert_all(t);
	t->batch->scan = true;
	t->batch->max = 0;
	KUNIT_EXPECT_EQ(test, mage_batch_take_list(t->batch, 0, NR_PAGES), 0);
	KUNIT_EXPECT_EQ(test, t->batch->walk_budget, MAGE_WALK_BUDGET);
}

static void victims_of_this_call_are_shown(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_victim it;
	unsigned int i;

	insert_all(t);
	mage_batch_take_list(t->batch, 0, 4);
	t->batch->begun = 1;
	bpf_iter_mage_victim_new(&it, t->batch, 0);
	for (i = 1; i < 4; i++)
		KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_victim_next(&it)), i);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_victim_next(&it));
	bpf_iter_mage_victim_destroy(&it);
	bpf_iter_mage_victim_new(&it, t->batch, 3);
	KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_victim_next(&it)), 3);
	bpf_iter_mage_victim_destroy(&it);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_victim_next(&it));
	bpf_iter_mage_victim_new(&it, t->batch, U32_MAX);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_victim_next(&it));
	bpf_iter_mage_victim_destroy(&it);
	/* To pick one of them again is what it always is. */
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, 2)), -EBUSY);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_DOUBLE_PICK);
}

static void scan_walks_and_takes_nothing(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame;
	unsigned int seen = 0;

	insert_all(t);
	t->batch->scan = true;
	t->batch->max = 0;
	bpf_iter_mage_list_new(&it, t->batch, 0, MAGE_WALK_STAY);
	while ((frame = bpf_iter_mage_list_next(&it))) {
		KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), -ENOSPC);
		seen++;
	}
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, seen, NR_PAGES);
}

static void sample_shows_the_domains_own(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_sample it;
	DECLARE_BITMAP(found, NR_PAGES + 1);
	struct mage_frame *frame;
	unsigned int seen = 0;

	bitmap_zero(found, NR_PAGES + 1);
	/* Of nothing there is no sample. */
	bpf_iter_mage_sample_new(&it, t->batch, 4);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_sample_next(&it));
	bpf_iter_mage_sample_destroy(&it);

	insert_all(t);
	bpf_iter_mage_sample_new(&it, t->batch, 4000);
	while ((frame = bpf_iter_mage_sample_next(&it))) {
		set_bit(index_of(t, frame), found);
		seen++;
	}
	bpf_iter_mage_sample_destroy(&it);
	KUNIT_EXPECT_EQ(test, seen, 4000);
	KUNIT_EXPECT_FALSE(test, test_bit(NR_PAGES, found));
	/* Pages side by side are shown some 25 times each. */
	KUNIT_EXPECT_EQ(test, bitmap_weight(found, NR_PAGES), NR_PAGES);
}

static void picking_twice_ejects_but_being_late_does_not(struct kunit *test)
{
	struct policy_test *t = test->priv;

	insert_all(t);
	/* In a batch of another evictor. */
	KUNIT_EXPECT_EQ(test, mage_frame_pick(&t->domain->shards, frame_of(t, 0)), 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, 0)), -EBUSY);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	put_page(t->page[0]);

	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, 1)), 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, 1)), -EBUSY);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_DOUBLE_PICK);
}

/* Many more than the rule allows, and each time after a look at the page. */
#define MANY_PICKS	(8 * NR_PAGES)

/* A domain beside the one of the test, of one shard. */
static struct mage_domain *other_domain(struct kunit *test)
{
	struct mage_domain *other = mage_domain_new();

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->shards.id = MAGE_DOMAIN_IDS - 4;
	RCU_INIT_POINTER(other->policy, &mage_builtin_policy);
	return other;
}

/* As when a page is freed. */
static void leave(struct mage_domain *domain, struct mage_frame *frame)
{
	KUNIT_EXPECT_TRUE(kunit_get_current_test(),
			  mage_frame_remove(&domain->shards, frame, true));
	mage_count_departures(domain->stats, 1);
}

/*
 * What a policy that samples meets while a process exits: the page that it was
 * shown is freed before the pick, and perhaps another domain's by then.
 */
static void pages_that_are_gone_are_no_fault(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct mage_domain *other = other_domain(test);
	struct bpf_iter_mage_sample it;
	struct mage_frame *frame;
	unsigned int i;

	for (i = 0; i < MANY_PICKS; i++) {
		insert_all(t);
		bpf_iter_mage_sample_new(&it, t->batch, 1);
		frame = bpf_iter_mage_sample_next(&it);
		bpf_iter_mage_sample_destroy(&it);
		KUNIT_ASSERT_NOT_NULL(test, frame);
		leave(t->domain, frame);
		if (i % 2)
			mage_frame_insert(&other->shards, frame,
					  page_to_pfn(t->page[index_of(t, frame)]));
		KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), -ENOENT);
		mage_frame_remove(&other->shards, frame, true);
	}
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 0);
	mage_domain_free(&other->rcu);
}

/* The same for a policy that remembers pages by number. */
static void remembered_pages_that_are_gone_are_no_fault(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct mage_domain *other = other_domain(test);
	unsigned int i;

	for (i = 0; i < MANY_PICKS; i++) {
		unsigned int at = i % NR_PAGES;
		u64 id = page_to_pfn(t->page[at]);

		insert_all(t);
		leave(t->domain, frame_of(t, at));
		if (i % 2)
			mage_frame_insert(&other->shards, frame_of(t, at), id);
		KUNIT_EXPECT_EQ(test, mage_batch_take_id(t->batch, id), -ENOENT);
		mage_frame_remove(&other->shards, frame_of(t, at), true);
	}
	/* And for one that was told that the page which it asked for has left. */
	KUNIT_EXPECT_EQ(test, mage_batch_take_id(t->batch, 0), -ENOENT);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	mage_domain_free(&other->rcu);
}

/* No page has left meanwhile: these are another domain's, and always were. */
static void picking_pages_of_others_ejects(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct mage_domain *other = other_domain(test);
	unsigned int i;

	for (i = 0; i < NR_PAGES; i++)
		mage_frame_insert(&other->shards, frame_of(t, i), page_to_pfn(t->page[i]));
	for (i = 0; i < 16; i++) {
		KUNIT_EXPECT_NULL(test, t->domain->ejected);
		KUNIT_EXPECT_EQ(test, mage_batch_take_id(t->batch, page_to_pfn(t->page[i])),
				-EXDEV);
	}
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_FOREIGN_FRAME);
	for (i = 0; i < NR_PAGES; i++)
		mage_frame_remove(&other->shards, frame_of(t, i), true);
	mage_domain_free(&other->rcu);
}

/* Fifteen in vain, one that is good, and so on: in each call, and over calls. */
static void bad_row_ends_with_a_good_pick(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct mage_domain *other = other_domain(test);
	unsigned int i, round;

	insert(t, 0);
	insert(t, 1);
	for (i = 2; i < NR_PAGES; i++)
		mage_frame_insert(&other->shards, frame_of(t, i), page_to_pfn(t->page[i]));
	for (round = 0; round < 2; round++) {
		for (i = 2; i < 17; i++)
			KUNIT_EXPECT_EQ(test,
					mage_batch_take_id(t->batch, page_to_pfn(t->page[i])),
					-EXDEV);
		KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, round)), 0);
	}
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	for (i = 2; i < 18; i++)
		mage_batch_take_id(t->batch, page_to_pfn(t->page[i]));
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_FOREIGN_FRAME);
	for (i = 2; i < NR_PAGES; i++)
		mage_frame_remove(&other->shards, frame_of(t, i), true);
	mage_domain_free(&other->rcu);
}

/* A refill is another call: what the first one has picked is in flight. */
static void pick_of_a_call_before_is_no_double_pick(struct kunit *test)
{
	struct policy_test *t = test->priv;

	insert_all(t);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, 0)), 0);
	t->batch->begun = t->batch->nr;
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, 0)), -EBUSY);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* Another evictor takes what this policy was shown, again and again. */
static void pages_that_others_evict_are_no_fault(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned int i;

	insert_all(t);
	for (i = 0; i < NR_PAGES; i++) {
		KUNIT_EXPECT_EQ(test, mage_frame_pick(&t->domain->shards, frame_of(t, i)), 0);
		KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame_of(t, i)), -EBUSY);
		put_page(t->page[i]);
	}
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* Picks the frame that a walk has just shown, and is about to go on from. */
static struct mage_frame *walk_to_a_pick(struct kunit *test, struct bpf_iter_mage_list *it,
					 u32 flags)
{
	struct policy_test *t = test->priv;
	struct mage_frame *frame;

	insert_all(t);
	bpf_iter_mage_list_new(it, t->batch, 0, flags);
	bpf_iter_mage_list_next(it);
	frame = bpf_iter_mage_list_next(it);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), 0);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 1);
	return frame;
}

static void walked_pick_takes_effect_when_the_walk_ends(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame = walk_to_a_pick(test, &it, 0);

	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 1);
	KUNIT_EXPECT_PTR_EQ(test, t->batch->victim[0].frame, frame);
	KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_VICTIM);
	KUNIT_EXPECT_TRUE(test, list_empty(&frame->link));
	KUNIT_EXPECT_EQ(test, page_ref_count(t->page[1]), 2);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES - 1);
	KUNIT_EXPECT_NULL(test, t->batch->walk);
}

static void staying_walk_takes_its_pick_off_the_list(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame = walk_to_a_pick(test, &it, MAGE_WALK_STAY);

	KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), 2);
	KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_VICTIM);
	KUNIT_EXPECT_TRUE(test, list_empty(&frame->link));
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES - 1);
}

static void move_takes_a_walked_pick_back(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame = walk_to_a_pick(test, &it, 0);

	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&t->domain->shards, frame, 3, true), 0);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 0);
	KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_LISTED);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->page[1]), 1);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[3], 1);
}

static void page_that_is_freed_takes_a_walked_pick_back(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame = walk_to_a_pick(test, &it, 0);

	KUNIT_EXPECT_TRUE(test, mage_frame_remove(&t->domain->shards, frame, true));
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->page[1]), 1);
}

static void walked_pick_is_not_picked_twice(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame = walk_to_a_pick(test, &it, 0);

	bpf_iter_mage_list_next(&it);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), -EBUSY);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 1);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_DOUBLE_PICK);
}

static u32 answer_nothing(struct mage_domain *domain)
{
	return 0;
}

static u32 answer_nine(struct mage_domain *domain)
{
	return 9;
}

static u64 answer_all(struct mage_domain *domain, u64 limit)
{
	return limit;
}

static void evictors_come_when_threads_wait(struct kunit *test)
{
	struct policy_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mage_policy_evictors(t->domain), MAGE_EVICTORS_MAX);
	t->policy.evictors = answer_nothing;
	KUNIT_EXPECT_EQ(test, mage_policy_evictors(t->domain), 0);
	atomic_set(&t->domain->nr_waiting, 1);
	KUNIT_EXPECT_EQ(test, mage_policy_evictors(t->domain), 1);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

static void bad_number_ejects_and_the_default_holds(struct kunit *test)
{
	struct policy_test *t = test->priv;

	t->policy.depth = answer_nine;
	KUNIT_EXPECT_EQ(test, mage_policy_depth(t->domain), MAGE_DEPTH_DEFAULT);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_BAD_NUMBER);
	KUNIT_EXPECT_STREQ(test, t->domain->exit_info.message,
			   "depth answered 9; it must be 1 to 8");
}

/* Its frames were seen by nobody, and one is shown by a walk that leaves it on the list. */
static void row_that_another_walk_meets_goes_back_once(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list stays, turns, meets;
	struct mage_frame *frame, *at;
	unsigned int i, seen = 0;

	insert_all(t);
	bpf_iter_mage_list_new(&stays, t->batch, 0, MAGE_WALK_STAY | MAGE_WALK_RESUME);
	for (i = 0; i < 4; i++)
		frame = bpf_iter_mage_list_next(&stays);
	bpf_iter_mage_list_new(&turns, t->batch, 0, MAGE_WALK_TURN);
	KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&turns)), 0);
	/* The first walk goes on, and so puts its frame back. */
	bpf_iter_mage_list_destroy(&stays);
	bpf_iter_mage_list_new(&meets, t->batch, 0, MAGE_WALK_STAY);
	while ((at = bpf_iter_mage_list_next(&meets)) && at != frame)
		;
	KUNIT_EXPECT_PTR_EQ(test, at, frame);
	bpf_iter_mage_list_destroy(&turns);
	bpf_iter_mage_list_destroy(&meets);
	list_for_each_entry(at, &t->domain->shards.shard[0].lists[0], link)
		if (++seen > NR_PAGES)
			break;
	KUNIT_ASSERT_EQ(test, seen, NR_PAGES);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES);
}

static void pick_that_was_taken_back_can_be_made_again(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct mage_frame *frame = walk_to_a_pick(test, &it, 0);

	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&t->domain->shards, frame, 3, true), 0);
	KUNIT_EXPECT_EQ(test, mage_batch_take(t->batch, frame), 0);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 1);
	KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_VICTIM);
}

static void row_of_a_policy_that_was_replaced_goes_to_list_0(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct mage_exit_info info = {};
	struct mage_leaver leaver;
	struct bpf_iter_mage_list it;
	unsigned int i;

	insert_all(t);
	for (i = 0; i < NR_PAGES; i++)
		mage_frame_set_list(&t->domain->shards, frame_of(t, i), 2, true);
	bpf_iter_mage_list_new(&it, t->batch, 2, MAGE_WALK_TURN);
	KUNIT_EXPECT_EQ(test, index_of(t, bpf_iter_mage_list_next(&it)), 0);
	mutex_lock(&t->domain->policy_mutex);
	mage_policy_replace(t->domain, &t->next, &info, &leaver);
	mutex_unlock(&t->domain->policy_mutex);
	bpf_iter_mage_list_destroy(&it);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[2], 0);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES);
}

/* What @next does the first time it is called, which is while it takes over. */
static u64 breaks_a_rule(struct mage_domain *domain, u64 limit)
{
	struct policy_test *t = kunit_get_current_test()->priv;

	t->next.headroom = NULL;
	mage_policy_eject(domain, &t->next, t->said, "while it takes over");
	return limit;
}

/*
 * With @first_too the one before breaks one as well; the work finds the lock taken,
 * and then another policy.
 */
static void replace_by_one_that_says(struct policy_test *t, enum mage_exit_kind kind,
				     bool first_too)
{
	struct mage_exit_info info = { .kind = MAGE_EXIT_REPLACED };
	struct mage_leaver leaver;

	t->said = kind;
	t->next.headroom = breaks_a_rule;
	mutex_lock(&t->domain->policy_mutex);
	if (first_too)
		mage_policy_eject(t->domain, &t->policy, MAGE_EXIT_OVER_BUDGET, "before that");
	mage_policy_replace(t->domain, &t->next, &info, &leaver);
	t->left = t->domain->exit_info.kind;
	mutex_unlock(&t->domain->policy_mutex);
	flush_work(&t->domain->eject_work);
}

static void next_was_ejected(struct kunit *test, u64 ejections)
{
	struct policy_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, mage_policy_is_builtin(t->domain));
	KUNIT_EXPECT_STREQ(test, t->domain->exit_info.policy, "next");
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_EJECTIONS), ejections);
}

static void rule_broken_while_taking_over_ejects(struct kunit *test)
{
	struct policy_test *t = test->priv;

	replace_by_one_that_says(t, MAGE_EXIT_OVER_BUDGET, false);
	KUNIT_EXPECT_EQ(test, t->left, MAGE_EXIT_REPLACED);
	next_was_ejected(test, 1);
}

/* Each of the two has its own record. */
static void rule_broken_while_taking_over_from_an_ejected_one_ejects(struct kunit *test)
{
	struct policy_test *t = test->priv;

	replace_by_one_that_says(t, MAGE_EXIT_BAD_NUMBER, true);
	KUNIT_EXPECT_EQ(test, t->left, MAGE_EXIT_OVER_BUDGET);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_BAD_NUMBER);
	next_was_ejected(test, 2);
}

/* Nobody can tell which of the two gave up. */
static void giving_up_while_taking_over_does_nothing(struct kunit *test)
{
	struct policy_test *t = test->priv;

	replace_by_one_that_says(t, MAGE_EXIT_SELF, false);
	KUNIT_EXPECT_FALSE(test, mage_policy_is_builtin(t->domain));
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_EJECTIONS), 0);
	mage_policy_eject(t->domain, &t->next, MAGE_EXIT_SELF, "later");
	flush_work(&t->domain->eject_work);
	next_was_ejected(test, 1);
}

/* Whatever ends it. */
static void cgroup_that_goes_keeps_the_record_of_an_ejection(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct mage_leaver leaver;

	mutex_lock(&t->domain->policy_mutex);
	mage_policy_eject(t->domain, &t->policy, MAGE_EXIT_OVER_BUDGET, "before that");
	mage_policy_end(t->domain, MAGE_EXIT_CGROUP, "the cgroup was removed", &leaver);
	mutex_unlock(&t->domain->policy_mutex);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_EJECTIONS), 1);
}

static void headroom_is_clamped(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned long limit = mage_domain_limit(t->domain);

	t->policy.headroom = answer_all;
	mage_policy_ask_headroom(t->domain);
	KUNIT_EXPECT_EQ(test, t->domain->wanted_room, limit);
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), limit / 2);
	t->domain->wanted_room = 0;
	KUNIT_EXPECT_GT(test, mage_domain_headroom(t->domain), 0);
	/* A policy that does not care. */
	t->policy.headroom = NULL;
	mage_policy_ask_headroom(t->domain);
	KUNIT_EXPECT_EQ(test, t->domain->wanted_room, MAGE_HEADROOM_DEFAULT);
}

static void prefetched_page_is_a_hit_once(struct kunit *test)
{
	struct policy_test *t = test->priv;

	insert_all(t);
	mage_domain_used(t->domain, frame_of(t, 0));
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_PREFETCH_HITS), 0);
	frame_of(t, 0)->prefetched = true;
	mage_domain_used(t->domain, frame_of(t, 0));
	mage_domain_used(t->domain, frame_of(t, 0));
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_PREFETCH_HITS), 1);
	KUNIT_EXPECT_FALSE(test, frame_of(t, 0)->prefetched);
}

/* What a policy has is heard of for every page, and what it does not have is not. */
static void domain_hears_what_its_policy_has(struct kunit *test)
{
	struct policy_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mage_policy_hears(&t->policy), 0);
	t->policy.page_in = (void *)1;
	KUNIT_EXPECT_EQ(test, mage_policy_hears(&t->policy), MAGE_HEARS_PAGE_IN);
	t->policy.page_in = NULL;
	t->policy.flags = MAGE_OPS_GHOST;
	KUNIT_EXPECT_EQ(test, mage_policy_hears(&t->policy), MAGE_HEARS_PAGE_IN);
	t->policy.flags = 0;
	t->policy.page_out = (void *)1;
	KUNIT_EXPECT_EQ(test, mage_policy_hears(&t->policy), MAGE_HEARS_PAGE_OUT);
	t->policy.page_out = NULL;
	t->policy.outcome = (void *)1;
	KUNIT_EXPECT_EQ(test, mage_policy_hears(&t->policy), MAGE_HEARS_OUTCOME);
	t->policy.outcome = NULL;
	t->policy.prefetch = (void *)1;
	KUNIT_EXPECT_EQ(test, mage_policy_hears(&t->policy), MAGE_HEARS_PREFETCH);
	t->policy.prefetch = NULL;
}

/* A callback is called, as by way of the trampoline that a program has. */
static void program_enter(struct policy_test *t, enum mage_call_kind kind)
{
	/* As every callback is. */
	rcu_read_lock();
	mage_call_enter(&t->call, t->domain, &t->policy, MAGE_CALLBACK_SELECT, kind);
	t->tramp.saved_run_ctx = bpf_set_run_ctx(&t->tramp.run_ctx);
	t->batch->call = &t->call;
}

static void program_leave(struct policy_test *t)
{
	t->batch->call = NULL;
	bpf_reset_run_ctx(t->tramp.saved_run_ctx);
	mage_call_leave(&t->call);
	rcu_read_unlock();
}

/* Without interrupts the clock does not tick, as when a hypervisor does not run the CPU. */
static void lost_time_is_not_the_policys(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned long flags;
	unsigned int i;

	program_enter(t, MAGE_CALL_USUAL);
	KUNIT_EXPECT_TRUE(test, mage_call_look(&t->call));
	local_irq_save(flags);
	for (i = 0; i < 2 * mage_call_ms(&t->call); i++)
		mdelay(1);
	local_irq_restore(flags);
	KUNIT_EXPECT_TRUE(test, mage_call_look(&t->call));
	program_leave(t);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* A second of CPU time, in a hundred calls. */
static void spend(struct policy_test *t, unsigned long work)
{
	unsigned int i;

	guard(rcu)();
	for (i = 0; i < 100; i++)
		mage_effort_spent(t->domain, &t->policy, "select", MAGE_EFFORT_NS / 100, work);
}

static void much_time_for_little_is_ejected(struct kunit *test)
{
	struct policy_test *t = test->priv;

	spend(t, DIV_ROUND_UP(MAGE_EFFORT_LEAST, 100));
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	spend(t, 0);
	KUNIT_EXPECT_PTR_EQ(test, t->domain->ejected, &t->policy);
	KUNIT_EXPECT_EQ(test, t->domain->eject_info.kind, MAGE_EXIT_OVER_BUDGET);
}

static void much_time_in_a_long_while_is_not(struct kunit *test)
{
	struct policy_test *t = test->priv;

	t->domain->effort.since = jiffies - MAGE_EFFORT_WITHIN - HZ;
	spend(t, 0);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	/* Nor is what was used before a policy took over. */
	spend(t, MAGE_EFFORT_LEAST);
	rcu_read_lock();
	mage_effort_spent(t->domain, &t->policy, "select", MAGE_EFFORT_NS - 1, 0);
	mage_effort_forget(t->domain);
	mage_effort_spent(t->domain, &t->policy, "select", MAGE_EFFORT_NS - 1, 0);
	rcu_read_unlock();
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* Rounds of a loop, each of which is to have the number that comes next. */
static unsigned int rounds(struct kunit *test, int begin, int end)
{
	struct bpf_iter_mage_for it;
	unsigned int nr = 0;
	int *at;

	bpf_iter_mage_for_new(&it, begin, end);
	while ((at = bpf_iter_mage_for_next(&it)))
		KUNIT_EXPECT_EQ(test, *at, begin + (int)nr++);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_for_next(&it));
	bpf_iter_mage_for_destroy(&it);
	return nr;
}

static void loop_counts(struct kunit *test)
{
	struct policy_test *t = test->priv;

	program_enter(t, MAGE_CALL_USUAL);
	KUNIT_EXPECT_EQ(test, rounds(test, -3, 40), 43);
	KUNIT_EXPECT_EQ(test, rounds(test, 5, 5), 0);
	KUNIT_EXPECT_EQ(test, rounds(test, 5, -5), 0);
	KUNIT_EXPECT_EQ(test, rounds(test, INT_MIN, INT_MIN + 2), 2);
	KUNIT_EXPECT_EQ(test, rounds(test, INT_MAX - 2, INT_MAX), 2);
	KUNIT_EXPECT_EQ(test, rounds(test, INT_MAX, INT_MIN), 0);
	program_leave(t);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* Loops within loops that would take years. */
static void nest(struct kunit *test, unsigned int depth)
{
	struct bpf_iter_mage_for it;

	bpf_iter_mage_for_new(&it, 0, INT_MAX);
	while (bpf_iter_mage_for_next(&it))
		if (depth)
			nest(test, depth - 1);
	bpf_iter_mage_for_destroy(&it);
}

static void loop_ends_with_its_time(struct kunit *test)
{
	struct policy_test *t = test->priv;

	program_enter(t, MAGE_CALL_LOCKED);
	nest(test, 3);
	KUNIT_EXPECT_GT(test, mage_call_used_ms(&t->call), mage_call_ms(&t->call));
	KUNIT_EXPECT_EQ(test, rounds(test, 0, 10), 0);
	program_leave(t);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

/* As under an LRU lock, where no clock ticks. */
static void loop_ends_without_interrupts(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned long flags;

	local_irq_save(flags);
	program_enter(t, MAGE_CALL_LOCKED);
	nest(test, 3);
	program_leave(t);
	local_irq_restore(flags);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

/* Nor are sixteen rounds looked at as one there: each may take as long as a step may. */
static void each_round_without_interrupts_is_looked_at(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_for it;
	unsigned long flags;
	unsigned int nr = 0;

	local_irq_save(flags);
	program_enter(t, MAGE_CALL_LOCKED);
	bpf_iter_mage_for_new(&it, 0, INT_MAX);
	while (nr < MAGE_CALL_STEPS && bpf_iter_mage_for_next(&it)) {
		mdelay(mage_call_ms(&t->call) / MAGE_CALL_STEP_PART + 1);
		nr++;
	}
	bpf_iter_mage_for_destroy(&it);
	program_leave(t);
	local_irq_restore(flags);
	KUNIT_EXPECT_LE(test, nr, MAGE_CALL_STEP_PART + 1);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

/* Answers in no time but that of a straight way through it. */
static u32 answers_slowly(struct mage_domain *domain)
{
	struct policy_test *t = kunit_get_current_test()->priv;

	mdelay(mage_call_ms(&t->call) * 3 / 2);
	return 1;
}

static void answer_that_takes_too_long_ejects(struct kunit *test)
{
	struct policy_test *t = test->priv;

	t->policy.depth = answers_slowly;
	KUNIT_EXPECT_EQ(test, mage_policy_depth(t->domain), 1);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

#define TAKES_MS	10

static void takes_its_time(struct mage_domain *domain, struct mage_frame *frame, u32 why,
			   const struct mage_ghost *ghost)
{
	mdelay(TAKES_MS);
}

/* One in so many stands for the others. */
static void pages_that_take_long_without_a_loop_eject(struct kunit *test)
{
	unsigned int i, most = 4 * MAGE_EFFORT_NS / NSEC_PER_MSEC / TAKES_MS;
	struct policy_test *t = test->priv;

	insert_all(t);
	t->policy.page_in = takes_its_time;
	for (i = 0; i < most && !t->domain->ejected; i++) {
		__mage_policy_page_in(t->domain, frame_of(t, 0), MAGE_PAGE_IN_NEW,
				      (swp_entry_t){});
		cond_resched();
	}
	KUNIT_EXPECT_LT(test, i, most);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
}

/* A hypervisor may pause a CPU at any time. */
static void pause_without_interrupts_is_not_the_policys(struct kunit *test)
{
	struct policy_test *t = test->priv;
	unsigned long flags;

	local_irq_save(flags);
	program_enter(t, MAGE_CALL_LOCKED);
	KUNIT_EXPECT_TRUE(test, mage_call_look(&t->call));
	mdelay(2 * mage_call_ms(&t->call));
	KUNIT_EXPECT_TRUE(test, mage_call_look(&t->call));
	program_leave(t);
	local_irq_restore(flags);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

/* What does not govern is not ejected, and what does is not blamed. */
static void loop_of_init_ends_with_its_time(struct kunit *test)
{
	struct policy_test *t = test->priv;

	program_enter(t, MAGE_CALL_APART);
	nest(test, 1);
	KUNIT_EXPECT_TRUE(test, t->call.over);
	program_leave(t);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

static void loop_ends_with_its_policy(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_for it;
	unsigned int nr = 0;

	program_enter(t, MAGE_CALL_USUAL);
	bpf_iter_mage_for_new(&it, 0, INT_MAX);
	while (nr < 100 * MAGE_CALL_STEPS && bpf_iter_mage_for_next(&it))
		if (++nr == 5)
			mage_policy_eject(t->domain, &t->policy, MAGE_EXIT_SYSRQ, "now");
	bpf_iter_mage_for_destroy(&it);
	KUNIT_EXPECT_EQ(test, nr, MAGE_CALL_STEPS);
	KUNIT_EXPECT_EQ(test, rounds(test, 0, 10), 0);
	program_leave(t);
	flush_work(&t->domain->eject_work);
	KUNIT_EXPECT_EQ(test, t->domain->exit_info.kind, MAGE_EXIT_SYSRQ);
}

static void walk_ends_with_its_policy(struct kunit *test)
{
	struct policy_test *t = test->priv;
	struct bpf_iter_mage_list it;
	struct bpf_iter_mage_sample sample;
	unsigned int nr = 0;

	insert_all(t);
	program_enter(t, MAGE_CALL_USUAL);
	bpf_iter_mage_list_new(&it, t->batch, 0, 0);
	while (bpf_iter_mage_list_next(&it))
		if (++nr == 5)
			mage_policy_eject(t->domain, &t->policy, MAGE_EXIT_SYSRQ, "now");
	bpf_iter_mage_list_destroy(&it);
	/* What it has taken off the list already it shows. */
	KUNIT_EXPECT_EQ(test, nr, MAGE_WALK_ROW);
	bpf_iter_mage_sample_new(&sample, t->batch, 4);
	KUNIT_EXPECT_NULL(test, bpf_iter_mage_sample_next(&sample));
	bpf_iter_mage_sample_destroy(&sample);
	program_leave(t);
	KUNIT_EXPECT_EQ(test, t->domain->shards.shard[0].nr[0], NR_PAGES);
	flush_work(&t->domain->eject_work);
}

static struct kunit_case policy_test_cases[] = {
	KUNIT_CASE(turning_walk_sees_each_once_and_keeps_the_order),
	KUNIT_CASE(turning_walk_that_stops_turns_what_it_saw),
	KUNIT_CASE(walk_from_the_tail_goes_backwards),
	KUNIT_CASE(hand_stays_between_walks),
	KUNIT_CASE(hand_past_the_tail_goes_to_the_head_though_pages_arrive),
	KUNIT_CASE(walk_that_stays_begins_at_the_head),
	KUNIT_CASE(walk_refuses_what_it_cannot_do),
	KUNIT_CASE(walk_ends_with_the_batch_and_with_the_budget),
	KUNIT_CASE(walking_on_without_a_budget_ejects),
	KUNIT_CASE(list_gives_its_heads_in_order),
	KUNIT_CASE(list_gives_no_more_than_batch_and_budget_allow),
	KUNIT_CASE(list_gives_nothing_that_a_walk_has),
	KUNIT_CASE(list_gives_nothing_to_a_scan),
	KUNIT_CASE(victims_of_this_call_are_shown),
	KUNIT_CASE(bad_row_ends_with_a_good_pick),
	KUNIT_CASE(scan_walks_and_takes_nothing),
	KUNIT_CASE(sample_shows_the_domains_own),
	KUNIT_CASE(picking_twice_ejects_but_being_late_does_not),
	KUNIT_CASE(pages_that_are_gone_are_no_fault),
	KUNIT_CASE(remembered_pages_that_are_gone_are_no_fault),
	KUNIT_CASE(picking_pages_of_others_ejects),
	KUNIT_CASE(pick_of_a_call_before_is_no_double_pick),
	KUNIT_CASE(pages_that_others_evict_are_no_fault),
	KUNIT_CASE(walked_pick_takes_effect_when_the_walk_ends),
	KUNIT_CASE(staying_walk_takes_its_pick_off_the_list),
	KUNIT_CASE(move_takes_a_walked_pick_back),
	KUNIT_CASE(page_that_is_freed_takes_a_walked_pick_back),
	KUNIT_CASE(walked_pick_is_not_picked_twice),
	KUNIT_CASE(evictors_come_when_threads_wait),
	KUNIT_CASE(bad_number_ejects_and_the_default_holds),
	KUNIT_CASE(row_that_another_walk_meets_goes_back_once),
	KUNIT_CASE(pick_that_was_taken_back_can_be_made_again),
	KUNIT_CASE(row_of_a_policy_that_was_replaced_goes_to_list_0),
	KUNIT_CASE(rule_broken_while_taking_over_ejects),
	KUNIT_CASE(rule_broken_while_taking_over_from_an_ejected_one_ejects),
	KUNIT_CASE(giving_up_while_taking_over_does_nothing),
	KUNIT_CASE(cgroup_that_goes_keeps_the_record_of_an_ejection),
	KUNIT_CASE(headroom_is_clamped),
	KUNIT_CASE(prefetched_page_is_a_hit_once),
	KUNIT_CASE(domain_hears_what_its_policy_has),
	KUNIT_CASE(lost_time_is_not_the_policys),
	KUNIT_CASE(much_time_for_little_is_ejected),
	KUNIT_CASE(much_time_in_a_long_while_is_not),
	KUNIT_CASE(loop_counts),
	KUNIT_CASE(loop_ends_with_its_time),
	KUNIT_CASE(loop_ends_without_interrupts),
	KUNIT_CASE(each_round_without_interrupts_is_looked_at),
	KUNIT_CASE(answer_that_takes_too_long_ejects),
	KUNIT_CASE(pages_that_take_long_without_a_loop_eject),
	KUNIT_CASE(pause_without_interrupts_is_not_the_policys),
	KUNIT_CASE(loop_of_init_ends_with_its_time),
	KUNIT_CASE(loop_ends_with_its_policy),
	KUNIT_CASE(walk_ends_with_its_policy),
	{}
};

static struct kunit_suite policy_test_suite = {
	.name = "mage_policy",
	.init = policy_test_init,
	.exit = policy_test_exit,
	.test_cases = policy_test_cases,
};

kunit_test_suite(policy_test_suite);
