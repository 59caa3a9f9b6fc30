// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: threads that wait for room, or for pages to be reclaimed.
 *
 * A thread that finds no room waits for the evictors; it reclaims by itself only
 * when they can make no progress.  They take no lock that a thread that waits may
 * hold: none of an address space (mapping.c), of a file system (background.c) or of a
 * policy.  Still, who holds what others need does not wait for long.
 */
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/oom.h>
#include <linux/page_counter.h>
#include <linux/psi.h>
#include <linux/sched/mm.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <trace/events/mage.h>
#include "ask.h"
#include "callback.h"
#include "disk.h"
#include "domain.h"
#include "evictor.h"
#include "limit.h"
#include "patience.h"
#include "policy.h"
#include "recycle.h"
#include "room.h"
#include "self.h"
#include "share.h"
#include "stock.h"

/* A waiter looks again after this long, woken or not. */
#define MAGE_WAIT_SLICE		(HZ / 10)

/*
 * Slices without a page freed after which a waiter gives the evictors up; more
 * while pages are in flight, since the far store may be slow to answer and is
 * watched by its backend.  A new policy has as many again, but not each of many.
 */
#define MAGE_WAIT_SLICES	100
#define MAGE_WAIT_SLICES_BUSY	600
#define MAGE_WAIT_SLICES_MAX	(2 * MAGE_WAIT_SLICES_BUSY)

/* A policy that was asked less often meanwhile is not to blame. */
#define MAGE_WAIT_ASKS		4

/* Whether what a thread waits for seems to be there. */
static bool mage_goal_is_reached(struct mage_domain *domain, const struct mage_waiter *waiter)
{
	if (waiter->kind == MAGE_QUEUE_PROGRESS)
		return atomic_long_read(&domain->progress) - waiter->until >= 0;
	return page_counter_read(&waiter->over_limit->memory) + waiter->nr_pages <=
	       READ_ONCE(waiter->over_limit->memory.max);
}

/**
 * struct mage_stillness - how long a waiter has seen nothing happen
 * @progress: of the domain, when it was last seen to change
 * @epoch: of its policy, likewise
 * @asks: how often that had been asked by then
 * @slices: for how long
 * @same: for how long under the same policy
 * @slice_end: when the present one is over, jiffies
 */
struct mage_stillness {
	long progress;
	u8 epoch;
	unsigned int asks;
	unsigned int slices;
	unsigned int same;
	unsigned long slice_end;
};

/*
 * The last resort before stock reclaim, and with it the OOM killer, which knows
 * nothing of a domain's pages: if there are pages and none is about to be free, the
 * policy holds them back, or picks what cannot go.  Unless it is the far store that
 * does not take them, or keeps so many batches waiting that the policy is not asked.
 * Nor if it was hardly asked, as where something else keeps the evictors' CPUs.  @still
 * tells which policy had its time.
 */
static bool mage_eject_idle_policy(struct mage_domain *domain, const struct mage_stillness *still)
{
	unsigned long failed_at = READ_ONCE(domain->write_failed_at);
	unsigned long since = jiffies - MAGE_WAIT_SLICES * MAGE_WAIT_SLICE;
	struct mage_ops *policy;
	bool holds;

	if (mage_domain_coming(domain) > 0 || mage_policy_is_builtin(domain))
		return false;
	if ((failed_at && time_after(failed_at, since)) ||
	    atomic_read(&domain->asks) - still->asks < MAGE_WAIT_ASKS)
		return false;
	rcu_read_lock();
	policy = rcu_dereference(mage_domain_root(domain)->policy);
	/* The epoch changes before the pointer: who finds a new one finds it changed. */
	smp_rmb();
	holds = READ_ONCE(domain->shards.epoch) == still->epoch &&
		mage_domain_frames_below(domain, mage_domain_root(domain));
	if (holds)
		mage_policy_eject(domain, policy, MAGE_EXIT_NO_PROGRESS,
				  "threads waited %d s for room and no page was freed",
				  MAGE_WAIT_SLICES * MAGE_WAIT_SLICE / HZ);
	rcu_read_unlock();
	return holds;
}

/* Whether another slice is over, and nothing has happened. */
static bool mage_stillness_look(struct mage_domain *domain, struct mage_stillness *still)
{
	long progress = atomic_long_read(&domain->progress);
	u8 epoch = READ_ONCE(domain->shards.epoch);

	/* Some wake-ups mean no more than that the evictors could do nothing. */
	if (time_before(jiffies, still->slice_end))
		return false;
	still->slice_end = jiffies + MAGE_WAIT_SLICE;
	/* While a far device is awaited nothing can happen. */
	still->slices = progress == still->progress && !mage_disk_is_awaited() ?
			still->slices + 1 : 0;
	/* What another policy has not done is not held against a new one. */
	still->same = still->slices && epoch == still->epoch ? still->same + 1 : 0;
	still->progress = progress;
	still->epoch = epoch;
	if (!still->same)
		still->asks = atomic_read(&domain->asks);
	return still->slices;
}

