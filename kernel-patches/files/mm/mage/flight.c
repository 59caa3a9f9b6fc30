// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: flights, pages that are read ahead of the threads that will touch them.
 *
 * The slot of a page in flight is marked SWAP_HAS_CACHE, as a fault marks that of the page
 * that it reads, and there is no folio in the swap cache.  So nobody else reads the slot, and
 * nobody gets it, whatever becomes of the page table entry.  docs/flights.md says who looks at
 * the mark and what he makes of it, and which locks there are.
 *
 * A page leaves its flight in one way of two: a fault maps it (land.c), or it is dropped, and
 * then its page table entry is as if it had never been read.  Whoever takes it, by its bit in
 * @taken, does that and then releases it: it is found no more, and the mark goes.
 */
#include <linux/bitops.h>
#include <linux/cleanup.h>
#include <linux/delayacct.h>
#include <linux/hash.h>
#include <linux/init.h>
#include <linux/jiffies.h>
#include <linux/ktime.h>
#include <linux/memcontrol.h>
#include <linux/overflow.h>
#include <linux/percpu-refcount.h>
#include <linux/processor.h>
#include <linux/rcupdate.h>
#include <linux/rmap.h>
#include <linux/sched.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/swap.h>
#include <linux/swapfile.h>
#include <linux/swapops.h>
#include <linux/vmstat.h>
#include <linux/workqueue.h>
#include "../internal.h"
#include "../swap.h"
#include "flight.h"
#include "disk.h"
#include "domain.h"
#include "knobs.h"
#include "limit.h"
#include "read.h"
#include "recycle.h"
#include "room.h"

/* Pages of a domain that are in flight, at most; and of its limit this part. */
#define MAGE_FLYING_MAX		1024L
#define MAGE_FLYING_OF_LIMIT	16

/* With less room than this part of the headroom none start; what has arrived is dropped. */
#define MAGE_FLIGHTS_START	4
#define MAGE_FLIGHTS_SHED	8

/* The first look for what is to be dropped comes no later; the next ones in half of that. */
#define MAGE_FLIGHTS_LOOK	(HZ / 10UL)

/* A read that takes as long as that never ends, by all experience. */
#define MAGE_FLIGHT_OVERDUE	(30 * HZ)

/* Flights that a dropper looks at under one hold of the lock. */
#define MAGE_FLIGHTS_HOLD	16

/* Marks are taken off in runs that do not cross a multiple of it: so of a swap cluster, either. */
#define MAGE_MARK_RUN		64

/* Buckets, by the power of two. */
#define MAGE_FLIGHT_BUCKETS	10

/**
 * struct mage_flight_bucket - pages in flight, by slot
 * @lock: protects @pages; a leaf, never taken in interrupts
 * @pages: by @hash
 */
struct mage_flight_bucket {
	spinlock_t lock;	/* pages */
	struct hlist_head pages;
};

static struct mage_flight_bucket mage_flight_buckets[1 << MAGE_FLIGHT_BUCKETS];

/*
 * Protects the lists of flights, that of all and those of domains, and how far passes through
 * them are; a leaf, never taken in interrupts.
 */
static DEFINE_SPINLOCK(mage_flights_lock);
static LIST_HEAD(mage_flights);
static unsigned long mage_flights_pass;

/* Drops what is too old.  A rescuer has it run while there is no memory for threads. */
static struct workqueue_struct *mage_flights_wq;
static void mage_flights_reap(struct work_struct *work);
static DECLARE_DELAYED_WORK(mage_flights_work, mage_flights_reap);

/**
 * mage_vma_pte() - the page table entry of an address
 * @vma: its mapping, which the caller has locked, and so keeps its page tables
 * @address: address in it
 *
 * Return: what it is at some moment; none where there is no page table
 */
pte_t mage_vma_pte(struct vm_area_struct *vma, unsigned long address)
{
	pmd_t *pmd = mm_find_pmd(vma->vm_mm, address);
	pte_t *pte = pmd ? pte_offset_map(pmd, address) : NULL;
	pte_t value = __pte(0);

	if (pte) {
		value = ptep_get_lockless(pte);
		pte_unmap(pte);
	}
	return value;
}

