/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: walks of lists, and samples.
 */
#ifndef _MM_MAGE_WALK_H
#define _MM_MAGE_WALK_H

#include "batch.h"
#include "call.h"
#include "domain.h"

/**
 * struct bpf_iter_mage_list - an open-coded iterator over a list of a domain
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_list {
	u64 __opaque[20];
} __aligned(8);

/**
 * struct bpf_iter_mage_sample - an open-coded iterator over a sample of a domain
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_sample {
	u64 __opaque[3];
} __aligned(8);

/**
 * struct bpf_iter_mage_victim - an open-coded iterator over victims of a batch
 * @__opaque: the kernel's
 */
struct bpf_iter_mage_victim {
	u64 __opaque[2];
} __aligned(8);

/* Frames that a walk takes at a time. */
#define MAGE_WALK_ROW		16

/**
 * struct mage_list_walk - what the iterator holds
 * @batch: the batch being filled
 * @row: frames taken from the list; with MAGE_WALK_STAY they are on it still
 * @nr: how many
 * @at: how many of them the program has been given
 * @picked: which of those it has picked, a bit each; they become victims under
 *	the next hold of the shard's lock
 * @list: the list
 * @flags: enum mage_walk_flags
 * @shard: index of the shard being walked, counted from @start
 * @start: the shard that comes first
 * @span: the shards that are walked
 * @left: frames of this shard that have not been seen
 * @epoch: the domain's when the walk began, which the next policy changes
 * @to: the list to which frames go that were shown and not picked, unless they stay; @list
 *	but in a pass
 * @picked_to: the list to which those go that were picked; MAGE_LISTS if they become
 *	victims, as they do but in a pass
 */
struct mage_list_walk {
	struct mage_batch *batch;
	struct mage_frame *row[MAGE_WALK_ROW];
	u32 picked;
	u8 nr;
	u8 at;
	u8 list;
	u8 flags;
	u16 shard;
	u16 start;
	struct mage_span span;
	u32 left;
	u8 epoch;
	u8 to;
	u8 picked_to;
};

static_assert(sizeof(struct mage_list_walk) <= sizeof(struct bpf_iter_mage_list));
static_assert(MAGE_WALK_ROW <= 32);	/* bits of mage_list_walk.picked */

int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list,
			   u32 flags);
struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it);
void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it);
unsigned int mage_turn_shard(struct mage_batch *batch, const struct mage_span *span, u32 list);
void mage_walk_begin(struct mage_list_walk *walk, struct mage_batch *batch, u32 list, u32 flags);
bool mage_walk_take_row(struct mage_list_walk *walk, unsigned int most);
void mage_walk_end(struct mage_list_walk *walk);
bool mage_batch_may_look(struct mage_batch *batch, u32 left, u32 budget, const char *what);
bool mage_walk_may_begin(struct mage_batch *batch, const char *what);
int mage_walk_pick(struct mage_batch *batch, struct mage_frame *frame);

/* Before more frames are looked at: whether the callback that does has time for them. */
static inline bool mage_batch_goes_on(const struct mage_batch *batch)
{
	return !batch->call || mage_call_look(batch->call);
}

/* Whether a walk can do what its flags say. */
static inline bool mage_walk_can(u32 flags)
{
	if (flags & ~(MAGE_WALK_TAIL | MAGE_WALK_STAY | MAGE_WALK_RESUME))
		return false;
	if (flags & MAGE_WALK_STAY)
		return !(flags & MAGE_WALK_TAIL);
	return !(flags & MAGE_WALK_RESUME);
}

/* The shard that is being walked. */
static inline struct mage_shard *mage_walk_shard(const struct mage_list_walk *walk)
{
	return mage_span_shard(&walk->batch->domain->shards, &walk->span,
			       walk->start + walk->shard);
}

static inline bool mage_walk_is_over(const struct mage_list_walk *walk)
{
	const struct mage_batch *batch = walk->batch;

	/* With a full batch there is nothing to look for. */
	return !batch->scan && batch->nr >= batch->max;
}

/* What a row still has to show; what was taken but has been freed since is not shown. */
static inline struct mage_frame *mage_walk_show(struct mage_list_walk *walk)
{
	while (walk->at < walk->nr) {
		struct mage_frame *frame = walk->row[walk->at++];

		if (likely(READ_ONCE(frame->owner)))
			return frame;
	}
	return NULL;
}

/*
 * Picks the frame that the walk has shown last: the batch has room for it.  One look, as
 * the page may be freed meanwhile: then the walk drops it.
 */
static inline bool mage_walk_pick_last(struct mage_list_walk *walk, struct mage_frame *frame)
{
	u32 bit = BIT(walk->at - 1);
	u64 owner = READ_ONCE(frame->owner);

	if (walk->picked & bit || !owner)
		return false;
	walk->picked |= bit;
	mage_batch_push(walk->batch, frame, mage_owner_folio(owner));
	return true;
}

/**
 * mage_walk_pick_shown() - pick the frame that a walk has just returned
 * @batch: the batch being filled
 * @frame: the frame
 *
 * That is how most victims are picked.  So as not to lock the shard for each of
 * them, the frame becomes a victim when the walk puts its row back; until then
 * it is walked, and the batch names it without holding it.
 *
 * Return: false if that is not what the frame is, or not all is well with it
 */
static inline bool mage_walk_pick_shown(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_list_walk *walk = batch->walk;

	/* A walk that has shown something has it in its row until it goes on. */
	if (!walk || !walk->at || walk->row[walk->at - 1] != frame || batch->nr >= batch->max)
		return false;
	return mage_walk_pick_last(walk, frame);
}

int bpf_iter_mage_sample_new(struct bpf_iter_mage_sample *it, struct mage_batch *batch, u32 nr);
struct mage_frame *bpf_iter_mage_sample_next(struct bpf_iter_mage_sample *it);
void bpf_iter_mage_sample_destroy(struct bpf_iter_mage_sample *it);

int bpf_iter_mage_victim_new(struct bpf_iter_mage_victim *it, struct mage_batch *batch, u32 from);
struct mage_frame *bpf_iter_mage_victim_next(struct bpf_iter_mage_victim *it);
void bpf_iter_mage_victim_destroy(struct bpf_iter_mage_victim *it);

#endif /* _MM_MAGE_WALK_H */
