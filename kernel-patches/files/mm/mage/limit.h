/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the limits of a domain.
 */
#ifndef _MM_MAGE_LIMIT_H
#define _MM_MAGE_LIMIT_H

struct mage_domain;

unsigned long mage_domain_limit(const struct mage_domain *domain);
long mage_domain_room(const struct mage_domain *domain);

#endif /* _MM_MAGE_LIMIT_H */
