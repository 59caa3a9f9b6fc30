// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the functions that a policy may call.
 *
 * A filter keeps them to programs of mage_ops tables; those that walk lists,
 * pick victims or look at page tables are for select and tick only, which run
 * with no page table lock held, and those about a fault for prefetch.
 */
#include <linux/bpf.h>
#include <linux/bpf_verifier.h>
#include <linux/btf.h>
#include <linux/btf_ids.h>
#include "kfunc.h"
#include "around.h"
#include "disk.h"
#include "dump.h"
#include "evictor.h"
#include "kfunc_place.h"
#include "kfunc_pressure.h"
#include "limit.h"
#include "look.h"
#include "loop.h"
#include "name.h"
#include "ops.h"
#include "pass.h"
#include "policy.h"
#include "prefetch.h"
#include "program.h"
#include "region.h"
#include "room.h"
#include "select.h"
#include "walk.h"

/*
 * Whether a frame is another domain's by now: a policy may go on with one that a walk has
 * shown it after the page has left.  Nobody's is what page_out is told of.
 */
static bool mage_frame_is_foreign(const struct mage_domain *domain, const struct mage_frame *frame)
{
	unsigned int id = mage_frame_domain_id(frame);

	return id && id != domain->shards.id;
}

/* Whether a page has a far copy that is as good as the page was when it was clean last. */
static bool mage_frame_has_good_copy(const struct mage_frame *frame)
{
	return READ_ONCE(frame->slot_type) && !(READ_ONCE(frame->marks) & MAGE_MARK_SPOILED);
}

/* Counts a pick that is refused; @err is passed through. */
static int mage_pick_refused(struct mage_batch *batch, int err)
{
	struct mage_stats __percpu *stats = batch->domain->stats;

	switch (err) {
	case -ENOSPC:
		mage_count(stats, MAGE_STAT_REFUSED_FULL);
		break;
	case -EBUSY:
		mage_count(stats, MAGE_STAT_REFUSED_TAKEN);
		break;
	case -EXDEV:
		mage_count(stats, MAGE_STAT_REFUSED_FOREIGN);
		break;
	case -EAGAIN:
		mage_count(stats, MAGE_STAT_REFUSED_NODE);
		break;
	default:
		mage_count(stats, MAGE_STAT_REFUSED_GONE);
		break;
	}
	return err;
}

/* Apart, so that the usual pick, of what a walk has just shown, needs no stack frame. */
static noinline int mage_batch_add_other(struct mage_batch *batch, struct mage_frame *frame)
{
	int err = mage_batch_take(batch, frame);

	return err ? mage_pick_refused(batch, err) : 0;
}

__bpf_kfunc_start_defs();

/**
 * mage_batch_add() - pick a victim
 * @batch: the batch that select was given
 * @frame: the frame
 *
 * A pick of the frame that a walk has just returned takes effect when the walk
 * goes on; moving the frame before that takes the pick back.
 *
 * Return: 0; -ENOSPC when the batch is full; -ENOENT when the page left
 * meanwhile; -EBUSY when it is a victim already.  That ejects the policy
 * (MAGE_EXIT_DOUBLE_PICK) if this call picked it before; else another evictor was
 * faster.
 */
__bpf_kfunc int mage_batch_add(struct mage_batch *batch, struct mage_frame *frame)
{
	return mage_walk_pick_shown(batch, frame) ? 0 : mage_batch_add_other(batch, frame);
}

/**
 * mage_batch_clean() - pick a page that is to be written, and to stay
 * @batch: the batch that select was given
 * @frame: the frame
 * @list: 0 to MAGE_LISTS - 1: the list to whose tail it goes when it is clean
 *
 * It stays mapped and keeps its accessed bit.  Evicted later, it leaves without a write, unless
 * it was written to by then.  It is a victim as others are until its batch ends, and counts
 * for @batch->max; but it makes no room, so that a select that picks nothing else has
 * picked nothing.  A page that has no far copy gets one on the terms on which pages that
 * are read in keep theirs.  If the last batch found that these do not hold, the page is not
 * picked; if this one does, it is MAGE_OUTCOME_NO_SLOT.
 *
 * What is cleaned takes its turn with what leaves, at the far store too.  So at most
 * MAGE_CLEAN_AHEAD pages more may be picked than are evicted in the same time; what is
 * evicted without is no credit for later.
 *
 * Source: DiLOS (EuroSys 2023), whose cleaner writes pages ahead of its reclaimer.
 *
 * Return: as mage_batch_add(); -EINVAL for a bad list; -EDQUOT when others have to be
 * evicted first, if @batch->self, and for a page without a far copy that would get none
 */
