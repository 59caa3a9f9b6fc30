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
#include <linux/list.h>
#include <linux/mm_types.h>
#include <linux/nodemask_types.h>
#include <linux/swap.h>

struct lruvec;
struct mage_frame;
struct mem_cgroup;
struct page_ext_operations;
struct swap_info_struct;

/**
 * struct mage_ask - what one pass of reclaim has asked domains for
 * @pages: pages; 0 for nothing
 * @begin: pages that the domains in question had freed before
 * @before: what reclaim had reclaimed in passes before this one
 * @asked: this pass, or one before it, has asked for some
 * @nid: the node of the LRUs that this pass goes to
 */
struct mage_ask {
	unsigned long pages;
	long begin;
	unsigned long before;
	bool asked;
	int nid;
};

/**
 * struct mage_share - what part of a domain's pages reclaim asks for
 * @priority: as in reclaim: all of them, shifted right so often
 * @swappiness: and times this by MAX_SWAPPINESS, unless @priority is 0; none if it is 0
 * @need: pages that reclaim lacks: it asks for no more
 * @low_too: even what memory.low protects
 * @of_all: this walk comes by all memory cgroups, whatever those before gave, so each
 *	is asked for its part of what it would take; else for what is lacking then
 */
struct mage_share {
	int priority;
	int swappiness;
	unsigned long need;
	bool low_too;
	bool of_all;
};

/**
 * enum mage_room - what a charge that did not fit has been given
 * @MAGE_ROOM_NONE: nothing: reclaim
 * @MAGE_ROOM_MADE: there may be room by now: try again
 * @MAGE_ROOM_CHARGED: its pages, which are charged
 */
enum mage_room {
	MAGE_ROOM_NONE,
	MAGE_ROOM_MADE,
	MAGE_ROOM_CHARGED,
};

#ifdef CONFIG_MAGE

DECLARE_STATIC_KEY_FALSE(mage_active);
extern struct page_ext_operations mage_page_ext_ops;

static inline bool mage_is_active(void)
{
	return static_branch_unlikely(&mage_active);
}

bool __mage_folio_add(struct folio *folio);
bool __mage_lruvec_add(struct folio *folio);
bool __mage_lruvec_del(struct folio *folio);
bool __mage_folio_free(struct folio *folio);
bool __mage_folio_returns(struct folio *folio);
unsigned long __mage_lruvec_pages(struct lruvec *lruvec);
void __mage_folio_lazyfree(struct folio *folio);
void __mage_pte_aged(pte_t pte);
u64 __mage_swapin_begin(void);
bool __mage_reads_alone(swp_entry_t entry);
bool __mage_is_uncached(struct swap_info_struct *si, swp_entry_t entry);
struct mage_frame *__mage_swapin_claim(struct folio *folio);
void __mage_swapin_read(struct vm_fault *vmf, struct folio *folio);
bool __mage_swap_read(struct folio *folio, struct swap_info_struct *si);
bool __mage_swapin_in_flight(struct vm_fault *vmf, swp_entry_t entry, vm_fault_t *ret);
bool __mage_give_up_flight(swp_entry_t entry);
bool __mage_swapin_keep_slot(struct mage_frame *frame, struct folio *folio, swp_entry_t entry);
void __mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame, struct folio *folio,
			swp_entry_t entry, u64 begin);
void __mage_folio_hint(struct folio *folio, bool pageout);
bool __mage_madvise_willneed(struct vm_area_struct *vma, unsigned long start,
			     unsigned long end);
enum mage_room __mage_wait_for_room(struct mem_cgroup *memcg, struct mem_cgroup *over_limit,
				    gfp_t gfp_mask, unsigned int nr_pages);
void __mage_drain_reserves(struct mem_cgroup *memcg);
bool __mage_drain_pools(struct mem_cgroup *memcg);
extern bool mage_recycles;
struct folio *__mage_swapin_recycled(struct vm_fault *vmf, swp_entry_t entry);
bool __mage_ask(struct mage_ask *ask, struct mem_cgroup *target, struct lruvec *lruvec,
		const struct mage_share *share);
unsigned long __mage_ask_wait(struct mage_ask *ask, struct mem_cgroup *target,
			      unsigned long need, gfp_t gfp_mask);
unsigned long __mage_ask_last(struct mem_cgroup *target, gfp_t gfp_mask,
			      const nodemask_t *nodemask);
bool __mage_reclaim(struct mem_cgroup *memcg, gfp_t gfp_mask, unsigned long nr_pages,
		    unsigned long *reclaimed);
