// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of pages that go from evictors to faults still charged: they are as fresh
 * ones, are somebody's once, are as few as they should be, and none is left in the end.
 */
#include <kunit/test.h>
#include <linux/gfp.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/page_counter.h>
#include <linux/uaccess.h>
#include "bed_kunit.h"
#include "domain.h"
#include "knobs.h"
#include "limit.h"
#include "pool.h"
#include "recycle.h"

/* Pages of most tests, and which content those of the process have. */
#define NR	8
#define SEED	7

/* A part of all pages of the process may be in a pool, and this is more. */
#define MANY	(MAGE_BED_PAGES / 2)

/**
 * struct pool_test - what each test works on
 * @pool: a pool of no domain, which nobody drains but the test
 * @memcg: what the process is charged to
 */
struct pool_test {
	struct mage_pool *pool;
	struct mem_cgroup *memcg;
};

static struct pool_test *pool_of(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	return bed->private;
}

static int pool_test_init(struct kunit *test)
{
	struct pool_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	struct mage_bed *bed;
	int err = mage_bed_init(test);

	if (err)
		return err;
	KUNIT_ASSERT_NOT_NULL(test, t);
	bed = test->priv;
	bed->private = t;
	t->memcg = bed->domain->memcg;
	t->pool = mage_pool_alloc();
	KUNIT_ASSERT_NOT_NULL(test, t->pool);
	return 0;
}

static void pool_test_exit(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct pool_test *t = bed ? bed->private : NULL;

	if (t && t->pool) {
		mage_pool_drain(t->pool);
		mage_pool_free(t->pool);
	}
	mage_bed_exit(test);
}

/* A page that is charged to the process's memory cgroup, and was used for something. */
static struct folio *used_page(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, mem_cgroup_charge(folio, bed->mm, GFP_KERNEL), 0);
	folio->mapping = (void *)PAGE_MAPPING_ANON;
	folio->private = (void *)1;
	__folio_mark_uptodate(folio);
	__folio_set_swapbacked(folio);
	folio_set_referenced(folio);
	folio_set_workingset(folio);
	return folio;
}

static void put(struct folio *folio)
{
	folio->mapping = NULL;
	folio->private = NULL;
	folio_put(folio);
}

/* Such pages go into the pool, in chunks of so many. */
static bool push(struct kunit *test, unsigned int nr, unsigned int most)
{
	struct pool_test *t = pool_of(test);
	struct mage_pool_load load;
	struct folio *folio;

	mage_pool_load_begin(&load, numa_mem_id(), most);
	while (nr--) {
		folio = used_page(test);
		KUNIT_ASSERT_EQ(test, folio_nid(folio), numa_mem_id());
		KUNIT_ASSERT_TRUE(test, mage_pool_make_fresh(folio, t->memcg));
		mage_pool_load_add(&load, folio);
	}
	return mage_pool_push(t->pool, &load);
}

static struct folio *pop(struct kunit *test)
{
	return mage_pool_pop(pool_of(test)->pool, numa_mem_id());
}

static unsigned long usage(struct kunit *test)
{
	return page_counter_read(&pool_of(test)->memcg->memory);
}

/* The pool */

static void page_is_as_a_fresh_one(struct kunit *test)
{
	struct pool_test *t = pool_of(test);
	struct folio *folio;

	KUNIT_ASSERT_TRUE(test, push(test, 1, 1));
	folio = pop(test);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, folio->flags & (PAGE_FLAGS_CHECK_AT_PREP | __PG_HWPOISON), 0);
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_FALSE(test, folio_mapped(folio));
	KUNIT_EXPECT_PTR_EQ(test, (void *)folio->mapping, NULL);
	KUNIT_EXPECT_PTR_EQ(test, folio->private, NULL);
	KUNIT_EXPECT_FALSE(test, list_empty(&folio->lru));
	KUNIT_EXPECT_PTR_EQ(test, folio_memcg(folio), t->memcg);
	folio_put(folio);
}

static void page_is_not_to_be_had_meanwhile(struct kunit *test)
{
	struct folio *folio = used_page(test);
	struct pool_test *t = pool_of(test);
	struct mage_pool_load load;

	KUNIT_ASSERT_TRUE(test, mage_pool_make_fresh(folio, t->memcg));
	KUNIT_EXPECT_FALSE(test, folio_try_get(folio));
	mage_pool_load_begin(&load, folio_nid(folio), 1);
	mage_pool_load_add(&load, folio);
	KUNIT_EXPECT_TRUE(test, mage_pool_push(t->pool, &load));
	KUNIT_EXPECT_FALSE(test, folio_try_get(folio));
}

