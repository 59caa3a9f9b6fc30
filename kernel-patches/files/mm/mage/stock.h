/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what stock reclaim does for a domain.
 */
#ifndef _MM_MAGE_STOCK_H
#define _MM_MAGE_STOCK_H

struct mage_domain;
struct mem_cgroup;

unsigned long mage_stock_pages(struct mem_cgroup *memcg);
unsigned long mage_stock_reclaim(struct mage_domain *domain);
void mage_stock_share(struct mage_domain *domain, unsigned int victims);
void mage_stock_ask(struct mage_domain *domain, unsigned long pages, bool own);
void mage_stock_help(struct mage_domain *domain);
unsigned long mage_stock_owes(struct mage_domain *domain);
void mage_stock_leave(struct mage_domain *domain, unsigned long pages);
bool mage_stock_writes(struct mage_domain *domain, unsigned int looks);
int mage_stock_start(void);

#endif /* _MM_MAGE_STOCK_H */
