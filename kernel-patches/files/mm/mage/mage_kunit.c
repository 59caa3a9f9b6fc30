// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of frames, lists, selection and the states of a batch.
 */
#include <kunit/test.h>
#include <linux/mage.h>
#include <linux/slab.h>
#include "domain.h"
#include "govern.h"
#include "knobs.h"
#include "pipeline.h"
#include "policy.h"
#include "select.h"
#include "shoot.h"

#define NR_PAGES	64

/**
 * struct mage_test - what each test works on
 * @domain: a domain of no cgroup, whose id no real domain has
 * @page: pages that are nobody else's
 */
struct mage_test {
	struct mage_domain *domain;
	struct page *page[NR_PAGES];
};

static struct mage_frame *frame_of(struct mage_test *t, unsigned int i)
{
	return mage_frame_of(page_folio(t->page[i]));
}

static bool insert(struct mage_test *t, unsigned int i)
{
	if (!mage_frame_insert(&t->domain->shards, frame_of(t, i), page_to_pfn(t->page[i])))
		return false;
	folio_set_lru(page_folio(t->page[i]));
	return true;
}

static int set_list(struct mage_test *t, unsigned int i, u32 list, bool tail)
{
	return mage_frame_set_list(&t->domain->shards, frame_of(t, i), list, tail);
}

static unsigned long listed(struct mage_test *t, u32 list)
{
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i < t->domain->shards.nr; i++) {
		struct mage_shard *shard = &t->domain->shards.shard[i];

		nr += shard->nr[list];
		/* The count is that of the list. */
		if (shard->nr[list] != list_count_nodes(&shard->lists[list]))
			return ~0UL;
	}
	return nr;
}

static int mage_test_init(struct kunit *test)
{
	struct mage_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->domain = mage_domain_new();
	KUNIT_ASSERT_NOT_NULL(test, t->domain);
	t->domain->shards.id = MAGE_DOMAIN_IDS - 1;
	RCU_INIT_POINTER(t->domain->policy, &mage_builtin_policy);
	for (i = 0; i < NR_PAGES; i++) {
		t->page[i] = alloc_page(GFP_KERNEL);
		KUNIT_ASSERT_NOT_NULL(test, t->page[i]);
	}
	test->priv = t;
	return 0;
}

static void mage_test_exit(struct kunit *test)
{
	struct mage_test *t = test->priv;
	unsigned int i;

	if (!t)
		return;
	for (i = 0; i < NR_PAGES; i++) {
		mage_frame_remove(&t->domain->shards, frame_of(t, i), true);
		ClearPageLRU(t->page[i]);
		/* A victim's reference is the batch's, which the test has dropped. */
		__free_page(t->page[i]);
	}
	mage_domain_free(&t->domain->rcu);
}

static void frame_is_found_from_its_page(struct kunit *test)
{
	struct mage_test *t = test->priv;
	u64 pfn = page_to_pfn(t->page[0]);

	KUNIT_EXPECT_PTR_EQ(test, frame_of(t, 0), mage_frame_by_pfn(pfn));
	KUNIT_EXPECT_NULL(test, mage_frame_by_pfn(~0ULL));
	KUNIT_EXPECT_NULL(test, mage_frame_by_pfn(1ULL << (MAGE_OWNER_PFN_BITS - 1)));
}

static void frame_is_inserted_once(struct kunit *test)
{
	struct mage_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, insert(t, 0));
	KUNIT_EXPECT_FALSE(test, insert(t, 0));
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain->shards), 1);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 1);
	KUNIT_EXPECT_EQ(test, mage_frame_pfn(frame_of(t, 0)), page_to_pfn(t->page[0]));
	KUNIT_EXPECT_EQ(test, mage_frame_domain_id(frame_of(t, 0)), t->domain->shards.id);
}

static void closing_domain_takes_nothing(struct kunit *test)
{
	struct mage_test *t = test->priv;

	t->domain->shards.closing = true;
	KUNIT_EXPECT_FALSE(test, insert(t, 0));
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain->shards), 0);
}

static void removed_frame_is_nobodys(struct kunit *test)
{
	struct mage_test *t = test->priv;

	insert(t, 0);
	KUNIT_EXPECT_TRUE(test, mage_frame_remove(&t->domain->shards, frame_of(t, 0), false));
	KUNIT_EXPECT_FALSE(test, mage_frame_remove(&t->domain->shards, frame_of(t, 0), false));
	KUNIT_EXPECT_EQ(test, frame_of(t, 0)->owner, 0);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 0);
	KUNIT_EXPECT_EQ(test, mage_frame_pick(&t->domain->shards, frame_of(t, 0)), -ENOENT);
	KUNIT_EXPECT_EQ(test, set_list(t, 0, 1, true), -ENOENT);
}

