// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of checksums: what goes out gets one, and what comes back and does not
 * fit is not mapped, in a process, a cgroup and on a far device of their own.
 */
#include <kunit/test.h>
#include <linux/bio.h>
#include <linux/blkdev.h>
#include <linux/mm.h>
#include <linux/string.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/uaccess.h>
#include "bed_kunit.h"
#include "checksum.h"
#include "disk.h"
#include "domain.h"
#include "flight.h"
#include "knobs.h"

#define SEED	7
#define NR	8

static pgoff_t slot_of(struct mage_bed *bed, unsigned int i)
{
	swp_entry_t entry = {};

	KUNIT_ASSERT_TRUE(bed->test, mage_bed_is_far(bed, i, &entry));
	return swp_offset(entry);
}

/* The slot that a local page keeps. */
static pgoff_t kept_slot_of(struct mage_bed *bed, unsigned int i)
{
	struct mage_frame *frame = mage_bed_frame(bed, i);

	KUNIT_ASSERT_TRUE(bed->test, mage_frame_has_slot(frame));
	return frame->slot;
}

static u8 *stored(struct mage_bed *bed, pgoff_t slot)
{
	return page_address(bed->store.page[slot]);
}

static long mismatches(struct mage_bed *bed)
{
	return atomic_long_read(&bed->disk->mismatches);
}

static bool can_read(struct mage_bed *bed, unsigned int i)
{
	u8 byte;

	return !get_user(byte, (u8 __user *)mage_bed_at(bed, i));
}

static void make_far(struct mage_bed *bed)
{
	mage_bed_fill(bed, 0, NR, SEED);
	mage_bed_evict(bed, 0, NR);
}

/* All of the first pages are right, but for one, which cannot be read. */
static void all_but_one_are_right(struct mage_bed *bed, unsigned int lost)
{
	unsigned int i;

	for (i = 0; i < NR; i++) {
		if (i == lost)
			KUNIT_EXPECT_FALSE(bed->test, can_read(bed, i));
		else
			KUNIT_EXPECT_TRUE(bed->test, mage_bed_holds(bed, i, SEED));
	}
}

/* Each slot has another checksum of the same page. */
static void checksum_depends_on_the_slot(struct kunit *test)
{
	struct page *page = alloc_page(GFP_KERNEL | __GFP_ZERO);
	pgoff_t slot;

	KUNIT_ASSERT_NOT_NULL(test, page);
	/* Of zeroes after a remainder of 0 the remainder is 0, which has another meaning. */
	KUNIT_EXPECT_EQ(test, mage_checksum_of(page, 0), (u32)~MAGE_CHECKSUM_NONE);
	for (slot = 1; slot < 64; slot++) {
		KUNIT_EXPECT_NE(test, mage_checksum_of(page, slot), MAGE_CHECKSUM_NONE);
		KUNIT_EXPECT_NE(test, mage_checksum_of(page, slot),
				mage_checksum_of(page, slot - 1));
	}
	__free_page(page);
}

static void page_that_is_right_comes_back(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned int i;

	make_far(bed);
	for (i = 0; i < NR; i++) {
		pgoff_t slot = slot_of(bed, i);

		KUNIT_EXPECT_EQ(test, bed->disk->checksums[slot],
				mage_checksum_of(bed->store.page[slot], slot));
	}
	all_but_one_are_right(bed, NR);
	KUNIT_EXPECT_EQ(test, mismatches(bed), 0);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
}

static void page_with_a_wrong_bit_is_lost(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	make_far(bed);
	stored(bed, slot_of(bed, 3))[PAGE_SIZE - 1] ^= 0x80;
	all_but_one_are_right(bed, 3);
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 3, NULL));
	KUNIT_EXPECT_EQ(test, mismatches(bed), 2);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 1);
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_READ_ERRORS), 1);
	/* It is there again when the store has it again. */
	stored(bed, slot_of(bed, 3))[PAGE_SIZE - 1] ^= 0x80;
	all_but_one_are_right(bed, NR);
}

static void page_that_came_to_harm_on_the_way_is_read_again(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	make_far(bed);
	atomic_set(&bed->store.reads, 0);
	bed->store.flips = 3;
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.reads), 4);
	KUNIT_EXPECT_EQ(test, mismatches(bed), 3);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
	/* Not for ever. */
	bed->store.flips = 100;
	KUNIT_EXPECT_FALSE(test, can_read(bed, 1));
	bed->store.flips = 0;
	all_but_one_are_right(bed, NR);
}

/* The store has what was there before. */
static void stale_page_is_lost(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	pgoff_t slot;

	make_far(bed);
	slot = slot_of(bed, 0);
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	KUNIT_EXPECT_EQ(test, kept_slot_of(bed, 0), slot);
	memcpy(bed->buffer, stored(bed, slot), PAGE_SIZE);
	mage_bed_evict(bed, 0, 1);
	KUNIT_ASSERT_EQ(test, slot_of(bed, 0), slot);
	memcpy(stored(bed, slot), bed->buffer, PAGE_SIZE);
	all_but_one_are_right(bed, 0);
}

