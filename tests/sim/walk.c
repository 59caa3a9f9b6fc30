// SPDX-License-Identifier: GPL-2.0-only
/* How a policy walks a list, as mm/mage/walk.c with one shard. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "internal.h"

/* Frames that a walk takes at a time. */
#define ROW 16U

/* Walks that may begin in one call after its budget is spent. */
#define REFUSALS 1024

struct walk {
	struct mage_batch *batch;
	struct mage_frame *row[ROW];
	u32 picked; /* of those that were shown, a bit each: victims once the walk goes on */
	u8 nr;
	u8 at;
	u8 list;
	u8 flags;
	u32 left;
};

static_assert(sizeof(struct walk) <= sizeof(struct bpf_iter_mage_list), "see mm/mage/walk.c");

int walk_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list, u32 flags)
{
	struct walk *walk = (struct walk *)it;
	struct list *walked;

	memset(it, 0, sizeof(*it));
	if (list >= MAGE_LISTS ||
	    flags & ~(u32)(MAGE_WALK_TAIL | MAGE_WALK_STAY | MAGE_WALK_RESUME) ||
	    (flags & MAGE_WALK_TAIL && flags & MAGE_WALK_STAY) ||
	    (flags & MAGE_WALK_RESUME && !(flags & MAGE_WALK_STAY)))
		return -EINVAL;
	if (!batch->walk_budget && ++batch->refusals == REFUSALS)
		machine_break(batch->domain,
			      "began %d walks after it had looked at %d frames in one call",
			      REFUSALS, MAGE_WALK_BUDGET);
	walk->batch = batch;
	walk->list = (u8)list;
	walk->flags = (u8)flags;
	walked = &batch->domain->lists[list];
	walk->left = (u32)walked->nr;
	if (flags & MAGE_WALK_STAY && !(flags & MAGE_WALK_RESUME) && walk->left)
		walked->hand = NULL;
	return 0;
}

/* A frame that was shown: it is a victim now, or changes ends, or stays. */
static void put_shown(struct walk *walk, struct mage_frame *frame, bool picked)
{
	struct mage_domain *domain = walk->batch->domain;

	if (frame->state != FRAME_WALKED) {
		/* It was moved after it was picked, so the pick does not count. */
		if (picked)
			batch_drop(walk->batch, frame);
	} else if (picked) {
		frame_unlink(domain, frame);
		frame->state = FRAME_VICTIM;
	} else if (walk->flags & MAGE_WALK_STAY) {
		frame->state = FRAME_LISTED;
	} else {
		frame_link(domain, frame, walk->list, !(walk->flags & MAGE_WALK_TAIL));
	}
}

/* What was not shown goes back where it was. */
static void put_row(struct walk *walk)
{
	for (u32 i = 0; i < walk->at; i++)
		put_shown(walk, walk->row[i], walk->picked & 1U << i);
	for (u32 i = walk->nr; i > walk->at; i--)
		if (walk->row[i - 1]->state == FRAME_WALKED)
			frame_link(walk->batch->domain, walk->row[i - 1], walk->list,
				   walk->flags & MAGE_WALK_TAIL);
	walk->nr = 0;
	walk->at = 0;
	walk->picked = 0;
}

int walk_pick(struct mage_batch *batch, struct mage_frame *frame)
{
	struct walk *walk = batch->walk;

	if (!walk)
		return -EXDEV;
	for (u32 i = 0; i < walk->at; i++) {
		if (walk->row[i] != frame)
			continue;
		if (walk->picked & 1U << i)
			return -EBUSY;
		if (i + 1 < walk->at)
			return -EXDEV;
		walk->picked |= 1U << i;
		batch_push(batch, frame);
		return 0;
	}
	return -EXDEV;
}

static struct mage_frame *take_stay(struct walk *walk)
{
	struct list *list = &walk->batch->domain->lists[walk->list];

	while (walk->left) {
		struct mage_frame *frame = list->hand ? list->hand : list_first(list);

		walk->left--;
		if (!frame)
			break;
		list->hand = list_after(list, frame);
		if (frame->state == FRAME_LISTED)
			return frame;
	}
	walk->left = 0;
	return NULL;
}

static struct mage_frame *take_turn(struct walk *walk)
{
	struct list *list = &walk->batch->domain->lists[walk->list];
	struct mage_frame *frame;

	if (!walk->left)
		return NULL;
	walk->left--;
	frame = walk->flags & MAGE_WALK_TAIL ? list_last(list) : list_first(list);
	if (frame)
		frame_unlink(walk->batch->domain, frame);
	else
		walk->left = 0;
	return frame;
}

static u32 min(u32 a, u32 b)
{
	return a < b ? a : b;
}

static void next_row(struct walk *walk)
{
	struct mage_batch *batch = walk->batch;
	u32 want = min(walk->flags & MAGE_WALK_STAY ? 1 : ROW, batch->walk_budget);

	if (!batch->scan)
		want = min(want, batch->max - batch->nr);
	if (!walk->nr && (!want || !walk->left))
		return;
	put_row(walk);
	while (walk->nr < want) {
		struct mage_frame *frame = walk->flags & MAGE_WALK_STAY ? take_stay(walk) :
									  take_turn(walk);

		if (!frame)
			break;
		frame->state = FRAME_WALKED;
		walk->row[walk->nr++] = frame;
	}
	batch->walk_budget -= walk->nr;
}

struct mage_frame *walk_next(struct bpf_iter_mage_list *it)
{
	struct walk *walk = (struct walk *)it;
	struct mage_batch *batch = walk->batch;

	if (!batch || (!batch->scan && batch->nr >= batch->max))
		return NULL;
	if (walk->at == walk->nr)
		next_row(walk);
	if (!walk->nr)
		return NULL;
	batch->walk = walk;
	return walk->row[walk->at++];
}

void walk_end(struct bpf_iter_mage_list *it)
{
	struct walk *walk = (struct walk *)it;

	if (walk->batch && walk->nr) {
		walk->batch->walk_budget += walk->nr - walk->at;
		put_row(walk);
	}
	if (walk->batch && walk->batch->walk == walk)
		walk->batch->walk = NULL;
	memset(it, 0, sizeof(*it));
}
