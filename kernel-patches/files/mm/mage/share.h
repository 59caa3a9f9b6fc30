/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: which of the domains below a limit gives pages.
 */
#ifndef _MM_MAGE_SHARE_H
#define _MM_MAGE_SHARE_H

#include <linux/types.h>

struct mage_domain;
struct mem_cgroup;

/**
 * struct mage_giver - who is to give pages
 * @domain: the domain; NULL for nobody
 * @by_stock: not what is on its lists, but what cgroups without any have below it, which
 *	is stock reclaim's
 * @most: pages that protections leave, at the least
 */
struct mage_giver {
	struct mage_domain *domain;
	bool by_stock;
	unsigned long most;
};

/**
 * typedef mage_share_filter - whether a domain may give pages now
 * @domain: the domain
 * @data: the caller's
 */
typedef bool mage_share_filter(struct mage_domain *domain, void *data);

struct mage_giver mage_share_draw(struct mage_domain *domain, mage_share_filter *may, void *data);
unsigned long mage_share_most(struct mem_cgroup *limited, struct mem_cgroup *memcg,
			      const struct mage_domain *domain);

#endif /* _MM_MAGE_SHARE_H */
