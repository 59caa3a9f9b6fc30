// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of how much room a domain has and should have.
 */
#include <kunit/test.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include "domain.h"
#include "govern.h"
#include "knobs.h"
#include "limit.h"
#include "room.h"
#include "stock.h"

/* Of these an eighth is more, and a thirty-second, too, than what is kept at least. */
#define LIMIT	BIT(20)

/**
 * struct room_test - what each test works on
 * @domain: a domain that nobody has heard of
 * @memcg: its memory cgroup, of which there is no more than the counters
 * @parent: its parent, without limits
 */
struct room_test {
	struct mage_domain *domain;
	struct mem_cgroup *memcg;
	struct mem_cgroup *parent;
};

/* A memory cgroup of nothing but counters; sets no limit. */
static struct mem_cgroup *new_memcg(struct kunit *test)
{
	struct mem_cgroup *memcg = kunit_kzalloc(test, sizeof(*memcg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memcg);
	memcg->memory.max = PAGE_COUNTER_MAX;
	memcg->memory.high = PAGE_COUNTER_MAX;
	memcg->css.flags = CSS_NO_REF;
	return memcg;
}

static int room_test_init(struct kunit *test)
{
	struct room_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->parent = new_memcg(test);
	t->memcg = new_memcg(test);
	t->memcg->css.parent = &t->parent->css;
	t->memcg->memory.max = LIMIT;
	t->domain = mage_domain_new();
	KUNIT_ASSERT_NOT_NULL(test, t->domain);
	t->domain->root_stats = alloc_percpu(struct mage_root_stats);
	KUNIT_ASSERT_NOT_NULL(test, t->domain->root_stats);
	t->domain->memcg = t->memcg;
	test->priv = t;
	return 0;
}

static void room_test_exit(struct kunit *test)
{
	struct room_test *t = test->priv;

	if (t)
		mage_domain_free(&t->domain->rcu);
}

/* Headroom that is there whatever the turnover: batches and the charge caches of CPUs. */
static unsigned long least_room(void)
{
	return 2 * MEMCG_CHARGE_BATCH * num_online_cpus() + MAGE_BATCH_DEFAULT;
}

static void smallest_limit_above_a_domain_holds(struct kunit *test)
{
	struct room_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mage_domain_limit(t->domain), LIMIT);
	t->memcg->memory.high = 700;
	KUNIT_EXPECT_EQ(test, mage_domain_limit(t->domain), 700);
	t->parent->memory.max = 600;
	KUNIT_EXPECT_EQ(test, mage_domain_limit(t->domain), 600);
	t->parent->memory.high = 500;
	KUNIT_EXPECT_EQ(test, mage_domain_limit(t->domain), 500);
	t->memcg->memory.max = 400;
	KUNIT_EXPECT_EQ(test, mage_domain_limit(t->domain), 400);
}

static void room_is_that_of_the_fullest_ancestor(struct kunit *test)
{
	struct room_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mage_domain_room(t->domain), LIMIT);
	atomic_long_set(&t->memcg->memory.usage, 1000);
	KUNIT_EXPECT_EQ(test, mage_domain_room(t->domain), LIMIT - 1000);
	atomic_long_set(&t->parent->memory.usage, 5000);
	t->parent->memory.max = 5100;
	KUNIT_EXPECT_EQ(test, mage_domain_room(t->domain), 100);
	/* Above memory.high, which is no limit to charges, it is negative. */
	t->parent->memory.high = 4000;
	KUNIT_EXPECT_EQ(test, mage_domain_room(t->domain), -1000);
}

static void headroom_grows_with_the_turnover_up_to_an_eighth(struct kunit *test)
{
	struct room_test *t = test->priv;

	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), LIMIT / 32);
	t->domain->turnover = LIMIT / 64 + 100;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), LIMIT / 32 + 200);
	t->domain->extra_room = 50;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), LIMIT / 32 + 250);
	t->domain->extra_room = LIMIT;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), LIMIT / 8);
}

static void small_domain_keeps_an_eighth_at_most(struct kunit *test)
{
	struct room_test *t = test->priv;

	t->memcg->memory.max = 8 * least_room();
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), least_room());
	t->memcg->memory.max = 800;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), 100);
	t->memcg->memory.max = 0;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), 0);
}

static void what_a_policy_wants_is_clamped(struct kunit *test)
{
	struct room_test *t = test->priv;

	t->domain->wanted_room = 0;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), least_room());
	t->domain->wanted_room = LIMIT / 4;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), LIMIT / 4);
	t->domain->wanted_room = LIMIT;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), LIMIT / 2);
	t->memcg->memory.max = 800;
	t->domain->wanted_room = 0;
	KUNIT_EXPECT_EQ(test, mage_domain_headroom(t->domain), 100);
}

