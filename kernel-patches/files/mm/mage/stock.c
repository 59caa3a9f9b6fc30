// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: what stock reclaim does for a domain: the page cache, and what mapped
 * write-back excludes.
 *
 * It takes locks of file systems, whose holders may wait for the evictors.  So these
 * only say what it owes, and a work pays.
 */
#include <linux/memcontrol.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>
#include "stock.h"
#include "domain.h"
#include "limit.h"
#include "room.h"

/* Pages of the stock LRU that are reclaimed at a time for their share. */
#define MAGE_STOCK_CHUNK	SWAP_CLUSTER_MAX

/* Looks in vain, in some half a second, after which pages do not count as being written. */
#define MAGE_WRITES_LOOKS	8

/* For so long they do in any case. */
#define MAGE_WRITES_LEAST	(HZ / 50)

/* A stock LRU of fewer pages than this is left alone while there are frames. */
#define MAGE_STOCK_LEAST	64

/* For the works: others wait for what these free, so they have a thread in reserve. */
static struct workqueue_struct *mage_stock_queue;

/* Pages on MGLRU's lists. */
static unsigned long mage_lruvec_gen_pages(struct lruvec *lruvec)
{
	unsigned long pages = 0;
#ifdef CONFIG_LRU_GEN
	unsigned int gen, type, zone;

	for (gen = 0; gen < MAX_NR_GENS; gen++)
		for (type = 0; type < ANON_AND_FILE; type++)
			for (zone = 0; zone < MAX_NR_ZONES; zone++)
				pages += max(READ_ONCE(lruvec->lrugen.nr_pages[gen][type][zone]),
					     0L);
#endif
	return pages;
}

/* Pages on the lists of the stock LRU, which has two kinds of them and uses one. */
static unsigned long mage_lruvec_stock_pages(struct lruvec *lruvec)
{
	unsigned long pages = mage_lruvec_gen_pages(lruvec);
	unsigned int lru, zone;

	for (lru = 0; lru < LRU_UNEVICTABLE; lru++)
		for (zone = 0; zone < MAX_NR_ZONES; zone++)
			pages += mem_cgroup_get_zone_lru_size(lruvec, lru, zone);
	return pages;
}

/**
 * mage_stock_pages() - pages that the stock LRU holds and could evict
 * @memcg: whose; those of the cgroups below are not counted
 *
 * Not from the statistics, in which a domain's frames are pages of the LRU as well.
 */
unsigned long mage_stock_pages(struct mem_cgroup *memcg)
{
	unsigned long pages = 0;
	int nid;

	for_each_online_node(nid)
		pages += mage_lruvec_stock_pages(mem_cgroup_lruvec(memcg, NODE_DATA(nid)));
	return pages;
}

/* Some of what is to leave has left, on each level. */
static void mage_stock_went(struct mage_domain *domain, unsigned long pages)
{
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain)) {
		long old = atomic_long_read(&domain->leaving);

		while (old && !atomic_long_try_cmpxchg(&domain->leaving, &old,
						       old - min_t(unsigned long, old, pages)))
			;
	}
	rcu_read_unlock();
}

/**
 * mage_stock_reclaim() - have some pages of the stock LRU reclaimed
 * @domain: the domain; the caller is its stock_work
 *
 * May sleep, also for locks of file systems.
 *
 * Return: pages freed
 */
unsigned long mage_stock_reclaim(struct mage_domain *domain)
{
	unsigned long freed;

	freed = try_to_free_mem_cgroup_pages(domain->memcg, MAGE_STOCK_CHUNK, GFP_KERNEL,
					     MEMCG_RECLAIM_MAY_SWAP, NULL);
	mage_count_add(domain->stats, MAGE_STAT_STOCK_RECLAIMED, freed);
	mage_stock_went(domain, freed);
	mage_room_made(domain, freed);
	return freed;
}

static void mage_stock_queue_work(struct mage_domain *domain)
{
	if (!mage_domain_get(domain))
		return;
	if (!queue_work(mage_stock_queue, &domain->stock_work))
		mage_domain_put(domain);
}

/* Stock reclaim is to free at least @pages from now on. */
static void mage_stock_owe(struct mage_domain *domain, long pages)
{
	long old = atomic_long_read(&domain->stock_asked);

	while (old < pages && !atomic_long_try_cmpxchg(&domain->stock_asked, &old, pages))
		;
	mage_stock_queue_work(domain);
}

