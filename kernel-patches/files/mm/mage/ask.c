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
#include <linux/nodemask.h>
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

/*
 * When a wait was in vain last, jiffies: for the machine, and for memory cgroups, of which
 * those whose ids are congruent share one.  Who reads an old value waits for longer, who
 * reads another's for less.
 */
#define MAGE_ASKED_IN_VAIN	64
static unsigned long mage_asked_in_vain_at[1 + MAGE_ASKED_IN_VAIN] = {
	[0 ... MAGE_ASKED_IN_VAIN] = INITIAL_JIFFIES - MAGE_ASK_FORGETS,
};

static unsigned long *mage_asked_in_vain(struct mem_cgroup *target)
{
	bool all = !target || mem_cgroup_is_root(target);

	return &mage_asked_in_vain_at[all ? 0 : 1 + mem_cgroup_id(target) % MAGE_ASKED_IN_VAIN];
}

/*
 * Whether reclaim is for a memory cgroup's memory.max, at which it would kill, and not for
 * memory.high.
 */
static bool mage_is_for_limit(struct mem_cgroup *target)
{
	return page_counter_read(&target->memory) + MEMCG_CHARGE_BATCH >
	       READ_ONCE(target->memory.max);
}

/* Raises a demand, unless it is higher. */
static void mage_demand_raise(atomic_long_t *demand, long until)
{
	long old = atomic_long_read(demand);

	while (until - old > 0 && !atomic_long_try_cmpxchg(demand, &old, until))
		;
}

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

	WRITE_ONCE(domain->demand_at, jiffies);
	mage_demand_raise(&domain->demand, until);
	return until;
}

/**
 * mage_room_demand_on() - the same of pages that are on one node
 * @domain: the domain
 * @nid: the node
 * @nr_pages: how many
 */
void mage_room_demand_on(struct mage_domain *domain, int nid, unsigned long nr_pages)
{
	struct mage_want *want;

	if (!domain->want) {
		mage_room_demand(domain, nr_pages);
		return;
	}
	want = &domain->want[nid];
	WRITE_ONCE(want->demand_at, jiffies);
	mage_demand_raise(&want->demand, atomic_long_read(&want->progress) + nr_pages);
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

/* Pages of some nodes that a domain has freed. */
static long mage_progress_on(const struct mage_domain *domain, const nodemask_t *nodes)
{
	long progress = 0;
	int nid;

	for_each_node_mask(nid, *nodes)
		progress += atomic_long_read(&domain->want[nid].progress);
	return progress;
}

/* Of some nodes; of all, and then also what the stock way has freed, if @nodes is NULL. */
static struct mage_below mage_below(struct mem_cgroup *target, const nodemask_t *nodes)
{
	struct mage_below below = {};
	struct mage_domain *domain;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all) {
		bool topmost;

		if (!mage_is_below(domain, target))
			continue;
		topmost = mage_is_topmost(domain, target);
		if (topmost)
			below.victims += mage_domain_coming(domain);
		if (nodes && domain->want)
			below.progress += mage_progress_on(domain, nodes);
		else if (topmost)
			below.progress += atomic_long_read(&domain->progress);
	}
	rcu_read_unlock();
	return below;
}

/* Some pages of a domain on each node, or some, are wanted; false if there are none. */
static bool mage_demand_on(struct mage_domain *domain, const nodemask_t *nodes)
{
	bool any = false;
	int nid;

	for_each_node_state(nid, N_MEMORY) {
		if ((nodes && !node_isset(nid, *nodes)) ||
		    !mage_shards_on_node(&domain->shards, nid))
			continue;
		mage_room_demand_on(domain, nid, SWAP_CLUSTER_MAX);
		any = true;
	}
	return any;
}

/*
 * A thread is about to give up: of each domain below a memory cgroup some pages on the
 * nodes that it can use are wanted that are not below memory.min.  That is worked out from
 * the top, as evictors do so for limits of their own in the same place.
 *
 * Return: whether any has some, and evictors that can free them
 */
static bool mage_demand_below(struct mem_cgroup *target, const nodemask_t *nodes)
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
		    mage_room_is_hopeless(domain) || !mage_demand_on(domain, nodes))
			continue;
		WRITE_ONCE(domain->awaited_until, jiffies + 2 * MAGE_ASK_SLICE);
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
	size = mem_cgroup_size(memcg);
	/* What is protected can be anything: no more than there is. */
	return pages - min(pages, mult_frac(pages, min(protection, size), size + 1));
}

