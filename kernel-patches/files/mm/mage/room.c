// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how much room a domain has, and should have.
 *
 * The evictors keep some room free, and say here what they have freed.
 */
#include <linux/memcontrol.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include "room.h"
#include "disk.h"
#include "domain.h"
#include "limit.h"

DECLARE_WAIT_QUEUE_HEAD(mage_freed_wait);

/* A demand is forgotten so long after it was raised last. */
#define MAGE_DEMAND_LASTS	(10 * HZ)

/* Extra headroom shrinks when nobody has waited for so long. */
#define MAGE_EXTRA_LASTS	(HZ / 10)

/* Evictors that could free nothing try again after so long; if there is a place, sooner. */
#define MAGE_STALL_LASTS	(HZ / 10)
#define MAGE_STALL_LEAST	(HZ / 50)

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

/* Whether there is far memory for another page, and the domain may have it. */
static bool mage_domain_has_place(struct mage_domain *domain)
{
	return mem_cgroup_get_nr_swap_pages(domain->memcg) > 0 && mage_disk_has_place();
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
 * mage_room_demanded() - pages that were asked for and are not freed yet
 * @domain: the domain
 *
 * Who asked may have gone, and what is picked for it may not be to be had: it is
 * forgotten some time after it was raised last.
 *
 * Return: pages, or a number that is not positive
 */
long mage_room_demanded(const struct mage_domain *domain)
{
	if (time_after(jiffies, READ_ONCE(domain->demand_at) + MAGE_DEMAND_LASTS))
		return 0;
	return atomic_long_read(&domain->demand) - atomic_long_read(&domain->progress);
}

/**
 * mage_room_is_awaited() - whether somebody can do nothing before pages are freed
 * @domain: the domain
 *
 * Return: true if threads wait for room, or for what reclaim asked for before it gives
 * up
 */
bool mage_room_is_awaited(const struct mage_domain *domain)
{
	return atomic_read(&domain->nr_waiting) ||
	       (time_before(jiffies, READ_ONCE(domain->awaited_until)) &&
		mage_room_demanded(domain) > 0);
}

/**
 * mage_room_is_short() - whether the evictors of a domain have work
 * @domain: a domain that a page has just come to
 *
 * Return: true if they are to be woken
 */
bool mage_room_is_short(struct mage_domain *domain)
{
	/* Some pages come under a lock of the LRU. */
	return mage_domain_room(domain) < (long)mage_domain_headroom(domain) &&
	       !(READ_ONCE(domain->stalled) &&
		 time_before(jiffies, READ_ONCE(domain->retry_at)));
}

/**
 * mage_room_is_lacking() - whether pages are wanted of a domain, by whomever
 * @domain: the domain
 *
 * Return: false if it has the room it should have, and nobody asked for more
 */
bool mage_room_is_lacking(struct mage_domain *domain)
{
	return mage_domain_room(domain) < (long)mage_domain_headroom(domain) ||
	       mage_room_demanded(domain) > 0;
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
	/* A waiter adds itself before it looks at the room: see mage_domain_wait(). */
	if (wq_has_sleeper(&domain->room_wait))
		wake_up_all(&domain->room_wait);
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
	WRITE_ONCE(domain->stalled, true);
	if (wq_has_sleeper(&domain->room_wait))
		wake_up_all(&domain->room_wait);
}
