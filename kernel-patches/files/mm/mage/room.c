// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how much room a domain has, and should have.
 *
 * The evictors keep some room free, and say here what they have freed.
 */
#include <linux/memcontrol.h>
#include <linux/page_counter.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include "room.h"
#include "disk.h"
#include "domain.h"
#include "limit.h"

DECLARE_WAIT_QUEUE_HEAD(mage_freed_wait);

/* Extra headroom shrinks when nobody has waited for so long. */
#define MAGE_EXTRA_LASTS	(HZ / 10)

/* Evictors that could free nothing try again after so long; if there is a place, sooner. */
#define MAGE_STALL_LASTS	(HZ / 10)
#define MAGE_STALL_LEAST	(HZ / 50)

/**
 * mage_headroom_below() - room that the evictors aim for below a limit
 * @domain: the domain of the limit's cgroup, or the topmost one below
 * @limit: the limit
 *
 * Room must last until the batch that is selected when it is short is freed.
 * What is used meanwhile is what is freed meanwhile, when the two are in
 * balance: so twice that, and more for a while after threads have waited all
 * the same.  At least a thirty-second of the limit and what the per-CPU charge
 * caches may hold; but never more than an eighth.
 *
 * Return: pages
 */
unsigned long mage_headroom_below(struct mage_domain *domain, unsigned long limit)
{
	unsigned long least = 2 * MEMCG_CHARGE_BATCH * num_online_cpus() + MAGE_BATCH_DEFAULT;
	unsigned long room = max3(limit / 32, least, 2 * READ_ONCE(domain->turnover));
	unsigned long wanted = READ_ONCE(domain->wanted_room);

	if (wanted != MAGE_HEADROOM_DEFAULT)
		return clamp(wanted, min(least, limit / 8), limit / 2);
	return min(room + READ_ONCE(domain->extra_room), limit / 8);
}

/**
 * mage_domain_headroom() - room that the evictors aim for
 * @domain: the domain
 *
 * Return: pages, for the smallest limit that it is under
 */
unsigned long mage_domain_headroom(struct mage_domain *domain)
{
	return mage_headroom_below(domain, mage_domain_limit(domain));
}

/**
 * mage_room_was_short() - a thread has to wait: the headroom was too small
 * @domain: its domain
 *
 * Several may say so at a time, and one is heard, as @extra_room and @extra_at are
 * no more than estimates.
 */
void mage_room_was_short(struct mage_domain *domain)
{
	unsigned long extra = READ_ONCE(domain->extra_room);

	if (!time_after(jiffies, READ_ONCE(domain->extra_at)))
		return;
	WRITE_ONCE(domain->extra_at, jiffies);
	WRITE_ONCE(domain->extra_room,
		   min(extra + extra / 2 + MAGE_BATCH_LEAST, mage_domain_limit(domain) / 8));
}

static void mage_domain_turned_over(struct mage_domain *domain, unsigned long nr)
{
	unsigned long turnover = READ_ONCE(domain->turnover);
	unsigned long extra = READ_ONCE(domain->extra_room);

	WRITE_ONCE(domain->turnover, (7 * turnover + nr) / 8);
	if (extra && time_after(jiffies, READ_ONCE(domain->extra_at) + MAGE_EXTRA_LASTS)) {
		WRITE_ONCE(domain->extra_at, jiffies);
		WRITE_ONCE(domain->extra_room, extra - DIV_ROUND_UP(extra, 16));
	}
}

/* Whether there is far memory for another page, and the domain may have it. */
static bool mage_domain_has_place(const struct mage_domain *domain)
{
	return mem_cgroup_get_nr_swap_pages(domain->memcg) > 0 && mage_disk_has_place();
}

/**
 * mage_room_turned_over() - a batch has ended
 * @domain: its domain
 * @nr: pages that were freed from its selection to its end, by all evictors
 *
 * Evictors race here, and one's update may be lost: the values are estimates.  So is
 * what those above take for theirs: with several that give, their @extra_room makes up
 * for the rest.
 */
void mage_room_turned_over(struct mage_domain *domain, unsigned long nr)
{
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain))
		mage_domain_turned_over(domain, nr);
	rcu_read_unlock();
}

/**
 * mage_room_is_stalled() - whether the evictors can free nothing just now
 * @domain: the domain
 *
 * Not for those who hold a lock of the LRU: it takes one of the swap code's, whose
 * holders may be interrupted by who wants the first.
 *
 * Return: true if so; now and then false all the same, so that they try again
 */
bool mage_room_is_stalled(struct mage_domain *domain)
{
	unsigned long retry_at = READ_ONCE(domain->retry_at);

	if (!READ_ONCE(domain->stalled))
		return false;
	/*
	 * If it was for want of a place, there may be one again: pages that come back
	 * when far memory is nearly full leave their slots.
	 */
	if (time_before(jiffies, retry_at)) {
		if (!atomic_long_read(&domain->in_vain) || !mage_domain_has_place(domain))
			return true;
		/* It may be another's, or not last: no attempt after the other. */
		if (time_before(jiffies, retry_at - MAGE_STALL_LASTS + MAGE_STALL_LEAST))
			return false;
	}
	/* Let them try again. */
	WRITE_ONCE(domain->stalled, false);
	return false;
}

