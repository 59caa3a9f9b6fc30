// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a leg of a set, connected and disconnected.
 */
#include <linux/cleanup.h>
#include <linux/cpumask.h>
#include <linux/err.h>
#include <linux/jiffies.h>
#include <linux/mm.h>
#include <linux/netlink.h>
#include <linux/percpu.h>
#include <linux/percpu-refcount.h>
#include <linux/rcupdate.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include "backend.h"
#include "set_leg.h"
#include "set_stale.h"
#include "set_state.h"

/* A read that takes as long as that never ends, by all experience. */
#define MAGE_LEG_OVERDUE	(30 * HZ)

/* Between two polls of a leg that is being removed. */
#define MAGE_LEG_POLL		(HZ / 10)

static void mage_leg_is_idle(struct percpu_ref *users)
{
	complete_all(&container_of(users, struct mage_leg, users)->idle);
}

static void mage_leg_free(struct mage_leg *leg)
{
	percpu_ref_exit(&leg->users);
	free_percpu(leg->reads);
	free_percpu(leg->posted);
	kvfree(leg->stale);
	kfree(leg);
}

static struct mage_leg *mage_leg_alloc(struct mage_set *set, const struct mage_column *column,
				       const struct mage_leg_connect *to)
{
	struct mage_leg *leg = kzalloc(sizeof(*leg), GFP_KERNEL);

	if (!leg)
		return NULL;
	if (percpu_ref_init(&leg->users, mage_leg_is_idle, 0, GFP_KERNEL)) {
		kfree(leg);
		return NULL;
	}
	init_completion(&leg->idle);
	spin_lock_init(&leg->detours_lock);
	INIT_LIST_HEAD(&leg->detours);
	leg->posted = alloc_percpu(unsigned long);
	leg->reads = alloc_percpu(unsigned long);
	leg->stale = kvcalloc(BITS_TO_LONGS(column->nr_slots), sizeof(*leg->stale),
			      GFP_KERNEL | __GFP_NOWARN);
	if (!leg->posted || !leg->reads || !leg->stale) {
		mage_leg_free(leg);
		return NULL;
	}
	leg->set = set;
	leg->to = to->to;
	leg->to.size = (u64)column->nr_slots << PAGE_SHIFT;
	memzero_explicit(leg->to.secret, sizeof(leg->to.secret));
	leg->dev.owner = &mage_leg_owner;
	leg->dev.size = leg->to.size;
	leg->dev.nr_write_queues = 1;
	return leg;
}

static int mage_leg_reach(struct mage_leg *leg, const struct mage_leg_connect *to,
			  struct netlink_ext_ack *extack)
{
	struct mage_connect with;
	int err;

	leg->dev.ops = mage_backend_get(to->backend);
	if (!leg->dev.ops) {
		NL_SET_ERR_MSG(extack, "this kernel has no such backend for a leg");
		return -ENODEV;
	}
	/* Of legs a page is known to be there or not; those of a leg that is a set are not. */
	if (leg->dev.ops->look) {
		NL_SET_ERR_MSG(extack, "a leg cannot have legs itself");
		err = -EINVAL;
		goto put;
	}
	with = to->to;
	with.size = leg->to.size;
	err = leg->dev.ops->connect(&leg->dev, &with, extack);
	memzero_explicit(&with, sizeof(with));
	if (!err)
		return 0;
put:
	mage_backend_put(leg->dev.ops);
	return err;
}

/**
 * mage_leg_connect() - reach a far store that is to be a leg
 * @set: the set
 * @column: the column, whose leg it is not yet
 * @to: what to connect to
 * @extack: for a sentence about what went wrong
 *
 * Return: the leg, or an error, with nothing left behind
 */
struct mage_leg *mage_leg_connect(struct mage_set *set, const struct mage_column *column,
				  const struct mage_leg_connect *to,
				  struct netlink_ext_ack *extack)
{
	struct mage_leg *leg = mage_leg_alloc(set, column, to);
	int err;

