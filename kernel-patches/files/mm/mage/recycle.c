// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: which pages evictors leave to faults, and when these pages are given back.
 *
 * The allocator, and the counters of memory cgroups, are for pages that change hands.  Most
 * that an evictor frees are for the faults of the same domain, which need them at once: they
 * go there by its pool, charged.
 *
 * They are room of the domain: evictors count on them as on what is not charged.  But only
 * swap-ins can have them.  So the first pages of a batch are freed, until half of the headroom
 * is there for whoever needs it, and pools are drained before anybody is told that there is no
 * room, or reclaims, waits or is slowed.  While somebody waits all goes to room.
 *
 * Nothing in a pool moves.  So pages of blocks that are being isolated, or are CMA's, do not go
 * there, and pools are drained, and stopped, while memory goes offline.  Other allocations of
 * ranges, as of huge pages at run time, may meet a page of a pool, and try elsewhere.
 */
#include <linux/cpuset.h>
#include <linux/kernel.h>
#include <linux/memcontrol.h>
#include <linux/memory.h>
#include <linux/mempolicy.h>
#include <linux/mm.h>
#include <linux/notifier.h>
#include <linux/page_owner.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/shrinker.h>
#include <linux/swap_cgroup.h>
#include <linux/workqueue.h>
#include "recycle.h"
#include "domain.h"
#include "knobs.h"
#include "limit.h"
#include "pool.h"
#include "room.h"

/* Pages in the middle of a pool, at most; and of the domain's local pages this part. */
#define MAGE_POOL_MAX		1024L
#define MAGE_POOL_OF_LOCAL	16

/* Of these, the part that all CPUs together may have at hand. */
#define MAGE_POOL_OF_CPUS	32

/* Pools that nothing was taken from for so long are drained. */
#define MAGE_POOL_LASTS		HZ

/*
 * Whether a page may be in any pool, so that faults look only then.  Set by who fills one,
 * cleared by the work that gives back what nobody takes, when it finds none.  A pool that is
 * filled just then is passed over until it is filled again, or the work, which is queued for
 * it, gives it back.
 */
bool mage_recycles __read_mostly;

static void mage_recycle_tend(struct work_struct *work);
static DECLARE_DELAYED_WORK(mage_recycle_work, mage_recycle_tend);

/*
 * Whether pages may do without what the allocator does on the way through it.  What it clears
 * when it hands a page out (init_on_alloc) needs not be cleared: it is read over.
 */
static bool mage_recycling_is_allowed(void)
{
#ifdef CONFIG_PAGE_OWNER
	if (static_branch_unlikely(&page_owner_inited))
		return false;
#endif
	return READ_ONCE(mage_knobs.pool) && !IS_ENABLED(CONFIG_KASAN) &&
	       !IS_ENABLED(CONFIG_KMSAN) && !want_init_on_free() &&
	       !page_poisoning_enabled_static() && !debug_pagealloc_enabled_static();
}

/* Whether somebody, here or above, has a use for room that is not charged. */
static bool mage_recycling_is_in_the_way(struct mage_domain *domain)
{
	bool wanted = false;

	rcu_read_lock();
	for (; domain && !wanted; domain = mage_domain_above(domain))
		wanted = mage_queue_wants(&domain->queue) || mage_domain_is_demanded(domain);
	rcu_read_unlock();
	return wanted;
}

/* How many of @nr pages that are about to be free may go to the domain's pool. */
static unsigned long mage_recycle_most(struct mage_domain *domain, unsigned long nr)
{
	long pooled = mage_pool_pages(domain->pool);
	long half = mage_domain_headroom(domain) / 2;
	long local = mage_shards_frames(&domain->shards);
	/* What is in pools is charged, so it is no room for others. */
	long short_of = half - mage_domain_room_uncharged(domain);
	long most = min3(MAGE_POOL_MAX, half, local / MAGE_POOL_OF_LOCAL) - pooled;

	return max(min(most, (long)nr - max(short_of, 0L)), 0L);
}

/**
 * mage_recycle_begin() - pages of a batch are about to be free
 * @recycling: to be filled in
 * @domain: whose they were
 * @nr: how many
 */