/* Whether a waiter is to give the evictors up. */
static bool mage_waited_enough(struct mage_domain *domain, struct mage_stillness *still)
{
	unsigned int most = atomic_long_read(&domain->tree_victims) ? MAGE_WAIT_SLICES_BUSY :
								     MAGE_WAIT_SLICES;

	if (still->slices > MAGE_WAIT_SLICES_MAX)
		return true;
	if (still->same <= MAGE_WAIT_SLICES)
		return false;
	if (mage_eject_idle_policy(domain, still)) {
		still->same = 0;
		return false;
	}
	return still->same > most;
}

/* Whether a wait has timed out, and no page was freed since: time-outs do not add up. */
static bool mage_is_hopeless(struct mage_domain *domain)
{
	return READ_ONCE(domain->hopeless) == atomic_long_read(&domain->progress);
}

/* Whether a store, be it another swap area, has pages, and gives no sign of life. */
static bool mage_store_is_silent(struct mage_domain *domain, const struct mage_stillness *still)
{
	return atomic_long_read(&domain->tree_late) ||
	       (still->slices &&
		(atomic_long_read(&domain->tree_victims) || mage_domain_leaving(domain)));
}

/* Whether a thread that has waited for a slice does not wait on. */
static bool mage_patience_is_over(struct mage_domain *domain, enum mage_patience patience,
				  const struct mage_stillness *still)
{
	if (patience == MAGE_WAIT_ONCE)
		return true;
	/* A far device that may come back is waited for, and limits that itself. */
	if (mage_disk_is_awaited())
		return false;
	if (mage_is_hopeless(domain))
		return true;
	return patience == MAGE_WAIT_SHORT && !mage_store_is_silent(domain, still);
}

/* Whether the limit that is waited at is the evictors' affair, as it need not be for ever. */
static bool mage_goal_is_ours(struct mage_domain *domain, const struct mage_waiter *waiter)
{
	bool ours;

	if (!waiter->over_limit)
		return true;
	rcu_read_lock();
	ours = mage_limit_is_ours(domain, waiter->over_limit);
	rcu_read_unlock();
	return ours;
}

/* Serves those that wait at a domain, in their order. */
static void mage_domain_give(struct mage_domain *domain)
{
	mage_queue_give(&domain->queue, domain->memcg, atomic_long_read(&domain->progress));
}

/*
 * Waits for room, or for evictors to reach a goal; nothing is given if they cannot, the
 * thread is not that patient, or it is being killed.
 */
static enum mage_room mage_domain_wait(struct mage_domain *domain, struct mage_waiter *waiter,
				       enum mage_patience patience)
{
	struct mage_stillness still = {
		.progress = atomic_long_read(&domain->progress),
		.epoch = READ_ONCE(domain->shards.epoch),
		.asks = atomic_read(&domain->asks),
		.slice_end = jiffies + MAGE_WAIT_SLICE,
	};
	unsigned long begin = jiffies;

	mage_queue_join(&domain->queue, waiter);
	for (;;) {
		/* Before the look at the goal, so that no wake-up is missed. */
		set_current_state(TASK_KILLABLE);
		/* Likewise: see mage_recycle_end(). */
		if (waiter->over_limit)
			mage_recycled_drain_below(waiter->over_limit);
		/* There may be room that nobody told of: it came before, or not from evictors. */
		if (mage_goal_is_reached(domain, waiter))
			mage_domain_give(domain);
		if (READ_ONCE(waiter->room) || READ_ONCE(domain->shards.closing) ||
		    !mage_goal_is_ours(domain, waiter) ||
		    (mage_room_is_stalled(domain) && !mage_disk_is_awaited()) ||
		    fatal_signal_pending(current) || patience == MAGE_WAIT_NOT)
			break;
		if (time_after_eq(jiffies, begin + MAGE_WAIT_SLICE) &&
		    mage_patience_is_over(domain, patience, &still))
			break;
		if (mage_waited_enough(domain, &still)) {
			WRITE_ONCE(domain->hopeless, still.progress);
			break;
		}
		mage_evictors_kick_all();
		schedule_timeout(max_t(long, still.slice_end - jiffies, 1));
		if (mage_stillness_look(domain, &still))
			mage_stock_help(domain);
	}
	__set_current_state(TASK_RUNNING);
	return mage_queue_leave(&domain->queue, waiter);
}

