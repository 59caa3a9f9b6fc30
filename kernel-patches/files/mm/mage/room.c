// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: room in a domain, and the threads that wait for it.
 *
 * The evictors keep some room free.  A thread that finds none waits for them;
 * it reclaims by itself only when they can make no progress.
 */
#include <linux/sched/signal.h>
#include <linux/workqueue.h>
#include <linux/page_counter.h>
#include <linux/psi.h>
#include <trace/events/mage.h>
#include "internal.h"

/* Extra headroom shrinks when nobody has waited for so long. */
#define MAGE_EXTRA_LASTS	(HZ / 10)

/* Pages that one request for reclaim asks for at most. */
#define MAGE_DEMAND_MAX		(16UL * MAGE_BATCH_DEFAULT)

/* A waiter looks again after this long, woken or not. */
#define MAGE_WAIT_SLICE		(HZ / 10)

/*
 * Slices without a page freed after which a waiter gives the evictors up; more
 * while batches are in flight, since the far store may be slow to answer and is
 * watched by its backend.
 */
#define MAGE_WAIT_SLICES	100
#define MAGE_WAIT_SLICES_BUSY	600

static long mage_memcg_room(struct mem_cgroup *memcg)
{
	unsigned long limit = min(READ_ONCE(memcg->memory.max), READ_ONCE(memcg->memory.high));

	return (long)(limit - page_counter_read(&memcg->memory));
}

/**
 * mage_domain_limit() - pages that may be charged to a domain
 * @domain: the domain
 *
 * Return: the smallest limit of its memory cgroup and the ancestors
 */
unsigned long mage_domain_limit(struct mage_domain *domain)
{
	unsigned long limit = PAGE_COUNTER_MAX;
	struct mem_cgroup *memcg;

	for (memcg = domain->memcg; memcg; memcg = parent_mem_cgroup(memcg))
		limit = min3(limit, READ_ONCE(memcg->memory.max), READ_ONCE(memcg->memory.high));
	return limit;
}

/**
 * mage_domain_room() - pages that can be charged before a limit is met
 * @domain: the domain
 *
 * Return: pages; negative above memory.high
 */
long mage_domain_room(struct mage_domain *domain)
{
	struct mem_cgroup *memcg;
	long room = LONG_MAX;

	for (memcg = domain->memcg; memcg; memcg = parent_mem_cgroup(memcg))
		room = min(room, mage_memcg_room(memcg));
	return room;
}

/**
 * mage_domain_headroom() - room that the evictors aim for
 * @domain: the domain
 *
 * Room must last until the batch that is selected when it is short is freed.
 * What is used meanwhile is what is freed meanwhile, when the two are in
 * balance: so twice that, and more for a while after threads have waited all
 * the same.  At least a thirty-second of the limit and what the per-CPU charge
 * caches may hold; but never more than an eighth.
 *
 * Return: pages
 */
unsigned long mage_domain_headroom(struct mage_domain *domain)
{
	unsigned long limit = mage_domain_limit(domain);
	unsigned long least = 2 * MEMCG_CHARGE_BATCH * num_online_cpus() + MAGE_BATCH_DEFAULT;
	unsigned long room = max3(limit / 32, least, 2 * READ_ONCE(domain->turnover));
	unsigned long wanted = READ_ONCE(domain->wanted_room);

	if (wanted != MAGE_HEADROOM_DEFAULT)
		return clamp(wanted, min(least, limit / 8), limit / 2);
	return min(room + READ_ONCE(domain->extra_room), limit / 8);
}

/*
 * A thread has to wait: the headroom was too small.  Several may say so at a
 * time, and one is heard, as @extra_room and @extra_at are no more than
 * estimates.
 */
static void mage_room_was_short(struct mage_domain *domain)
{
	unsigned long extra = READ_ONCE(domain->extra_room);

	if (!time_after(jiffies, READ_ONCE(domain->extra_at)))
		return;
	WRITE_ONCE(domain->extra_at, jiffies);
	WRITE_ONCE(domain->extra_room,
		   min(extra + extra / 2 + MAGE_BATCH_LEAST, mage_domain_limit(domain) / 8));
}

/**
 * mage_room_turned_over() - a batch has ended
 * @domain: its domain
 * @nr: pages that were freed from its selection to its end, by all evictors
 *
 * Evictors race here, and one's update may be lost: the values are estimates.
 */
