// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: pages that evictors have emptied and faults are to fill, still charged.
 *
 * What is in here was freed for all that anybody can tell: its reference count is zero, it is
 * in no address space, on no list of the LRU, and has no flags, as a page that the allocator
 * has.  But it is charged to its memory cgroup, and holds a reference to that, as before.  So
 * a fault that takes it neither allocates nor charges.
 *
 * What the page held is still there.  So only who fills it whole, or does not map it, may take
 * it: a swap-in does, by the read of the page.  If that fails the page is freed, never mapped.
 *
 * Who looks at pages by their numbers cannot get a reference, and leaves it alone.  It does not
 * move: see recycle.c for which pages do not come here, and for who drains.
 */
#include <linux/kernel.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/nodemask.h>
#include <linux/page-isolation.h>
#include <linux/pagevec.h>
#include <linux/poison.h>
#include <linux/rcupdate.h>
#include <linux/slab.h>
#include <linux/smp.h>
#include <linux/swap.h>
#include <linux/topology.h>
#include "pool.h"

#ifdef CONFIG_PAGE_IDLE_FLAG
#define MAGE_POOL_FLAGS_IDLE	(BIT(PG_young) | BIT(PG_idle))
#else
#define MAGE_POOL_FLAGS_IDLE	0
#endif

/* What a victim may have of flags, and a page that is free has not. */
#define MAGE_POOL_FLAGS_OF_USE	(BIT(PG_uptodate) | BIT(PG_dirty) | BIT(PG_swapbacked) |	\
				 BIT(PG_referenced) | BIT(PG_workingset) | LRU_REFS_MASK |	\
				 BIT(PG_anon_exclusive) | MAGE_POOL_FLAGS_IDLE)

/* What a page that the allocator hands out has none of. */
#define MAGE_POOL_FLAGS_OF_NONE	(PAGE_FLAGS_CHECK_AT_PREP | __PG_HWPOISON)

/* Nothing is to come into any pool; read under the lock of a node, which who drains takes, too. */
static bool mage_pools_stopped;

/**
 * mage_pool_alloc() - an empty pool
 *
 * Return: the pool, or NULL
 */
struct mage_pool *mage_pool_alloc(void)
{
	struct mage_pool *pool = kvzalloc(struct_size(pool, node, nr_node_ids), GFP_KERNEL);
	int cpu, nid;

	if (!pool)
		return NULL;
	pool->cpu = alloc_percpu(struct mage_pool_cpu);
	if (!pool->cpu) {
		kvfree(pool);
		return NULL;
	}
	for_each_possible_cpu(cpu)
		spin_lock_init(&per_cpu_ptr(pool->cpu, cpu)->lock);
	for (nid = 0; nid < nr_node_ids; nid++) {
		spin_lock_init(&pool->node[nid].lock);
		INIT_LIST_HEAD(&pool->node[nid].chunks);
	}
	return pool;
}

/**
 * mage_pool_free() - the end of a pool
 * @pool: one that was shut, or never filled; NULL is fine
 */
void mage_pool_free(struct mage_pool *pool)
{
	if (!pool)
		return;
	/* They would have kept their memory cgroup, and that its domain. */
	WARN_ON_ONCE(mage_pool_drain(pool));
	free_percpu(pool->cpu);
	kvfree(pool);
}

/**
 * mage_pool_pages() - pages that are in the middle
 * @pool: the pool
 *
 * Those that CPUs have at hand are as good as used, as what is in their charge caches.
 *
 * Return: how many there were at some moment
 */
unsigned long mage_pool_pages(const struct mage_pool *pool)
{
	unsigned long nr = 0;
	int nid;

	for_each_node_state(nid, N_MEMORY)
		nr += READ_ONCE(pool->node[nid].nr);
	return nr;
}

/* Whether a page is to be movable out of its place, which it is not from here. */
static bool mage_page_is_wanted_elsewhere(struct page *page)
{
	int migratetype = get_pageblock_migratetype(page);

	return is_migrate_isolate(migratetype) || is_migrate_cma(migratetype);
}

/* Whether the allocator has nothing to do with a page but to hand it out again. */
static bool mage_page_is_plain(struct folio *folio, const struct mem_cgroup *memcg)
{
	return !(folio->flags & MAGE_POOL_FLAGS_OF_NONE & ~MAGE_POOL_FLAGS_OF_USE) &&
	       folio_memcg(folio) == memcg && !folio_mapped(folio) &&
	       !mage_page_is_wanted_elsewhere(&folio->page);
}