static void domain_is_short_below_its_headroom(struct kunit *test)
{
	struct room_test *t = test->priv;
	unsigned long headroom = mage_domain_headroom(t->domain);

	KUNIT_EXPECT_FALSE(test, mage_room_is_short(t->domain));
	atomic_long_set(&t->memcg->memory.usage, LIMIT - headroom);
	KUNIT_EXPECT_FALSE(test, mage_room_is_short(t->domain));
	atomic_long_inc(&t->memcg->memory.usage);
	KUNIT_EXPECT_TRUE(test, mage_room_is_short(t->domain));
	/* Above the limit, as when it was lowered. */
	atomic_long_set(&t->memcg->memory.usage, LIMIT + 5);
	KUNIT_EXPECT_TRUE(test, mage_room_is_short(t->domain));
}

/* Of threads that find no room at the same moment one is heard. */
static void waits_make_headroom_grow_once_a_jiffy(struct kunit *test)
{
	struct room_test *t = test->priv;

	t->domain->extra_at = jiffies - 1;
	mage_room_was_short(t->domain);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, MAGE_BATCH_LEAST);
	t->domain->extra_at = jiffies + 1000 * HZ;
	mage_room_was_short(t->domain);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, MAGE_BATCH_LEAST);
	t->domain->extra_room = 100;
	t->domain->extra_at = jiffies - 1;
	mage_room_was_short(t->domain);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, 150 + MAGE_BATCH_LEAST);
	t->domain->extra_room = LIMIT / 8 - 1;
	t->domain->extra_at = jiffies - 1;
	mage_room_was_short(t->domain);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, LIMIT / 8);
}

static void headroom_shrinks_when_nobody_has_waited(struct kunit *test)
{
	struct room_test *t = test->priv;

	t->domain->turnover = 800;
	t->domain->extra_room = 160;
	t->domain->extra_at = jiffies + 1000 * HZ;
	mage_room_turned_over(t->domain, 0);
	KUNIT_EXPECT_EQ(test, t->domain->turnover, 700);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, 160);
	t->domain->extra_at = jiffies - HZ;
	mage_room_turned_over(t->domain, 1500);
	KUNIT_EXPECT_EQ(test, t->domain->turnover, 800);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, 150);
	/* It does go to nothing, and no further. */
	t->domain->extra_room = 1;
	t->domain->extra_at = jiffies - HZ;
	mage_room_turned_over(t->domain, 0);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, 0);
	t->domain->extra_at = jiffies - HZ;
	mage_room_turned_over(t->domain, 0);
	KUNIT_EXPECT_EQ(test, t->domain->extra_room, 0);
}

static void stalled_domain_is_tried_again_later(struct kunit *test)
{
	struct room_test *t = test->priv;
	unsigned long before = jiffies;

	atomic_long_set(&t->memcg->memory.usage, LIMIT);
	KUNIT_EXPECT_FALSE(test, mage_room_is_stalled(t->domain));
	mage_room_stalled(t->domain);
	KUNIT_EXPECT_TRUE(test, time_after_eq(t->domain->retry_at, before + HZ / 10));
	t->domain->retry_at = jiffies + 1000 * HZ;
	KUNIT_EXPECT_TRUE(test, mage_room_is_stalled(t->domain));
	KUNIT_EXPECT_TRUE(test, mage_room_is_stalled(t->domain));
	KUNIT_EXPECT_TRUE(test, mage_room_is_hopeless(t->domain));
	/* Pages have come since. */
	t->domain->shards.shard[0].frames++;
	KUNIT_EXPECT_FALSE(test, mage_room_is_hopeless(t->domain));
	t->domain->shards.shard[0].frames--;
	/* Evictors that can do nothing are not woken. */
	KUNIT_EXPECT_FALSE(test, mage_room_is_short(t->domain));
	t->domain->retry_at = jiffies - 1;
	KUNIT_EXPECT_FALSE(test, mage_room_is_stalled(t->domain));
	KUNIT_EXPECT_FALSE(test, t->domain->stalled);
	KUNIT_EXPECT_TRUE(test, mage_room_is_short(t->domain));
}

