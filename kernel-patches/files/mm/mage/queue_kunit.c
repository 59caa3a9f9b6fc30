// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of the order in which threads that wait for room get it.
 *
 * One thread stands for all that wait: who is served is told by what it was given.
 */
#include <kunit/test.h>
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include "queue.h"

#define LIMIT	100

/* More than any test needs. */
#define WAITERS	12

/**
 * struct queue_test - what each test works on
 * @queue: the queue
 * @memcg: memory cgroup that it is of, of which there is no more than the counter; full
 * @parent: its parent, without limits
 * @waiter: those that wait, as many as have come
 * @nr: how many
 */
struct queue_test {
	struct mage_queue queue;
	struct mem_cgroup *memcg;
	struct mem_cgroup *parent;
	struct mage_waiter waiter[WAITERS];
	unsigned int nr;
};

static struct mem_cgroup *new_memcg(struct kunit *test)
{
	struct mem_cgroup *memcg = kunit_kzalloc(test, sizeof(*memcg), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, memcg);
	memcg->memory.max = PAGE_COUNTER_MAX;
	memcg->memory.high = PAGE_COUNTER_MAX;
	return memcg;
}

static int queue_test_init(struct kunit *test)
{
	struct queue_test *t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, t);
	t->parent = new_memcg(test);
	t->memcg = new_memcg(test);
	t->memcg->memory.parent = &t->parent->memory;
	t->memcg->memory.max = LIMIT;
	page_counter_charge(&t->memcg->memory, LIMIT);
	mage_queue_init(&t->queue);
	test->priv = t;
	return 0;
}

/* Nobody is left behind, and what is charged is what is known to be. */
static void queue_test_exit(struct kunit *test)
{
	struct queue_test *t = test->priv;

	if (!t)
		return;
	mage_queue_shut(&t->queue, t->memcg);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 0);
	KUNIT_EXPECT_EQ(test, t->queue.waiting, 0);
	KUNIT_EXPECT_EQ(test, page_counter_read(&t->memcg->memory),
			page_counter_read(&t->parent->memory));
}

static struct mage_waiter *wait_for(struct queue_test *t, enum mage_queue_kind kind,
				    unsigned int nr_pages)
{
	struct mage_waiter *waiter = &t->waiter[t->nr++];

	waiter->kind = kind;
	waiter->memcg = t->memcg;
	waiter->over_limit = t->memcg;
	waiter->nr_pages = nr_pages;
	mage_queue_join(&t->queue, waiter);
	return waiter;
}

/* So many pages are freed. */
static void free_pages_of(struct queue_test *t, unsigned int nr)
{
	page_counter_uncharge(&t->memcg->memory, nr);
	mage_queue_give(&t->queue, t->memcg, 0);
}

static unsigned long usage(struct queue_test *t)
{
	return page_counter_read(&t->memcg->memory);
}

/* All that waited go; how many of them had got their pages. */
static unsigned int all_leave(struct queue_test *t)
{
	unsigned int i, charged = 0;

	for (i = 0; i < t->nr; i++)
		charged += mage_queue_leave(&t->queue, &t->waiter[i]) == MAGE_ROOM_CHARGED;
	t->nr = 0;
	return charged;
}

static void as_many_are_served_as_there_is_room_for(struct kunit *test)
{
	struct queue_test *t = test->priv;
	unsigned int i;

	for (i = 0; i < 6; i++)
		wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_EQ(test, t->queue.waiting, 6);
	free_pages_of(t, 4);
	/* In order of arrival, and their pages are charged: no room is left to who comes. */
	for (i = 0; i < 6; i++)
		KUNIT_EXPECT_EQ(test, t->waiter[i].room,
				i < 4 ? MAGE_ROOM_CHARGED : MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT);
	free_pages_of(t, 10);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 8);
	KUNIT_EXPECT_EQ(test, all_leave(t), 6);
}

static void only_who_is_served_is_woken(struct kunit *test)
{
	struct queue_test *t = test->priv;

	wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	set_current_state(TASK_UNINTERRUPTIBLE);
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_TRUE(test, get_current_state() == TASK_UNINTERRUPTIBLE);
	/* Unless all are to look. */
	mage_queue_wake(&t->queue);
	KUNIT_EXPECT_TRUE(test, get_current_state() == TASK_RUNNING);
	KUNIT_EXPECT_EQ(test, t->waiter[0].room, MAGE_ROOM_NONE);
	set_current_state(TASK_UNINTERRUPTIBLE);
	free_pages_of(t, 1);
	KUNIT_EXPECT_TRUE(test, get_current_state() == TASK_RUNNING);
	__set_current_state(TASK_RUNNING);
	KUNIT_EXPECT_EQ(test, all_leave(t), 1);
}

static void who_leaves_gives_up_its_place(struct kunit *test)
{
	struct queue_test *t = test->priv;

	wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	wait_for(t, MAGE_QUEUE_FAVOURED, 1);
	wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->queue, &t->waiter[0]), MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->queue, &t->waiter[1]), MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, t->queue.waiting, 1);
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->queue, &t->waiter[2]), MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, t->waiter[0].room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, t->waiter[1].room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT);
}