static void chunks_come_and_go_whole(struct kunit *test)
{
	struct folio *folio[NR];
	unsigned int i, j;

	KUNIT_ASSERT_TRUE(test, push(test, NR - 1, 3));
	KUNIT_ASSERT_TRUE(test, push(test, 1, 3));
	KUNIT_EXPECT_EQ(test, mage_pool_pages(pool_of(test)->pool), NR);
	/* On one CPU, of which the pages at hand are. */
	migrate_disable();
	folio[0] = pop(test);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(pool_of(test)->pool), NR - 1);
	folio[1] = pop(test);
	KUNIT_EXPECT_LT(test, mage_pool_pages(pool_of(test)->pool), NR - 1);
	for (i = 2; i < NR; i++)
		folio[i] = pop(test);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(pool_of(test)->pool), 0);
	KUNIT_EXPECT_PTR_EQ(test, pop(test), NULL);
	migrate_enable();
	for (i = 0; i < NR; i++) {
		KUNIT_ASSERT_NOT_NULL(test, folio[i]);
		for (j = 0; j < i; j++)
			KUNIT_EXPECT_PTR_NE(test, folio[i], folio[j]);
	}
	for (i = 0; i < NR; i++)
		folio_put(folio[i]);
}

static void charges_are_exact(struct kunit *test)
{
	unsigned long before;
	struct folio *folio;

	KUNIT_ASSERT_TRUE(test, push(test, NR, 3));
	before = usage(test);
	/* One is in use, some are at hand, some in the middle. */
	folio = pop(test);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, usage(test), before);
	KUNIT_EXPECT_EQ(test, mage_pool_drain(pool_of(test)->pool), NR - 1);
	KUNIT_EXPECT_EQ(test, usage(test), before - (NR - 1));
	KUNIT_EXPECT_PTR_EQ(test, pop(test), NULL);
	KUNIT_EXPECT_EQ(test, mage_pool_drain(pool_of(test)->pool), 0);
	folio_put(folio);
	KUNIT_EXPECT_EQ(test, usage(test), before - NR);
}

static void pool_that_is_shut_takes_nothing(struct kunit *test)
{
	unsigned long before;

	KUNIT_ASSERT_TRUE(test, push(test, NR, 3));
	before = usage(test);
	KUNIT_EXPECT_EQ(test, mage_pool_shut(pool_of(test)->pool), NR);
	KUNIT_EXPECT_EQ(test, usage(test), before - NR);
	KUNIT_EXPECT_FALSE(test, push(test, NR, 3));
	KUNIT_EXPECT_PTR_EQ(test, pop(test), NULL);
	KUNIT_EXPECT_EQ(test, mage_pool_drain(pool_of(test)->pool), 0);
}

static void pools_that_are_stopped_take_nothing(struct kunit *test)
{
	mage_pools_stop(true);
	KUNIT_EXPECT_FALSE(test, push(test, NR, 3));
	mage_pools_stop(false);
	KUNIT_EXPECT_PTR_EQ(test, pop(test), NULL);
	KUNIT_EXPECT_TRUE(test, push(test, NR, 3));
}

static void odd_page_is_refused(struct kunit *test)
{
	struct folio *folio = used_page(test);
	struct pool_test *t = pool_of(test);

	folio_get(folio);
	KUNIT_EXPECT_FALSE(test, mage_pool_make_fresh(folio, t->memcg));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 2);
	folio_put(folio);
	KUNIT_EXPECT_FALSE(test, mage_pool_make_fresh(folio, root_mem_cgroup));
	folio_set_private(folio);
	KUNIT_EXPECT_FALSE(test, mage_pool_make_fresh(folio, t->memcg));
	folio_clear_private(folio);
	atomic_set(&folio->_mapcount, 0);
	KUNIT_EXPECT_FALSE(test, mage_pool_make_fresh(folio, t->memcg));
	atomic_set(&folio->_mapcount, -1);
	SetPageHWPoison(folio_page(folio, 0));
	KUNIT_EXPECT_FALSE(test, mage_pool_make_fresh(folio, t->memcg));
	ClearPageHWPoison(folio_page(folio, 0));
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 1);
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	put(folio);
}

static void page_that_is_poisoned_meanwhile_is_nobodys(struct kunit *test)
{
	struct folio *folio = used_page(test);
	struct pool_test *t = pool_of(test);
	unsigned long before = usage(test);
	struct mage_pool_load load;

	KUNIT_ASSERT_TRUE(test, mage_pool_make_fresh(folio, t->memcg));
	mage_pool_load_begin(&load, numa_mem_id(), 1);
	mage_pool_load_add(&load, folio);
	KUNIT_ASSERT_TRUE(test, mage_pool_push(t->pool, &load));
	SetPageHWPoison(folio_page(folio, 0));
	KUNIT_EXPECT_PTR_EQ(test, pop(test), NULL);
	KUNIT_EXPECT_EQ(test, usage(test), before - 1);
	/* The allocator did not take it; now it does. */
	KUNIT_EXPECT_EQ(test, folio_ref_count(folio), 0);
	ClearPageHWPoison(folio_page(folio, 0));
	folio_ref_unfreeze(folio, 1);
	folio_put(folio);
}

