// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of flights: pages that are read ahead of their faults, in a process, a
 * cgroup and on a far device of their own.
 */
#include <kunit/test.h>
#include <linux/kthread.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/mman.h>
#include <linux/page_counter.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include <linux/userfaultfd.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <asm/unistd.h>
#include "../swap.h"
#include "bed_kunit.h"
#include "disk.h"
#include "domain.h"
#include "flight.h"
#include "knobs.h"
#include "limit.h"
#include "policy.h"
#include "prefetch.h"
#include "room.h"

#define SEED		11
/* Pages that are far, and of these, from the second on, in flight. */
#define FAR		8
#define FLYING		4

/* No thread has to wait for so long. */
#define PATIENCE	(10 * HZ)

static struct swap_info_struct *area_of(struct mage_bed *bed)
{
	return bed->disk->si;
}

static unsigned char mark_of(struct mage_bed *bed, swp_entry_t entry)
{
	return READ_ONCE(area_of(bed)->swap_map[swp_offset(entry)]);
}

static swp_entry_t entry_of(struct mage_bed *bed, unsigned int i)
{
	swp_entry_t entry = {};

	KUNIT_EXPECT_TRUE(bed->test, mage_bed_is_far(bed, i, &entry));
	return entry;
}

static int flying(struct mage_bed *bed)
{
	return atomic_read(&bed->domain->flying);
}

/* Has pages read, by number. */
static unsigned int fly(struct mage_bed *bed, unsigned int first, unsigned int nr,
			unsigned long *others)
{
	unsigned long address[MAGE_FLIGHT_MAX];
	unsigned int i, started;

	for (i = 0; i < nr; i++)
		address[i] = mage_bed_at(bed, first + i);
	mmap_read_lock(bed->mm);
	rcu_read_lock();
	started = mage_flight_start(bed->domain, find_vma(bed->mm, address[0]),
				    area_of(bed)->type, address, nr, others);
	rcu_read_unlock();
	mmap_read_unlock(bed->mm);
	return started;
}

/* Pages are far, and all but the first, and some at the end, are in flight. */
static void take_off(struct mage_bed *bed)
{
	unsigned long others;

	mage_bed_fill(bed, 0, FAR, SEED);
	mage_bed_evict(bed, 0, FAR);
	atomic_set(&bed->store.reads, 0);
	KUNIT_ASSERT_EQ(bed->test, fly(bed, 1, FLYING, &others), FLYING);
	KUNIT_EXPECT_EQ(bed->test, others, 0);
	KUNIT_EXPECT_EQ(bed->test, flying(bed), FLYING);
}

/* Nothing is in flight, or marked as if it were. */
static void expect_landed(struct mage_bed *bed)
{
	unsigned int i;

	KUNIT_EXPECT_EQ(bed->test, flying(bed), 0);
	for (i = 1; i <= MAGE_BED_SLOTS; i++)
		KUNIT_EXPECT_FALSE(bed->test, area_of(bed)->swap_map[i] & SWAP_HAS_CACHE);
}

static void expect_held(struct mage_bed *bed)
{
	unsigned int i;

	for (i = 0; i < FAR; i++)
		KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, SEED));
}

static bool can_read(struct mage_bed *bed, unsigned int i)
{
	u8 byte;

	return !get_user(byte, (u8 __user *)mage_bed_at(bed, i));
}

/* In flight, they look far to all but who wants one of them. */
static void page_in_flight_is_marked_and_found(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_flight *flight;
	unsigned int i, index;

	take_off(bed);
	for (i = 0; i < FAR; i++) {
		swp_entry_t entry = entry_of(bed, i);
		bool flies = i >= 1 && i <= FLYING;

		KUNIT_EXPECT_EQ(test, mark_of(bed, entry), flies ? SWAP_HAS_CACHE | 1 : 1);
		KUNIT_EXPECT_EQ(test, __swap_count(entry), 1);
		flight = mage_flight_find(entry, &index);
		KUNIT_EXPECT_EQ(test, !!flight, flies);
		if (flight) {
			KUNIT_EXPECT_EQ(test, index, i - 1);
			mage_flight_put(flight);
		}
	}
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING);
	expect_held(bed);
	expect_landed(bed);
}