static void who_is_favoured_comes_first(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mage_waiter *first = wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	struct mage_waiter *favoured = wait_for(t, MAGE_QUEUE_FAVOURED, 1);
	struct mage_waiter *later = wait_for(t, MAGE_QUEUE_FAVOURED, 1);

	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, favoured->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, later->room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, first->room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, favoured->passed, 0);
	free_pages_of(t, 2);
	KUNIT_EXPECT_EQ(test, all_leave(t), 3);
}

/* One that waits again and again, and one that was there before. */
static void who_is_favoured_starves_nobody(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mage_waiter *other = wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	struct mage_waiter *favoured;
	unsigned int i;

	for (i = 0; i < 4; i++) {
		favoured = wait_for(t, MAGE_QUEUE_FAVOURED, 1);
		free_pages_of(t, 1);
		KUNIT_EXPECT_EQ(test, favoured->room, MAGE_ROOM_CHARGED);
		KUNIT_EXPECT_EQ(test, other->room, MAGE_ROOM_NONE);
	}
	favoured = wait_for(t, MAGE_QUEUE_FAVOURED, 1);
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, favoured->room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, other->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, other->passed, 0);
	KUNIT_EXPECT_EQ(test, other->yielded, 4);
	/* And the next is its turn again, though others wait. */
	wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, favoured->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, favoured->passed, 1);
	KUNIT_EXPECT_EQ(test, all_leave(t), 6);
}

/* Neither does the reserve, however often it is taken. */
static void the_reserve_starves_nobody(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mage_waiter *other = wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	unsigned int i;

	KUNIT_EXPECT_FALSE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1));
	for (i = 0; i < 4; i++) {
		free_pages_of(t, 1);
		KUNIT_EXPECT_EQ(test, other->room, MAGE_ROOM_NONE);
		KUNIT_EXPECT_TRUE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1));
	}
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, other->room, MAGE_ROOM_CHARGED);
	/* A batch at once is dealt out in the same way. */
	other = wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	free_pages_of(t, 5);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 4);
	KUNIT_EXPECT_EQ(test, other->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, other->yielded, 4);
	KUNIT_EXPECT_EQ(test, all_leave(t), 2);
}

static void what_does_not_fit_is_passed_by_what_does(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mage_waiter *huge = wait_for(t, MAGE_QUEUE_IN_TURN, 50);
	struct mage_waiter *small = wait_for(t, MAGE_QUEUE_IN_TURN, 2);
	struct mage_waiter *favoured;
	unsigned int i;

	free_pages_of(t, 3);
	KUNIT_EXPECT_EQ(test, huge->room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, small->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 1);
	/* Nor do favoured ones wait for it, when they have had their share. */
	for (i = 0; i < 6; i++) {
		favoured = wait_for(t, MAGE_QUEUE_FAVOURED, 1);
		free_pages_of(t, 1);
		KUNIT_EXPECT_EQ(test, favoured->room, MAGE_ROOM_CHARGED);
	}
	KUNIT_EXPECT_EQ(test, huge->room, MAGE_ROOM_NONE);
	free_pages_of(t, 60);
	KUNIT_EXPECT_EQ(test, huge->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, all_leave(t), 8);
}

static void who_meets_another_limit_waits_there(struct kunit *test)
{
	struct queue_test *t = test->priv;

	t->parent->memory.max = LIMIT;
	wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	page_counter_charge(&t->parent->memory, 5);
	free_pages_of(t, 2);
	KUNIT_EXPECT_EQ(test, t->waiter[0].room, MAGE_ROOM_MADE);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 2);
	/* One that waits for room below the other limit is not woken before there is some. */
	wait_for(t, MAGE_QUEUE_IN_TURN, 1)->over_limit = t->parent;
	free_pages_of(t, 2);
	KUNIT_EXPECT_EQ(test, t->waiter[1].room, MAGE_ROOM_NONE);
	/* Nor is anything kept in reserve for which there is none. */
	mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1);
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 0);
	t->memcg->memory.max = 2 * LIMIT;
	page_counter_uncharge(&t->parent->memory, 6);
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 4);
	KUNIT_EXPECT_EQ(test, t->waiter[1].room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, all_leave(t), 1);
	page_counter_charge(&t->parent->memory, 1);
}

static void the_reserve_is_charged_and_given_back(struct kunit *test)
{
	struct queue_test *t = test->priv;

	/* There is none before a favoured thread has come, and had to wait. */
	free_pages_of(t, 20);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 0);
	KUNIT_EXPECT_FALSE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1));
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 8);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 12);
	KUNIT_EXPECT_FALSE(test, mage_queue_wants(&t->queue));
	/* Who takes from it has its pages charged already. */
	KUNIT_EXPECT_TRUE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 3));
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 5);
	KUNIT_EXPECT_FALSE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 6));
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 12);
	/* The policy wants less. */
	KUNIT_EXPECT_TRUE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 2, 1));
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 2);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 14);
	mage_queue_drain(&t->queue, t->memcg);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 16);
	/* That was for once. */
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 2);
	mage_queue_shut(&t->queue, t->memcg);
	mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1);
	mage_queue_give(&t->queue, t->memcg, 0);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 0);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 16);
}

