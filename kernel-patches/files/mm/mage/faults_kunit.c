// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of the path of a page in: swap-in, prefetch, and the hints that
 * applications give, with a far store that the tests control.
 */
#include <kunit/test.h>
#include <linux/container_of.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mman.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include <linux/unistd.h>
#include <linux/workqueue.h>
#include "../internal.h"
#include "../swap.h"
#include "bed_kunit.h"
#include "disk.h"
#include "domain.h"
#include "fail_kunit.h"
#include "govern.h"
#include "knobs.h"
#include "limit.h"
#include "policy.h"
#include "prefetch.h"
#include "read.h"
#include "room.h"
#include "slot.h"

/* Pages that most tests have evicted, and their content. */
#define NR	8
#define SEED	1

/* The first pages are in far memory only. */
static void all_far(struct kunit *test, unsigned int nr)
{
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, nr, SEED);
	mage_bed_evict(bed, 0, nr);
	atomic_set(&bed->store.reads, 0);
}

/* They are as they were, wherever they have been. */
static void all_hold(struct kunit *test, unsigned int nr)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	for (i = 0; i < nr; i++)
		KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
}

static unsigned int nr_far(struct mage_bed *bed, unsigned int nr)
{
	unsigned int i, far = 0;

	for (i = 0; i < nr; i++)
		far += mage_bed_is_far(bed, i, NULL);
	return far;
}

/* A read, and a write, of one byte: one fault if there has to be one. */
static bool can_read(struct mage_bed *bed, unsigned int i)
{
	u8 byte;

	return !get_user(byte, (u8 __user *)mage_bed_at(bed, i));
}

static bool can_write(struct mage_bed *bed, unsigned int i)
{
	return !put_user(0xff, (u8 __user *)mage_bed_at(bed, i));
}

/* Leaves the domain room for some pages, until its cgroup is gone. */
static void leave_room(struct mage_bed *bed, long room)
{
	struct page_counter *memory = &bed->domain->memcg->memory;

	WRITE_ONCE(memory->high, page_counter_read(memory) + room);
}

/* Swap-in */

static void page_comes_back_with_its_far_copy(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_frame *frame;
	swp_entry_t entry;

	all_far(test, NR);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, 0, &entry));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	frame = mage_bed_frame(bed, 0);
	KUNIT_EXPECT_EQ(test, (u32)frame->state, MAGE_FRAME_LISTED);
	KUNIT_ASSERT_TRUE(test, mage_frame_has_slot(frame));
	KUNIT_EXPECT_EQ(test, mage_frame_entry(frame).val, entry.val);
	KUNIT_EXPECT_EQ(test, __swap_count(entry), 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_FAULTS), 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 1);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR - 1);
	all_hold(test, NR);
}

static void page_that_cannot_be_read_stays_far(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long frames;

	all_far(test, NR);
	frames = mage_shards_frames(&bed->domain->shards);
	bed->store.read_error = -EIO;
	KUNIT_EXPECT_FALSE(test, can_read(bed, 0));
	KUNIT_EXPECT_FALSE(test, can_write(bed, 1));
	bed->store.read_error = 0;
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 2);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 2);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_FAULTS), 0);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), NR);
	KUNIT_EXPECT_EQ(test, mage_shards_frames(&bed->domain->shards), frames);
	/* The store has found it again. */
	all_hold(test, NR);
}

static void device_that_failed_is_not_asked(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	all_far(test, 1);
	mage_device_fail(&bed->disk->dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, can_read(bed, 0));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 1);
	KUNIT_EXPECT_EQ(test, nr_far(bed, 1), 1);
	mage_bed_mend(bed);
	all_hold(test, 1);
}

/**
 * struct suspension - what ends the suspension of a device
 * @work: does it, once somebody has asked the device in vain
 * @bed: whose device
 * @fails: it has failed, and is not back
 */
struct suspension {
	struct work_struct work;
	struct mage_bed *bed;
	bool fails;
};

static void end_suspension(struct work_struct *work)
{
	struct suspension *suspension = container_of(work, struct suspension, work);
	struct mage_bed *bed = suspension->bed;

	while (!atomic_read(&bed->store.reads))
		schedule_timeout_idle(1);
	WRITE_ONCE(bed->store.read_error, 0);
	if (suspension->fails)
		mage_device_fail(&bed->disk->dev, "a test wants it so");
	else
		mage_device_resume(&bed->disk->dev);
}

/* Whether a fault on page 0 brings it, begun while the device is suspended. */
static bool can_read_after_suspension(struct mage_bed *bed, bool fails)
{
	struct suspension suspension = { .bed = bed, .fails = fails };
	bool can;

	atomic_set(&bed->store.reads, 0);
	bed->store.read_error = -EAGAIN;
	mage_device_suspend(&bed->disk->dev, "a test wants it so");
	INIT_WORK_ONSTACK(&suspension.work, end_suspension);
	queue_work(system_unbound_wq, &suspension.work);
	can = can_read(bed, 0);
	flush_work(&suspension.work);
	destroy_work_on_stack(&suspension.work);
	return can;
}

static void fault_waits_for_a_device_that_is_suspended(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	all_far(test, NR);
	KUNIT_EXPECT_TRUE(test, can_read_after_suspension(bed, false));
	KUNIT_EXPECT_GE(test, atomic_read(&bed->store.reads), 2);
	KUNIT_EXPECT_FALSE(test, bed->disk->dev.suspended);
	KUNIT_EXPECT_EQ(test, bed->disk->suspensions, 1);
	/* To wait is no error, nor is not to. */
	bed->store.read_error = -EAGAIN;
	KUNIT_EXPECT_EQ(test, mage_disk_read(bed->disk, page, 1, MAGE_READ_NOW), -EAGAIN);
	bed->store.read_error = 0;
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
	all_hold(test, NR);
	__free_page(page);
}

