/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the block device /dev/mageN.
 */
#ifndef _MM_MAGE_BLOCK_H
#define _MM_MAGE_BLOCK_H

#include <linux/blkdev.h>

struct mage_disk;

extern const struct block_device_operations mage_block_ops;

int mage_block_add(struct mage_disk *disk);
void mage_block_remove(struct mage_disk *disk);

#endif /* _MM_MAGE_BLOCK_H */
