/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: reads of a leg that may be given up, though its store never gives them back.
 */
#ifndef _MM_MAGE_SET_DETOUR_H
#define _MM_MAGE_SET_DETOUR_H

#include <linux/types.h>

struct mage_leg;
struct mage_read_batch;

unsigned int mage_leg_submit_reads(struct mage_leg *leg, unsigned int queue,
				   struct mage_read_batch *batch, bool urgent);
void mage_leg_give_up_reads(struct mage_leg *leg);

#endif /* _MM_MAGE_SET_DETOUR_H */
