/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: pages that evictors have emptied and faults are to fill, still charged.
 */
#ifndef _MM_MAGE_POOL_H
#define _MM_MAGE_POOL_H

#include <linux/cache.h>
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/percpu.h>
#include <linux/spinlock.h>
#include <linux/types.h>

struct mem_cgroup;

/* Pages that a CPU takes out of the middle at once, at most. */
#define MAGE_POOL_CHUNK		32

/**
 * struct mage_pool_cpu - the pages that a CPU has at hand
 * @lock: protects @first; outside that of a node, never taken in interrupts.  Nobody but its
 *	CPU takes it, unless the pool is drained
 * @first: a chunk, or what is left of one; NULL for none
 */
struct mage_pool_cpu {
	spinlock_t lock;	/* first */
	struct folio *first;
};

/**
 * struct mage_pool_node - the pages of one node in the middle
 * @lock: protects @chunks and @nr; a leaf, never taken in interrupts
 * @chunks: the first pages of chunks, by their lru
 * @nr: pages in all chunks; read without the lock for what it is about
 */
struct mage_pool_node {
	spinlock_t lock;	/* chunks, nr */
	struct list_head chunks;
	unsigned long nr;
} ____cacheline_aligned_in_smp;

/**
 * struct mage_pool - pages of one domain
 * @cpu: those at hand
 * @shut: none come in any more; set under the lock of each node in turn
 * @filled: pages have come in since the last drain has begun; else there is none but those that
 *	this one is about to give back
 * @taken_at: when a CPU took some out of the middle last, or the first came in, jiffies
 * @node: the middle, by node
 *
 * Pages stand in chunks, so that a CPU takes many for one hold of a lock, and touches no page
 * but the first for it.  Those of a chunk are linked by their private, the number of them is
 * the index of the first.
 */
struct mage_pool {
	struct mage_pool_cpu __percpu *cpu;
	bool shut;
	bool filled;
	unsigned long taken_at;
	struct mage_pool_node node[];
};

/**
 * struct mage_pool_load - pages of one node that are about to come in
 * @chunks: the first pages of chunks
 * @nid: the node
 * @nr: pages in all
 * @most: pages in a chunk
 */
struct mage_pool_load {
	struct list_head chunks;
	int nid;
	unsigned int nr;
	unsigned int most;
};

/* Whether there is a page at hand, or in the middle of a node: it may be gone when asked for. */
static inline bool mage_pool_has_page(const struct mage_pool *pool, int nid)
{
	return READ_ONCE(raw_cpu_ptr(pool->cpu)->first) || READ_ONCE(pool->node[nid].nr);
}

struct mage_pool *mage_pool_alloc(void);
void mage_pool_free(struct mage_pool *pool);
unsigned long mage_pool_pages(const struct mage_pool *pool);
bool mage_pool_make_fresh(struct folio *folio, const struct mem_cgroup *memcg);
void mage_pool_load_begin(struct mage_pool_load *load, int nid, unsigned int most);
void mage_pool_load_add(struct mage_pool_load *load, struct folio *folio);
bool mage_pool_push(struct mage_pool *pool, struct mage_pool_load *load);
struct folio *mage_pool_pop(struct mage_pool *pool, int nid);
unsigned long mage_pool_drain(struct mage_pool *pool);
unsigned long mage_pool_shut(struct mage_pool *pool);
void mage_pools_stop(bool stop);

#endif /* _MM_MAGE_POOL_H */
