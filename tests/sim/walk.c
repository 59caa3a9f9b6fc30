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
	u8 to; /* where those go that were shown and not picked */
	u8 picked_to; /* and where those that were; MAGE_LISTS: into the batch */
	u8 flags;
	u32 left;
};

static_assert(sizeof(struct walk) <= sizeof(struct bpf_iter_mage_list), "see mm/mage/walk.c");

static bool flags_are_good(u32 flags)
{
	return !(flags & ~(u32)(MAGE_WALK_TAIL | MAGE_WALK_STAY | MAGE_WALK_RESUME)) &&
	       !(flags & MAGE_WALK_TAIL && flags & MAGE_WALK_STAY) &&
	       !(flags & MAGE_WALK_RESUME && !(flags & MAGE_WALK_STAY));
}

bool batch_may_look(struct mage_batch *batch, u32 left, u32 budget, const char *what)
{
	if (left)
		return true;
	if (++batch->refusals == REFUSALS)
		machine_break(batch->domain,
			      "began %d %s after it had looked at %u frames in one call", REFUSALS,
			      what, budget);
	return false;
}

bool walk_may_begin(struct mage_batch *batch)
{
	return batch_may_look(batch, batch->walk_budget, MAGE_WALK_BUDGET, "walks");
}

static void begin(struct walk *walk, struct mage_batch *batch, u32 list, u32 flags)
{
	struct list *walked = &batch->domain->lists[list];

	*walk = (struct walk){
		.batch = batch,
		.list = (u8)list,
		.to = (u8)list,
		.picked_to = MAGE_LISTS,
		.flags = (u8)flags,
		.left = (u32)walked->nr,
	};
	if (flags & MAGE_WALK_STAY && !(flags & MAGE_WALK_RESUME) && walk->left)
		walked->hand = NULL;
}

int walk_new(struct bpf_iter_mage_list *it, struct mage_batch *batch, u32 list, u32 flags)
{
	memset(it, 0, sizeof(*it));
	if (list >= MAGE_LISTS || !flags_are_good(flags))
		return -EINVAL;
	walk_may_begin(batch);
	begin((struct walk *)it, batch, list, flags);
	return 0;
}

/* A frame that was shown: it is a victim now, or changes ends, or stays. */
static void put_shown(struct walk *walk, struct mage_frame *frame, bool picked)
{
	struct mage_domain *domain = walk->batch->domain;
	bool is_victim = picked && walk->picked_to == MAGE_LISTS;

	if (frame->state != FRAME_WALKED) {
		/* It was moved after it was picked, so the pick does not count. */
		if (is_victim)
			batch_drop(walk->batch, frame);
	} else if (is_victim) {
		frame_unlink(domain, frame);
		frame->state = FRAME_VICTIM;
	} else if (walk->flags & MAGE_WALK_STAY) {
		frame->state = FRAME_LISTED;
	} else {
		frame_link(domain, frame, picked ? walk->picked_to : walk->to,
			   !(walk->flags & MAGE_WALK_TAIL));
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

static void next_row(struct walk *walk, u32 most)
{
	struct mage_batch *batch = walk->batch;
	u32 want = min(min(most, ROW), batch->walk_budget);

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
		next_row(walk, walk->flags & MAGE_WALK_STAY ? 1 : ROW);
	if (!walk->nr)
		return NULL;
	batch->walk = walk;
	return walk->row[walk->at++];
}

static void end(struct walk *walk)
{
	if (!walk->nr)
		return;
	walk->batch->walk_budget += walk->nr - walk->at;
	put_row(walk);
}

void walk_end(struct bpf_iter_mage_list *it)
{
	struct walk *walk = (struct walk *)it;

	if (walk->batch)
		end(walk);
	if (walk->batch && walk->batch->walk == walk)
		walk->batch->walk = NULL;
	memset(it, 0, sizeof(*it));
}

u32 walk_look_around(struct mage_batch *batch, struct mage_frame *frame, u64 to)
{
	struct walk *walk = batch->walk;
	const struct around around = {
		.batch = batch,
		.left = walk ? &walk->left : NULL,
		.walked = walk ? walk->list : 0,
		.to = to,
		.tail = true,
	};

	return frame_accessed(batch->domain, frame) ? 1 + around_look(&around, frame) : 0;
}

/* Looks at all of a row; how many were not used. */
static u32 pass_row(struct walk *walk, u32 flags, const struct around *around)
{
	struct mage_batch *batch = walk->batch;
	u32 unused = 0;

	while (walk->at < walk->nr) {
		struct mage_frame *frame = walk->row[walk->at++];
		bool arrives = flags & MAGE_PASS_AGAIN && frame->prefetched;

		if (frame_accessed(batch->domain, frame) && !arrives) {
			if (around)
				around_look(around, frame);
			continue;
		}
		unused++;
		walk->picked |= 1U << (walk->at - 1);
		if (walk->picked_to == MAGE_LISTS)
			batch_push(batch, frame);
	}
	return unused;
}

/* How many were looked at; and of these, not used. */
static u32 pass(struct walk *walk, u32 nr, u32 flags, const struct around *around, u32 *unused)
{
	struct mage_batch *batch = walk->batch;
	u32 seen = 0;

	while (seen < nr && (batch->scan || batch->nr < batch->max)) {
		next_row(walk, nr - seen);
		if (!walk->nr)
			break;
		seen += walk->nr;
		*unused += pass_row(walk, flags, around);
	}
	end(walk);
	return seen;
}

int pass_pick(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 flags)
{
	struct walk walk;
	u32 unused = 0;

	if (list >= MAGE_LISTS || to >= MAGE_LISTS || !flags_are_good(flags & ~MAGE_PASS_AGAIN))
		return -EINVAL;
	if (batch->scan || !nr || !walk_may_begin(batch))
		return 0;
	begin(&walk, batch, list, flags & ~MAGE_PASS_AGAIN);
	walk.to = (u8)to;
	return (int)pass(&walk, nr, flags, NULL, &unused);
}

int pass_pick_around(struct mage_batch *batch, u32 list, u32 nr, u64 to, u32 flags)
{
	struct walk walk;
	const struct around around = {
		.batch = batch,
		.left = &walk.left,
		.walked = list,
		.to = to,
		.tail = !(flags & MAGE_WALK_TAIL),
		.again = flags & MAGE_PASS_AGAIN,
	};
	u32 unused = 0;

	if (list >= MAGE_LISTS || !flags_are_good(flags & ~MAGE_PASS_AGAIN))
		return -EINVAL;
	if (batch->scan || !nr || !walk_may_begin(batch))
		return 0;
	begin(&walk, batch, list, flags & ~MAGE_PASS_AGAIN);
	walk.to = (u8)around_list(to, list);
	return (int)pass(&walk, nr, flags, &around, &unused);
}

int pass_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used)
{
	struct walk walk;
	u32 unused = 0;

	if (list >= MAGE_LISTS || to >= MAGE_LISTS || used >= MAGE_LISTS)
		return -EINVAL;
	if (!nr || !walk_may_begin(batch))
		return 0;
	begin(&walk, batch, list, MAGE_WALK_TURN);
	walk.to = (u8)used;
	walk.picked_to = (u8)to;
	pass(&walk, nr, 0, NULL, &unused);
	return (int)unused;
}
