// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the "set" backend, several far stores as one far device.
 *
 * Legs come and go while the device is in use:
 *
 *   - One that joins is found by writes first, which leave it out: what they write is stale
 *     there.  Then all that was ever written counts as stale, and only then is the leg live,
 *     and filled by resync.
 *   - One that goes must not have the only copy of a page.  That is looked at in the hold of
 *     the lock in which it stops counting.  A piece under way, that it alone would acknowledge,
 *     fails then.  The pieces of before are waited for, as long as who removes it likes; then
 *     nobody finds it any more, and its reads are waited for.
 *
 * A far store that has not given back what it had when its leg goes, or the device, is
 * disconnected when it has.  Leg and set stay until then, and nobody waits for them.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/container_of.h>
#include <linux/err.h>
#include <linux/jump_label.h>
#include <linux/kernel.h>
#include <linux/mage_backend.h>
#include <linux/math.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/netlink.h>
#include <linux/printk.h>
#include <linux/rcupdate.h>
#include <linux/refcount.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/workqueue.h>
#include "disk.h"
#include "set.h"
#include "set_detour.h"
#include "set_leg.h"
#include "set_read.h"
#include "set_resync.h"
#include "set_stale.h"
#include "set_state.h"
#include "set_watch.h"
#include "set_write.h"

/* Words of a bitmap that are looked at, or changed, in one hold of the lock. */
#define MAGE_SET_WORDS		256UL

/* For so long a far store that is to go is waited for. */
#define MAGE_LEG_PARTING	(5 * HZ)

/* Between two looks whether one that is gone otherwise can be disconnected. */
#define MAGE_LEG_LEAVE		(HZ / 10)

/* ---- what legs have in common ------------------------------------------- */

static void mage_set_poll_reads(struct mage_device *dev, unsigned int queue, bool sleeps)
{
	struct mage_set *set = dev->private;
	struct mage_leg *leg;
	unsigned int i;

	/* Who removes a leg waits for a grace period. */
	rcu_read_lock();
	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			if (leg->dev.ops->poll_reads)
				leg->dev.ops->poll_reads(&leg->dev, queue, sleeps);
	rcu_read_unlock();
}

static void mage_set_poll(struct mage_device *dev, unsigned int queue)
{
	struct mage_set *set = dev->private;
	struct mage_leg *leg;
	unsigned int i;

	rcu_read_lock();
	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			if (leg->dev.ops->poll)
				leg->dev.ops->poll(&leg->dev, queue);
	rcu_read_unlock();
}

/* As the least of the legs would have it; in the mutex, or before the set is in use. */
static void mage_set_sum_up(struct mage_set *set)
{
	unsigned int i, nr_write_queues = 1;
	struct mage_leg *leg;
	u32 spin_ns = U32_MAX;

	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg) {
			nr_write_queues = max(nr_write_queues, leg->dev.nr_write_queues);
			spin_ns = min(spin_ns, READ_ONCE(leg->dev.read_spin_ns));
		}
	WRITE_ONCE(set->dev->nr_write_queues, nr_write_queues);
	WRITE_ONCE(set->dev->read_spin_ns, spin_ns);
}

/* ---- connecting --------------------------------------------------------- */

/* Pages of a column: full runs, and what it has of the last ones. */
static pgoff_t mage_column_size(u64 size, unsigned int column, unsigned int nr_columns)
{
	pgoff_t nr = size >> PAGE_SHIFT, row = nr_columns * MAGE_STRIPE_PAGES;
	pgoff_t rest = nr % row, before = column * MAGE_STRIPE_PAGES;

	if (nr_columns == 1)
		return nr;
	rest -= min(rest, before);
	return nr / row * MAGE_STRIPE_PAGES + min_t(pgoff_t, rest, MAGE_STRIPE_PAGES);
}