/* One fault maps them all; those that nobody has touched look unused. */
static void fault_maps_what_has_arrived(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	take_off(bed);
	KUNIT_EXPECT_TRUE(test, can_read(bed, 2));
	expect_landed(bed);
	for (i = 1; i <= FLYING; i++) {
		KUNIT_ASSERT_FALSE(test, mage_bed_is_far(bed, i, NULL));
		KUNIT_EXPECT_EQ(test, !!pte_young(mage_bed_pte(bed, i)), i == 2);
		KUNIT_EXPECT_FALSE(test, pte_dirty(mage_bed_pte(bed, i)));
		KUNIT_EXPECT_EQ(test, (u32)mage_bed_frame(bed, i)->state, MAGE_FRAME_LISTED);
		KUNIT_EXPECT_EQ(test, !!mage_bed_frame(bed, i)->prefetched, i != 2);
		KUNIT_EXPECT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, i)));
		KUNIT_EXPECT_EQ(test, __swap_count(mage_frame_entry(mage_bed_frame(bed, i))), 1);
	}
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_FAULTS), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), FLYING);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, FLYING + 1, NULL));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), FAR);
	expect_held(bed);
	/* They go again, and no byte is wrong. */
	mage_bed_evict(bed, 0, FAR);
	expect_held(bed);
}

static void page_that_is_written_to_is_dirty(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	take_off(bed);
	KUNIT_EXPECT_TRUE(test, mage_bed_write(bed, 3, SEED + 1));
	expect_landed(bed);
	KUNIT_EXPECT_TRUE(test, pte_dirty(mage_bed_pte(bed, 3)));
	KUNIT_EXPECT_FALSE(test, pte_dirty(mage_bed_pte(bed, 2)));
	mage_bed_evict(bed, 3, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 3, SEED + 1));
	KUNIT_EXPECT_TRUE(test, mage_bed_write(bed, 3, SEED));
	expect_held(bed);
}

/* Of those that take it out one wins, and not before it has arrived. */
static void page_is_taken_once_it_has_arrived(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_flight *flight;
	unsigned int i, index;

	bed->store.hold_reads = true;
	take_off(bed);
	flight = mage_flight_find(entry_of(bed, 1), &index);
	KUNIT_ASSERT_NOT_NULL(test, flight);
	KUNIT_EXPECT_EQ(test, flight->nr, FLYING);
	for (i = 0; i < FLYING; i++) {
		KUNIT_EXPECT_FALSE(test, mage_flight_has_arrived(flight, i));
		KUNIT_EXPECT_FALSE(test, mage_flight_take(flight, i));
	}
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), 0);
	/* Two of them. */
	flight->batch.arrived(&flight->batch, 2);
	KUNIT_EXPECT_TRUE(test, mage_flight_take(flight, 1));
	KUNIT_EXPECT_FALSE(test, mage_flight_take(flight, 1));
	KUNIT_EXPECT_FALSE(test, mage_flight_take(flight, 2));
	/* What is taken is nobody else's to drop. */
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), 1);
	mage_flight_drop_taken(flight, BIT(1));
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 2);
	mage_bed_arrive(bed);
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), FLYING - 2);
	/* Nobody finds it any more, and this is the last reference. */
	KUNIT_EXPECT_NULL(test, flight->domain);
	KUNIT_EXPECT_EQ(test, refcount_read(&flight->refs), 1);
	mage_flight_put(flight);
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), FLYING);
	bed->store.hold_reads = false;
	expect_held(bed);
}

/**
 * struct arrival - what lets reads arrive once a thread waits for one
 * @work: does it
 * @bed: whose store holds them
 * @flight: the flight, with a reference
 */
struct arrival {
	struct work_struct work;
	struct mage_bed *bed;
	struct mage_flight *flight;
};

static void arrive(struct work_struct *work)
{
	struct arrival *arrival = container_of(work, struct arrival, work);

	/* A look, again and again: nothing has to be seen with it. */
	while (!waitqueue_active(&arrival->flight->wait))
		schedule_timeout_idle(1);
	mage_bed_arrive(arrival->bed);
}

static void fault_waits_for_its_page(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct arrival arrival = { .bed = bed };
	unsigned int index;

	bed->store.hold_reads = true;
	take_off(bed);
	bed->store.hold_reads = false;
	arrival.flight = mage_flight_find(entry_of(bed, FLYING), &index);
	KUNIT_ASSERT_NOT_NULL(test, arrival.flight);
	INIT_WORK_ONSTACK(&arrival.work, arrive);
	queue_work(system_unbound_wq, &arrival.work);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, FLYING, SEED));
	flush_work(&arrival.work);
	destroy_work_on_stack(&arrival.work);
	mage_flight_put(arrival.flight);
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 1, NULL));
	expect_held(bed);
}

/**
 * struct toucher - another thread of the process, which reads a page
 * @work: does it
 * @bed: whose page
 * @i: which
 * @task: who does it, once he is about to
 * @faults: how many page faults he had taken by then
 * @could: he could read it
 */
struct toucher {
	struct work_struct work;
	struct mage_bed *bed;
	unsigned int i;
	struct task_struct *task;
	unsigned long faults;
	bool could;
};

static void touch(struct work_struct *work)
{
	struct toucher *toucher = container_of(work, struct toucher, work);

	kthread_use_mm(toucher->bed->mm);
	toucher->faults = current->min_flt;
	/* Pairs with faults_of(). */
	smp_store_release(&toucher->task, current);
	toucher->could = can_read(toucher->bed, toucher->i);
	kthread_unuse_mm(toucher->bed->mm);
}

