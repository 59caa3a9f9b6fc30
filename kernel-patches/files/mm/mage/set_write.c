// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: writes of a set.
 *
 * A batch goes in pieces.  A piece has some pages, and for each leg of a column of theirs that
 * is live a batch with them.  It is over when each leg has answered.  A page is written if a
 * leg has it that counts still.
 *
 * A slot has one writer at a time, its owner, and while it is written nobody reads it.  So all
 * that has to be argued is what becomes of its stale bits, all of which change under the lock:
 *
 *   - Which legs get a piece is decided in one hold of the lock, and for those that do not the
 *     pages are stale at the end of it.
 *   - A leg that gets it and is suspended or fails under way gives its pages back as failed.
 *     They are stale there before the batch is done, if another leg has them.  If none has
 *     them the write has failed, and what the slot holds is unknown to its owner as well.
 *   - A leg that has acknowledged a page has it, however old the acknowledgment is: no later
 *     write to the slot has begun, and no copy is written to a leg while a piece is under way
 *     that it gets, see set_resync.c.  So the page is not stale there any more.
 *   - A leg that joined after the decision has its pages stale, as they count as written from
 *     the decision on.  One that is being removed, or has failed, since it acknowledged a page
 *     counts no more: a page that only that one has was not written.
 *   - A write that went to a leg and was given back as failed when it was suspended does not
 *     arrive later: a leg that resumes has seen to that.
 *
 *   - A leg that does not answer may be given up, see set_stall.c.  That is as if its part had
 *     failed, but the store may still look at the pages: so they have a reference until it
 *     answers, none of them is evicted meanwhile, and the leg gets no other write.
 *
 * Pieces have memory of their own.  When there is none a batch waits until a piece is over.
 */
#include <linux/atomic.h>
#include <linux/bitmap.h>
#include <linux/bitops.h>
#include <linux/container_of.h>
#include <linux/errno.h>
#include <linux/jiffies.h>
#include <linux/list.h>
#include <linux/lockdep.h>
#include <linux/mage_backend.h>
#include <linux/mempool.h>
#include <linux/minmax.h>
#include <linux/mm.h>
#include <linux/sched/mm.h>
#include <linux/slab.h>
#include <linux/spinlock.h>
#include <linux/string.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include "set_stale.h"
#include "set_write.h"

/* Pages of a piece times the legs they go to, at most; a piece takes a page of memory. */
#define MAGE_PIECE_IOS		112

/* Pieces in reserve. */
#define MAGE_PIECES		16

/* For so long who copies waits for writes, with the set's mutex. */
#define MAGE_SETTLE_MOST	(10 * HZ)

/**
 * struct mage_piece_part - what of a piece goes to one leg
 * @chain: as the leg's backend sees it
 * @piece: the piece
 * @leg: the leg
 * @first: in @io and @page of the piece
 * @given_up: the leg did not answer.  Under the lock of the set
 */
struct mage_piece_part {
	struct mage_io_batch chain;
	struct mage_piece *piece;
	struct mage_leg *leg;
	unsigned int first;
	bool given_up;
};

/**
 * struct mage_piece - some pages of a batch, on their way to each leg that is to have them
 * @set: the set
 * @batch: the batch
 * @first: of its pages the first
 * @nr: how many
 * @phase: see @under_way of the set
 * @nr_parts: elements of @part
 * @left: parts that are neither done nor given up
 * @settled: a bit a part: it is done, or given up, whichever came first
 * @nr_late: parts that were given up and are not done.  Under the lock of the set, as the next
 *	three
 * @is_over: all parts are done or given up, and @batch may be gone
 * @made: among those that are not over
 * @since: jiffies when it was made
 * @part: what goes to each leg
 * @io: elements of the parts
 * @page: for each of them the number of the page in the piece
 */
struct mage_piece {
	struct mage_set *set;
	struct mage_io_batch *batch;
	unsigned int first;
	unsigned int nr;
	unsigned int phase;
	unsigned int nr_parts;
	atomic_t left;
	unsigned long settled;
	unsigned int nr_late;
	bool is_over;
	struct list_head made;
	unsigned long since;
	struct mage_piece_part part[MAGE_LEGS_MAX];
	struct mage_io io[MAGE_PIECE_IOS];
	u8 page[MAGE_PIECE_IOS];
};

static_assert(sizeof(struct mage_piece) <= 4096);
static_assert(MAGE_PIECE_IOS <= U8_MAX);
static_assert(MAGE_LEGS_MAX <= BITS_PER_LONG);