/**
 * mage_pte_is_far() - whether a page table entry says that its page is on a far device
 * @pte: the entry
 * @entry: which slot it is in then
 */
bool mage_pte_is_far(pte_t pte, swp_entry_t *entry)
{
	if (!is_swap_pte(pte))
		return false;
	*entry = pte_to_swp_entry(pte);
	return !non_swap_entry(*entry) && mage_disk_of_type(swp_type(*entry));
}

/* What has arrived and is not mapped after so long is dropped, at the next look for such. */
static unsigned long mage_flight_lasts(void)
{
	return msecs_to_jiffies(READ_ONCE(mage_knobs.flight_ms));
}

/* When the first look is due; the knob may be turned down before that. */
static unsigned long mage_flights_look_in(void)
{
	return clamp(mage_flight_lasts(), 2UL, MAGE_FLIGHTS_LOOK);
}

static struct mage_flight_bucket *mage_flight_bucket(swp_entry_t entry)
{
	return &mage_flight_buckets[hash_64(entry.val, MAGE_FLIGHT_BUCKETS)];
}

static void mage_flight_hash(struct mage_flight_page *page)
{
	struct mage_flight_bucket *bucket = mage_flight_bucket(page->entry);

	spin_lock(&bucket->lock);
	hlist_add_head(&page->hash, &bucket->pages);
	spin_unlock(&bucket->lock);
}

static void mage_flight_unhash(struct mage_flight_page *page)
{
	struct mage_flight_bucket *bucket = mage_flight_bucket(page->entry);

	spin_lock(&bucket->lock);
	hlist_del(&page->hash);
	spin_unlock(&bucket->lock);
}

/**
 * mage_flight_find() - the flight that a page is in
 * @entry: its swap entry
 * @index: set to its number in it
 *
 * Return: the flight, with a reference; NULL if it is in none
 */
struct mage_flight *mage_flight_find(swp_entry_t entry, unsigned int *index)
{
	struct mage_flight_bucket *bucket = mage_flight_bucket(entry);
	struct mage_flight *flight = NULL;
	struct mage_flight_page *page;

	spin_lock(&bucket->lock);
	hlist_for_each_entry(page, &bucket->pages, hash) {
		if (page->entry.val != entry.val)
			continue;
		/* It is not released, so there is at least the reference for that. */
		flight = page->flight;
		*index = page - flight->page;
		refcount_inc(&flight->refs);
		break;
	}
	spin_unlock(&bucket->lock);
	return flight;
}

/**
 * mage_flight_put() - drop a reference to a flight
 * @flight: the flight; any context
 */
void mage_flight_put(struct mage_flight *flight)
{
	if (refcount_dec_and_test(&flight->refs))
		kfree(flight);
}

/* The backend says that pages are final. */
static void mage_flight_arrived(struct mage_read_batch *batch, unsigned int nr)
{
	struct mage_flight *flight = container_of(batch, struct mage_flight, batch);
	bool last = nr == batch->nr;

	/* Pairs with mage_flight_has_arrived(). */
	smp_store_release(&flight->arrived, nr);
	if (wq_has_sleeper(&flight->wait))
		wake_up_all(&flight->wait);
	if (last)
		mage_flight_put(flight);
}

/* Whether there is nothing to wait for: those that the backend has not accepted are taken. */
static bool mage_flight_is_final(const struct mage_flight *flight, unsigned int index)
{
	return mage_flight_has_arrived(flight, index) || test_bit(index, &flight->taken);
}

/* Has reads that never end by themselves be ended; the device may be about to go. */
static void mage_flight_overdue(struct mage_flight *flight, unsigned int index)
{
	struct swap_info_struct *si = get_swap_device(flight->page[index].entry);
	struct mage_device *dev = &flight->disk->dev;

	if (!si)
		return;
	if (mage_disk_of_type(si->type) == flight->disk && !mage_flight_is_final(flight, index) &&
	    dev->ops->overdue_reads)
		dev->ops->overdue_reads(dev);
	put_swap_device(si);
}

