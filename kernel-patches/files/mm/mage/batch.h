/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: victims that travel together.
 */
#ifndef _MM_MAGE_BATCH_H
#define _MM_MAGE_BATCH_H

#include <linux/mage_backend.h>
#include <linux/mage_policy.h>
#include <linux/mm_types.h>
#include <linux/mm_types_task.h>
#include <linux/numa.h>
#include "frame.h"

struct mage_bell;
struct mage_call;
struct mage_disk;
struct mage_domain;
struct mage_list_walk;
struct mage_shard;
struct mage_shootdown;

/**
 * enum mage_batch_state - stage that a batch is about to enter
 * @MAGE_BATCH_IDLE: free for new victims
 * @MAGE_BATCH_ARM: clear accessed and dirty bits, ask for a shootdown
 * @MAGE_BATCH_SHOOT: wait until every CPU has forgotten its translations
 * @MAGE_BATCH_WRITE: take slots, post the writes
 * @MAGE_BATCH_WRITING: wait for the completions
 * @MAGE_BATCH_COMMIT: replace the PTEs by swap entries, ask for a shootdown
 * @MAGE_BATCH_SHOOT_AGAIN: wait for that
 * @MAGE_BATCH_FREE: give pages and charges back, report outcomes
 */
enum mage_batch_state {
	MAGE_BATCH_IDLE,
	MAGE_BATCH_ARM,
	MAGE_BATCH_SHOOT,
	MAGE_BATCH_WRITE,
	MAGE_BATCH_WRITING,
	MAGE_BATCH_COMMIT,
	MAGE_BATCH_SHOOT_AGAIN,
	MAGE_BATCH_FREE,
	MAGE_BATCH_STATES,
};

/* Outcome of a victim that has none yet. */
#define MAGE_OUTCOME_PENDING	255

/**
 * struct mage_victim - a page in a batch, which holds a reference to it
 * @folio: the page
 * @frame: its frame
 * @held: once it is out and faults have to wait: its slot, which is marked as cached for
 *	that
 * @io: index of its write in mage_batch.io, -1 for none
 * @outcome: enum mage_outcome, or MAGE_OUTCOME_PENDING
 * @cleaning: it is only written, and stays
 * @list: of one that is only written: the list to whose tail it goes when it was
 * @epoch: likewise, the policy epoch that @list belongs to
 * @dirty: its dirty bit was set when it was armed; the knowledge lives here
 *	until the write is acknowledged
 * @lazy: MADV_FREE has met it, and it was clean when it was armed: it is dropped
 */
struct mage_victim {
	struct folio *folio;
	struct mage_frame *frame;
	swp_entry_t held;
	s16 io;
	/* One store sets both. */
	u8 outcome;
	bool cleaning;
	u8 list;
	u8 epoch;
	bool dirty : 1;
	bool lazy : 1;
};

/* Whether a victim is in far memory only by now, or nowhere, as MADV_FREE allows. */
static inline bool mage_victim_is_out(const struct mage_victim *victim)
{
	return victim->outcome == MAGE_OUTCOME_EVICTED || victim->outcome == MAGE_OUTCOME_CLEAN;
}

/* Whether a victim stays with its domain. */
static inline bool mage_victim_stays(const struct mage_victim *victim)
{
	const u32 stay = BIT(MAGE_OUTCOME_RESCUED) | BIT(MAGE_OUTCOME_NO_SLOT) |
			 BIT(MAGE_OUTCOME_WRITE_FAILED) | BIT(MAGE_OUTCOME_GONE) |
			 BIT(MAGE_OUTCOME_SPARED) | BIT(MAGE_OUTCOME_CLEANED);

	return victim->outcome != MAGE_OUTCOME_PENDING && stay & BIT(victim->outcome);
}

/**
 * struct mage_window - pages of an address space
 * @mm: whose; only to be compared, as it may have ended
 * @start: address of the first
 * @end: address after the last
 */
struct mage_window {
	const struct mm_struct *mm;
	unsigned long start;
	unsigned long end;
};