/*
 * Of so many pages those that are not in use, by what was spared lately: stock reclaim
 * leaves those where they are, and a domain gives all that it is asked for.  Never less
 * than a quarter.
 */
static unsigned long mage_ask_unused(const struct mage_domain *domain, unsigned long pages)
{
	return pages - mult_frac(pages, min(READ_ONCE(domain->in_use), 192u), 256);
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
	int nid = lruvec_pgdat(lruvec)->node_id;
	struct mage_domain *domain;
	unsigned long need = share->need - (share->of_all ? 0 : min(share->need, ask->pages));
	unsigned long pages = 0;
	bool kept = false;

	/* What makes room does not wait for itself; and others may have been asked for enough. */
	if (__mage_in_evictor() || !need || !share->swappiness)
		return false;
	rcu_read_lock();
	domain = mage_domain_of(memcg);
	if (domain && !mage_room_is_hopeless(domain))
		pages = mage_shards_on_node(&domain->shards, nid);
	if (pages)
		pages = mage_unprotected(target, memcg, share->low_too, pages, &kept);
	/* In the end all are asked for. */
	if (pages && share->priority)
		pages = mage_ask_unused(domain, pages);
	pages = mage_ask_share(pages, share);
	if (pages) {
		pages = clamp(min(pages, need), SWAP_CLUSTER_MAX, MAGE_DEMAND_MAX);
		if (!ask->pages) {
			nodemask_t node = nodemask_of_node(nid);

			ask->begin = mage_below(target, &node).progress;
		}
		ask->pages += pages;
		ask->asked = true;
		ask->nid = nid;
		mage_room_demand_on(domain, nid, pages);
	}
	rcu_read_unlock();
	return kept;
}

unsigned long __mage_ask_wait(struct mage_ask *ask, struct mem_cgroup *target,
			      unsigned long need, gfp_t gfp_mask)
{
	unsigned long end = jiffies + (current_is_kswapd() ? MAGE_ASK_KSWAPD : MAGE_ASK_DIRECT);
	nodemask_t node = nodemask_of_node(ask->nid);
	long freed, left, want = min(ask->pages, need);
	DEFINE_WAIT(wait);

	ask->pages = 0;
	mage_evictors_kick_node(ask->nid);
	/* A domain wakes its waiters after it has added to its progress. */
	for (;;) {
		prepare_to_wait(&mage_freed_wait, &wait, TASK_KILLABLE);
		freed = mage_below(target, &node).progress - ask->begin;
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

unsigned long __mage_ask_last(struct mem_cgroup *target, gfp_t gfp_mask,
			      const nodemask_t *nodemask)
{
	const nodemask_t *nodes =
		nodemask && nodes_subset(node_states[N_MEMORY], *nodemask) ? NULL : nodemask;
	unsigned long *vain_at = mage_asked_in_vain(target);
	bool vain = time_before(jiffies, READ_ONCE(*vain_at) + MAGE_ASK_FORGETS);
	enum mage_patience patience = mage_patience(gfp_mask);
	struct mage_below below, before = mage_below(target, nodes);
	unsigned int still = 0;
	DEFINE_WAIT(wait);

	if (target && !mem_cgroup_is_root(target) && !mage_is_for_limit(target))
		return 0;
	/* Kernel threads may be needed for what they would wait for. */
	if (patience <= MAGE_WAIT_ONCE || !(gfp_mask & __GFP_FS) || current->flags & PF_KTHREAD)
		return 0;
	for (;;) {
		prepare_to_wait(&mage_freed_wait, &wait, TASK_KILLABLE);
		below = mage_below(target, nodes);
		/* What was asked for may have been done meanwhile, for others. */
		if (below.progress - before.progress > 0 || fatal_signal_pending(current) ||
		    !mage_demand_below(target, nodes))
			break;
		/* A domain that ended took its part along. */
		before.progress = below.progress;
		if (still++ > (patience == MAGE_WAIT_SHORT ? 0 :
			       below.victims > 0 ? MAGE_ASK_SLICES_BUSY :
			       vain ? 0 : MAGE_ASK_SLICES)) {
			if (!vain && patience == MAGE_WAIT_LONG)
				WRITE_ONCE(*vain_at, jiffies);
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