static void memory_high_is_not_exceeded_for_the_reserve(struct kunit *test)
{
	struct queue_test *t = test->priv;

	t->memcg->memory.high = LIMIT - 10;
	mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1);
	free_pages_of(t, 15);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 5);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 10);
}

/* The reserve is of the cgroup that has the limit, the thread of one below. */
static void a_thread_further_down_has_its_own_charged(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mem_cgroup *child = new_memcg(test);

	child->memory.parent = &t->memcg->memory;
	mage_queue_take(&t->queue, t->memcg, child, 8, 1);
	free_pages_of(t, 8);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT);
	KUNIT_EXPECT_TRUE(test, mage_queue_take(&t->queue, t->memcg, child, 8, 3));
	KUNIT_EXPECT_EQ(test, page_counter_read(&child->memory), 3);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 5);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT);
	/* If it cannot be charged there nothing is. */
	child->memory.max = 3;
	KUNIT_EXPECT_FALSE(test, mage_queue_take(&t->queue, t->memcg, child, 8, 2));
	KUNIT_EXPECT_EQ(test, page_counter_read(&child->memory), 3);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 3);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 2);
}

static void under_another_policy_all_are_equal(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mage_waiter *first = wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	struct mage_waiter *second = wait_for(t, MAGE_QUEUE_FAVOURED, 1);
	struct mage_waiter *third = wait_for(t, MAGE_QUEUE_IN_TURN, 1);
	struct mage_waiter *fourth = wait_for(t, MAGE_QUEUE_FAVOURED, 50);

	KUNIT_EXPECT_FALSE(test, mage_queue_take(&t->queue, t->memcg, t->memcg, 8, 1));
	t->queue.reserve = 8;
	mage_queue_level(&t->queue, t->memcg);
	KUNIT_EXPECT_EQ(test, t->queue.reserve, 0);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 8);
	page_counter_charge(&t->memcg->memory, 8);
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, first->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, second->room, MAGE_ROOM_NONE);
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, second->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, third->room, MAGE_ROOM_NONE);
	free_pages_of(t, 1);
	KUNIT_EXPECT_EQ(test, third->room, MAGE_ROOM_CHARGED);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->queue, fourth), MAGE_ROOM_NONE);
	/* Nothing is kept before the new one asks for it. */
	free_pages_of(t, 5);
	KUNIT_EXPECT_EQ(test, usage(t), LIMIT - 5);
}

static void who_waits_for_progress_is_woken_by_it(struct kunit *test)
{
	struct queue_test *t = test->priv;
	struct mage_waiter *soon = &t->waiter[0], *late = &t->waiter[1];

	soon->kind = MAGE_QUEUE_PROGRESS;
	soon->until = 5;
	late->kind = MAGE_QUEUE_PROGRESS;
	late->until = 50;
	mage_queue_join(&t->queue, late);
	mage_queue_join(&t->queue, soon);
	mage_queue_give(&t->queue, t->memcg, 4);
	KUNIT_EXPECT_EQ(test, soon->room, MAGE_ROOM_NONE);
	mage_queue_give(&t->queue, t->memcg, 5);
	KUNIT_EXPECT_EQ(test, soon->room, MAGE_ROOM_MADE);
	KUNIT_EXPECT_EQ(test, late->room, MAGE_ROOM_NONE);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->queue, soon), MAGE_ROOM_MADE);
	KUNIT_EXPECT_EQ(test, mage_queue_leave(&t->queue, late), MAGE_ROOM_NONE);
}

static struct kunit_case queue_test_cases[] = {
	KUNIT_CASE(as_many_are_served_as_there_is_room_for),
	KUNIT_CASE(only_who_is_served_is_woken),
	KUNIT_CASE(who_leaves_gives_up_its_place),
	KUNIT_CASE(who_is_favoured_comes_first),
	KUNIT_CASE(who_is_favoured_starves_nobody),
	KUNIT_CASE(the_reserve_starves_nobody),
	KUNIT_CASE(what_does_not_fit_is_passed_by_what_does),
	KUNIT_CASE(who_meets_another_limit_waits_there),
	KUNIT_CASE(the_reserve_is_charged_and_given_back),
	KUNIT_CASE(memory_high_is_not_exceeded_for_the_reserve),
	KUNIT_CASE(a_thread_further_down_has_its_own_charged),
	KUNIT_CASE(under_another_policy_all_are_equal),
	KUNIT_CASE(who_waits_for_progress_is_woken_by_it),
	{}
};

static struct kunit_suite queue_test_suite = {
	.name = "mage_queue",
	.init = queue_test_init,
	.exit = queue_test_exit,
	.test_cases = queue_test_cases,
};

kunit_test_suite(queue_test_suite);
