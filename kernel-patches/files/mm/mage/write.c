// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "write".
 *
 * Every CPU has forgotten its translations of the victims, so whoever writes to
 * one from now on sets its dirty bit, and commit sees that.  What the far store
 * gets before that is a copy that may be torn, and is then not used.
 */
#include <linux/highmem.h>
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/swap.h>
#include <linux/vmstat.h>
#include "../internal.h"
#include "write.h"
#include "batch.h"
#include "bell.h"
#include "checksum.h"
#include "disk.h"
#include "domain.h"
#include "limit.h"
#include "slot.h"

static void mage_batch_written(struct mage_io_batch *chain)
{
	struct mage_batch *batch = container_of(chain, struct mage_batch, chain);
	struct mage_bell *bell = batch->bell;

	/*
	 * The evictor may go on with the batch at once, and end: touch the batch
	 * no more, and keep the evictor for a grace period.
	 */
	rcu_read_lock();
	/* Pairs with the acquire in mage_batch_step(). */
	smp_store_release(&batch->written, true);
	mage_bell_ring(bell);
	rcu_read_unlock();
}

static void mage_batch_add_io(struct mage_batch *batch, struct mage_victim *victim)
{
	struct mage_io *io = &batch->io[batch->chain.nr];
	struct mage_disk *disk = batch->disk;

	io->page = &victim->folio->page;
	io->slot = victim->frame->slot;
	io->error = -EIO;
	if (mage_disk_has_checksums(disk))
		io->checksum = mage_checksum_begin_write(disk, io->page, io->slot);
	victim->io = batch->chain.nr++;
}

static bool mage_victim_needs_slot(const struct mage_victim *victim)
{
	return victim->outcome == MAGE_OUTCOME_PENDING && !victim->lazy &&
	       !mage_frame_has_slot(victim->frame);
}

static bool mage_victim_needs_write(const struct mage_victim *victim)
{
	return victim->outcome == MAGE_OUTCOME_PENDING && victim->dirty;
}

/* The last word first: many a page begins with zeroes and ends with something else. */
static bool mage_page_is_zero(struct page *page)
{
	const unsigned long *word = kmap_local_page(page);
	bool zero = !word[PAGE_SIZE / sizeof(*word) - 1] && !word[0] &&
		    !memchr_inv(word, 0, PAGE_SIZE);

	kunmap_local(word);
	return zero;
}

/*
 * A page of zeroes is not written: a mark in the swap area's zeromap is its far copy,
 * and every read of a swap entry looks there first.  A page that is written takes the
 * mark from its slot.  As with a copy of the page, whoever writes to it from now on
 * sets its dirty bit, and what was found here is then not used.
 *
 * The slot is the frame's, so what is said of it is the batch's to change.  A reader
 * that commit does not see marks the slot as cached after the exchange of the PTE, a
 * full barrier, and so sees what is said here.
 */
static bool mage_victim_is_zero(struct mage_batch *batch, struct mage_victim *victim)
{
	unsigned long *zeromap = batch->disk->si->zeromap;
	pgoff_t slot = victim->frame->slot;

	if (likely(!mage_page_is_zero(&victim->folio->page))) {
		if (unlikely(test_bit(slot, zeromap)))
			clear_bit(slot, zeromap);
		return false;
	}
	set_bit(slot, zeromap);
	count_vm_event(SWPOUT_ZERO);
	count_memcg_folio_events(victim->folio, SWPOUT_ZERO, 1);
	return true;
}

/**
 * struct mage_slot_run - slots side by side for victims
 * @entry: the first slot
 * @nr: how many
 * @victim: indices in the batch of the victims that they are for, in order
 *
 * They are charged to the cgroup of the domain in one go.
 */
struct mage_slot_run {
	swp_entry_t entry;
	unsigned int nr;
	u16 victim[SWAP_BATCH];
};

