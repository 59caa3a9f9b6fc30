/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: slots of far devices.
 */
#ifndef _MM_MAGE_SLOT_H
#define _MM_MAGE_SLOT_H

#include <linux/swap.h>
#include "frame.h"
#include "stats.h"

struct mage_disk;

int mage_disk_init_slots(struct mage_disk *disk);
void mage_disk_free_slots(struct mage_disk *disk);
unsigned int mage_slots_alloc(struct mage_disk *disk, unsigned int nr, swp_entry_t *entries);
void mage_slot_free_later(unsigned int type, pgoff_t offset);
void mage_frame_drop_slot(struct mage_stats __percpu *stats, struct mage_frame *frame);

#endif /* _MM_MAGE_SLOT_H */