__bpf_kfunc int mage_batch_clean(struct mage_batch *batch, struct mage_frame *frame, u32 list)
{
	int err = mage_batch_take_to_clean(batch, frame, list);

	/* No pick of mage_batch_add() is refused like this. */
	if (!err || err == -EINVAL || err == -EDQUOT)
		return err;
	return mage_pick_refused(batch, err);
}

/**
 * mage_batch_add_id() - pick a victim that the policy remembered by its id
 * @batch: the batch that select was given
 * @id: what mage_frame_id() returned
 *
 * A policy that remembers pages has to forget them in page_out.  These are faults:
 *
 * - to name what is no page of the machine (MAGE_EXIT_BAD_FRAME), at once;
 * - to name 16 pages in a row of domains that the policy does not govern
 *   (MAGE_EXIT_FOREIGN_FRAME); those do not count that nobody has, or that have left the
 *   domain since the call began;
 * - to name 16 victims in a row (MAGE_EXIT_DOUBLE_PICK).
 *
 * Return: as mage_batch_add(); -ENOENT also when the page is that of another domain that the
 * policy governs; -EXDEV when it is one of a domain that it does not govern; -EAGAIN when it
 * is on another node than the pages that are wanted now
 */
__bpf_kfunc int mage_batch_add_id(struct mage_batch *batch, u64 id)
{
	int err = mage_batch_take_id(batch, id);

	return err ? mage_pick_refused(batch, err) : 0;
}

/**
 * mage_batch_add_list() - pick the victims at the head of a list
 * @batch: the batch that select was given
 * @list: 0 to MAGE_LISTS - 1
 * @nr: how many at most; those that the batch has no room for do not count
 *
 * As a walk that adds each frame it is given, for a small part of the cost.  The frames
 * count against MAGE_WALK_BUDGET; to go on after that is the fault that it is for walks
 * (MAGE_EXIT_OVER_BUDGET).
 *
 * Return: how many were picked; -EINVAL for a bad list
 */
__bpf_kfunc int mage_batch_add_list(struct mage_batch *batch, u32 list, u32 nr)
{
	return mage_batch_take_list(batch, list, nr);
}

/**
 * mage_batch_add_unused() - pick those at the head of a list that were not used
 * @batch: the batch that select was given
 * @list: 0 to MAGE_LISTS - 1
 * @nr: how many frames to look at, at most; it ends when the batch is full, too
 * @to: the list to whose tail those go that were used; it may be @list
 * @flags: enum mage_walk_flags, with which a frame may come from the tail, and go to the
 *	head of @to, or stay where it is; and enum mage_pass_flags
 *
 * As a walk that asks mage_frame_accessed() about each frame, and adds or moves it, for
 * a small part of the cost.  It sees each frame at most once.  The frames count
 * against MAGE_WALK_BUDGET, as by mage_batch_add_list().
 *
 * Return: how many frames were looked at; -EINVAL for a bad list or bad flags.
 * @batch->nr says how many were picked.
 */
__bpf_kfunc int mage_batch_add_unused(struct mage_batch *batch, u32 list, u32 nr, u32 to,
				      u32 flags)
{
	return mage_pass_pick(batch, list, nr, to, flags);
}

/**
 * mage_batch_add_unused_around() - the same, with looks around those that were used
 * @batch: the batch that select was given
 * @list: 0 to MAGE_LISTS - 1
 * @nr: how many frames of @list to look at, at most, beside neighbours
 * @to: by list, the list that those which were used go to, see MAGE_AROUND_NONE; pages of
 *	@list that were used go to the tail of it even if it is their own
 * @flags: as of mage_batch_add_unused()
 *
 * Where a page was used its neighbours are looked at as by mage_frame_look_around().  For
 * that the pass may end before it has seen @nr frames, as the budget is spent.
 *
 * Source: lru_gen_look_around() of Linux 6.12, mm/vmscan.c, which eviction calls.
 *
 * Return: as mage_batch_add_unused(); neighbours are not counted
 */
__bpf_kfunc int mage_batch_add_unused_around(struct mage_batch *batch, u32 list, u32 nr, u64 to,
					     u32 flags)
{
	return mage_pass_pick_around(batch, list, nr, to, flags);
}