/* The columns are numbered from 0 on, without a gap. */
static int mage_set_count_columns(const struct mage_connect *to, struct netlink_ext_ack *extack)
{
	unsigned long columns = 0;
	unsigned int i;

	if (!to->nr_legs) {
		NL_SET_ERR_MSG(extack, "of which legs the device is made is not said");
		return -EINVAL;
	}
	for (i = 0; i < to->nr_legs; i++) {
		if (to->legs[i].column >= MAGE_LEGS_MAX) {
			NL_SET_ERR_MSG(extack, "there are at most " __stringify(MAGE_LEGS_MAX)
				       " columns, numbered from 0 on");
			return -ERANGE;
		}
		columns |= BIT(to->legs[i].column);
	}
	if (columns & (columns + 1)) {
		NL_SET_ERR_MSG(extack, "columns are numbered from 0 on, and each has a leg");
		return -EINVAL;
	}
	return fls_long(columns);
}

static int mage_set_make_columns(struct mage_set *set, const struct mage_connect *to,
				 struct netlink_ext_ack *extack)
{
	int i, nr = mage_set_count_columns(to, extack);

	if (nr < 0)
		return nr;
	for (i = 0; i < nr; i++) {
		struct mage_column *column = &set->columns[i];

		column->number = i;
		column->nr_slots = mage_column_size(to->size, i, nr);
		if (!column->nr_slots) {
			NL_SET_ERR_MSG(extack, "the device is too small for so many columns");
			return -EINVAL;
		}
		column->written = kvcalloc(BITS_TO_LONGS(column->nr_slots),
					   sizeof(*column->written), GFP_KERNEL | __GFP_NOWARN);
		if (!column->written) {
			NL_SET_ERR_MSG(extack, "not enough free memory for a set of this size");
			return -ENOMEM;
		}
		set->nr_columns++;
	}
	return 0;
}

/* A place for a leg in its column. */
static void mage_column_put_leg(struct mage_column *column, struct mage_leg *leg)
{
	struct mage_set *set = leg->set;
	unsigned int i = 0;

	lockdep_assert_held(&set->lock);
	while (i < column->nr_legs && mage_column_leg(column, i))
		i++;
	leg->column = column;
	rcu_assign_pointer(column->legs[i], leg);
	/* Who sees the number first finds no leg there yet. */
	if (i == column->nr_legs)
		WRITE_ONCE(column->nr_legs, i + 1);
	mage_leg_judge(leg);
}

/*
 * Whether a far store is a leg already.  Two legs on one node are two sessions, and no more
 * safe than one.
 */
static bool mage_set_has(struct mage_set *set, const struct mage_leg_connect *to)
{
	struct mage_leg *leg;
	unsigned int i;

	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			if (to->to.address[0] && i == to->column && !leg->dev.failed &&
			    !strcmp(leg->to.address, to->to.address) &&
			    leg->to.port == to->to.port)
				return true;
	return false;
}

/* Takes a place for a leg, as connecting takes its time.  In the mutex. */
static int mage_set_take_place(struct mage_set *set, const struct mage_leg_connect *to,
			       struct netlink_ext_ack *extack)
{
	if (mage_set_has(set, to)) {
		NL_SET_ERR_MSG(extack, "the memory node is a leg of this column already");
		return -EEXIST;
	}
	if (set->nr_legs == MAGE_LEGS_MAX) {
		NL_SET_ERR_MSG(extack, "a device has at most " __stringify(MAGE_LEGS_MAX) " legs");
		return -ENOSPC;
	}
	set->nr_legs++;
	return 0;
}

static int mage_set_make_legs(struct mage_set *set, const struct mage_connect *to,
			      struct netlink_ext_ack *extack)
{
	unsigned int i;
	int err;

	for (i = 0; i < to->nr_legs; i++) {
		const struct mage_leg_connect *with = &to->legs[i];
		struct mage_leg *leg;

		err = mage_set_take_place(set, with, extack);
		if (err)
			return err;
		leg = mage_leg_connect(set, &set->columns[with->column], with, extack);
		if (IS_ERR(leg))
			return PTR_ERR(leg);
		refcount_inc(&set->users);
		leg->number = set->next_number++;
		spin_lock_irq(&set->lock);
		mage_column_put_leg(&set->columns[to->legs[i].column], leg);
		spin_unlock_irq(&set->lock);
	}
	return 0;
}