void mage_room_turned_over(struct mage_domain *domain, unsigned long nr)
{
	unsigned long turnover = READ_ONCE(domain->turnover);
	unsigned long extra = READ_ONCE(domain->extra_room);

	WRITE_ONCE(domain->turnover, (7 * turnover + nr) / 8);
	if (extra && time_after(jiffies, READ_ONCE(domain->extra_at) + MAGE_EXTRA_LASTS)) {
		WRITE_ONCE(domain->extra_at, jiffies);
		WRITE_ONCE(domain->extra_room, extra - DIV_ROUND_UP(extra, 16));
	}
}

/* Whether the evictors are known to be unable to free anything just now. */
static bool mage_room_is_stalled(struct mage_domain *domain)
{
	if (!READ_ONCE(domain->stalled))
		return false;
	if (time_before(jiffies, READ_ONCE(domain->retry_at)))
		return true;
	/* Let them try again. */
	WRITE_ONCE(domain->stalled, false);
	return false;
}

/**
 * mage_room_check() - wake the evictors if a domain is short of room
 * @domain: a domain that a page has just come to
 */
void mage_room_check(struct mage_domain *domain)
{
	if (mage_domain_room(domain) < (long)mage_domain_headroom(domain) &&
	    !mage_room_is_stalled(domain))
		mage_evictors_kick();
}

/**
 * mage_room_made() - an evictor has freed pages
 * @domain: the domain
 * @nr: how many
 */
void mage_room_made(struct mage_domain *domain, unsigned long nr)
{
	if (!nr)
		return;
	atomic_long_add(nr, &domain->progress);
	if (READ_ONCE(domain->stalled))
		WRITE_ONCE(domain->stalled, false);
	/* A waiter adds itself before it looks at the room: see below. */
	if (wq_has_sleeper(&domain->room_wait))
		wake_up_all(&domain->room_wait);
}

/**
 * mage_room_stalled() - the evictors can free nothing for now
 * @domain: the domain
 */
void mage_room_stalled(struct mage_domain *domain)
{
	WRITE_ONCE(domain->retry_at, jiffies + HZ / 10);
	WRITE_ONCE(domain->stalled, true);
	if (wq_has_sleeper(&domain->room_wait))
		wake_up_all(&domain->room_wait);
}

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
	return still > (atomic_read(&domain->in_flight) ? MAGE_WAIT_SLICES_BUSY :
							  MAGE_WAIT_SLICES);
}

/*
 * The last resort before stock reclaim, and with it the OOM killer, which knows
 * nothing of a domain's pages: if there are pages and no batch is in flight, the
 * policy holds them back, or picks what cannot go.
 */
static bool mage_eject_idle_policy(struct mage_domain *domain)
{
	if (atomic_read(&domain->in_flight) || !mage_domain_frames(domain) ||
	    mage_policy_is_builtin(domain))
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
	unsigned int still = 0;
	DEFINE_WAIT(wait);
	bool reached;

	for (;;) {
		/* Before the look at the goal, so that no wake-up is missed. */
		prepare_to_wait(&domain->room_wait, &wait, TASK_KILLABLE);
		reached = mage_goal_is_reached(domain, goal);
		if (reached || READ_ONCE(domain->closing) || mage_room_is_stalled(domain) ||
		    fatal_signal_pending(current))
			break;
		if (mage_waited_enough(domain, still)) {
			if (!mage_eject_idle_policy(domain))
				break;
			still = 0;
		}
		mage_evictors_kick_all();
		schedule_timeout(MAGE_WAIT_SLICE);
		if (atomic_long_read(&domain->progress) == progress) {
			still++;
		} else {
			progress = atomic_long_read(&domain->progress);
			still = 0;
		}
	}
	finish_wait(&domain->room_wait, &wait);
	return reached;
}

static struct mage_domain *mage_domain_get_of(struct mem_cgroup *memcg)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = mage_domain_of(memcg);
	if (domain && !mage_domain_get(domain))
		domain = NULL;
	rcu_read_unlock();
	return domain;
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
		mage_count_add(domain, MAGE_STAT_SELF_EVICTIONS, self);
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

	mage_count(domain, MAGE_STAT_WAITS);
	mage_count_add(domain, MAGE_STAT_WAIT_NS, ns);
	this_cpu_inc(domain->stats->wait_latency[mage_latency_bucket(ns)]);
	if (!room && !fatal_signal_pending(current))
		mage_count(domain, MAGE_STAT_FALLBACKS);
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

/* Raises the progress that the evictors are to reach even if there is room. */
static long mage_room_demand(struct mage_domain *domain, unsigned long nr_pages)
{
	long until = atomic_long_read(&domain->progress) + nr_pages;
	long old = atomic_long_read(&domain->demand);

	while (until - old > 0 && !atomic_long_try_cmpxchg(&domain->demand, &old, until))
		;
	return until;
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
	if (memcg == domain->memcg && mage_domain_frames(domain) &&
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
