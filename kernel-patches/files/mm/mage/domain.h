/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: domains.
 */
#ifndef _MM_MAGE_DOMAIN_H
#define _MM_MAGE_DOMAIN_H

#include <linux/atomic.h>
#include <linux/cache.h>
#include <linux/jiffies.h>
#include <linux/mage_policy.h>
#include <linux/memcontrol.h>
#include <linux/mutex.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "ghost.h"
#include "pool.h"
#include "queue.h"
#include "shard.h"
#include "stats.h"

struct bpf_link;
struct mage_batch;

/* mage_domain.wanted_room: nothing in particular. */
#define MAGE_HEADROOM_DEFAULT	ULONG_MAX

/**
 * struct mage_want - what is wanted of a domain's pages on one node
 * @progress: pages that the evictors have freed there
 * @demand: progress that they are to reach, since somebody asked for reclaim
 * @demand_at: when it was raised last, jiffies
 * @coming: pages in batches for the node that are about to be free
 * @ahead: pages that evictors there were to take ahead of the turn of other nodes, less
 *	those that others took ahead of this one's
 *
 * Of the very domain: reclaim asks each by itself.
 */
struct mage_want {
	atomic_long_t progress;
	atomic_long_t demand;
	unsigned long demand_at;
	atomic_long_t coming;
	atomic_long_t ahead;
} ____cacheline_aligned_in_smp;

/**
 * struct mage_effort - what a policy has used since that was looked at, and for what
 * @ns: CPU time of calls that were measured
 * @work: pages that they have looked at or picked, or were about
 * @since: when it was looked at, jiffies
 */
struct mage_effort {
	atomic64_t ns;
	atomic_long_t work;
	unsigned long since;
};

