/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: when a policy's tick is due.
 */
#ifndef _MM_MAGE_TICK_H
#define _MM_MAGE_TICK_H

#include <linux/types.h>

struct mage_domain;

bool mage_tick_is_wanted(struct mage_domain *domain);
bool mage_tick_is_endless(struct mage_domain *domain);
void mage_tick_over(struct mage_domain *domain);
void mage_tick_start(struct mage_domain *domain);
void mage_tick_stop(struct mage_domain *domain);

#endif /* _MM_MAGE_TICK_H */
