// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: KUnit tests of slots, and of what is remembered by slot.
 */
#include <kunit/test.h>
#include <linux/bitmap.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include <linux/swapops.h>
#include "../swap.h"
#include "bed_kunit.h"
#include "disk.h"
#include "domain.h"
#include "fail_kunit.h"
#include "ghost.h"
#include "slot.h"

/* Slots */

/* All slots of the bed's device, in @entries, each of them once. */
static void take_all(struct kunit *test, swp_entry_t *entries)
{
	struct mage_bed *bed = test->priv;
	DECLARE_BITMAP(seen, MAGE_BED_SLOTS + 1);
	unsigned int i;

	bitmap_zero(seen, MAGE_BED_SLOTS + 1);
	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, MAGE_BED_SLOTS + 10, entries),
			MAGE_BED_SLOTS);
	for (i = 0; i < MAGE_BED_SLOTS; i++) {
		unsigned long offset = swp_offset(entries[i]);

		KUNIT_ASSERT_EQ(test, swp_type(entries[i]), bed->disk->si->type);
		/* The first is the header. */
		KUNIT_ASSERT_GT(test, offset, 0);
		KUNIT_ASSERT_LE(test, offset, MAGE_BED_SLOTS);
		KUNIT_EXPECT_FALSE(test, __test_and_set_bit(offset, seen));
		KUNIT_EXPECT_EQ(test, __swap_count(entries[i]), 1);
	}
}

static void slots_are_taken_until_there_are_none(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entries[MAGE_BED_SLOTS + 10], more;
	unsigned int i;

	take_all(test, entries);
	KUNIT_EXPECT_EQ(test, mage_slots_alloc(bed->disk, 1, &more), 0);
	KUNIT_EXPECT_EQ(test, mage_slots_alloc(bed->disk, 0, &more), 0);
	for (i = 0; i < MAGE_BED_SLOTS; i++)
		mage_slot_free_later(swp_type(entries[i]), swp_offset(entries[i]));
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 0);
	/* All of them are there again. */
	take_all(test, entries);
	for (i = 0; i < MAGE_BED_SLOTS; i++)
		swap_free(entries[i]);
}

static bool is_on_offer(struct mage_bed *bed)
{
	u8 types[MAX_SWAPFILES];
	unsigned int i, nr;

	mage_bed_heed(bed);
	nr = swap_types_in_turn(types);
	for (i = 0; i < nr; i++)
		if (types[i] == bed->disk->si->type)
			return true;
	return false;
}

static void device_that_is_away_gives_no_slots(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct swap_info_struct *si = bed->disk->si;
	struct mage_device *dev = &bed->disk->dev;
	bool has_place;

	KUNIT_EXPECT_TRUE(test, is_on_offer(bed));
	mage_device_suspend(dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	KUNIT_EXPECT_TRUE(test, mage_disk_has_place());
	/* The work that offers it again has to wait. */
	spin_lock(&si->lock);
	mage_device_resume(dev);
	has_place = mage_disk_has_place();
	spin_unlock(&si->lock);
	KUNIT_EXPECT_TRUE(test, has_place);
	KUNIT_EXPECT_TRUE(test, is_on_offer(bed));
	mage_device_fail(dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	KUNIT_EXPECT_FALSE(test, mage_disk_has_place());
	/* There is no way back. */
	mage_device_resume(dev);
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	mage_bed_mend(bed);
	KUNIT_EXPECT_TRUE(test, is_on_offer(bed));
}

/* Where the last slot goes, and the first is given back, others look after the list as well. */
static void device_that_is_away_may_be_full_and_not(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_device *dev = &bed->disk->dev;
	swp_entry_t entries[MAGE_BED_SLOTS + 10];
	unsigned int i;

	mage_device_suspend(dev, "a test wants it so");
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	take_all(test, entries);
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	mage_device_resume(dev);
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	mage_device_suspend(dev, "a test wants it so");
	swap_free(entries[0]);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), MAGE_BED_SLOTS - 1);
	KUNIT_EXPECT_FALSE(test, is_on_offer(bed));
	mage_device_resume(dev);
	KUNIT_EXPECT_TRUE(test, is_on_offer(bed));
	for (i = 1; i < MAGE_BED_SLOTS; i++)
		swap_free(entries[i]);
	KUNIT_EXPECT_TRUE(test, is_on_offer(bed));
}

