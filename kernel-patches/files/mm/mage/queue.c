// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the order in which threads that wait get what they wait for.
 *
 * Whoever has made room charges it to those that wait, one after the other, and wakes
 * these; so as many are woken as there is room for, and what was charged to them no thread
 * that comes meanwhile can take.  First come those that the policy favours, and what is kept in
 * reserve for others like them, then the rest, each in order of arrival.  What does not
 * fit is passed by what needs less.
 */
#include <linux/list_sort.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/sched.h>
#include <linux/sched/task.h>
#include <linux/sched/wake_q.h>
#include "queue.h"

/*
 * Favoured threads get so many pages, and then one of those in turn is served if any
 * waits: a policy that favours too many slows the others down and starves none.
 */
#define MAGE_PASSES_MOST	4

/**
 * mage_queue_init() - set up a queue in which nobody waits
 * @queue: the queue
 */
void mage_queue_init(struct mage_queue *queue)
{
	unsigned int kind;

	spin_lock_init(&queue->lock);
	for (kind = 0; kind < MAGE_QUEUE_KINDS; kind++)
		INIT_LIST_HEAD(&queue->waiters[kind]);
}

/**
 * mage_queue_join() - the current thread begins to wait
 * @queue: of the domain
 * @waiter: with its first part set
 *
 * Who has called this sets the state of the task, then looks whether it has to wait,
 * and has mage_queue_leave() called in the end.
 */