void mage_recycle_begin(struct mage_recycling *recycling, struct mage_domain *domain,
			unsigned long nr)
{
	unsigned long at_hand = mage_shards_frames(&domain->shards) / MAGE_POOL_OF_CPUS;

	recycling->domain = domain;
	recycling->left = 0;
	recycling->given = 0;
	mage_pool_load_begin(&recycling->load, NUMA_NO_NODE,
			     clamp(at_hand / num_online_cpus(), 1UL,
				   (unsigned long)MAGE_POOL_CHUNK));
	if (mage_recycling_is_in_the_way(domain)) {
		/* What was left to faults before is wanted, too. */
		mage_recycled_drain(domain);
		return;
	}
	if (!nr || !mage_recycling_is_allowed() || READ_ONCE(domain->shards.closing) ||
	    !mage_machine_has_room())
		return;
	recycling->left = mage_recycle_most(domain, nr);
}

static void mage_recycle_push(struct mage_recycling *recycling)
{
	struct mage_domain *domain = recycling->domain;
	unsigned int nr = recycling->load.nr;

	if (nr && mage_pool_push(domain->pool, &recycling->load))
		recycling->given += nr;
}

/**
 * mage_recycle_page() - leave a page to faults
 * @recycling: where it may go
 * @folio: the page, which has left its domain, with the caller's reference
 *
 * Return: true if it goes there, with the reference
 */
bool mage_recycle_page(struct mage_recycling *recycling, struct folio *folio)
{
	struct mage_pool_load *load = &recycling->load;

	if (!recycling->left || !mage_pool_make_fresh(folio, recycling->domain->memcg))
		return false;
	if (folio_nid(folio) != load->nid) {
		mage_recycle_push(recycling);
		mage_pool_load_begin(load, folio_nid(folio), load->most);
	}
	mage_pool_load_add(load, folio);
	recycling->left--;
	return true;
}

/**
 * mage_recycle_end() - after the last page of a batch
 * @recycling: where pages may have gone
 */
void mage_recycle_end(struct mage_recycling *recycling)
{
	struct mage_domain *domain = recycling->domain;

	mage_recycle_push(recycling);
	if (!recycling->given)
		return;
	mage_count_add(domain->stats, MAGE_STAT_POOL_GIVEN, recycling->given);
	if (!READ_ONCE(mage_recycles))
		WRITE_ONCE(mage_recycles, true);
	/*
	 * Who waits has said so before he looked into the pool: either he finds the pages, or
	 * we find him.  Pairs with set_current_state() in mage_domain_wait().
	 */
	smp_mb();
	if (mage_recycling_is_in_the_way(domain))
		mage_recycled_drain(domain);
	if (!delayed_work_pending(&mage_recycle_work))
		queue_delayed_work(system_unbound_wq, &mage_recycle_work, MAGE_POOL_LASTS);
}

/* Whether any page will do, as long as it is near. */
static bool mage_takes_local_pages(const struct vm_area_struct *vma, int nid)
{
#ifdef CONFIG_NUMA
	if (current->mempolicy || vma->vm_policy ||
	    (vma->vm_ops && vma->vm_ops->get_policy))
		return false;
#endif
	return !cpusets_enabled() || node_isset(nid, current->mems_allowed);
}

/*
 * Under RCU: the domain of a process's memory cgroup, if there is a page for it, and a slot is
 * charged to that cgroup.
 */
static struct mage_domain *mage_domain_of_slot(const struct mm_struct *mm, swp_entry_t entry,
					       int nid)
{
	struct mem_cgroup *memcg = mem_cgroup_from_task(rcu_dereference(mm->owner));
	struct mage_domain *domain = memcg ? mage_domain_of(memcg) : NULL;

	if (!domain || !mage_pool_has_page(domain->pool, nid))
		return NULL;
	return mem_cgroup_id(memcg) == lookup_swap_cgroup_id(entry) ? domain : NULL;
}

/**
 * mage_recycled_page() - a page for a swap-in
 * @vma: the mapping that it is for
 * @entry: what is to be read into it, all of it
 *
 * Return: the page as if it had just been allocated, and charged to what its slot is charged
 * to; NULL if there is none, and it takes the allocator
 */
struct folio *mage_recycled_page(const struct vm_area_struct *vma, swp_entry_t entry)
{
	int nid = numa_mem_id();
	struct folio *folio = NULL;
	struct mage_domain *domain;