static void slots_of_a_device_that_is_switched_off_are_not_to_be_had(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct swap_info_struct *si = bed->disk->si;
	swp_entry_t entry;

	spin_lock(&si->lock);
	si->flags &= ~SWP_WRITEOK;
	spin_unlock(&si->lock);
	KUNIT_EXPECT_EQ(test, mage_slots_alloc(bed->disk, 1, &entry), 0);
	spin_lock(&si->lock);
	si->flags |= SWP_WRITEOK;
	spin_unlock(&si->lock);
	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, 1, &entry), 1);
	swap_free(entry);
}

/* Before the work has run both marks are one. */
static void slot_that_is_given_back_twice_is_freed_once(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	swp_entry_t entry[2];

	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, 2, entry), 2);
	disable_work_sync(&bed->disk->free_work);
	/* A second owner, such as another process after fork(). */
	KUNIT_ASSERT_EQ(test, swap_duplicate(entry[0]), 0);
	mage_slot_free_later(swp_type(entry[0]), swp_offset(entry[0]));
	mage_slot_free_later(swp_type(entry[0]), swp_offset(entry[0]));
	KUNIT_EXPECT_EQ(test, __swap_count(entry[0]), 2);
	enable_work(&bed->disk->free_work);
	queue_work(system_unbound_wq, &bed->disk->free_work);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 2);
	KUNIT_EXPECT_EQ(test, __swap_count(entry[0]), 1);
	KUNIT_EXPECT_EQ(test, __swap_count(entry[1]), 1);
	swap_free(entry[0]);
	swap_free(entry[1]);
}

static void frame_gives_its_slot_back_once(struct kunit *test)
{
	struct mage_bed *bed = test->priv;
	struct mage_frame frame = {};
	swp_entry_t entry[2];

	KUNIT_ASSERT_EQ(test, mage_slots_alloc(bed->disk, 2, entry), 2);
	mage_frame_set_slot(&frame, entry[1]);
	KUNIT_EXPECT_EQ(test, mage_frame_entry(&frame).val, entry[1].val);
	mage_count(bed->domain->stats, MAGE_STAT_CLEAN_COPIES);
	mage_frame_drop_slot(bed->domain->stats, &frame);
	mage_frame_drop_slot(bed->domain->stats, &frame);
	KUNIT_EXPECT_FALSE(test, mage_frame_has_slot(&frame));
	KUNIT_EXPECT_EQ(test, mage_bed_count(bed, MAGE_STAT_CLEAN_COPIES), 0);
	KUNIT_EXPECT_EQ(test, mage_bed_used_slots(bed), 1);
	KUNIT_EXPECT_EQ(test, __swap_count(entry[0]), 1);
	swap_free(entry[0]);
}

static void tables_of_slots_that_cannot_be_had_leave_nothing(struct kunit *test)
{
	struct mage_disk *disk = kunit_kzalloc(test, sizeof(*disk), GFP_KERNEL);
	struct mage_fail fail;
	unsigned int which;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, disk);
	disk->dev.size = 1 << 20;
	for (which = 0; which < 2; which++) {
		KUNIT_ASSERT_EQ(test, mage_fail_begin(&fail, "__kvmalloc_node_noprof", which), 0);
		err = mage_disk_init_slots(disk);
		mage_fail_end(&fail);
		KUNIT_EXPECT_EQ(test, err, -ENOMEM);
		KUNIT_EXPECT_GT(test, fail.failed, 0);
		KUNIT_EXPECT_NULL(test, disk->free_later);
		KUNIT_EXPECT_NULL(test, disk->free_later_summary);
	}
	KUNIT_EXPECT_EQ(test, mage_disk_init_slots(disk), 0);
	KUNIT_EXPECT_EQ(test, disk->nr_slots, 256);
	mage_disk_free_slots(disk);
	/* As the end of a connect that failed does once more. */
	mage_disk_free_slots(disk);
	KUNIT_EXPECT_NULL(test, disk->free_later);
}

static struct kunit_case slot_test_cases[] = {
	KUNIT_CASE(slots_are_taken_until_there_are_none),
	KUNIT_CASE(device_that_is_away_gives_no_slots),
	KUNIT_CASE(device_that_is_away_may_be_full_and_not),
	KUNIT_CASE(slots_of_a_device_that_is_switched_off_are_not_to_be_had),
	KUNIT_CASE(slot_that_is_given_back_twice_is_freed_once),
	KUNIT_CASE(frame_gives_its_slot_back_once),
	KUNIT_CASE(tables_of_slots_that_cannot_be_had_leave_nothing),
	{}
};

