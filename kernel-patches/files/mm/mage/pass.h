/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: passes through lists.
 */
#ifndef _MM_MAGE_PASS_H
#define _MM_MAGE_PASS_H

#include <linux/types.h>

struct mage_batch;

int mage_pass_pick(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 flags);
int mage_pass_pick_around(struct mage_batch *batch, u32 list, u32 nr, u64 to, u32 flags);
int mage_pass_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used);

#endif /* _MM_MAGE_PASS_H */
