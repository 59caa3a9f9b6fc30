/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: far memory.  The hooks that existing kernel files call.
 *
 * Each hook is behind mage_active, a static key that is off until the first
 * far device or domain exists, so that a kernel without either runs the stock
 * code and nothing else.
 */
#ifndef _LINUX_MAGE_H
#define _LINUX_MAGE_H

#include <linux/jump_label.h>
#include <linux/mm_types.h>
#include <linux/swap.h>

struct mage_frame;
struct mem_cgroup;
struct page_ext_operations;
struct swap_info_struct;

#ifdef CONFIG_MAGE

DECLARE_STATIC_KEY_FALSE(mage_active);
extern struct page_ext_operations mage_page_ext_ops;

static inline bool mage_is_active(void)
{
	return static_branch_unlikely(&mage_active);
}

bool __mage_folio_add(struct folio *folio);
bool __mage_folio_isolate(struct folio *folio);
void __mage_folio_free(struct folio *folio);
void __mage_folio_lazyfree(struct folio *folio);
void __mage_pte_aged(pte_t pte);
u64 __mage_swapin_begin(void);
bool __mage_is_uncached(struct swap_info_struct *si, swp_entry_t entry);
struct mage_frame *__mage_swapin_claim(struct vm_fault *vmf, struct folio *folio,
				       swp_entry_t entry);
bool __mage_swap_read(struct folio *folio, struct swap_info_struct *si);
bool __mage_swapin_keep_slot(struct mage_frame *frame, swp_entry_t entry);
void __mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame, struct folio *folio,
			swp_entry_t entry, u64 begin);
bool __mage_folio_is_managed(struct folio *folio);
void __mage_folio_hint(struct folio *folio, bool pageout);
bool __mage_madvise_willneed(struct vm_area_struct *vma, unsigned long start,
			     unsigned long end);
bool __mage_wait_for_room(struct mem_cgroup *memcg, struct mem_cgroup *over_limit,
			  unsigned int nr_pages);
bool __mage_reclaim(struct mem_cgroup *memcg, unsigned long nr_pages, unsigned long *reclaimed);
bool __mage_handles_high(struct mem_cgroup *memcg);
void __mage_memcg_offline(struct mem_cgroup *memcg);
bool __mage_in_evictor(void);
void mage_swapon(struct swap_info_struct *si);
void mage_swapoff_begin(struct swap_info_struct *si);
void mage_swapoff_drain(struct swap_info_struct *si);
void mage_swapoff_abort(struct swap_info_struct *si);
void mage_swapoff_end(struct swap_info_struct *si);

/**
 * mage_folio_add() - offer a folio to its domain instead of the LRU
 * @folio: folio about to be put on the LRU; the caller holds a reference
 *
 * Called by folio_add_lru(), possibly under a page table lock.
 *
 * Return: true if a domain has taken the folio; it must not go on the LRU
 */
static inline bool mage_folio_add(struct folio *folio)
{
	return mage_is_active() && __mage_folio_add(folio);
}

/**
 * mage_folio_isolate() - take a folio out of its domain, as off the LRU
 * @folio: folio that is not on the LRU; the caller holds a reference
 *
 * Called by folio_isolate_lru(), so that migration, MADV_PAGEOUT and whoever
 * else isolates folios can work on the ones that Mage manages.
 *
 * Return: true if the folio was Mage's and now is the caller's, with one more
 * reference
 */
static inline bool mage_folio_isolate(struct folio *folio)
{
	return mage_is_active() && __mage_folio_isolate(folio);
}

/**
 * mage_folio_free() - a folio's last reference is gone
 * @folio: the folio; any context
 */
static inline void mage_folio_free(struct folio *folio)
{
	if (mage_is_active())
		__mage_folio_free(folio);
}

/**
 * mage_folio_lazyfree() - MADV_FREE has cleared the dirty bits of a folio
 * @folio: the folio; its page table lock is held
 *
 * The far copy is older than what MADV_FREE allowed to be dropped, so it must
 * never be read again.
 */
static inline void mage_folio_lazyfree(struct folio *folio)
{
	if (mage_is_active())
		__mage_folio_lazyfree(folio);
}

/**
 * mage_pte_aged() - a set accessed bit has been cleared without a TLB flush
 * @pte: the entry; its page table lock is held
 *
 * Called by ptep_test_and_clear_young(), so by all page aging.  An evictor that
 * has armed the page would take it for unused without this.
 */