	if (!leg) {
		NL_SET_ERR_MSG(extack, "not enough free memory for a leg");
		return ERR_PTR(-ENOMEM);
	}
	err = mage_leg_reach(leg, to, extack);
	if (!err)
		return leg;
	mage_leg_free(leg);
	return ERR_PTR(err);
}

/* Who waits for a page polls legs that he finds; of one that is being removed nobody else does. */
static void mage_leg_poll_all(struct mage_leg *leg)
{
	unsigned int cpu;

	if (!leg->dev.ops->poll_reads)
		return;
	for_each_possible_cpu(cpu)
		leg->dev.ops->poll_reads(&leg->dev, cpu, true);
}

/* Whether all is back that it had; who has counted it down has let go of all else. */
static bool mage_leg_has_nothing(struct mage_leg *leg)
{
	bool late;

	spin_lock_irq(&leg->set->lock);
	late = leg->nr_late;
	spin_unlock_irq(&leg->set->lock);
	return !late && completion_done(&leg->idle);
}

/**
 * mage_leg_disconnect() - give a far store back, when it has given back all that it has
 * @leg: a leg that nobody finds any more, or never did, with no write under way but such as
 *	were given up
 * @most: jiffies to wait for that, if it cannot be made to give it back
 *
 * Return: whether the leg is gone; if not, call it again
 */
bool mage_leg_disconnect(struct mage_leg *leg, unsigned long most)
{
	unsigned long begin = jiffies, since = begin;

	if (!percpu_ref_is_dying(&leg->users))
		percpu_ref_kill(&leg->users);
	while (!mage_leg_has_nothing(leg)) {
		mage_leg_poll_all(leg);
		if (leg->dev.ops->overdue_reads) {
			if (time_after(jiffies, since + MAGE_LEG_OVERDUE)) {
				since = jiffies;
				leg->dev.ops->overdue_reads(&leg->dev);
			}
		} else if (time_after_eq(jiffies, begin + most)) {
			return false;
		}
		if (completion_done(&leg->idle))
			schedule_timeout_uninterruptible(MAGE_LEG_POLL);
		else
			wait_for_completion_timeout(&leg->idle, MAGE_LEG_POLL);
	}
	leg->dev.ops->disconnect(&leg->dev);
	mage_backend_put(leg->dev.ops);
	mage_leg_free(leg);
	return true;
}

static unsigned long mage_leg_sum(const unsigned long __percpu *counter)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += READ_ONCE(*per_cpu_ptr(counter, cpu));
	return sum;
}

/**
 * mage_leg_reads() - how many pages were read from a leg, or were to be
 * @leg: the leg
 */
unsigned long mage_leg_reads(const struct mage_leg *leg)
{
	return mage_leg_sum(leg->reads);
}

/**
 * mage_leg_is_stuck() - whether reads are under way and none has ended for a while
 * @leg: the leg
 * @before: mage_leg_reads() a while ago
 */
bool mage_leg_is_stuck(const struct mage_leg *leg, unsigned long before)
{
	return mage_leg_reads(leg) == before && mage_leg_sum(leg->posted) != before;
}

/**
 * mage_leg_is_awaited() - whether reads are under way, or were just now
 * @leg: the leg
 */
bool mage_leg_is_awaited(const struct mage_leg *leg)
{
	return mage_leg_sum(leg->posted) != mage_leg_reads(leg);
}

/**
 * mage_column_get_leg() - a leg, with a reference as if for reads
 * @column: the column
 * @i: its place there
 *
 * Return: the leg; NULL if there is none
 */
struct mage_leg *mage_column_get_leg(const struct mage_column *column, unsigned int i)
{
	struct mage_leg *leg;

	guard(rcu)();
	leg = rcu_dereference(column->legs[i]);
	return leg && percpu_ref_tryget_live(&leg->users) ? leg : NULL;
}