static void fault_that_waits_ends_when_the_device_fails(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	all_far(test, 1);
	KUNIT_EXPECT_FALSE(test, can_read_after_suspension(bed, true));
	KUNIT_EXPECT_FALSE(test, bed->disk->dev.suspended);
	KUNIT_EXPECT_TRUE(test, bed->disk->dev.failed);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 1);
	KUNIT_EXPECT_EQ(test, nr_far(bed, 1), 1);
	/* There is no way back. */
	mage_device_suspend(&bed->disk->dev, "too late");
	KUNIT_EXPECT_FALSE(test, bed->disk->dev.suspended);
	mage_device_resume(&bed->disk->dev);
	KUNIT_EXPECT_TRUE(test, bed->disk->dev.failed);
	mage_bed_mend(bed);
	all_hold(test, 1);
}

/* An entry that is the test's, and a frame that is nobody's, as a fault has them. */
static swp_entry_t have_entry(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry;

	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, 1, &entry), 1);
	return entry;
}

static bool keeps(struct mage_bed *bed, swp_entry_t entry)
{
	struct mage_frame frame = {};
	bool kept;

	KUNIT_ASSERT_TRUE(bed->test, mage_bed_write(bed, 0, SEED));
	kept = __mage_swapin_keep_slot(&frame, mage_bed_folio(bed, 0), entry);

	/* It has the slot if, and only if, it says so. */
	return kept == mage_frame_has_slot(&frame) ? kept : !kept;
}

static void slot_is_kept_unless_something_is_in_the_way(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry = have_entry(test);

	WRITE_ONCE(mage_knobs.keep_clean, true);
	KUNIT_EXPECT_TRUE(test, keeps(bed, entry));
	WRITE_ONCE(mage_knobs.keep_clean, false);
	KUNIT_EXPECT_FALSE(test, keeps(bed, entry));
	WRITE_ONCE(mage_knobs.keep_clean, true);
	WRITE_ONCE(bed->disk->draining, true);
	KUNIT_EXPECT_FALSE(test, keeps(bed, entry));
	WRITE_ONCE(bed->disk->draining, false);
	WRITE_ONCE(bed->disk->dev.failed, true);
	KUNIT_EXPECT_FALSE(test, keeps(bed, entry));
	WRITE_ONCE(bed->disk->dev.failed, false);
	/* A page of zeroes, which is not written: the mark is as good. */
	set_bit(swp_offset(entry), bed->disk->si->zeromap);
	KUNIT_EXPECT_TRUE(test, keeps(bed, entry));
	clear_bit(swp_offset(entry), bed->disk->si->zeromap);
	/* Another owner, after fork(). */
	KUNIT_ASSERT_EQ(test, swap_duplicate(entry), 0);
	KUNIT_EXPECT_FALSE(test, keeps(bed, entry));
	swap_free(entry);
	/* A stock swap area. */
	KUNIT_EXPECT_FALSE(test, keeps(bed, swp_entry(MAX_SWAPFILES - 1, 1)));
	KUNIT_EXPECT_TRUE(test, keeps(bed, entry));
	swap_free(entry);
}

static void slots_are_kept_while_a_quarter_is_free(struct kunit *test)
{
	const unsigned int most = MAGE_BED_SLOTS / 4 * 3;
	struct mage_bed *bed = test->priv;
	swp_entry_t entries[MAGE_BED_SLOTS];
	unsigned int i;

	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, most - 1, entries), most - 1);
	KUNIT_EXPECT_TRUE(test, keeps(bed, entries[0]));
	entries[most - 1] = have_entry(test);
	KUNIT_EXPECT_FALSE(test, keeps(bed, entries[0]));
	for (i = 0; i < most; i++)
		swap_free(entries[i]);
}

static bool keeps_with(struct mage_bed *bed, swp_entry_t entry, unsigned long max,
		       unsigned long high)
{
	struct page_counter *swap = &bed->domain->memcg->swap;
	bool kept;

	WRITE_ONCE(swap->max, max);
	WRITE_ONCE(swap->high, high);
	mage_domain_look_at_swap(bed->domain);
	kept = keeps(bed, entry);
	WRITE_ONCE(swap->max, PAGE_COUNTER_MAX);
	WRITE_ONCE(swap->high, PAGE_COUNTER_MAX);
	return kept;
}

/* Three quarters of either limit, counted with what the domain has beside it. */
static void slots_are_kept_while_a_quarter_is_allowed(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct page_counter *swap = &bed->domain->memcg->swap;
	swp_entry_t entry = have_entry(test);

	page_counter_charge(swap, 3);
	KUNIT_EXPECT_TRUE(test, keeps_with(bed, entry, 8, PAGE_COUNTER_MAX));
	KUNIT_EXPECT_FALSE(test, keeps_with(bed, entry, 4, PAGE_COUNTER_MAX));
	KUNIT_EXPECT_FALSE(test, keeps_with(bed, entry, PAGE_COUNTER_MAX, 4));
	KUNIT_EXPECT_TRUE(test, keeps_with(bed, entry, PAGE_COUNTER_MAX, PAGE_COUNTER_MAX));
	page_counter_uncharge(swap, 3);
	/* None is allowed at all. */
	KUNIT_EXPECT_FALSE(test, keeps_with(bed, entry, 0, PAGE_COUNTER_MAX));
	swap_free(entry);
}

static void entry_is_uncached_that_nobody_else_reads(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct swap_info_struct *si = bed->disk->si;
	swp_entry_t entry = have_entry(test);
	struct swap_info_struct *stock = kunit_kzalloc(test, sizeof(*stock), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, stock);
	KUNIT_EXPECT_TRUE(test, __mage_reads_alone(entry));
	KUNIT_EXPECT_TRUE(test, __mage_is_uncached(si, entry));
	KUNIT_ASSERT_EQ(test, swapcache_prepare(entry, 1), 0);
	KUNIT_EXPECT_FALSE(test, __mage_is_uncached(si, entry));
	swapcache_clear(si, entry, 1);
	KUNIT_ASSERT_EQ(test, swap_duplicate(entry), 0);
	KUNIT_EXPECT_FALSE(test, __mage_is_uncached(si, entry));
	swap_free(entry);
	KUNIT_EXPECT_TRUE(test, __mage_is_uncached(si, entry));
	stock->type = MAX_SWAPFILES - 1;
	stock->swap_map = si->swap_map;
	KUNIT_EXPECT_FALSE(test, __mage_reads_alone(swp_entry(stock->type, 1)));
	KUNIT_EXPECT_FALSE(test, __mage_is_uncached(stock, entry));
	swap_free(entry);
}