/**
 * mage_list_move() - move frames from the head of a list to the tails of others
 * @batch: the batch that select or tick was given; if it is full nothing is moved
 * @list: 0 to MAGE_LISTS - 1
 * @nr: how many at most
 * @to: the list for those that were not used; it may be @list
 * @used: the list for the others; it may be the same
 *
 * Their accessed bits are cleared on the way, as by mage_frame_accessed(), and they count
 * against MAGE_WALK_BUDGET.
 *
 * Return: how many were moved that were not used; -EINVAL for a bad list
 */
__bpf_kfunc int mage_list_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used)
{
	return mage_pass_move(batch, list, nr, to, used);
}

/**
 * mage_frame_accessed() - whether a page was used, and forget that it was
 * @batch: the batch that select or tick was given
 * @frame: a frame that a walk or a sample of this call returned
 *
 * Tests and clears the accessed bit in the page table.  No shootdown follows: a
 * CPU that has the translation cached can use the page unseen until it drops
 * it, as for stock Linux' page aging.
 *
 * Where processes have forked, mappings that turn out not to have the page any more
 * count as frames that were looked at (MAGE_WALK_BUDGET).
 *
 * Return: true if the page was used since the last call or the last time it
 * was armed; also if that cannot be told without waiting, or within the budget
 */
__bpf_kfunc bool mage_frame_accessed(struct mage_batch *batch, struct mage_frame *frame)
{
	return mage_frame_take_young(batch, frame);
}

/**
 * mage_frame_look_around() - whether a page was used, and if so, which of its neighbours were
 * @batch: the batch that select or tick was given
 * @frame: a frame that a walk or a sample of this call returned
 * @to: by list, the list to whose tail neighbours go that were used, see MAGE_AROUND_NONE
 *
 * As mage_frame_accessed(), and of a page that was used the neighbours are looked at: those
 * which the same page table maps around it, of the same area, at most MAGE_AROUND_MAX
 * entries with its own in the middle.  The accessed bits of those that are moved are
 * cleared.  Left alone, with their bits, are pages that are not the domain's, victims,
 * isolated pages, those that a walk is showing, and those on a list that is its own in
 * @to.  @frame itself stays where it is.
 *
 * Each page that is moved counts as a frame that was looked at (MAGE_WALK_BUDGET), and so do
 * eight entries.  Around a page that lies where this call has looked last it does not look
 * again.  It does not look around a page that is mapped more than once, nor at such, nor while
 * another CPU waits for the page table.
 *
 * Source: lru_gen_look_around() of Linux 6.12, mm/vmscan.c.
 *
 * Return: frames that it counts as, with @frame itself; 0 if that was not used; 1 also if it
 * cannot be told without waiting, or within the budget
 */
__bpf_kfunc u32 mage_frame_look_around(struct mage_batch *batch, struct mage_frame *frame, u64 to)
{
	return mage_frame_take_young_around(batch, frame, to);
}

/**
 * mage_frame_dirty() - whether a page would have to be written to be evicted
 * @batch: the batch that select or tick was given
 * @frame: a frame that a walk or a sample of this call returned
 *
 * Changes nothing; costs as mage_frame_accessed() does.
 *
 * Return: false if its far copy is still valid; true also if that cannot be
 * told without waiting, or within the budget
 */
__bpf_kfunc bool mage_frame_dirty(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_look look = {};

	if (!mage_frame_has_good_copy(frame))
		return true;
	return !mage_look_by_rmap(batch, frame, &look) || look.dirty;
}

/**
 * mage_frame_look() - what mage_frame_accessed() and mage_frame_dirty() say, in one look
 * @batch: the batch that select or tick was given
 * @frame: a frame that a walk or a sample of this call returned
 *
 * Tests and clears the accessed bit, as mage_frame_accessed() does; the dirty bit stays.
 * Both are of the same moment, unless the page has no far copy: then it is
 * MAGE_LOOK_DIRTY whatever the page table says.
 *
 * Return: enum mage_look_bits; a bit is set also if it cannot be told without waiting, or
 * within the budget; MAGE_LOOK_DIRTY alone if the page left meanwhile
 */