static void pages_of_two_slots_are_lost(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	make_far(bed);
	swap(bed->store.page[slot_of(bed, 1)], bed->store.page[slot_of(bed, 2)]);
	KUNIT_EXPECT_FALSE(test, can_read(bed, 1));
	KUNIT_EXPECT_FALSE(test, can_read(bed, 2));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 3, SEED));
	KUNIT_EXPECT_EQ(test, mismatches(bed), 4);
	swap(bed->store.page[slot_of(bed, 1)], bed->store.page[slot_of(bed, 2)]);
	all_but_one_are_right(bed, NR);
}

/* Writes of the first pages are on their way. */
static void write_and_hold(struct mage_bed *bed)
{
	mage_bed_fill(bed, 0, NR, SEED);
	bed->store.hold = true;
	mage_bed_pick(bed, 0, NR);
	mage_bed_step(bed, MAGE_BATCH_WRITING);
	bed->store.hold = false;
	KUNIT_ASSERT_NOT_NULL(bed->test, bed->store.held);
}

static void complete_and_end(struct mage_bed *bed)
{
	mage_bed_complete(bed);
	mage_bed_step(bed, MAGE_BATCH_IDLE);
}

/* What is written to meanwhile is no more what the slot holds, nor is its checksum. */
static void page_that_changes_while_it_is_written(struct kunit *test)
{
	struct mage_bed *bed = test->priv;

	make_far(bed);
	write_and_hold(bed);
	KUNIT_EXPECT_FALSE(test, mage_checksum_is_known(bed->disk, kept_slot_of(bed, 0)));
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED + 1));
	complete_and_end(bed);
	KUNIT_ASSERT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_FALSE(test, mage_checksum_is_known(bed->disk, kept_slot_of(bed, 0)));
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED + 1));
	KUNIT_EXPECT_EQ(test, mismatches(bed), 0);
}

/* It stays, clean, and goes without a write the next time: with a checksum all the same. */
static void page_that_is_read_while_it_is_written(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	int writes;

	write_and_hold(bed);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
	complete_and_end(bed);
	KUNIT_ASSERT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	writes = atomic_read(&bed->store.writes);
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->store.writes), writes);
	KUNIT_EXPECT_TRUE(test, mage_checksum_is_known(bed->disk, slot_of(bed, 0)));
	stored(bed, slot_of(bed, 0))[0] ^= 1;
	all_but_one_are_right(bed, 0);
}

static void page_whose_write_failed_has_none(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	pgoff_t slot;

	write_and_hold(bed);
	slot = kept_slot_of(bed, 0);
	bed->store.held->io[0].error = -EIO;
	complete_and_end(bed);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 0, NULL));
	KUNIT_EXPECT_FALSE(test, mage_checksum_is_known(bed->disk, slot));
	KUNIT_EXPECT_TRUE(test, mage_checksum_is_known(bed->disk, slot_of(bed, 1)));
	all_but_one_are_right(bed, NR);
}

/* The zeromap has them: the slot's checksum is not asked for. */
static void zeroes_need_none(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	pgoff_t slot;

	mage_bed_fill(bed, 0, 1, SEED);
	KUNIT_ASSERT_EQ(test, clear_user((u8 __user *)mage_bed_at(bed, 0), PAGE_SIZE), 0);
	mage_bed_evict(bed, 0, 1);
	slot = slot_of(bed, 0);
	KUNIT_EXPECT_FALSE(test, mage_checksum_is_known(bed->disk, slot));
	KUNIT_EXPECT_TRUE(test, can_read(bed, 0));
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_FALSE(test, mage_checksum_is_known(bed->disk, slot));
	KUNIT_ASSERT_TRUE(test, mage_bed_write(bed, 0, SEED));
	mage_bed_evict(bed, 0, 1);
	KUNIT_EXPECT_TRUE(test, mage_checksum_is_known(bed->disk, slot_of(bed, 0)));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 0, SEED));
}

/* Of a flight all land but the one that does not fit. */
static void flight_with_a_wrong_page(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address[4], others;
	unsigned int i, started;

	make_far(bed);
	stored(bed, slot_of(bed, 3))[100] ^= 4;
	for (i = 0; i < ARRAY_SIZE(address); i++)
		address[i] = mage_bed_at(bed, 1 + i);
	mmap_read_lock(bed->mm);
	rcu_read_lock();
	started = mage_flight_start(bed->domain, find_vma(bed->mm, address[0]),
				    bed->disk->si->type, address, ARRAY_SIZE(address), &others);
	rcu_read_unlock();
	mmap_read_unlock(bed->mm);
	KUNIT_ASSERT_EQ(test, started, ARRAY_SIZE(address));
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	KUNIT_EXPECT_EQ(test, atomic_read(&bed->domain->flying), 0);
	KUNIT_EXPECT_EQ(test, mismatches(bed), 1);
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 2, NULL));
	KUNIT_EXPECT_TRUE(test, mage_bed_is_far(bed, 3, NULL));
	KUNIT_EXPECT_FALSE(test, mage_bed_is_far(bed, 4, NULL));
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
	all_but_one_are_right(bed, 3);
	KUNIT_EXPECT_EQ(test, mismatches(bed), 3);
}