void mage_queue_join(struct mage_queue *queue, struct mage_waiter *waiter)
{
	unsigned long flags;

	waiter->task = current;
	waiter->room = MAGE_ROOM_NONE;
	spin_lock_irqsave(&queue->lock, flags);
	waiter->arrival = queue->arrivals++;
	waiter->passed = queue->served;
	waiter->yielded = queue->given;
	list_add_tail(&waiter->list, &queue->waiters[waiter->kind]);
	WRITE_ONCE(queue->waiting, queue->waiting + 1);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* It does not wait any more; the lock is held. */
static void mage_queue_remove(struct mage_queue *queue, struct mage_waiter *waiter)
{
	list_del(&waiter->list);
	WRITE_ONCE(queue->waiting, queue->waiting - 1);
	waiter->passed = queue->served - waiter->passed;
	waiter->yielded = queue->given - waiter->yielded;
}

/**
 * mage_queue_leave() - the current thread ceases to wait, for whatever reason
 * @queue: of the domain
 * @waiter: what mage_queue_join() was given
 *
 * Return: what it was given; who was given pages has them, be it killed meanwhile
 */
enum mage_room mage_queue_leave(struct mage_queue *queue, struct mage_waiter *waiter)
{
	/* Pairs with mage_waiter_release(), which does not look at the waiter any more. */
	enum mage_room room = smp_load_acquire(&waiter->room);
	unsigned long flags;

	if (room)
		return room;
	spin_lock_irqsave(&queue->lock, flags);
	if (waiter->room == MAGE_ROOM_NONE)
		mage_queue_remove(queue, waiter);
	spin_unlock_irqrestore(&queue->lock, flags);
	return waiter->room;
}

/*
 * It is woken when the lock has been dropped: it would wait for that, and so would those
 * that join.  From the release on the waiter may be gone, as its thread may go on by
 * itself; the task is held.
 */
static void mage_waiter_release(struct mage_queue *queue, struct mage_waiter *waiter,
				enum mage_room room, struct wake_q_head *wakes)
{
	struct task_struct *task = get_task_struct(waiter->task);

	mage_queue_remove(queue, waiter);
	/* Pairs with mage_queue_leave(). */
	smp_store_release(&waiter->room, room);
	wake_q_add_safe(wakes, task);
}

/* Lets a thread have its pages, if there is room for them. */
static bool mage_waiter_serve(struct mage_queue *queue, struct mage_waiter *waiter,
			      struct wake_q_head *wakes)
{
	bool in_turn = waiter->kind == MAGE_QUEUE_IN_TURN;
	unsigned int nr = waiter->nr_pages;
	struct page_counter *limit = &waiter->over_limit->memory, *counter;

	/* Others see a charge in vain for a moment, and might wait for it. */
	if (page_counter_read(limit) + nr > READ_ONCE(limit->max))
		return false;
	if (page_counter_try_charge(&waiter->memcg->memory, nr, &counter)) {
		mage_waiter_release(queue, waiter, MAGE_ROOM_CHARGED, wakes);
		queue->served += in_turn;
		queue->given += in_turn ? 0 : nr;
		return true;
	}
	if (counter == limit)
		return false;
	/* Another limit is in the way now: it is to find out which, and wait there. */
	mage_waiter_release(queue, waiter, MAGE_ROOM_MADE, wakes);
	return true;
}

/* Serves the first of a kind that can be; pages that it got, 0 if there is none. */
static unsigned int mage_queue_serve(struct mage_queue *queue, enum mage_queue_kind kind,
				     struct wake_q_head *wakes)
{
	struct mage_waiter *waiter;

	list_for_each_entry(waiter, &queue->waiters[kind], list) {
		unsigned int nr = waiter->nr_pages;

		if (mage_waiter_serve(queue, waiter, wakes))
			return nr;
		/* All below these limits: where one page does not fit no other does. */
		if (nr == 1)
			break;
	}
	return 0;
}

/* Room below all limits that a page counter is under, memory.high included. */
static unsigned long mage_counter_room(struct page_counter *counter)
{
	unsigned long room = ULONG_MAX;

	for (; counter; counter = counter->parent) {
		unsigned long usage = page_counter_read(counter);
		unsigned long limit = min(READ_ONCE(counter->max), READ_ONCE(counter->high));

		room = min(room, limit > usage ? limit - usage : 0);
	}
	return room;
}

/* Adds to the reserve; pages by which it has grown. */
static unsigned int mage_queue_fill(struct mage_queue *queue, struct mem_cgroup *memcg,
				    unsigned int most)
{
	struct page_counter *counter;
	unsigned int nr;

	if (queue->reserve >= queue->wanted)
		return 0;
	nr = min3(queue->wanted - queue->reserve, most, mage_counter_room(&memcg->memory));
	if (!nr || !page_counter_try_charge(&memcg->memory, nr, &counter))
		return 0;
	WRITE_ONCE(queue->reserve, queue->reserve + nr);
	queue->given += nr;
	return nr;
}

/* One step: serves a thread, or fills the reserve.  False if there is no room for that. */
static bool mage_queue_step(struct mage_queue *queue, struct mem_cgroup *memcg,
			    struct wake_q_head *wakes)
{
	bool others = !list_empty(&queue->waiters[MAGE_QUEUE_IN_TURN]);
	unsigned int most = UINT_MAX, nr;

	if (others)
		most = MAGE_PASSES_MOST - min(queue->passes, MAGE_PASSES_MOST - 1);
	else
		queue->passes = 0;
	if (queue->passes < MAGE_PASSES_MOST) {
		nr = mage_queue_serve(queue, MAGE_QUEUE_FAVOURED, wakes) ?:
		     mage_queue_fill(queue, memcg, most);
		if (nr) {
			queue->passes += others ? nr : 0;
			return true;
		}
	}
	if (mage_queue_serve(queue, MAGE_QUEUE_IN_TURN, wakes)) {
		queue->passes = 0;
		return true;
	}
	/* Those in turn need more than there is, and others may pass them. */
	return queue->passes >= MAGE_PASSES_MOST &&
	       (mage_queue_serve(queue, MAGE_QUEUE_FAVOURED, wakes) ||
		mage_queue_fill(queue, memcg, 1));
}

/**
 * __mage_queue_give() - give those that wait what there is
 * @queue: of a domain
 * @memcg: its memory cgroup
 * @progress: pages that its evictors have freed so far
 *
 * Not from interrupts.
 */
void __mage_queue_give(struct mage_queue *queue, struct mem_cgroup *memcg, long progress)
{
	struct mage_waiter *waiter, *next;
	unsigned long flags;
	DEFINE_WAKE_Q(wakes);

	spin_lock_irqsave(&queue->lock, flags);
	while (mage_queue_step(queue, memcg, &wakes))
		;
	list_for_each_entry_safe(waiter, next, &queue->waiters[MAGE_QUEUE_PROGRESS], list)
		if (progress - waiter->until >= 0)
			mage_waiter_release(queue, waiter, MAGE_ROOM_MADE, &wakes);
	spin_unlock_irqrestore(&queue->lock, flags);
	wake_up_q(&wakes);
}

/**
 * mage_queue_wake() - have all that wait look whether that makes sense still
 * @queue: of a domain
 *
 * They keep their places.
 */
void mage_queue_wake(struct mage_queue *queue)
{
	struct mage_waiter *waiter;
	unsigned long flags;
	unsigned int kind;

	spin_lock_irqsave(&queue->lock, flags);
	for (kind = 0; kind < MAGE_QUEUE_KINDS; kind++)
		list_for_each_entry(waiter, &queue->waiters[kind], list)
			wake_up_process(waiter->task);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/* Gives back what the reserve has beyond a number of pages. */
static void mage_queue_cut(struct mage_queue *queue, struct mem_cgroup *memcg, unsigned int to)
{
	if (queue->reserve <= to)
		return;
	page_counter_uncharge(&memcg->memory, queue->reserve - to);
	WRITE_ONCE(queue->reserve, to);
}

/**
 * mage_queue_take() - a favoured thread takes pages from the reserve
 * @queue: of the domain that it would have to wait at
 * @from: the memory cgroup of that
 * @memcg: the one to charge: that, or one below it
 * @wanted: pages that there are to be in reserve from now on
 * @nr: pages to charge
 *
 * Return: true if they are charged; false if there are not so many
 */
bool mage_queue_take(struct mage_queue *queue, struct mem_cgroup *from,
		     struct mem_cgroup *memcg, unsigned int wanted, unsigned int nr)
{
	struct page_counter *counter;
	unsigned long flags;
	bool taken;

	spin_lock_irqsave(&queue->lock, flags);
	if (!queue->shut)
		WRITE_ONCE(queue->wanted, wanted);
	taken = queue->reserve >= nr;
	if (taken)
		WRITE_ONCE(queue->reserve, queue->reserve - nr);
	mage_queue_cut(queue, from, queue->wanted);
	spin_unlock_irqrestore(&queue->lock, flags);
	if (!taken || from == memcg)
		return taken;
	/* Those are charged further up: for a moment they are anybody's. */
	page_counter_uncharge(&from->memory, nr);
	return page_counter_try_charge(&memcg->memory, nr, &counter);
}

/**
 * mage_queue_drain() - give the reserve back for now
 * @queue: of a domain
 * @memcg: its memory cgroup
 *
 * As what is in the CPUs' charge caches is, where a page is needed badly.
 */
void mage_queue_drain(struct mage_queue *queue, struct mem_cgroup *memcg)
{
	unsigned long flags;

	if (!READ_ONCE(queue->reserve))
		return;
	spin_lock_irqsave(&queue->lock, flags);
	mage_queue_cut(queue, memcg, 0);
	spin_unlock_irqrestore(&queue->lock, flags);
}

/**
 * mage_queue_shut() - give the reserve back for ever
 * @queue: of a domain that ends, or whose cgroup does
 * @memcg: its memory cgroup
 */
void mage_queue_shut(struct mage_queue *queue, struct mem_cgroup *memcg)
{
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	queue->shut = true;
	WRITE_ONCE(queue->wanted, 0);
	mage_queue_cut(queue, memcg, 0);
	spin_unlock_irqrestore(&queue->lock, flags);
}

static int mage_waiter_cmp(void *priv, const struct list_head *a, const struct list_head *b)
{
	const struct mage_waiter *first = list_entry(a, struct mage_waiter, list);
	const struct mage_waiter *second = list_entry(b, struct mage_waiter, list);

	return (long)(first->arrival - second->arrival) > 0;
}

/**
 * mage_queue_level() - what a policy has favoured it favours no longer
 * @queue: of a domain that has come under another policy
 * @memcg: its memory cgroup
 *
 * All that wait stand in order of arrival again.
 */
void mage_queue_level(struct mage_queue *queue, struct mem_cgroup *memcg)
{
	struct list_head *favoured = &queue->waiters[MAGE_QUEUE_FAVOURED];
	struct list_head *in_turn = &queue->waiters[MAGE_QUEUE_IN_TURN];
	struct mage_waiter *waiter;
	unsigned long flags;

	spin_lock_irqsave(&queue->lock, flags);
	list_for_each_entry(waiter, favoured, list)
		waiter->kind = MAGE_QUEUE_IN_TURN;
	list_splice_init(favoured, in_turn);
	list_sort(NULL, in_turn, mage_waiter_cmp);
	WRITE_ONCE(queue->wanted, 0);
	mage_queue_cut(queue, memcg, 0);
	queue->passes = 0;
	spin_unlock_irqrestore(&queue->lock, flags);
}
