// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: passes through lists, which look at many pages for a policy in one go.
 *
 * A pass is a walk without a program that is shown each frame: by that, and as looks at
 * neighbours share their locks, it costs a small part of one.  Order, turns of the
 * shards, budget, and what becomes of a page that leaves meanwhile are the same.
 */
#include <linux/mage_policy.h>
#include "pass.h"
#include "around.h"
#include "batch.h"
#include "look.h"
#include "mapping.h"
#include "walk.h"

/* Whether a page was used; by the policy's choice not, if that was its arrival. */
static bool mage_pass_finds_use(struct mage_batch *batch, struct mage_frame *frame,
				struct mage_mapping *map, u32 flags)
{
	bool arrives = flags & MAGE_PASS_AGAIN && frame->prefetched;

	return mage_frame_take_young_near(batch, frame, map) && !arrives;
}

/*
 * Looks at up to @nr frames, and returns at how many; counts those that were not used.  Each
 * row is looked at whole, under a page table lock that is held no longer than for that.
 * With @around, which may be NULL, the neighbours of those that were used are, too.
 */
static u32 mage_pass(struct mage_list_walk *walk, u32 nr, u32 flags,
		     const struct mage_around *around, u32 *unused)
{
	struct mage_batch *batch = walk->batch;
	struct mage_mapping map = {
		.batch = batch,
		.try_lock = true,
		.vain = &batch->walk_budget,
	};
	struct mage_frame *frame;
	u32 seen = 0;

	while (seen < nr && !mage_walk_is_over(walk) && mage_walk_take_row(walk, nr - seen)) {
		while ((frame = mage_walk_show(walk))) {
			seen++;
			if (mage_pass_finds_use(batch, frame, &map, flags)) {
				if (around && map.used)
					mage_around_look(around, &map);
				continue;
			}
			++*unused;
			if (walk->picked_to == MAGE_LISTS)
				mage_walk_pick_last(walk, frame);
			else
				walk->picked |= BIT(walk->at - 1);
		}
		/* Before the lock of the shard, and what the next row waits for. */
		mage_mapping_end(&map);
	}
	mage_walk_end(walk);
	return seen;
}

/* Whether there is such a list, and a pass that picks can do what its flags say. */
static bool mage_pass_can(u32 list, u32 flags)
{
	return list < MAGE_LISTS && mage_walk_can(flags & ~MAGE_PASS_AGAIN);
}

/* Whether a pass that picks may begin; what tick is given takes no victims. */
static bool mage_pass_may_pick(struct mage_batch *batch, u32 nr)
{
	return !batch->scan && nr && mage_walk_may_begin(batch, "passes");
}

/**
 * mage_pass_pick() - pick those of a list that were not used
 * @batch: the batch
 * @list: any number
 * @nr: frames to look at, at most
 * @to: any number: the list that those which were used go to, unless they stay
 * @flags: enum mage_walk_flags and enum mage_pass_flags
 *
 * Return: frames looked at; -EINVAL for a bad list or flags
 */
int mage_pass_pick(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 flags)
{
	struct mage_list_walk walk;
	u32 unused = 0;

	if (to >= MAGE_LISTS || !mage_pass_can(list, flags))
		return -EINVAL;
	if (!mage_pass_may_pick(batch, nr))
		return 0;
	mage_walk_begin(&walk, batch, list, flags & ~MAGE_PASS_AGAIN);
	walk.to = to;
	return mage_pass(&walk, nr, flags, NULL, &unused);
}

/**
 * mage_pass_pick_around() - the same, with a look at the neighbours of those that were used
 * @batch: the batch
 * @list: any number
 * @nr: frames to look at, at most, beside neighbours
 * @to: as of &struct mage_around, for those of @list, too
 * @flags: enum mage_walk_flags and enum mage_pass_flags
 *
 * Return: frames of @list looked at, but for neighbours; -EINVAL for a bad list or flags
 */
int mage_pass_pick_around(struct mage_batch *batch, u32 list, u32 nr, u64 to, u32 flags)
{
	struct mage_list_walk walk;
	const struct mage_around around = {
		.batch = batch,
		.walk = &walk,
		.to = to,
		.tail = !(flags & MAGE_WALK_TAIL),
		.again = flags & MAGE_PASS_AGAIN,
	};
	u32 unused = 0;

	if (!mage_pass_can(list, flags))
		return -EINVAL;
	if (!mage_pass_may_pick(batch, nr))
		return 0;
	mage_walk_begin(&walk, batch, list, flags & ~MAGE_PASS_AGAIN);
	walk.to = mage_around_list(to, list);
	return mage_pass(&walk, nr, flags, &around, &unused);
}

/**
 * mage_pass_move() - move frames from a list to others, and forget that they were used
 * @batch: the batch of the callback that does
 * @list: any number
 * @nr: how many at most
 * @to: any number: the list that those which were not used go to
 * @used: any number: that of the others
 *
 * Return: frames moved that were not used; -EINVAL for a bad list
 */
int mage_pass_move(struct mage_batch *batch, u32 list, u32 nr, u32 to, u32 used)
{
	struct mage_list_walk walk;
	u32 unused = 0;

	if (list >= MAGE_LISTS || to >= MAGE_LISTS || used >= MAGE_LISTS)
		return -EINVAL;
	if (!nr || !mage_walk_may_begin(batch, "passes"))
		return 0;
	mage_walk_begin(&walk, batch, list, MAGE_WALK_TURN);
	walk.to = used;
	walk.picked_to = to;
	mage_pass(&walk, nr, 0, NULL, &unused);
	return unused;
}
