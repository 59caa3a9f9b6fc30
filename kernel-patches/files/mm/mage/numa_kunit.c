// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of shards by node, and of what is selected of one node.
 *
 * With one node there is not much to tell apart: tests/vm/test-numa.sh runs them with two.
 */
#include <kunit/test.h>
#include <linux/nodemask.h>
#include <linux/slab.h>
#include "ask.h"
#include "domain.h"
#include "govern.h"
#include "knobs.h"
#include "policy.h"
#include "select.h"
#include "walk.h"

/* Pages that there are on each of so many nodes. */
#define NR_PAGES	16
#define NR_NODES	2

/**
 * struct numa_test - what each test works on
 * @domain: a domain of no cgroup, whose id no real domain has
 * @batch: a batch that a select would fill
 * @policy: what governs the domain
 * @nid: the nodes
 * @nr: how many
 * @page: pages on each of them that are nobody else's
 */
struct numa_test {
	struct mage_domain *domain;
	struct mage_batch *batch;
	struct mage_ops policy;
	int nid[NR_NODES];
	unsigned int nr;
	struct page *page[NR_NODES][NR_PAGES];
};

static struct mage_frame *frame_of(struct numa_test *t, unsigned int node, unsigned int i)
{
	return mage_frame_of(page_folio(t->page[node][i]));
}

/* What a batch is for: with one node there are none for a node. */
static int nid_of(struct numa_test *t, unsigned int node)
{
	return t->domain->want ? t->nid[node] : NUMA_NO_NODE;
}

static int numa_test_init(struct kunit *test)
{
	struct numa_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	unsigned int i;
	int nid;

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	KUNIT_ASSERT_NOT_NULL(test, t);
	test->priv = t;
	t->domain = mage_domain_new();
	KUNIT_ASSERT_NOT_NULL(test, t->domain);
	t->domain->root_stats = alloc_percpu(struct mage_root_stats);
	KUNIT_ASSERT_NOT_NULL(test, t->domain->root_stats);
	t->domain->shards.id = MAGE_DOMAIN_IDS - 4;
	strscpy(t->policy.name, "kunit");
	RCU_INIT_POINTER(t->domain->policy, &t->policy);
	t->batch = kvzalloc(sizeof(*t->batch), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t->batch);
	for_each_node_state(nid, N_MEMORY) {
		if (t->nr == NR_NODES)
			break;
		t->nid[t->nr++] = nid;
		for (i = 0; i < NR_PAGES; i++) {
			struct page *page = alloc_pages_node(nid, GFP_KERNEL | __GFP_THISNODE, 0);

			t->page[t->nr - 1][i] = page;
			KUNIT_ASSERT_NOT_NULL(test, page);
			KUNIT_ASSERT_TRUE(test, mage_frame_insert(&t->domain->shards,
								  frame_of(t, t->nr - 1, i),
								  page_to_pfn(page)));
			folio_set_lru(page_folio(page));
		}
	}
	return 0;
}

static void numa_test_exit(struct kunit *test)
{
	struct numa_test *t = test->priv;
	unsigned int node, i;

	if (!t || !t->domain)
		return;
	/* Victims have a reference of the batch's. */
	for (i = 0; t->batch && i < t->batch->nr; i++)
		folio_put(t->batch->victim[i].folio);
	for (node = 0; node < t->nr; node++) {
		for (i = 0; i < NR_PAGES && t->page[node][i]; i++) {
			mage_frame_remove(&t->domain->shards, frame_of(t, node, i), true);
			ClearPageLRU(t->page[node][i]);
			__free_page(t->page[node][i]);
		}
	}
	kvfree(t->batch);
	mage_domain_free(&t->domain->rcu);
}

static void rows_and_columns_fit(struct kunit *test)
{
	unsigned int cpus, rows;

	KUNIT_EXPECT_EQ(test, mage_shard_columns(1, 1), 1);
	KUNIT_EXPECT_EQ(test, mage_shard_columns(5, 1), 8);
	KUNIT_EXPECT_EQ(test, mage_shard_columns(64, 2), 64);
	KUNIT_EXPECT_EQ(test, mage_shard_columns(8192, 1), 8192);
	KUNIT_EXPECT_EQ(test, mage_shard_columns(8192, 64), 256);
	for (cpus = 1; cpus <= 8192; cpus *= 2) {
		for (rows = 1; rows <= 1024; rows *= 2) {
			unsigned int columns = mage_shard_columns(cpus, rows);

			KUNIT_EXPECT_GE(test, columns, 1);
			KUNIT_EXPECT_LE(test, rows * columns, 1 << MAGE_OWNER_SHARD_BITS);
			KUNIT_EXPECT_TRUE(test, columns == cpus ||
					  rows * columns == 1 << MAGE_OWNER_SHARD_BITS);
		}
	}
}

