// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of how long threads wait for room that nobody makes.
 *
 * What is counted is how often stock reclaim was asked for help: once for each slice that
 * was waited in vain.
 */
#include <kunit/test.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/sched/signal.h>
#include <linux/timer.h>
#include "domain.h"
#include "govern.h"
#include "knobs.h"
#include "policy.h"
#include "room.h"

#define LIMIT	100

/* Slices of a short wait: the first may end a moment early. */
#define SHORT	2

/**
 * struct wait_test - what each test works on
 * @domain: a domain that the evictors do not know
 * @memcg: its memory cgroup, full, of which there is no more than the counters
 * @parent: its parent, without limits
 * @over_limit: whose limit is in the way
 * @timer: wakes who waits
 */
struct wait_test {
	struct mage_domain *domain;
	struct mem_cgroup *memcg;
	struct mem_cgroup *parent;
	struct mem_cgroup *over_limit;
	struct timer_list timer;
};

/* Times that stock reclaim was to help. */
static atomic_t helped;

static void count_help(struct work_struct *work)
{
	atomic_inc(&helped);
	mage_domain_put(container_of(work, struct mage_domain, stock_work));
}

/* A memory cgroup of nothing but counters; sets no limit. */
static struct mem_cgroup *new_memcg(struct kunit *test)
{
	struct mem_cgroup *memcg = kunit_kzalloc(test, sizeof(*memcg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memcg);
	memcg->memory.max = PAGE_COUNTER_MAX;
	memcg->memory.high = PAGE_COUNTER_MAX;
	memcg->swap.high = PAGE_COUNTER_MAX;
	memcg->css.flags = CSS_NO_REF;
	INIT_LIST_HEAD(&memcg->css.children);
	return memcg;
}

static int wait_test_init(struct kunit *test)
{
	struct wait_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	if (!mage_enabled)
		kunit_skip(test, "booted with mage=off");
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->parent = new_memcg(test);
	t->memcg = new_memcg(test);
	t->memcg->css.parent = &t->parent->css;
	t->memcg->memory.max = LIMIT;
	t->over_limit = t->memcg;
	atomic_long_set(&t->memcg->memory.usage, LIMIT);
	t->domain = mage_domain_new();
	KUNIT_ASSERT_NOT_NULL(test, t->domain);
	t->domain->root_stats = alloc_percpu(struct mage_root_stats);
	KUNIT_ASSERT_NOT_NULL(test, t->domain->root_stats);
	INIT_WORK(&t->domain->stock_work, count_help);
	RCU_INIT_POINTER(t->domain->policy, &mage_builtin_policy);
	t->domain->memcg = t->memcg;
	RCU_INIT_POINTER(t->memcg->mage_domain, t->domain);
	atomic_set(&helped, 0);
	test->priv = t;
	return 0;
}

static void wait_test_exit(struct kunit *test)
{
	struct wait_test *t = test->priv;

	if (!t)
		return;
	flush_work(&t->domain->stock_work);
	mage_domain_free(&t->domain->rcu);
}

/* Waits for a page. */
static enum mage_room wait_for_room(struct wait_test *t, gfp_t gfp_mask)
{
	enum mage_room room;

	atomic_set(&helped, 0);
	room = __mage_wait_for_room(t->memcg, t->over_limit, gfp_mask, 1);
	flush_work(&t->domain->stock_work);
	return room;
}

/* The same as a thread of a program: one of the kernel's does not wait for long. */
static enum mage_room program_waits(struct wait_test *t, gfp_t gfp_mask)
{
	enum mage_room room;

	current->flags &= ~PF_KTHREAD;
	room = wait_for_room(t, gfp_mask);
	current->flags |= PF_KTHREAD;
	return room;
}

static u64 fallbacks(struct wait_test *t)
{
	return mage_stat_sum(t->domain->stats, MAGE_STAT_FALLBACKS);
}

static void who_holds_what_others_need_waits_one_slice(struct kunit *test)
{
	struct wait_test *t = test->priv;
	const gfp_t gfp_masks[] = { GFP_NOFS, GFP_NOIO, GFP_KERNEL & ~__GFP_IO,
				    GFP_KERNEL | __GFP_NORETRY };
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(gfp_masks); i++) {
		KUNIT_EXPECT_FALSE(test, program_waits(t, gfp_masks[i]));
		KUNIT_EXPECT_LE(test, atomic_read(&helped), SHORT);
		KUNIT_EXPECT_EQ(test, fallbacks(t), 0);
	}
	/* A thread of the kernel. */
	KUNIT_EXPECT_FALSE(test, wait_for_room(t, GFP_KERNEL));
	KUNIT_EXPECT_LE(test, atomic_read(&helped), SHORT);
	/* The evictors were not given up. */
	KUNIT_EXPECT_NE(test, t->domain->hopeless, atomic_long_read(&t->domain->progress));
}

