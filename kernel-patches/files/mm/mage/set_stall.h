/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: legs of a set that do not answer, and cannot be made to.
 */
#ifndef _MM_MAGE_SET_STALL_H
#define _MM_MAGE_SET_STALL_H

#include <linux/types.h>

struct mage_leg;

bool mage_leg_has_others(struct mage_leg *leg, bool whole);
unsigned long mage_leg_patience(void);
bool mage_leg_stall(struct mage_leg *leg, const char *why, bool whole);
void mage_leg_see_to_stall(struct mage_leg *leg);

#endif /* _MM_MAGE_SET_STALL_H */