__bpf_kfunc u32 mage_frame_look(struct mage_batch *batch, struct mage_frame *frame)
{
	bool dirty = !mage_frame_has_good_copy(frame);
	struct mage_look look;

	if (!mage_look_and_clear(batch, frame, &look))
		return MAGE_LOOK_DIRTY;
	return (look.young ? MAGE_LOOK_ACCESSED : 0) |
	       (look.dirty || dirty ? MAGE_LOOK_DIRTY : 0);
}

/**
 * mage_frame_move() - put a frame on a list
 * @domain: the policy's domain
 * @frame: the frame
 * @list: 0 to MAGE_LISTS - 1
 * @tail: true for the tail, false for the head
 *
 * Return: 0; -EINVAL for a bad list; -ENOENT when the page left meanwhile;
 * -EBUSY while it is a victim
 */
__bpf_kfunc int mage_frame_move(struct mage_domain *domain, struct mage_frame *frame,
				u32 list, bool tail)
{
	return mage_frame_set_list(&domain->shards, frame, list, tail);
}

/**
 * mage_frame_id() - a number that names a page while it is local
 * @frame: the frame
 *
 * A frame cannot be kept in a map, but its number can: mage_batch_add_id() takes it.
 *
 * Return: the page frame number; 0 when the page left meanwhile
 */
__bpf_kfunc u64 mage_frame_id(struct mage_frame *frame)
{
	return mage_frame_pfn(frame);
}

/**
 * mage_frame_address() - where a page is mapped
 * @frame: the frame
 *
 * Computed from the page's place in its area, with no look at a page table: so
 * after mremap() has moved the area it is still the old address, and for a
 * private copy of a file's page the offset in the file.
 *
 * Return: user virtual address, page-aligned; 0 when the page left meanwhile
 */
__bpf_kfunc u64 mage_frame_address(struct mage_frame *frame)
{
	u64 pfn = mage_frame_pfn(frame);
	u64 address;

	if (!pfn)
		return 0;
	address = (u64)READ_ONCE(pfn_folio(pfn)->index) << PAGE_SHIFT;
	/* The page may have been freed, and been given another index, between. */
	return mage_frame_pfn(frame) == pfn ? address : 0;
}

/**
 * mage_frame_slot() - the slot of a page's far copy
 * @frame: the frame
 *
 * Return: slot of the far device; -1 if the page has no far copy.  The copy is
 * older than the page if that was written to since (mage_frame_dirty()).
 */
__bpf_kfunc s64 mage_frame_slot(struct mage_frame *frame)
{
	return READ_ONCE(frame->slot_type) ? (s64)READ_ONCE(frame->slot) : -1;
}

/**
 * mage_frame_list() - the list that a frame is on
 * @frame: the frame
 *
 * Return: 0 to MAGE_LISTS - 1; the list that it was on for one that was walked
 * or picked since
 */
__bpf_kfunc u32 mage_frame_list(struct mage_frame *frame)
{
	return frame->list;
}

/**
 * mage_frame_prefetched() - whether a page was prefetched and is still unused
 * @frame: the frame
 *
 * Use is noticed when mage_frame_accessed(), mage_fault_look() or the eviction
 * of the page sees the accessed bit.
 *
 * Return: true if it was prefetched, and no use was noticed yet
 */
__bpf_kfunc bool mage_frame_prefetched(struct mage_frame *frame)
{
	return frame->prefetched;
}

/**
 * mage_frame_word() - read one of the policy's words in a frame
 * @domain: the policy's domain
 * @frame: the frame
 * @index: 0 to MAGE_FRAME_WORDS - 1
 *
 * Return: the word; 0 for one that was never set by this policy, and if the frame is
 * another domain's by now
 */
__bpf_kfunc u64 mage_frame_word(struct mage_domain *domain, struct mage_frame *frame, u32 index)
{
	if (index >= MAGE_FRAME_WORDS || mage_frame_is_foreign(domain, frame) ||
	    READ_ONCE(frame->epoch) != READ_ONCE(domain->shards.epoch))
		return 0;
	return READ_ONCE(frame->word[index]);
}

/**
 * mage_frame_set_word() - write one of the policy's words in a frame
 * @domain: the policy's domain
 * @frame: the frame
 * @index: 0 to MAGE_FRAME_WORDS - 1
 * @value: any
 *
 * Return: 0; -EINVAL for a bad index; -ENOENT when the frame is another domain's by now
 */