/* Whether a write is to leave a leg out, for it is not there or a window is open. */
static bool mage_leg_misses(const struct mage_leg *leg, pgoff_t slot)
{
	return !leg->live || mage_leg_is_filled(leg, slot);
}

static struct mage_piece_part *mage_piece_part(struct mage_piece *piece, struct mage_leg *leg)
{
	struct mage_piece_part *part;
	unsigned int i;

	for (i = 0; i < piece->nr_parts; i++)
		if (piece->part[i].leg == leg)
			return &piece->part[i];
	part = &piece->part[piece->nr_parts++];
	part->leg = leg;
	part->piece = piece;
	part->given_up = false;
	part->chain.nr = 0;
	return part;
}

/* Legs of a page's column, all of which might get it. */
static unsigned int mage_column_nr(struct mage_set *set, pgoff_t slot)
{
	return mage_set_column(set, &slot)->nr_legs;
}

/* How many pages fit, whichever legs are live. */
static unsigned int mage_piece_room(struct mage_set *set, const struct mage_io_batch *batch)
{
	unsigned int i, ios = 0;

	for (i = batch->begun; i < batch->nr; i++) {
		ios += mage_column_nr(set, batch->io[i].slot);
		if (ios > MAGE_PIECE_IOS)
			break;
	}
	return i - batch->begun;
}

/* Under the lock: a page has its legs; those that it leaves out have an old copy from now on. */
static void mage_piece_add(struct mage_piece *piece, unsigned int page)
{
	struct mage_io *io = &piece->batch->io[piece->first + page];
	struct mage_set *set = piece->set;
	pgoff_t slot = io->slot;
	struct mage_column *column = mage_set_column(set, &slot);
	struct mage_leg *leg, *missing[MAGE_LEGS_MAX];
	unsigned int takers = 0, nr_missing = 0;

	io->error = -EIO;
	mage_for_each_leg(column, leg) {
		if (mage_leg_misses(leg, slot)) {
			missing[nr_missing++] = leg;
			continue;
		}
		mage_piece_part(piece, leg)->chain.nr++;
		takers++;
	}
	/* What nobody gets is written nowhere, and what is there stays. */
	if (!takers)
		return;
	while (nr_missing--)
		mage_leg_set_stale(missing[nr_missing], slot);
	if (!test_bit(slot, column->written)) {
		__set_bit(slot, column->written);
		column->nr_written++;
	}
}

/* Under the lock, with the state that mage_piece_add() has found. */
static void mage_piece_fill(struct mage_piece *piece, unsigned int page)
{
	struct mage_io *io = &piece->batch->io[piece->first + page];
	struct mage_set *set = piece->set;
	pgoff_t slot = io->slot;
	struct mage_column *column = mage_set_column(set, &slot);
	struct mage_leg *leg;
	unsigned int at;

	mage_for_each_leg(column, leg) {
		struct mage_piece_part *part;

		if (mage_leg_misses(leg, slot))
			continue;
		part = mage_piece_part(piece, leg);
		at = part->first + part->chain.nr++;
		piece->page[at] = page;
		piece->io[at].page = io->page;
		piece->io[at].slot = slot;
		piece->io[at].error = -EIO;
		piece->io[at].checksum = io->checksum;
	}
}

static void mage_piece_done(struct mage_io_batch *chain);

/* Under the lock: the next piece of a batch; NULL if there is no memory for one. */
static struct mage_piece *mage_piece_make(struct mage_set *set, struct mage_io_batch *batch)
{
	struct mage_piece *piece = mempool_alloc(set->pieces, GFP_NOWAIT | __GFP_NOWARN);
	unsigned int i, at = 0;

	if (!piece)
		return NULL;
	piece->set = set;
	piece->batch = batch;
	piece->first = batch->begun;
	piece->nr = mage_piece_room(set, batch);
	piece->nr_parts = 0;
	piece->settled = 0;
	piece->nr_late = 0;
	piece->is_over = false;
	piece->since = jiffies;
	piece->phase = set->phase;
	set->under_way[set->phase]++;
	for (i = 0; i < piece->nr; i++)
		mage_piece_add(piece, i);
	for (i = 0; i < piece->nr_parts; i++) {
		struct mage_piece_part *part = &piece->part[i];

		part->first = at;
		at += part->chain.nr;
		part->chain.io = &piece->io[part->first];
		part->chain.done = mage_piece_done;
		part->chain.nr = 0;
	}
	for (i = 0; i < piece->nr; i++)
		mage_piece_fill(piece, i);
	batch->begun += piece->nr;
	list_add_tail(&piece->made, &set->made);
	/* One for who posts it. */
	atomic_set(&piece->left, piece->nr_parts + 1);
	return piece;
}

