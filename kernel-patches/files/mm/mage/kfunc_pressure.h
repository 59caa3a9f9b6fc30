/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: functions for policies about what far memory costs a domain, and reclaim ahead
 * of need.
 */
#ifndef _MM_MAGE_KFUNC_PRESSURE_H
#define _MM_MAGE_KFUNC_PRESSURE_H

#include <linux/types.h>

struct mage_domain;

u64 mage_psi_ns(struct mage_domain *domain, bool full);
u32 mage_reclaim_ahead(struct mage_domain *domain, u32 nr);
bool mage_kfunc_is_of_pressure(u32 kfunc_id);
int mage_kfunc_pressure_init(void);

#endif /* _MM_MAGE_KFUNC_PRESSURE_H */
