/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: reads of a set.
 */
#ifndef _MM_MAGE_SET_READ_H
#define _MM_MAGE_SET_READ_H

#include <linux/types.h>

struct mage_device;
struct mage_read_batch;

unsigned int mage_set_submit_reads(struct mage_device *dev, unsigned int queue,
				   struct mage_read_batch *batch, bool urgent);
int mage_set_look(struct mage_device *dev, pgoff_t slot);
bool mage_set_blame(struct mage_device *dev, struct mage_read_batch *batch, pgoff_t slot,
		    bool sure);

#endif /* _MM_MAGE_SET_READ_H */
