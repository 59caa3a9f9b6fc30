/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a key that ends all policies.
 */
#ifndef _MM_MAGE_SYSRQ_H
#define _MM_MAGE_SYSRQ_H

#ifdef CONFIG_MAGIC_SYSRQ
void mage_sysrq_init(void);
#else
static inline void mage_sysrq_init(void)
{
}
#endif

#endif /* _MM_MAGE_SYSRQ_H */