static void toucher_start(struct toucher *toucher, struct mage_bed *bed, unsigned int i)
{
	*toucher = (struct toucher){ .bed = bed, .i = i };
	INIT_WORK_ONSTACK(&toucher->work, touch);
	queue_work(system_unbound_wq, &toucher->work);
}

static void toucher_end(struct toucher *toucher)
{
	flush_work(&toucher->work);
	destroy_work_on_stack(&toucher->work);
	KUNIT_EXPECT_TRUE(toucher->bed->test, toucher->could);
}

/* Faults that he has had; for as long as the page is kept from him. */
static unsigned long faults_of(const struct toucher *toucher)
{
	/* Pairs with touch(). */
	struct task_struct *task = smp_load_acquire(&toucher->task);

	return task ? READ_ONCE(task->min_flt) - toucher->faults : 0;
}

/* Whoever has it may need the CPU to go on, and have a lower priority. */
static void fault_on_a_taken_page_sleeps(struct kunit *test)
{
	const unsigned long faults = 8;
	struct mage_bed *bed = test->priv;
	unsigned long begun, end;
	struct mage_flight *flight;
	struct toucher toucher;
	unsigned int index;

	take_off(bed);
	flight = mage_flight_find(entry_of(bed, 1), &index);
	KUNIT_ASSERT_NOT_NULL(test, flight);
	KUNIT_EXPECT_TRUE(test, mage_flight_take(flight, index));
	begun = jiffies;
	end = begun + PATIENCE;
	toucher_start(&toucher, bed, 1);
	while (faults_of(&toucher) < faults && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_GE(test, faults_of(&toucher), faults);
	/* Each lasts until a tick. */
	KUNIT_EXPECT_GE(test, jiffies - begun, faults - 1);
	mage_flight_drop_taken(flight, BIT(index));
	mage_flight_put(flight);
	toucher_end(&toucher);
	expect_held(bed);
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FAR + 1);
}

/* As if it had never been read: only the count of what was in vain tells. */
static void what_is_dropped_is_far_as_before(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page_counter *memory = &bed->domain->memcg->memory;
	unsigned long before;
	unsigned int i;

	take_off(bed);
	/* Of the reserve that was charged in advance for them something may be left. */
	before = page_counter_read(memory);
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), FLYING);
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), 0);
	KUNIT_EXPECT_LE(test, page_counter_read(memory), before);
	expect_landed(bed);
	for (i = 0; i < FAR; i++)
		KUNIT_EXPECT_EQ(test, mark_of(bed, entry_of(bed, i)), 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), FAR);
	expect_held(bed);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING + FAR);
}

static void old_flights_are_dropped(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long end = jiffies + PATIENCE;

	WRITE_ONCE(mage_knobs.flight_ms, 1);
	take_off(bed);
	while (flying(bed) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), FLYING);
	expect_held(bed);
}

/* The mark is all that is left of the slot; with it the slot goes. */
static void unmapped_page_gives_its_slot_back_when_dropped(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;

	bed->store.hold_reads = true;
	take_off(bed);
	entry = entry_of(bed, 1);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 1), 2 * PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, mark_of(bed, entry), SWAP_HAS_CACHE);
	/* It is still being read, and is nobody else's. */
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), FAR);
	/* A new page is there, and the old one does not come in its place. */
	KUNIT_EXPECT_TRUE(test, mage_bed_write(bed, 1, SEED + 1));
	mage_bed_arrive(bed);
	bed->store.hold_reads = false;
	/* Three and four land, one and two do not fit any more. */
	KUNIT_EXPECT_TRUE(test, can_read(bed, 3));
	expect_landed(bed);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED + 1));
	KUNIT_EXPECT_TRUE(test, pte_none(mage_bed_pte(bed, 2)));
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 4, NULL));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), 2);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), FAR - 2);
}

static void moved_page_lands_where_it_is_now(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long to;

	take_off(bed);
	to = mage_bed_call(bed, __NR_mremap, mage_bed_at(bed, 1), PAGE_SIZE, PAGE_SIZE,
			   MREMAP_MAYMOVE | MREMAP_FIXED, bed->spare);
	KUNIT_ASSERT_EQ(test, to, bed->spare);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds_at(bed, to, 1, SEED));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING);
	/* The others are in another mapping by now. */
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 2, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	expect_landed(bed);
}