static void stock_swap_areas_are_left_alone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct swap_info_struct *stock = kunit_kzalloc(test, sizeof(*stock), GFP_KERNEL);
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_NOT_NULL(test, stock);
	stock->type = MAX_SWAPFILES - 1;
	atomic_set(&bed->store.reads, 0);
	folio_lock(folio);
	folio->swap = swp_entry(stock->type, 1);
	KUNIT_EXPECT_FALSE(test, __mage_swap_read(folio, stock));
	KUNIT_EXPECT_TRUE(test, folio_test_locked(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 0);
	folio->swap.val = 0;
	folio_unlock(folio);
	folio_put(folio);
}

/* As when khugepaged, or a large folio that was swapped out whole, asks. */
static void large_folio_is_read_but_not_claimed(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio = folio_alloc(GFP_KERNEL, 2);
	swp_entry_t entry;
	unsigned int i;

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_ASSERT_EQ(test, mem_cgroup_charge(folio, bed->mm, GFP_KERNEL), 0);
	all_far(test, NR);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, 0, &entry));
	KUNIT_EXPECT_NULL(test, __mage_swapin_claim(folio));
	folio_lock(folio);
	folio->swap = entry;
	KUNIT_EXPECT_TRUE(test, __mage_swap_read(folio, bed->disk->si));
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_TRUE(test, folio_test_uptodate(folio));
	for (i = 0; i < 4; i++)
		KUNIT_EXPECT_EQ(test, memcmp(folio_address(folio) + i * PAGE_SIZE,
					     page_address(bed->store.page[swp_offset(entry) + i]),
					     PAGE_SIZE), 0);
	/* One page of it cannot be read: all of it is not up to date. */
	folio_clear_uptodate(folio);
	bed->store.read_error = -EIO;
	folio_lock(folio);
	KUNIT_EXPECT_TRUE(test, __mage_swap_read(folio, bed->disk->si));
	bed->store.read_error = 0;
	KUNIT_EXPECT_FALSE(test, folio_test_locked(folio));
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 1);
	folio->swap.val = 0;
	folio_put(folio);
	all_hold(test, NR);
}

static void page_of_no_domain_is_not_claimed(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct folio *folio = folio_alloc(GFP_KERNEL, 0);
	swp_entry_t entry = have_entry(test);

	KUNIT_ASSERT_NOT_NULL(test, folio);
	KUNIT_EXPECT_NULL(test, __mage_swapin_claim(folio));
	/* Nor is its read error counted by one. */
	bed->store.read_error = -EIO;
	folio_lock(folio);
	folio->swap = entry;
	KUNIT_EXPECT_TRUE(test, __mage_swap_read(folio, bed->disk->si));
	bed->store.read_error = 0;
	KUNIT_EXPECT_FALSE(test, folio_test_uptodate(folio));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 1);
	folio->swap.val = 0;
	folio_put(folio);
	swap_free(entry);
}

/* A fault has claimed its page, and the domain takes no more when it is mapped. */
static void page_of_a_domain_that_ends_goes_the_stock_way(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	all_far(test, NR);
	WRITE_ONCE(bed->domain->shards.closing, true);
	all_hold(test, NR);
	WRITE_ONCE(bed->domain->shards.closing, false);
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 0)->owner, 0);
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(mage_bed_frame(bed, 0)));
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_FAULTS), 0);
	lru_add_drain_all();
	KUNIT_EXPECT_TRUE(test, folio_test_lru(mage_bed_folio(bed, 0)));
}

static struct kunit_case swapin_test_cases[] = {
	KUNIT_CASE(page_comes_back_with_its_far_copy),
	KUNIT_CASE(page_that_cannot_be_read_stays_far),
	KUNIT_CASE(device_that_failed_is_not_asked),
	KUNIT_CASE(fault_waits_for_a_device_that_is_suspended),
	KUNIT_CASE(fault_that_waits_ends_when_the_device_fails),
	KUNIT_CASE(slot_is_kept_unless_something_is_in_the_way),
	KUNIT_CASE(slots_are_kept_while_a_quarter_is_free),
	KUNIT_CASE(slots_are_kept_while_a_quarter_is_allowed),
	KUNIT_CASE(entry_is_uncached_that_nobody_else_reads),
	KUNIT_CASE(stock_swap_areas_are_left_alone),
	KUNIT_CASE(large_folio_is_read_but_not_claimed),
	KUNIT_CASE(page_of_no_domain_is_not_claimed),
	KUNIT_CASE(page_of_a_domain_that_ends_goes_the_stock_way),
	{}
};

static struct kunit_suite swapin_test_suite = {
	.name = "mage_swapin",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = swapin_test_cases,
};

/* Prefetch */

/* Names that a call of prefetch may try. */
#define NAMES	2048

/**
 * struct prefetch_test - what a policy's prefetch does, and what it hears
 * @trigger: the fault, by address, at which it does something; 0 for any
 * @call: what it calls
 * @nr: how many names it has
 * @name: the names, addresses or slots
 * @result: what it was told of each
 * @fault: what it was given
 * @calls: how often it was called
 * @posted: how many reads the store had been asked for when it was called last
 * @under_way: the store held one of them then
 */
struct prefetch_test {
	unsigned long trigger;
	int (*call)(struct mage_fault *fault, u64 name);
	unsigned int nr;
	u64 name[NAMES];
	int result[NAMES];
	struct mage_fault fault;
	unsigned int calls;
	int posted;
	bool under_way;
};