bool __mage_handles_high(struct mem_cgroup *memcg);
void __mage_memcg_online(struct mem_cgroup *memcg);
void __mage_memcg_offline(struct mem_cgroup *memcg);
void __mage_memcg_released(struct mem_cgroup *memcg);
bool __mage_in_evictor(void);
bool __mage_swap_is_away(struct swap_info_struct *si);
bool __mage_folio_is_stranded(struct folio *folio);
void mage_swapon(struct swap_info_struct *si);
void mage_swapoff_begin(struct swap_info_struct *si);
void mage_swapoff_drain(struct swap_info_struct *si);
void mage_swapoff_abort(struct swap_info_struct *si);
void mage_swapoff_end(struct swap_info_struct *si);

/**
 * mage_folio_is_listed() - whether a folio on the LRU may be on one of Mage's lists
 * @folio: any folio
 *
 * Those have PG_lru set as others have, but their lru links to itself.  No list
 * of stock's makes that, so there is no "no" for a folio that is Mage's.  A "yes"
 * has to be looked at again: the folio's frame tells, under its shard's lock.  A
 * victim, which has PG_lru cleared, is still linked to itself.
 */
static inline bool mage_folio_is_listed(const struct folio *folio)
{
	return mage_is_active() && list_empty(&folio->lru);
}

/**
 * mage_folio_add() - offer a folio to its domain instead of the stock LRU
 * @folio: folio about to be put on the LRU; the caller holds a reference
 *
 * Called by folio_add_lru(), possibly under a page table lock.
 *
 * Return: true if a domain has taken the folio, and has set PG_lru; it must not go on
 * the stock LRU
 */
static inline bool mage_folio_add(struct folio *folio)
{
	return mage_is_active() && __mage_folio_add(folio);
}

/**
 * mage_lruvec_add() - offer a folio to its domain instead of a list of the LRU
 * @folio: folio that comes back from isolation, or is not mlocked any more; the
 *	caller holds the LRU lock, and sets PG_lru before or after
 *
 * Return: true if a domain has taken the folio
 */
static inline bool mage_lruvec_add(struct folio *folio)
{
	return mage_is_active() && __mage_lruvec_add(folio);
}

/**
 * mage_lruvec_del() - take a folio out of its domain, as off a list of the LRU
 * @folio: folio whose PG_lru the caller has cleared, or whose last reference is gone;
 *	the caller holds the LRU lock
 *
 * So migration, MADV_PAGEOUT, mlock() and whoever else isolates folios can work on
 * those of a domain.
 *
 * Return: true if the folio was Mage's
 */
static inline bool mage_lruvec_del(struct folio *folio)
{
	return mage_folio_is_listed(folio) && __mage_lruvec_del(folio);
}

/**
 * mage_folio_free() - the last reference of a folio on the LRU is gone
 * @folio: the folio; any context
 *
 * Return: true if it was Mage's; else it is on the stock LRU, or is being put on a list
 * of either under the LRU lock
 */
static inline bool mage_folio_free(struct folio *folio)
{
	return mage_folio_is_listed(folio) && __mage_folio_free(folio);
}

/**
 * mage_folio_returns() - whether reclaim is to leave a folio to a domain
 * @folio: locked folio of the stock LRU, isolated, about to get a slot
 *
 * Return: true if a domain will take it when it is put back
 */
static inline bool mage_folio_returns(struct folio *folio)
{
	return mage_is_active() && __mage_folio_returns(folio);
}

/**
 * mage_lruvec_pages() - pages that are counted as inactive, but are on Mage's lists
 * @lruvec: the LRU of a memory cgroup, or of a tree of them, on one node
 *
 * Return: pages
 */