static swp_entry_t mage_run_entry(const struct mage_slot_run *run, unsigned int i)
{
	return swp_entry(swp_type(run->entry), swp_offset(run->entry) + i);
}

/* Hands a slot that has been charged to the victim it is for. */
static void mage_run_hand_out(struct mage_batch *batch, struct mage_slot_run *run, unsigned int i)
{
	struct mage_victim *victim = &batch->victim[run->victim[i]];

	mage_frame_set_slot(victim->frame, mage_run_entry(run, i));
	victim->dirty = true;
}

/* Charges slots of a run from the one numbered @i on against memory.swap.max. */
static bool mage_run_charge(struct mage_batch *batch, struct mage_slot_run *run, unsigned int i,
			    unsigned int nr)
{
	return !mem_cgroup_try_charge_swap_run(batch->domain->memcg, mage_run_entry(run, i), nr);
}

/* Hands out what can be charged; slot by slot where there is no room for all. */
static void mage_run_end(struct mage_batch *batch, struct mage_slot_run *run)
{
	bool all = run->nr && mage_run_charge(batch, run, 0, run->nr);
	unsigned int i, charged = 0;

	for (i = 0; i < run->nr; i++) {
		if (all || (run->nr > 1 && mage_run_charge(batch, run, i, 1))) {
			mage_run_hand_out(batch, run, i);
			charged++;
			continue;
		}
		swap_free(mage_run_entry(run, i));
		batch->victim[run->victim[i]].outcome = MAGE_OUTCOME_NO_SLOT;
	}
	mage_count_add(batch->domain->stats, MAGE_STAT_CLEAN_COPIES, charged);
	run->nr = 0;
}

static void mage_run_add(struct mage_batch *batch, struct mage_slot_run *run, unsigned int i,
			 swp_entry_t entry)
{
	if (run->nr && (run->nr == ARRAY_SIZE(run->victim) ||
			entry.val != mage_run_entry(run, run->nr).val))
		mage_run_end(batch, run);
	if (!run->nr)
		run->entry = entry;
	run->victim[run->nr++] = i;
}

/* Gives each of @wanted victims that have none a slot, as far as there are any. */
static void mage_batch_take_slots(struct mage_batch *batch, unsigned int wanted)
{
	swp_entry_t entries[SWAP_BATCH];
	struct mage_slot_run run;
	unsigned int i, got = 0, used = 0;

	run.nr = 0;
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (!mage_victim_needs_slot(victim))
			continue;
		if (used == got && wanted && batch->disk) {
			got = mage_slots_alloc(batch->disk, min(wanted, ARRAY_SIZE(entries)),
					       entries);
			used = 0;
			wanted = got ? wanted - got : 0;
		}
		if (used == got)
			victim->outcome = MAGE_OUTCOME_NO_SLOT;
		else
			mage_run_add(batch, &run, i, entries[used++]);
	}
	mage_run_end(batch, &run);
}

/* Whether victims that stay may have slots to keep, as pages that are read in may. */
static bool mage_batch_may_keep_slots(const struct mage_batch *batch)
{
	return batch->disk && mage_disk_may_keep(batch->disk) &&
	       !READ_ONCE(batch->domain->swap_is_scarce);
}

/*
 * Each batch, so that a no does not outlast its reason; a select asks before the disk of
 * its batch is known.
 */
static void mage_batch_note_slots(const struct mage_batch *batch)
{
	bool none = !mage_batch_may_keep_slots(batch);

	if (READ_ONCE(batch->domain->keeps_no_slots) != none)
		WRITE_ONCE(batch->domain->keeps_no_slots, none);
}

/*
 * Victims that are only cleaned get slots when those that leave have got theirs, and only
 * while far copies of local pages may be kept.  Until then they count as without a place.
 *
 * Return: how many they are
 */