/* What a leg has said of a page; it may say something else later if it was given up. */
static int mage_part_error(const struct mage_piece_part *part, unsigned int i)
{
	return part->given_up ? -EIO : part->chain.io[i].error;
}

/* Under the lock: what a leg's answer means for one page. */
static void mage_part_settle(struct mage_piece_part *part, unsigned int i,
			     const unsigned long *written)
{
	struct mage_io *io = &part->chain.io[i];
	int error = mage_part_error(part, i);

	if (error)
		atomic_long_inc(&part->leg->write_errors);
	else
		atomic_long_inc(&part->leg->writes);
	/* If no leg has it nobody needs another copy of what is there. */
	if (!test_bit(part->piece->page[part->first + i], written))
		return;
	if (error)
		mage_leg_set_stale(part->leg, io->slot);
	else
		mage_leg_clear_stale(part->leg, io->slot);
}

/* Under the lock: all legs have answered. */
static void mage_piece_settle(struct mage_piece *piece)
{
	struct mage_io *of = &piece->batch->io[piece->first];
	DECLARE_BITMAP(written, MAGE_PIECE_IOS);
	unsigned int i, k;

	bitmap_zero(written, MAGE_PIECE_IOS);
	for (k = 0; k < piece->nr_parts; k++) {
		struct mage_piece_part *part = &piece->part[k];

		for (i = 0; i < part->chain.nr; i++) {
			unsigned int page = piece->page[part->first + i];
			int error = mage_part_error(part, i);

			if (error) {
				if (!test_bit(page, written))
					of[page].error = error;
			} else if (!mage_leg_is_spare(part->leg)) {
				__set_bit(page, written);
				of[page].error = 0;
			}
		}
	}
	for (k = 0; k < piece->nr_parts; k++)
		for (i = 0; i < piece->part[k].chain.nr; i++)
			mage_part_settle(&piece->part[k], i, written);
}

/*
 * Under the lock, so that who finds no piece puts his batch in the list in the same hold: there
 * is memory for one more.
 */
static void mage_piece_free(struct mage_set *set, struct mage_piece *piece)
{
	mempool_free(piece, set->pieces);
	if (!list_empty(&set->waiting))
		queue_work(set->write_queue, &set->write_work);
}

/* All legs have answered, or were given up, in whatever context the last one did. */
static void mage_piece_over(struct mage_piece *piece)
{
	struct mage_io_batch *batch = piece->batch;
	struct mage_set *set = piece->set;
	bool last, drained;
	unsigned long flags;

	spin_lock_irqsave(&set->lock, flags);
	mage_piece_settle(piece);
	batch->left -= piece->nr;
	last = !batch->left;
	drained = !--set->under_way[piece->phase];
	list_del(&piece->made);
	piece->is_over = true;
	if (!piece->nr_late)
		mage_piece_free(set, piece);
	/* Under the lock: nobody disconnects before the last of a set's pieces has let go of it. */
	if (drained)
		wake_up_all(&set->drained);
	spin_unlock_irqrestore(&set->lock, flags);
	if (last)
		batch->done(batch);
}

static void mage_piece_put(struct mage_piece *piece)
{
	if (atomic_dec_and_test(&piece->left))
		mage_piece_over(piece);
}

/* What was given up is back: the store looks at the pages no more. */
static void mage_part_late(struct mage_piece_part *part)
{
	struct mage_piece *piece = part->piece;
	struct mage_set *set = piece->set;
	unsigned long flags;
	unsigned int i;

	for (i = 0; i < part->chain.nr; i++)
		put_page(part->chain.io[i].page);
	spin_lock_irqsave(&set->lock, flags);
	part->leg->nr_late--;
	if (!--piece->nr_late && piece->is_over)
		mage_piece_free(set, piece);
	/* The leg, and then the set, may be gone after this. */
	spin_unlock_irqrestore(&set->lock, flags);
}

static bool mage_part_claim(struct mage_piece_part *part)
{
	struct mage_piece *piece = part->piece;

	return !test_and_set_bit(part - piece->part, &piece->settled);
}

static void mage_piece_done(struct mage_io_batch *chain)
{
	struct mage_piece_part *part = container_of(chain, struct mage_piece_part, chain);

	if (unlikely(!mage_part_claim(part))) {
		mage_part_late(part);
		return;
	}
	WRITE_ONCE(part->leg->answered, jiffies);
	mage_piece_put(part->piece);
}

/* ---- legs that do not answer -------------------------------------------- */