/* As fork() leaves it: whoever comes first has a page of his own. */
static void shared_page_lands_for_one_owner(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;

	take_off(bed);
	entry = entry_of(bed, 1);
	KUNIT_ASSERT_EQ(test, swap_duplicate(entry), 0);
	KUNIT_EXPECT_EQ(test, mark_of(bed, entry), SWAP_HAS_CACHE | 2);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	expect_landed(bed);
	/* The other owner's. */
	KUNIT_EXPECT_EQ(test, mark_of(bed, entry), 1);
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(mage_bed_frame(bed, 1)));
	swap_free(entry);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), FAR - 1);
	expect_held(bed);
}

static void page_gives_way_to_the_swap_cache(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;
	struct folio *folio;

	take_off(bed);
	entry = entry_of(bed, 2);
	mmap_read_lock(bed->mm);
	folio = read_swap_cache_async(entry, GFP_HIGHUSER_MOVABLE,
				      find_vma(bed->mm, mage_bed_at(bed, 2)),
				      mage_bed_at(bed, 2), NULL);
	mmap_read_unlock(bed->mm);
	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 1);
	KUNIT_EXPECT_TRUE(test, folio_test_swapcache(folio));
	folio_put(folio);
	KUNIT_EXPECT_FALSE(test, __mage_give_up_flight(entry));
	KUNIT_EXPECT_TRUE(test, __mage_give_up_flight(entry_of(bed, 1)));
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 2);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	expect_held(bed);
	KUNIT_EXPECT_EQ(test, flying(bed), 0);
}

/* A request that userfaultfd takes, in the process's memory. */
static long uffd_call(struct mage_bed *bed, int fd, unsigned int cmd, const void *arg, size_t size)
{
	unsigned long at = bed->text + PAGE_SIZE / 2;

	if (copy_to_user((void __user *)at, arg, size))
		return -EFAULT;
	return mage_bed_call(bed, __NR_ioctl, fd, cmd, at, 0, 0);
}

/* UFFDIO_MOVE tries again and again while the slot is marked. */
static void page_that_userfaultfd_moves_is_given_up(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register area = {
		.range = { .start = bed->spare, .len = PAGE_SIZE },
		.mode = UFFDIO_REGISTER_MODE_MISSING,
	};
	struct uffdio_move move = {
		.dst = bed->spare,
		.src = mage_bed_at(bed, 1),
		.len = PAGE_SIZE,
	};
	int fd;

	if (!IS_ENABLED(CONFIG_USERFAULTFD))
		kunit_skip(test, "no userfaultfd");
	fd = mage_bed_call(bed, __NR_userfaultfd, 0, 0, 0, 0, 0);
	KUNIT_ASSERT_GE(test, fd, 0);
	KUNIT_EXPECT_EQ(test, uffd_call(bed, fd, UFFDIO_API, &api, sizeof(api)), 0);
	KUNIT_EXPECT_EQ(test, uffd_call(bed, fd, UFFDIO_REGISTER, &area, sizeof(area)), 0);
	take_off(bed);
	KUNIT_EXPECT_EQ(test, uffd_call(bed, fd, UFFDIO_MOVE, &move, sizeof(move)), 0);
	/* It alone, and not because it was old. */
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 1);
	KUNIT_EXPECT_TRUE(test, pte_none(mage_bed_pte(bed, 1)));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds_at(bed, bed->spare, 1, SEED));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING + 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_call(bed, __NR_close, fd, 0, 0, 0, 0), 0);
}

static void swapoff_drops_flights(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	take_off(bed);
	mage_swapoff_drain(area_of(bed));
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), FAR);
	expect_held(bed);
}

/* The fault reads it again, by itself, and finds out what is wrong. */
static void page_that_cannot_be_read_is_read_again(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	bed->store.read_error = -EIO;
	take_off(bed);
	KUNIT_EXPECT_FALSE(test, can_read(bed, 1));
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING + 1);
	bed->store.read_error = 0;
	expect_held(bed);
	expect_landed(bed);
	/* Each of them in flight, and the one of the fault. */
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), FLYING + 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), 0);
}

static void reads_that_are_not_accepted_leave_nothing(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long others;

	mage_bed_fill(bed, 0, FAR, SEED);
	mage_bed_evict(bed, 0, FAR);
	bed->store.accept_reads = 0;
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	KUNIT_EXPECT_EQ(test, others, 0);
	expect_landed(bed);
	bed->store.accept_reads = 3;
	bed->store.hold_reads = true;
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 3);
	KUNIT_EXPECT_EQ(test, flying(bed), 3);
	KUNIT_EXPECT_EQ(test, mark_of(bed, entry_of(bed, 2)), SWAP_HAS_CACHE | 1);
	KUNIT_EXPECT_EQ(test, mark_of(bed, entry_of(bed, 3)), 1);
	bed->store.hold_reads = false;
	mage_bed_arrive(bed);
	bed->store.accept_reads = UINT_MAX;
	expect_held(bed);
	expect_landed(bed);
	/* What was not read was not prefetched in vain. */
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), 3);
}

