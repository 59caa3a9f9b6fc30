/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: checksums of what far devices hold, by slot.
 */
#ifndef _MM_MAGE_CHECKSUM_H
#define _MM_MAGE_CHECKSUM_H

#include <linux/compiler.h>
#include <linux/jump_label.h>
#include <linux/types.h>
#include "disk.h"

struct page;

/* In the place of a checksum: what the slot holds is not known, so nothing is verified. */
#define MAGE_CHECKSUM_NONE	0

/* On while there are checksums of any far device: what does not use them pays nothing. */
DECLARE_STATIC_KEY_FALSE(mage_checksums_kept);

u32 mage_checksum_of(struct page *page, pgoff_t slot);
bool mage_checksum_matches(struct mage_disk *disk, struct page *page, pgoff_t slot, u32 *want);
bool mage_checksum_fits(struct mage_disk *disk, struct page *page, pgoff_t slot, u32 *want);
u32 mage_checksum_begin_write(struct mage_disk *disk, struct page *page, pgoff_t slot);
void mage_checksum_set(struct mage_disk *disk, pgoff_t slot, u32 checksum);
int mage_checksums_init(struct mage_disk *disk);
void mage_checksums_free(struct mage_disk *disk);

/* Whether checksums are kept of a far device.  It does not change while it is in use. */
static inline bool mage_disk_has_checksums(const struct mage_disk *disk)
{
	return static_branch_unlikely(&mage_checksums_kept) && disk->checksums;
}

/* Whether there is a checksum of what a slot holds. */
static inline bool mage_checksum_is_known(const struct mage_disk *disk, pgoff_t slot)
{
	return READ_ONCE(disk->checksums[slot]) != MAGE_CHECKSUM_NONE;
}

#endif /* _MM_MAGE_CHECKSUM_H */