static void waiters_hear_of_room_and_of_its_end(struct kunit *test)
{
	struct room_test *t = test->priv;
	struct mage_waiter waiter = { .kind = MAGE_QUEUE_PROGRESS, .until = 5 };

	mage_queue_join(&t->domain->queue, &waiter);
	set_current_state(TASK_UNINTERRUPTIBLE);
	mage_room_stalled(t->domain);
	KUNIT_EXPECT_TRUE(test, get_current_state() == TASK_RUNNING);
	__set_current_state(TASK_RUNNING);
	KUNIT_EXPECT_EQ(test, waiter.room, MAGE_ROOM_NONE);
	t->domain->retry_at = jiffies + 1000 * HZ;
	/* Nothing was freed: all is as before. */
	mage_room_made(t->domain, 0);
	KUNIT_EXPECT_EQ(test, waiter.room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain->progress), 0);
	KUNIT_EXPECT_TRUE(test, mage_room_is_stalled(t->domain));
	mage_room_made(t->domain, 5);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain->progress), 5);
	KUNIT_EXPECT_FALSE(test, mage_room_is_stalled(t->domain));
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->domain->queue, &waiter), MAGE_ROOM_MADE);
}

/* Who waits for evictors to get on does so still. */
static void room_is_given_without_progress(struct kunit *test)
{
	struct room_test *t = test->priv;
	struct mage_waiter waiter = { .kind = MAGE_QUEUE_PROGRESS, .until = 1 };

	mage_queue_join(&t->domain->queue, &waiter);
	WRITE_ONCE(t->domain->idle_rounds, 3);
	mage_room_given(t->domain);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->domain->queue, &waiter), MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain->progress), 0);
	KUNIT_EXPECT_EQ(test, t->domain->idle_rounds, 3);
}

static void demand_is_forgotten(struct kunit *test)
{
	struct room_test *t = test->priv;

	atomic_long_set(&t->memcg->memory.usage, 0);
	KUNIT_EXPECT_FALSE(test, mage_room_is_lacking(t->domain));
	atomic_long_set(&t->domain->demand, 7);
	t->domain->demand_at = jiffies;
	KUNIT_EXPECT_EQ(test, mage_domain_demanded(t->domain), 7);
	KUNIT_EXPECT_TRUE(test, mage_room_is_lacking(t->domain));
	KUNIT_EXPECT_TRUE(test, mage_domain_is_asked(t->domain));
	mage_room_made(t->domain, 7);
	KUNIT_EXPECT_FALSE(test, mage_room_is_lacking(t->domain));
	atomic_long_set(&t->domain->demand, 100);
	t->domain->demand_at = jiffies - 60 * HZ;
	KUNIT_EXPECT_FALSE(test, mage_room_is_lacking(t->domain));
	KUNIT_EXPECT_FALSE(test, mage_domain_is_asked(t->domain));
}

/* Whether the evictors have work, by whichever way they are asked. */
static bool has_work(struct kunit *test)
{
	struct room_test *t = test->priv;
	bool wanted = mage_room_wanted(t->domain) > 0;

	KUNIT_EXPECT_EQ(test, mage_room_is_short(t->domain), wanted);
	KUNIT_EXPECT_EQ(test, mage_room_is_lacking(t->domain), wanted);
	return wanted;
}

static void limit_further_up_is_ours_if_nearly_all_is(struct kunit *test)
{
	struct room_test *t = test->priv;
	unsigned long headroom = mage_domain_headroom(t->domain);

	t->parent->memory.max = LIMIT;
	t->memcg->memory.max = PAGE_COUNTER_MAX;
	atomic_long_set(&t->parent->memory.usage, LIMIT - headroom + 1);
	atomic_long_set(&t->memcg->memory.usage, LIMIT - headroom + 1);
	KUNIT_EXPECT_EQ(test, mage_room_wanted(t->domain), 1);
	KUNIT_EXPECT_TRUE(test, has_work(test));
	/* Others have some. */
	atomic_long_set(&t->parent->memory.usage, LIMIT);
	atomic_long_set(&t->memcg->memory.usage, LIMIT - LIMIT / 8);
	KUNIT_EXPECT_TRUE(test, has_work(test));
	atomic_long_dec(&t->memcg->memory.usage);
	KUNIT_EXPECT_FALSE(test, has_work(test));
	/* Its own is always. */
	t->memcg->memory.max = LIMIT - LIMIT / 8;
	KUNIT_EXPECT_TRUE(test, has_work(test));
}

static void limit_further_up_is_not_ours_if_it_protects(struct kunit *test)
{
	struct room_test *t = test->priv;

	t->parent->memory.max = LIMIT;
	t->memcg->memory.max = PAGE_COUNTER_MAX;
	atomic_long_set(&t->parent->memory.usage, LIMIT);
	atomic_long_set(&t->memcg->memory.usage, LIMIT);
	KUNIT_EXPECT_TRUE(test, has_work(test));
	atomic_long_set(&t->parent->memory.children_low_usage, 1);
	KUNIT_EXPECT_FALSE(test, has_work(test));
	atomic_long_set(&t->parent->memory.children_low_usage, 0);
	atomic_long_set(&t->parent->memory.children_min_usage, 1);
	KUNIT_EXPECT_FALSE(test, has_work(test));
	t->memcg->memory.max = LIMIT;
	KUNIT_EXPECT_TRUE(test, has_work(test));
}