static bool mage_flight_poll(struct mage_flight *flight, unsigned int index, bool sleeps)
{
	struct mage_device *dev = &flight->disk->dev;

	if (dev->ops->poll_reads)
		dev->ops->poll_reads(dev, flight->queue, sleeps);
	return mage_flight_is_final(flight, index);
}

/* Polls for as long as the backend finds sensible. */
static bool mage_flight_spin(struct mage_flight *flight, unsigned int index)
{
	u32 spin_ns = READ_ONCE(flight->disk->dev.read_spin_ns);
	u64 end = ktime_get_ns() + spin_ns;

	if (!spin_ns)
		return false;
	do {
		if (mage_flight_poll(flight, index, false))
			return true;
		cpu_relax();
	} while (ktime_get_ns() < end);
	return false;
}

/**
 * mage_flight_await() - wait until a page has arrived, or somebody has taken it
 * @flight: its flight
 * @index: its number
 *
 * The caller has a reference to its swap area, so that the device stays.  May sleep.
 */
void mage_flight_await(struct mage_flight *flight, unsigned int index)
{
	int token;

	if (mage_flight_is_final(flight, index))
		return;
	delayacct_swapin_start();
	if (!mage_flight_spin(flight, index) && !mage_flight_poll(flight, index, true)) {
		token = io_schedule_prepare();
		while (!wait_event_timeout(flight->wait, mage_flight_is_final(flight, index),
					   MAGE_FLIGHT_OVERDUE))
			mage_flight_overdue(flight, index);
		io_schedule_finish(token);
	}
	delayacct_swapin_end();
}

/**
 * mage_flight_take() - take a page out of its flight
 * @flight: the flight
 * @index: its number
 *
 * Return: true if it had arrived and nobody else has it: then it is the caller's to map or
 * to free, and to release
 */
bool mage_flight_take(struct mage_flight *flight, unsigned int index)
{
	return mage_flight_has_arrived(flight, index) &&
	       !test_and_set_bit(index, &flight->taken);
}

/**
 * mage_flight_untake() - give pages back to their flight
 * @flight: the flight, with a reference
 * @pages: by bit; the caller has taken them, and done nothing to them
 */
void mage_flight_untake(struct mage_flight *flight, unsigned long pages)
{
	for (; pages; pages &= pages - 1)
		clear_bit_unlock(__ffs(pages), &flight->taken);
}

/* The last page is released: nobody finds the flight any more. */
static void mage_flight_over(struct mage_flight *flight)
{
	struct mage_domain *domain = flight->domain;

	spin_lock(&mage_flights_lock);
	list_del(&flight->all);
	list_del(&flight->of_domain);
	spin_unlock(&mage_flights_lock);
	/* Who reads it under RCU may go on to use the domain, which is freed after that. */
	WRITE_ONCE(flight->domain, NULL);
	mage_domain_put(domain);
	mage_flight_put(flight);
}

/* Takes the marks off slots; those side by side at once. */
static void mage_flight_unmark(struct mage_flight *flight, unsigned long pages)
{
	unsigned int first, next;

	for (first = 0; first < flight->nr; first = next) {
		swp_entry_t entry = flight->page[first].entry;

		next = first + 1;
		if (!(pages & BIT(first)))
			continue;
		while (next < flight->nr && pages & BIT(next) &&
		       flight->page[next].entry.val == entry.val + next - first &&
		       (swp_offset(entry) + next - first) % MAGE_MARK_RUN)
			next++;
		swapcache_clear(swp_swap_info(entry), entry, next - first);
	}
}

/**
 * mage_flight_release() - the end of pages that somebody took
 * @flight: their flight, with a reference
 * @pages: by bit; they are mapped, or freed.  No page table is locked
 *
 * First they are found no more, then the marks go: after that a slot may be given to others,
 * and be in flight again.
 */
