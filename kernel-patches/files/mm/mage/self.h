/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: threads that evict for themselves.
 */
#ifndef _MM_MAGE_SELF_H
#define _MM_MAGE_SELF_H

struct mage_domain;

unsigned long mage_self_evict(struct mage_domain *domain, unsigned long nr, unsigned long most);

#endif /* _MM_MAGE_SELF_H */