/*
 * The domain to wait at for room below a limit, with a reference: that of the limit's
 * cgroup, or, of those that a cgroup is below, the topmost below the limit.  NULL if
 * there is none, or the limit is not its affair.
 */
static struct mage_domain *mage_domain_get_limited(struct mem_cgroup *memcg,
						   struct mem_cgroup *over_limit)
{
	struct mage_domain *domain, *above;

	rcu_read_lock();
	domain = mage_domain_of(over_limit);
	if (!domain) {
		domain = mage_domain_of(memcg) ?: mage_domain_over(memcg);
		while (domain && (above = mage_domain_above(domain)))
			domain = above;
	}
	if (domain && (!mage_limit_is_ours(domain, over_limit) || !mage_domain_get(domain)))
		domain = NULL;
	rcu_read_unlock();
	return domain;
}

/*
 * A thread evicts for itself: it unmaps by the reverse mapping and writes to the far
 * device, for which it needs none of the locks that it may hold.  That may not be so of
 * other swap areas, such as a file on NFS.  Not where those that the device was given
 * before are not answered.  What memory.min and memory.low keep leaves @most.
 *
 * Meanwhile it stands with those that are favoured, at the domain @at that it would wait
 * at: what it frees would else go to all that wait before it, and it would have to evict
 * again and again.
 */
static enum mage_room mage_make_room(struct mage_domain *at, struct mage_waiter *waiter,
				     struct mage_domain *domain, gfp_t gfp_mask,
				     unsigned long nr, unsigned long most)
{
	enum mage_room room;
	unsigned long freed;

	if (!nr || !most || atomic_long_read(&domain->tree_late))
		return MAGE_ROOM_NONE;
	if (!(current_gfp_context(gfp_mask) & __GFP_FS) && !mage_disk_has_turn())
		return MAGE_ROOM_NONE;
	waiter->kind = MAGE_QUEUE_FAVOURED;
	mage_queue_join(&at->queue, waiter);
	freed = mage_self_evict(domain, nr, most);
	room = mage_queue_leave(&at->queue, waiter);
	mage_count_add(domain->stats, MAGE_STAT_SELF_EVICTIONS, freed);
	return !room && freed ? MAGE_ROOM_MADE : room;
}

/* The same of its own cgroup's pages, as the policy wants. */
static enum mage_room mage_make_own_room(struct mage_domain *at, struct mage_waiter *waiter,
					 gfp_t gfp_mask)
{
	struct mage_domain *domain = mage_domain_get_of(waiter->memcg);
	enum mage_room room = MAGE_ROOM_NONE;
	unsigned long most;

	if (!domain)
		return MAGE_ROOM_NONE;
	/* What is kept from a limit further up is not for that, whatever the policy says. */
	most = mage_share_most(waiter->over_limit, waiter->memcg, domain);
	if (most)
		room = mage_make_room(at, waiter, domain, gfp_mask,
				      mage_policy_no_room(domain, waiter->nr_pages), most);
	mage_domain_put(domain);
	return room;
}

static bool mage_any_may_give(struct mage_domain *domain, void *data)
{
	return true;
}

/* The same below a limit that it waited for at @domain, of pages of any of those below. */
static enum mage_room mage_make_limited_room(struct mage_domain *domain,
					     struct mage_waiter *waiter, gfp_t gfp_mask)
{
	enum mage_room room = MAGE_ROOM_NONE;
	struct mage_giver giver;

	if (atomic_long_read(&domain->tree_late))
		return MAGE_ROOM_NONE;
	rcu_read_lock();
	giver = mage_share_draw(domain, mage_any_may_give, NULL);
	if (giver.domain && !mage_domain_get(giver.domain))
		giver.domain = NULL;
	rcu_read_unlock();
	if (!giver.domain)
		return MAGE_ROOM_NONE;
	if (giver.by_stock)
		mage_stock_help(giver.domain);
	else
		room = mage_make_room(domain, waiter, giver.domain, gfp_mask,
				      max(waiter->nr_pages, SWAP_CLUSTER_MAX), giver.most);
	mage_domain_put(giver.domain);
	return room;
}