static void name_pages(struct mage_domain *domain, struct mage_fault *fault)
{
	struct mage_bed *bed = container_of(mage_policy(domain), struct mage_bed, policy);
	struct prefetch_test *t = bed->private;
	unsigned int i;

	t->calls++;
	t->posted = atomic_read(&bed->store.reads);
	t->under_way = bed->store.held_reads;
	/* Nobody else would let it arrive. */
	bed->store.hold_reads = false;
	mage_bed_arrive(bed);
	if (t->trigger && fault->address != t->trigger)
		return;
	t->fault = *fault;
	for (i = 0; i < t->nr; i++)
		t->result[i] = t->call(fault, t->name[i]);
}

static int call_slot(struct mage_fault *fault, u64 name)
{
	return mage_prefetch_slot(fault, name);
}

/* By works: flights have tests of their own. */
static int prefetch_test_init(struct kunit *test)
{
	int err = mage_bed_init(test);
	struct prefetch_test *t;
	struct mage_bed *bed = test->priv;

	if (err)
		return err;
	t = kunit_kzalloc(test, sizeof(*t), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, t);
	t->call = mage_prefetch_address;
	bed->private = t;
	bed->policy.prefetch = name_pages;
	mage_bed_govern(bed);
	WRITE_ONCE(mage_knobs.flights, false);
	return 0;
}

static struct prefetch_test *prefetch_of(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	return bed->private;
}

static void name(struct kunit *test, u64 what)
{
	struct prefetch_test *t = prefetch_of(test);

	KUNIT_ASSERT_LT(test, t->nr, NAMES);
	t->name[t->nr++] = what;
}

/* The process touches a page; what it has prefetched is there when this returns. */
static void touch(struct kunit *test, unsigned int i)
{
	struct mage_bed *bed = test->priv;

	prefetch_of(test)->trigger = mage_bed_at(bed, i);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, i, SEED));
	mage_bed_wait_prefetch(bed);
}

static void pages_that_are_named_come_unused(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i;

	all_far(test, NR);
	for (i = 1; i < 6; i++)
		name(test, mage_bed_at(bed, i) + 5);
	touch(test, 0);
	for (i = 1; i < 6; i++) {
		KUNIT_EXPECT_EQ(test, t->result[i - 1], 0);
		KUNIT_ASSERT_FALSE(test, mage_bed_is_far(bed, i, NULL));
		KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, i)));
		KUNIT_EXPECT_TRUE(test, mage_bed_frame(bed, i)->prefetched);
		KUNIT_EXPECT_TRUE(test, mage_frame_has_slot(mage_bed_frame(bed, i)));
	}
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR - 6);
	KUNIT_EXPECT_FALSE(test, mage_bed_frame(bed, 0)->prefetched);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 6);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), 5);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_FAULTS), 1);
	/* The reads of prefetches do not ask the policy. */
	KUNIT_EXPECT_EQ(test, t->calls, 1);
	/* Two are used, three go again unused. */
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	mage_bed_evict(bed, 1, 5);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 2);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_WASTE), 3);
	t->nr = 0;
	all_hold(test, NR);
}

/* The page that is waited for is on its way while the policy thinks. */
static void read_is_posted_before_the_policy_is_asked(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;

	all_far(test, NR);
	name(test, mage_bed_at(bed, 1));
	bed->store.hold_reads = true;
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->calls, 1);
	KUNIT_EXPECT_EQ(test, t->posted, 1);
	KUNIT_EXPECT_TRUE(test, t->under_way);
	/* What was named is read after it. */
	KUNIT_EXPECT_EQ(test, t->result[0], 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 2);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR - 2);
	t->nr = 0;
	all_hold(test, NR);
}

/* There is nothing to wait for, but others may be wanted all the same. */
static void policy_is_asked_of_a_page_that_cannot_be_read(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;

	all_far(test, NR);
	bed->store.read_error = -EIO;
	KUNIT_EXPECT_FALSE(test, can_read(bed, 0));
	bed->store.read_error = 0;
	KUNIT_EXPECT_EQ(test, t->calls, 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 1);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	all_hold(test, NR);
}

static void names_at_the_edges_of_the_mapping(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	/* The mapping ends behind the evicted pages. */
	const unsigned long start = mage_bed_at(bed, 0), end = mage_bed_at(bed, NR);

	all_far(test, NR);
	KUNIT_ASSERT_EQ(test, vm_munmap(end, (MAGE_BED_PAGES - NR) * PAGE_SIZE), 0);
	name(test, start);
	name(test, end - 1);
	name(test, start - 1);
	name(test, end);
	name(test, bed->text);
	name(test, 0);
	name(test, ~0ULL);
	name(test, BIT_ULL(63));
	touch(test, 3);
	KUNIT_EXPECT_EQ(test, t->fault.start, start);
	KUNIT_EXPECT_EQ(test, t->fault.end, end);
	KUNIT_EXPECT_EQ(test, t->fault.address, mage_bed_at(bed, 3));
	KUNIT_EXPECT_EQ(test, t->fault.budget, MAGE_PREFETCH_MAX);
	KUNIT_EXPECT_EQ(test, t->result[0], 0);
	KUNIT_EXPECT_EQ(test, t->result[1], 0);
	KUNIT_EXPECT_EQ(test, t->result[2], -EINVAL);
	KUNIT_EXPECT_EQ(test, t->result[3], -EINVAL);
	KUNIT_EXPECT_EQ(test, t->result[4], -EINVAL);
	KUNIT_EXPECT_EQ(test, t->result[5], -EINVAL);
	KUNIT_EXPECT_EQ(test, t->result[6], -EINVAL);
	KUNIT_EXPECT_EQ(test, t->result[7], -EINVAL);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, NR - 1, NULL));
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR - 3);
	t->nr = 0;
	all_hold(test, NR);
}

