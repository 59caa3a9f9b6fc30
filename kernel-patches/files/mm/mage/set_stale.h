/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: several far stores as one far device.
 *
 * The pages of a set are spread over columns: runs of MAGE_STRIPE_PAGES go to them in turn.
 * The far stores of a column, its legs, hold the same pages, each at the slot that the page
 * has in the column, where slots are dense again.
 *
 * For each leg there is a bit a slot, @stale: the leg has no copy of the page, or an old one.
 * What everything stands on:
 *
 *	A slot that is stale on a leg is never read from it.
 *
 * set_stale.c says who sets and clears the bits, set_write.c, set_read.c, set_resync.c and
 * set.c why nothing can come between.
 */
#ifndef _MM_MAGE_SET_STALE_H
#define _MM_MAGE_SET_STALE_H

#include <linux/atomic.h>
#include <linux/bitops.h>
#include <linux/completion.h>
#include <linux/list.h>
#include <linux/mage_backend.h>
#include <linux/mempool.h>
#include <linux/mutex.h>
#include <linux/percpu-refcount.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>

struct mage_column;
struct mage_copies;
struct mage_set;

/* Slots of a leg that are filled under one window. */
#define MAGE_WINDOW		512

/**
 * struct mage_leg - a far store of a set
 * @dev: as its backend sees it; suspended and failed are under the lock of the set
 * @set: the set
 * @column: the column; NULL before it is one of its legs
 * @number: given to no other leg of the set
 * @to: what it is connected to, without the secret
 * @live: pages may be read from it and are written to it: it is neither suspended nor has
 *	failed, nor is it @joining or @leaving.  Read without the lock by who reads
 * @joining: @stale is not complete yet
 * @leaving: it is being removed; what is only there counts as lost
 * @stale: a bit a slot of the column, see set_stale.c
 * @nr_stale: how many are set
 * @copied: pages that were copied to it
 * @why: why it is suspended, or has failed; "" if neither
 * @since_ns: when that began, ktime_get_boottime_ns()
 * @suspensions: how often it was suspended.  All from @live on is under the lock of the set
 * @nr_late: batches that were given up and have not come back, see set_stall.c.  @lock too
 * @stalled: it is suspended as it does not answer, until what was given up is back
 * @answered: jiffies of its last answer to a write
 * @detours_lock: protects @detours
 * @detours: reads of pages in whose place others are read, see set_detour.c
 * @leave_work: disconnects it when it has given back what it has
 * @watched: pages whose read was over at the last look of set_watch.c, whose this is
 * @looks: looks since reads are awaited and none has come; likewise
 * @users: reads under way
 * @idle: there are none, after @users was killed
 * @posted: pages that were to be read; by CPU, so that a fault writes to no line of others
 * @reads: pages whose read is over, likewise
 * @writes: pages written
 * @read_errors: pages that could not be read
 * @write_errors: pages that could not be written
 * @mismatches: pages that were read and did not fit their checksum
 */
struct mage_leg {
	struct mage_device dev;
	struct mage_set *set;
	struct mage_column *column;
	unsigned int number;
	struct mage_connect to;
	bool live;
	bool joining;
	bool leaving;
	unsigned long *stale;
	unsigned long nr_stale;
	unsigned long copied;
	char why[160];
	u64 since_ns;
	unsigned long suspensions;
	unsigned int nr_late;
	bool stalled;
	unsigned long answered;
	spinlock_t detours_lock;	/* @detours */
	struct list_head detours;
	struct delayed_work leave_work;
	unsigned long watched;
	unsigned int looks;
	struct percpu_ref users;
	struct completion idle;
	unsigned long __percpu *posted;
	unsigned long __percpu *reads;
	atomic_long_t writes;
	atomic_long_t read_errors;
	atomic_long_t write_errors;
	atomic_long_t mismatches;
};

/**
 * struct mage_column - legs that hold the same pages
 * @number: from 0 on
 * @nr_slots: pages of each leg
 * @written: a bit a slot: a write to it was posted at some time
 * @nr_written: how many are set.  Both are under the lock of the set
 * @nr_legs: elements of @legs that are, or were, in use; it only grows
 * @legs: written under the lock of the set, which its readers have, or RCU.  A place whose
 *	leg was removed is empty
 */
struct mage_column {
	unsigned int number;
	pgoff_t nr_slots;
	unsigned long *written;
	unsigned long nr_written;
	unsigned int nr_legs;
	struct mage_leg __rcu *legs[MAGE_LEGS_MAX];
};

