// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: pages that somebody beside the limits wants.
 *
 * Stock reclaim, be it kswapd's, a thread's that finds no memory, or that of a memory
 * cgroup above or beside a domain, does not evict a domain's pages.  As it comes by
 * each LRU it asks the domain's evictors for the share that it would have scanned
 * there, and waits for the pages once, when it has been everywhere.
 */
#include <linux/cgroup.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include "ask.h"
#include "domain.h"
#include "evictor.h"
#include "limit.h"
#include "patience.h"
#include "room.h"

/* Reclaim waits so long in a pass for what it has asked for: kswapd, and others. */
#define MAGE_ASK_KSWAPD		(HZ / 10)
#define MAGE_ASK_DIRECT		(HZ / 50)

/*
 * Before it gives up, which is where the OOM killer comes from, it waits for so many
 * slices without a page; for more while pages are on their way.
 */
#define MAGE_ASK_SLICE		(HZ / 10)
#define MAGE_ASK_SLICES		100
#define MAGE_ASK_SLICES_BUSY	600

/* For so long after a wait in vain others wait for one slice only. */
#define MAGE_ASK_FORGETS	(60 * HZ)

/* When a wait was in vain last, jiffies; who reads an old value waits for longer. */
static unsigned long mage_asked_in_vain_at = INITIAL_JIFFIES - MAGE_ASK_FORGETS;

/**
 * mage_room_demand() - have pages evicted even if there is room
 * @domain: the domain
 * @nr_pages: how many; no more than is soon done, as nobody takes a demand back: it
 *	is forgotten some time after it was raised last
 *
 * Return: the domain's progress when that is done
 */
long mage_room_demand(struct mage_domain *domain, unsigned long nr_pages)
{
	long until = atomic_long_read(&domain->progress) + nr_pages;
	long old = atomic_long_read(&domain->demand);

	WRITE_ONCE(domain->demand_at, jiffies);
	while (until - old > 0 && !atomic_long_try_cmpxchg(&domain->demand, &old, until))
		;
	return until;
}

/**
 * struct mage_below - the domains below a memory cgroup, added up
 * @progress: pages freed
 * @victims: pages in flight whose far store answers
 */
struct mage_below {
	long progress;
	long victims;
};

static bool mage_is_below(const struct mage_domain *domain, struct mem_cgroup *target)
{
	return !target || mem_cgroup_is_descendant(domain->memcg, target);
}

/*
 * Whether a domain below a memory cgroup is a topmost one: what those under it have freed
 * and have in flight is in its counts.
 */
static bool mage_is_topmost(const struct mage_domain *domain, struct mem_cgroup *target)
{
	struct mage_domain *above = mage_domain_above(domain);

	return !above || !mage_is_below(above, target);
}

static struct mage_below mage_below(struct mem_cgroup *target)
{
	struct mage_below below = {};
	struct mage_domain *domain;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all) {
		if (!mage_is_below(domain, target) || !mage_is_topmost(domain, target))
			continue;
		below.progress += atomic_long_read(&domain->progress);
		below.victims += mage_domain_coming(domain);
	}
	rcu_read_unlock();
	return below;
}

/*
 * A thread is about to give up: of each domain below a memory cgroup some pages are wanted
 * that are not below memory.min.  That is worked out from the top, as evictors do so for
 * limits of their own in the same place.
 *
 * Return: whether any has some, and evictors that can free them
 */
static bool mage_demand_below(struct mem_cgroup *target)
{
	struct cgroup_subsys_state *css;
	bool protects, able = false;

	target = target ?: root_mem_cgroup;
	protects = mage_memcg_protects(target);
	rcu_read_lock();
	css_for_each_descendant_pre(css, &target->css) {
		struct mem_cgroup *memcg = mem_cgroup_from_css(css);
		struct mage_domain *domain = mage_domain_of(memcg);

		if (protects)
			mem_cgroup_calculate_protection(target, memcg);
		if (!domain || (protects && mem_cgroup_below_min(target, memcg)) ||
		    mage_room_seems_stalled(domain) || !mage_shards_frames(&domain->shards))
			continue;
		WRITE_ONCE(domain->awaited_until, jiffies + 2 * MAGE_ASK_SLICE);
		mage_room_demand(domain, SWAP_CLUSTER_MAX);
		able = true;
	}
	rcu_read_unlock();
	return able;
}

/*
 * What the limit of protection leaves of a domain's pages, as for other pages of the
 * same memory cgroup; *@kept tells whether memory.low keeps some back.
 */
static unsigned long mage_unprotected(struct mem_cgroup *target, struct mem_cgroup *memcg,
				      bool low_too, unsigned long pages, bool *kept)
{
	unsigned long min, low, protection, size;

	mem_cgroup_protection(target, memcg, &min, &low);
	*kept = !low_too && low > min;
	protection = *kept ? low : min;
	if (!protection)
		return pages;
	size = max(mem_cgroup_size(memcg), protection);
	return pages - min(pages, mult_frac(pages, protection, size + 1));
}

/*
 * What stock reclaim would scan of so many pages.  A few are not worth a shootdown, and if
 * they were rounded up domains would give where others are hardly looked at: so it is for
 * chance to say that it is nothing, or enough.
 */