static void names_that_need_no_read(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;

	all_far(test, NR);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	name(test, mage_bed_at(bed, 0));
	name(test, mage_bed_at(bed, 1));
	/* Never touched. */
	name(test, mage_bed_at(bed, NR));
	name(test, mage_bed_at(bed, 2));
	name(test, mage_bed_at(bed, 2) + PAGE_SIZE - 1);
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->result[0], -EEXIST);
	KUNIT_EXPECT_EQ(test, t->result[1], -EEXIST);
	KUNIT_EXPECT_EQ(test, t->result[2], -ENOENT);
	KUNIT_EXPECT_EQ(test, t->result[3], 0);
	KUNIT_EXPECT_EQ(test, t->result[4], -EEXIST);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), 1);
	KUNIT_EXPECT_TRUE(test, pte_none(mage_bed_pte(bed, NR)));
	t->nr = 0;
	all_hold(test, NR);
}

static void slots_are_named_by_what_is_remembered(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	swp_entry_t entry[4];
	unsigned int i;

	t->call = call_slot;
	/* Without MAGE_OPS_GHOST nothing is remembered. */
	all_far(test, 4);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, i, &entry[i]));
	name(test, swp_offset(entry[1]));
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->fault.slot, swp_offset(entry[0]));
	KUNIT_EXPECT_EQ(test, t->result[0], -ENOENT);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 1, NULL));

	bed->policy.flags = MAGE_OPS_GHOST;
	mage_bed_govern(bed);
	t->nr = 0;
	all_far(test, 4);
	for (i = 0; i < 4; i++)
		KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, i, &entry[i]));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 3, SEED));
	name(test, swp_offset(entry[1]));
	/* Local by now; beyond the end of the device; the header; never used. */
	name(test, swp_offset(entry[3]));
	name(test, MAGE_BED_SLOTS + 1);
	name(test, U32_MAX);
	name(test, 0);
	name(test, MAGE_BED_SLOTS);
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->result[0], 0);
	for (i = 1; i < 6; i++)
		KUNIT_EXPECT_EQ(test, t->result[i], -ENOENT);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 1, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 2, NULL));
	t->nr = 0;
	all_hold(test, 4);
}

/* What is remembered is an address; another page may lie there now. */
static void slot_of_a_page_that_is_no_more_is_not_named(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	swp_entry_t before, entries[MAGE_BED_SLOTS];
	unsigned int nr, i;

	t->call = call_slot;
	bed->policy.flags = MAGE_OPS_GHOST;
	mage_bed_govern(bed);
	all_far(test, 3);
	KUNIT_ASSERT_TRUE(test, mage_bed_is_far(bed, 1, &before));
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 1), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	/* Of all slots one is left, and that is another. */
	nr = mage_slots_alloc(bed->disk, MAGE_BED_SLOTS, entries);
	KUNIT_ASSERT_EQ(test, nr, MAGE_BED_SLOTS - 2);
	i = entries[0].val == before.val;
	swap_free(entries[i]);
	entries[i] = entries[--nr];
	mage_bed_fill(bed, 1, 1, SEED);
	mage_bed_evict(bed, 1, 1);
	name(test, swp_offset(before));
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->result[0], -ENOENT);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 1, NULL));
	while (nr--)
		swap_free(entries[nr]);
	t->nr = 0;
	all_hold(test, 3);
}

static void budget_is_half_of_the_room_to_spare(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i;

	all_far(test, NR);
	for (i = 1; i < NR; i++)
		name(test, mage_bed_at(bed, i));
	leave_room(bed, MAGE_BATCH_LEAST);
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->fault.budget, 0);
	for (i = 1; i < NR; i++)
		KUNIT_EXPECT_EQ(test, t->result[i - 1], -ENOSPC);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR - 1);
	/* Room is never counted below nothing. */
	leave_room(bed, -5);
	touch(test, 1);
	KUNIT_EXPECT_EQ(test, t->fault.budget, 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), 0);
	KUNIT_EXPECT_NULL(test, bed->domain->ejected);
	/* A charge may have been made in advance, so more or less is there than was left. */
	t->nr = 0;
	leave_room(bed, MAGE_BATCH_LEAST + MEMCG_CHARGE_BATCH + 20);
	touch(test, 2);
	KUNIT_EXPECT_GE(test, t->fault.budget, 10);
	KUNIT_EXPECT_EQ(test, t->fault.budget,
			(mage_domain_room(bed->domain) - MAGE_BATCH_LEAST) / 2);
	leave_room(bed, PAGE_COUNTER_MAX / 2);
	all_hold(test, NR);
}

/* The room has gone between the naming and the work. */
static void nothing_is_prefetched_without_room(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address[NR];
	unsigned int i;

	all_far(test, NR);
	for (i = 0; i < NR; i++)
		address[i] = mage_bed_at(bed, i);
	leave_room(bed, MAGE_BATCH_LEAST);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, address, NR));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	leave_room(bed, PAGE_COUNTER_MAX / 2);
	/* A domain that ends takes none either. */
	WRITE_ONCE(bed->domain->shards.closing, true);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, address, NR));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	WRITE_ONCE(bed->domain->shards.closing, false);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 0);
	all_hold(test, NR);
}

static void names_beyond_the_budget_are_refused_and_then_eject(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	unsigned int i;

	all_far(test, NR);
	/* No budget at all: each name counts against the policy. */
	leave_room(bed, 0);
	for (i = 0; i < 1023; i++)
		name(test, mage_bed_at(bed, 1));
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->result[1022], -ENOSPC);
	KUNIT_EXPECT_NULL(test, bed->domain->ejected);
	KUNIT_EXPECT_NE(test, bed->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
	/* The count is that of a call. */
	name(test, mage_bed_at(bed, 3));
	touch(test, 2);
	flush_work(&bed->domain->eject_work);
	KUNIT_EXPECT_EQ(test, bed->domain->exit_info.kind, MAGE_EXIT_OVER_BUDGET);
	leave_room(bed, PAGE_COUNTER_MAX / 2);
	t->nr = 0;
	all_hold(test, NR);
}