__bpf_kfunc int mage_frame_set_word(struct mage_domain *domain, struct mage_frame *frame,
				    u32 index, u64 value)
{
	u8 epoch = READ_ONCE(domain->shards.epoch);

	if (index >= MAGE_FRAME_WORDS)
		return -EINVAL;
	if (mage_frame_is_foreign(domain, frame))
		return -ENOENT;
	if (READ_ONCE(frame->epoch) != epoch) {
		memset(frame->word, 0, sizeof(frame->word));
		WRITE_ONCE(frame->epoch, epoch);
	}
	WRITE_ONCE(frame->word[index], value);
	return 0;
}

/**
 * mage_list_size() - how many frames are on a list of a domain
 * @domain: the policy's domain
 * @list: 0 to MAGE_LISTS - 1
 *
 * Return: the sum over the shards, of all nodes, each read at another moment; 0 for a
 * bad list
 */
__bpf_kfunc u64 mage_list_size(struct mage_domain *domain, u32 list)
{
	return list < MAGE_LISTS ? mage_shards_list_size(&domain->shards, list) : 0;
}

/**
 * mage_clock() - the time of a domain, in pages evicted
 * @domain: the policy's domain
 *
 * Return: pages evicted since the domain's begin, to within a batch
 */
__bpf_kfunc u64 mage_clock(struct mage_domain *domain)
{
	return atomic_long_read(&domain->clock);
}

/**
 * mage_room() - how much room a domain has
 * @domain: the policy's domain
 *
 * Return: pages that can be charged before a limit is met; negative above
 * memory.high
 */
__bpf_kfunc s64 mage_room(struct mage_domain *domain)
{
	return mage_domain_room(domain);
}

/**
 * mage_limit() - the limit of a domain
 * @domain: the policy's domain
 *
 * Return: pages that may be charged to it
 */
__bpf_kfunc u64 mage_limit(struct mage_domain *domain)
{
	return mage_domain_limit(domain);
}

/**
 * mage_headroom() - how much room is to be kept free in a domain
 * @domain: the policy's domain
 *
 * Return: pages that the evictors aim for now
 */
__bpf_kfunc u64 mage_headroom(struct mage_domain *domain)
{
	return mage_domain_headroom(domain);
}

/**
 * mage_frames() - how many local pages a domain has
 * @domain: the policy's domain
 *
 * Return: pages under the policy
 */
__bpf_kfunc u64 mage_frames(struct mage_domain *domain)
{
	return mage_shards_frames(&domain->shards);
}

/**
 * mage_waiting() - how many threads wait for room
 * @domain: the policy's domain
 *
 * Return: those that wait below a limit of its cgroup, or of an ancestor
 */
__bpf_kfunc u32 mage_waiting(struct mage_domain *domain)
{
	return mage_domain_waiting(domain);
}

/**
 * mage_counter() - one of a domain's counters
 * @domain: the policy's domain
 * @counter: enum mage_counter
 *
 * Adds up the CPUs' shares: for each batch, say, but not for each page.
 *
 * Return: the sum; 0 for a counter that there is not
 */
__bpf_kfunc u64 mage_counter(struct mage_domain *domain, u32 counter)
{
	static const enum mage_stat stats[] = {
		[MAGE_COUNTER_FAULTS] = MAGE_STAT_FAULTS,
		[MAGE_COUNTER_NEW] = MAGE_STAT_FIRST_TOUCHES,
		[MAGE_COUNTER_EVICTIONS] = MAGE_STAT_EVICTIONS,
		[MAGE_COUNTER_CLEAN] = MAGE_STAT_CLEAN_DROPS,
		[MAGE_COUNTER_RESCUES] = MAGE_STAT_RESCUES,
		[MAGE_COUNTER_WAITS] = MAGE_STAT_WAITS,
		[MAGE_COUNTER_WAIT_NS] = MAGE_STAT_WAIT_NS,
		[MAGE_COUNTER_PREFETCHED] = MAGE_STAT_PREFETCHED,
		[MAGE_COUNTER_PREFETCH_HITS] = MAGE_STAT_PREFETCH_HITS,
		[MAGE_COUNTER_PREFETCH_WASTE] = MAGE_STAT_PREFETCH_WASTE,
		[MAGE_COUNTER_REFAULTS] = MAGE_STAT_REFAULTS,
		[MAGE_COUNTER_REFAULT_DISTANCE] = MAGE_STAT_REFAULT_DISTANCE,
		[MAGE_COUNTER_FAULT_NS] = MAGE_STAT_FAULT_NS,
	};

	return counter < ARRAY_SIZE(stats) ? mage_stat_sum(domain->stats, stats[counter]) : 0;
}