	if (!READ_ONCE(mage_recycles) || !READ_ONCE(mage_knobs.pool))
		return NULL;
	rcu_read_lock();
	domain = mage_domain_of_slot(vma->vm_mm, entry, nid);
	if (domain && mage_takes_local_pages(vma, nid))
		folio = mage_pool_pop(domain->pool, nid);
	if (folio)
		mage_count(domain->stats, MAGE_STAT_POOL_HITS);
	rcu_read_unlock();
	return folio;
}

/**
 * mage_recycled_drain() - give a domain's pool back
 * @domain: the domain
 *
 * Does not sleep.  Who waits has what was there.
 *
 * Return: pages that were there, and are not charged any more, unless to who waited
 */
unsigned long mage_recycled_drain(struct mage_domain *domain)
{
	unsigned long nr = mage_pool_drain(domain->pool);

	if (nr) {
		mage_count_add(domain->stats, MAGE_STAT_POOL_DRAINED, nr);
		mage_room_given(domain);
	}
	return nr;
}

/**
 * mage_recycled_drain_below() - the same of all pools that are charged below a limit
 * @memcg: the memory cgroup of the limit
 */
unsigned long mage_recycled_drain_below(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;
	unsigned long nr = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all)
		if (READ_ONCE(domain->pool->filled) &&
		    mem_cgroup_is_descendant(domain->memcg, memcg))
			nr += mage_recycled_drain(domain);
	rcu_read_unlock();
	return nr;
}

/**
 * mage_recycled_shut() - give a domain's pool back for ever
 * @domain: one that ends, or whose cgroup does
 */
void mage_recycled_shut(struct mage_domain *domain)
{
	mage_count_add(domain->stats, MAGE_STAT_POOL_DRAINED, mage_pool_shut(domain->pool));
}

/* Drains what nobody takes from, until nothing is left anywhere. */
static void mage_recycle_tend(struct work_struct *work)
{
	struct mage_domain *domain;
	bool more = false;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all) {
		if (!READ_ONCE(domain->pool->filled))
			continue;
		if (!READ_ONCE(mage_knobs.pool) ||
		    time_after(jiffies, READ_ONCE(domain->pool->taken_at) + MAGE_POOL_LASTS))
			mage_recycled_drain(domain);
		else
			more = true;
	}
	rcu_read_unlock();
	if (more)
		queue_delayed_work(system_unbound_wq, &mage_recycle_work, MAGE_POOL_LASTS);
	else
		WRITE_ONCE(mage_recycles, false);
}

/*
 * What the machine may have back where memory is short.  Of a count half is asked for, so it is
 * two at least for what CPUs have at hand.
 */
static unsigned long mage_recycle_count(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct mage_domain *domain;
	unsigned long nr = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all)
		if (READ_ONCE(domain->pool->filled))
			nr += max(mage_pool_pages(domain->pool), 2UL);
	rcu_read_unlock();
	return nr ?: SHRINK_EMPTY;
}

static unsigned long mage_recycle_scan(struct shrinker *shrinker, struct shrink_control *sc)
{
	struct mage_domain *domain;
	unsigned long nr = 0;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all) {
		nr += mage_recycled_drain(domain);
		if (nr >= sc->nr_to_scan)
			break;
	}
	rcu_read_unlock();
	sc->nr_scanned = nr;
	return nr ?: SHRINK_STOP;
}

static int mage_recycle_hotplug(struct notifier_block *nb, unsigned long action, void *arg)
{
	switch (action) {
	case MEM_GOING_OFFLINE:
		mage_pools_stop(true);
		mage_recycled_drain_below(root_mem_cgroup);
		break;
	case MEM_CANCEL_OFFLINE:
	case MEM_OFFLINE:
		mage_pools_stop(false);
		break;
	}
	return NOTIFY_OK;
}

/**
 * mage_recycle_start() - have pools drained where memory is short, or goes
 *
 * Return: 0 or -ENOMEM
 */
int __init mage_recycle_start(void)
{
	struct shrinker *shrinker = shrinker_alloc(0, "mage-pool");

	if (!shrinker)
		return -ENOMEM;
	shrinker->count_objects = mage_recycle_count;
	shrinker->scan_objects = mage_recycle_scan;
	/* It costs no reads to do without, and however few there are, they go at once. */
	shrinker->seeks = 0;
	shrinker->batch = 1;
	shrinker_register(shrinker);
	return hotplug_memory_notifier(mage_recycle_hotplug, DEFAULT_CALLBACK_PRI);
}
