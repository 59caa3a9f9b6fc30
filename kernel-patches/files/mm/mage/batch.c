// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: victims that travel together, and where they come from and go back to.
 */
#include "batch.h"
#include "domain.h"
#include "shard.h"

/**
 * mage_batch_add_victims() - pages have come into the pipeline, or left it
 * @batch: their batch
 * @nr: how many, negative if they left
 */
void mage_batch_add_victims(struct mage_batch *batch, long nr)
{
	mage_domain_add_victims(batch->domain, nr);
	if (batch->node)
		atomic_long_add(nr, &batch->domain->want[mage_batch_nid(batch)].coming);
}

/**
 * mage_batch_add_late() - the far store keeps victims waiting, or does not any more
 * @batch: their batch
 * @nr: how many, negative if it has answered
 */
void mage_batch_add_late(struct mage_batch *batch, long nr)
{
	mage_domain_add_late(batch->domain, nr);
	if (batch->node)
		atomic_long_sub(nr, &batch->domain->want[mage_batch_nid(batch)].coming);
}

/**
 * mage_batch_drop() - take the last victim of a frame back
 * @batch: the batch, which has not armed it
 * @frame: the frame
 */
void mage_batch_drop(struct mage_batch *batch, struct mage_frame *frame)
{
	unsigned int i = batch->nr;

	while (i-- > batch->armed) {
		if (batch->victim[i].frame == frame) {
			batch->cleaning -= batch->victim[i].cleaning;
			batch->victim[i] = batch->victim[--batch->nr];
			return;
		}
	}
}

/**
 * mage_frames_take() - make the heads of a list victims, with references
 * @batch: the batch, which has room for them
 * @shard: the shard
 * @list: which of its lists
 * @nr: how many at most
 *
 * Return: how many there were
 */
unsigned int mage_frames_take(struct mage_batch *batch, struct mage_shard *shard, u32 list,
			      unsigned int nr)
{
	struct mage_frame *frame, *next;
	struct folio_batch isolated;
	unsigned long flags;
	unsigned int got = 0;

	folio_batch_init(&isolated);
	spin_lock_irqsave(&shard->lock, flags);
	list_for_each_entry_safe(frame, next, &shard->lists[list], link) {
		if (got == nr || !folio_batch_space(&isolated))
			break;
		/* One that is being freed or isolated leaves the list by itself. */
		if (frame->state != MAGE_FRAME_LISTED || !mage_frame_hold(frame, &isolated))
			continue;
		mage_frame_unlink(shard, frame);
		frame->state = MAGE_FRAME_VICTIM;
		mage_batch_push(batch, frame, mage_frame_folio(frame));
		got++;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	mage_isolated_put(&isolated);
	return got;
}

/* Frames that leave or come back under one hold of a shard's lock. */
#define MAGE_ROW_MAX		32

/**
 * struct mage_row - victims of one shard in a row, under one hold of its lock
 * @shard: the locked shard, or NULL
 * @flags: interrupt flags of before
 * @nr: frames so far
 */
struct mage_row {
	struct mage_shard *shard;
	unsigned long flags;
	unsigned int nr;
};

static void mage_row_end(struct mage_row *row)
{
	if (row->shard)
		spin_unlock_irqrestore(&row->shard->lock, row->flags);
	row->shard = NULL;
}

/* Locks the shard of a victim, whose owner its batch alone changes. */
static struct mage_shard *mage_row_next(struct mage_row *row, struct mage_domain *domain,
					const struct mage_frame *frame)
{
	struct mage_shard *shard = mage_shard_of(&domain->shards, frame->owner);

	if (row->shard != shard || ++row->nr == MAGE_ROW_MAX) {
		mage_row_end(row);
		spin_lock_irqsave(&shard->lock, row->flags);
		row->shard = shard;
		row->nr = 0;
	}
	return shard;
}

/**
 * mage_victims_remove() - the victims that are out leave the domain
 * @batch: a batch whose pages are about to be freed
 *
 * Return: how many left
 */
unsigned long mage_victims_remove(struct mage_batch *batch)
{
	struct mage_row row = {};
	unsigned long removed = 0;
	unsigned int i;

	for (i = 0; i < batch->nr; i++) {
		struct mage_frame *frame = batch->victim[i].frame;
		struct mage_shard *shard;

		if (!mage_victim_is_out(&batch->victim[i]))
			continue;
		shard = mage_row_next(&row, batch->domain, frame);
		mage_shard_count(&batch->domain->shards, shard, batch->victim[i].folio, -1);
		frame->state = MAGE_FRAME_NONE;
		WRITE_ONCE(frame->owner, 0);
		removed++;
	}
	mage_row_end(&row);
	return removed;
}

/*
 * The list for a victim that stays.  Under the lock of its shard, so that it is either
 * gathered when another policy takes over, or that one's epoch is seen.
 */
static u32 mage_victim_list(const struct mage_batch *batch, const struct mage_victim *victim)
{
	return victim->outcome == MAGE_OUTCOME_CLEANED &&
	       victim->epoch == READ_ONCE(batch->domain->shards.epoch) ? victim->list : 0;
}

/**
 * mage_victims_relist() - the victims that stay go to the tail of list 0, or of the one
 * named for what was cleaned, and are on the LRU again
 * @batch: the batch
 * @first: the first victim to look at
 */
void mage_victims_relist(struct mage_batch *batch, unsigned int first)
{
	struct mage_row row = {};
	unsigned int i;

	for (i = first; i < batch->nr; i++) {
		struct mage_frame *frame = batch->victim[i].frame;
		struct mage_shard *shard;

		if (!mage_victim_stays(&batch->victim[i]))
			continue;
		shard = mage_row_next(&row, batch->domain, frame);
		mage_frame_link(shard, frame, mage_victim_list(batch, &batch->victim[i]), true);
		folio_set_lru(batch->victim[i].folio);
	}
	mage_row_end(&row);
}
