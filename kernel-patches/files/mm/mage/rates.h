/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the periodic callback, with a domain's rates.
 */
#ifndef _MM_MAGE_RATES_H
#define _MM_MAGE_RATES_H

struct mage_domain;

void mage_rates_set_up(struct mage_domain *domain);

#endif /* _MM_MAGE_RATES_H */