/**
 * mage_pool_make_fresh() - take a page out of use, but for its charge
 * @folio: small folio that was anonymous, and is neither mapped nor on the LRU; the caller
 *	has a reference
 * @memcg: the memory cgroup that it is to be charged to
 *
 * Does what free_pages_prepare() does for such a page.
 *
 * Return: true if nobody else has a reference, and there is nothing about the page that only
 * the allocator deals with: then the caller's is gone, too.  Else nothing has changed
 */
bool mage_pool_make_fresh(struct folio *folio, const struct mem_cgroup *memcg)
{
	/* Nobody gets one from here on, and so nobody changes a flag but that of poison. */
	if (!folio_ref_freeze(folio, 1))
		return false;
	if (!mage_page_is_plain(folio, memcg)) {
		folio_ref_unfreeze(folio, 1);
		return false;
	}
	folio->mapping = NULL;
	page_cpupid_reset_last(&folio->page);
	folio->flags &= ~PAGE_FLAGS_CHECK_AT_PREP;
	/* See mage_folio_is_listed(). */
	folio->lru.next = LIST_POISON1;
	return true;
}

/**
 * mage_pool_load_begin() - begin to gather pages
 * @load: what to gather them in
 * @nid: the node that they are on
 * @most: pages that a CPU is to take at once, 1 to MAGE_POOL_CHUNK
 */
void mage_pool_load_begin(struct mage_pool_load *load, int nid, unsigned int most)
{
	INIT_LIST_HEAD(&load->chunks);
	load->nid = nid;
	load->nr = 0;
	load->most = most;
}

/**
 * mage_pool_load_add() - gather a page
 * @load: where to
 * @folio: what mage_pool_make_fresh() said true of, on the node of @load
 */
void mage_pool_load_add(struct mage_pool_load *load, struct folio *folio)
{
	if (load->nr++ % load->most) {
		struct folio *first = list_first_entry(&load->chunks, struct folio, lru);

		folio->private = first->private;
		first->private = folio;
		first->index++;
	} else {
		folio->private = NULL;
		folio->index = 1;
		list_add(&folio->lru, &load->chunks);
	}
}

/* Gives a chunk, or what is left of it, to the allocator, and its charge back. */
static unsigned long mage_pool_give_back(struct folio *first)
{
	struct folio_batch folios;
	unsigned long nr = 0;

	folio_batch_init(&folios);
	while (first) {
		struct folio *folio = first;

		first = folio->private;
		folio->private = NULL;
		folio_ref_unfreeze(folio, 1);
		nr++;
		if (!folio_batch_add(&folios, folio))
			folios_put(&folios);
	}
	folios_put(&folios);
	return nr;
}

static unsigned long mage_pool_give_back_all(struct list_head *chunks)
{
	struct folio *first, *next;
	unsigned long nr = 0;

	list_for_each_entry_safe(first, next, chunks, lru) {
		list_del(&first->lru);
		nr += mage_pool_give_back(first);
	}
	return nr;
}

/**
 * mage_pool_push() - pages come in
 * @pool: the pool
 * @load: the pages; to be begun anew afterwards
 *
 * Return: false if it takes none, and they were freed and uncharged
 */
bool mage_pool_push(struct mage_pool *pool, struct mage_pool_load *load)
{
	struct mage_pool_node *node = &pool->node[load->nid];
	bool shut;

	spin_lock(&node->lock);
	shut = pool->shut || READ_ONCE(mage_pools_stopped);
	if (!shut) {
		/* At the end: what is there goes first, and no page stays for long. */
		list_splice_tail(&load->chunks, &node->chunks);
		WRITE_ONCE(node->nr, node->nr + load->nr);
		if (!READ_ONCE(pool->filled))
			WRITE_ONCE(pool->taken_at, jiffies);
		/* Under the lock: who drains clears it before it takes that. */
		WRITE_ONCE(pool->filled, true);
	}
	spin_unlock(&node->lock);
	if (shut)
		mage_pool_give_back_all(&load->chunks);
	return !shut;
}

/* The oldest chunk of the middle, or NULL. */
static struct folio *mage_pool_take_chunk(struct mage_pool *pool, int nid)
{
	struct mage_pool_node *node = &pool->node[nid];
	struct folio *first;