void mage_flight_release(struct mage_flight *flight, unsigned long pages)
{
	unsigned int nr = hweight_long(pages);
	unsigned long bits = pages;

	if (!nr)
		return;
	for (; bits; bits &= bits - 1)
		mage_flight_unhash(&flight->page[__ffs(bits)]);
	atomic_sub(nr, &flight->domain->flying);
	/* The marks may be all that keeps slots, and so swapoff, from being over. */
	rcu_read_lock();
	mage_flight_unmark(flight, pages);
	rcu_read_unlock();
	swapcache_wake();
	if (atomic_sub_and_test(nr, &flight->left))
		mage_flight_over(flight);
}

static void mage_flight_count_dropped(struct mage_flight *flight, unsigned int index)
{
	struct mage_stats __percpu *stats = flight->domain->stats;
	int err = flight->io[index].error;

	if (!err) {
		mage_count(stats, MAGE_STAT_PREFETCHED);
		mage_count(stats, MAGE_STAT_PREFETCH_WASTE);
	} else if (!mage_read_was_given_up(err)) {
		mage_count(stats, MAGE_STAT_READ_ERRORS);
		atomic_long_inc(&flight->disk->read_errors);
	}
}

/* Frees pages that the caller has taken; what was read well was prefetched in vain. */
static void mage_flight_free(struct mage_flight *flight, unsigned long pages)
{
	unsigned long bits;

	for (bits = pages; bits; bits &= bits - 1) {
		unsigned int i = __ffs(bits);

		mage_flight_count_dropped(flight, i);
		folio_put(mage_flight_folio(flight, i));
	}
	/* Before the release, which may be the end of its reference to the domain. */
	if (pages)
		mage_room_given(flight->domain);
}

/**
 * mage_flight_drop_taken() - free pages that the caller has taken, and release them
 * @flight: their flight, with a reference
 * @pages: by bit
 */
void mage_flight_drop_taken(struct mage_flight *flight, unsigned long pages)
{
	mage_flight_free(flight, pages);
	mage_flight_release(flight, pages);
}

/* Drops what has arrived and nobody has: there is room for that then. */
static unsigned int mage_flight_drop(struct mage_flight *flight)
{
	unsigned long pages = 0;
	unsigned int i;

	for (i = 0; i < flight->nr && mage_flight_has_arrived(flight, i); i++)
		if (!test_bit(i, &flight->taken) && mage_flight_take(flight, i))
			pages |= BIT(i);
	mage_flight_drop_taken(flight, pages);
	return hweight_long(pages);
}

/**
 * struct mage_flights_of - flights that are to be dropped
 * @domain: of which domain, NULL for any
 * @type: if of any domain, of which swap type, MAX_SWAPFILES for any
 * @until: if of any domain, those that took off then or before, jiffies
 */
struct mage_flights_of {
	struct mage_domain *domain;
	unsigned int type;
	unsigned long until;
};

/* Some flights of a domain, which go to the end of its list; under mage_flights_lock. */
static unsigned int mage_flights_get_of_domain(struct mage_domain *domain, unsigned long pass,
					       struct mage_flight **some)
{
	struct mage_flight *flight;
	unsigned int nr;

	for (nr = 0; nr < MAGE_FLIGHTS_HOLD; nr++) {
		flight = list_first_entry_or_null(&domain->flights, struct mage_flight, of_domain);
		/*
		 * What a later pass has met was met after this one began.  All behind it
		 * was moved there, or took off, since then.
		 */
		if (!flight || time_after_eq(flight->domain_pass, pass))
			break;
		flight->domain_pass = pass;
		list_move_tail(&flight->of_domain, &domain->flights);
		refcount_inc(&flight->refs);
		some[nr] = flight;
	}
	return nr;
}