/* The last one has no thread that waits for it. */
static void mage_set_put(struct mage_set *set)
{
	if (!refcount_dec_and_test(&set->users))
		return;
	mage_set_exit_writes(set);
	kfree(set);
}

static void mage_leg_leave_work(struct work_struct *work)
{
	struct mage_leg *leg = container_of(work, struct mage_leg, leave_work.work);
	struct mage_set *set = leg->set;

	/* Others have the pages, or nobody is there who wants them. */
	mage_leg_give_up_reads(leg);
	if (mage_leg_disconnect(leg, 0))
		mage_set_put(set);
	else
		queue_delayed_work(system_unbound_wq, &leg->leave_work, MAGE_LEG_LEAVE);
}

/* Gives a leg's far store back, now or when it has given back what it has. */
static void mage_leg_part(struct mage_leg *leg)
{
	struct mage_set *set = leg->set;

	if (mage_leg_disconnect(leg, READ_ONCE(leg->stalled) ? 0 : MAGE_LEG_PARTING)) {
		mage_set_put(set);
		return;
	}
	pr_warn("mage%d: leg %u is gone, but it has not answered; what it is on stays in use until it does\n",
		set->index, leg->number);
	INIT_DELAYED_WORK(&leg->leave_work, mage_leg_leave_work);
	queue_delayed_work(system_unbound_wq, &leg->leave_work, 0);
}

/* Of whatever there is. */
static void mage_set_free(struct mage_set *set)
{
	struct mage_leg *leg;
	unsigned int i, k;

	/* What backends have to say from here on is heard by nobody. */
	spin_lock_irq(&set->lock);
	set->in_use = false;
	spin_unlock_irq(&set->lock);
	mage_set_stop_watch(set);
	mage_set_stop_resync(set);
	for (i = 0; i < set->nr_columns; i++) {
		struct mage_column *column = &set->columns[i];

		for (k = 0; k < column->nr_legs; k++) {
			leg = mage_column_leg(column, k);
			if (!leg)
				continue;
			spin_lock_irq(&set->lock);
			RCU_INIT_POINTER(column->legs[k], NULL);
			spin_unlock_irq(&set->lock);
			mage_leg_part(leg);
		}
		kvfree(column->written);
	}
	mage_set_exit_resync(set);
	mage_set_put(set);
}

/* From now on the state of the legs is that of the device. */
static void mage_set_begin(struct mage_set *set)
{
	struct mage_leg *leg;
	unsigned int i;

	mage_set_sum_up(set);
	spin_lock_irq(&set->lock);
	set->in_use = true;
	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			mage_leg_judge(leg);
	spin_unlock_irq(&set->lock);
	mage_set_start_watch(set);
}

static int mage_set_connect(struct mage_device *dev, const struct mage_connect *to,
			    struct netlink_ext_ack *extack)
{
	struct mage_set *set = kzalloc(sizeof(*set), GFP_KERNEL);
	int err, no_resync;

	if (!set)
		return -ENOMEM;
	set->dev = dev;
	set->index = container_of(dev, struct mage_disk, dev)->index;
	refcount_set(&set->users, 1);
	spin_lock_init(&set->lock);
	mutex_init(&set->mutex);
	mage_set_init_watch(set);
	err = mage_set_init_writes(set);
	no_resync = mage_set_init_resync(set);
	if (err || no_resync) {
		NL_SET_ERR_MSG(extack, "not enough free memory for a set");
		err = -ENOMEM;
	}
	if (!err)
		err = mage_set_make_columns(set, to, extack);
	if (!err)
		err = mage_set_make_legs(set, to, extack);
	if (err) {
		mage_set_free(set);
		return err;
	}
	dev->private = set;
	mage_set_begin(set);
	static_branch_inc(&mage_slots_differ);
	return 0;
}