	if (!READ_ONCE(node->nr))
		return NULL;
	spin_lock(&node->lock);
	first = list_first_entry_or_null(&node->chunks, struct folio, lru);
	if (first) {
		list_del(&first->lru);
		WRITE_ONCE(node->nr, node->nr - first->index);
	}
	spin_unlock(&node->lock);
	if (first)
		WRITE_ONCE(pool->taken_at, jiffies);
	return first;
}

/**
 * mage_pool_pop() - take a page out, for who fills it
 * @pool: the pool
 * @nid: the node that the page is to be on: that of the CPU, whose pages it has at hand
 *
 * A thread that is moved to a CPU of another node meanwhile gets none.
 *
 * Return: the page as the allocator returns one, with a reference, and charged; NULL if there
 * is none at hand
 */
struct folio *mage_pool_pop(struct mage_pool *pool, int nid)
{
	int id = raw_smp_processor_id();
	struct mage_pool_cpu *cpu = per_cpu_ptr(pool->cpu, id);
	struct folio *folio;

	/* A CPU has none of other nodes at hand.  And no lock for a pool that is empty. */
	if (cpu_to_mem(id) != nid || !mage_pool_has_page(pool, nid))
		return NULL;
	spin_lock(&cpu->lock);
	folio = cpu->first ?: mage_pool_take_chunk(pool, nid);
	/* The node of a CPU without memory may have changed: the page stays, until a drain. */
	if (folio && unlikely(folio_nid(folio) != nid))
		folio = NULL;
	if (folio)
		WRITE_ONCE(cpu->first, folio->private);
	spin_unlock(&cpu->lock);
	if (!folio)
		return NULL;
	folio->private = NULL;
	folio_ref_unfreeze(folio, 1);
	/* memory_failure() can do no more to a page that it cannot get than mark it. */
	if (unlikely(READ_ONCE(folio->flags) & MAGE_POOL_FLAGS_OF_NONE)) {
		folio_put(folio);
		return NULL;
	}
	return folio;
}

/**
 * mage_pool_drain() - give all pages back
 * @pool: the pool, in which others may come at any time
 *
 * Does not sleep.  Not in interrupts.
 *
 * Return: how many there were
 */
unsigned long mage_pool_drain(struct mage_pool *pool)
{
	unsigned long nr = 0;
	LIST_HEAD(chunks);
	int id;

	/* Else who has cleared it gives back what there was. */
	if (!READ_ONCE(pool->filled))
		return 0;
	/* What comes in from here on sets it again. */
	WRITE_ONCE(pool->filled, false);
	for (id = 0; id < nr_node_ids; id++) {
		struct mage_pool_node *node = &pool->node[id];

		spin_lock(&node->lock);
		list_splice_init(&node->chunks, &chunks);
		WRITE_ONCE(node->nr, 0);
		spin_unlock(&node->lock);
	}
	/* After the middle: a CPU that takes a chunk holds its lock until it has it at hand. */
	for_each_possible_cpu(id) {
		struct mage_pool_cpu *cpu = per_cpu_ptr(pool->cpu, id);
		struct folio *first;

		spin_lock(&cpu->lock);
		first = cpu->first;
		WRITE_ONCE(cpu->first, NULL);
		spin_unlock(&cpu->lock);
		nr += mage_pool_give_back(first);
	}
	return nr + mage_pool_give_back_all(&chunks);
}

/**
 * mage_pool_shut() - give all pages back, and take no others
 * @pool: the pool
 *
 * Return: how many pages there were
 */
unsigned long mage_pool_shut(struct mage_pool *pool)
{
	int nid;

	for (nid = 0; nid < nr_node_ids; nid++) {
		spin_lock(&pool->node[nid].lock);
		pool->shut = true;
		spin_unlock(&pool->node[nid].lock);
	}
	return mage_pool_drain(pool);
}

/**
 * mage_pools_stop() - pools take no pages, or do so again
 * @stop: which of the two
 *
 * Who stops them and drains one after that finds all that it will have until they go on.  Not
 * twice at a time: the lock of memory hotplug is held.  Stopping sleeps.
 */
void mage_pools_stop(bool stop)
{
	WRITE_ONCE(mage_pools_stopped, stop);
	/* Who holds the lock of a node, and has not seen this, will have set @filled. */
	if (stop)
		synchronize_rcu();
}