/**
 * struct mage_set - several far stores as one far device
 * @dev: the far device
 * @index: N of /dev/mageN, for messages
 * @users: the device, and each leg, which may take longer to go
 * @nr_columns: elements of @columns that are in use; constant, as they are
 * @columns: the columns
 * @in_use: its legs decide how the device is: all are there, and none is being freed.  @lock
 * @lock: protects the state and the stale bits of legs and what says so; a leaf but for the
 *	lock of the far device's state.  A leg's backend takes it with locks of its own held
 * @pieces: of batches that are written, see set_write.c; has some in reserve
 * @made: pieces that are not over, the oldest first.  @lock, as the next
 * @waiting: batches for which there was none
 * @write_work: goes on with them
 * @write_queue: where it runs, with a thread in reserve, as evictors wait for it
 * @watch: looks for legs that do not answer
 * @looks: how often it did
 * @phase: which of @under_way pieces count in that are posted now.  @lock
 * @under_way: pieces of the one phase and of the other.  @lock
 * @drained: woken when one of them is 0
 * @filling: the leg that pages are copied to, NULL for none.  @lock, as the next two
 * @window: the first of the MAGE_WINDOW slots where that is done
 * @missed: of these slots, those that have become stale since, or once more
 * @mutex: held for a window, and while legs come and go
 * @resync: copies pages to legs that have stale ones
 * @stopping: it is to end
 * @rests: it waits for its time here
 * @copies: what it copies with
 * @next_number: of the next leg.  @mutex, as @nr_legs
 * @nr_legs: how many there are
 */
struct mage_set {
	struct mage_device *dev;
	int index;
	refcount_t users;
	unsigned int nr_columns;
	struct mage_column columns[MAGE_LEGS_MAX];

	bool in_use;
	spinlock_t lock;	/* held for moments, taken with irqs off */
	mempool_t *pieces;
	struct list_head made;
	struct list_head waiting;
	struct work_struct write_work;
	struct workqueue_struct *write_queue;
	struct delayed_work watch;
	unsigned int looks;
	unsigned int phase;
	unsigned int under_way[2];
	wait_queue_head_t drained;
	struct mage_leg *filling;
	pgoff_t window;
	DECLARE_BITMAP(missed, MAGE_WINDOW);

	struct mutex mutex;	/* taken before mage_disks_mutex */
	struct work_struct resync;
	bool stopping;
	wait_queue_head_t rests;
	struct mage_copies *copies;
	unsigned int next_number;
	unsigned int nr_legs;
};

/* The column of a slot of the set; @slot becomes that of the column. */
static inline struct mage_column *mage_set_column(struct mage_set *set, pgoff_t *slot)
{
	pgoff_t run;
	unsigned int column;

	if (set->nr_columns == 1)
		return &set->columns[0];
	run = *slot / MAGE_STRIPE_PAGES;
	column = run % set->nr_columns;
	*slot = run / set->nr_columns * MAGE_STRIPE_PAGES + *slot % MAGE_STRIPE_PAGES;
	return &set->columns[column];
}

/* The slot of the set that a slot of a column is. */
static inline pgoff_t mage_set_slot(const struct mage_set *set, const struct mage_column *column,
				    pgoff_t slot)
{
	return (slot / MAGE_STRIPE_PAGES * set->nr_columns + column->number) * MAGE_STRIPE_PAGES +
	       slot % MAGE_STRIPE_PAGES;
}

/* Under the lock of the set. */
static inline struct mage_leg *mage_column_leg(const struct mage_column *column, unsigned int i)
{
	return rcu_dereference_raw(column->legs[i]);
}

/* The next leg of a column, from place @i on; NULL after the last. */
static inline struct mage_leg *mage_column_next_leg(const struct mage_column *column,
						    unsigned int *i)
{
	struct mage_leg *leg;

	for (; *i < READ_ONCE(column->nr_legs); ++*i) {
		leg = mage_column_leg(column, *i);
		if (leg)
			return leg;
	}
	return NULL;
}

/* All legs of a column, under the lock of the set, its mutex or RCU. */
#define mage_for_each_leg(column, leg) \
	for (unsigned int _at = 0; ((leg) = mage_column_next_leg(column, &_at)); _at++)

void mage_set_kick(struct mage_set *set);
void mage_leg_set_stale(struct mage_leg *leg, pgoff_t slot);
void mage_leg_clear_stale(struct mage_leg *leg, pgoff_t slot);
bool mage_leg_may_have(const struct mage_leg *leg, pgoff_t slot);
bool mage_leg_is_spare(const struct mage_leg *leg);
bool mage_column_others_have(const struct mage_column *column, const struct mage_leg *leg,
			     pgoff_t slot, bool later);
bool mage_leg_doubt(struct mage_leg *leg, pgoff_t slot, bool sure);
int mage_column_look(struct mage_set *set, const struct mage_column *column, pgoff_t slot);

/* Whether pages are copied to a leg just where a slot is; under the lock. */
static inline bool mage_leg_is_filled(const struct mage_leg *leg, pgoff_t slot)
{
	const struct mage_set *set = leg->set;

	return set->filling == leg && slot >= set->window && slot - set->window < MAGE_WINDOW;
}

/* Whether a page can be read from a leg just now; with or without the lock. */
static inline bool mage_leg_can_read(const struct mage_leg *leg, pgoff_t slot)
{
	return READ_ONCE(leg->live) && !test_bit(slot, leg->stale);
}

#endif /* _MM_MAGE_SET_STALE_H */