static void mage_set_disconnect(struct mage_device *dev)
{
	struct mage_set *set = dev->private;

	static_branch_dec(&mage_slots_differ);
	mage_set_free(set);
}

/* ---- legs that come and go ---------------------------------------------- */

/* What was ever written is stale on a leg that joins; so many words at once. */
static void mage_leg_inherit(struct mage_leg *leg)
{
	const struct mage_column *column = leg->column;
	unsigned long i, word, words = BITS_TO_LONGS(column->nr_slots);
	struct mage_set *set = leg->set;

	for (i = 0; i < words; i += MAGE_SET_WORDS) {
		spin_lock_irq(&set->lock);
		for (word = i; word < min(words, i + MAGE_SET_WORDS); word++) {
			leg->nr_stale += hweight_long(column->written[word] & ~leg->stale[word]);
			leg->stale[word] |= column->written[word];
		}
		spin_unlock_irq(&set->lock);
		cond_resched();
	}
}

/**
 * mage_set_add_leg() - connect one more leg, and have it filled
 * @set: the set, whose device stays meanwhile
 * @to: what to connect to
 * @extack: for a sentence about what went wrong
 *
 * Return: 0 or a negative errno, with nothing left behind
 */
int mage_set_add_leg(struct mage_set *set, const struct mage_leg_connect *to,
		     struct netlink_ext_ack *extack)
{
	struct mage_leg *leg;
	int err;

	if (to->column >= set->nr_columns) {
		NL_SET_ERR_MSG(extack, "the device has no such column");
		return -EINVAL;
	}
	if (mutex_lock_killable(&set->mutex)) {
		NL_SET_ERR_MSG(extack, "interrupted while pages were copied to another leg");
		return -EINTR;
	}
	err = mage_set_take_place(set, to, extack);
	mutex_unlock(&set->mutex);
	if (err)
		return err;
	leg = mage_leg_connect(set, &set->columns[to->column], to, extack);
	/* Who copies has it for some time only. */
	guard(mutex)(&set->mutex);
	if (IS_ERR(leg)) {
		set->nr_legs--;
		return PTR_ERR(leg);
	}
	refcount_inc(&set->users);
	leg->number = set->next_number++;
	leg->joining = true;
	spin_lock_irq(&set->lock);
	mage_column_put_leg(&set->columns[to->column], leg);
	spin_unlock_irq(&set->lock);
	mage_leg_inherit(leg);
	spin_lock_irq(&set->lock);
	leg->joining = false;
	mage_leg_judge(leg);
	spin_unlock_irq(&set->lock);
	mage_set_sum_up(set);
	return 0;
}

static struct mage_leg *mage_set_find_leg(struct mage_set *set, unsigned int number)
{
	struct mage_leg *leg;
	unsigned int i;

	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			if (leg->number == number)
				return leg;
	return NULL;
}

/*
 * Under the lock: whether the other legs of the column have all that this one has.  A leg that
 * is suspended counts for nothing here: it may not come back.
 */
static bool mage_leg_is_needed(const struct mage_leg *leg)
{
	struct mage_leg *other;
	bool alone = true;

	mage_for_each_leg(leg->column, other) {
		if (other == leg)
			continue;
		alone = false;
		if (other->live && !other->nr_stale)
			return false;
	}
	/* What a leg had that has failed is lost, with it or without. */
	return alone || !leg->dev.failed;
}

static int mage_leg_leave(struct mage_leg *leg, struct netlink_ext_ack *extack)
{
	struct mage_set *set = leg->set;
	bool needed;

	spin_lock_irq(&set->lock);
	needed = mage_leg_is_needed(leg);
	if (!needed) {
		leg->leaving = true;
		mage_leg_judge(leg);
	}
	spin_unlock_irq(&set->lock);
	if (!needed)
		return 0;
	NL_SET_ERR_MSG(extack, "no other leg of its column that works is in sync");
	return -EBUSY;
}

/*
 * Writes leave a leg out that is leaving; those of before are waited for.  If somebody does not
 * want to wait any more it stays, and has missed what was written meanwhile.
 */