static struct kunit_suite slot_test_suite = {
	.name = "mage_slot",
	.init = mage_bed_init,
	.exit = mage_bed_exit,
	.test_cases = slot_test_cases,
};

/* Ghosts */

/* A device of no swap area, under a type that none has, of more than one page of records. */
#define GHOST_TYPE	(MAX_SWAPFILES - 1)
#define GHOST_SLOTS	300

static const struct mage_ghost_key key = { .now = 1000, .tag = 5, .epoch = 2 };

static int ghost_test_init(struct kunit *test)
{
	struct mage_disk *disk = kunit_kzalloc(test, sizeof(*disk), GFP_KERNEL);

	KUNIT_ASSERT_NOT_NULL(test, disk);
	KUNIT_ASSERT_NULL(test, mage_disk_of_type(GHOST_TYPE));
	disk->nr_slots = GHOST_SLOTS;
	KUNIT_ASSERT_EQ(test, mage_ghosts_init(disk), 0);
	mage_disk_set_type(GHOST_TYPE, disk);
	test->priv = disk;
	return 0;
}

static void ghost_test_exit(struct kunit *test)
{
	if (!test->priv)
		return;
	mage_disk_set_type(GHOST_TYPE, NULL);
	mage_ghosts_free(test->priv);
}

static void remember(unsigned long slot, struct mage_ghost_key at)
{
	mage_ghost_remember(swp_entry(GHOST_TYPE, slot), at, 0x7f1234567000, 77);
}

static void eviction_is_remembered_by_slot(struct kunit *test)
{
	/* At the ends of both pages of records. */
	static const unsigned int slots[] = { 0, 255, 256, GHOST_SLOTS - 1 };
	struct mage_ghost_key later = key;
	struct mage_ghost ghost;
	unsigned int i;

	later.now += 30;
	for (i = 0; i < ARRAY_SIZE(slots); i++) {
		KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, slots[i], key, &ghost));
		remember(slots[i], key);
		KUNIT_ASSERT_TRUE(test, mage_ghost_read(test->priv, slots[i], later, &ghost));
		KUNIT_EXPECT_EQ(test, ghost.distance, 30);
		KUNIT_EXPECT_EQ(test, ghost.address, 0x7f1234567000 & (BIT_ULL(44) - 1));
		KUNIT_EXPECT_EQ(test, ghost.word, 77);
		KUNIT_EXPECT_EQ(test, ghost.slot, slots[i]);
	}
	/* A neighbour that was not. */
	KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, 1, key, &ghost));
}

static void later_eviction_takes_the_place_of_an_earlier(struct kunit *test)
{
	struct mage_ghost_key later = key;
	struct mage_ghost ghost;

	remember(3, key);
	later.now += 30;
	mage_ghost_remember(swp_entry(GHOST_TYPE, 3), later, PAGE_SIZE, 78);
	KUNIT_ASSERT_TRUE(test, mage_ghost_read(test->priv, 3, later, &ghost));
	KUNIT_EXPECT_EQ(test, ghost.distance, 0);
	KUNIT_EXPECT_EQ(test, ghost.address, PAGE_SIZE);
	KUNIT_EXPECT_EQ(test, ghost.word, 78);
}

static void others_do_not_get_to_know(struct kunit *test)
{
	struct mage_ghost_key other = key, swapped = key;
	struct mage_ghost ghost;

	remember(3, key);
	other.tag++;
	KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, 3, other, &ghost));
	KUNIT_EXPECT_EQ(test, mage_ghost_address(swp_entry(GHOST_TYPE, 3), other, 0), 0);
	/* Another policy of the same domain learns when and where, not the word. */
	swapped.epoch++;
	KUNIT_ASSERT_TRUE(test, mage_ghost_read(test->priv, 3, swapped, &ghost));
	KUNIT_EXPECT_EQ(test, ghost.word, 0);
	KUNIT_EXPECT_NE(test, ghost.address, 0);
}