/* In place of the work that reclaims, for a cgroup that is none. */
static void reclaim_nothing(struct work_struct *work)
{
	mage_domain_put(container_of(work, struct mage_domain, stock_work));
}

static void what_leaves_is_room_to_come_for_a_while(struct kunit *test)
{
	struct room_test *t = test->priv;

	INIT_WORK(&t->domain->stock_work, reclaim_nothing);
	atomic_long_set(&t->domain->tree_victims, 3);
	KUNIT_EXPECT_FALSE(test, mage_stock_writes(t->domain, 0));
	mage_stock_leave(t->domain, 10);
	KUNIT_EXPECT_EQ(test, mage_domain_coming(t->domain), 3 + 10);
	mage_stock_leave(t->domain, 5);
	KUNIT_EXPECT_EQ(test, mage_domain_coming(t->domain), 3 + 15);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), 15);
	t->domain->leaving_at = jiffies - 60 * HZ;
	KUNIT_EXPECT_EQ(test, mage_domain_coming(t->domain), 3);
	KUNIT_EXPECT_FALSE(test, mage_stock_writes(t->domain, 0));
	mage_stock_leave(t->domain, 5);
	KUNIT_EXPECT_EQ(test, mage_domain_coming(t->domain), 3 + 5);
	KUNIT_EXPECT_FALSE(test, mage_stock_writes(t->domain, 100));
	KUNIT_EXPECT_EQ(test, mage_domain_coming(t->domain), 3);
	atomic_long_set(&t->domain->tree_victims, 0);
	flush_work(&t->domain->stock_work);
}

static void share_of_stock_does_not_lose_what_was_asked(struct kunit *test)
{
	struct room_test *t = test->priv;

	atomic_long_set(&t->domain->stock_debt, 256 * 10);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&t->domain->stock_debt), 256 * 10);
	atomic_long_set(&t->domain->stock_debt, 256 * 500);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), SWAP_CLUSTER_MAX);
	atomic_long_set(&t->domain->stock_debt, 256 * 500);
	atomic_long_set(&t->domain->stock_asked, 300);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), 300);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), 0);
}

static void for_others_stock_owes_a_little_at_a_time(struct kunit *test)
{
	struct room_test *t = test->priv;

	INIT_WORK(&t->domain->stock_work, reclaim_nothing);
	mage_stock_ask(t->domain, 300, false);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), SWAP_CLUSTER_MAX);
	mage_stock_ask(t->domain, 300, true);
	mage_stock_ask(t->domain, 300, false);
	KUNIT_EXPECT_EQ(test, mage_stock_owes(t->domain), 300);
	flush_work(&t->domain->stock_work);
}

static struct kunit_case room_test_cases[] = {
	KUNIT_CASE(room_is_given_without_progress),
	KUNIT_CASE(demand_is_forgotten),
	KUNIT_CASE(what_leaves_is_room_to_come_for_a_while),
	KUNIT_CASE(share_of_stock_does_not_lose_what_was_asked),
	KUNIT_CASE(for_others_stock_owes_a_little_at_a_time),
	KUNIT_CASE(smallest_limit_above_a_domain_holds),
	KUNIT_CASE(room_is_that_of_the_fullest_ancestor),
	KUNIT_CASE(headroom_grows_with_the_turnover_up_to_an_eighth),
	KUNIT_CASE(small_domain_keeps_an_eighth_at_most),
	KUNIT_CASE(what_a_policy_wants_is_clamped),
	KUNIT_CASE(domain_is_short_below_its_headroom),
	KUNIT_CASE(waits_make_headroom_grow_once_a_jiffy),
	KUNIT_CASE(headroom_shrinks_when_nobody_has_waited),
	KUNIT_CASE(stalled_domain_is_tried_again_later),
	KUNIT_CASE(limit_further_up_is_ours_if_nearly_all_is),
	KUNIT_CASE(limit_further_up_is_not_ours_if_it_protects),
	KUNIT_CASE(waiters_hear_of_room_and_of_its_end),
	{}
};

static struct kunit_suite room_test_suite = {
	.name = "mage_room",
	.init = room_test_init,
	.exit = room_test_exit,
	.test_cases = room_test_cases,
};

kunit_test_suite(room_test_suite);