/* Under the lock: what of a piece a leg has, and has not answered. */
static struct mage_piece_part *mage_piece_unanswered(struct mage_piece *piece,
						     const struct mage_leg *leg)
{
	unsigned int i;

	for (i = 0; i < piece->nr_parts; i++)
		if (piece->part[i].leg == leg)
			return test_bit(i, &piece->settled) ? NULL : &piece->part[i];
	return NULL;
}

/*
 * Under the lock: for how long a leg has not answered the oldest write that it has; 0 if it has
 * none.
 */
static unsigned long mage_leg_oldest_write(const struct mage_leg *leg)
{
	struct mage_piece *piece;

	list_for_each_entry(piece, &leg->set->made, made)
		if (mage_piece_unanswered(piece, leg))
			return jiffies - piece->since + 1;
	return 0;
}

/**
 * mage_leg_has_writes() - whether a leg has writes that were not given up
 * @leg: the leg; the lock of the set is held
 */
bool mage_leg_has_writes(const struct mage_leg *leg)
{
	lockdep_assert_held(&leg->set->lock);
	return mage_leg_oldest_write(leg);
}

/**
 * mage_leg_is_mute() - whether a leg does not answer writes
 * @leg: the leg
 * @limit: jiffies that it may take if nothing else is answered meanwhile either; a single one
 *	may take ten times that
 * @lost: whether others are answered, and it has not taken twice as long again: who waits for
 *	others to have all pages would wait for ever, as they are not copied while it is out
 */
bool mage_leg_is_mute(const struct mage_leg *leg, unsigned long limit, bool *lost)
{
	unsigned long age, quiet;

	spin_lock_irq(&leg->set->lock);
	age = mage_leg_oldest_write(leg);
	spin_unlock_irq(&leg->set->lock);
	quiet = jiffies - READ_ONCE(leg->answered);
	*lost = min(age, quiet) <= limit && age / 20 <= limit;
	return age && (!*lost || age / 10 > limit);
}

/*
 * Under the lock: takes a part from a leg, if it can be done without.  Its pages stay as long as
 * somebody may look at them, so they have to be of those that are counted; and the piece stays,
 * so there has to be another one for it.
 */
static bool mage_part_give_up(struct mage_piece_part *part)
{
	struct mage_piece *piece = part->piece, *other = NULL;
	unsigned int i, nr = part->chain.nr;

	for (i = 0; i < nr; i++)
		if (PageSlab(part->chain.io[i].page))
			return false;
	if (!piece->nr_late) {
		other = kmalloc(sizeof(*other), GFP_ATOMIC | __GFP_NOWARN);
		if (!other)
			return false;
	}
	/*
	 * It counts as under way, so its submitter still has the pages.  Before the claim: who
	 * answers after that gives the references back.
	 */
	for (i = 0; i < nr; i++)
		get_page(part->chain.io[i].page);
	if (!mage_part_claim(part)) {
		for (i = 0; i < nr; i++)
			put_page(part->chain.io[i].page);
		kfree(other);
		return false;
	}
	part->given_up = true;
	part->leg->nr_late++;
	if (!piece->nr_late++)
		mage_piece_free(piece->set, other);
	return true;
}

/**
 * mage_leg_give_up_writes() - go on without the answers of a leg
 * @leg: the leg, which is not live
 *
 * Those that cannot be given up now, for want of memory, are the next time.
 */
void mage_leg_give_up_writes(struct mage_leg *leg)
{
	struct mage_set *set = leg->set;
	struct mage_piece_part *part;
	struct mage_piece *piece;
	unsigned int flags;
	bool found;

	/* Pages leave again when it is done, so it may have what is in reserve. */
	flags = memalloc_noreclaim_save();
	do {
		found = false;
		spin_lock_irq(&set->lock);
		list_for_each_entry(piece, &set->made, made) {
			part = mage_piece_unanswered(piece, leg);
			found = part && mage_part_give_up(part);
			if (found)
				break;
		}
		spin_unlock_irq(&set->lock);
		if (found)
			mage_piece_put(piece);
	} while (found);
	memalloc_noreclaim_restore(flags);
}

/*
 * Posts a piece to its legs.  They stay: who removes one waits for the pieces that were made
 * before, by mage_set_settle().
 */
static void mage_piece_post(struct mage_piece *piece, unsigned int queue)
{
	unsigned int i, nr = piece->nr_parts;

	for (i = 0; i < nr; i++) {
		struct mage_device *dev = &piece->part[i].leg->dev;

		dev->ops->submit_writes(dev, queue, &piece->part[i].chain);
	}
	mage_piece_put(piece);
}