static unsigned int mage_batch_put_off(struct mage_batch *batch)
{
	unsigned int i, nr = 0;

	for (i = 0; batch->cleaning && i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (!victim->cleaning || !mage_victim_needs_slot(victim))
			continue;
		victim->outcome = MAGE_OUTCOME_NO_SLOT;
		nr++;
	}
	return nr;
}

static void mage_batch_take_more_slots(struct mage_batch *batch, unsigned int wanted)
{
	unsigned int i;

	if (!mage_batch_may_keep_slots(batch))
		return;
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		/* One with a slot has it where nothing can be written now. */
		if (victim->cleaning && victim->outcome == MAGE_OUTCOME_NO_SLOT &&
		    !mage_frame_has_slot(victim->frame))
			victim->outcome = MAGE_OUTCOME_PENDING;
	}
	mage_batch_take_slots(batch, wanted);
}

/*
 * Whether the far copy of a victim can be used: not of one that is to be dropped, not
 * on a device that is being emptied or is gone, not if it is lost there, and, if it is to
 * be written again, on the one that this batch writes to.
 */
static bool mage_victim_slot_is_usable(const struct mage_batch *batch,
				       const struct mage_victim *victim)
{
	struct mage_disk *disk = mage_disk_of_type(victim->frame->slot_type - 1);

	return disk && !victim->lazy && !READ_ONCE(disk->draining) &&
	       !READ_ONCE(disk->dev.failed) &&
	       (victim->dirty ? disk == batch->disk :
		mage_slot_look(disk, victim->frame->slot) != -EIO);
}

/*
 * Whether a victim's far copy, which is as good as ever, is on a device that does not
 * answer: it would not come back before that does.
 */
static bool mage_victim_is_cut_off(const struct mage_victim *victim)
{
	return !victim->lazy && !victim->dirty &&
	       mage_slot_is_suspended(victim->frame->slot_type - 1, victim->frame->slot);
}

/**
 * mage_batch_write() - take slots and post the writes of a batch
 * @batch: after its shootdown was acknowledged
 *
 * A victim with a far copy is written to the same slot again; without one it
 * gets a slot, and is written for certain.  A clean victim with a far copy is
 * not written, and neither are zeroes; one that is to be dropped needs no slot.
 */
void mage_batch_write(struct mage_batch *batch)
{
	unsigned int i, wanted = 0, put_off;
	bool elsewhere;

	batch->chain.nr = 0;
	batch->chain.io = batch->io;
	batch->chain.done = mage_batch_written;
	batch->disk = mage_disk_for_eviction();
	elsewhere = batch->disk && READ_ONCE(batch->disk->si->highest_bit);
	mage_domain_look_at_swap(batch->domain);
	mage_batch_note_slots(batch);
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (victim->outcome == MAGE_OUTCOME_PENDING &&
		    mage_frame_has_slot(victim->frame)) {
			bool cut_off = mage_victim_is_cut_off(victim);

			/* What another device has a slot for is written there; else it stays. */
			if (!mage_victim_slot_is_usable(batch, victim) || (cut_off && elsewhere))
				mage_frame_drop_slot(batch->domain->stats, victim->frame);
			else if (cut_off)
				victim->outcome = MAGE_OUTCOME_NO_SLOT;
		}
		wanted += mage_victim_needs_slot(victim);
	}
	put_off = mage_batch_put_off(batch);
	if (wanted > put_off)
		mage_batch_take_slots(batch, wanted - put_off);
	if (put_off)
		mage_batch_take_more_slots(batch, put_off);

	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		victim->io = -1;
		if (!mage_victim_needs_write(victim))
			continue;
		if (mage_victim_is_zero(batch, victim))
			victim->dirty = false;
		else
			mage_batch_add_io(batch, victim);
	}
	if (!batch->chain.nr) {
		batch->written = true;
		return;
	}
	batch->written = false;
	batch->posted_at = jiffies;
	count_vm_events(PSWPOUT, batch->chain.nr);
	batch->disk->dev.ops->submit_writes(&batch->disk->dev, batch->queue, &batch->chain);
}