/**
 * mage_stock_share() - a batch was selected, and the stock LRU is to give its share
 * @domain: the domain; the caller holds a reference
 * @victims: pages in the batch
 *
 * The page cache and what mapped write-back excludes are on the stock LRU.
 * They give up pages in proportion: were they never reclaimed, they would
 * crowd out the rest.
 */
void mage_stock_share(struct mage_domain *domain, unsigned int victims)
{
	unsigned long stock = mage_stock_pages(domain->memcg);
	unsigned long frames = mage_shards_frames(&domain->shards) + 1;
	long debt;

	if (READ_ONCE(domain->stock_only))
		WRITE_ONCE(domain->stock_only, false);
	if (READ_ONCE(domain->idle_rounds))
		WRITE_ONCE(domain->idle_rounds, 0);
	if (stock < MAGE_STOCK_LEAST)
		return;
	debt = atomic_long_add_return(div64_ul(256UL * victims * stock, frames),
				      &domain->stock_debt);
	if (debt >= 256L * MAGE_STOCK_CHUNK)
		mage_stock_queue_work(domain);
}

/**
 * mage_stock_ask() - no victims are to be had, so stock reclaim is to make the room
 * @domain: the domain; the caller holds a reference
 * @pages: how many are wanted
 * @own: it is the limit of its cgroup that is short, and not one further up
 *
 * Stock reclaim of a cgroup does not look at what protects that itself, and takes what is
 * below memory.low if there is nothing else.  So for others, or with such below it, a domain
 * gives a little at a time, and then it is looked again whether it should.
 */
void mage_stock_ask(struct mage_domain *domain, unsigned long pages, bool own)
{
	WRITE_ONCE(domain->stock_only, true);
	if (!own || mage_memcg_protects(domain->memcg))
		pages = MAGE_STOCK_CHUNK;
	mage_stock_owe(domain, pages);
}

/**
 * mage_stock_help() - the evictors get nowhere, so stock reclaim is to do what it can
 * @domain: the domain; the caller holds a reference
 */
void mage_stock_help(struct mage_domain *domain)
{
	mage_stock_owe(domain, MAGE_STOCK_CHUNK);
}

/**
 * mage_stock_owes() - take over what is owed
 * @domain: the domain; the caller is its stock_work
 *
 * Return: pages
 */
unsigned long mage_stock_owes(struct mage_domain *domain)
{
	unsigned long pages = atomic_long_xchg(&domain->stock_asked, 0);

	if (atomic_long_read(&domain->stock_debt) < 256L * MAGE_STOCK_CHUNK)
		return pages;
	/* What is more than can be paid at a time is not carried over. */
	atomic_long_set(&domain->stock_debt, 0);
	return max(pages, MAGE_STOCK_CHUNK);
}

/**
 * mage_stock_leave() - pages were unmapped, and are the stock LRU's until they are written
 * @domain: the domain; the caller holds a reference
 * @pages: how many
 *
 * They count as room to come, but not for long: one may be mapped again.
 */
void mage_stock_leave(struct mage_domain *domain, unsigned long pages)
{
	struct mage_domain *level;

	rcu_read_lock();
	for (level = domain; level; level = mage_domain_above(level)) {
		if (!mage_domain_leaving(level))
			atomic_long_set(&level->leaving, 0);
		atomic_long_add(pages, &level->leaving);
		WRITE_ONCE(level->leaving_at, jiffies);
	}
	rcu_read_unlock();
	mage_stock_owe(domain, atomic_long_read(&domain->leaving));
}

/**
 * mage_stock_writes() - whether pages are being written that stock reclaim is to free
 * @domain: the domain; the caller is its stock_work
 * @looks: times in a row that it has found none to be freed
 *
 * What was mapped again, or freed with its process, is not told from what is slow; so
 * after some looks, or if nothing at all is being written, none counts any more.
 *
 * Return: false if it is not worth a wait
 */
bool mage_stock_writes(struct mage_domain *domain, unsigned int looks)
{
	if (!mage_domain_leaving(domain))
		return false;
	/* The CPUs add up their counts of it every now and then. */
	if (looks < MAGE_WRITES_LOOKS &&
	    (global_node_page_state(NR_WRITEBACK) ||
	     time_before(jiffies, READ_ONCE(domain->leaving_at) + MAGE_WRITES_LEAST)))
		return true;
	mage_stock_went(domain, atomic_long_read(&domain->leaving));
	return false;
}

/**
 * mage_stock_start() - make the queue for the works
 *
 * Return: 0 or -ENOMEM
 */
int __init mage_stock_start(void)
{
	mage_stock_queue = alloc_workqueue("mage_stock", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return mage_stock_queue ? 0 : -ENOMEM;
}