/* What evictors leave to faults */

/* What was left is not drained for want of faults. */
static void keep(struct mage_domain *domain)
{
	WRITE_ONCE(domain->pool->taken_at, jiffies + 3600 * HZ);
}

/* Evicts pages of the process, which leaves some to faults; how many. */
static unsigned long leave(struct kunit *test, unsigned int nr)
{
	struct mage_bed *bed = test->priv;
	u64 before = mage_bed_count(bed, MAGE_STAT_POOL_GIVEN);

	mage_bed_evict(bed, 0, nr);
	keep(bed->domain);
	return mage_bed_count(bed, MAGE_STAT_POOL_GIVEN) - before;
}

/* Without the allocator nothing goes past it, on kernels that watch what it does. */
static bool allowed(void)
{
	return !IS_ENABLED(CONFIG_KASAN);
}

static void few_pages_are_left_to_faults(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long local, left;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	left = leave(test, MANY);
	local = mage_shards_frames(&bed->domain->shards);
	KUNIT_EXPECT_EQ(test, left > 0, allowed());
	KUNIT_EXPECT_LE(test, left, local / 16);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(bed->domain->pool), left);
	/* A second batch adds nothing. */
	mage_bed_evict(bed, MANY, NR);
	KUNIT_EXPECT_LE(test, mage_pool_pages(bed->domain->pool), local / 16);
}

static void faults_take_them_and_overwrite_them(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long left;
	unsigned int i;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	left = leave(test, MANY);
	for (i = 0; i < MANY; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_POOL_HITS), left);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(bed->domain->pool), 0);
}

static void read_that_fails_shows_nothing(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long left, before;
	u8 byte;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	left = leave(test, MANY);
	before = usage(test);
	bed->store.read_error = -EIO;
	KUNIT_EXPECT_NE(test, get_user(byte, (u8 __user *)mage_bed_at(bed, 0)), 0);
	bed->store.read_error = 0;
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_POOL_HITS), min(left, 1UL));
	/* What was taken is free. */
	if (left)
		KUNIT_EXPECT_EQ(test, usage(test), before - 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

static void new_pages_are_not_of_the_pool(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long left;
	u64 word = 1;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	left = leave(test, MANY);
	KUNIT_EXPECT_EQ(test, get_user(word, (u64 __user *)bed->spare), 0);
	KUNIT_EXPECT_EQ(test, word, 0);
	KUNIT_EXPECT_EQ(test, put_user(1, (u8 __user *)bed->spare), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_POOL_HITS), 0);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(bed->domain->pool), left);
}

static void knob_switches_it_off(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	mage_knobs.pool = false;
	KUNIT_EXPECT_EQ(test, leave(test, MANY), 0);
	mage_knobs.pool = true;
	KUNIT_EXPECT_EQ(test, mage_pool_pages(bed->domain->pool), 0);
}

static void room_that_is_short_comes_first(struct kunit *test)
{
	struct page_counter *memory = &pool_of(test)->memcg->memory;
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	WRITE_ONCE(memory->high, page_counter_read(memory));
	KUNIT_EXPECT_EQ(test, leave(test, NR / 2), 0);
	WRITE_ONCE(memory->high, PAGE_COUNTER_MAX);
}

static void pages_that_wait_are_room(struct kunit *test)
{
	struct page_counter *memory = &pool_of(test)->memcg->memory;
	struct mage_bed *bed = test->priv;
	unsigned long left;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	left = leave(test, MANY);
	WRITE_ONCE(memory->high, page_counter_read(memory));
	KUNIT_EXPECT_EQ(test, mage_domain_room(bed->domain), left);
	KUNIT_EXPECT_EQ(test, mage_recycled_drain(bed->domain), left);
	KUNIT_EXPECT_EQ(test, mage_domain_room(bed->domain), left);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_POOL_DRAINED), left);
	WRITE_ONCE(memory->high, PAGE_COUNTER_MAX);
}

static void nothing_is_left_while_room_is_wanted(struct kunit *test)
{
	struct mage_waiter waiter = { .kind = MAGE_QUEUE_PROGRESS, .until = LONG_MAX };
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	mage_queue_join(&bed->domain->queue, &waiter);
	KUNIT_EXPECT_EQ(test, leave(test, MANY), 0);
	mage_queue_leave(&bed->domain->queue, &waiter);
}