static void pages_of_other_kinds_do_not_fly(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long others;
	swp_entry_t shared, zeroes;

	mage_bed_fill(bed, 0, FAR, SEED);
	mage_bed_evict(bed, 0, FAR);
	shared = entry_of(bed, 1);
	zeroes = entry_of(bed, 2);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 3, SEED));
	KUNIT_ASSERT_EQ(test, swap_duplicate(shared), 0);
	set_bit(swp_offset(zeroes), area_of(bed)->zeromap);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR + 1, &others), FAR - 3);
	/* Nor one that is local, nor one that nobody has touched ever; they are not to be had. */
	KUNIT_EXPECT_EQ(test, others, BIT(1) | BIT(2));
	KUNIT_EXPECT_EQ(test, mark_of(bed, shared), 2);
	KUNIT_EXPECT_EQ(test, mark_of(bed, zeroes), 1);
	/* What is under way is not begun again. */
	KUNIT_EXPECT_EQ(test, fly(bed, 0, 1, &others), 0);
	KUNIT_EXPECT_EQ(test, others, 0);
	clear_bit(swp_offset(zeroes), area_of(bed)->zeromap);
	swap_free(shared);
	expect_held(bed);
	expect_landed(bed);
}

/* The domain that was asked would not know of them. */
static void pages_of_another_cgroup_do_not_fly(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long others;
	unsigned int i;

	KUNIT_ASSERT_EQ(test, mage_bed_enter(bed, 0), 0);
	mage_bed_fill(bed, 0, FAR, SEED);
	KUNIT_EXPECT_PTR_NE(test, mage_bed_domain(bed, 0), bed->domain);
	mage_bed_evict(bed, 0, FAR);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	KUNIT_EXPECT_EQ(test, others, BIT(FAR) - 1);
	for (i = 0; i < FAR; i++)
		KUNIT_EXPECT_EQ(test, mark_of(bed, entry_of(bed, i)), 1);
	expect_landed(bed);
	expect_held(bed);
}

/* Somebody names the same as somebody else, or MADV_WILLNEED does: that is no use of it. */
static void work_lands_its_page_as_unused(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address[FLYING];
	unsigned int i;

	take_off(bed);
	for (i = 0; i < FLYING; i++)
		address[i] = mage_bed_at(bed, 1 + i);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, address, 1));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	/* Nor of the others. */
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 1);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, address, FLYING));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	expect_landed(bed);
	for (i = 1; i <= FLYING; i++) {
		KUNIT_ASSERT_FALSE(test, mage_bed_is_far(bed, i, NULL));
		KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, i)));
		KUNIT_EXPECT_TRUE(test, mage_bed_frame(bed, i)->prefetched);
	}
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING);
	expect_held(bed);
}

/* memory_failure() has marked them while they were on no list. */
static void page_with_broken_memory_is_read_again(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_flight *flight;
	struct folio *broken[2];
	unsigned int i, index;

	if (!IS_ENABLED(CONFIG_MEMORY_FAILURE))
		kunit_skip(test, "no memory failures");
	take_off(bed);
	flight = mage_flight_find(entry_of(bed, 1), &index);
	KUNIT_ASSERT_NOT_NULL(test, flight);
	for (i = 0; i < 2; i++) {
		broken[i] = mage_flight_folio(flight, i);
		folio_get(broken[i]);
		SetPageHWPoison(folio_page(broken[i], 0));
	}
	mage_flight_put(flight);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	expect_landed(bed);
	KUNIT_EXPECT_PTR_NE(test, mage_bed_folio(bed, 1), broken[0]);
	/* The other one did not come along, either. */
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 2, NULL));
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 3, NULL));
	expect_held(bed);
	for (i = 0; i < 2; i++) {
		KUNIT_EXPECT_EQ(test, folio_ref_count(broken[i]), 1);
		ClearPageHWPoison(folio_page(broken[i], 0));
		folio_put(broken[i]);
	}
}

/* A flight looks as if it had taken off so long ago that its reads are overdue. */
static struct mage_flight *age(struct mage_bed *bed, unsigned int i)
{
	unsigned int index;
	struct mage_flight *flight = mage_flight_find(entry_of(bed, i), &index);

	KUNIT_ASSERT_NOT_NULL(bed->test, flight);
	WRITE_ONCE(flight->begun, jiffies - 31 * HZ);
	return flight;
}

/* An older one, of which all pages have arrived, is not in the way. */
static void overdue_flight_is_ended(struct kunit *test)
{
	unsigned long others, end = jiffies + PATIENCE;
	struct mage_flight *arrived, *held;
	struct mage_bed *bed = test->priv;

	take_off(bed);
	bed->store.hold_reads = true;
	KUNIT_EXPECT_EQ(test, fly(bed, FLYING + 1, 2, &others), 2);
	bed->store.hold_reads = false;
	arrived = age(bed, 1);
	held = age(bed, FLYING + 1);
	while (!mage_flight_has_arrived(held, 1) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_TRUE(test, mage_flight_has_arrived(held, 1));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.overdue), 1);
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING + 2);
	mage_flight_put(arrived);
	mage_flight_put(held);
	expect_held(bed);
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 2);
}