static void who_finds_room_does_not_wait(struct kunit *test)
{
	struct wait_test *t = test->priv;

	atomic_long_set(&t->memcg->memory.usage, LIMIT - 2);
	KUNIT_EXPECT_EQ(test, program_waits(t, GFP_KERNEL), MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, program_waits(t, GFP_NOFS), MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, page_counter_read(&t->memcg->memory), LIMIT);
	KUNIT_EXPECT_EQ(test, atomic_read(&helped), 0);
	KUNIT_EXPECT_EQ(test, fallbacks(t), 0);
}

static void who_is_killed_leaves_its_place(struct kunit *test)
{
	struct wait_test *t = test->priv;
	enum mage_room room;

	/* As SIGKILL would, and it is not to be delivered. */
	sigaddset(&current->pending.signal, SIGKILL);
	set_tsk_thread_flag(current, TIF_SIGPENDING);
	room = program_waits(t, GFP_KERNEL);
	sigdelset(&current->pending.signal, SIGKILL);
	clear_tsk_thread_flag(current, TIF_SIGPENDING);
	KUNIT_EXPECT_EQ(test, room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, t->domain->queue.waiting, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&t->domain->nr_waiting), 0);
	KUNIT_EXPECT_EQ(test, fallbacks(t), 0);
}

static u32 asked_for;

static u32 favour_all(struct mage_domain *domain, u32 nr)
{
	asked_for += nr;
	return 4;
}

static struct mage_ops favouring_policy = {
	.name = "favouring",
	.reserve = favour_all,
};

static void who_is_favoured_takes_from_the_reserve(struct kunit *test)
{
	struct wait_test *t = test->priv;
	struct mage_queue *queue = &t->domain->queue;

	RCU_INIT_POINTER(t->domain->policy, &favouring_policy);
	asked_for = 0;
	/* It has to wait as long as there is none. */
	KUNIT_EXPECT_EQ(test, program_waits(t, GFP_NOFS), MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_WAITS), 1);
	atomic_long_sub(10, &t->memcg->memory.usage);
	mage_room_made(t->domain, 10);
	KUNIT_EXPECT_EQ(test, queue->reserve, 4);
	KUNIT_EXPECT_EQ(test, page_counter_read(&t->memcg->memory), LIMIT - 6);
	KUNIT_EXPECT_EQ(test, program_waits(t, GFP_KERNEL), MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, queue->reserve, 3);
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_WAITS), 1);
	KUNIT_EXPECT_EQ(test, asked_for, 2);
	/* One that was ejected has nothing to say. */
	t->domain->ejected = &favouring_policy;
	KUNIT_EXPECT_EQ(test, program_waits(t, GFP_KERNEL), MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, asked_for, 2);
	t->domain->ejected = NULL;
	mage_queue_shut(queue, t->memcg);
	KUNIT_EXPECT_EQ(test, page_counter_read(&t->memcg->memory), LIMIT - 8);
}

/* There is nothing to wait for where the limit is lower than what is wanted. */
static void what_never_fits_is_not_waited_for(struct kunit *test)
{
	struct wait_test *t = test->priv;

	atomic_long_set(&t->memcg->memory.usage, 0);
	KUNIT_EXPECT_FALSE(test, __mage_wait_for_room(t->memcg, t->memcg, GFP_KERNEL, LIMIT + 1));
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_WAITS), 0);
}

/* As evictors do that find nothing to free, if there seems to be a place for it. */
static void wake_for_nothing(struct timer_list *timer)
{
	struct wait_test *t = container_of(timer, struct wait_test, timer);

	mage_queue_wake(&t->domain->queue);
	mod_timer(timer, jiffies + 1);
}

static void time_outs_do_not_add_up(struct kunit *test)
{
	struct wait_test *t = test->priv;
	unsigned long begin = jiffies;

	timer_setup(&t->timer, wake_for_nothing, 0);
	mod_timer(&t->timer, jiffies + 1);
	KUNIT_EXPECT_FALSE(test, program_waits(t, GFP_KERNEL));
	timer_shutdown_sync(&t->timer);
	/* What ends a wait is time, and not how often the thread was woken. */
	KUNIT_EXPECT_TRUE(test, time_after_eq(jiffies, begin + 10 * HZ));
	KUNIT_EXPECT_GT(test, atomic_read(&helped), 10 * SHORT);
	KUNIT_EXPECT_EQ(test, t->domain->hopeless, atomic_long_read(&t->domain->progress));
	KUNIT_EXPECT_FALSE(test, program_waits(t, GFP_KERNEL));
	KUNIT_EXPECT_LE(test, atomic_read(&helped), SHORT);
	KUNIT_EXPECT_EQ(test, fallbacks(t), 2);
	/* As soon as a page is freed others wait as before. */
	mage_room_made(t->domain, 1);
	KUNIT_EXPECT_NE(test, t->domain->hopeless, atomic_long_read(&t->domain->progress));
}

