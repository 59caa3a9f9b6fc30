/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: evictors.
 */
#ifndef _MM_MAGE_EVICTOR_H
#define _MM_MAGE_EVICTOR_H

#include <linux/cpumask.h>

int mage_evictors_start(void);
void mage_evictors_kick(void);
void mage_evictors_kick_all(void);
void mage_evictors_kick_node(int nid);
int mage_evictors_set_cpus(const struct cpumask *cpus);
void mage_evictors_get_cpus(struct cpumask *cpus);
u32 mage_evictors_nr(void);
bool mage_is_evictor(void);

#endif /* _MM_MAGE_EVICTOR_H */
