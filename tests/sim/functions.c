// SPDX-License-Identifier: GPL-2.0-only
/*
 * The functions that a policy may call, as bpf/mage.bpf.h declares them and mm/mage/kfunc.c
 * documents them.  A frame's number is its index and one more, as 0 is that of no page.
 */
#include <assert.h>
#include <string.h>

#include "mage.bpf.h"
#include "internal.h"

int mage_frame_move(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail)
{
	return frame_move(domain, frame, list, tail);
}

u64 mage_frame_id(struct mage_frame *frame)
{
	return frame->state == FRAME_FREE ? 0 : (u64)(frame - machine_now->frames) + 1;
}

u64 mage_frame_address(struct mage_frame *frame)
{
	return frame->state == FRAME_FREE ? 0 : MACHINE_ADDRESS + ((u64)frame->page << PAGE_SHIFT);
}

s64 mage_frame_slot(struct mage_frame *frame)
{
	u32 slot = machine_now->entries[frame->page].slot;

	return slot == NO_SLOT ? -1 : (s64)slot;
}

u32 mage_frame_list(struct mage_frame *frame)
{
	return frame->list;
}

bool mage_frame_prefetched(struct mage_frame *frame)
{
	return frame->prefetched;
}

u64 mage_frame_word(struct mage_domain *domain, struct mage_frame *frame, u32 index)
{
	(void)domain;
	return index < MAGE_FRAME_WORDS ? frame->word[index] : 0;
}

int mage_frame_set_word(struct mage_domain *domain, struct mage_frame *frame, u32 index, u64 value)
{
	(void)domain;
	if (index >= MAGE_FRAME_WORDS)
		return -EINVAL;
	frame->word[index] = value;
	return 0;
}

u64 mage_list_size(struct mage_domain *domain, u32 list)
{
	return list < MAGE_LISTS ? domain->lists[list].nr : 0;
}

u64 mage_clock(struct mage_domain *domain)
{
	return domain->clock;
}

s64 mage_room(struct mage_domain *domain)
{
	return machine_room(domain);
}

u64 mage_limit(struct mage_domain *domain)
{
	return machine_limit(domain);
}

u64 mage_headroom(struct mage_domain *domain)
{
	return domain->headroom;
}

u64 mage_frames(struct mage_domain *domain)
{
	return domain->frames_used;
}

u32 mage_waiting(struct mage_domain *domain)
{
	return domain->waiting;
}

u64 mage_counter(struct mage_domain *domain, u32 counter)
{
	const struct machine_counts *counts = &domain->counts;

	switch (counter) {
	case MAGE_COUNTER_FAULTS:
		return counts->faults;
	case MAGE_COUNTER_NEW:
		return counts->first_touches;
	case MAGE_COUNTER_EVICTIONS:
		return counts->evictions;
	case MAGE_COUNTER_CLEAN:
		return counts->evictions - counts->writes;
	case MAGE_COUNTER_PREFETCHED:
		return counts->prefetched;
	case MAGE_COUNTER_PREFETCH_HITS:
		return counts->prefetch_hits;
	case MAGE_COUNTER_PREFETCH_WASTE:
		return counts->prefetch_waste;
	case MAGE_COUNTER_REFAULTS:
		return counts->refaults;
	case MAGE_COUNTER_REFAULT_DISTANCE:
		return counts->refault_distance;
	default:
		return 0;
	}
}

u32 mage_evictors_count(void)
{
	return 1;
}

int mage_ghost_of_slot(struct mage_domain *domain, u32 slot, struct mage_ghost *ghost)
{
	return ghost_read(domain, slot, ghost);
}

/* Faults and waits take no time, so nothing is ever stalled. */
u64 mage_psi_ns(struct mage_domain *domain, bool full)
{
	(void)domain;
	(void)full;
	return 0;
}

u32 mage_reclaim_ahead(struct mage_domain *domain, u32 nr)
{
	/* Without time there is no reclaim before its time, either: see docs/simulator.md. */
	(void)domain;
	(void)nr;
	return 0;
}

s32 mage_frame_node(struct mage_frame *frame)
{
	return frame->state == FRAME_FREE ? -1 : 0;
}

/* A trace is of one mapping, which has no name. */
int mage_frame_name(struct mage_batch *batch, struct mage_frame *frame, char *name, u32 name__sz)
{
	(void)batch;
	(void)frame;
	memset(name, 0, name__sz);
	return 0;
}

int mage_fault_name(struct mage_fault *fault, char *name, u32 name__sz)
{
	(void)fault;
	memset(name, 0, name__sz);
	return 0;
}

s32 mage_batch_node(struct mage_batch *batch)
{
	(void)batch;
	return -1;
}

u64 mage_far_read_ns(void)
{
	return 0;
}

void mage_policy_error(struct mage_domain *domain, const char *message__str)
{
	machine_break(domain, "%s", message__str);
}