static void reads_that_fail_leave_the_page_far(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	unsigned long address[] = { mage_bed_at(bed, 1), mage_bed_at(bed, 2) };

	all_far(test, NR);
	bed->store.read_error = -EIO;
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, address, 2));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	bed->store.read_error = 0;
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 2);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), 0);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	KUNIT_EXPECT_EQ(test, t->calls, 0);
	all_hold(test, NR);
}

/* As a process may have it when the work comes to it. */
static void pages_that_are_no_more_are_left_out(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address[] = {
		mage_bed_at(bed, 0), mage_bed_at(bed, 1), mage_bed_at(bed, 2), mage_bed_at(bed, 3),
		0, TASK_SIZE_MAX - PAGE_SIZE,
	};

	all_far(test, NR);
	KUNIT_ASSERT_EQ(test, vm_munmap(mage_bed_at(bed, 0), PAGE_SIZE), 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mprotect, mage_bed_at(bed, 1), PAGE_SIZE,
					    PROT_NONE, 0, 0), 0);
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_madvise, mage_bed_at(bed, 2), PAGE_SIZE,
					    MADV_DONTNEED, 0, 0), 0);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, address,
						    ARRAY_SIZE(address)));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 1, NULL));
	KUNIT_EXPECT_TRUE(test, pte_none(mage_bed_pte(bed, 2)));
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 3, NULL));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 3, SEED));
	KUNIT_ASSERT_EQ(test, mage_bed_call(bed, __NR_mprotect, mage_bed_at(bed, 1), PAGE_SIZE,
					    PROT_READ, 0, 0), 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
}

static void process_that_has_exited_is_left_alone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address = mage_bed_at(bed, 0);
	struct mm_struct *mm = mm_alloc();

	KUNIT_ASSERT_NOT_NULL(test, mm);
	mmgrab(mm);
	mmput(mm);
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, mm, &address, 1));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	/* Nobody else has a reference. */
	KUNIT_EXPECT_EQ(test, atomic_read(&mm->mm_count), 1);
	mmdrop(mm);
}

/* Its last reference has gone; it is still found under RCU. */
static void domain_that_is_gone_is_left_alone(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address = mage_bed_at(bed, 0);
	struct mage_domain *gone = mage_domain_new();

	KUNIT_ASSERT_NOT_NULL(test, gone);
	refcount_set(&gone->refs, 0);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, mage_prefetch_start(gone, bed->mm, &address, 1));
	rcu_read_unlock();
	KUNIT_EXPECT_EQ(test, atomic_read(&gone->prefetching), 0);
	mage_domain_free(&gone->rcu);
}

static void too_many_works_are_not_begun(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	unsigned long address = mage_bed_at(bed, 1);
	struct mage_fail fail;
	bool started;

	all_far(test, NR);
	name(test, address);
	/* As if 64 were under way. */
	atomic_add(64, &bed->domain->prefetching);
	rcu_read_lock();
	KUNIT_EXPECT_FALSE(test, mage_prefetch_start(bed->domain, bed->mm, &address, 1));
	rcu_read_unlock();
	t->trigger = mage_bed_at(bed, 0);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_EXPECT_EQ(test, t->fault.budget, 0);
	KUNIT_EXPECT_EQ(test, t->result[0], -ENOSPC);
	KUNIT_EXPECT_EQ(test, atomic_sub_return(64, &bed->domain->prefetching), 0);
	/* And without memory none is. */
	KUNIT_ASSERT_EQ(test, mage_fail_begin(&fail, "__kmalloc_noprof", 0), 0);
	rcu_read_lock();
	started = mage_prefetch_start(bed->domain, bed->mm, &address, 1);
	rcu_read_unlock();
	mage_fail_end(&fail);
	KUNIT_EXPECT_FALSE(test, started);
	KUNIT_EXPECT_GT(test, fail.failed, 0);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->domain->prefetching), 0);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR - 1);
	t->nr = 0;
	all_hold(test, NR);
}

static void look_tells_how_pages_fare(struct kunit *test)
{
	struct prefetch_test *t = prefetch_of(test);
	struct mage_bed *bed = test->priv;
	/* Page 1 is used, 2 is prefetched and not used, 3 is far. */
	unsigned long address = mage_bed_at(bed, 2);

	all_far(test, NR);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	rcu_read_lock();
	KUNIT_EXPECT_TRUE(test, mage_prefetch_start(bed->domain, bed->mm, &address, 1));
	rcu_read_unlock();
	mage_bed_wait_prefetch(bed);
	t->call = mage_fault_look;
	name(test, mage_bed_at(bed, 1));
	name(test, mage_bed_at(bed, 2));
	name(test, mage_bed_at(bed, 3));
	name(test, mage_bed_at(bed, NR));
	name(test, mage_bed_at(bed, 0) - 1);
	name(test, mage_bed_at(bed, MAGE_BED_PAGES));
	touch(test, 0);
	KUNIT_EXPECT_EQ(test, t->result[0], 2);
	KUNIT_EXPECT_EQ(test, t->result[1], 1);
	KUNIT_EXPECT_EQ(test, t->result[2], 0);
	KUNIT_EXPECT_EQ(test, t->result[3], 0);
	KUNIT_EXPECT_EQ(test, t->result[4], -EINVAL);
	KUNIT_EXPECT_EQ(test, t->result[5], -EINVAL);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 0);
	/* Once it is used, a look notices, and counts it. */
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	touch(test, 3);
	KUNIT_EXPECT_EQ(test, t->result[1], 2);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCH_HITS), 1);
	t->nr = 0;
	all_hold(test, NR);
}

static void only_works_of_prefetch_prefetch(struct kunit *test)
{
	KUNIT_EXPECT_FALSE(test, mage_prefetching());
	KUNIT_EXPECT_EQ(test, mage_mm_number(NULL), 0);
}