/**
 * struct mage_batch - victims that travel through the pipeline together
 * @nr: victims so far
 * @max: victims that the policy may add
 * @domain: whose pages they are
 * @node: the node that all of them are to be on, plus one; 0 for any
 * @home: the node of its evictor, plus one, whose pages it takes rather than others if it
 *	is to be for any; 0 for none
 * @policy: which policy picks them
 * @call: the call of its callback, while it is being made
 * @walk_budget: frames that the policy may still look at
 * @refusals: walks that it began after that
 * @begun: victims that there were when the policy was called
 * @gone: mage_departures_sum() then, if the policy picks by number
 * @foreign: pages of other domains that it has picked in this call
 * @nr_bad: @nr when it last picked in vain, or was called
 * @walk: the walk that returned a frame last, or NULL
 * @around: where this call has looked at the neighbours of a page last
 * @region_budget: page table entries that the policy may still look at in regions
 * @region_most: what that was when the policy was called
 * @scan: it takes no victims, but is for looking
 * @self: it is selected by a thread that needs room itself
 * @out: victims that have been evicted
 * @state: next stage
 * @armed: victims that have been armed
 * @refills: times that it was filled up after victims were spared
 * @cleaning: victims that are only written, and stay: no room is to come of them
 * @spare_young: a victim that was used lately is spared
 * @bell: rung when the batch can go on
 * @queue: the write queue of every far device that it uses
 * @disk: where it is written to, with a reference on its swap area, or NULL
 * @written: set by the backend's completion, read by who waits for it
 * @posted_at: when it was handed to the backend, jiffies
 * @late: the backend has not answered for so long that nobody counts on it
 * @chain: the writes
 * @tlb: CPUs whose translations must go
 * @shoots_twice: what mage_shoots_twice() said when it was committed
 * @shoot: the shootdowns that serve it
 * @round: the one of them that it waits for
 * @looks: times that commit has looked for all of them
 * @progress: the domain's progress when it was selected
 * @victim: the victims
 * @io: their writes
 *
 * No lock: a batch is its evictor's, or its thread's, alone; but for @written.
 */
struct mage_batch {
	u32 nr;
	u32 max;
	struct mage_domain *domain;
	int node;
	int home;
	struct mage_ops *policy;
	struct mage_call *call;
	u32 walk_budget;
	u32 refusals;
	u32 begun;
	u32 foreign;
	u32 nr_bad;
	u64 gone;
	struct mage_list_walk *walk;
	struct mage_window around;
	u32 region_budget;
	u32 region_most;
	bool scan;
	bool self;
	u32 out;
	enum mage_batch_state state;
	u32 armed;
	u32 refills;
	u32 cleaning;
	bool spare_young;
	struct mage_bell *bell;
	unsigned int queue;
	struct mage_disk *disk;
	bool written;
	bool late;
	unsigned long posted_at;
	struct mage_io_batch chain;
	struct arch_tlbflush_unmap_batch tlb;
	bool shoots_twice;
	struct mage_shootdown *shoot;
	u64 round;
	u32 looks;
	long progress;
	struct mage_victim victim[MAGE_BATCH_MAX];
	struct mage_io io[MAGE_BATCH_MAX];
};

static_assert(NUMA_NO_NODE == -1);

/* The node that a batch is for, or NUMA_NO_NODE. */
static inline int mage_batch_nid(const struct mage_batch *batch)
{
	return batch->node - 1;
}

/* Adds a victim. */
static inline void mage_batch_push(struct mage_batch *batch, struct mage_frame *frame,
				   struct folio *folio)
{
	struct mage_victim *victim = &batch->victim[batch->nr++];

	victim->folio = folio;
	victim->frame = frame;
	victim->outcome = MAGE_OUTCOME_PENDING;
	victim->cleaning = false;
}

/* Victims that are to leave. */
static inline unsigned int mage_batch_leaving(const struct mage_batch *batch)
{
	return batch->nr - batch->cleaning;
}

void mage_batch_add_victims(struct mage_batch *batch, long nr);
void mage_batch_add_late(struct mage_batch *batch, long nr);
void mage_batch_drop(struct mage_batch *batch, struct mage_frame *frame);
unsigned int mage_frames_take(struct mage_batch *batch, struct mage_shard *shard, u32 list,
			      unsigned int nr);
unsigned long mage_victims_remove(struct mage_batch *batch);
void mage_victims_relist(struct mage_batch *batch, unsigned int first);

#endif /* _MM_MAGE_BATCH_H */
