/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: how the legs of a set are, and by that the far device.
 */
#ifndef _MM_MAGE_SET_STATE_H
#define _MM_MAGE_SET_STATE_H

#include <linux/mage_backend.h>

struct mage_leg;

extern const struct mage_device_owner mage_leg_owner;

void mage_leg_judge(struct mage_leg *leg);
void mage_leg_suspend_locked(struct mage_leg *leg, const char *why);
void mage_leg_resume_locked(struct mage_leg *leg);

#endif /* _MM_MAGE_SET_STATE_H */