static inline void mage_pte_aged(pte_t pte)
{
	if (mage_is_active())
		__mage_pte_aged(pte);
}

/**
 * mage_swapin_begin() - a fault on a swap entry starts
 *
 * Return: the time for mage_swapin_done(), 0 when Mage is not active
 */
static inline u64 mage_swapin_begin(void)
{
	return mage_is_active() ? __mage_swapin_begin() : 0;
}

/**
 * mage_is_uncached() - whether a look into the swap cache can be spared
 * @si: swap device, with a reference
 * @entry: entry on it
 *
 * Return: true if @si is a far device and @entry, which has one owner, was not
 * in the swap cache at some moment of the call
 */
static inline bool mage_is_uncached(struct swap_info_struct *si, swp_entry_t entry)
{
	return mage_is_active() && __mage_is_uncached(si, entry);
}

/**
 * mage_swapin_claim() - take a folio that is being swapped in for Mage
 * @vmf: the fault; no page table lock is held
 * @folio: fresh folio, charged, private to the fault
 * @entry: where it is read from
 *
 * Return: NULL, or its frame: then the fault must not put the folio on the LRU,
 * but call mage_swapin_done() once it is mapped
 */
static inline struct mage_frame *mage_swapin_claim(struct vm_fault *vmf, struct folio *folio,
						   swp_entry_t entry)
{
	return mage_is_active() ? __mage_swapin_claim(vmf, folio, entry) : NULL;
}

/**
 * mage_swap_read() - read a folio from a far device past the block layer
 * @folio: locked folio with folio->swap set
 * @si: its swap device
 *
 * Return: true if @si is a far device; then the folio is unlocked, and up to
 * date unless the read failed
 */
static inline bool mage_swap_read(struct folio *folio, struct swap_info_struct *si)
{
	return mage_is_active() && __mage_swap_read(folio, si);
}

/**
 * mage_swapin_keep_slot() - let the page keep its slot as a clean far copy
 * @frame: what mage_swapin_claim() returned for a folio that was read from
 *	@entry past the swap cache; it is locked, and the page table lock is held
 * @entry: the entry about to be freed
 *
 * Return: true if the frame has taken over the entry's count of one
 */
static inline bool mage_swapin_keep_slot(struct mage_frame *frame, swp_entry_t entry)
{
	return __mage_swapin_keep_slot(frame, entry);
}

/**
 * mage_swapin_done() - a folio that was claimed is mapped
 * @vmf: the fault; the page table lock is held
 * @frame: what mage_swapin_claim() returned for it
 * @folio: the folio
 * @entry: where it was read from
 * @begin: what mage_swapin_begin() returned
 */
static inline void mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame,
				    struct folio *folio, swp_entry_t entry, u64 begin)
{
	__mage_swapin_done(vmf, frame, folio, entry, begin);
}

/**
 * mage_folio_is_managed() - whether madvise() is to treat a folio as on the LRU
 * @folio: mapped folio
 */
static inline bool mage_folio_is_managed(struct folio *folio)
{
	return mage_is_active() && __mage_folio_is_managed(folio);
}

/**
 * mage_folio_hint() - MADV_COLD or MADV_PAGEOUT named a folio
 * @folio: the folio; its page table lock is held
 * @pageout: it was MADV_PAGEOUT
 */
static inline void mage_folio_hint(struct folio *folio, bool pageout)
{
	if (mage_is_active())
		__mage_folio_hint(folio, pageout);
}

/**
 * mage_madvise_willneed() - MADV_WILLNEED named anonymous memory
 * @vma: the mapping; the mmap lock is held
 * @start: first address
 * @end: first address after it
 *
 * May sleep.
 *
 * Return: true if the memory is a domain's: then its pages are being prefetched
 */
static inline bool mage_madvise_willneed(struct vm_area_struct *vma, unsigned long start,
					 unsigned long end)
{
	return mage_is_active() && __mage_madvise_willneed(vma, start, end);
}

/**
 * mage_wait_for_room() - wait for the evictors instead of reclaiming
 * @memcg: memory cgroup being charged
 * @over_limit: the one of its ancestors (or itself) that has no room
 * @nr_pages: pages to charge
 *
 * May sleep, killable.
 *
 * Return: true to try the charge again; false when @memcg belongs to no
 * domain, the task is dying or the evictors make no progress: reclaim then
 */
