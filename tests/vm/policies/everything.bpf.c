// SPDX-License-Identifier: GPL-2.0-only
/*
 * A good policy that defines every callback, calls every function, checks what
 * can be checked, and counts. The test reads the counts.
 */
#include "mage.bpf.h"

enum list {
	ARRIVED,
	KEPT
};

u64 in[4];  /* by enum mage_page_in_reason */
u64 out[4];  /* by enum mage_page_out_reason */
u64 hints[4];  /* by enum mage_hint */
u64 outcomes[8]; /* by enum mage_outcome */
u64 looks[4];  /* by what mage_fault_look() returns */
u64 passed, passed_around, looked_around, given, victims;
u64 processes, region_local, region_far, region_used, region_frames, region_found;
u64 ghosts, right_address, refused, named, named_by_slot, ticks, scanned, selects, walked, sampled,
	accessed, dirty, asked_evictors, asked_depth, asked_headroom, asked_no_room, exits;
u64 seen_dirty, seen_clean;
u64 wrong_word, wrong_ghost, wrong_list, wrong_rates, wrong_fault, wrong_number, wrong_flags;
u64 wrong_region;

/* What word 1 of the page at an address holds, and its ghost. */
static u32 mark(u64 address)
{
	return (u32)(address >> PAGE_SHIFT) * 2654435761u | 1;
}

s32 MAGE_OP_SLEEPABLE(everything_init, struct mage_domain *domain)
{
	return 0;
}

void MAGE_OP_SLEEPABLE(everything_exit, struct mage_domain *domain,
		       const struct mage_exit_info *info)
{
	exits++;
}

void MAGE_OP(everything_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	u64 address = mage_frame_address(frame);
	struct mage_ghost by_slot;
	int err;

	__sync_fetch_and_add(&in[why & 3], 1);
	if (mage_frame_word(domain, frame, 0) || mage_frame_word(domain, frame, 1))
		wrong_word++;
	if (ghost->distance != MAGE_NO_DISTANCE && ghost->word) {
		__sync_fetch_and_add(&ghosts, 1);
		if (ghost->word != mark(address))
			wrong_ghost++;
		/* But for the stack, which exec moves, and private pages of files. */
		if (ghost->address == (address & ((1ULL << 44) - 1)))
			__sync_fetch_and_add(&right_address, 1);
		if (mage_ghost_of_slot(domain, ghost->slot, &by_slot) ||
		    by_slot.word != ghost->word)
			wrong_ghost++;
		if (ghost->distance > mage_clock(domain))
			wrong_number++;
	}
	if (ghost->distance == MAGE_NO_DISTANCE && (ghost->word || ghost->address))
		wrong_ghost++;
	mage_frame_set_word(domain, frame, 0, mage_clock(domain));
	mage_frame_set_word(domain, frame, 1, mark(address));
	if (mage_frame_set_word(domain, frame, 2, 1) != -EINVAL || !mage_frame_id(frame))
		wrong_number++;
	/* An evictor may have been faster. */
	err = mage_frame_move(domain, frame, KEPT, true);
	if ((err && err != -EBUSY) || mage_frame_move(domain, frame, MAGE_LISTS, true) != -EINVAL)
		wrong_list++;
}

void MAGE_OP(everything_page_out, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	__sync_fetch_and_add(&out[why & 3], 1);
}

void MAGE_OP(everything_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	__sync_fetch_and_add(&hints[what & 3], 1);
	mage_frame_move(domain, frame, KEPT, what == MAGE_HINT_WILLNEED);
}

void MAGE_OP(everything_prefetch, struct mage_domain *domain, struct mage_fault *fault)
{
	u64 before = fault->address - PAGE_SIZE;
	int i, look;

	if (fault->address < fault->start || fault->address >= fault->end || !fault->mm ||
	    mage_prefetch_address(fault, fault->end) == 0 ||
	    mage_prefetch_address(fault, fault->address) == 0)
		wrong_fault++;
	look = mage_fault_look(fault, before);
	if (look >= 0)
		__sync_fetch_and_add(&looks[look & 3], 1);
	mage_for (i, 1, 5) {
		if (!mage_prefetch_address(fault, fault->address + i * PAGE_SIZE))
			__sync_fetch_and_add(&named, 1);
		else
			__sync_fetch_and_add(&refused, 1);
	}
	if (!mage_prefetch_slot(fault, fault->slot + 1))
		__sync_fetch_and_add(&named_by_slot, 1);
}

