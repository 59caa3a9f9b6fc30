/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: looks at the neighbours of a page that was used.
 */
#ifndef _MM_MAGE_AROUND_H
#define _MM_MAGE_AROUND_H

#include <linux/types.h>

struct mage_batch;
struct mage_frame;
struct mage_list_walk;
struct mage_mapping;

/**
 * struct mage_around - what becomes of neighbours that were used
 * @batch: the batch of the callback that looks
 * @walk: the walk that has shown the page, or NULL
 * @to: by list, four bits each: the list that pages of it go to; its own number if they
 *	are left alone
 * @tail: they go to its tail, else to its head
 * @again: the first use of a page that was prefetched is none
 */
struct mage_around {
	struct mage_batch *batch;
	struct mage_list_walk *walk;
	u64 to;
	bool tail;
	bool again;
};

/* The list that pages of @list go to. */
static inline u32 mage_around_list(u64 to, u32 list)
{
	return to >> (4 * list) & 15;
}

void mage_around_look(const struct mage_around *around, struct mage_mapping *map);
u32 mage_frame_take_young_around(struct mage_batch *batch, struct mage_frame *frame, u64 to);

#endif /* _MM_MAGE_AROUND_H */