/* Some flights of any domain, the oldest first; under mage_flights_lock. */
static unsigned int mage_flights_get_of_any(const struct mage_flights_of *of,
					    unsigned long pass, struct mage_flight **some)
{
	struct mage_flight *flight;
	unsigned int nr = 0;

	list_for_each_entry(flight, &mage_flights, all) {
		if (nr == MAGE_FLIGHTS_HOLD || time_after(flight->begun, of->until))
			break;
		/* As above. */
		if (time_after_eq(flight->pass, pass) ||
		    (of->type != MAX_SWAPFILES && of->type != swp_type(flight->page[0].entry)))
			continue;
		flight->pass = pass;
		refcount_inc(&flight->refs);
		some[nr++] = flight;
	}
	return nr;
}

/* Some flights that this pass has not met yet, with references. */
static unsigned int mage_flights_get(const struct mage_flights_of *of, unsigned long pass,
				     struct mage_flight **some)
{
	unsigned int nr;

	spin_lock(&mage_flights_lock);
	nr = of->domain ? mage_flights_get_of_domain(of->domain, pass, some) :
			  mage_flights_get_of_any(of, pass, some);
	spin_unlock(&mage_flights_lock);
	return nr;
}

static unsigned long mage_flights_drop(const struct mage_flights_of *of)
{
	struct mage_flight *some[MAGE_FLIGHTS_HOLD];
	unsigned long pass, dropped = 0;
	unsigned int i, nr;

	spin_lock(&mage_flights_lock);
	pass = ++mage_flights_pass;
	spin_unlock(&mage_flights_lock);
	do {
		nr = mage_flights_get(of, pass, some);
		for (i = 0; i < nr; i++) {
			dropped += mage_flight_drop(some[i]);
			mage_flight_put(some[i]);
		}
		cond_resched();
	} while (nr);
	return dropped;
}

/**
 * mage_flights_drop_of_domain() - drop what has arrived for a domain
 * @domain: the domain
 *
 * Return: how many pages
 */
unsigned long mage_flights_drop_of_domain(struct mage_domain *domain)
{
	struct mage_flights_of of = {
		.domain = domain,
	};

	return atomic_read(&domain->flying) ? mage_flights_drop(&of) : 0;
}

/**
 * mage_flights_drop_of_type() - drop what has arrived from a swap area
 * @type: its type
 */
void mage_flights_drop_of_type(unsigned int type)
{
	struct mage_flights_of of = { .type = type, .until = jiffies };

	mage_flights_drop(&of);
}

/* Whether a domain has less room than a part of what its evictors aim for. */
static bool mage_flights_have_less(struct mage_domain *domain, long part)
{
	return mage_domain_room(domain) < (long)mage_domain_headroom(domain) / part;
}

/**
 * mage_flights_shed() - drop what has arrived if its room is needed
 * @domain: the domain, of which an evictor is about to take pages
 *
 * That begins well below the room that flights start with, or what has just been read would
 * be dropped, and read again.
 */
void mage_flights_shed(struct mage_domain *domain)
{
	if (!atomic_read(&domain->flying))
		return;
	if (mage_room_is_awaited(domain) || mage_flights_have_less(domain, MAGE_FLIGHTS_SHED))
		mage_flights_drop_of_domain(domain);
}

/**
 * mage_flights_may_start() - how many pages more may be in flight for a domain
 * @domain: the domain; under RCU
 *
 * Return: pages, 0 or less for none
 */
long mage_flights_may_start(struct mage_domain *domain)
{
	long most = MAGE_FLYING_MAX;

	if (mage_room_is_awaited(domain) || !mage_machine_has_room() ||
	    mage_flights_have_less(domain, MAGE_FLIGHTS_START))
		return 0;
	most = min3(most, (long)(mage_domain_limit(domain) / MAGE_FLYING_OF_LIMIT),
		    mage_domain_room(domain) / 2);
	return most - atomic_read(&domain->flying);
}

/* Whether the backend has pages of a flight, by the number of the first, and can end that. */
static bool mage_flight_can_end(const struct mage_flight *flight, unsigned int *index)
{
	/*
	 * A page that has not arrived has its mark, so swapoff is not over: it waits for a
	 * grace period before the device can go.
	 */
	guard(rcu)();
	*index = READ_ONCE(flight->arrived);
	return *index < READ_ONCE(flight->batch.nr) && flight->disk->dev.ops->overdue_reads;
}