/* Whether a thread that would have to wait is favoured; it may then have its pages. */
static bool mage_is_favoured(struct mage_domain *domain, struct mage_waiter *waiter)
{
	unsigned int reserve;

	/*
	 * In one read-side section, so that mage_queue_level(), a grace period after the
	 * policy was replaced, comes after what the old one wants.
	 */
	rcu_read_lock();
	reserve = mage_policy_reserve(domain, waiter->nr_pages);
	if (reserve && mage_queue_take(&domain->queue, domain->memcg, waiter->memcg, reserve,
				       waiter->nr_pages))
		waiter->room = MAGE_ROOM_CHARGED;
	rcu_read_unlock();
	return reserve;
}

/* Where it stands: who does not wait for long would never come to its turn. */
static enum mage_queue_kind mage_place(bool favoured, enum mage_patience patience,
				       gfp_t gfp_mask)
{
	bool hurried = patience == MAGE_WAIT_NOT || patience == MAGE_WAIT_SHORT ||
		       (patience == MAGE_WAIT_ONCE && !(gfp_mask & __GFP_NORETRY));

	return favoured || hurried ? MAGE_QUEUE_FAVOURED : MAGE_QUEUE_IN_TURN;
}

enum mage_room __mage_wait_for_room(struct mem_cgroup *memcg, struct mem_cgroup *over_limit,
				    gfp_t gfp_mask, unsigned int nr_pages)
{
	struct mage_waiter waiter = {
		.kind = MAGE_QUEUE_IN_TURN,
		.memcg = memcg,
		.over_limit = over_limit,
		.nr_pages = nr_pages,
	};
	struct mage_domain *domain = mage_domain_get_limited(memcg, over_limit);
	enum mage_patience patience = mage_patience(gfp_mask);
	enum mage_room room;
	unsigned long pflags;
	bool favoured, ours;
	u64 begin, ns;

	if (!domain)
		return MAGE_ROOM_NONE;
	/* It never fits: there is nothing to wait for. */
	if (nr_pages > READ_ONCE(over_limit->memory.max)) {
		mage_domain_put(domain);
		return MAGE_ROOM_NONE;
	}
	favoured = mage_is_favoured(domain, &waiter);
	if (waiter.room) {
		trace_mage_reserve(domain->cgroup_id, READ_ONCE(domain->queue.reserve));
		mage_domain_put(domain);
		return waiter.room;
	}
	begin = ktime_get_ns();
	psi_memstall_enter(&pflags);
	if (patience > MAGE_WAIT_ONCE) {
		room = mage_make_own_room(domain, &waiter, gfp_mask);
		if (room) {
			psi_memstall_leave(&pflags);
			mage_domain_put(domain);
			return room;
		}
	}
	waiter.kind = mage_place(favoured, patience, gfp_mask);
	atomic_inc(&domain->nr_waiting);
	mage_room_was_short(domain);
	/* Of so many the headroom may be too small. */
	if (nr_pages > MEMCG_CHARGE_BATCH)
		mage_room_demand(domain, nr_pages);
	room = mage_domain_wait(domain, &waiter, patience);
	/*
	 * It still counts as waiting, so that it gets what is below memory.low if there is no
	 * other.  One page may be just that which cannot go; and others make room, too.
	 */
	ours = room || mage_goal_is_ours(domain, &waiter);
	if (!room && ours && patience == MAGE_WAIT_SHORT) {
		room = mage_make_limited_room(domain, &waiter, gfp_mask);
		if (!room && mage_goal_is_reached(domain, &waiter))
			room = MAGE_ROOM_MADE;
	}
	atomic_dec(&domain->nr_waiting);
	psi_memstall_leave(&pflags);
	ns = ktime_get_ns() - begin;

	mage_count(domain->stats, MAGE_STAT_WAITS);
	mage_count_add(domain->stats, MAGE_STAT_WAIT_NS, ns);
	rcu_read_lock();
	this_cpu_inc(mage_domain_root(domain)->root_stats->wait[mage_latency_bucket(ns)]);
	rcu_read_unlock();
	/* Who is not that patient does not give the evictors up. */
	if (!room && ours && patience == MAGE_WAIT_LONG && !fatal_signal_pending(current))
		mage_count(domain->stats, MAGE_STAT_FALLBACKS);
	trace_mage_wait(domain->cgroup_id, ns, room, favoured, waiter.passed,
			waiter.yielded);
	mage_domain_put(domain);
	return room;
}

/* The caller needs what they keep. */
void __mage_drain_reserves(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	/* First: what that gives back may go to reserves. */
	mage_recycled_drain_below(memcg);
	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all)
		if (mem_cgroup_is_descendant(domain->memcg, memcg))
			mage_queue_drain(&domain->queue, domain->memcg);
	rcu_read_unlock();
}