u32 MAGE_OP(everything_no_room, struct mage_domain *domain, u32 nr)
{
	asked_no_room++;
	return 0;
}

u32 MAGE_OP(everything_evictors, struct mage_domain *domain)
{
	asked_evictors++;
	return mage_evictors_count();
}

u32 MAGE_OP(everything_depth, struct mage_domain *domain)
{
	asked_depth++;
	return 2;
}

u64 MAGE_OP(everything_headroom, struct mage_domain *domain, u64 limit)
{
	asked_headroom++;
	return limit / 10;
}

u32 MAGE_OP(everything_batch_size, struct mage_domain *domain, u32 wanted)
{
	return 64;
}

void MAGE_OP(everything_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct bpf_iter_mage_list bad;
	struct mage_frame *frame;
	u64 calls = selects++;

	/* An end that is none, and a hand that does not stay. */
	if (bpf_iter_mage_list_new(&bad, batch, MAGE_LISTS, 0) != -EINVAL)
		wrong_flags++;
	bpf_iter_mage_list_destroy(&bad);
	if (bpf_iter_mage_list_new(&bad, batch, KEPT, MAGE_WALK_RESUME) != -EINVAL)
		wrong_flags++;
	bpf_iter_mage_list_destroy(&bad);

	mage_for_each_sample(frame, batch, 4)
	{
		sampled++;
		if (mage_frame_dirty(batch, frame))
			dirty++;
		looked_around += mage_frame_look_around(batch, frame, MAGE_AROUND_NONE);
		if (mage_frame_list(frame) > KEPT)
			wrong_list++;
	}
	if (calls % 4 == 0) {
		mage_walk(frame, batch, KEPT, MAGE_WALK_STAY | MAGE_WALK_RESUME)
		{
			walked++;
			u32 bits = mage_frame_look(batch, frame);

			if (bits & MAGE_LOOK_DIRTY)
				seen_dirty++;
			else
				seen_clean++;
			if (bits & MAGE_LOOK_ACCESSED && !mage_waiting(domain))
				accessed++;
			else
				mage_batch_add(batch, frame);
		}
	} else if (calls % 4 == 1) {
		mage_walk(frame, batch, KEPT, MAGE_WALK_TAIL)
		{
			walked++;
			mage_batch_add(batch, frame);
		}
	} else if (calls % 4 == 2) {
		mage_for_each_sample(frame, batch, 4 * batch->max)
		{
			walked++;
			mage_batch_add(batch, frame);
		}
	} else {
		mage_list_move(batch, ARRIVED, 64, KEPT, KEPT);
		passed += mage_batch_add_unused(batch, KEPT, 256, KEPT, 0);
		passed_around +=
			mage_batch_add_unused_around(batch, KEPT, 256, MAGE_AROUND_NONE, 0);
		given += mage_batch_add_list(batch, KEPT, 8);
		mage_for_each_victim(frame, batch, 0)
		{
			victims++;
			/* 0 if it was picked before the policy heard of it. */
			if (mage_frame_word(domain, frame, 1) &&
			    mage_frame_word(domain, frame, 1) != mark(mage_frame_address(frame)))
				wrong_word++;
		}
	}
	if (mage_batch_add_list(batch, MAGE_LISTS, 1) != -EINVAL ||
	    mage_batch_add_unused(batch, KEPT, 1, MAGE_LISTS, 0) != -EINVAL ||
	    mage_batch_add_unused(batch, KEPT, 1, KEPT, MAGE_WALK_RESUME) != -EINVAL ||
	    mage_batch_add_unused_around(batch, MAGE_LISTS, 1, 0, 0) != -EINVAL ||
	    mage_batch_add_unused_around(batch, KEPT, 1, 0, MAGE_WALK_RESUME) != -EINVAL ||
	    mage_list_move(batch, KEPT, 1, KEPT, MAGE_LISTS) != -EINVAL)
		wrong_flags++;
	/* What came back of a batch is on list 0; and whatever else is there. */
	mage_for_each (frame, batch, ARRIVED)
		mage_batch_add(batch, frame);
	mage_walk(frame, batch, KEPT, MAGE_WALK_STAY) mage_batch_add(batch, frame);
}