/*
 * The oldest flight that is overdue, and can be ended.  Once each: a backend that does not
 * end it would keep those of the others from being looked at.
 */
static struct mage_flight *mage_flights_get_overdue(unsigned int *index)
{
	struct mage_flight *flight, *found = NULL;

	spin_lock(&mage_flights_lock);
	list_for_each_entry(flight, &mage_flights, all) {
		if (!time_after(jiffies, flight->begun + MAGE_FLIGHT_OVERDUE))
			break;
		if (!flight->told && mage_flight_can_end(flight, index)) {
			flight->told = true;
			refcount_inc(&flight->refs);
			found = flight;
			break;
		}
	}
	spin_unlock(&mage_flights_lock);
	return found;
}

static bool mage_flights_are_left(void)
{
	bool left;

	spin_lock(&mage_flights_lock);
	left = !list_empty(&mage_flights);
	spin_unlock(&mage_flights_lock);
	return left;
}

static void mage_flights_reap(struct work_struct *work)
{
	struct mage_flights_of of = {
		.type = MAX_SWAPFILES,
		.until = jiffies - mage_flight_lasts(),
	};
	struct mage_flight *overdue;
	unsigned int index;

	mage_flights_drop(&of);
	overdue = mage_flights_get_overdue(&index);
	if (overdue) {
		mage_flight_overdue(overdue, index);
		mage_flight_put(overdue);
	}
	if (mage_flights_are_left())
		queue_delayed_work(mage_flights_wq, &mage_flights_work,
				   mage_flights_look_in() / 2);
}

static struct mage_flight *mage_flight_alloc(struct mage_domain *domain, struct mage_disk *disk,
					     unsigned int nr)
{
	size_t head = struct_size_t(struct mage_flight, page, nr);
	struct mage_flight *flight = kmalloc(size_add(head, array_size(nr, sizeof(struct mage_io))),
					     GFP_NOWAIT | __GFP_NOWARN);

	if (!flight)
		return NULL;
	flight->io = (void *)flight + head;
	flight->domain = domain;
	flight->disk = disk;
	/* As many as there is place for, until it takes off. */
	flight->nr = nr;
	return flight;
}

/**
 * enum mage_boarding - what became of a page that is to go on a flight
 * @MAGE_BOARDED: it is there
 * @MAGE_BOARDS_NOT: it has to be had in another way
 * @MAGE_NEED_NOT_BOARD: it need not be had: it is on its way, or local, or gone
 * @MAGE_BOARDING_ENDS: there is no memory for it, so for none
 */
enum mage_boarding {
	MAGE_BOARDED,
	MAGE_BOARDS_NOT,
	MAGE_NEED_NOT_BOARD,
	MAGE_BOARDING_ENDS,
};

/* Takes the mark off a slot that does not fly; whoever has met it is woken. */
static void mage_flight_give_way(struct swap_info_struct *si, swp_entry_t entry)
{
	swapcache_clear(si, entry, 1);
	swapcache_wake();
}

/*
 * Marks the slot of a page, if it has one owner, and is what has to be read.  Between the
 * look at the page table and the mark the slot may have become another's: so there is
 * another look.  After that the slot is that of this entry as long as it is marked.
 */