/**
 * struct mage_domain - a memory cgroup whose anonymous memory Mage manages
 *
 * A cgroup that a policy is attached to has one, its root, and so has each memory
 * cgroup below it, down to the next that a policy is attached to.  Each has lists,
 * counters, room and waiters of its own; what governs them, and what follows from
 * that, is in the root and found by way of @root.  A cgroup for which there was no
 * memory, or no id, has none, and neither have those that are made below it later: their
 * pages are on the stock LRU.
 *
 * Read by every fault, written when a policy or the cgroup changes, a policy asks for
 * another headroom, or the evictors stall:
 * @shards: the frames
 * @memcg: the memory cgroup; who has a reference to the domain has one to its css,
 *	and to who has found the domain under RCU it is there, too
 * @root: the domain that its policy is attached to, with a reference unless it is
 *	this one; under RCU, changed under mage_tree_mutex
 * @policy: of a root: what governs, never NULL; under RCU, changed under @policy_mutex
 * @ejected: of a root: a policy that broke a rule; until @eject_work has put the
 *	built-in one in its place, callers treat it as if that had happened
 * @stats: counters
 * @root_stats: of a root: histograms of the whole tree, and what its policy is called for
 * @want: by node; NULL if there is only one, as then @demand says all
 * @cgroup_id: inode number of the directory of the root's cgroup
 * @wanted_room: what the policy wants of headroom, MAGE_HEADROOM_DEFAULT for
 *	nothing in particular
 * @retry_at: jiffies; not before then is a stalled domain tried again
 * @stalled: the evictors can free nothing; cleared when they can again
 * @kept_until: jiffies; so long all that those below could give is taken to be below
 *	memory.low
 * @by_number: a policy has picked pages by number
 * @hears: MAGE_HEARS_*, so that a page of a policy without them costs one look;
 *	while a policy takes over, those of both
 * @remembers: the policy wants evicted pages to be remembered
 * @ghost_tag: tells this domain's records from those of others
 * @swap_is_scarce: most of what its cgroup may swap out was, at a batch or a fault of just
 *	now: pages that come back keep no far copy
 *
 * Written by evictors, a few times a batch:
 * @in_flight: batches in the pipelines
 * @fruitless: selections in a row that picked nothing
 * @victims: pages in those batches
 * @tree_victims: the same, with those of the domains below
 * @progress: pages that the evictors have freed, here and in the domains below; a
 *	waiter that sees it stand still gives up
 * @clock: pages evicted
 * @walked: victims that walks were to find, for turns among the shards
 * @sample_pfn: page frame number of the last sample, where the next begins
 * @turnover: pages freed while a batch is in flight, a running mean
 * @stock_debt: pages, times 256, that stock reclaim owes as its share
 * @stock_asked: pages that it was asked for
 * @leaving: pages, here and below, that went to the stock LRU, for a swap area that is
 *	not a far device most likely, and are to be freed when it has written them
 * @leaving_at: when that was raised last, jiffies
 * @stock_only: the last selection found nothing, so only stock reclaim can help
 * @idle_rounds: times in a row that it could not either
 * @next_shard: where the next batch of the built-in selection starts to look
 * @bad_picks: picks in a row, by number, of pages that are not to be had
 * @batch_size: victims that the policy, or the knob, wanted of the batch that was
 *	selected last; 0 if neither did
 * @late: of @victims, those whose writes the far store does not answer
 * @tree_late: of @tree_victims, likewise
 * @in_vain: victims for which there was no place in far memory, since any page here or
 *	below was last evicted; of those below only such as had none here either
 * @stalled_with: pages that it had when it was stalled last
 * @write_failed_at: when the far store did badly last, or there was no place for a
 *	victim, here or below, jiffies; 0 if all that was posted since went well
 * @in_use: of the victims that were selected lately those that were spared, of 256, on
 *	average; any evictor may write it
 * @asks: times that the policy was asked for victims, here or below
 * @effort: of a root: what the policy does for its CPU time
 * @cleaned: @clock, or above that by the pages that were picked to be cleaned only and
 *	for which none was evicted yet
 * @keeps_no_slots: at the last batch, pages could get no slots to keep: nothing is cleaned
 *	that has none
 *
 * Written by threads that wait, or fault and have pages prefetched:
 * @queue: threads that wait for pages to be freed: those that were asked for, or for room
 *	below the limit of this cgroup; at a topmost domain, below those further up as well
 * @nr_waiting: how many wait for room
 * @prefetching: prefetches under way
 * @flying: pages in flight
 * @demand: progress that the evictors are to reach even if there is room,
 *	since somebody asked for reclaim
 * @demand_at: when it was raised last, jiffies
 * @awaited_until: so long some thread gives up without pages of it, jiffies
 * @extra_room: pages of headroom beside what the limit and @turnover ask for,
 *	since threads had to wait lately
 * @extra_at: when @extra_room last changed, jiffies
 * @hopeless: @progress when a wait timed out last; while it stands there, waits are short
 *
 * Read by faults, and by evictors once a batch, never written:
 * @pool: pages that evictors have emptied for faults
 *
 * The rest:
 * @refs: one until the end of the cgroup or of the tree, one for being a root, one for
 *	each user of the moment; all but the first come with one to the css
 * @all: on mage_domains, under mage_tree_mutex, walked under RCU
 * @governed: of a root: on mage_governed
 * @members: of a root: the domains of its tree, itself included, by @member
 * @member: on its root's @members; of a tree that ends, on a list of that; both under
 *	mage_tree_mutex
 * @taken: on a list of those that a policy takes over, under the policy_mutex of its root
 * @flights: those of its pages in flight; who drops some goes on at the front, and has what
 *	he has met at the end; under mage_flights_lock
 * @held: the end of the tree has a reference
 * @bound: it has an id, which is given back when it is freed
 * @withdrawn: it stands below no other any more; under mage_victims_lock
 * @base: counters when the domain came to its tree; they are not the tree's
 * @gone: of a root: what domains that have left its tree have counted in it; both under
 *	mage_tree_mutex
 * @rcu: for the free after a grace period
 * @lists_mutex: held while whole lists are moved, some frames under each hold of a shard's
 *	lock, so that none is on a list that another such move does not see
 * @policy_mutex: protects changes of @policy, @link, @called_before and @unloaded; one dump at
 *	a time is called under it
 * @link: the BPF link that holds @policy, NULL for the built-in one
 * @called_before: of a root: what its callbacks had counted when what governs took over; this
 *	and @link change under mage_tree_mutex, too, and are read under either
 * @exit_info: record of the last policy that left, or was refused; under mage_tree_mutex
 * @unloaded: of a root: its policy was unloaded, so that it is to end
 * @eject_lock: protects @ejected, @eject_info and @replacing
 * @eject_info: why @ejected is to go
 * @replacing: a policy is taking over, and the one before it may still be called
 * @eject_work: ends @ejected
 * @offline_work: ends the domain after its cgroup or its policy was removed
 * @cgroup_gone: it was the cgroup
 * @adopt_work: takes in the pages that were there before the domain
 * @stock_work: pays @stock_debt and @stock_asked, and has a reference while it is queued
 * @ticking: @tick_work is queued or runs, and has a reference
 * @tick_work: calls the policy's tick
 * @tick_at: when it did last, or its period began, ns; 0 while one is about to begin
 * @tick_seen: the counters then
 * @untold: the policy, which has just taken over, is to be told by @tick_work of the pages
 *	that are there
 * @scan: the batch that tick is given
 *
 * The works are set up by the rooms that do them; who queues one needs not know
 * what it does.
 */
