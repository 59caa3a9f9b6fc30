/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: flights, pages that are read ahead of the threads that will touch them.
 */
#ifndef _MM_MAGE_FLIGHT_H
#define _MM_MAGE_FLIGHT_H

#include <linux/atomic.h>
#include <linux/list.h>
#include <linux/mage_backend.h>
#include <linux/mm.h>
#include <linux/mm_types.h>
#include <linux/refcount.h>
#include <linux/swap.h>
#include <linux/swapops.h>
#include <linux/userfaultfd_k.h>
#include <linux/wait.h>
#include "disk.h"

struct mage_domain;

/* Pages of a flight, at most: a word has a bit for each. */
#define MAGE_FLIGHT_MAX		64

/**
 * struct mage_flight_page - a page of a flight
 * @hash: in the bucket of @entry, under its lock; until it is released
 * @flight: the flight
 * @entry: where it is read from
 * @address: where the page table had that entry when it took off
 */
struct mage_flight_page {
	struct hlist_node hash;
	struct mage_flight *flight;
	swp_entry_t entry;
	unsigned long address;
};

/**
 * struct mage_flight - pages that are being read, or were and are not mapped yet
 * @batch: what the backend knows
 * @disk: where from; it stays as long as one of the pages is not released
 * @domain: of the thread that named them, with a reference, until all are released; NULL
 *	then.  Under RCU for who has no page of the flight
 * @mm: the address space that they are read for, to be compared only: it may be gone
 * @refs: one for the pages that are not released, one for the backend until the last has
 *	arrived, one for each user of the moment
 * @arrived: so many pages, from the first on, are final; written by the backend's thread
 *	or interrupt, which the backend lets do so one after the other
 * @taken: pages that somebody has taken, by bit; he alone may map, free and release them
 * @asked: pages, by bit, of which a fault has told the policy
 * @left: pages that are not released
 * @begun: when it took off, jiffies
 * @told: its backend was told that it is overdue; under mage_flights_lock
 * @pass: the last look of a dropper through all flights that has met it
 * @domain_pass: the same, of one through those of @domain
 * @all: on the list of all flights, by age
 * @of_domain: on that of @domain.  These four are under mage_flights_lock
 * @wait: threads that wait for one of the pages
 * @queue: of the backend's
 * @nr: pages
 * @io: elements of @batch, one a page
 * @page: the pages
 *
 * A page is SUBMITTED until @arrived says more than its number, then ARRIVED, and TAKEN once
 * its bit in @taken is set, which is done by one, in one step, and not before it has arrived.
 * He may clear it again if he has changed nothing: it is ARRIVED as before.
 */
struct mage_flight {
	struct mage_read_batch batch;
	struct mage_disk *disk;
	struct mage_domain *domain;
	struct mm_struct *mm;
	refcount_t refs;
	unsigned int arrived;
	unsigned long taken;
	unsigned long asked;
	atomic_t left;
	unsigned long begun;
	bool told;
	unsigned long pass;
	unsigned long domain_pass;
	struct list_head all;
	struct list_head of_domain;
	wait_queue_head_t wait;
	unsigned int queue;
	unsigned int nr;
	struct mage_io *io;
	struct mage_flight_page page[] __counted_by(nr);
};

static_assert(MAGE_FLIGHT_MAX <= BITS_PER_LONG);

pte_t mage_vma_pte(struct vm_area_struct *vma, unsigned long address);
bool mage_pte_is_far(pte_t pte, swp_entry_t *entry);
unsigned int mage_flight_start(struct mage_domain *domain, struct vm_area_struct *vma,
			       unsigned int type, const unsigned long *address,
			       unsigned int nr, unsigned long *others);
struct mage_flight *mage_flight_find(swp_entry_t entry, unsigned int *index);
void mage_flight_put(struct mage_flight *flight);
void mage_flight_await(struct mage_flight *flight, unsigned int index);
bool mage_flight_take(struct mage_flight *flight, unsigned int index);
void mage_flight_untake(struct mage_flight *flight, unsigned long pages);
void mage_flight_drop_taken(struct mage_flight *flight, unsigned long pages);
void mage_flight_release(struct mage_flight *flight, unsigned long pages);
unsigned long mage_flights_drop_of_domain(struct mage_domain *domain);
void mage_flights_drop_of_type(unsigned int type);
long mage_flights_may_start(struct mage_domain *domain);
void mage_flights_shed(struct mage_domain *domain);
int mage_flights_init(void);

/* Whether a page of a flight is final: mapped or dropped soon, if it is not taken yet. */
static inline bool mage_flight_has_arrived(const struct mage_flight *flight, unsigned int index)
{
	/* Pairs with mage_flight_arrived(): who sees it sees the page and its error. */
	return smp_load_acquire(&flight->arrived) > index;
}

static inline struct folio *mage_flight_folio(const struct mage_flight *flight,
					      unsigned int index)
{
	return page_folio(flight->io[index].page);
}

/*
 * Whether pages may be put into a mapping beside the one that is faulted on: those of a
 * locked one have to be locked as well, and of those that userfaultfd watches it wants to
 * know each.  Its lock, or that of its address space, is held.
 */
static inline bool mage_vma_takes_flights(struct vm_area_struct *vma)
{
	return !(vma->vm_flags & VM_LOCKED) && vma_is_accessible(vma) && !userfaultfd_armed(vma);
}

#endif /* _MM_MAGE_FLIGHT_H */
