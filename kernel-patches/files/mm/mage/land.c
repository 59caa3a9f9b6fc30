// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: faults on pages in flight, which land: they are mapped.
 *
 * With the page that is faulted on comes what else of its flight has arrived and lies in the
 * same page table and mapping, under one hold of the page table lock.
 */
#include <linux/bitops.h>
#include <linux/mage.h>
#include <linux/memcontrol.h>
#include <linux/mm.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <asm/tlbflush.h>
#include "../internal.h"
#include "../swap.h"
#include "arrive.h"
#include "callback.h"
#include "checksum.h"
#include "disk.h"
#include "domain.h"
#include "flight.h"
#include "prefetch.h"

/* Pages that are mapped under one hold of a page table lock. */
#define MAGE_LANDING_MAX	32

/**
 * struct mage_landing - pages that a fault maps
 * @vmf: the fault
 * @flight: their flight
 * @index: number of the page that is faulted on
 * @taken: those that are taken, by bit
 * @mapped: of these, those that are mapped
 * @bad: of these, those that are not what was written
 */
struct mage_landing {
	struct vm_fault *vmf;
	struct mage_flight *flight;
	unsigned int index;
	unsigned long taken;
	unsigned long mapped;
	unsigned long bad;
};

/*
 * The policy is told, once, that a page it named is wanted, and so has the next ones read.
 * Under RCU, as the flight may be over.
 */
static void mage_landing_ask(struct mage_landing *land, struct mage_domain *domain)
{
	struct mage_flight *flight = land->flight;

	if (mage_prefetching() || test_and_set_bit(land->index, &flight->asked))
		return;
	mage_policy_prefetch(domain, land->vmf, flight->page[land->index].entry, true);
}

/*
 * Whether a page that is taken may be mapped.  One that is not what was written is dropped
 * as if it had not been read: the fault that wants it reads it once more, by itself, and says
 * what comes of that.
 */
static bool mage_landing_is_good(struct mage_flight *flight, unsigned int i)
{
	struct mage_disk *disk = flight->disk;
	struct mage_io *io = &flight->io[i];
	u32 want;

	if (!io->error && mage_disk_has_checksums(disk) &&
	    !mage_checksum_fits(disk, io->page, io->slot, &want)) {
		WRITE_ONCE(io->error, -EAGAIN);
		mage_disk_blame(disk, &flight->batch, io->slot, false);
	}
	return !io->error;
}

/* What else of the flight has arrived, and may be mapped where it was named. */
static void mage_landing_gather(struct mage_landing *land)
{
	struct vm_area_struct *vma = land->vmf->vma;
	struct mage_flight *flight = land->flight;
	unsigned long table = land->vmf->address & PMD_MASK;
	unsigned long start = max(vma->vm_start, table);
	/* The last address, as the end may be that of all addresses. */
	unsigned long last = min(vma->vm_end - 1, table + PMD_SIZE - 1);
	unsigned int i, nr = 1;

	/* A work that meets the page of a flight is no sign that others are wanted. */
	if (flight->mm != vma->vm_mm || mage_prefetching())
		return;
	for (i = 0; i < flight->nr && nr < MAGE_LANDING_MAX; i++) {
		unsigned long address = flight->page[i].address;

		if (i == land->index || address < start || address > last)
			continue;
		if (!mage_flight_has_arrived(flight, i))
			break;
		if (READ_ONCE(flight->io[i].error) || !mage_flight_take(flight, i))
			continue;
		/* What is taken and not mapped is dropped. */
		land->taken |= BIT(i);
		if (!mage_landing_is_good(flight, i))
			land->bad |= BIT(i);
		nr++;
	}
}

/* The same as what do_swap_page() makes of a page that it has read past the swap cache. */
static pte_t mage_landing_pte(struct vm_area_struct *vma, struct folio *folio, pte_t old)
{
	pte_t pte = mk_pte(folio_page(folio, 0), vma->vm_page_prot);

	if (pte_swp_soft_dirty(old))
		pte = pte_mksoft_dirty(pte);
	if (pte_swp_uffd_wp(old))
		pte = pte_mkuffd_wp(pte);
	if ((vma->vm_flags & VM_WRITE) && !userfaultfd_pte_wp(vma, pte) &&
	    !pte_needs_soft_dirty_wp(vma, pte))
		pte = pte_mkwrite(pte, vma);
	return pte;
}

/*
 * Maps a page in place of its swap entry, under the page table lock.  The page is private to
 * the flight, so whoever maps it has it for himself, however many share the slot by now.
 */
static void mage_landing_map(struct mage_landing *land, unsigned int i, unsigned long address,
			     pte_t *at)
{
	struct vm_area_struct *vma = land->vmf->vma;
	struct folio *folio = mage_flight_folio(land->flight, i);
	swp_entry_t entry = land->flight->page[i].entry;
	struct mage_frame *frame = mage_swapin_claim(folio);
	bool used = i == land->index && !mage_prefetching();
	pte_t pte = mage_landing_pte(vma, folio, ptep_get(at));

	if (!used)
		pte = pte_mkold(pte);
	else if (land->vmf->flags & FAULT_FLAG_WRITE && pte_write(pte))
		pte = pte_mkdirty(pte);
	mem_cgroup_swapin_uncharge_swap(entry, 1);
	__folio_mark_uptodate(folio);
	arch_swap_restore(entry, folio);
	if (!frame || !mage_swapin_keep_slot(frame, folio, entry))
		swap_free(entry);
	folio_add_new_anon_rmap(folio, vma, address, RMAP_EXCLUSIVE);
	set_pte_at(vma->vm_mm, address, at, pte);
	if (frame)
		mage_swapin_landed(vma, address, frame, folio, entry, used);
	else
		__folio_add_lru(folio);
	update_mmu_cache_range(land->vmf, vma, address, at, 1);
	land->mapped |= BIT(i);
}