static inline bool mage_wait_for_room(struct mem_cgroup *memcg,
				      struct mem_cgroup *over_limit,
				      unsigned int nr_pages)
{
	return mage_is_active() && __mage_wait_for_room(memcg, over_limit, nr_pages);
}

/**
 * mage_reclaim() - let the evictors carry out a request for reclaim
 * @memcg: memory cgroup to reclaim from: its limit was lowered, or somebody
 *	wrote to its memory.reclaim
 * @nr_pages: pages to reclaim
 * @reclaimed: set to how many were
 *
 * May sleep, killable.
 *
 * Return: false when @memcg is no domain or its evictors could free nothing:
 * the stock way is next
 */
static inline bool mage_reclaim(struct mem_cgroup *memcg, unsigned long nr_pages,
				unsigned long *reclaimed)
{
	return mage_is_active() && __mage_reclaim(memcg, nr_pages, reclaimed);
}

/**
 * mage_handles_high() - leave an excess over memory.high to the evictors
 * @memcg: memory cgroup of the task that exceeded it
 *
 * Return: true if @memcg belongs to a domain whose evictors make progress
 */
static inline bool mage_handles_high(struct mem_cgroup *memcg)
{
	return mage_is_active() && __mage_handles_high(memcg);
}

/**
 * mage_memcg_offline() - a memory cgroup was removed
 * @memcg: the memory cgroup
 */
static inline void mage_memcg_offline(struct mem_cgroup *memcg)
{
	if (mage_is_active())
		__mage_memcg_offline(memcg);
}

/**
 * mage_in_evictor() - whether the current task is an evictor
 *
 * What an evictor reclaims the stock way counts as background reclaim.
 */
static inline bool mage_in_evictor(void)
{
	return mage_is_active() && __mage_in_evictor();
}

#else /* !CONFIG_MAGE */

static inline bool mage_folio_add(struct folio *folio) { return false; }
static inline bool mage_folio_isolate(struct folio *folio) { return false; }
static inline void mage_folio_free(struct folio *folio) { }
static inline void mage_folio_lazyfree(struct folio *folio) { }
static inline void mage_pte_aged(pte_t pte) { }
static inline u64 mage_swapin_begin(void) { return 0; }
static inline bool mage_is_uncached(struct swap_info_struct *si, swp_entry_t entry)
{
	return false;
}

static inline struct mage_frame *mage_swapin_claim(struct vm_fault *vmf, struct folio *folio,
						   swp_entry_t entry)
{
	return NULL;
}

static inline bool mage_swap_read(struct folio *folio, struct swap_info_struct *si)
{
	return false;
}

static inline bool mage_swapin_keep_slot(struct mage_frame *frame, swp_entry_t entry)
{
	return false;
}

static inline void mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame,
				    struct folio *folio, swp_entry_t entry, u64 begin)
{
}

static inline bool mage_folio_is_managed(struct folio *folio) { return false; }
static inline void mage_folio_hint(struct folio *folio, bool pageout) { }
static inline bool mage_madvise_willneed(struct vm_area_struct *vma, unsigned long start,
					 unsigned long end)
{
	return false;
}

static inline bool mage_wait_for_room(struct mem_cgroup *memcg, struct mem_cgroup *over_limit,
				      unsigned int nr_pages)
{
	return false;
}

static inline bool mage_reclaim(struct mem_cgroup *memcg, unsigned long nr_pages,
				unsigned long *reclaimed)
{
	return false;
}

static inline bool mage_handles_high(struct mem_cgroup *memcg) { return false; }
static inline void mage_memcg_offline(struct mem_cgroup *memcg) { }
static inline bool mage_in_evictor(void) { return false; }
static inline void mage_swapon(struct swap_info_struct *si) { }
static inline void mage_swapoff_begin(struct swap_info_struct *si) { }
static inline void mage_swapoff_drain(struct swap_info_struct *si) { }
static inline void mage_swapoff_abort(struct swap_info_struct *si) { }
static inline void mage_swapoff_end(struct swap_info_struct *si) { }

#endif /* CONFIG_MAGE */
#endif /* _LINUX_MAGE_H */
