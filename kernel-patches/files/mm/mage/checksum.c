// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: checksums of what far devices hold, by slot.
 *
 * A word a slot, in a table that stays here.  It is the CRC32C of what the far store was
 * given, begun with the number of the slot, so that a page which comes from another slot, or
 * is one that was there before, does not fit.  At any time a word describes what the slot
 * holds, or says MAGE_CHECKSUM_NONE:
 *
 * - Before a write is submitted the word becomes MAGE_CHECKSUM_NONE.  Who reads the slot from
 *   then on, as readahead may, gets anything, and nothing is said of it.
 * - It is set when the page is known not to have changed since its checksum was taken.  Of a
 *   mapped page commit knows that, under the page table lock, and sets the word before the
 *   swap entry is there (commit.c).  A page that changed has a dirty bit, and is written again
 *   before the slot is of use: its word stays MAGE_CHECKSUM_NONE.  If it is found clean at a
 *   later commit without a write, the page equals the slot, and the checksum is taken there.
 *   Of a page that is written through the block device its checksum is taken once more when
 *   the write is over (block.c).
 * - A write that failed leaves MAGE_CHECKSUM_NONE.  The slot is not read before another one.
 * - A slot that is freed keeps its word, which goes on describing what it holds.
 *
 * A slot has one writer at a time, its owner, who alone changes the word.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/crc32c.h>
#include <linux/gfp.h>
#include <linux/highmem.h>
#include <linux/mm.h>
#include <linux/overflow.h>
#include <linux/vmalloc.h>
#include "checksum.h"

DEFINE_STATIC_KEY_FALSE(mage_checksums_kept);

/**
 * mage_checksum_of() - the checksum of a page in a slot
 * @page: order-0 page
 * @slot: page index on the far device
 *
 * CRC32C (RFC 3720, appendix B.4) of its bytes, where the remainder begins as @slot.
 * The remainder after given bytes is another one for each beginning, so the same page has
 * another checksum in another slot.  Any context but hard interrupts.
 *
 * Return: the checksum, never MAGE_CHECKSUM_NONE
 */
u32 mage_checksum_of(struct page *page, pgoff_t slot)
{
	void *bytes = kmap_local_page(page);
	u32 checksum = crc32c((u32)slot, bytes, PAGE_SIZE);

	kunmap_local(bytes);
	return checksum == MAGE_CHECKSUM_NONE ? ~MAGE_CHECKSUM_NONE : checksum;
}

/**
 * mage_checksum_matches() - whether a page that was read is what was written
 * @disk: a far device that has checksums
 * @page: order-0 page, whose read is over
 * @slot: where from
 * @want: set to what its checksum was compared with, MAGE_CHECKSUM_NONE if that is not known
 *
 * Return: false if it is something else
 */
bool mage_checksum_matches(struct mage_disk *disk, struct page *page, pgoff_t slot, u32 *want)
{
	u32 got = mage_checksum_of(page, slot);

	/*
	 * Pairs with mage_checksum_begin_write(): if something of a write is in the page,
	 * its word is none of before that.
	 */
	smp_rmb();
	*want = READ_ONCE(disk->checksums[slot]);
	return likely(*want == got || *want == MAGE_CHECKSUM_NONE);
}

/**
 * mage_checksum_fits() - the same for a page that is to be used
 * @disk: a far device that has checksums
 * @page: order-0 page, whose read is over
 * @slot: where from
 * @want: as above
 *
 * Return: false if it is something else; that is counted
 */
bool mage_checksum_fits(struct mage_disk *disk, struct page *page, pgoff_t slot, u32 *want)
{
	if (mage_checksum_matches(disk, page, slot, want))
		return true;
	atomic_long_inc(&disk->mismatches);
	return false;
}

/**
 * mage_checksum_begin_write() - a page is about to be written to a slot
 * @disk: a far device that has checksums
 * @page: order-0 page; it may change meanwhile, and must not be used if it did
 * @slot: where to; the caller is its owner
 *
 * Return: the checksum of the page, for mage_checksum_set() if the write succeeds and the
 * page did not change
 */
u32 mage_checksum_begin_write(struct mage_disk *disk, struct page *page, pgoff_t slot)
{
	WRITE_ONCE(disk->checksums[slot], MAGE_CHECKSUM_NONE);
	/* Before the far store is given anything.  Pairs with mage_checksum_fits(). */
	smp_wmb();
	return mage_checksum_of(page, slot);
}

/**
 * mage_checksum_set() - it is known what a slot holds
 * @disk: a far device that has checksums
 * @slot: the slot; the caller is its owner
 * @checksum: of what it holds
 */
void mage_checksum_set(struct mage_disk *disk, pgoff_t slot, u32 checksum)
{
	WRITE_ONCE(disk->checksums[slot], checksum);
}

/**
 * mage_checksums_init() - keep checksums of a far device
 * @disk: the device, which nobody uses, with the number of its slots set
 *
 * Return: 0 or -ENOMEM
 */
int mage_checksums_init(struct mage_disk *disk)
{
	/* All of them MAGE_CHECKSUM_NONE.  Large pages, as slots are read in any order. */
	disk->checksums = vmalloc_huge(array_size(disk->nr_slots, sizeof(*disk->checksums)),
				       GFP_KERNEL | __GFP_ZERO | __GFP_NOWARN |
				       __GFP_RETRY_MAYFAIL);
	if (!disk->checksums)
		return -ENOMEM;
	static_branch_inc(&mage_checksums_kept);
	return 0;
}

/**
 * mage_checksums_free() - the end of that
 * @disk: a far device that is not in use; it need not have any
 */
void mage_checksums_free(struct mage_disk *disk)
{
	if (!disk->checksums)
		return;
	static_branch_dec(&mage_checksums_kept);
	vfree(disk->checksums);
	disk->checksums = NULL;
}