/**
 * mage_room_seems_stalled() - the same for those who do not mean to have them try
 * @domain: the domain
 *
 * Return: true if they could free nothing lately
 */
bool mage_room_seems_stalled(const struct mage_domain *domain)
{
	return READ_ONCE(domain->stalled) &&
	       time_before(jiffies, READ_ONCE(domain->retry_at) + HZ);
}

/**
 * mage_room_is_hopeless() - the same for those who would give up, or kill
 * @domain: the domain
 *
 * Return: true if they could free nothing lately, and neither was there no place and is one
 * by now, nor have pages come since, as to one that had none
 */
bool mage_room_is_hopeless(const struct mage_domain *domain)
{
	if (!mage_room_seems_stalled(domain))
		return false;
	if (atomic_long_read(&domain->in_vain))
		return !mage_domain_has_place(domain);
	return mage_shards_frames(&domain->shards) <= READ_ONCE(domain->stalled_with);
}

/**
 * mage_room_may_take_low() - whether pages may be taken that are below memory.low
 * @domain: the domain whose limit it is for
 *
 * Only for those who wait, or once the limit is exceeded, as memory.high may be.  If they
 * cannot be had, that goes for whatever stock reclaim would take in their place.
 */
bool mage_room_may_take_low(const struct mage_domain *domain)
{
	return mage_domain_is_asked(domain) || mage_memcg_room(domain->memcg) < 0;
}

/**
 * mage_room_kept() - all that those below a domain could give is below memory.low
 * @domain: the domain
 *
 * For some time no evictor is woken to see that again.
 */
void mage_room_kept(struct mage_domain *domain)
{
	WRITE_ONCE(domain->kept_until, jiffies + MAGE_STALL_LASTS);
}

/* Pages that are short below a limit of a domain's cgroup, or one above it. */
static long mage_limit_wants(struct mage_domain *domain, struct mem_cgroup *limited)
{
	unsigned long limit = mage_memcg_limit(limited);
	long wants;

	if (limit >= PAGE_COUNTER_MAX)
		return 0;
	/* What is charged for faults to come is room as good as free. */
	wants = (long)mage_headroom_below(domain, limit) - mage_memcg_room(limited) -
		(long)mage_pool_pages(domain->pool);
	if (wants <= 0 || !mage_limit_is_ours(domain, limited))
		return 0;
	if (time_before(jiffies, READ_ONCE(domain->kept_until)) && !mage_room_may_take_low(domain))
		return 0;
	return wants;
}

/**
 * mage_room_wanted() - pages that are short below the limits that are a domain's affair
 * @domain: the domain
 *
 * Those are its own, and, if no domain is above it, some further up.
 *
 * Return: pages, 0 for none
 */
long mage_room_wanted(struct mage_domain *domain)
{
	struct mem_cgroup *memcg = domain->memcg;
	long wants = mage_limit_wants(domain, memcg);

	rcu_read_lock();
	if (!mage_domain_above(domain))
		while ((memcg = parent_mem_cgroup(memcg)))
			wants = max(wants, mage_limit_wants(domain, memcg));
	rcu_read_unlock();
	return wants;
}

/* Whether somebody can do nothing before pages are freed on one level. */
static bool mage_level_is_awaited(const struct mage_domain *domain)
{
	return atomic_read(&domain->nr_waiting) ||
	       (time_before(jiffies, READ_ONCE(domain->awaited_until)) &&
		mage_domain_is_demanded(domain));
}

/**
 * mage_room_is_awaited() - whether somebody can do nothing before pages are freed
 * @domain: the domain
 *
 * Return: true if threads wait for room below a limit of its cgroup or of an ancestor, or
 * for what reclaim asked for before it gives up
 */
bool mage_room_is_awaited(const struct mage_domain *domain)
{
	bool awaited = false;

	rcu_read_lock();
	for (; domain && !awaited; domain = mage_domain_above(domain))
		awaited = mage_level_is_awaited(domain);
	rcu_read_unlock();
	return awaited;
}

/**
 * mage_room_is_stuck() - the same, and no page is about to be free for them
 * @domain: the domain
 *
 * Return: true if so on some level
 */
bool mage_room_is_stuck(const struct mage_domain *domain)
{
	bool stuck = false;

	rcu_read_lock();
	for (; domain && !stuck; domain = mage_domain_above(domain))
		stuck = mage_level_is_awaited(domain) && mage_domain_coming(domain) <= 0;
	rcu_read_unlock();
	return stuck;
}

/**
 * mage_room_is_idle() - the same, and no page is in flight, be it to a slow far store
 * @domain: the domain
 *
 * Return: true if so on some level
 */
bool mage_room_is_idle(const struct mage_domain *domain)
{
	bool idle = false;

	rcu_read_lock();
	for (; domain && !idle; domain = mage_domain_above(domain))
		idle = mage_level_is_awaited(domain) &&
		       atomic_long_read(&domain->tree_victims) <= 0;
	rcu_read_unlock();
	return idle;
}