/* Writes what there is memory for.  The rest waits; then the batch is first in the list. */
static bool mage_set_write(struct mage_set *set, struct mage_io_batch *batch)
{
	unsigned int queue = batch->queue;
	struct mage_piece *piece;
	unsigned long flags;
	bool more;

	do {
		spin_lock_irqsave(&set->lock, flags);
		piece = mage_piece_make(set, batch);
		if (!piece)
			list_add(&batch->list, &set->waiting);
		more = batch->begun < batch->nr;
		spin_unlock_irqrestore(&set->lock, flags);
		if (!piece)
			return false;
		/* After the last one the batch may be gone. */
		mage_piece_post(piece, queue);
	} while (more);
	return true;
}

static void mage_set_write_work(struct work_struct *work)
{
	struct mage_set *set = container_of(work, struct mage_set, write_work);
	struct mage_io_batch *batch;

	do {
		spin_lock_irq(&set->lock);
		batch = list_first_entry_or_null(&set->waiting, struct mage_io_batch, list);
		if (batch)
			list_del(&batch->list);
		spin_unlock_irq(&set->lock);
	} while (batch && mage_set_write(set, batch));
}

/**
 * mage_set_submit_writes() - submit_writes() of struct mage_backend_ops
 * @dev: the far device
 * @queue: handed on to the legs
 * @batch: the batch
 */
void mage_set_submit_writes(struct mage_device *dev, unsigned int queue,
			    struct mage_io_batch *batch)
{
	struct mage_set *set = dev->private;
	unsigned long flags;
	bool waits;

	batch->begun = 0;
	batch->left = batch->nr;
	batch->queue = queue;
	spin_lock_irqsave(&set->lock, flags);
	/* Others were there before. */
	waits = !list_empty(&set->waiting);
	if (waits)
		list_add_tail(&batch->list, &set->waiting);
	spin_unlock_irqrestore(&set->lock, flags);
	if (!waits)
		mage_set_write(set, batch);
}

static bool mage_set_is_drained(struct mage_set *set, unsigned int phase)
{
	bool drained;

	/* With the lock: who has counted it down has let go of all else. */
	spin_lock_irq(&set->lock);
	drained = !set->under_way[phase];
	spin_unlock_irq(&set->lock);
	return drained;
}

/* Waits for one phase; 0 or an error of mage_set_settle(). */
static int mage_set_await_phase(struct mage_set *set, unsigned int phase, bool killable)
{
	if (killable)
		return wait_event_killable(set->drained, mage_set_is_drained(set, phase)) ?
		       -EINTR : 0;
	return wait_event_idle_timeout(set->drained, mage_set_is_drained(set, phase),
				       MAGE_SETTLE_MOST) ? 0 : -ETIMEDOUT;
}

/**
 * mage_set_settle() - wait until every piece is over that was made before
 * @set: the set; its mutex is held
 * @killable: until the thread is killed, if need be; otherwise for some time
 *
 * Those that are made meanwhile count in the other phase, in which there was none: those that
 * somebody has not waited for to the end are waited for first.  It takes as long as the slowest
 * leg, which is left out if it takes too long and others work.
 *
 * Return: 0; -EINTR or -ETIMEDOUT, and then some may be under way still
 */
int mage_set_settle(struct mage_set *set, bool killable)
{
	unsigned int phase;
	int err;

	lockdep_assert_held(&set->mutex);
	/* The mutex keeps it. */
	phase = READ_ONCE(set->phase);
	err = mage_set_await_phase(set, phase ^ 1, killable);
	if (err)
		return err;
	spin_lock_irq(&set->lock);
	WRITE_ONCE(set->phase, phase ^ 1);
	spin_unlock_irq(&set->lock);
	return mage_set_await_phase(set, phase, killable);
}

/**
 * mage_set_init_writes() - make the reserve of pieces
 * @set: the set
 *
 * Return: 0 or -ENOMEM
 */
int mage_set_init_writes(struct mage_set *set)
{
	INIT_LIST_HEAD(&set->made);
	INIT_LIST_HEAD(&set->waiting);
	INIT_WORK(&set->write_work, mage_set_write_work);
	init_waitqueue_head(&set->drained);
	set->pieces = mempool_create_kmalloc_pool(MAGE_PIECES, sizeof(struct mage_piece));
	set->write_queue = alloc_workqueue("mage_set", WQ_UNBOUND | WQ_MEM_RECLAIM, 0);
	return set->pieces && set->write_queue ? 0 : -ENOMEM;
}

/**
 * mage_set_exit_writes() - give it back
 * @set: the set, for which no write is under way
 */
void mage_set_exit_writes(struct mage_set *set)
{
	if (set->write_queue)
		destroy_workqueue(set->write_queue);
	mempool_destroy(set->pieces);
}