static int mage_leg_settle(struct mage_leg *leg, struct netlink_ext_ack *extack)
{
	struct mage_set *set = leg->set;
	int err = mage_set_settle(set, true);

	if (!err)
		return 0;
	NL_SET_ERR_MSG(extack, "interrupted while writes are not answered; the leg stays");
	spin_lock_irq(&set->lock);
	leg->leaving = false;
	mage_leg_judge(leg);
	spin_unlock_irq(&set->lock);
	return err;
}

/* Nobody finds it any more when this returns. */
static void mage_leg_withdraw(struct mage_leg *leg)
{
	struct mage_column *column = leg->column;
	struct mage_set *set = leg->set;
	unsigned int i = 0;

	/* Who tells of the legs has this mutex. */
	mutex_lock(&mage_disks_mutex);
	spin_lock_irq(&set->lock);
	while (mage_column_leg(column, i) != leg)
		i++;
	RCU_INIT_POINTER(column->legs[i], NULL);
	spin_unlock_irq(&set->lock);
	mutex_unlock(&mage_disks_mutex);
	synchronize_rcu();
	set->nr_legs--;
	mage_set_sum_up(set);
	mage_device_changed(set->dev);
}

/**
 * mage_set_remove_leg() - disconnect a leg
 * @set: the set, whose device stays meanwhile
 * @number: of the leg
 * @extack: for a sentence about what went wrong
 *
 * What its far store has not given back when all else is done is not waited for: it is
 * disconnected when it has.
 *
 * Return: 0; -ENODEV for no such leg; -EBUSY if pages would be lost with it, now or when
 * another leg is; -EINTR if the thread is killed while it waits, and then the leg stays
 */
int mage_set_remove_leg(struct mage_set *set, unsigned int number, struct netlink_ext_ack *extack)
{
	struct mage_leg *leg;
	int err;

	if (mutex_lock_killable(&set->mutex)) {
		NL_SET_ERR_MSG(extack, "interrupted while pages were copied to a leg");
		return -EINTR;
	}
	leg = mage_set_find_leg(set, number);
	if (leg) {
		err = mage_leg_leave(leg, extack);
	} else {
		NL_SET_ERR_MSG(extack, "the device has no such leg");
		err = -ENODEV;
	}
	if (!err)
		err = mage_leg_settle(leg, extack);
	if (!err)
		mage_leg_withdraw(leg);
	mutex_unlock(&set->mutex);
	if (!err)
		mage_leg_part(leg);
	return err;
}

/* ---- the backend -------------------------------------------------------- */

static struct mage_backend_ops mage_set_ops = {
	.name = "set",
	.connect = mage_set_connect,
	.disconnect = mage_set_disconnect,
	.submit_reads = mage_set_submit_reads,
	.poll_reads = mage_set_poll_reads,
	.overdue_reads = mage_set_overdue_reads,
	.submit_writes = mage_set_submit_writes,
	.look = mage_set_look,
	.blame = mage_set_blame,
	.poll = mage_set_poll,
};

/**
 * mage_set_of() - the set that a far device is
 * @dev: the far device
 *
 * Return: the set; NULL if the device stands on something else
 */
struct mage_set *mage_set_of(struct mage_device *dev)
{
	return dev->ops == &mage_set_ops ? dev->private : NULL;
}

/**
 * mage_set_is_degraded() - whether what is on some leg would be lost with it
 * @set: the set; its legs stay
 */
bool mage_set_is_degraded(struct mage_set *set)
{
	struct mage_leg *leg;
	bool degraded = false;
	unsigned int i;

	spin_lock_irq(&set->lock);
	for (i = 0; i < set->nr_columns; i++)
		mage_for_each_leg(&set->columns[i], leg)
			degraded |= !leg->live || leg->nr_stale;
	spin_unlock_irq(&set->lock);
	return degraded;
}

/**
 * mage_set_init() - offer the "set" backend
 *
 * Return: 0 or a negative errno
 */
int __init mage_set_init(void)
{
	return mage_backend_register(&mage_set_ops);
}