static inline unsigned long mage_lruvec_pages(struct lruvec *lruvec)
{
	return mage_is_active() ? __mage_lruvec_pages(lruvec) : 0;
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
 * mage_swap_is_away() - whether no slots are to be taken from a swap area
 * @si: the swap area, with its lock held
 *
 * Return: true if it is a far device that has failed or is suspended
 */
static inline bool mage_swap_is_away(struct swap_info_struct *si)
{
	return mage_is_active() && __mage_swap_is_away(si);
}

/**
 * mage_folio_is_stranded() - whether a folio is bound to a far device that does not answer
 * @folio: locked folio that stock reclaim is about to evict
 *
 * Its slot is given back if nobody but the swap cache has it, so that it can go elsewhere.
 *
 * Return: true if somebody has, or nobody needs the folio any more: it is to be put back
 */
static inline bool mage_folio_is_stranded(struct folio *folio)
{
	return mage_is_active() && folio_test_swapcache(folio) &&
	       __mage_folio_is_stranded(folio);
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
 * mage_swapin_in_flight() - map a page that is being read ahead of its fault, or was
 * @vmf: the fault; no page table lock is held
 * @entry: its entry, on a swap device with a reference, of which the slot was marked as
 *	cached or shared just now
 * @ret: set if it had to be waited for
 *
 * May sleep.
 *
 * Return: true if the fault is over: the page is mapped, or somebody is about to map or drop
 * it, and the thread faults again
 */
static inline bool mage_swapin_in_flight(struct vm_fault *vmf, swp_entry_t entry,
					 vm_fault_t *ret)
{
	return mage_is_active() && __mage_swapin_in_flight(vmf, entry, ret);
}

/**
 * mage_give_up_flight() - drop a page that is read ahead, as it is wanted in the swap cache
 * @entry: its entry, on a swap device with a reference
 *
 * May sleep until it has arrived.
 *
 * Return: true if it was in flight: it was dropped, or somebody else maps or drops it, which
 * was waited for, but for no longer than a tick; the caller looks again
 */
static inline bool mage_give_up_flight(swp_entry_t entry)
{
	return mage_is_active() && __mage_give_up_flight(entry);
}

/**
 * mage_reads_alone() - whether swap entries of its kind are to be read one by one
 * @entry: entry
 *
 * What the area's zeromap says of a slot may change while a page of a domain keeps it,
 * so it need not be the same for many when they are read.
 *
 * Return: true if it is on a far device
 */
static inline bool mage_reads_alone(swp_entry_t entry)
{
	return mage_is_active() && __mage_reads_alone(entry);
}

/**
 * mage_swapin_recycled() - a page that an evictor has emptied, for a swap entry
 * @vmf: the fault
 * @entry: what is to be read into all of the page, which holds what others have left there
 *
 * Return: a small folio as if allocated and charged for @entry; NULL if there is none
 */
static inline struct folio *mage_swapin_recycled(struct vm_fault *vmf, swp_entry_t entry)
{
	return mage_is_active() && READ_ONCE(mage_recycles) ?
	       __mage_swapin_recycled(vmf, entry) : NULL;
}

/**
 * mage_swapin_claim() - take a folio that is being swapped in for Mage
 * @folio: fresh folio, charged, private to the fault
 *
 * Return: NULL, or its frame: then the fault must read the folio by mage_swapin_read(), and
 * must not put it on the LRU, but call mage_swapin_done() once it is mapped
 */
static inline struct mage_frame *mage_swapin_claim(struct folio *folio)
{
	return mage_is_active() ? __mage_swapin_claim(folio) : NULL;
}

/**
 * mage_swapin_read() - read a folio that was claimed, and have others prefetched
 * @vmf: the fault; no page table lock is held
 * @folio: the folio, locked, with folio->swap set
 *
 * Does for it what swap_read_folio() does.  The policy names the others while the
 * folio is on its way.
 */
static inline void mage_swapin_read(struct vm_fault *vmf, struct folio *folio)
{
	__mage_swapin_read(vmf, folio);
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
 *	@entry past the swap cache
 * @folio: that folio; the page table lock is held.  It is locked, or PG_lru is not set yet,
 *	so that nobody picks it
 * @entry: the entry about to be freed
 *
 * Return: true if the frame has taken over the entry's count of one
 */
static inline bool mage_swapin_keep_slot(struct mage_frame *frame, struct folio *folio,
					 swp_entry_t entry)
{
	return __mage_swapin_keep_slot(frame, folio, entry);
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
 * @gfp_mask: what for
 * @nr_pages: pages to charge
 *
 * May sleep, killable; not for long if the allocation may not enter file systems,
 * or the task holds an mmap_lock for writing.
 *
 * Return: MAGE_ROOM_NONE when @memcg belongs to no domain, the limit is not the evictors'
 * affair, the task is dying or they make no progress
 */
static inline enum mage_room mage_wait_for_room(struct mem_cgroup *memcg,
						struct mem_cgroup *over_limit,
						gfp_t gfp_mask, unsigned int nr_pages)
{
	if (!mage_is_active())
		return MAGE_ROOM_NONE;
	return __mage_wait_for_room(memcg, over_limit, gfp_mask, nr_pages);
}

/**
 * mage_drain_reserves() - give back what is charged in advance
 * @memcg: for a memory cgroup and those below it
 */
static inline void mage_drain_reserves(struct mem_cgroup *memcg)
{
	if (mage_is_active())
		__mage_drain_reserves(memcg);
}

/**
 * mage_drain_pools() - give back what is charged for faults to come
 * @memcg: a memory cgroup that is at its limit, for what is charged to it and those below it
 *
 * Does not sleep.  Not from interrupts.
 *
 * Return: true if there was something, so that there may be room
 */
static inline bool mage_drain_pools(struct mem_cgroup *memcg)
{
	return mage_is_active() && __mage_drain_pools(memcg);
}

/**
 * mage_ask() - ask the domain of an LRU for pages
 * @ask: what this pass has asked for; zeroed before the first
 * @target: memory cgroup that reclaim is for, NULL for the whole machine
 * @lruvec: LRU of a memory cgroup below it
 * @share: how many pages
 *
 * Return: true if memory.low has kept some back
 */
static inline bool mage_ask(struct mage_ask *ask, struct mem_cgroup *target,
			    struct lruvec *lruvec, const struct mage_share *share)
{
	return mage_is_active() && __mage_ask(ask, target, lruvec, share);
}

/**
 * mage_ask_wait() - wait for the pages that were asked for
 * @ask: what was asked for; nothing afterwards
 * @target: as for mage_ask()
 * @need: pages that are enough
 * @gfp_mask: with __GFP_IO the caller may wait: 20 ms, or 100 ms if it is kswapd
 *
 * Return: pages freed since the first of them was asked for, no more than were, nor
 * than @need
 */
static inline unsigned long mage_ask_wait(struct mage_ask *ask, struct mem_cgroup *target,
					  unsigned long need, gfp_t gfp_mask)
{
	return mage_is_active() && ask->pages ? __mage_ask_wait(ask, target, need, gfp_mask) : 0;
}

/**
 * mage_ask_last() - reclaim is about to give up
 * @ask: what was asked for; if nothing was, nothing is waited for
 * @target: as for mage_ask()
 * @gfp_mask: with __GFP_FS, and without __GFP_NORETRY, the caller may wait
 * @nodemask: nodes that pages are wanted of, NULL for any
 *
 * Waits, killable, until a page is freed, no domain can free one, or there was none for
 * 10 s; for 60 s while pages are on their way, and for 100 ms if somebody has
 * waited in vain lately.
 *
 * Return: pages freed
 */
static inline unsigned long mage_ask_last(const struct mage_ask *ask, struct mem_cgroup *target,
					  gfp_t gfp_mask, const nodemask_t *nodemask)
{
	return mage_is_active() && ask->asked ? __mage_ask_last(target, gfp_mask, nodemask) : 0;
}

/**
 * mage_reclaim() - let the evictors carry out a request for reclaim
 * @memcg: memory cgroup to reclaim from: its limit was lowered, or somebody
 *	wrote to its memory.reclaim
 * @gfp_mask: what for
 * @nr_pages: pages to reclaim
 * @reclaimed: set to how many were
 *
 * May sleep, killable.
 *
 * Return: false when it is not for domains to give, or the evictors could free
 * nothing: the stock way is next
 */
static inline bool mage_reclaim(struct mem_cgroup *memcg, gfp_t gfp_mask,
				unsigned long nr_pages, unsigned long *reclaimed)
{
	return mage_is_active() && __mage_reclaim(memcg, gfp_mask, nr_pages, reclaimed);
}

/**
 * mage_handles_high() - leave an excess over memory.high to the evictors
 * @memcg: memory cgroup of the task that exceeded it, or that is below one that did
 *
 * Return: true if @memcg belongs to a domain, its evictors make progress, no excess is
 * more than they keep free, and there is none over memory.swap.high
 */
static inline bool mage_handles_high(struct mem_cgroup *memcg)
{
	return mage_is_active() && __mage_handles_high(memcg);
}

/**
 * mage_memcg_online() - a memory cgroup was made
 * @memcg: the memory cgroup; the cgroup mutex is held
 *
 * Below a governed one it gets lists of its own.
 */
static inline void mage_memcg_online(struct mem_cgroup *memcg)
{
	if (mage_is_active())
		__mage_memcg_online(memcg);
}

/**
 * mage_memcg_offline() - a memory cgroup was removed
 * @memcg: the memory cgroup
 *
 * If a policy is attached to it that ends.  Pages may be left.
 */
static inline void mage_memcg_offline(struct mem_cgroup *memcg)
{
	if (mage_is_active())
		__mage_memcg_offline(memcg);
}

/**
 * mage_memcg_released() - a memory cgroup that was removed has no pages any more
 * @memcg: the memory cgroup; it is freed after a grace period
 */
static inline void mage_memcg_released(struct mem_cgroup *memcg)
{
	if (mage_is_active())
		__mage_memcg_released(memcg);
}

/**
 * mage_in_evictor() - whether the current task is an evictor, or a work beside them
 *
 * What these reclaim the stock way counts as background reclaim.
 */
static inline bool mage_in_evictor(void)
{
	return mage_is_active() && __mage_in_evictor();
}

#else /* !CONFIG_MAGE */

static inline bool mage_folio_is_listed(const struct folio *folio) { return false; }
static inline bool mage_folio_add(struct folio *folio) { return false; }
static inline bool mage_lruvec_add(struct folio *folio) { return false; }
static inline bool mage_lruvec_del(struct folio *folio) { return false; }
static inline bool mage_folio_free(struct folio *folio) { return false; }
static inline bool mage_folio_returns(struct folio *folio) { return false; }
static inline unsigned long mage_lruvec_pages(struct lruvec *lruvec) { return 0; }
static inline void mage_folio_lazyfree(struct folio *folio) { }
static inline void mage_pte_aged(pte_t pte) { }
static inline u64 mage_swapin_begin(void) { return 0; }
static inline bool mage_reads_alone(swp_entry_t entry) { return false; }
static inline bool mage_is_uncached(struct swap_info_struct *si, swp_entry_t entry)
{
	return false;
}

static inline bool mage_swapin_in_flight(struct vm_fault *vmf, swp_entry_t entry,
					 vm_fault_t *ret)
{
	return false;
}

static inline bool mage_give_up_flight(swp_entry_t entry) { return false; }
static inline struct folio *mage_swapin_recycled(struct vm_fault *vmf, swp_entry_t entry)
{
	return NULL;
}

static inline struct mage_frame *mage_swapin_claim(struct folio *folio) { return NULL; }
static inline void mage_swapin_read(struct vm_fault *vmf, struct folio *folio) { }
static inline bool mage_swap_read(struct folio *folio, struct swap_info_struct *si)
{
	return false;
}

static inline bool mage_swapin_keep_slot(struct mage_frame *frame, struct folio *folio,
					 swp_entry_t entry)
{
	return false;
}

static inline void mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame,
				    struct folio *folio, swp_entry_t entry, u64 begin)
{
}

static inline void mage_folio_hint(struct folio *folio, bool pageout) { }
static inline bool mage_madvise_willneed(struct vm_area_struct *vma, unsigned long start,
					 unsigned long end)
{
	return false;
}

static inline enum mage_room mage_wait_for_room(struct mem_cgroup *memcg,
						struct mem_cgroup *over_limit,
						gfp_t gfp_mask, unsigned int nr_pages)
{
	return MAGE_ROOM_NONE;
}

static inline void mage_drain_reserves(struct mem_cgroup *memcg) { }
static inline bool mage_drain_pools(struct mem_cgroup *memcg) { return false; }

static inline bool mage_ask(struct mage_ask *ask, struct mem_cgroup *target,
			    struct lruvec *lruvec, const struct mage_share *share)
{
	return false;
}

static inline unsigned long mage_ask_wait(struct mage_ask *ask, struct mem_cgroup *target,
					  unsigned long need, gfp_t gfp_mask)
{
	return 0;
}

static inline unsigned long mage_ask_last(const struct mage_ask *ask, struct mem_cgroup *target,
					  gfp_t gfp_mask, const nodemask_t *nodemask)
{
	return 0;
}

static inline bool mage_reclaim(struct mem_cgroup *memcg, gfp_t gfp_mask,
				unsigned long nr_pages, unsigned long *reclaimed)
{
	return false;
}

static inline bool mage_handles_high(struct mem_cgroup *memcg) { return false; }
static inline void mage_memcg_online(struct mem_cgroup *memcg) { }
static inline void mage_memcg_offline(struct mem_cgroup *memcg) { }
static inline void mage_memcg_released(struct mem_cgroup *memcg) { }
static inline bool mage_in_evictor(void) { return false; }
static inline bool mage_swap_is_away(struct swap_info_struct *si) { return false; }
static inline bool mage_folio_is_stranded(struct folio *folio) { return false; }
static inline void mage_swapon(struct swap_info_struct *si) { }
static inline void mage_swapoff_begin(struct swap_info_struct *si) { }
static inline void mage_swapoff_drain(struct swap_info_struct *si) { }
static inline void mage_swapoff_abort(struct swap_info_struct *si) { }
static inline void mage_swapoff_end(struct swap_info_struct *si) { }

#endif /* CONFIG_MAGE */
#endif /* _LINUX_MAGE_H */
