/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: regions of the address space of a process, page by page.
 */
#ifndef _MM_MAGE_REGION_H
#define _MM_MAGE_REGION_H

#include <linux/types.h>
#include "batch.h"

struct mage_frame;
struct mage_region;

/* Entries that count as one frame, for what a policy does for its CPU time. */
#define MAGE_REGION_ENTRIES	8

/**
 * struct bpf_iter_mage_region - an open-coded iterator over the frames of a region
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_region {
	u64 __opaque[22];
} __aligned(8);

void mage_region_begin(struct mage_batch *batch, u64 frames);
int mage_region_look(struct mage_batch *batch, u32 process, u64 start, u64 end,
		     struct mage_region *seen);
u32 mage_frame_process(struct mage_batch *batch, struct mage_frame *frame);
int bpf_iter_mage_region_new(struct bpf_iter_mage_region *it, struct mage_batch *batch,
			     u32 process, u64 start, u64 end);
struct mage_frame *bpf_iter_mage_region_next(struct bpf_iter_mage_region *it);
void bpf_iter_mage_region_destroy(struct bpf_iter_mage_region *it);

/* What was looked at in regions in a call, in frames. */
static inline u32 mage_region_work(const struct mage_batch *batch)
{
	return (batch->region_most - batch->region_budget) / MAGE_REGION_ENTRIES;
}

#endif /* _MM_MAGE_REGION_H */
