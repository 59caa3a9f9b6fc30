/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the selection of victims.
 */
#ifndef _MM_MAGE_SELECT_H
#define _MM_MAGE_SELECT_H

#include <linux/types.h>

struct mage_batch;
struct mage_domain;
struct mage_frame;

u32 mage_batch_default_size(struct mage_domain *domain);
void mage_batch_fill(struct mage_batch *batch);
int mage_batch_select(struct mage_batch *batch, struct mage_domain *domain, int nid,
		      unsigned long wanted, unsigned long most);
int mage_batch_take(struct mage_batch *batch, struct mage_frame *frame);
int mage_batch_take_to_clean(struct mage_batch *batch, struct mage_frame *frame, u32 list);
int mage_batch_take_id(struct mage_batch *batch, u64 id);
int mage_batch_take_list(struct mage_batch *batch, u32 list, u32 nr);

#endif /* _MM_MAGE_SELECT_H */
