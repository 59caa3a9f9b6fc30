/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a policy is told of the pages that were there before it.
 */
#ifndef _MM_MAGE_TAKEOVER_H
#define _MM_MAGE_TAKEOVER_H

struct mage_domain;

void mage_takeover(struct mage_domain *domain);

#endif /* _MM_MAGE_TAKEOVER_H */