struct mage_domain {
	/* private: checked by mage_domain_alloc() */
	__cacheline_group_begin_aligned(read_mostly);
	/* public: */
	struct mage_shards shards;
	struct mem_cgroup *memcg;
	struct mage_domain __rcu *root;
	struct mage_ops __rcu *policy;
	struct mage_ops *ejected;
	struct mage_stats __percpu *stats;
	struct mage_root_stats __percpu *root_stats;
	struct mage_want *want;
	u64 cgroup_id;
	unsigned long wanted_room;
	unsigned long retry_at;
	unsigned long kept_until;
	bool stalled;
	bool by_number;
	u8 hears;
	bool remembers;
	u16 ghost_tag;
	bool swap_is_scarce;
	/* private: */
	__cacheline_group_end_aligned(read_mostly);

	__cacheline_group_begin_aligned(evictors);
	/* public: */
	atomic_t in_flight;
	atomic_t fruitless;
	atomic_long_t victims;
	atomic_long_t tree_victims;
	atomic_long_t progress;
	atomic_long_t clock;
	atomic_long_t walked;
	u64 sample_pfn;
	unsigned long turnover;
	atomic_long_t stock_debt;
	atomic_long_t stock_asked;
	atomic_long_t leaving;
	unsigned long leaving_at;
	bool stock_only;
	unsigned int idle_rounds;
	atomic_t next_shard;
	atomic_t bad_picks;
	u32 batch_size;
	atomic_long_t late;
	atomic_long_t tree_late;
	atomic_long_t in_vain;
	unsigned long stalled_with;
	unsigned long write_failed_at;
	unsigned int in_use;
	atomic_t asks;
	struct mage_effort effort;
	atomic_long_t cleaned;
	bool keeps_no_slots;
	/* private: */
	__cacheline_group_end_aligned(evictors);

	__cacheline_group_begin_aligned(waiters);
	/* public: */
	struct mage_queue queue;
	atomic_t nr_waiting;
	atomic_t prefetching;
	atomic_t flying;
	atomic_long_t demand;
	unsigned long demand_at;
	unsigned long awaited_until;
	unsigned long extra_room;
	unsigned long extra_at;
	long hopeless;
	/* private: */
	__cacheline_group_end_aligned(waiters);

	__cacheline_group_begin_aligned(recycled);
	/* public: */
	struct mage_pool *pool;
	/* private: */
	__cacheline_group_end_aligned(recycled);

	/* public: */
	refcount_t refs;
	struct list_head all;
	struct list_head governed;
	struct list_head members;
	struct list_head member;
	struct list_head taken;
	struct list_head flights;
	bool held;
	bool bound;
	bool withdrawn;
	u64 base[MAGE_STAT_NR];
	u64 gone[MAGE_STAT_NR];
	struct rcu_head rcu;
	struct mutex lists_mutex;	/* moves of whole lists */
	struct mutex policy_mutex;	/* changes of the policy */
	struct bpf_link *link;
	struct mage_callback_stats called_before[MAGE_CALLBACKS];
	struct mage_exit_info exit_info;
	spinlock_t eject_lock;		/* ejected, eject_info, replacing */
	struct mage_exit_info eject_info;
	bool replacing;
	struct work_struct eject_work;
	struct work_struct offline_work;
	bool cgroup_gone;
	bool unloaded;
	struct work_struct adopt_work;
	struct work_struct stock_work;
	atomic_t ticking;
	struct delayed_work tick_work;
	u64 tick_at;
	u64 tick_seen[MAGE_STAT_NR];
	bool untold;
	struct mage_batch *scan;
};

extern struct list_head mage_domains;
extern struct list_head mage_governed;
extern struct mutex mage_domains_mutex;
extern struct mutex mage_tree_mutex;

