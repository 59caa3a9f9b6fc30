/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: names of areas.
 */
#ifndef _MM_MAGE_NAME_H
#define _MM_MAGE_NAME_H

#include <linux/mm_types.h>

struct mage_batch;
struct mage_frame;

bool mage_name_size_is_good(u32 size);
int mage_vma_name(const struct vm_area_struct *vma, char *name, u32 size);
int mage_frame_name(struct mage_batch *batch, struct mage_frame *frame, char *name, u32 name__sz);

#endif /* _MM_MAGE_NAME_H */