/* More than a dropper looks at under one hold of its lock, some of them not to be dropped yet. */
static void flights_of_a_domain_are_all_dropped(struct kunit *test)
{
	const unsigned int nr = 40, held = 20;
	struct mage_bed *bed = test->priv;
	unsigned long others;
	unsigned int i;

	mage_bed_fill(bed, 0, nr, SEED);
	mage_bed_evict(bed, 0, nr);
	for (i = 0; i < nr; i++) {
		bed->store.hold_reads = i == held;
		KUNIT_EXPECT_EQ(test, fly(bed, i, 1, &others), 1);
	}
	bed->store.hold_reads = false;
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), nr - 1);
	KUNIT_EXPECT_EQ(test, flying(bed), 1);
	KUNIT_EXPECT_EQ(test, mark_of(bed, entry_of(bed, held)), SWAP_HAS_CACHE | 1);
	mage_bed_arrive(bed);
	KUNIT_EXPECT_EQ(test, mage_flights_drop_of_domain(bed->domain), 1);
	expect_landed(bed);
	KUNIT_EXPECT_TRUE(test, list_empty(&bed->domain->flights));
	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static void nothing_takes_off_that_is_not_welcome(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long others;

	mage_bed_fill(bed, 0, FAR, SEED);
	mage_bed_evict(bed, 0, FAR);
	WRITE_ONCE(bed->domain->shards.closing, true);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	WRITE_ONCE(bed->domain->shards.closing, false);
	KUNIT_EXPECT_EQ(test, others, 0);
	WRITE_ONCE(bed->disk->draining, true);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	WRITE_ONCE(bed->disk->draining, false);
	WRITE_ONCE(bed->disk->dev.failed, true);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	WRITE_ONCE(bed->disk->dev.failed, false);
	WRITE_ONCE(bed->disk->dev.suspended, true);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	WRITE_ONCE(bed->disk->dev.suspended, false);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mlock2, mage_bed_at(bed, 0),
					    FAR * PAGE_SIZE, MLOCK_ONFAULT, 0, 0), 0);
	KUNIT_EXPECT_EQ(test, fly(bed, 0, FAR, &others), 0);
	KUNIT_EXPECT_EQ(test, others, BIT(FAR) - 1);
	expect_landed(bed);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_munlock, mage_bed_at(bed, 0),
					    FAR * PAGE_SIZE, 0, 0, 0), 0);
	expect_held(bed);
}

/* The mapping was locked after they took off: each is read for itself, and locked. */
static void pages_do_not_land_in_a_locked_mapping(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	take_off(bed);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mlock2, mage_bed_at(bed, 0),
					    FAR * PAGE_SIZE, MLOCK_ONFAULT, 0, 0), 0);
	expect_held(bed);
	expect_landed(bed);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING + FAR);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_munlock, mage_bed_at(bed, 0),
					    FAR * PAGE_SIZE, 0, 0, 0), 0);
}

static void flights_leave_room_to_others(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page_counter *memory = &bed->domain->memcg->memory;
	unsigned long high = READ_ONCE(memory->high), reserve = totalreserve_pages;

	take_off(bed);
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, mage_flights_may_start(bed->domain), 1024 - FLYING);
	/* The machine is short of memory. */
	WRITE_ONCE(totalreserve_pages, ULONG_MAX);
	KUNIT_EXPECT_LE(test, mage_flights_may_start(bed->domain), 0);
	WRITE_ONCE(totalreserve_pages, reserve);
	WRITE_ONCE(memory->high, page_counter_read(memory) + 20);
	KUNIT_EXPECT_LE(test, mage_flights_may_start(bed->domain), 10 - FLYING);
	atomic_inc(&bed->domain->nr_waiting);
	KUNIT_EXPECT_LE(test, mage_flights_may_start(bed->domain), 0);
	rcu_read_unlock();
	/* Who waits has what nobody has touched. */
	mage_flights_shed(bed->domain);
	atomic_dec(&bed->domain->nr_waiting);
	WRITE_ONCE(memory->high, high);
	expect_landed(bed);
	expect_held(bed);
}