static void page_goes_to_the_row_of_its_node(struct kunit *test)
{
	struct numa_test *t = test->priv;
	struct mage_shards *shards = &t->domain->shards;
	unsigned int node, other, i;

	KUNIT_EXPECT_EQ(test, mage_shards_frames(shards), t->nr * NR_PAGES);
	for (node = 0; node < t->nr; node++) {
		KUNIT_EXPECT_EQ(test, mage_shards_on_node(shards, t->nid[node]), NR_PAGES);
		for (i = 0; i < NR_PAGES; i++) {
			u64 owner = frame_of(t, node, i)->owner;

			KUNIT_EXPECT_EQ(test, mage_shard_of(shards, owner)->nid, t->nid[node]);
			for (other = 0; other < t->nr; other++) {
				struct mage_span span = mage_shards_span(shards, t->nid[other]);

				KUNIT_EXPECT_EQ(test, mage_span_has(&span, owner), other == node);
			}
		}
	}
}

/* All victims are on a node, and as many as it has. */
static void expect_all_of(struct kunit *test, unsigned int node)
{
	struct numa_test *t = test->priv;
	unsigned int i;

	KUNIT_EXPECT_EQ(test, t->batch->nr, NR_PAGES);
	for (i = 0; i < t->batch->nr; i++)
		KUNIT_EXPECT_EQ(test, folio_nid(t->batch->victim[i].folio), t->nid[node]);
}

static void builtin_selection_takes_pages_of_one_node(struct kunit *test)
{
	struct numa_test *t = test->priv;
	unsigned int last = t->nr - 1;

	RCU_INIT_POINTER(t->domain->policy, &mage_builtin_policy);
	mage_batch_select(t->batch, t->domain, nid_of(t, last), MAGE_BATCH_MAX, ULONG_MAX);
	expect_all_of(test, last);
	if (t->domain->want)
		KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain->want[t->nid[last]].coming),
				NR_PAGES);
	mage_batch_add_victims(t->batch, -(long)t->batch->nr);
}

/* Evictors take pages of their own node, but not many more than their share of the whole. */
static void batch_for_a_limit_is_of_the_evictors_node_first(struct kunit *test)
{
	struct numa_test *t = test->priv;
	struct mage_shards *shards = &t->domain->shards;
	struct mage_span span = mage_shards_span(shards, NUMA_NO_NODE);
	unsigned int last = t->nr - 1, i, home = 0, turns = 64;

	t->batch->domain = t->domain;
	t->batch->max = 1;
	for (i = 0; i < turns; i++)
		home += shards->shard[mage_turn_shard(t->batch, &span, 0)].nid == t->nid[last];
	KUNIT_EXPECT_EQ(test, home, turns / t->nr);
	if (!last)
		return;
	t->batch->home = t->nid[last] + 1;
	for (home = 0, i = 0; i < turns; i++)
		home += shards->shard[mage_turn_shard(t->batch, &span, 0)].nid == t->nid[last];
	KUNIT_EXPECT_EQ(test, home, turns / t->nr + t->nr * NR_PAGES / 8);
	/* One over there takes as many back. */
	t->batch->home = t->nid[0] + 1;
	for (home = 0, i = 0; i < turns; i++)
		home += shards->shard[mage_turn_shard(t->batch, &span, 0)].nid == t->nid[0];
	KUNIT_EXPECT_EQ(test, home, turns / t->nr + 2 * t->nr * NR_PAGES / 8);
}

