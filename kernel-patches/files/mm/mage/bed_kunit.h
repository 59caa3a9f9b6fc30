/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what KUnit suites stand on that need a process, a domain and swap.
 */
#ifndef _MM_MAGE_BED_KUNIT_H
#define _MM_MAGE_BED_KUNIT_H

#include <linux/mage_backend.h>
#include <linux/mage_policy.h>
#include <linux/mm_types.h>
#include "batch.h"
#include "bell.h"
#include "knobs.h"
#include "shoot.h"
#include "stats.h"

struct kunit;
struct mage_disk;
struct mage_domain;
struct mem_cgroup;
struct task_struct;

/* Pages of the process that tests work on, and slots: a few more, none too many. */
#define MAGE_BED_PAGES		80
#define MAGE_BED_SLOTS		96

/**
 * struct mage_bed_store - a far store that does what a test wants
 * @page: its pages; the first is the header of the swap area
 * @hold: a batch of writes is accepted and completes by mage_bed_complete() only
 * @held: the batch that is held
 * @accept: writes of a batch that are carried out; of the others the submitter hears
 *	nothing but that the batch is done
 * @write_error: what the writes named by @bad fail with
 * @bad: by index in the batch
 * @read_error: what reads fail with, 0 for none
 * @flips: pages that arrive with some bit flipped, each with others, from the next read on
 * @full: no read is accepted, until somebody waits for room
 * @awaited: how often somebody did
 * @accept_reads: pages of a batch of reads that are accepted, at most
 * @hold_reads: a batch of reads is accepted and arrives by mage_bed_arrive() only
 * @held_reads: the batch that is held
 * @overdue: how often the store was told that reads are overdue: those that it holds fail then
 * @reads: asked for so far, those that failed too
 * @writes: carried out so far
 */
struct mage_bed_store {
	struct page *page[MAGE_BED_SLOTS + 1];
	bool hold;
	struct mage_io_batch *held;
	unsigned int accept;
	int write_error;
	DECLARE_BITMAP(bad, MAGE_BATCH_MAX);
	int read_error;
	unsigned int flips;
	bool full;
	unsigned int awaited;
	unsigned int accept_reads;
	bool hold_reads;
	struct mage_read_batch *held_reads;
	atomic_t overdue;
	atomic_t reads;
	atomic_t writes;
};

/**
 * struct mage_bed - a process with a few pages, its cgroup, which is a domain, and a
 *	far device that serves as swap
 * @test: the test; the bed is its priv
 * @knobs: as they were; a test, or its suite after mage_bed_init(), may change them
 * @mm: the process's address space, which the test's thread uses
 * @owner: a thread that does nothing but make the cgroup @mm's
 * @buffer: a page of the kernel's
 * @text: user address of a page for the strings of system calls
 * @spare: user address of a page that nobody has touched
 * @area: user address of the pages that are worked on
 * @store: behind @disk
 * @disk: the far device
 * @mounted: the cgroup file system is mounted for us
 * @cgroup: the cgroup is there
 * @divided: it has two children
 * @removed: which of them have been removed
 * @swap: the far device serves as swap
 * @domain: the domain
 * @policy: governs @domain; by itself it has the evictors leave the domain alone
 * @bell: rung when @batch can go on
 * @shoot: the shootdowns of @batch
 * @batch: victims, see mage_bed_pick()
 * @private: the suite's
 */
struct mage_bed {
	struct kunit *test;
	struct mage_knobs knobs;
	struct mm_struct *mm;
	struct task_struct *owner;
	void *buffer;
	unsigned long text;
	unsigned long spare;
	unsigned long area;
	struct mage_bed_store store;
	struct mage_disk *disk;
	bool mounted;
	bool cgroup;
	bool divided;
	bool removed[2];
	bool swap;
	struct mage_domain *domain;
	struct mage_ops policy;
	struct mage_bell bell;
	struct mage_shootdown shoot;
	struct mage_batch *batch;
	void *private;
};

int mage_bed_init(struct kunit *test);
void mage_bed_exit(struct kunit *test);
int mage_bed_init_in_order(struct kunit *test);
void mage_bed_exit_in_order(struct kunit *test);
void mage_bed_govern(struct mage_bed *bed);
struct mem_cgroup *mage_bed_memcg(struct mage_bed *bed);
int mage_bed_enter(struct mage_bed *bed, unsigned int child);
int mage_bed_remove(struct mage_bed *bed, unsigned int child);
long mage_bed_call(struct mage_bed *bed, unsigned int nr, unsigned long arg0,
		   unsigned long arg1, unsigned long arg2, unsigned long arg3,
		   unsigned long arg4);
bool mage_bed_write(struct mage_bed *bed, unsigned int i, u32 seed);
bool mage_bed_holds(struct mage_bed *bed, unsigned int i, u32 seed);
bool mage_bed_holds_at(struct mage_bed *bed, unsigned long address, unsigned int i, u32 seed);
bool mage_bed_stores(struct mage_bed *bed, pgoff_t slot, unsigned int i, u32 seed);
void mage_bed_fill(struct mage_bed *bed, unsigned int first, unsigned int nr, u32 seed);
pte_t mage_bed_pte(struct mage_bed *bed, unsigned int i);
bool mage_bed_is_far(struct mage_bed *bed, unsigned int i, swp_entry_t *entry);
struct folio *mage_bed_folio(struct mage_bed *bed, unsigned int i);
struct mage_frame *mage_bed_frame(struct mage_bed *bed, unsigned int i);
struct mage_domain *mage_bed_domain(struct mage_bed *bed, unsigned int i);
void mage_bed_pick(struct mage_bed *bed, unsigned int first, unsigned int nr);
void mage_bed_step(struct mage_bed *bed, enum mage_batch_state until);
void mage_bed_complete(struct mage_bed *bed);
void mage_bed_arrive(struct mage_bed *bed);
void mage_bed_heed(struct mage_bed *bed);
void mage_bed_mend(struct mage_bed *bed);
void mage_bed_evict(struct mage_bed *bed, unsigned int first, unsigned int nr);
unsigned int mage_bed_used_slots(struct mage_bed *bed);
u64 mage_bed_count(struct mage_bed *bed, enum mage_stat stat);
void mage_bed_wait_prefetch(struct mage_bed *bed);

static inline unsigned long mage_bed_at(const struct mage_bed *bed, unsigned int i)
{
	return bed->area + i * PAGE_SIZE;
}

#endif /* _MM_MAGE_BED_KUNIT_H */