static enum mage_boarding mage_flight_mark(struct swap_info_struct *si,
					   struct vm_area_struct *vma, unsigned long address,
					   swp_entry_t *entry)
{
	enum mage_boarding not = MAGE_NEED_NOT_BOARD;
	unsigned char count;
	pgoff_t slot;
	pte_t pte;

	if (!mage_pte_is_far(mage_vma_pte(vma, address), entry))
		return MAGE_NEED_NOT_BOARD;
	if (swp_type(*entry) != si->type)
		return MAGE_BOARDS_NOT;
	slot = swp_offset(*entry);
	count = READ_ONCE(si->swap_map[slot]);
	/* Its one owner has it read: another flight, or a fault. */
	if (count == (SWAP_HAS_CACHE | 1))
		return MAGE_NEED_NOT_BOARD;
	if (count != 1)
		return MAGE_BOARDS_NOT;
	if (swapcache_prepare(*entry, 1))
		return MAGE_NEED_NOT_BOARD;
	pte = mage_vma_pte(vma, address);
	if (is_swap_pte(pte) && pte_to_swp_entry(pte).val == entry->val) {
		if (READ_ONCE(si->swap_map[slot]) == (SWAP_HAS_CACHE | 1) &&
		    !test_bit(slot, si->zeromap) && !zswap_holds(*entry))
			return MAGE_BOARDED;
		not = MAGE_BOARDS_NOT;
	}
	mage_flight_give_way(si, *entry);
	return not;
}

static struct folio *mage_flight_alloc_folio(struct vm_area_struct *vma, unsigned long address,
					     swp_entry_t entry)
{
	const gfp_t gfp = (GFP_HIGHUSER_MOVABLE & ~__GFP_RECLAIM) | __GFP_NOWARN |
			  __GFP_NOMEMALLOC;
	struct folio *folio = mage_recycled_page(vma, entry);

	if (folio)
		return folio;
	folio = vma_alloc_folio(gfp, 0, vma, address, false);
	if (!folio)
		return NULL;
	/* To the cgroup that the slot is charged to. */
	if (mem_cgroup_swapin_charge_folio(folio, vma->vm_mm, gfp, entry)) {
		folio_put(folio);
		return NULL;
	}
	return folio;
}

static enum mage_boarding mage_flight_board(struct mage_flight *flight, unsigned int at,
					    struct vm_area_struct *vma, unsigned long address)
{
	struct swap_info_struct *si = flight->disk->si;
	enum mage_boarding boarding;
	struct folio *folio;
	swp_entry_t entry;

	boarding = mage_flight_mark(si, vma, address, &entry);
	if (boarding != MAGE_BOARDED)
		return boarding;
	folio = mage_flight_alloc_folio(vma, address, entry);
	if (!folio) {
		mage_flight_give_way(si, entry);
		return MAGE_BOARDING_ENDS;
	}
	/* Its slot is another cgroup's, of which the domain that was asked has no say. */
	if (mage_domain_of(folio_memcg(folio)) != flight->domain) {
		folio_put(folio);
		mage_flight_give_way(si, entry);
		return MAGE_BOARDS_NOT;
	}
	flight->page[at].flight = flight;
	flight->page[at].entry = entry;
	flight->page[at].address = address;
	flight->io[at].page = folio_page(folio, 0);
	flight->io[at].slot = swp_offset(entry);
	flight->io[at].error = 0;
	return MAGE_BOARDED;
}

/* Others find it from here on. */
static void mage_flight_announce(struct mage_flight *flight)
{
	unsigned int i;

	atomic_add(flight->nr, &flight->domain->flying);
	spin_lock(&mage_flights_lock);
	/* Here, so that the list is by age. */
	flight->begun = jiffies;
	flight->pass = mage_flights_pass;
	flight->domain_pass = mage_flights_pass;
	list_add_tail(&flight->all, &mage_flights);
	list_add_tail(&flight->of_domain, &flight->domain->flights);
	spin_unlock(&mage_flights_lock);
	for (i = 0; i < flight->nr; i++)
		mage_flight_hash(&flight->page[i]);
	/* Who has met a mark since it was set waits for the page in the flight. */
	swapcache_wake();
	if (!delayed_work_pending(&mage_flights_work))
		queue_delayed_work(mage_flights_wq, &mage_flights_work, mage_flights_look_in());
}

/*
 * Posts the reads.  What the backend has no room for is dropped: it never arrives, so that
 * nobody else can take it.
 */