/* Whether a page table entry is still what the page was read for. */
static bool mage_landing_fits(pte_t pte, swp_entry_t entry)
{
	return is_swap_pte(pte) && pte_to_swp_entry(pte).val == entry.val;
}

/* Maps a page if its entry is there yet, under the page table lock. */
static void mage_landing_try(struct mage_landing *land, unsigned int i)
{
	struct mage_flight_page *page = &land->flight->page[i];
	struct vm_fault *vmf = land->vmf;
	/* mremap() may have moved the one that is faulted on. */
	unsigned long address = i == land->index ? vmf->address : page->address;
	pte_t *at = vmf->pte + ((long)(address - vmf->address) >> PAGE_SHIFT);

	/* While it was on no list memory_failure() could do no more than mark it. */
	if (mage_landing_fits(ptep_get(at), page->entry) &&
	    !folio_test_hwpoison(mage_flight_folio(land->flight, i)))
		mage_landing_map(land, i, address, at);
}

/*
 * Whether the page table lock is to be let go: a policy that hears of each page may take its
 * time for it.  Without that the lock is not held for long.
 */
static bool mage_landing_lasts(const struct mage_landing *land)
{
	return READ_ONCE(land->flight->domain->hears) & MAGE_HEARS_PAGE_IN && need_resched();
}

static void mage_landing_map_all(struct mage_landing *land)
{
	unsigned long others = land->taken & ~land->bad & ~BIT(land->index);
	struct vm_fault *vmf = land->vmf;
	struct mm_struct *mm = vmf->vma->vm_mm;
	unsigned int nr;

	vmf->pte = pte_offset_map_lock(mm, vmf->pmd, vmf->address, &vmf->ptl);
	if (!vmf->pte)
		return;
	mage_landing_try(land, land->index);
	for (; others && !mage_landing_lasts(land); others &= others - 1)
		mage_landing_try(land, __ffs(others));
	nr = hweight_long(land->mapped);
	if (nr) {
		add_mm_counter(mm, MM_ANONPAGES, nr);
		add_mm_counter(mm, MM_SWAPENTS, -(long)nr);
		count_vm_events(PSWPIN, nr);
		this_cpu_add(*land->flight->disk->reads, nr);
	}
	pte_unmap_unlock(vmf->pte, vmf->ptl);
	/* Those that it did not come to are to be had as before. */
	land->taken &= ~others;
	mage_flight_untake(land->flight, others);
}

/* The page that is faulted on, which this thread has taken, and others. */
static bool mage_landing_do(struct mage_landing *land)
{
	struct mage_flight *flight = land->flight;
	struct mage_domain *domain;
	bool good = mage_landing_is_good(flight, land->index) &&
		    mage_vma_takes_flights(land->vmf->vma);

	if (good) {
		mage_landing_gather(land);
		mage_landing_map_all(land);
	}
	rcu_read_lock();
	/* It is not to be found by the flight after the last release, but is there. */
	domain = flight->domain;
	mage_flight_drop_taken(flight, land->taken & ~land->mapped);
	mage_flight_release(flight, land->mapped);
	/* Not before: threads wait for the page, and for the release. */
	if (land->mapped & BIT(land->index))
		mage_landing_ask(land, domain);
	rcu_read_unlock();
	return good;
}

/* While the page is on its way the policy thinks. */
static void mage_landing_wait(struct mage_landing *land)
{
	struct mage_domain *domain;

	rcu_read_lock();
	domain = READ_ONCE(land->flight->domain);
	if (domain)
		mage_landing_ask(land, domain);
	rcu_read_unlock();
	mage_flight_await(land->flight, land->index);
}

bool __mage_swapin_in_flight(struct vm_fault *vmf, swp_entry_t entry, vm_fault_t *ret)
{
	struct mage_landing land = { .vmf = vmf };
	bool waits, done = true;

	if (!mage_disk_of_type(swp_type(entry)))
		return false;
	land.flight = mage_flight_find(entry, &land.index);
	if (!land.flight)
		return false;
	waits = !mage_flight_has_arrived(land.flight, land.index);
	if (waits)
		mage_landing_wait(&land);
	if (mage_flight_take(land.flight, land.index)) {
		land.taken = BIT(land.index);
		/* What could not be read, or is not for a flight, is had the ordinary way. */
		done = mage_landing_do(&land);
	} else {
		/*
		 * Somebody maps or drops it just now: the thread comes again if it has to.
		 * It sleeps, as he may be of a lower priority.
		 */
		swapcache_wait(swp_swap_info(entry), entry, &land.flight->taken, land.index);
	}
	mage_flight_put(land.flight);
	if (done && waits) {
		count_vm_event(PGMAJFAULT);
		count_memcg_event_mm(vmf->vma->vm_mm, PGMAJFAULT);
		*ret = VM_FAULT_MAJOR;
	}
	return done;
}

bool __mage_give_up_flight(swp_entry_t entry)
{
	struct mage_flight *flight;
	unsigned int index;

	flight = mage_flight_find(entry, &index);
	if (!flight)
		return false;
	mage_flight_await(flight, index);
	if (mage_flight_take(flight, index))
		mage_flight_drop_taken(flight, BIT(index));
	else
		swapcache_wait(swp_swap_info(entry), entry, &flight->taken, index);
	mage_flight_put(flight);
	return true;
}