/* Between the room that they start with and that below which they are dropped there is some. */
static void flights_are_not_dropped_where_they_start(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page_counter *memory = &bed->domain->memcg->memory;
	unsigned long high = READ_ONCE(memory->high);
	unsigned long wanted = READ_ONCE(bed->domain->wanted_room);
	long used;

	take_off(bed);
	used = page_counter_read(memory);
	WRITE_ONCE(bed->domain->wanted_room, ULONG_MAX - 1);
	/* The headroom is half of the limit. */
	WRITE_ONCE(memory->high, used + used / 9);
	KUNIT_EXPECT_LT(test, mage_domain_room(bed->domain),
			(long)mage_domain_headroom(bed->domain) / 4);
	rcu_read_lock();
	KUNIT_EXPECT_EQ(test, mage_flights_may_start(bed->domain), 0);
	rcu_read_unlock();
	mage_flights_shed(bed->domain);
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING);
	WRITE_ONCE(memory->high, used + used / 20);
	mage_flights_shed(bed->domain);
	WRITE_ONCE(bed->domain->wanted_room, wanted);
	WRITE_ONCE(memory->high, high);
	expect_landed(bed);
	expect_held(bed);
}

/**
 * struct naming - what the bed's policy does and hears when it is asked what to prefetch
 * @first: the page that it names first, by number
 * @nr: pages that it names
 * @named: of these, those that it was told will come
 * @exist: of these, those that it was told are there or on their way
 * @calls: how often it was asked
 * @hits: of these, how often it was because of a page in flight
 * @landed: of these, how often that was local by then
 */
struct naming {
	unsigned int first;
	unsigned int nr;
	unsigned int named;
	unsigned int exist;
	unsigned int calls;
	unsigned int hits;
	unsigned int landed;
};

static void name_some(struct mage_domain *domain, struct mage_fault *fault)
{
	struct mage_bed *bed = container_of(mage_policy(domain), struct mage_bed, policy);
	struct naming *naming = bed->private;
	unsigned int i;

	naming->calls++;
	naming->hits += fault->hit;
	naming->landed += fault->hit && mage_fault_look(fault, fault->address) > 0;
	for (i = 0; i < naming->nr; i++) {
		int err = mage_prefetch_address(fault, mage_bed_at(bed, naming->first + i));

		naming->named += !err;
		naming->exist += err == -EEXIST;
	}
}

/* A policy that goes on at the first page of a flight has each page read before its fault. */
static void policy_is_asked_again_by_the_first_page(struct kunit *test)
{
	struct naming naming = { .first = 1, .nr = FLYING };
	struct mage_bed *bed = test->priv;
	unsigned int i;

	bed->private = &naming;
	bed->policy.prefetch = name_some;
	mage_bed_govern(bed);
	mage_bed_fill(bed, 0, 2 * FAR, SEED);
	mage_bed_evict(bed, 0, 2 * FAR);
	atomic_set(&bed->store.reads, 0);
	KUNIT_EXPECT_TRUE(test, can_read(bed, 0));
	KUNIT_EXPECT_EQ(test, naming.calls, 1);
	KUNIT_EXPECT_EQ(test, naming.hits, 0);
	KUNIT_EXPECT_EQ(test, naming.named, FLYING);
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING);
	/* It names those on their way once more, and the next. */
	naming = (struct naming){ .first = 2, .nr = 2 * FLYING - 1 };
	KUNIT_EXPECT_TRUE(test, can_read(bed, 1));
	KUNIT_EXPECT_EQ(test, naming.calls, 1);
	KUNIT_EXPECT_EQ(test, naming.hits, 1);
	/* Nobody waits for it while the policy thinks. */
	KUNIT_EXPECT_EQ(test, naming.landed, 1);
	KUNIT_EXPECT_EQ(test, naming.exist, FLYING - 1);
	KUNIT_EXPECT_EQ(test, naming.named, FLYING);
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING);
	naming.nr = 0;
	/* Nobody is asked, as there is no fault. */
	for (i = 2; i <= FLYING; i++)
		KUNIT_EXPECT_TRUE(test, can_read(bed, i));
	KUNIT_EXPECT_EQ(test, naming.calls, 1);
	KUNIT_EXPECT_TRUE(test, can_read(bed, FLYING + 1));
	KUNIT_EXPECT_EQ(test, naming.calls, 2);
	KUNIT_EXPECT_EQ(test, naming.hits, 2);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_FAULTS), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 2 * FLYING + 1);
	expect_landed(bed);
	for (i = 0; i < 2 * FAR; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static bool two_wait(struct mage_flight *flight)
{
	bool two;

	spin_lock_irq(&flight->wait.lock);
	two = list_count_nodes(&flight->wait.head) == 2;
	spin_unlock_irq(&flight->wait.lock);
	return two;
}

/* However many threads wait for the page. */
static void policy_is_asked_once_a_page(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long end = jiffies + PATIENCE;
	struct naming naming = {};
	struct mage_flight *flight;
	struct toucher toucher[2];
	unsigned int index;

	bed->store.hold_reads = true;
	take_off(bed);
	bed->private = &naming;
	bed->policy.prefetch = name_some;
	mage_bed_govern(bed);
	flight = mage_flight_find(entry_of(bed, 1), &index);
	KUNIT_ASSERT_NOT_NULL(test, flight);
	toucher_start(&toucher[0], bed, 1);
	toucher_start(&toucher[1], bed, 1);
	while (!two_wait(flight) && time_before(jiffies, end))
		schedule_timeout_uninterruptible(1);
	KUNIT_EXPECT_TRUE(test, two_wait(flight));
	bed->store.hold_reads = false;
	mage_bed_arrive(bed);
	toucher_end(&toucher[0]);
	toucher_end(&toucher[1]);
	mage_flight_put(flight);
	KUNIT_EXPECT_EQ(test, naming.calls, 1);
	KUNIT_EXPECT_EQ(test, naming.hits, 1);
	KUNIT_EXPECT_EQ(test, naming.landed, 0);
	expect_landed(bed);
	expect_held(bed);
}

/* Somebody else wants the CPU as soon as the policy has heard of a page. */
static void hurry(struct mage_domain *domain, struct mage_frame *frame, u32 why,
		  const struct mage_ghost *ghost)
{
	set_tsk_need_resched(current);
}

static void others_stay_in_flight_if_landing_takes_long(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	take_off(bed);
	bed->policy.page_in = hurry;
	mage_bed_govern(bed);
	KUNIT_EXPECT_TRUE(test, can_read(bed, 3));
	bed->policy.page_in = NULL;
	mage_bed_govern(bed);
	KUNIT_EXPECT_EQ(test, flying(bed), FLYING - 1);
	for (i = 1; i <= FLYING; i++)
		KUNIT_EXPECT_EQ(test, mage_bed_is_far(bed, i, NULL), i != 3);
	/* They are as they were, and come with the next. */
	KUNIT_EXPECT_TRUE(test, can_read(bed, 1));
	expect_landed(bed);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 4, NULL));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), FLYING);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), FLYING);
	expect_held(bed);
}