/* A batch was about to leave pages to faults when somebody began to wait. */
static void pages_go_if_somebody_comes_to_wait(struct kunit *test)
{
	struct mage_waiter waiter = { .kind = MAGE_QUEUE_PROGRESS, .until = LONG_MAX };
	struct mage_recycling recycling;
	struct mage_bed *bed = test->priv;
	struct folio *folio = used_page(test);
	unsigned long before = usage(test);

	mage_bed_fill(bed, 0, MAGE_BED_PAGES, SEED);
	before = usage(test);
	mage_recycle_begin(&recycling, bed->domain, 1);
	KUNIT_EXPECT_EQ(test, recycling.left > 0, allowed());
	recycling.left = 1;
	KUNIT_ASSERT_TRUE(test, mage_recycle_page(&recycling, folio));
	mage_queue_join(&bed->domain->queue, &waiter);
	mage_recycle_end(&recycling);
	mage_queue_leave(&bed->domain->queue, &waiter);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(bed->domain->pool), 0);
	KUNIT_EXPECT_EQ(test, usage(test), before - 1);
}

/* Pages of the first child are left; the process is in the second, with pages of its own. */
static struct mage_domain *leave_to_child(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain;

	KUNIT_ASSERT_EQ(test, mage_bed_enter(bed, 0), 0);
	mage_bed_fill(bed, 0, MANY, SEED);
	domain = mage_bed_domain(bed, 0);
	mage_bed_evict(bed, 0, NR);
	keep(domain);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(domain->pool) > 0, allowed());
	KUNIT_ASSERT_EQ(test, mage_bed_enter(bed, 1), 0);
	mage_bed_fill(bed, MANY, 2, SEED);
	return domain;
}

static void domains_have_pools_of_their_own(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = leave_to_child(test);
	unsigned long left = mage_pool_pages(domain->pool);

	/* A slot of its own, for which the other's pages are not. */
	mage_bed_evict(bed, MANY, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, MANY, SEED));
	KUNIT_EXPECT_EQ(test, mage_pool_pages(domain->pool), left);
	/* A slot of the other's, for which the process has none. */
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_EXPECT_EQ(test, mage_pool_pages(domain->pool), left);
	KUNIT_EXPECT_PTR_EQ(test, mage_bed_domain(bed, 0), domain);
}

static void nothing_is_left_of_a_cgroup(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_domain *domain = leave_to_child(test);
	unsigned long end;

	/* Its pages are there yet, and keep it. */
	KUNIT_ASSERT_TRUE(test, mage_domain_get(domain));
	KUNIT_ASSERT_EQ(test, mage_bed_remove(bed, 0), 0);
	/* A work does that. */
	end = jiffies + 60 * HZ;
	while (READ_ONCE(domain->pool->filled) && time_before(jiffies, end))
		cond_resched();
	KUNIT_EXPECT_EQ(test, mage_pool_pages(domain->pool), 0);
	mage_bed_evict(bed, NR, 1);
	KUNIT_EXPECT_EQ(test, mage_pool_pages(domain->pool), 0);
	mage_domain_put(domain);
}

static struct kunit_case pool_test_cases[] = {
	KUNIT_CASE(page_is_as_a_fresh_one),
	KUNIT_CASE(page_is_not_to_be_had_meanwhile),
	KUNIT_CASE(chunks_come_and_go_whole),
	KUNIT_CASE(charges_are_exact),
	KUNIT_CASE(pool_that_is_shut_takes_nothing),
	KUNIT_CASE(pools_that_are_stopped_take_nothing),
	KUNIT_CASE(odd_page_is_refused),
	KUNIT_CASE(page_that_is_poisoned_meanwhile_is_nobodys),
	KUNIT_CASE(few_pages_are_left_to_faults),
	KUNIT_CASE(faults_take_them_and_overwrite_them),
	KUNIT_CASE(read_that_fails_shows_nothing),
	KUNIT_CASE(new_pages_are_not_of_the_pool),
	KUNIT_CASE(knob_switches_it_off),
	KUNIT_CASE(room_that_is_short_comes_first),
	KUNIT_CASE(pages_that_wait_are_room),
	KUNIT_CASE(nothing_is_left_while_room_is_wanted),
	KUNIT_CASE(pages_go_if_somebody_comes_to_wait),
	KUNIT_CASE(domains_have_pools_of_their_own),
	KUNIT_CASE(nothing_is_left_of_a_cgroup),
	{}
};

static struct kunit_suite pool_test_suite = {
	.name = "mage_pool",
	.init = pool_test_init,
	.exit = pool_test_exit,
	.test_cases = pool_test_cases,
};

kunit_test_suite(pool_test_suite);