int mage_batch_add(struct mage_batch *batch, struct mage_frame *frame)
{
	return batch_take(batch, frame);
}

int mage_batch_clean(struct mage_batch *batch, struct mage_frame *frame, u32 list)
{
	return batch_take_to_clean(batch, frame, list);
}

int mage_batch_add_id(struct mage_batch *batch, u64 id)
{
	struct mage_domain *domain = batch->domain;

	if (id && id <= domain->frames_nr)
		return batch_take(batch, &domain->frames[id - 1]);
	machine_break(domain, "select picked %llu, which is no page", id);
	return -EXDEV;
}

int mage_batch_add_list(struct mage_batch *batch, u32 list, u32 nr)
{
	return batch_take_list(batch, list, nr);
}

int mage_batch_add_unused(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 flags)
{
	return pass_pick(batch, list, nr, to, flags);
}

int mage_batch_add_unused_around(struct mage_batch *batch, u32 list, u32 nr, u64 to, u32 flags)
{
	return pass_pick_around(batch, list, nr, to, flags);
}

int mage_list_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used)
{
	return pass_move(batch, list, nr, to, used);
}

bool mage_frame_accessed(struct mage_batch *batch, struct mage_frame *frame)
{
	return frame_accessed(batch->domain, frame);
}

u32 mage_frame_look_around(struct mage_batch *batch, struct mage_frame *frame, u64 to)
{
	return walk_look_around(batch, frame, to);
}

bool mage_frame_dirty(struct mage_batch *batch, struct mage_frame *frame)
{
	const struct entry *entry = &batch->domain->entries[frame->page];

	return entry->slot == NO_SLOT || entry->dirty;
}

u32 mage_frame_look(struct mage_batch *batch, struct mage_frame *frame)
{
	if (frame->state == FRAME_FREE)
		return MAGE_LOOK_DIRTY;
	return (mage_frame_accessed(batch, frame) ? MAGE_LOOK_ACCESSED : 0) |
	       (mage_frame_dirty(batch, frame) ? MAGE_LOOK_DIRTY : 0);
}

int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list,
			   u32 flags)
{
	return walk_new(it, batch, list, flags);
}

struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it)
{
	return walk_next(it);
}

void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it)
{
	walk_end(it);
}

int bpf_iter_mage_sample_new(struct bpf_iter_mage_sample *it, struct mage_batch *batch, u32 nr)
{
	sample_new(it, batch, nr);
	return 0;
}

struct mage_frame *bpf_iter_mage_sample_next(struct bpf_iter_mage_sample *it)
{
	return sample_next(it);
}

void bpf_iter_mage_sample_destroy(struct bpf_iter_mage_sample *it)
{
	(void)it;
}

struct victims {
	struct mage_batch *batch;
	u32 at;
};

static_assert(sizeof(struct victims) <= sizeof(struct bpf_iter_mage_victim), "see mm/mage/walk.c");

u32 mage_frame_process(struct mage_batch *batch, struct mage_frame *frame)
{
	(void)batch;
	return frame->state == FRAME_FREE ? 0 : MACHINE_PROCESS;
}

int mage_region_look(struct mage_batch *batch, u32 process, u64 start, u64 end,
		     struct mage_region *seen)
{
	return region_look(batch, process, start, end, seen);
}

int bpf_iter_mage_region_new(struct bpf_iter_mage_region *it, struct mage_batch *batch, u32 process,
			     u64 start, u64 end)
{
	return region_new(it, batch, process, start, end);
}

struct mage_frame *bpf_iter_mage_region_next(struct bpf_iter_mage_region *it)
{
	return region_next(it);
}

void bpf_iter_mage_region_destroy(struct bpf_iter_mage_region *it)
{
	(void)it;
}

int bpf_iter_mage_victim_new(struct bpf_iter_mage_victim *it, struct mage_batch *batch, u32 from)
{
	struct victims *victims = (struct victims *)it;

	victims->batch = batch;
	victims->at = from > batch->begun ? from : batch->begun;
	return 0;
}

struct mage_frame *bpf_iter_mage_victim_next(struct bpf_iter_mage_victim *it)
{
	struct victims *victims = (struct victims *)it;

	return batch_victim(victims->batch, victims->at++);
}

void bpf_iter_mage_victim_destroy(struct bpf_iter_mage_victim *it)
{
	(void)it;
}

int mage_prefetch_address(struct mage_fault *fault, u64 address)
{
	return prefetch_page(fault, address);
}

int mage_prefetch_slot(struct mage_fault *fault, u32 slot)
{
	return prefetch_slot(fault, slot);
}

int mage_fault_look(struct mage_fault *fault, u64 address)
{
	return prefetch_look(fault, address);
}

u64 bpf_ktime_get_ns(void)
{
	return machine_nanoseconds(machine_now);
}

u32 bpf_get_prandom_u32(void)
{
	return (u32)(random_next(&machine_now->random) >> 32);
}