static struct kunit_case flight_test_cases[] = {
	KUNIT_CASE(page_in_flight_is_marked_and_found),
	KUNIT_CASE(fault_maps_what_has_arrived),
	KUNIT_CASE(page_that_is_written_to_is_dirty),
	KUNIT_CASE(page_is_taken_once_it_has_arrived),
	KUNIT_CASE(fault_waits_for_its_page),
	KUNIT_CASE(fault_on_a_taken_page_sleeps),
	KUNIT_CASE(what_is_dropped_is_far_as_before),
	KUNIT_CASE(old_flights_are_dropped),
	KUNIT_CASE(unmapped_page_gives_its_slot_back_when_dropped),
	KUNIT_CASE(moved_page_lands_where_it_is_now),
	KUNIT_CASE(shared_page_lands_for_one_owner),
	KUNIT_CASE(page_gives_way_to_the_swap_cache),
	KUNIT_CASE(page_that_userfaultfd_moves_is_given_up),
	KUNIT_CASE(swapoff_drops_flights),
	KUNIT_CASE(page_that_cannot_be_read_is_read_again),
	KUNIT_CASE(reads_that_are_not_accepted_leave_nothing),
	KUNIT_CASE(pages_of_other_kinds_do_not_fly),
	KUNIT_CASE(pages_of_another_cgroup_do_not_fly),
	KUNIT_CASE(work_lands_its_page_as_unused),
	KUNIT_CASE(page_with_broken_memory_is_read_again),
	KUNIT_CASE(overdue_flight_is_ended),
	KUNIT_CASE(flights_of_a_domain_are_all_dropped),
	KUNIT_CASE(nothing_takes_off_that_is_not_welcome),
	KUNIT_CASE(pages_do_not_land_in_a_locked_mapping),
	KUNIT_CASE(flights_leave_room_to_others),
	KUNIT_CASE(flights_are_not_dropped_where_they_start),
	KUNIT_CASE(policy_is_asked_again_by_the_first_page),
	KUNIT_CASE(policy_is_asked_once_a_page),
	KUNIT_CASE(others_stay_in_flight_if_landing_takes_long),
	{}
};

/* They last for as long as a test may take on the slowest machine. */
static int flight_test_init(struct kunit *test)
{
	int err = mage_bed_init(test);

	if (!err)
		WRITE_ONCE(mage_knobs.flight_ms, 60 * MSEC_PER_SEC);
	return err;
}

static void flight_test_exit(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	if (bed && bed->domain) {
		bed->store.hold_reads = false;
		mage_bed_arrive(bed);
		mage_flights_drop_of_domain(bed->domain);
	}
	mage_bed_exit(test);
}

static struct kunit_suite flight_test_suite = {
	.name = "mage_flight",
	.init = flight_test_init,
	.exit = flight_test_exit,
	.test_cases = flight_test_cases,
};

kunit_test_suites(&flight_test_suite);