/* A batch counts what it evicts at its end; the clock goes round. */
static void distance_is_never_negative(struct kunit *test)
{
	struct mage_ghost_key before = key, around = key;
	struct mage_ghost ghost;

	before.now -= 10;
	remember(3, key);
	KUNIT_ASSERT_TRUE(test, mage_ghost_read(test->priv, 3, before, &ghost));
	KUNIT_EXPECT_EQ(test, ghost.distance, 0);
	before.now = U32_MAX - 4;
	around.now = 5;
	remember(3, before);
	KUNIT_ASSERT_TRUE(test, mage_ghost_read(test->priv, 3, around, &ghost));
	KUNIT_EXPECT_EQ(test, ghost.distance, 10);
}

static void high_bits_of_an_address_are_those_of_its_neighbour(struct kunit *test)
{
	const unsigned long near = 0x7f0000000000, low = 0x7f1234567000 & (BIT_ULL(44) - 1);

	remember(3, key);
	KUNIT_EXPECT_EQ(test, mage_ghost_address(swp_entry(GHOST_TYPE, 3), key, near),
			0x7f1234567000);
	KUNIT_EXPECT_EQ(test, mage_ghost_address(swp_entry(GHOST_TYPE, 3), key, 0), low);
	KUNIT_EXPECT_EQ(test, mage_ghost_address(swp_entry(GHOST_TYPE, 4), key, near), 0);
	/* A stock swap area remembers nothing. */
	KUNIT_EXPECT_EQ(test, mage_ghost_address(swp_entry(GHOST_TYPE - 1, 3), key, near), 0);
}

static void there_is_nothing_beyond_the_end(struct kunit *test)
{
	struct mage_ghost ghost;

	remember(GHOST_SLOTS, key);
	KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, GHOST_SLOTS, key, &ghost));
	KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, U32_MAX, key, &ghost));
	KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, U64_MAX, key, &ghost));
	KUNIT_EXPECT_EQ(test, mage_ghost_address(swp_entry(GHOST_TYPE, GHOST_SLOTS), key, 0), 0);
}

static void without_memory_an_eviction_is_forgotten(struct kunit *test)
{
	struct mage_ghost ghost;
	struct mage_fail fail;

	KUNIT_ASSERT_EQ(test, mage_fail_begin(&fail, "get_free_pages_noprof", 0), 0);
	remember(3, key);
	mage_fail_end(&fail);
	KUNIT_EXPECT_EQ(test, fail.failed, 1);
	KUNIT_EXPECT_FALSE(test, mage_ghost_read(test->priv, 3, key, &ghost));
	/* The next one is not. */
	remember(3, key);
	KUNIT_EXPECT_TRUE(test, mage_ghost_read(test->priv, 3, key, &ghost));
}

static void table_of_ghosts_that_cannot_be_had_leaves_nothing(struct kunit *test)
{
	struct mage_disk *disk = kunit_kzalloc(test, sizeof(*disk), GFP_KERNEL);
	struct mage_fail fail;
	int err;

	KUNIT_ASSERT_NOT_NULL(test, disk);
	disk->nr_slots = GHOST_SLOTS;
	KUNIT_ASSERT_EQ(test, mage_fail_begin(&fail, "__kvmalloc_node_noprof", 0), 0);
	err = mage_ghosts_init(disk);
	mage_fail_end(&fail);
	KUNIT_EXPECT_EQ(test, err, -ENOMEM);
	KUNIT_EXPECT_NULL(test, disk->ghosts);
	mage_ghosts_free(disk);
	KUNIT_EXPECT_EQ(test, mage_ghosts_init(disk), 0);
	mage_ghosts_free(disk);
	KUNIT_EXPECT_NULL(test, disk->ghosts);
	mage_ghosts_free(disk);
}

static struct kunit_case ghost_test_cases[] = {
	KUNIT_CASE(eviction_is_remembered_by_slot),
	KUNIT_CASE(later_eviction_takes_the_place_of_an_earlier),
	KUNIT_CASE(others_do_not_get_to_know),
	KUNIT_CASE(distance_is_never_negative),
	KUNIT_CASE(high_bits_of_an_address_are_those_of_its_neighbour),
	KUNIT_CASE(there_is_nothing_beyond_the_end),
	KUNIT_CASE(without_memory_an_eviction_is_forgotten),
	KUNIT_CASE(table_of_ghosts_that_cannot_be_had_leaves_nothing),
	{}
};

static struct kunit_suite ghost_test_suite = {
	.name = "mage_ghost",
	.init = ghost_test_init,
	.exit = ghost_test_exit,
	.test_cases = ghost_test_cases,
};

kunit_test_suites(&slot_test_suite, &ghost_test_suite);
