/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: writes of a set.
 */
#ifndef _MM_MAGE_SET_WRITE_H
#define _MM_MAGE_SET_WRITE_H

struct mage_device;
struct mage_io_batch;
struct mage_set;

void mage_set_submit_writes(struct mage_device *dev, unsigned int queue,
			    struct mage_io_batch *batch);
void mage_set_settle(struct mage_set *set);
int mage_set_init_writes(struct mage_set *set);
void mage_set_exit_writes(struct mage_set *set);

#endif /* _MM_MAGE_SET_WRITE_H */