static struct kunit_case prefetch_test_cases[] = {
	KUNIT_CASE(pages_that_are_named_come_unused),
	KUNIT_CASE(read_is_posted_before_the_policy_is_asked),
	KUNIT_CASE(policy_is_asked_of_a_page_that_cannot_be_read),
	KUNIT_CASE(names_at_the_edges_of_the_mapping),
	KUNIT_CASE(names_that_need_no_read),
	KUNIT_CASE(slots_are_named_by_what_is_remembered),
	KUNIT_CASE(slot_of_a_page_that_is_no_more_is_not_named),
	KUNIT_CASE(budget_is_half_of_the_room_to_spare),
	KUNIT_CASE(nothing_is_prefetched_without_room),
	KUNIT_CASE(names_beyond_the_budget_are_refused_and_then_eject),
	KUNIT_CASE(reads_that_fail_leave_the_page_far),
	KUNIT_CASE(pages_that_are_no_more_are_left_out),
	KUNIT_CASE(process_that_has_exited_is_left_alone),
	KUNIT_CASE(domain_that_is_gone_is_left_alone),
	KUNIT_CASE(too_many_works_are_not_begun),
	KUNIT_CASE(look_tells_how_pages_fare),
	KUNIT_CASE(only_works_of_prefetch_prefetch),
	{}
};

static struct kunit_suite prefetch_test_suite = {
	.name = "mage_prefetch",
	.init = prefetch_test_init,
	.exit = mage_bed_exit,
	.test_cases = prefetch_test_cases,
};

/* Hints */

/**
 * struct hint_test - what a policy hears of hints
 * @nr: how many it heard
 * @frame: of which page the last was
 * @what: what it said
 */
struct hint_test {
	unsigned int nr;
	struct mage_frame *frame;
	u32 what;
};

static void hear(struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	struct mage_bed *bed = container_of(mage_policy(domain), struct mage_bed, policy);
	struct hint_test *t = bed->private;

	t->nr++;
	t->frame = frame;
	t->what = what;
}

static int hint_test_init(struct kunit *test)
{
	int err = mage_bed_init(test);
	struct mage_bed *bed = test->priv;

	if (err)
		return err;
	bed->private = kunit_kzalloc(test, sizeof(struct hint_test), GFP_KERNEL);
	KUNIT_ASSERT_NOT_NULL(test, bed->private);
	bed->policy.hint = hear;
	return 0;
}

static struct hint_test *hint_of(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	return bed->private;
}

static long advise(struct mage_bed *bed, unsigned long start, unsigned long len, int advice)
{
	return mage_bed_call(bed, __NR_madvise, start, len, advice, 0, 0);
}

static void cold_pages_are_told(struct kunit *test)
{
	struct hint_test *t = hint_of(test);
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 3, SEED);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 1), PAGE_SIZE, MADV_COLD), 0);
	KUNIT_EXPECT_EQ(test, t->nr, 1);
	KUNIT_EXPECT_PTR_EQ(test, t->frame, mage_bed_frame(bed, 1));
	KUNIT_EXPECT_EQ(test, t->what, MAGE_HINT_COLD);
	KUNIT_EXPECT_FALSE(test, pte_young(mage_bed_pte(bed, 1)));
	KUNIT_EXPECT_TRUE(test, pte_young(mage_bed_pte(bed, 0)));
	all_hold(test, 3);
}

static void pageout_is_told_and_done(struct kunit *test)
{
	struct hint_test *t = hint_of(test);
	struct mage_bed *bed = test->priv;

	mage_bed_fill(bed, 0, 3, SEED);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 1), PAGE_SIZE, MADV_PAGEOUT), 0);
	KUNIT_EXPECT_EQ(test, t->nr, 1);
	KUNIT_EXPECT_EQ(test, t->what, MAGE_HINT_PAGEOUT);
	KUNIT_EXPECT_EQ(test, nr_far(bed, 3), 1);
	all_hold(test, 3);
}

/* Without a callback a cold page is the next to go, and one that is needed the last. */
static void hints_move_pages_by_default(struct kunit *test)
{
	u32 shards = mage_knobs.shards;
	struct mage_bed *bed = test->priv;
	struct list_head *list = &bed->domain->shards.shard[0].lists[0];

	bed->policy.hint = NULL;
	/* All on one list, whatever CPU this runs on. */
	WRITE_ONCE(mage_knobs.shards, 1);
	mage_bed_fill(bed, 0, 3, SEED);
	WRITE_ONCE(mage_knobs.shards, shards);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 1), PAGE_SIZE, MADV_COLD), 0);
	KUNIT_EXPECT_TRUE(test, list_is_first(&mage_bed_frame(bed, 1)->link, list));
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 0), PAGE_SIZE, MADV_WILLNEED), 0);
	KUNIT_EXPECT_TRUE(test, list_is_last(&mage_bed_frame(bed, 0)->link, list));
	all_hold(test, 3);
}

static void pages_that_are_not_mages_are_not_told(struct kunit *test)
{
	struct hint_test *t = hint_of(test);
	struct mage_bed *bed = test->priv;
	struct folio *small = folio_alloc(GFP_KERNEL, 0);
	struct folio *large = folio_alloc(GFP_KERNEL, 2);

	KUNIT_ASSERT_NOT_NULL(test, small);
	KUNIT_ASSERT_NOT_NULL(test, large);
	__mage_folio_hint(small, true);
	__mage_folio_hint(large, false);
	KUNIT_EXPECT_EQ(test, t->nr, 0);
	/* A page of a process, but of one in no domain. */
	rcu_assign_pointer(bed->mm->owner, NULL);
	mage_bed_fill(bed, 1, 1, SEED);
	rcu_assign_pointer(bed->mm->owner, bed->owner);
	KUNIT_EXPECT_EQ(test, mage_bed_frame(bed, 1)->owner, 0);
	__mage_folio_hint(mage_bed_folio(bed, 1), false);
	KUNIT_EXPECT_EQ(test, t->nr, 0);
	mage_bed_fill(bed, 0, 1, SEED);
	KUNIT_EXPECT_NE(test, mage_bed_frame(bed, 0)->owner, 0);
	folio_put(small);
	folio_put(large);
}