/**
 * mage_ghost_of_slot() - what is remembered of the page in a slot
 * @domain: the policy's domain
 * @slot: slot of the far device; of the first one that knows it, if there are
 *	several
 * @ghost: filled
 *
 * The record of a slot that has been given back stays until the slot is used
 * again.
 *
 * Return: 0, or -ENOENT if nothing is remembered
 */
__bpf_kfunc int mage_ghost_of_slot(struct mage_domain *domain, u32 slot,
				   struct mage_ghost *ghost)
{
	unsigned int type;

	*ghost = (struct mage_ghost){ .distance = MAGE_NO_DISTANCE, .slot = slot };
	for (type = 0; type < MAX_SWAPFILES; type++) {
		struct mage_disk *disk;

		/* swapoff waits for a grace period before it goes on. */
		guard(rcu)();
		disk = mage_disk_of_type(type);
		if (disk && mage_ghost_read(disk, slot, mage_domain_ghost_key(domain), ghost))
			return 0;
	}
	return -ENOENT;
}

/**
 * mage_evictors_count() - how many evictors there are
 *
 * Return: one for each CPU that was chosen and is online
 */
__bpf_kfunc u32 mage_evictors_count(void)
{
	return mage_evictors_nr();
}

/**
 * mage_policy_error() - the policy gives up
 * @domain: its domain
 * @message__str: why, for people
 *
 * The policy is ejected (MAGE_EXIT_SELF); the domain goes on under the built-in
 * one.  init returns an error instead.  While one policy takes the place of another
 * nobody can tell which of them calls, and the call does nothing.
 */
__bpf_kfunc void mage_policy_error(struct mage_domain *domain, const char *message__str)
{
	rcu_read_lock();
	mage_policy_eject(domain, mage_policy(domain), MAGE_EXIT_SELF, "%s", message__str);
	rcu_read_unlock();
}

__bpf_kfunc_end_defs();

BTF_KFUNCS_START(mage_any_kfuncs)
BTF_ID_FLAGS(func, mage_frame_move, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_id, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_address, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_slot, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_list, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_prefetched, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_word, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_set_word, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_list_size, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_clock, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_room, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_limit, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_headroom, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frames, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_waiting, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_counter, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_evictors_count)
BTF_ID_FLAGS(func, mage_ghost_of_slot, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_any_kfuncs)

/*
 * They are of what governs: not for init and exit, before and after which another does, nor for
 * the last words of one that is ejected.
 */
BTF_KFUNCS_START(mage_govern_kfuncs)
BTF_ID_FLAGS(func, mage_policy_error, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_govern_kfuncs)

/* They lock page tables: for callbacks that run with no page table lock held. */
BTF_KFUNCS_START(mage_walk_kfuncs)
BTF_ID_FLAGS(func, bpf_iter_mage_list_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_mage_list_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_mage_list_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_iter_mage_sample_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_mage_sample_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_mage_sample_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_iter_mage_victim_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_mage_victim_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_mage_victim_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, bpf_iter_mage_region_new, KF_ITER_NEW | KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, bpf_iter_mage_region_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_mage_region_destroy, KF_ITER_DESTROY)
BTF_ID_FLAGS(func, mage_batch_add, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_clean, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_add_id, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_add_list, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_add_unused, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_batch_add_unused_around, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_list_move, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_accessed, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_look_around, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_dirty, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_look, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_name, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_frame_process, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_region_look, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_walk_kfuncs)

BTF_KFUNCS_START(mage_prefetch_kfuncs)
BTF_ID_FLAGS(func, mage_prefetch_address, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_prefetch_slot, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_fault_look, KF_TRUSTED_ARGS)
BTF_ID_FLAGS(func, mage_fault_name, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_prefetch_kfuncs)

BTF_KFUNCS_START(mage_dump_kfuncs)
BTF_ID_FLAGS(func, mage_dump_bstr, KF_TRUSTED_ARGS)
BTF_KFUNCS_END(mage_dump_kfuncs)