static unsigned long mage_ask_share(unsigned long pages, const struct mage_share *share)
{
	u64 lots = (u64)pages * share->swappiness;
	u64 all = (u64)MAX_SWAPPINESS << share->priority;

	if (!share->priority)
		return pages;
	if (lots >= all * SWAP_CLUSTER_MAX)
		return div64_u64(lots, all);
	return get_random_u64() % (all * SWAP_CLUSTER_MAX) < lots ? SWAP_CLUSTER_MAX : 0;
}

bool __mage_ask(struct mage_ask *ask, struct mem_cgroup *target, struct lruvec *lruvec,
		const struct mage_share *share)
{
	struct mem_cgroup *memcg = lruvec_memcg(lruvec);
	struct mage_domain *domain;
	unsigned long need = share->need - min(share->need, ask->pages);
	unsigned long pages = 0;
	bool kept = false;

	/* What makes room does not wait for itself; and others were asked for enough. */
	if (__mage_in_evictor() || !need || !share->swappiness)
		return false;
	rcu_read_lock();
	domain = mage_domain_of(memcg);
	if (domain && !mage_room_seems_stalled(domain))
		pages = mage_shards_on_node(&domain->shards, lruvec_pgdat(lruvec)->node_id);
	if (pages)
		pages = mage_unprotected(target, memcg, share->low_too, pages, &kept);
	pages = mage_ask_share(pages, share);
	if (pages) {
		pages = clamp(min(pages, need), SWAP_CLUSTER_MAX, MAGE_DEMAND_MAX);
		if (!ask->pages)
			ask->begin = mage_below(target).progress;
		ask->pages += pages;
		ask->asked = true;
		mage_room_demand(domain, pages);
	}
	rcu_read_unlock();
	return kept;
}

unsigned long __mage_ask_wait(struct mage_ask *ask, struct mem_cgroup *target,
			      unsigned long need, gfp_t gfp_mask)
{
	unsigned long end = jiffies + (current_is_kswapd() ? MAGE_ASK_KSWAPD : MAGE_ASK_DIRECT);
	long freed, left, want = min(ask->pages, need);
	DEFINE_WAIT(wait);

	ask->pages = 0;
	mage_evictors_kick_all();
	/* A domain wakes its waiters after it has added to its progress. */
	for (;;) {
		prepare_to_wait(&mage_freed_wait, &wait, TASK_KILLABLE);
		freed = mage_below(target).progress - ask->begin;
		left = end - jiffies;
		if (freed >= want || left <= 0 || !(gfp_mask & __GFP_IO) ||
		    fatal_signal_pending(current))
			break;
		schedule_timeout(left);
	}
	finish_wait(&mage_freed_wait, &wait);
	/* Domains that ended took along what they had freed; and others may want some. */
	return clamp(freed, 0, want);
}

unsigned long __mage_ask_last(struct mem_cgroup *target, gfp_t gfp_mask)
{
	bool vain = time_before(jiffies,
				READ_ONCE(mage_asked_in_vain_at) + MAGE_ASK_FORGETS);
	enum mage_patience patience = mage_patience(gfp_mask);
	struct mage_below below, before = mage_below(target);
	unsigned int still = 0;
	DEFINE_WAIT(wait);

	/* Kernel threads may be needed for what they would wait for. */
	if (patience <= MAGE_WAIT_ONCE || !(gfp_mask & __GFP_FS) || current->flags & PF_KTHREAD)
		return 0;
	for (;;) {
		prepare_to_wait(&mage_freed_wait, &wait, TASK_KILLABLE);
		below = mage_below(target);
		/* What was asked for may have been done meanwhile, for others. */
		if (below.progress - before.progress > 0 || fatal_signal_pending(current) ||
		    !mage_demand_below(target))
			break;
		/* A domain that ended took its part along. */
		before.progress = below.progress;
		if (still++ > (patience == MAGE_WAIT_SHORT ? 0 :
			       below.victims > 0 ? MAGE_ASK_SLICES_BUSY :
			       vain ? 0 : MAGE_ASK_SLICES)) {
			if (!vain && patience == MAGE_WAIT_LONG)
				WRITE_ONCE(mage_asked_in_vain_at, jiffies);
			break;
		}
		mage_evictors_kick_all();
		schedule_timeout(MAGE_ASK_SLICE);
	}
	finish_wait(&mage_freed_wait, &wait);
	return max(below.progress - before.progress, 0);
}

unsigned long __mage_lruvec_pages(struct lruvec *lruvec)
{
	struct mem_cgroup *memcg = lruvec_memcg(lruvec);
	int nid = lruvec_pgdat(lruvec)->node_id;
	struct cgroup_subsys_state *css;
	unsigned long pages = 0;

	if (!memcg)
		return 0;
	rcu_read_lock();
	css_for_each_descendant_pre(css, &memcg->css) {
		struct mage_domain *domain =
			rcu_dereference(mem_cgroup_from_css(css)->mage_domain);

		if (domain)
			pages += mage_shards_on_node(&domain->shards, nid);
	}
	rcu_read_unlock();
	return pages;
}