static void victim_is_picked_once_and_referenced(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_batch *batch = kvzalloc(sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	insert(t, 0);
	KUNIT_EXPECT_EQ(test, mage_frame_pick(&t->domain->shards, frame_of(t, 0)), 0);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->page[0]), 2);
	KUNIT_EXPECT_EQ(test, mage_frame_pick(&t->domain->shards, frame_of(t, 0)), -EBUSY);
	KUNIT_EXPECT_EQ(test, page_ref_count(t->page[0]), 2);
	/* Nobody but its batch takes a victim away, or moves it. */
	KUNIT_EXPECT_FALSE(test, mage_frame_remove(&t->domain->shards, frame_of(t, 0), false));
	KUNIT_EXPECT_EQ(test, set_list(t, 0, 1, true), -EBUSY);
	batch->domain = t->domain;
	batch->nr = 1;
	batch->victim[0].folio = page_folio(t->page[0]);
	batch->victim[0].frame = frame_of(t, 0);
	batch->victim[0].outcome = MAGE_OUTCOME_PENDING;
	mage_victims_relist(batch, 0);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 0);
	batch->victim[0].outcome = MAGE_OUTCOME_RESCUED;
	mage_victims_relist(batch, 0);
	put_page(t->page[0]);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 1);
	kvfree(batch);
}

static void foreign_frame_is_refused(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_domain *other = mage_domain_new();

	KUNIT_ASSERT_NOT_NULL(test, other);
	other->shards.id = MAGE_DOMAIN_IDS - 2;
	insert(t, 0);
	KUNIT_EXPECT_EQ(test, mage_frame_pick(&other->shards, frame_of(t, 0)), -EXDEV);
	KUNIT_EXPECT_EQ(test, mage_frame_set_list(&other->shards, frame_of(t, 0), 1, true),
			-ENOENT);
	KUNIT_EXPECT_FALSE(test, mage_frame_remove(&other->shards, frame_of(t, 0), true));
	KUNIT_EXPECT_EQ(test, listed(t, 0), 1);
	mage_domain_free(&other->rcu);
}

static void lists_keep_their_order(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_shard *shard;
	unsigned int i;
	u64 last = 0;

	for (i = 0; i < NR_PAGES; i++) {
		insert(t, i);
		frame_of(t, i)->word[0] = i + 1;
	}
	KUNIT_EXPECT_EQ(test, listed(t, 0), NR_PAGES);
	shard = mage_shard_of(&t->domain->shards, frame_of(t, 0)->owner);
	for (i = shard->nr[0]; i; i--) {
		struct mage_frame *frame = mage_frame_walk(shard, 0);

		KUNIT_ASSERT_NOT_NULL(test, frame);
		KUNIT_EXPECT_GT(test, frame->word[0], last);
		last = frame->word[0];
		mage_frame_unwalk(&t->domain->shards, frame);
	}
	/* Unwalked, they went round once and stand as before. */
	KUNIT_EXPECT_EQ(test, listed(t, 0), NR_PAGES);
}

static void frame_moves_between_lists(struct kunit *test)
{
	struct mage_test *t = test->priv;

	insert(t, 0);
	KUNIT_EXPECT_EQ(test, set_list(t, 0, MAGE_LISTS, true), -EINVAL);
	KUNIT_EXPECT_EQ(test, set_list(t, 0, MAGE_LISTS - 1, false), 0);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 0);
	KUNIT_EXPECT_EQ(test, listed(t, MAGE_LISTS - 1), 1);
	mage_shards_gather(&t->domain->shards);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 1);
	KUNIT_EXPECT_EQ(test, listed(t, MAGE_LISTS - 1), 0);
	KUNIT_EXPECT_EQ(test, (u32)frame_of(t, 0)->list, 0);
}

static void walked_frame_can_be_freed(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_frame *frame;

	insert(t, 0);
	frame = mage_frame_walk(mage_shard_of(&t->domain->shards, frame_of(t, 0)->owner), 0);
	KUNIT_ASSERT_PTR_EQ(test, frame, frame_of(t, 0));
	KUNIT_EXPECT_TRUE(test, mage_frame_remove(&t->domain->shards, frame, true));
	mage_frame_unwalk(&t->domain->shards, frame);
	KUNIT_EXPECT_EQ(test, mage_frame_pick(&t->domain->shards, frame), -ENOENT);
	KUNIT_EXPECT_EQ(test, listed(t, 0), 0);
}

static void aging_is_noted_for_pages_of_domains(struct kunit *test)
{
	struct mage_test *t = test->priv;
	pte_t pte = mk_pte(t->page[0], PAGE_SHARED);

	__mage_pte_aged(pte);
	KUNIT_EXPECT_FALSE(test, frame_of(t, 0)->marks & MAGE_MARK_AGED);
	insert(t, 0);
	__mage_pte_aged(pte_mkspecial(pte));
	KUNIT_EXPECT_FALSE(test, frame_of(t, 0)->marks & MAGE_MARK_AGED);
	__mage_pte_aged(pte);
	KUNIT_EXPECT_TRUE(test, frame_of(t, 0)->marks & MAGE_MARK_AGED);
	KUNIT_EXPECT_FALSE(test, frame_of(t, 1)->marks & MAGE_MARK_AGED);
}

