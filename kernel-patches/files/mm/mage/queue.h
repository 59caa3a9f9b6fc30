/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the order in which threads that wait get what they wait for.
 */
#ifndef _MM_MAGE_QUEUE_H
#define _MM_MAGE_QUEUE_H

#include <linux/list.h>
#include <linux/mage.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct mem_cgroup;
struct task_struct;

/**
 * enum mage_queue_kind - what a thread waits for, and where it stands
 * @MAGE_QUEUE_FAVOURED: for room, ahead of those in turn, as the policy wants
 * @MAGE_QUEUE_IN_TURN: for room, in order of arrival
 * @MAGE_QUEUE_PROGRESS: for pages that were asked for to be freed
 * @MAGE_QUEUE_KINDS: how many there are
 */
enum mage_queue_kind {
	MAGE_QUEUE_FAVOURED,
	MAGE_QUEUE_IN_TURN,
	MAGE_QUEUE_PROGRESS,
	MAGE_QUEUE_KINDS,
};

/**
 * struct mage_queue - threads that wait at a domain
 * @lock: protects all that is here, and what is said below of those that wait.  Taken
 *	with interrupts off, as a wake-up is; the only locks inside it are those of the
 *	scheduler
 * @waiters: those that wait, by kind, in order of arrival
 * @waiting: how many; read without the lock, as is @reserve, see mage_queue_wants()
 * @reserve: pages that are charged to the domain's cgroup for favoured threads that
 *	are to come
 * @wanted: pages that it is to be, as the policy has answered last
 * @passes: pages that favoured threads were given since a thread in turn was, though such
 *	were waiting
 * @arrivals: threads that have come to wait for room
 * @served: of those in turn, how many were given it
 * @given: pages that went to favoured threads that waited, and into the reserve
 * @shut: the cgroup or the domain is going: nothing is kept for anybody any more
 */
struct mage_queue {
	spinlock_t lock;		/* see above */
	struct list_head waiters[MAGE_QUEUE_KINDS];
	unsigned int waiting;
	unsigned int reserve;
	unsigned int wanted;
	unsigned int passes;
	unsigned long arrivals;
	unsigned long served;
	unsigned long given;
	bool shut;
};

/**
 * struct mage_waiter - a thread that waits, on its stack
 * @kind: enum mage_queue_kind; one that is favoured may become one in turn
 * @memcg: for room: what is to be charged
 * @over_limit: for room: the memory cgroup below whose limit there is none
 * @nr_pages: for room: how many pages
 * @until: for progress: that to be reached
 * @list: on the queue, until it was given what it waits for
 * @task: the thread
 * @arrival: its number
 * @passed: threads in turn that were given room while it waited; before that those
 *	that had been given any
 * @yielded: likewise, pages that went to favoured threads and into the reserve
 * @room: what it was given; set once, when it leaves the queue
 *
 * The first five are set by who waits, the rest by mage_queue_join().
 */
struct mage_waiter {
	enum mage_queue_kind kind;
	struct mem_cgroup *memcg;
	struct mem_cgroup *over_limit;
	unsigned int nr_pages;
	long until;
	struct list_head list;
	struct task_struct *task;
	unsigned long arrival;
	unsigned long passed;
	unsigned long yielded;
	enum mage_room room;
};

void mage_queue_init(struct mage_queue *queue);
void mage_queue_join(struct mage_queue *queue, struct mage_waiter *waiter);
enum mage_room mage_queue_leave(struct mage_queue *queue, struct mage_waiter *waiter);
void __mage_queue_give(struct mage_queue *queue, struct mem_cgroup *memcg, long progress);
void mage_queue_wake(struct mage_queue *queue);
bool mage_queue_take(struct mage_queue *queue, struct mem_cgroup *from,
		     struct mem_cgroup *memcg, unsigned int wanted, unsigned int nr);
void mage_queue_level(struct mage_queue *queue, struct mem_cgroup *memcg);
void mage_queue_drain(struct mage_queue *queue, struct mem_cgroup *memcg);
void mage_queue_shut(struct mage_queue *queue, struct mem_cgroup *memcg);

/*
 * Whether there is anybody, or anything, to give room to.  Without the lock: a waiter
 * adds itself before it looks at the room, with a full barrier in between, and who has
 * made room calls this after one.  So one of the two sees the other.
 */
static inline bool mage_queue_wants(const struct mage_queue *queue)
{
	return READ_ONCE(queue->waiting) ||
	       READ_ONCE(queue->reserve) < READ_ONCE(queue->wanted);
}

/* Pages were freed, @progress in all so far, or there may be room for another reason. */
static inline void mage_queue_give(struct mage_queue *queue, struct mem_cgroup *memcg,
				   long progress)
{
	/* What was freed before, the look after: see mage_queue_wants(). */
	smp_mb();
	if (mage_queue_wants(queue))
		__mage_queue_give(queue, memcg, progress);
}

#endif /* _MM_MAGE_QUEUE_H */
