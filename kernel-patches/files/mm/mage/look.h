/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what page tables say of a page that is no victim yet.
 */
#ifndef _MM_MAGE_LOOK_H
#define _MM_MAGE_LOOK_H

#include <linux/types.h>

struct mage_batch;
struct mage_frame;
struct mage_mapping;

/**
 * struct mage_look - what is to be seen of a page in its page tables
 * @clear_young: clear the accessed bits
 * @young: one was set, or that could not be told without waiting
 * @dirty: a dirty bit is set, or that could not be told without waiting
 * @unknown: something could not be told
 * @budget: mappings that may be looked at beside the first, what is left of it afterwards
 */
struct mage_look {
	bool clear_young;
	bool young;
	bool dirty;
	bool unknown;
	u32 budget;
};

bool mage_look_by_rmap(struct mage_batch *batch, struct mage_frame *frame,
		       struct mage_look *look);
bool mage_look_and_clear(struct mage_batch *batch, struct mage_frame *frame,
			 struct mage_look *look);
bool mage_frame_take_young(struct mage_batch *batch, struct mage_frame *frame);
bool mage_frame_take_young_near(struct mage_batch *batch, struct mage_frame *frame,
				struct mage_mapping *map);
int mage_frame_ask_mapping(struct mage_batch *batch, struct mage_frame *frame,
			   int (*ask)(struct mage_mapping *map, void *arg), void *arg);

#endif /* _MM_MAGE_LOOK_H */