/**
 * mage_room_is_short() - whether the evictors have work below a limit
 * @domain: a domain that a page has just come to
 *
 * Return: true if they are to be woken
 */
bool mage_room_is_short(struct mage_domain *domain)
{
	struct mem_cgroup *memcg;
	bool is_short = false;

	/* No look for a place: some pages come under a lock of the LRU. */
	rcu_read_lock();
	for (memcg = domain->memcg; memcg && !is_short; memcg = parent_mem_cgroup(memcg)) {
		domain = rcu_dereference(memcg->mage_domain) ?: domain;
		is_short = mage_limit_wants(domain, memcg) > 0 &&
			   !(READ_ONCE(domain->stalled) &&
			     time_before(jiffies, READ_ONCE(domain->retry_at)));
	}
	rcu_read_unlock();
	return is_short;
}

/**
 * mage_room_is_lacking() - whether pages are wanted of a domain, by whomever
 * @domain: the domain
 *
 * Return: false if there is the room there should be below each limit, and nobody asked
 * for more
 */
bool mage_room_is_lacking(struct mage_domain *domain)
{
	struct mem_cgroup *memcg;
	bool lacking = false;

	rcu_read_lock();
	for (memcg = domain->memcg; memcg && !lacking; memcg = parent_mem_cgroup(memcg)) {
		domain = rcu_dereference(memcg->mage_domain) ?: domain;
		lacking = mage_domain_is_demanded(domain) || mage_limit_wants(domain, memcg) > 0;
	}
	rcu_read_unlock();
	return lacking;
}

/**
 * mage_machine_has_room() - whether there is memory for pages that nobody waits for
 *
 * Below that the page allocator's watermarks are near: somebody would have to reclaim for
 * what he needs.
 */
bool mage_machine_has_room(void)
{
	return global_zone_page_state(NR_FREE_PAGES) > totalreserve_pages;
}

/**
 * mage_room_made() - an evictor has freed pages
 * @domain: the domain
 * @nr: how many
 *
 * That is room below each limit that they were charged to.  As many of those that wait
 * there are woken as it is enough for.
 */
void mage_room_made(struct mage_domain *domain, unsigned long nr)
{
	if (!nr)
		return;
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain)) {
		long progress = atomic_long_add_return(nr, &domain->progress);

		if (READ_ONCE(domain->stalled))
			WRITE_ONCE(domain->stalled, false);
		if (READ_ONCE(domain->idle_rounds))
			WRITE_ONCE(domain->idle_rounds, 0);
		mage_queue_give(&domain->queue, domain->memcg, progress);
	}
	rcu_read_unlock();
	if (wq_has_sleeper(&mage_freed_wait))
		wake_up_all(&mage_freed_wait);
}

/**
 * mage_room_given() - room was given back that is no evictor's work
 * @domain: the domain
 *
 * Who waits has it, but it says nothing of how fast pages can be evicted.
 */
void mage_room_given(struct mage_domain *domain)
{
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain))
		mage_queue_give(&domain->queue, domain->memcg, atomic_long_read(&domain->progress));
	rcu_read_unlock();
	if (wq_has_sleeper(&mage_freed_wait))
		wake_up_all(&mage_freed_wait);
}

/**
 * mage_room_stalled() - the evictors can free nothing for now
 * @domain: the domain
 */
void mage_room_stalled(struct mage_domain *domain)
{
	WRITE_ONCE(domain->retry_at, jiffies + MAGE_STALL_LASTS);
	WRITE_ONCE(domain->stalled_with, mage_shards_frames(&domain->shards));
	WRITE_ONCE(domain->stalled, true);
	mage_queue_wake(&domain->queue);
}

/**
 * mage_room_has_no_place() - a batch has found no place in far memory
 * @domain: its domain
 * @nr: its victims that wanted one
 *
 * Far memory is full, or memory.swap.max is reached.  Victims that have far copies can
 * go all the same, and they may be anywhere on the lists: only after as many victims as
 * there are pages is the domain stalled.  From then on one batch at a time tries, until
 * a page goes.
 */
void mage_room_has_no_place(struct mage_domain *domain, unsigned int nr)
{
	mage_domain_write_failed(domain);
	if (atomic_long_add_return(nr, &domain->in_vain) >=
	    mage_domain_frames_below(domain, NULL))
		mage_room_stalled(domain);
	rcu_read_lock();
	while ((domain = mage_domain_above(domain)))
		if (!mage_domain_has_place(domain))
			atomic_long_add(nr, &domain->in_vain);
	rcu_read_unlock();
}

/**
 * mage_room_has_place() - a batch has found a place in far memory, or needed none
 * @domain: its domain
 */
void mage_room_has_place(struct mage_domain *domain)
{
	rcu_read_lock();
	for (; domain; domain = mage_domain_above(domain))
		if (atomic_long_read(&domain->in_vain))
			atomic_long_set(&domain->in_vain, 0);
	rcu_read_unlock();
}