static void builtin_policy_fills_a_batch(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_batch *batch = kvzalloc(sizeof(*batch), GFP_KERNEL);
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, batch);
	for (i = 0; i < NR_PAGES; i++)
		insert(t, i);
	KUNIT_EXPECT_EQ(test, NR_PAGES,
			mage_batch_select(batch, t->domain, NUMA_NO_NODE, NR_PAGES, ULONG_MAX));
	KUNIT_EXPECT_EQ(test, listed(t, 0), 0);
	for (i = 0; i < batch->nr; i++) {
		KUNIT_EXPECT_EQ(test, batch->victim[i].outcome, MAGE_OUTCOME_PENDING);
		/* Half of them go, half of them stay. */
		batch->victim[i].outcome = i % 2 ? MAGE_OUTCOME_EVICTED : MAGE_OUTCOME_SPARED;
		folio_put(batch->victim[i].folio);
	}
	KUNIT_EXPECT_EQ(test, mage_victims_remove(batch), NR_PAGES / 2);
	mage_victims_relist(batch, 0);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&t->domain->shards), NR_PAGES / 2);
	KUNIT_EXPECT_EQ(test, listed(t, 0), NR_PAGES / 2);
	kvfree(batch);
}

static void batch_waits_for_its_writes(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_batch *batch = kvzalloc(sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	batch->domain = t->domain;
	batch->state = MAGE_BATCH_WRITING;
	KUNIT_EXPECT_FALSE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_WRITING);
	batch->written = true;
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_COMMIT);
	kvfree(batch);
}

static void batch_waits_for_its_shootdown(struct kunit *test)
{
	struct mage_test *t = test->priv;
	struct mage_shootdown shoot = { .sent = 5, .over = 4 };
	struct mage_batch *batch = kvzalloc(sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	batch->domain = t->domain;
	batch->shoot = &shoot;
	batch->state = MAGE_BATCH_SHOOT;
	cpumask_set_cpu(0, &batch->tlb.cpumask);
	mage_shoot_join(batch);
	/* The round under way was sent before this batch asked. */
	KUNIT_EXPECT_EQ(test, batch->round, 6);
	KUNIT_EXPECT_TRUE(test, cpumask_test_cpu(0, &shoot.next));
	KUNIT_EXPECT_FALSE(test, mage_batch_step(batch));
	/* Not before that one is over is the next one sent. */
	KUNIT_EXPECT_FALSE(test, mage_shoot_send(&shoot));
	shoot.over = 5;
	KUNIT_EXPECT_FALSE(test, mage_batch_step(batch));
	shoot.sent = 6;
	shoot.over = 6;
	KUNIT_EXPECT_TRUE(test, mage_batch_step(batch));
	KUNIT_EXPECT_EQ(test, batch->state, MAGE_BATCH_WRITE);
	kvfree(batch);
}

static void batch_without_changes_needs_no_shootdown(struct kunit *test)
{
	struct mage_shootdown shoot = { .sent = 5, .over = 4 };
	struct mage_batch *batch = kvzalloc(sizeof(*batch), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, batch);
	batch->shoot = &shoot;
	mage_shoot_join(batch);
	KUNIT_EXPECT_TRUE(test, mage_shoot_is_over(batch));
	KUNIT_EXPECT_FALSE(test, shoot.wanted);
	kvfree(batch);
}

static void latency_buckets_meet(struct kunit *test)
{
	unsigned int bucket;

	for (bucket = 0; bucket < MAGE_LATENCY_BUCKETS - 1; bucket++) {
		u64 floor = mage_latency_floor(bucket), next = mage_latency_floor(bucket + 1);

		KUNIT_EXPECT_LT(test, floor, next);
		KUNIT_EXPECT_EQ(test, mage_latency_bucket(floor), bucket);
		KUNIT_EXPECT_EQ(test, mage_latency_bucket(next - 1), bucket);
	}
	KUNIT_EXPECT_EQ(test, mage_latency_bucket(~0ULL), MAGE_LATENCY_BUCKETS - 1);
}

static struct kunit_case mage_test_cases[] = {
	KUNIT_CASE(frame_is_found_from_its_page),
	KUNIT_CASE(frame_is_inserted_once),
	KUNIT_CASE(closing_domain_takes_nothing),
	KUNIT_CASE(removed_frame_is_nobodys),
	KUNIT_CASE(victim_is_picked_once_and_referenced),
	KUNIT_CASE(foreign_frame_is_refused),
	KUNIT_CASE(lists_keep_their_order),
	KUNIT_CASE(frame_moves_between_lists),
	KUNIT_CASE(walked_frame_can_be_freed),
	KUNIT_CASE(aging_is_noted_for_pages_of_domains),
	KUNIT_CASE(builtin_policy_fills_a_batch),
	KUNIT_CASE(batch_waits_for_its_writes),
	KUNIT_CASE(batch_waits_for_its_shootdown),
	KUNIT_CASE(batch_without_changes_needs_no_shootdown),
	KUNIT_CASE(latency_buckets_meet),
	{}
};

static struct kunit_suite mage_test_suite = {
	.name = "mage",
	.init = mage_test_init,
	.exit = mage_test_exit,
	.test_cases = mage_test_cases,
};

kunit_test_suite(mage_test_suite);
