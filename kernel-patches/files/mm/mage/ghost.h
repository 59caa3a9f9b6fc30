/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what is remembered of pages that were evicted, by slot.
 */
#ifndef _MM_MAGE_GHOST_H
#define _MM_MAGE_GHOST_H

#include <linux/mage_policy.h>
#include <linux/mm_types.h>

struct mage_disk;

/**
 * struct mage_ghost_key - what tells the records of a domain from those of others
 * @now: the domain's clock, in pages evicted
 * @tag: the domain's
 * @epoch: counts its policies
 */
struct mage_ghost_key {
	u32 now;
	u16 tag;
	u16 epoch;
};

int mage_ghosts_init(struct mage_disk *disk);
void mage_ghosts_free(struct mage_disk *disk);
void mage_ghost_remember(swp_entry_t entry, struct mage_ghost_key key, unsigned long address,
			 u32 word);
bool mage_ghost_read(struct mage_disk *disk, u64 slot, struct mage_ghost_key key,
		     struct mage_ghost *ghost);
unsigned long mage_ghost_address(swp_entry_t entry, struct mage_ghost_key key,
				 unsigned long near);

#endif /* _MM_MAGE_GHOST_H */
