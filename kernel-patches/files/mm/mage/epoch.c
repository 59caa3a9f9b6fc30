// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: words in frames are not taken for those of a later policy.
 *
 * A frame says of which epoch its words are.  That has one byte, so after MAGE_EPOCH_MOST the
 * same come again, while a page that no policy has written a word for keeps what it had.  So
 * before that a sweep goes through all frames, and those of an epoch that has gone by are
 * nobody's from then on.  It goes by page frame number, and not by lists: on these are neither
 * victims nor what a walk is looking at.  It is one for all domains, as each page is looked at.
 *
 * All frames of a domain are of no epoch before the one in which the last sweep began, and the
 * present one is less than MAGE_EPOCH_MOST after that.  So no two are alike.
 */
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/sched.h>
#include <linux/workqueue.h>
#include "domain.h"
#include "epoch.h"

/* Epochs after a sweep began, of any domain, when the next one is due. */
#define MAGE_EPOCHS_DUE		128

/* When it cannot be put off any more: a change of the policy makes two. */
#define MAGE_EPOCHS_LAST	(MAGE_EPOCH_MOST - 8)

/* One sweep at a time; protects shards.swept and shards.sweeping. */
static DEFINE_MUTEX(mage_sweep_mutex);

/* The most epochs that a domain has begun since the last sweep. */
static unsigned int mage_epochs_since(void)
{
	unsigned int most = 0;
	struct mage_domain *domain;

	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all) {
		const struct mage_shards *shards = &domain->shards;

		most = max_t(u16, most, READ_ONCE(shards->epochs) - READ_ONCE(shards->swept));
	}
	rcu_read_unlock();
	return most;
}

static void mage_sweep_frame(struct mage_frame *frame)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = mage_domain_by_id(mage_frame_domain_id(frame));
	if (domain)
		mage_frame_forget_words(&domain->shards, frame);
	rcu_read_unlock();
}

static void mage_sweep_node(int nid)
{
	unsigned long pfn, end = node_end_pfn(nid);

	for (pfn = node_start_pfn(nid); pfn < end; pfn++) {
		struct mage_frame *frame = mage_frame_by_pfn(pfn);

		if (frame && READ_ONCE(frame->owner))
			mage_sweep_frame(frame);
		if (!(pfn % 1024))
			cond_resched();
	}
}

/* Does nothing if, by the time that it can begin, less than @due epochs were begun. */
static void mage_sweep(unsigned int due)
{
	struct mage_domain *domain;
	int nid;

	mutex_lock(&mage_sweep_mutex);
	if (mage_epochs_since() < due)
		goto unlock;
	/* A domain that comes later has all this at 0, and no frame of before. */
	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all)
		domain->shards.sweeping = READ_ONCE(domain->shards.epochs);
	rcu_read_unlock();
	for_each_online_node(nid)
		mage_sweep_node(nid);
	rcu_read_lock();
	list_for_each_entry_rcu(domain, &mage_domains, all)
		WRITE_ONCE(domain->shards.swept, domain->shards.sweeping);
	rcu_read_unlock();
unlock:
	mutex_unlock(&mage_sweep_mutex);
}

static void mage_sweep_when_due(struct work_struct *work)
{
	mage_sweep(MAGE_EPOCHS_DUE);
}

static DECLARE_WORK(mage_sweep_work, mage_sweep_when_due);

/**
 * mage_epochs_are_to_come() - the policy of domains is about to change
 *
 * May sleep.  Waits for a sweep if there would be too few epochs left, which takes many changes
 * while one is under way.
 */
void mage_epochs_are_to_come(void)
{
	if (mage_epochs_since() >= MAGE_EPOCHS_LAST)
		mage_sweep(MAGE_EPOCHS_LAST);
}

/**
 * mage_epochs_go_on() - the policy of domains has changed
 *
 * Has a sweep begin if one is due, which the caller does not wait for.
 */
void mage_epochs_go_on(void)
{
	if (mage_epochs_since() >= MAGE_EPOCHS_DUE)
		queue_work(system_unbound_wq, &mage_sweep_work);
}