void MAGE_OP(everything_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	__sync_fetch_and_add(&outcomes[outcome & 7], 1);
	if (outcome == MAGE_OUTCOME_RESCUED)
		mage_frame_move(domain, frame, KEPT, true);
}

/* From a frame to its process, and from there back to it, among its neighbours. */
static void look_at_region(struct mage_domain *domain, struct mage_batch *scan,
			   struct mage_frame *frame)
{
	u64 id = mage_frame_id(frame), address = mage_frame_address(frame);
	u64 start = address & ~(64 * PAGE_SIZE - 1);
	u32 process = mage_frame_process(scan, frame);
	struct mage_frame *near;
	struct mage_region seen;
	int err;

	if (!id || !process)
		return;
	processes++;
	mage_for_each_in_region (near, scan, process, start, start + 64 * PAGE_SIZE) {
		region_frames++;
		region_found += mage_frame_id(near) == id;
	}
	err = mage_region_look(scan, process, start, start + 64 * PAGE_SIZE, &seen);
	/* It may end, or be changed, or be in a part of the stack that exec() has moved. */
	if (err && err != -EAGAIN && err != -ESRCH && err != -EXDEV)
		wrong_region++;
	if (seen.used > seen.local || seen.local + seen.far > 64 || seen.next < start ||
	    seen.next > start + 64 * PAGE_SIZE || (!err && !seen.looks))
		wrong_region++;
	region_local += seen.local;
	region_far += seen.far;
	region_used += seen.used;
	if (mage_region_look(scan, process, address, address, &seen) != -EINVAL ||
	    mage_region_look(scan, ~0U, address, ~0ULL, &seen) != -ESRCH ||
	    /* The first process of all is in no cgroup that is governed. */
	    mage_region_look(scan, 1, 0, ~0ULL, &seen) != -EXDEV || seen.local)
		wrong_region++;
}

void MAGE_OP(everything_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	struct mage_frame *frame;

	ticks++;
	if (!rates->ns || rates->limit != mage_limit(domain) || !rates->headroom ||
	    rates->room > (s64)rates->limit ||
	    rates->prefetch_hits > mage_counter(domain, MAGE_COUNTER_PREFETCH_HITS))
		wrong_rates++;
	if (mage_headroom(domain) > mage_limit(domain) ||
	    mage_room(domain) > (s64)mage_limit(domain) ||
	    mage_list_size(domain, KEPT) > 2 * mage_frames(domain) + MAGE_BATCH_MAX)
		wrong_number++;
	mage_for_each_sample(frame, scan, 4)
	{
		look_at_region(domain, scan, frame);
	}
	mage_walk(frame, scan, KEPT, MAGE_WALK_STAY)
	{
		if (mage_batch_add(scan, frame) != -ENOSPC)
			wrong_flags++;
		if (mage_frame_prefetched(frame) && mage_frame_accessed(scan, frame))
			accessed++;
		if (mage_frame_slot(frame) < -1)
			wrong_number++;
		if (++scanned % 256 == 0)
			break;
	}
}

MAGE_POLICY(everything, .init = (void *)everything_init, .exit = (void *)everything_exit,
	    .page_in = (void *)everything_page_in, .page_out = (void *)everything_page_out,
	    .hint = (void *)everything_hint, .prefetch = (void *)everything_prefetch,
	    .no_room = (void *)everything_no_room, .evictors = (void *)everything_evictors,
	    .depth = (void *)everything_depth, .headroom = (void *)everything_headroom,
	    .batch_size = (void *)everything_batch_size, .select = (void *)everything_select,
	    .outcome = (void *)everything_outcome, .tick = (void *)everything_tick,
	    .flags = MAGE_OPS_GHOST);