/* It is the page that is faulted on: the fault reads it by itself, which is right then. */
static void flight_whose_first_page_is_wrong(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	unsigned long address, others;
	unsigned int started;

	make_far(bed);
	address = mage_bed_at(bed, 1);
	bed->store.flips = 1;
	mmap_read_lock(bed->mm);
	rcu_read_lock();
	started = mage_flight_start(bed->domain, find_vma(bed->mm, address),
				    bed->disk->si->type, &address, 1, &others);
	rcu_read_unlock();
	mmap_read_unlock(bed->mm);
	KUNIT_ASSERT_EQ(test, started, 1);
	KUNIT_EXPECT_TRUE(test, mage_bed_holds(bed, 1, SEED));
	KUNIT_EXPECT_EQ(test, mismatches(bed), 1);
	KUNIT_EXPECT_EQ(test, atomic_long_read(&bed->disk->read_errors), 0);
}

static blk_status_t block_io(struct mage_bed *bed, struct page *page, pgoff_t slot, blk_opf_t op)
{
	struct bio_vec vec;
	struct bio bio;
	blk_status_t status;

	bio_init(&bio, bed->disk->disk->part0, &vec, 1, op);
	bio.bi_iter.bi_sector = (sector_t)slot << PAGE_SECTORS_SHIFT;
	__bio_add_page(&bio, page, PAGE_SIZE, 0);
	submit_bio_wait(&bio);
	status = bio.bi_status;
	bio_uninit(&bio);
	return status;
}

/* What takes the stock way out and in has checksums as well. */
static void block_device_has_checksums(struct kunit *test)
{
	const pgoff_t slot = MAGE_BED_SLOTS;
	struct mage_bed *bed = test->priv;
	struct page *page = alloc_page(GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, page);
	memset(page_address(page), 0x5a, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, block_io(bed, page, slot, REQ_OP_WRITE), BLK_STS_OK);
	KUNIT_EXPECT_EQ(test, bed->disk->checksums[slot], mage_checksum_of(page, slot));
	clear_page(page_address(page));
	KUNIT_EXPECT_EQ(test, block_io(bed, page, slot, REQ_OP_READ), BLK_STS_OK);
	KUNIT_EXPECT_NULL(test, memchr_inv(page_address(page), 0x5a, PAGE_SIZE));
	stored(bed, slot)[0] = 0;
	KUNIT_EXPECT_EQ(test, block_io(bed, page, slot, REQ_OP_READ), BLK_STS_PROTECTION);
	KUNIT_EXPECT_EQ(test, mismatches(bed), 2);
	__free_page(page);
}

static int checksum_test_init(struct kunit *test)
{
	struct mage_bed *bed;
	int err = mage_bed_init(test);

	if (err)
		return err;
	/* Flights last for as long as a test may take on the slowest machine. */
	WRITE_ONCE(mage_knobs.flight_ms, 60 * MSEC_PER_SEC);
	bed = test->priv;
	/* Nothing but its header was read and written yet. */
	return mage_checksums_init(bed->disk);
}

static struct kunit_case checksum_test_cases[] = {
	KUNIT_CASE(checksum_depends_on_the_slot),
	KUNIT_CASE(page_that_is_right_comes_back),
	KUNIT_CASE(page_with_a_wrong_bit_is_lost),
	KUNIT_CASE(page_that_came_to_harm_on_the_way_is_read_again),
	KUNIT_CASE(stale_page_is_lost),
	KUNIT_CASE(pages_of_two_slots_are_lost),
	KUNIT_CASE(page_that_changes_while_it_is_written),
	KUNIT_CASE(page_that_is_read_while_it_is_written),
	KUNIT_CASE(page_whose_write_failed_has_none),
	KUNIT_CASE(zeroes_need_none),
	KUNIT_CASE(flight_with_a_wrong_page),
	KUNIT_CASE(flight_whose_first_page_is_wrong),
	KUNIT_CASE(block_device_has_checksums),
	{}
};

static struct kunit_suite checksum_test_suite = {
	.name = "mage_checksum",
	.init = checksum_test_init,
	.exit = mage_bed_exit,
	.test_cases = checksum_test_cases,
};

kunit_test_suite(checksum_test_suite);
