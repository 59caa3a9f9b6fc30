// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: threads that evict for themselves.
 *
 * Systems before Mage let a thread that finds no room reclaim.  A policy can
 * ask for that by no_room: the thread selects a batch by the policy, and the
 * stock reclaim of single pages evicts it, unmapped first.
 */
#include <linux/slab.h>
#include "self.h"
#include "batch.h"
#include "domain.h"
#include "select.h"
#include "unmap.h"

/* Protects mage_self_batches. */
static DEFINE_SPINLOCK(mage_self_lock);

/* Batches for those threads; they are kept, as the next one comes soon. */
static struct mage_batch *mage_self_batches[8];

static struct mage_batch *mage_self_batch_get(void)
{
	struct mage_batch *batch = NULL;
	unsigned int i;

	spin_lock(&mage_self_lock);
	for (i = 0; i < ARRAY_SIZE(mage_self_batches) && !batch; i++)
		swap(batch, mage_self_batches[i]);
	spin_unlock(&mage_self_lock);
	return batch ?: kvzalloc(sizeof(*batch), GFP_NOIO | __GFP_NOWARN);
}

static void mage_self_batch_put(struct mage_batch *batch)
{
	unsigned int i;

	spin_lock(&mage_self_lock);
	for (i = 0; i < ARRAY_SIZE(mage_self_batches); i++) {
		if (!mage_self_batches[i]) {
			mage_self_batches[i] = batch;
			batch = NULL;
			break;
		}
	}
	spin_unlock(&mage_self_lock);
	kvfree(batch);
}

/**
 * mage_self_evict() - evict pages in the current thread
 * @domain: their domain; the caller holds a reference
 * @nr: how many
 * @most: pages that protections leave: no batch is begun when so many were freed, and none
 *	takes more than a few above that
 *
 * May sleep.
 *
 * Return: how many were freed; 0 also if there was no memory to work with
 */
unsigned long mage_self_evict(struct mage_domain *domain, unsigned long nr, unsigned long most)
{
	struct mage_batch *batch = mage_self_batch_get();
	unsigned long freed = 0;

	if (!batch)
		return 0;
	batch->self = true;
	/* The domain is not drained before the batch has ended. */
	atomic_inc(&domain->in_flight);
	nr = min(nr, most);
	while (freed < nr && !READ_ONCE(domain->shards.closing)) {
		unsigned int back, victims;
		unsigned long got;

		victims = mage_batch_select(batch, domain, NUMA_NO_NODE, nr - freed,
					    most - freed);
		if (!victims)
			break;
		got = mage_batch_unmap_first(batch, &back);
		mage_domain_add_victims(domain, -(long)victims);
		freed += got;
		if (!got)
			break;
	}
	atomic_dec(&domain->in_flight);
	mage_self_batch_put(batch);
	return freed;
}