/* Stock reclaim is to ask all that are below it. */
static void limit_further_up_that_is_others_too_is_not_waited_at(struct kunit *test)
{
	struct wait_test *t = test->priv;

	t->parent->memory.max = LIMIT;
	atomic_long_set(&t->parent->memory.usage, LIMIT);
	atomic_long_set(&t->memcg->memory.usage, LIMIT / 2);
	t->over_limit = t->parent;
	KUNIT_EXPECT_FALSE(test, program_waits(t, GFP_KERNEL));
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_WAITS), 0);
	atomic_long_set(&t->memcg->memory.usage, LIMIT);
	KUNIT_EXPECT_FALSE(test, program_waits(t, GFP_KERNEL | __GFP_NORETRY));
	KUNIT_EXPECT_EQ(test, mage_stat_sum(t->domain->stats, MAGE_STAT_WAITS), 1);
}

/* Times that an excess over a cgroup's own memory.high was counted. */
static long highs(struct mem_cgroup *memcg)
{
	return atomic_long_read(&memcg->memory_events_local[MEMCG_HIGH]);
}

static void small_excess_over_high_is_left_to_the_evictors(struct kunit *test)
{
	struct wait_test *t = test->priv;

	KUNIT_EXPECT_TRUE(test, __mage_handles_high(t->memcg));
	KUNIT_EXPECT_EQ(test, highs(t->memcg), 0);
	t->memcg->memory.high = LIMIT - 5;
	KUNIT_EXPECT_TRUE(test, __mage_handles_high(t->memcg));
	KUNIT_EXPECT_EQ(test, highs(t->memcg), 1);
	/* One further up that is not makes the stock way count both. */
	atomic_long_set(&t->parent->memory.usage, LIMIT);
	t->parent->memory.high = LIMIT / 10;
	KUNIT_EXPECT_FALSE(test, __mage_handles_high(t->memcg));
	KUNIT_EXPECT_EQ(test, highs(t->memcg), 1);
	KUNIT_EXPECT_EQ(test, highs(t->parent), 0);
	t->parent->memory.high = LIMIT - 1;
	KUNIT_EXPECT_TRUE(test, __mage_handles_high(t->memcg));
	KUNIT_EXPECT_EQ(test, highs(t->memcg), 2);
	KUNIT_EXPECT_EQ(test, highs(t->parent), 1);
}

/* The evictors make it no smaller, so the thread has to be slowed. */
static void excess_over_swap_high_is_not(struct kunit *test)
{
	struct wait_test *t = test->priv;

	atomic_long_set(&t->memcg->swap.usage, 5);
	t->memcg->swap.high = 5;
	KUNIT_EXPECT_TRUE(test, __mage_handles_high(t->memcg));
	t->memcg->swap.high = 4;
	KUNIT_EXPECT_FALSE(test, __mage_handles_high(t->memcg));
	t->memcg->swap.high = PAGE_COUNTER_MAX;
	atomic_long_set(&t->parent->swap.usage, 6);
	t->parent->swap.high = 5;
	KUNIT_EXPECT_FALSE(test, __mage_handles_high(t->memcg));
}

static struct kunit_case wait_test_cases[] = {
	KUNIT_CASE(who_holds_what_others_need_waits_one_slice),
	KUNIT_CASE(who_finds_room_does_not_wait),
	KUNIT_CASE(who_is_killed_leaves_its_place),
	KUNIT_CASE(who_is_favoured_takes_from_the_reserve),
	KUNIT_CASE(what_never_fits_is_not_waited_for),
	KUNIT_CASE(time_outs_do_not_add_up),
	KUNIT_CASE(limit_further_up_that_is_others_too_is_not_waited_at),
	KUNIT_CASE(small_excess_over_high_is_left_to_the_evictors),
	KUNIT_CASE(excess_over_swap_high_is_not),
	{}
};

static struct kunit_suite wait_test_suite = {
	.name = "mage_wait",
	.init = wait_test_init,
	.exit = wait_test_exit,
	.test_cases = wait_test_cases,
};

kunit_test_suite(wait_test_suite);
