// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "commit".
 *
 * A victim whose PTE is still old and clean, and which nobody else holds, was
 * not used since it was armed: its far copy equals it.  Under the PTE lock the
 * PTE is replaced by the swap entry.  Any other victim was rescued and stays.
 *
 * One that is only cleaned stays in any case, and nothing of it is changed: if it was not
 * written to since it was armed it has a far copy now that equals it.  If it was, its
 * dirty bit says so, as of any page with a far copy.
 *
 * A victim whose content MADV_FREE gave up is dropped on the same terms: nothing
 * takes the place of its PTE, and the next touch finds a page of zeroes.
 */
#include <linux/jiffies.h>
#include <linux/memcontrol.h>
#include <linux/mmu_notifier.h>
#include <linux/page_table_check.h>
#include <linux/rmap.h>
#include <linux/sched/mm.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <asm/tlbflush.h>
#include "../swap.h"
#include "commit.h"
#include "batch.h"
#include "checksum.h"
#include "disk.h"
#include "domain.h"
#include "mapping.h"
#include "shoot.h"
#include "slot.h"

/* Looks for a victim whose anon_vma is locked; after the last it stays. */
#define MAGE_COMMIT_LOOKS	3

/* swapoff finds swap entries by this list: the mm must be on it before. */
static void mage_mmlist_add(struct mm_struct *mm)
{
	if (!list_empty(&mm->mmlist))
		return;
	spin_lock(&mmlist_lock);
	if (list_empty(&mm->mmlist))
		list_add(&mm->mmlist, &init_mm.mmlist);
	spin_unlock(&mmlist_lock);
}

static pte_t mage_swap_pte(pte_t old, swp_entry_t entry)
{
	pte_t pte = pte_swp_mkexclusive(swp_entry_to_pte(entry));

	if (pte_soft_dirty(old))
		pte = pte_swp_mksoft_dirty(pte);
	if (pte_uffd_wp(old))
		pte = pte_swp_mkuffd_wp(pte);
	return pte;
}

/*
 * Whether somebody holds the page beside its mapping and the batch, or has
 * written to it through a reference that is gone again.
 *
 * The PTE has been cleared, and that was a full barrier.  Against GUP-fast: it
 * takes its reference, then looks at the PTE again; either it sees the PTE
 * cleared and gives up, or we see its reference.  Against a writer by
 * reference: it sets the dirty flag before it drops the reference, and we read
 * them in the opposite order.  Against an mmu notifier that was registered
 * meanwhile: it is registered before its owner takes references.
 */
static bool mage_folio_in_use(struct folio *folio, struct mm_struct *mm)
{
	if (mm_has_notifiers(mm) || folio_ref_count(folio) != 2)
		return true;
	/* Pairs with the order of the writer by reference. */
	smp_rmb();
	return folio_test_dirty(folio);
}

/*
 * Whether somebody else reads, or has read, the slot: a fault that lost the
 * race for the page but not yet noticed, or readahead, which takes whatever
 * slots lie side by side.  Such a reader has marked the slot as cached before
 * it read.  What it read may be older than what was written now, and as the PTE
 * is going to look as it did when that fault began, nothing would tell.
 *
 * The writes were acknowledged, and the exchange of the PTE was a full barrier:
 * a reader that marks the slot after this look reads what was written.
 */
static bool mage_slot_is_cached(swp_entry_t entry)
{
	return READ_ONCE(swp_swap_info(entry)->swap_map[swp_offset(entry)]) != 1;
}

/*
 * Takes a slot for a PTE, unless somebody reads it.  Where a second shootdown is to
 * come the slot is marked as cached until that is over.  Until then some CPU may read
 * the page by a translation that it has not forgotten, and must not be left with it
 * while others have another page in its place, and write to that: so a fault waits,
 * as it does for one that reads the slot.
 */
static bool mage_slot_take(const struct mage_batch *batch, swp_entry_t entry)
{
	return batch->shoots_twice ? !swapcache_prepare(entry, 1) : !mage_slot_is_cached(entry);
}

/**
 * mage_batch_let_faults_in() - faults on what a batch has evicted need not wait any more
 * @batch: after its second shootdown, if it needed one
 */
void mage_batch_let_faults_in(struct mage_batch *batch)
{
	unsigned int i;

	if (!batch->shoots_twice)
		return;
	/* The mark may be all that keeps a slot, and so swapoff, from being over. */
	rcu_read_lock();
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (mage_victim_is_out(victim) && !victim->lazy)
			swapcache_clear(swp_swap_info(victim->held), victim->held, 1);
	}
	rcu_read_unlock();
	swapcache_wake();
}

/* What is remembered of a victim; the batch has evicted @batch->out before it. */
static void mage_commit_remember(struct mage_batch *batch, struct mage_victim *victim,
				 unsigned long address)
{
	struct mage_ghost_key key = mage_domain_ghost_key(batch->domain);
	const struct mage_frame *frame = victim->frame;
	bool known = READ_ONCE(frame->epoch) == READ_ONCE(batch->domain->shards.epoch);

	key.now += batch->out;
	mage_ghost_remember(mage_frame_entry(frame), key, address, known ? frame->word[1] : 0);
}