static unsigned int mage_flight_take_off(struct mage_flight *flight)
{
	struct mage_device *dev = &flight->disk->dev;
	unsigned int i, nr = flight->nr, accepted;
	unsigned long refused = 0;

	/* With the caller's, which lasts until the end of this. */
	accepted = dev->ops->submit_reads(dev, flight->queue, &flight->batch, false);
	/* The backend has not had its reference then. */
	if (!accepted)
		mage_flight_put(flight);
	for (i = accepted; i < nr; i++) {
		flight->io[i].error = -EAGAIN;
		set_bit(i, &flight->taken);
		refused |= BIT(i);
	}
	if (refused) {
		/* Pairs with the look of who is about to sleep. */
		smp_mb__after_atomic();
		wake_up_all(&flight->wait);
		mage_flight_drop_taken(flight, refused);
	}
	return accepted;
}

static unsigned int mage_flight_go(struct mage_flight *flight, struct mm_struct *mm,
				   unsigned int nr)
{
	flight->batch.nr = nr;
	flight->batch.io = flight->io;
	flight->batch.arrived = mage_flight_arrived;
	flight->mm = mm;
	refcount_set(&flight->refs, 3);
	flight->arrived = 0;
	flight->taken = 0;
	flight->asked = 0;
	flight->told = false;
	atomic_set(&flight->left, nr);
	init_waitqueue_head(&flight->wait);
	flight->queue = raw_smp_processor_id();
	flight->nr = nr;
	mage_flight_announce(flight);
	nr = mage_flight_take_off(flight);
	mage_flight_put(flight);
	return nr;
}

/**
 * mage_flight_start() - have pages read for a mapping
 * @domain: whose policy named them; under RCU
 * @vma: the mapping; its lock, or that of its address space, is held
 * @type: a swap type that the caller has a reference to the area of
 * @address: where the pages are to be mapped, the most wanted first
 * @nr: how many, at most MAGE_FLIGHT_MAX
 * @others: set to those, by bit, that have to be had in another way, if at all: they are on
 *	another device, another cgroup's, shared, known to be zeroes, or in zswap
 *
 * Does not sleep.  Room has been looked for: nothing is reclaimed for it.
 *
 * Return: how many are in flight
 */
unsigned int mage_flight_start(struct mage_domain *domain, struct vm_area_struct *vma,
			       unsigned int type, const unsigned long *address,
			       unsigned int nr, unsigned long *others)
{
	struct mage_disk *disk = mage_disk_of_type(type);
	struct mage_flight *flight;
	unsigned int i, at = 0;

	*others = nr == MAGE_FLIGHT_MAX ? ~0UL : BIT(nr) - 1;
	if (!disk || !nr || !mage_vma_takes_flights(vma))
		return 0;
	if (READ_ONCE(disk->dev.suspended) || READ_ONCE(disk->dev.failed) ||
	    READ_ONCE(disk->draining) || READ_ONCE(domain->shards.closing) ||
	    !mage_domain_get(domain)) {
		*others = 0;
		return 0;
	}
	flight = mage_flight_alloc(domain, disk, nr);
	for (i = 0; flight && i < nr; i++) {
		enum mage_boarding boarding = mage_flight_board(flight, at, vma, address[i]);

		if (boarding == MAGE_BOARDING_ENDS)
			break;
		if (boarding == MAGE_BOARDS_NOT)
			continue;
		*others &= ~BIT(i);
		at += boarding == MAGE_BOARDED;
	}
	/* The rest would find no memory either. */
	*others &= i ? ~0UL >> (BITS_PER_LONG - i) : 0;
	if (at)
		return mage_flight_go(flight, vma->vm_mm, at);
	kfree(flight);
	mage_domain_put(domain);
	return 0;
}

/**
 * mage_flights_init() - make place for flights
 *
 * Return: 0 or -ENOMEM
 */
int __init mage_flights_init(void)
{
	unsigned int i;

	for (i = 0; i < ARRAY_SIZE(mage_flight_buckets); i++)
		spin_lock_init(&mage_flight_buckets[i].lock);
	mage_flights_wq = alloc_workqueue("mage_flights", WQ_MEM_RECLAIM | WQ_UNBOUND, 1);
	return mage_flights_wq ? 0 : -ENOMEM;
}
