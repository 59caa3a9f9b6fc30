/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: which pages evictors leave to faults, and when these pages are given back.
 */
#ifndef _MM_MAGE_RECYCLE_H
#define _MM_MAGE_RECYCLE_H

#include <linux/types.h>
#include <linux/mm_types.h>
#include "pool.h"

struct mage_domain;
struct mem_cgroup;

/**
 * struct mage_recycling - pages of a batch that faults may have
 * @domain: whose they are
 * @left: how many more may come
 * @given: how many have
 * @load: those that have come last
 */
struct mage_recycling {
	struct mage_domain *domain;
	unsigned long left;
	unsigned long given;
	struct mage_pool_load load;
};

void mage_recycle_begin(struct mage_recycling *recycling, struct mage_domain *domain,
			unsigned long nr);
bool mage_recycle_page(struct mage_recycling *recycling, struct folio *folio);
void mage_recycle_end(struct mage_recycling *recycling);
struct folio *mage_recycled_page(const struct vm_area_struct *vma, swp_entry_t entry);
unsigned long mage_recycled_drain(struct mage_domain *domain);
unsigned long mage_recycled_drain_below(struct mem_cgroup *memcg);
void mage_recycled_shut(struct mage_domain *domain);
int mage_recycle_start(void);

#endif /* _MM_MAGE_RECYCLE_H */