struct mage_domain *mage_domain_over(struct mem_cgroup *memcg);
struct mage_domain *mage_domain_above(const struct mage_domain *domain);
struct mage_domain *mage_domain_get_of(struct mem_cgroup *memcg);
struct mage_domain *mage_domain_by_id(unsigned int id);
struct mage_domain *mage_domain_get_next(unsigned int *id);
struct mage_domain *mage_domain_get_governed(unsigned long at);
struct mage_domain *mage_domain_find(u64 cgroup_id);
struct mage_domain *mage_domain_alloc(void);
struct mem_cgroup *mage_memcg_get(u64 cgroup_id);
bool mage_domain_ids_left(bool governed);
int mage_domain_bind(struct mage_domain *domain, struct mem_cgroup *memcg, bool governed);
void mage_domain_join(struct mage_domain *domain, struct mage_domain *root);
void mage_domain_publish(struct mage_domain *domain);
void mage_domain_withdraw(struct mage_domain *domain);
void mage_domain_unbind(struct mage_domain *domain);
void mage_domain_free(struct rcu_head *rcu);
bool mage_domain_get(struct mage_domain *domain);
void mage_domain_drop(struct mage_domain *domain);
void mage_domain_put(struct mage_domain *domain);
void mage_domain_add_victims(struct mage_domain *domain, long nr);
void mage_domain_add_late(struct mage_domain *domain, long nr);
void mage_domain_write_failed(struct mage_domain *domain);
void mage_domain_write_did_well(struct mage_domain *domain, unsigned long posted_at);
void mage_domain_note_asked(struct mage_domain *domain);
unsigned int mage_domain_waiting(const struct mage_domain *domain);
long mage_domain_demanded(const struct mage_domain *domain);
long mage_domain_demanded_on(const struct mage_domain *domain, int nid);
bool mage_domain_is_demanded(const struct mage_domain *domain);
bool mage_domain_is_asked(const struct mage_domain *domain);
u64 mage_domain_total(struct mage_domain *root, enum mage_stat stat);
void mage_domain_total_lists(struct mage_domain *root, u64 *sizes);
unsigned long mage_domain_total_frames(struct mage_domain *root);
unsigned long mage_domain_frames_below(struct mage_domain *domain,
				       struct mage_domain *root);

/* Pages on a node that were asked for and are not freed yet, or a number that is not positive. */
static inline long mage_want_left(const struct mage_want *want)
{
	return atomic_long_read(&want->demand) - atomic_long_read(&want->progress);
}

/* There are none to be had; whoever raises the demand beside this is heard. */
static inline void mage_want_forget(struct mage_want *want)
{
	long demand = atomic_long_read(&want->demand);
	long progress = atomic_long_read(&want->progress);

	if (demand - progress > 0)
		atomic_long_cmpxchg(&want->demand, demand, progress);
}

/* Pages that leave the stock way count so long, as some do not leave in the end. */
#define MAGE_LEAVING_LASTS	HZ

/* Pages that another swap area has yet to write. */
static inline long mage_domain_leaving(const struct mage_domain *domain)
{
	long leaving = atomic_long_read(&domain->leaving);

	if (likely(!leaving) ||
	    time_after(jiffies, READ_ONCE(domain->leaving_at) + MAGE_LEAVING_LASTS))
		return 0;
	return leaving;
}

/*
 * The domain of a memory cgroup, or of NULL; under RCU.  NULL if the cgroup is not
 * governed, or has no lists of its own.
 */
static inline struct mage_domain *mage_domain_of(struct mem_cgroup *memcg)
{
	return memcg ? rcu_dereference(memcg->mage_domain) : NULL;
}

/* What governs a domain; the caller is in an RCU read-side section, or has @root kept. */
static inline struct mage_domain *mage_domain_root(const struct mage_domain *domain)
{
	return rcu_dereference_check(domain->root, lockdep_is_held(&mage_tree_mutex) ||
				     lockdep_is_held(&mage_domains_mutex));
}

/* Whether a policy is, or was, attached to the very cgroup of a domain. */
static inline bool mage_domain_is_root(const struct mage_domain *domain)
{
	return rcu_access_pointer(domain->root) == domain;
}

/*
 * Pages in flight, here and below, that are about to be free: not those that the far
 * store keeps waiting; and those that leave the stock way.
 */
static inline long mage_domain_coming(const struct mage_domain *domain)
{
	return atomic_long_read(&domain->tree_victims) - atomic_long_read(&domain->tree_late) +
	       mage_domain_leaving(domain);
}

/* What tells the domain's ghosts from others. */
static inline struct mage_ghost_key mage_domain_ghost_key(const struct mage_domain *domain)
{
	return (struct mage_ghost_key){
		.now = atomic_long_read(&domain->clock),
		.tag = domain->ghost_tag,
		.epoch = READ_ONCE(domain->shards.epochs),
	};
}

/* A page was used: if it was prefetched, that was a hit. */
static inline void mage_domain_used(struct mage_domain *domain, struct mage_frame *frame)
{
	if (mage_frame_used(&domain->shards, frame))
		mage_count(domain->stats, MAGE_STAT_PREFETCH_HITS);
}

#endif /* _MM_MAGE_DOMAIN_H */
