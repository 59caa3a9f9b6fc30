// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: threads that wait for room, or for pages to be reclaimed.
 *
 * A thread that finds no room waits for the evictors; it reclaims by itself only
 * when they can make no progress.
 */
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/psi.h>
#include <linux/sched/signal.h>
#include <linux/swap.h>
#include <trace/events/mage.h>
#include "ask.h"
#include "callback.h"
#include "domain.h"
#include "evictor.h"
#include "policy.h"
#include "room.h"
#include "self.h"

/* A waiter looks again after this long, woken or not. */
#define MAGE_WAIT_SLICE		(HZ / 10)

/*
 * Slices without a page freed after which a waiter gives the evictors up; more
 * while pages are in flight, since the far store may be slow to answer and is
 * watched by its backend.
 */
#define MAGE_WAIT_SLICES	100
#define MAGE_WAIT_SLICES_BUSY	600

/**
 * struct mage_goal - what a thread waits for
 * @over_limit: room below this memory cgroup's limit; NULL to wait for @until
 * @nr_pages: that many pages of it
 * @until: the domain's progress to be reached
 */
struct mage_goal {
	struct mem_cgroup *over_limit;
	unsigned int nr_pages;
	long until;
};

static bool mage_goal_is_reached(struct mage_domain *domain, const struct mage_goal *goal)
{
	if (!goal->over_limit)
		return atomic_long_read(&domain->progress) - goal->until >= 0;
	return page_counter_read(&goal->over_limit->memory) + goal->nr_pages <=
	       READ_ONCE(goal->over_limit->memory.max);
}

static bool mage_waited_enough(struct mage_domain *domain, unsigned int still)
{
	return still > (atomic_long_read(&domain->victims) ? MAGE_WAIT_SLICES_BUSY :
							    MAGE_WAIT_SLICES);
}

/*
 * The last resort before stock reclaim, and with it the OOM killer, which knows
 * nothing of a domain's pages: if there are pages and none is in flight, the
 * policy holds them back, or picks what cannot go.  Unless it is the far store that
 * does not take them.
 */
static bool mage_eject_idle_policy(struct mage_domain *domain)
{
	unsigned long failed_at = READ_ONCE(domain->write_failed_at);

	if (atomic_long_read(&domain->victims) || !mage_shards_frames(&domain->shards) ||
	    mage_policy_is_builtin(domain))
		return false;
	if (failed_at && time_before(jiffies, failed_at + MAGE_WAIT_SLICES * MAGE_WAIT_SLICE))
		return false;
	rcu_read_lock();
	mage_policy_eject(domain, rcu_dereference(domain->policy), MAGE_EXIT_NO_PROGRESS,
			  "threads waited %d s for room and no page was freed",
			  MAGE_WAIT_SLICES * MAGE_WAIT_SLICE / HZ);
	rcu_read_unlock();
	return true;
}

/*
 * Waits until the evictors have reached a goal; false if they cannot, or the
 * thread is being killed.
 */
static bool mage_domain_wait(struct mage_domain *domain, const struct mage_goal *goal)
{
	long progress = atomic_long_read(&domain->progress);
	u8 epoch = READ_ONCE(domain->shards.epoch);
	unsigned int still = 0;
	DEFINE_WAIT(wait);
	bool reached;

	for (;;) {
		/* Before the look at the goal, so that no wake-up is missed. */
		prepare_to_wait(&domain->room_wait, &wait, TASK_KILLABLE);
		reached = mage_goal_is_reached(domain, goal);
		if (reached || READ_ONCE(domain->shards.closing) || mage_room_is_stalled(domain) ||
		    fatal_signal_pending(current))
			break;
		if (mage_waited_enough(domain, still)) {
			if (!mage_eject_idle_policy(domain))
				break;
			still = 0;
		}
		mage_evictors_kick_all();
		schedule_timeout(MAGE_WAIT_SLICE);
		/* What another policy has not done is not held against a new one. */
		if (atomic_long_read(&domain->progress) == progress &&
		    READ_ONCE(domain->shards.epoch) == epoch) {
			still++;
		} else {
			progress = atomic_long_read(&domain->progress);
			epoch = READ_ONCE(domain->shards.epoch);
			still = 0;
		}
	}
	finish_wait(&domain->room_wait, &wait);
	return reached;
}

bool __mage_wait_for_room(struct mem_cgroup *memcg, struct mem_cgroup *over_limit,
			  unsigned int nr_pages)
{
	struct mage_goal goal = { .over_limit = over_limit, .nr_pages = nr_pages };
	struct mage_domain *domain = mage_domain_get_of(memcg);
	unsigned long pflags, self;
	u64 begin, ns;
	bool room;

	if (!domain)
		return false;
	/*
	 * Below the domain, a limit of a child cgroup: the evictors choose from
	 * the whole domain and would not know to choose from there.
	 */
	if (over_limit != domain->memcg && mem_cgroup_is_descendant(over_limit, domain->memcg)) {
		mage_domain_put(domain);
		return false;
	}
	begin = ktime_get_ns();
	psi_memstall_enter(&pflags);
	self = mage_policy_no_room(domain, nr_pages);
	if (self) {
		self = mage_self_evict(domain, self);
		mage_count_add(domain->stats, MAGE_STAT_SELF_EVICTIONS, self);
	}
	if (self) {
		psi_memstall_leave(&pflags);
		mage_domain_put(domain);
		return true;
	}
	atomic_inc(&domain->nr_waiting);
	mage_room_was_short(domain);
	room = mage_domain_wait(domain, &goal);
	atomic_dec(&domain->nr_waiting);
	psi_memstall_leave(&pflags);
	ns = ktime_get_ns() - begin;

	mage_count(domain->stats, MAGE_STAT_WAITS);
	mage_count_add(domain->stats, MAGE_STAT_WAIT_NS, ns);
	this_cpu_inc(domain->stats->wait_latency[mage_latency_bucket(ns)]);
	if (!room && !fatal_signal_pending(current))
		mage_count(domain->stats, MAGE_STAT_FALLBACKS);
	trace_mage_wait(domain->cgroup_id, ns, room);
	mage_domain_put(domain);
	return room;
}

bool __mage_handles_high(struct mem_cgroup *memcg)
{
	struct mage_domain *domain = mage_domain_get_of(memcg);
	bool handles;

	if (!domain)
		return false;
	handles = !mage_room_is_stalled(domain);
	if (handles)
		mage_evictors_kick();
	mage_domain_put(domain);
	return handles;
}

bool __mage_reclaim(struct mem_cgroup *memcg, unsigned long nr_pages, unsigned long *reclaimed)
{
	struct mage_domain *domain = __mage_in_evictor() ? NULL : mage_domain_get_of(memcg);
	struct mage_goal goal = {};
	long begin;

	*reclaimed = 0;
	if (!domain)
		return false;
	/* Below the domain, see mage_wait_for_room(). */
	if (memcg == domain->memcg && mage_shards_frames(&domain->shards) &&
	    !mage_room_is_stalled(domain)) {
		begin = atomic_long_read(&domain->progress);
		/* No more than is soon done, as nobody takes a demand back. */
		nr_pages = clamp(nr_pages, SWAP_CLUSTER_MAX, MAGE_DEMAND_MAX);
		goal.until = mage_room_demand(domain, nr_pages);
		mage_domain_wait(domain, &goal);
		*reclaimed = min_t(unsigned long, nr_pages,
				   atomic_long_read(&domain->progress) - begin);
	}
	mage_domain_put(domain);
	return *reclaimed;
}