/*
 * The page did not change since it was written, or it is clean and equals its far copy: so it
 * is known what the slot holds.  The swap entry that is set after it tells others where to
 * look, and as they read the page before they do, they find it.
 */
static void mage_commit_checksum(const struct mage_batch *batch, const struct mage_victim *victim)
{
	swp_entry_t entry = mage_frame_entry(victim->frame);
	struct mage_disk *disk = mage_disk_of_type(swp_type(entry));
	pgoff_t slot = swp_offset(entry);

	if (!mage_disk_has_checksums(disk))
		return;
	if (victim->io >= 0)
		mage_checksum_set(disk, slot, batch->io[victim->io].checksum);
	else if (!mage_checksum_is_known(disk, slot) && !test_bit(slot, disk->si->zeromap))
		mage_checksum_set(disk, slot,
				  mage_checksum_of(&victim->folio->page, slot));
}

/* The PTE gives way to the swap entry; the count of the slot goes from the frame to it. */
static void mage_commit_far(struct mage_batch *batch, struct mage_victim *victim,
			    struct mage_mapping *map, pte_t *pte, pte_t old)
{
	swp_entry_t entry = mage_frame_entry(victim->frame);
	struct mm_struct *mm = map->vma->vm_mm;

	mage_mmlist_add(mm);
	if (static_branch_unlikely(&mage_checksums_kept))
		mage_commit_checksum(batch, victim);
	set_pte_at(mm, map->address, pte, mage_swap_pte(old, entry));
	if (READ_ONCE(batch->domain->remembers))
		mage_commit_remember(batch, victim, map->address);
	if (batch->shoots_twice)
		victim->held = entry;
	victim->frame->slot_type = 0;
	mage_count_add(batch->domain->stats, MAGE_STAT_CLEAN_COPIES, -1);
}

/*
 * The PTE, which has been cleared, stays so.  As there is no slot that a fault could
 * be made to wait for, a second shootdown that is due comes at once: under the page
 * table lock, so that no other page is there while some CPU sees the old one.
 */
static void mage_commit_drop(struct mage_batch *batch, struct mage_victim *victim,
			     struct mage_mapping *map)
{
	if (batch->shoots_twice)
		flush_tlb_page(map->vma, map->address);
	map->dropped++;
	count_vm_event(PGLAZYFREED);
	count_memcg_folio_events(victim->folio, PGLAZYFREED, 1);
}

/* What becomes of a victim that stays, with the PTE that it has.  Apart, as most do not. */
static noinline u8 mage_commit_stays(struct mage_batch *batch, struct mage_victim *victim,
				     pte_t pte)
{
	if (victim->cleaning && !pte_dirty(pte) && !folio_test_dirty(victim->folio) &&
	    !(victim->frame->marks & MAGE_MARK_SPOILED))
		return MAGE_OUTCOME_CLEANED;
	mage_domain_used(batch->domain, victim->frame);
	return MAGE_OUTCOME_RESCUED;
}

static u8 mage_commit_pte(struct mage_batch *batch, struct mage_victim *victim,
			  struct mage_mapping *map, pte_t *pte)
{
	struct vm_area_struct *vma = map->vma;
	struct mm_struct *mm = vma->vm_mm;
	struct folio *folio = victim->folio;
	pte_t old = ptep_get(pte);

	if (!mage_vma_is_eligible(vma) || !PageAnonExclusive(&folio->page) ||
	    folio_mapcount(folio) != 1)
		return MAGE_OUTCOME_EXCLUDED;
	if (pte_young(old) || pte_dirty(old) || victim->frame->marks & MAGE_MARKS_OF_USE)
		return mage_commit_stays(batch, victim, old);
	/* Fails if the processor has set a bit since. */
	if (!try_cmpxchg(&pte->pte, &old.pte, 0))
		return MAGE_OUTCOME_RESCUED;
	page_table_check_pte_clear(mm, old);
	if (mage_folio_in_use(folio, mm)) {
		set_pte_at(mm, map->address, pte, old);
		return MAGE_OUTCOME_RESCUED;
	}
	if (!victim->lazy && !mage_slot_take(batch, mage_frame_entry(victim->frame))) {
		set_pte_at(mm, map->address, pte, old);
		/* The next try gets another slot, and writes for certain. */
		mage_frame_drop_slot(batch->domain->stats, victim->frame);
		return MAGE_OUTCOME_RESCUED;
	}
	/* Before the first of a page table lowers the count. */
	if (!map->replaced)
		update_hiwater_rss(mm);
	map->changed = batch->shoots_twice;
	map->replaced++;
	if (victim->lazy)
		mage_commit_drop(batch, victim, map);
	else
		mage_commit_far(batch, victim, map, pte, old);
	batch->out++;
	folio_remove_rmap_pte(folio, &folio->page, vma);
	folio_put(folio);
	return victim->dirty ? MAGE_OUTCOME_EVICTED : MAGE_OUTCOME_CLEAN;
}