BTF_KFUNCS_START(mage_loop_kfuncs)
BTF_ID_FLAGS(func, bpf_iter_mage_for_new, KF_ITER_NEW)
BTF_ID_FLAGS(func, bpf_iter_mage_for_next, KF_ITER_NEXT | KF_RET_NULL)
BTF_ID_FLAGS(func, bpf_iter_mage_for_destroy, KF_ITER_DESTROY)
BTF_KFUNCS_END(mage_loop_kfuncs)

static int mage_any_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_any_kfuncs, kfunc_id))
		return 0;
	return mage_prog_is_policy(prog) ? 0 : -EACCES;
}

static int mage_govern_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_govern_kfuncs, kfunc_id))
		return 0;
	if (!mage_prog_is_policy(prog) ||
	    prog->expected_attach_type == MAGE_OPS_INDEX(init) ||
	    prog->expected_attach_type == MAGE_OPS_INDEX(exit) ||
	    prog->expected_attach_type == MAGE_OPS_INDEX(dump))
		return -EACCES;
	return 0;
}

static int mage_walk_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_walk_kfuncs, kfunc_id))
		return 0;
	if (!mage_prog_is_policy(prog) ||
	    (prog->expected_attach_type != MAGE_OPS_INDEX(select) &&
	     prog->expected_attach_type != MAGE_OPS_INDEX(tick)))
		return -EACCES;
	return 0;
}

static int mage_prefetch_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_prefetch_kfuncs, kfunc_id))
		return 0;
	if (!mage_prog_is_policy(prog) ||
	    prog->expected_attach_type != MAGE_OPS_INDEX(prefetch))
		return -EACCES;
	return 0;
}

static int mage_dump_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	if (!btf_id_set8_contains(&mage_dump_kfuncs, kfunc_id))
		return 0;
	if (!mage_prog_is_policy(prog) || prog->expected_attach_type != MAGE_OPS_INDEX(dump))
		return -EACCES;
	return 0;
}

/* What else a policy calls is lent by the rest of the kernel. */
static int mage_loop_filter(const struct bpf_prog *prog, u32 kfunc_id)
{
	bool is_policy = mage_prog_is_policy(prog);

	if (btf_id_set8_contains(&mage_loop_kfuncs, kfunc_id))
		return is_policy ? 0 : -EACCES;
	if (!is_policy || btf_id_set8_contains(&mage_any_kfuncs, kfunc_id) ||
	    btf_id_set8_contains(&mage_govern_kfuncs, kfunc_id) ||
	    btf_id_set8_contains(&mage_walk_kfuncs, kfunc_id) ||
	    btf_id_set8_contains(&mage_prefetch_kfuncs, kfunc_id) ||
	    btf_id_set8_contains(&mage_dump_kfuncs, kfunc_id) ||
	    mage_kfunc_is_of_pressure(kfunc_id) || mage_kfunc_is_of_place(kfunc_id))
		return 0;
	return mage_program_may_call(kfunc_id) ? 0 : -EACCES;
}

static const struct btf_kfunc_id_set mage_loop_set = {
	.owner = THIS_MODULE, .set = &mage_loop_kfuncs, .filter = mage_loop_filter,
};

static const struct btf_kfunc_id_set mage_kfunc_sets[] = {
	{ .owner = THIS_MODULE, .set = &mage_any_kfuncs, .filter = mage_any_filter },
	{ .owner = THIS_MODULE, .set = &mage_govern_kfuncs, .filter = mage_govern_filter },
	{ .owner = THIS_MODULE, .set = &mage_walk_kfuncs, .filter = mage_walk_filter },
	{ .owner = THIS_MODULE, .set = &mage_prefetch_kfuncs, .filter = mage_prefetch_filter },
	{ .owner = THIS_MODULE, .set = &mage_dump_kfuncs, .filter = mage_dump_filter },
};

int __init mage_kfunc_init(void)
{
	unsigned int i;
	int err;

	err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &mage_loop_set);
	for (i = 0; i < ARRAY_SIZE(mage_kfunc_sets) && !err; i++)
		err = register_btf_kfunc_id_set(BPF_PROG_TYPE_STRUCT_OPS, &mage_kfunc_sets[i]);
	err = err ?: mage_kfunc_pressure_init();
	err = err ?: mage_kfunc_place_init();
	/*
	 * What is for programs of all types is looked up by itself, and first: a filter that
	 * is to see that, too, has to be there, and comes with functions only.
	 */
	return err ?: register_btf_kfunc_id_set(BPF_PROG_TYPE_UNSPEC, &mage_loop_set);
}