static void needed_pages_come_and_local_ones_are_told(struct kunit *test)
{
	struct hint_test *t = hint_of(test);
	struct mage_bed *bed = test->priv;

	all_far(test, NR);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	/* One of the range is never touched, and stays so. */
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 1), NR * PAGE_SIZE, MADV_WILLNEED), 0);
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_EQ(test, t->nr, 1);
	KUNIT_EXPECT_EQ(test, t->what, MAGE_HINT_WILLNEED);
	KUNIT_EXPECT_PTR_EQ(test, t->frame, mage_bed_frame(bed, 2));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), 1);
	KUNIT_EXPECT_TRUE(test, pte_none(mage_bed_pte(bed, NR)));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), NR - 2);
	all_hold(test, NR);
}

/* More pages than one start takes. */
static void needed_range_may_be_long(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	static_assert(MAGE_BED_PAGES > MAGE_PREFETCH_MAX);
	all_far(test, MAGE_BED_PAGES);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 0), MAGE_BED_PAGES * PAGE_SIZE,
				     MADV_WILLNEED), 0);
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_EQ(test, nr_far(bed, MAGE_BED_PAGES), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), MAGE_BED_PAGES);
	all_hold(test, MAGE_BED_PAGES);
}

static void needed_pages_have_to_fit(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int far;

	all_far(test, NR);
	leave_room(bed, MAGE_BATCH_LEAST + 3);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 0), NR * PAGE_SIZE, MADV_WILLNEED), 0);
	mage_bed_wait_prefetch(bed);
	far = nr_far(bed, NR);
	KUNIT_EXPECT_GE(test, far, NR - 3);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_PREFETCHED), NR - far);
	/* None at all, and less than that. */
	leave_room(bed, -5);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 0), NR * PAGE_SIZE, MADV_WILLNEED), 0);
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), far);
	leave_room(bed, PAGE_COUNTER_MAX / 2);
	all_hold(test, NR);
}

/* A hint is not waited for: the rest of the range is dropped. */
static void needed_pages_are_dropped_when_many_are_on_their_way(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	all_far(test, MAGE_BED_PAGES);
	atomic_add(64, &bed->domain->prefetching);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 0), MAGE_BED_PAGES * PAGE_SIZE,
				     MADV_WILLNEED), 0);
	KUNIT_EXPECT_EQ(test, atomic_sub_return(64, &bed->domain->prefetching), 0);
	KUNIT_EXPECT_EQ(test, nr_far(bed, MAGE_BED_PAGES), MAGE_BED_PAGES);
	all_hold(test, MAGE_BED_PAGES);
}

static void bad_ranges_are_refused_and_good_parts_come(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	const unsigned long at = mage_bed_at(bed, 0);

	all_far(test, NR);
	KUNIT_EXPECT_EQ(test, advise(bed, at + 1, PAGE_SIZE, MADV_WILLNEED), -EINVAL);
	KUNIT_EXPECT_EQ(test, advise(bed, at, -2 * PAGE_SIZE, MADV_WILLNEED), -EINVAL);
	KUNIT_EXPECT_EQ(test, advise(bed, at, 0, MADV_WILLNEED), 0);
	KUNIT_EXPECT_EQ(test, advise(bed, at, PAGE_SIZE, 12345), -EINVAL);
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	/* A hole: what is on both sides of it comes all the same. */
	KUNIT_ASSERT_EQ(test, vm_munmap(mage_bed_at(bed, 3), PAGE_SIZE), 0);
	KUNIT_EXPECT_EQ(test, advise(bed, mage_bed_at(bed, 2), 3 * PAGE_SIZE, MADV_WILLNEED),
			-ENOMEM);
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 2, NULL));
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 4, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 1, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 5, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 2, SEED));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 4, SEED));
}

/* A process whose cgroup is no domain is the stock code's. */
static void hints_of_others_are_not_ours(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct vm_area_struct *vma;
	bool ours, theirs;

	all_far(test, NR);
	mmap_read_lock(bed->mm);
	vma = find_vma(bed->mm, mage_bed_at(bed, 0));
	rcu_assign_pointer(bed->mm->owner, NULL);
	theirs = __mage_madvise_willneed(vma, mage_bed_at(bed, 0), mage_bed_at(bed, NR));
	rcu_assign_pointer(bed->mm->owner, bed->owner);
	/* Nothing of a page is none of it. */
	ours = __mage_madvise_willneed(vma, mage_bed_at(bed, NR), mage_bed_at(bed, NR + 1));
	mmap_read_unlock(bed->mm);
	KUNIT_EXPECT_FALSE(test, theirs);
	KUNIT_EXPECT_TRUE(test, ours);
	mage_bed_wait_prefetch(bed);
	KUNIT_EXPECT_EQ(test, nr_far(bed, NR), NR);
	all_hold(test, NR);
}

static struct kunit_case hint_test_cases[] = {
	KUNIT_CASE(cold_pages_are_told),
	KUNIT_CASE(pageout_is_told_and_done),
	KUNIT_CASE(hints_move_pages_by_default),
	KUNIT_CASE(pages_that_are_not_mages_are_not_told),
	KUNIT_CASE(needed_pages_come_and_local_ones_are_told),
	KUNIT_CASE(needed_range_may_be_long),
	KUNIT_CASE(needed_pages_have_to_fit),
	KUNIT_CASE(needed_pages_are_dropped_when_many_are_on_their_way),
	KUNIT_CASE(bad_ranges_are_refused_and_good_parts_come),
	KUNIT_CASE(hints_of_others_are_not_ours),
	{}
};

static struct kunit_suite hint_test_suite = {
	.name = "mage_hint",
	.init = hint_test_init,
	.exit = mage_bed_exit,
	.test_cases = hint_test_cases,
};

kunit_test_suites(&swapin_test_suite, &prefetch_test_suite, &hint_test_suite);