bool __mage_drain_pools(struct mem_cgroup *memcg)
{
	return mage_recycled_drain_below(memcg);
}

static bool mage_is_over_high(struct page_counter *counter)
{
	return page_counter_read(counter) > READ_ONCE(counter->high);
}

/* Whether what a cgroup has above its memory.high is the evictors' to take back. */
static bool mage_handles_excess(struct mage_domain *domain, struct mem_cgroup *memcg)
{
	unsigned long high = READ_ONCE(memcg->memory.high);
	unsigned long usage;

	/* What is kept for faults to come is no excess. */
	if (mage_is_over_high(&memcg->memory))
		mage_recycled_drain_below(memcg);
	usage = page_counter_read(&memcg->memory);
	/* A little is what they are about to do.  More than that is more than they can. */
	return usage <= high || (usage - high <= mage_headroom_below(domain, high) &&
				 !mage_room_is_stalled(domain) &&
				 mage_limit_is_ours(domain, memcg));
}

/* As the stock way does where it is that which handles an excess. */
static void mage_count_excess(struct mem_cgroup *memcg)
{
	for (; memcg; memcg = parent_mem_cgroup(memcg))
		if (mage_is_over_high(&memcg->memory))
			memcg_memory_event(memcg, MEMCG_HIGH);
}

bool __mage_handles_high(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;
	struct mem_cgroup *level;
	bool handles, over = false;

	rcu_read_lock();
	domain = mage_domain_of(memcg);
	handles = domain;
	for (level = memcg; level && handles; level = parent_mem_cgroup(level)) {
		domain = rcu_dereference(level->mage_domain) ?: domain;
		/* It takes the stock way to slow a thread, be it for what it has in swap. */
		handles = mage_handles_excess(domain, level) && !mage_is_over_high(&level->swap);
		over |= mage_is_over_high(&level->memory);
	}
	if (handles && over)
		mage_count_excess(memcg);
	rcu_read_unlock();
	if (over)
		mage_evictors_kick();
	return handles;
}

/*
 * Whether a thread that asks for reclaim has most likely come from a wait for room that
 * was not long, or one that nobody would have repeated: charges ask, and ask again.
 */
static bool mage_has_waited(struct mage_domain *domain, enum mage_patience patience,
			    gfp_t gfp_mask)
{
	return mage_is_hopeless(domain) || gfp_mask & __GFP_NORETRY ||
	       (patience == MAGE_WAIT_SHORT && !(current->flags & PF_KTHREAD));
}

/*
 * What is reclaimed from a cgroup further up is reclaimed the stock way, which asks each
 * domain below it for its share.
 */
bool __mage_reclaim(struct mem_cgroup *memcg, gfp_t gfp_mask, unsigned long nr_pages,
		    unsigned long *reclaimed)
{
	enum mage_patience patience = mage_patience(gfp_mask);
	struct mage_waiter waiter = { .kind = MAGE_QUEUE_PROGRESS };
	struct mage_domain *domain;
	unsigned long drained;
	bool handled;
	long begin;

	*reclaimed = 0;
	if (__mage_in_evictor())
		return false;
	/* Of a request for a few pages a quarter is asked for at a time, which is none. */
	nr_pages = max(nr_pages, SWAP_CLUSTER_MAX);
	/* What is kept for faults to come is had at once. */
	drained = mage_recycled_drain_below(memcg);
	*reclaimed = min(drained, nr_pages);
	if (drained >= nr_pages)
		return true;
	domain = mage_domain_get_of(memcg);
	if (!domain)
		return false;
	nr_pages -= drained;
	if (patience == MAGE_WAIT_NOT) {
		/* The stock way would wait for a far store, and not see that it is killed. */
		mage_domain_put(domain);
		return true;
	}
	if (!mage_room_is_stalled(domain) && mage_domain_frames_below(domain, NULL)) {
		begin = atomic_long_read(&domain->progress);
		nr_pages = clamp(nr_pages, SWAP_CLUSTER_MAX, MAGE_DEMAND_MAX);
		waiter.until = mage_room_demand(domain, nr_pages);
		if (!mage_has_waited(domain, patience, gfp_mask))
			mage_domain_wait(domain, &waiter, patience);
		*reclaimed += min_t(unsigned long, nr_pages,
				    atomic_long_read(&domain->progress) - begin);
		/* What a batch that was under way before has left to faults counts as freed. */
		mage_recycled_drain_below(memcg);
	}
	/* Who can do with less does not reclaim by itself. */
	handled = *reclaimed || gfp_mask & __GFP_NORETRY;
	mage_domain_put(domain);
	return handled;
}
