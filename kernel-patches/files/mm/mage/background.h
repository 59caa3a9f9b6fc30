/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the work that does stock reclaim for a domain.
 */
#ifndef _MM_MAGE_BACKGROUND_H
#define _MM_MAGE_BACKGROUND_H

struct mage_domain;

void mage_background_set_up(struct mage_domain *domain);

#endif /* _MM_MAGE_BACKGROUND_H */