/* Whether the far copy of a victim has become worthless, though it may have been written. */
static bool mage_victim_is_stranded(const struct mage_victim *victim)
{
	const struct mage_frame *frame = victim->frame;
	struct mage_disk *disk;

	if (!mage_frame_has_slot(frame))
		return false;
	disk = mage_disk_of_type(frame->slot_type - 1);
	return disk && (READ_ONCE(disk->dev.failed) ||
			mage_slot_look(disk, frame->slot) == -EIO);
}

/* Whether the far copy of a victim is on a device that does not answer just now. */
static bool mage_victim_is_suspended(const struct mage_victim *victim)
{
	const struct mage_frame *frame = victim->frame;

	return mage_frame_has_slot(frame) &&
	       mage_slot_is_suspended(frame->slot_type - 1, frame->slot);
}

static void mage_commit_victim(struct mage_batch *batch, struct mage_victim *victim,
			       struct mage_mapping *map)
{
	struct folio *folio = victim->folio;
	pte_t *pte;

	if (victim->io >= 0 && batch->io[victim->io].error) {
		/* What the slot holds now is unknown. */
		mage_frame_drop_slot(batch->domain->stats, victim->frame);
		victim->outcome = MAGE_OUTCOME_WRITE_FAILED;
		return;
	}
	/* A page that is here is better than an entry that says it is lost. */
	if (mage_victim_is_stranded(victim)) {
		mage_frame_drop_slot(batch->domain->stats, victim->frame);
		mage_domain_write_failed(batch->domain);
		victim->outcome = MAGE_OUTCOME_RESCUED;
		return;
	}
	/* Nor is there room to be had for one that only comes back when the device does. */
	if (mage_victim_is_suspended(victim) || !folio_trylock(folio)) {
		victim->outcome = MAGE_OUTCOME_RESCUED;
		return;
	}
	if (mage_folio_is_eligible(folio)) {
		pte = mage_mapping_glance(map, folio);
		if (!pte)
			pte = mage_mapping_find(map, folio);
		if (pte)
			victim->outcome = mage_commit_pte(batch, victim, map, pte);
		else if (!map->contended)
			victim->outcome = MAGE_OUTCOME_GONE;
		else if (batch->looks == MAGE_COMMIT_LOOKS)
			victim->outcome = MAGE_OUTCOME_RESCUED;
	} else {
		victim->outcome = MAGE_OUTCOME_EXCLUDED;
	}
	folio_unlock(folio);
}

/*
 * Notes how the far store did.  It did badly also if it answered at last a batch that
 * was given up; what it took since then without a failure clears it.
 */
static void mage_commit_note_store(struct mage_batch *batch, unsigned long failed)
{
	if (failed || batch->late)
		mage_domain_write_failed(batch->domain);
	else if (batch->chain.nr)
		mage_domain_write_did_well(batch->domain, batch->posted_at);
	batch->late = false;
}

/* One look for each victim that is pending; false if some are left that way. */
static bool mage_commit_look(struct mage_batch *batch)
{
	/* An evictor has other batches, and goes on with them meanwhile. */
	struct mage_mapping map = { .batch = batch, .try_lock = true };
	unsigned int i, pending = 0;

	batch->looks++;
	for (i = 0; i < batch->nr; i++) {
		struct mage_victim *victim = &batch->victim[i];

		if (victim->outcome != MAGE_OUTCOME_PENDING)
			continue;
		mage_commit_victim(batch, victim, &map);
		pending += victim->outcome == MAGE_OUTCOME_PENDING;
	}
	mage_mapping_end(&map);
	return !pending;
}

/**
 * mage_batch_commit() - replace the PTEs of a batch by swap entries
 * @batch: after its writes were acknowledged or failed
 *
 * A victim whose anon_vma somebody has locked, as a fork does for moments, is looked
 * for again, a few times.  Does not sleep.
 *
 * Return: false if the batch is to be looked at again
 */
bool mage_batch_commit(struct mage_batch *batch)
{
	unsigned long written = 0, failed = 0;
	unsigned int i;

	if (!batch->looks) {
		cpumask_clear(&batch->tlb.cpumask);
		batch->shoots_twice = mage_shoots_twice();
	}
	if (!mage_commit_look(batch))
		return false;
	atomic_long_add(batch->out, &batch->domain->clock);

	for (i = 0; i < batch->chain.nr; i++) {
		if (batch->io[i].error)
			failed++;
		else
			written++;
	}
	mage_commit_note_store(batch, failed);
	if (batch->disk) {
		atomic_long_add(written, &batch->disk->writes);
		atomic_long_add(failed, &batch->disk->write_errors);
		mage_disk_put_swap(batch->disk);
		batch->disk = NULL;
	}
	return true;
}
