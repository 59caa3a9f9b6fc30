/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: writes of a set.
 */
#ifndef _MM_MAGE_SET_WRITE_H
#define _MM_MAGE_SET_WRITE_H

#include <linux/types.h>

struct mage_device;
struct mage_io_batch;
struct mage_leg;
struct mage_set;

void mage_set_submit_writes(struct mage_device *dev, unsigned int queue,
			    struct mage_io_batch *batch);
bool mage_leg_has_writes(const struct mage_leg *leg);
bool mage_leg_is_mute(const struct mage_leg *leg, unsigned long limit, bool *lost);
void mage_leg_give_up_writes(struct mage_leg *leg);
int mage_set_settle(struct mage_set *set, bool killable);
int mage_set_init_writes(struct mage_set *set);
void mage_set_exit_writes(struct mage_set *set);

#endif /* _MM_MAGE_SET_WRITE_H */