static void walk_and_sample_see_one_node(struct kunit *test)
{
	struct numa_test *t = test->priv;
	struct bpf_iter_mage_sample sample;
	struct bpf_iter_mage_list walk;
	struct mage_frame *frame;
	unsigned int node, seen;

	t->batch->domain = t->domain;
	t->batch->policy = &t->policy;
	t->batch->scan = true;
	for (node = 0; node < t->nr; node++) {
		t->batch->node = nid_of(t, node) + 1;
		t->batch->walk_budget = MAGE_WALK_BUDGET;
		seen = 0;
		KUNIT_ASSERT_EQ(test, bpf_iter_mage_list_new(&walk, t->batch, 0, 0), 0);
		while ((frame = bpf_iter_mage_list_next(&walk))) {
			KUNIT_EXPECT_EQ(test, folio_nid(mage_frame_folio(frame)), t->nid[node]);
			seen++;
		}
		bpf_iter_mage_list_destroy(&walk);
		KUNIT_EXPECT_EQ(test, seen, NR_PAGES);
		KUNIT_ASSERT_EQ(test, bpf_iter_mage_sample_new(&sample, t->batch, 4 * NR_PAGES), 0);
		for (seen = 0; (frame = bpf_iter_mage_sample_next(&sample)); seen++)
			KUNIT_EXPECT_EQ(test, folio_nid(mage_frame_folio(frame)), t->nid[node]);
		bpf_iter_mage_sample_destroy(&sample);
		KUNIT_EXPECT_EQ(test, seen, 4 * NR_PAGES);
	}
	t->batch->node = 0;
}

static void pick_by_number_is_of_the_node(struct kunit *test)
{
	struct numa_test *t = test->priv;
	unsigned int last = t->nr - 1;

	t->batch->domain = t->domain;
	t->batch->policy = &t->policy;
	t->batch->max = NR_PAGES;
	t->batch->node = nid_of(t, last) + 1;
	if (last)
		KUNIT_EXPECT_EQ(test, mage_batch_take_id(t->batch, page_to_pfn(t->page[0][0])),
				-EAGAIN);
	KUNIT_EXPECT_EQ(test, mage_batch_take_id(t->batch, page_to_pfn(t->page[last][0])), 0);
	KUNIT_EXPECT_EQ(test, t->batch->nr, 1);
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
}

static unsigned int selects;

static void select_nothing(struct mage_domain *domain, struct mage_batch *batch)
{
	selects++;
}

static void fruitless_policy_is_made_up_for(struct kunit *test)
{
	struct numa_test *t = test->priv;

	t->policy.select = select_nothing;
	selects = 0;
	mage_batch_select(t->batch, t->domain, nid_of(t, 0), MAGE_BATCH_MAX, ULONG_MAX);
	if (t->domain->want) {
		KUNIT_EXPECT_EQ(test, selects, 2);
		expect_all_of(test, 0);
	} else {
		KUNIT_EXPECT_EQ(test, selects, 1);
		KUNIT_EXPECT_EQ(test, t->batch->nr, 0);
	}
	KUNIT_EXPECT_NULL(test, t->domain->ejected);
	mage_batch_add_victims(t->batch, -(long)t->batch->nr);
}

static void demand_is_for_one_node(struct kunit *test)
{
	struct numa_test *t = test->priv;
	unsigned int node, last = t->nr - 1;

	KUNIT_EXPECT_FALSE(test, mage_domain_is_demanded(t->domain));
	KUNIT_EXPECT_FALSE(test, mage_domain_is_asked(t->domain));
	mage_room_demand_on(t->domain, t->nid[last], 7);
	KUNIT_EXPECT_TRUE(test, mage_domain_is_demanded(t->domain));
	KUNIT_EXPECT_TRUE(test, mage_domain_is_asked(t->domain));
	for (node = 0; node < t->nr; node++)
		KUNIT_EXPECT_EQ(test, mage_domain_demanded_on(t->domain, nid_of(t, node)),
				node == last ? 7 : 0);
	if (!t->domain->want)
		return;
	KUNIT_EXPECT_EQ(test, mage_domain_demanded(t->domain), 0);
	atomic_long_add(7, &t->domain->want[t->nid[last]].progress);
	KUNIT_EXPECT_FALSE(test, mage_domain_is_demanded(t->domain));
}

static struct kunit_case numa_test_cases[] = {
	KUNIT_CASE(rows_and_columns_fit),
	KUNIT_CASE(page_goes_to_the_row_of_its_node),
	KUNIT_CASE(builtin_selection_takes_pages_of_one_node),
	KUNIT_CASE(batch_for_a_limit_is_of_the_evictors_node_first),
	KUNIT_CASE(walk_and_sample_see_one_node),
	KUNIT_CASE(pick_by_number_is_of_the_node),
	KUNIT_CASE(fruitless_policy_is_made_up_for),
	KUNIT_CASE(demand_is_for_one_node),
	{}
};

static struct kunit_suite numa_test_suite = {
	.name = "mage_numa",
	.init = numa_test_init,
	.exit = numa_test_exit,
	.test_cases = numa_test_cases,
};

kunit_test_suite(numa_test_suite);
