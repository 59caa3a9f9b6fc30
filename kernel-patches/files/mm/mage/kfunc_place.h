/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: functions for policies about where pages are, and where they go.
 */
#ifndef _MM_MAGE_KFUNC_PLACE_H
#define _MM_MAGE_KFUNC_PLACE_H

#include <linux/types.h>

struct mage_batch;
struct mage_frame;

s32 mage_frame_node(struct mage_frame *frame);
s32 mage_batch_node(struct mage_batch *batch);
u64 mage_far_read_ns(void);
bool mage_kfunc_is_of_place(u32 kfunc_id);
int mage_kfunc_place_init(void);

#endif /* _MM_MAGE_KFUNC_PLACE_H */
