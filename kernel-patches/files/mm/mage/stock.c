// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what stock reclaim does for a domain: the page cache, and what mapped
 * write-back excludes.
 */
#include <linux/memcontrol.h>
#include <linux/swap.h>
#include "stock.h"
#include "domain.h"
#include "room.h"

/* Pages of the stock LRU that are reclaimed at a time for their share. */
#define MAGE_STOCK_CHUNK	SWAP_CLUSTER_MAX

/* A stock LRU of fewer pages than this is left alone while there are frames. */
#define MAGE_STOCK_LEAST	64

/* Pages of the domain that the stock LRU holds and could evict. */
static unsigned long mage_stock_pages(struct mage_domain *domain)
{
	unsigned long pages = 0;
	int nid, lru;

	for_each_online_node(nid) {
		struct lruvec *lruvec = mem_cgroup_lruvec(domain->memcg, NODE_DATA(nid));

		for (lru = 0; lru < LRU_UNEVICTABLE; lru++)
			pages += lruvec_page_state(lruvec, NR_LRU_BASE + lru);
	}
	return pages;
}

/**
 * mage_stock_reclaim() - have some pages of the stock LRU reclaimed
 * @domain: the domain
 *
 * May sleep.
 *
 * Return: pages freed
 */
unsigned long mage_stock_reclaim(struct mage_domain *domain)
{
	unsigned long freed;

	freed = try_to_free_mem_cgroup_pages(domain->memcg, MAGE_STOCK_CHUNK, GFP_KERNEL,
					     MEMCG_RECLAIM_MAY_SWAP, NULL);
	mage_count_add(domain->stats, MAGE_STAT_STOCK_RECLAIMED, freed);
	mage_room_made(domain, freed);
	return freed;
}

/**
 * mage_stock_share() - a batch was selected, and the stock LRU is to give its share
 * @domain: the domain
 * @victims: pages in the batch
 *
 * The page cache and what mapped write-back excludes are on the stock LRU.
 * They give up pages in proportion: were they never reclaimed, they would
 * crowd out the rest.
 */
void mage_stock_share(struct mage_domain *domain, unsigned int victims)
{
	unsigned long stock = mage_stock_pages(domain);
	unsigned long frames = mage_shards_frames(&domain->shards) + 1;
	long debt;

	if (stock < MAGE_STOCK_LEAST)
		return;
	debt = atomic_long_add_return(div64_ul(256UL * victims * stock, frames),
				      &domain->stock_debt);
	if (debt < 256L * MAGE_STOCK_CHUNK)
		return;
	/* What cannot be paid now is not carried over. */
	atomic_long_set(&domain->stock_debt, 0);
	mage_stock_reclaim(domain);
}
