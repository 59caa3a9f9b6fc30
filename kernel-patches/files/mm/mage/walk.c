// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: how a policy walks the lists of its domain, takes samples of it, and looks at what
 * it has picked.
 *
 * All are open-coded iterators for programs.  A walk takes a few frames off
 * the list under one hold of the shard's lock, and deals with those that were
 * left alone under the next: a faulting CPU, which puts its pages on a shard of
 * its own, seldom meets an evictor there.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/random.h>
#include "walk.h"
#include "call.h"
#include "policy.h"

/* Page frame numbers that a sample tries around the one before. */
#define MAGE_SAMPLE_TRIES	8

/* Samples after which one starts from another place, on average. */
#define MAGE_SAMPLE_REBASE	16

/* An evictor takes pages of its own node ahead of others, up to this part of all. */
#define MAGE_AHEAD_PART		8

/* Walks that a program may begin in one call after its budget is spent. */
#define MAGE_WALK_REFUSALS	1024

/**
 * struct mage_sample - what the iterator holds
 * @batch: the batch being filled
 * @pfn: page frame number of the last one found
 * @left: how many are wanted
 * @span: the shards that they are in
 */
struct mage_sample {
	struct mage_batch *batch;
	u64 pfn;
	u32 left;
	struct mage_span span;
};

static_assert(sizeof(struct mage_sample) <= sizeof(struct bpf_iter_mage_sample));

/**
 * struct mage_victims - what the iterator holds
 * @batch: the batch being filled
 * @at: the next victim
 */
struct mage_victims {
	struct mage_batch *batch;
	u32 at;
};

static_assert(sizeof(struct mage_victims) <= sizeof(struct bpf_iter_mage_victim));

/* Frames that some shards have on a list. */
static unsigned long mage_span_listed(const struct mage_shards *shards,
				      const struct mage_span *span, u32 list)
{
	unsigned long nr = 0;
	unsigned int i;

	for (i = 0; i <= span->mask; i++)
		nr += READ_ONCE(shards->shard[span->first + i].nr[list]);
	return nr;
}

/* Which of some shards, in a row, has the frame at a place that is counted from the first. */
static unsigned int mage_span_find(const struct mage_shards *shards,
				   const struct mage_span *span, u32 list, unsigned long at)
{
	unsigned int i;

	for (i = span->first; i < span->first + span->mask; i++) {
		unsigned long nr = READ_ONCE(shards->shard[i].nr[list]);

		if (at < nr)
			break;
		at -= nr;
	}
	return i;
}

/*
 * Whether an evictor may take pages of its own node though it is another's turn, as in the
 * end all nodes are to give in proportion: not for too many pages.  It leaves that turn to
 * an evictor over there, which does the same, or takes it itself the next time.
 */
static bool mage_turn_swap(struct mage_domain *domain, int home, int other, unsigned long nr,
			   unsigned long most)
{
	struct mage_want *want = domain->want;

	if (atomic_long_read(&want[home].ahead) + (long)nr > (long)most)
		return false;
	atomic_long_add(nr, &want[home].ahead);
	atomic_long_sub(nr, &want[other].ahead);
	return true;
}

/**
 * mage_turn_shard() - the shard that a selection begins with
 * @batch: the batch being filled
 * @span: the shards in question
 * @list: list that it is going to look at
 *
 * They take turns in proportion to what they hold of the list, as if the selections went
 * on where the one before ended in a row of all shards: so the oldest pages go first
 * though no list has them all.
 *
 * Return: its index
 */
unsigned int mage_turn_shard(struct mage_batch *batch, const struct mage_span *span, u32 list)
{
	struct mage_domain *domain = batch->domain;
	const struct mage_shards *shards = &domain->shards;
	unsigned long total = mage_span_listed(shards, span, list), nr = max(batch->max, 1U), at;
	struct mage_span home;
	unsigned long most = total / MAGE_AHEAD_PART;
	unsigned int i;

	if (!total)
		return span->first;
	at = (unsigned long)atomic_long_fetch_add(nr, &domain->walked) % total;
	i = mage_span_find(shards, span, list, at);
	if (!batch->home || batch->node || shards->shard[i].nid == batch->home - 1)
		return i;
	home = mage_shards_span(shards, batch->home - 1);
	total = mage_span_listed(shards, &home, list);
	if (total && mage_turn_swap(domain, batch->home - 1, shards->shard[i].nid, nr,
				    most))
		i = mage_span_find(shards, &home, list, at % total);
	return i;
}

static void mage_walk_enter_shard(struct mage_list_walk *walk)
{
	struct mage_shard *shard = mage_walk_shard(walk);
	unsigned long flags;

	walk->left = min_t(unsigned long, READ_ONCE(shard->nr[walk->list]), U32_MAX);
	if ((walk->flags & MAGE_WALK_STAY) && !(walk->flags & MAGE_WALK_RESUME) && walk->left) {
		spin_lock_irqsave(&shard->lock, flags);
		shard->hand[walk->list] = NULL;
		spin_unlock_irqrestore(&shard->lock, flags);
	}
}

/*
 * Whether a frame of the row is as the walk left it.  Under the shard's lock,
 * which covers the frame only if it still belongs here.
 */
static bool mage_walk_holds(const struct mage_list_walk *walk, struct mage_shard *shard,
			    const struct mage_frame *frame)
{
	u64 owner = READ_ONCE(frame->owner);

	return owner >> MAGE_OWNER_ID_SHIFT == walk->batch->domain->shards.id &&
	       mage_shard_of(&walk->batch->domain->shards, owner) == shard &&
	       frame->state == MAGE_FRAME_WALKED;
}

/*
 * A frame goes back on a list, or on list 0, where all are when another policy
 * takes over.  It may be on its own: by the choice of this walk, or as another one that
 * found it there looks at it, too.
 */
static void mage_walk_put_back(struct mage_list_walk *walk, struct mage_shard *shard,
			       struct mage_frame *frame, u32 list, bool tail)
{
	if (list_empty(&frame->link))
		mage_frame_link(shard, frame, walk->epoch == walk->batch->domain->shards.epoch ?
				list : 0, tail);
	else
		frame->state = MAGE_FRAME_LISTED;
}

/* A pick takes effect, unless the page is being freed or isolated. */
static void mage_walk_take(struct mage_list_walk *walk, struct mage_shard *shard,
			   struct mage_frame *frame, struct folio_batch *isolated)
{
	if (!mage_frame_hold(frame, isolated)) {
		mage_batch_drop(walk->batch, frame);
		mage_walk_put_back(walk, shard, frame, walk->list,
				   !(walk->flags & MAGE_WALK_TAIL));
		return;
	}
	if (!list_empty(&frame->link))
		mage_frame_unlink(shard, frame);
	frame->state = MAGE_FRAME_VICTIM;
}

/*
 * Deals with the frames of the row: what was picked is a victim now, what was
 * neither picked nor moved changes ends, or stays.
 */
static void mage_walk_put_row(struct mage_list_walk *walk, struct mage_shard *shard,
			      struct folio_batch *isolated)
{
	bool tail = !(walk->flags & MAGE_WALK_TAIL);
	unsigned int i;

	for (i = 0; i < walk->at; i++) {
		struct mage_frame *frame = walk->row[i];
		bool picked = walk->picked & BIT(i);
		bool is_victim = picked && walk->picked_to == MAGE_LISTS;

		if (!mage_walk_holds(walk, shard, frame)) {
			/* It left, or was moved, before the pick took effect. */
			if (is_victim)
				mage_batch_drop(walk->batch, frame);
			continue;
		}
		if (is_victim)
			mage_walk_take(walk, shard, frame, isolated);
		else
			mage_walk_put_back(walk, shard, frame,
					   picked ? walk->picked_to : walk->to, tail);
	}
	/* The rest goes back where it was, the last one first. */
	for (i = walk->nr; i > walk->at; i--) {
		struct mage_frame *frame = walk->row[i - 1];

		if (mage_walk_holds(walk, shard, frame))
			mage_walk_put_back(walk, shard, frame, walk->list, !tail);
	}
	walk->nr = 0;
	walk->at = 0;
	walk->picked = 0;
}

/*
 * Takes up to @want frames from where the hand points, which goes on; they stay on their
 * list.
 */
static void mage_walk_take_stay(struct mage_list_walk *walk, struct mage_shard *shard,
				unsigned int want)
{
	struct list_head *head = &shard->lists[walk->list];
	struct mage_frame **hand = &shard->hand[walk->list];
	struct mage_frame *frame;

	while (walk->nr < want && walk->left) {
		frame = *hand ?: list_first_entry_or_null(head, struct mage_frame, link);
		if (!frame) {
			walk->left = 0;
			break;
		}
		walk->left--;
		*hand = list_is_last(&frame->link, head) ? NULL : list_next_entry(frame, link);
		/* One that another evictor looks at just now is its to judge. */
		if (frame->state != MAGE_FRAME_LISTED)
			continue;
		frame->state = MAGE_FRAME_WALKED;
		walk->row[walk->nr++] = frame;
	}
}

/* Takes up to @want frames off the end that the walk begins at. */
static void mage_walk_take_turn(struct mage_list_walk *walk, struct mage_shard *shard,
				unsigned int want)
{
	struct list_head *head = &shard->lists[walk->list];

	while (walk->nr < want && walk->left) {
		struct list_head *link = walk->flags & MAGE_WALK_TAIL ? head->prev : head->next;
		struct mage_frame *frame = list_entry(link, struct mage_frame, link);

		if (link == head) {
			walk->left = 0;
			break;
		}
		if (unlikely(shard->hand[walk->list] == frame)) {
			mage_frame_unlink(shard, frame);
		} else {
			list_del_init(link);
			shard->nr[walk->list]--;
		}
		walk->left--;
		frame->state = MAGE_FRAME_WALKED;
		walk->row[walk->nr++] = frame;
	}
}

/**
 * mage_walk_pick() - pick a frame that may be in the row of a walk
 * @batch: the batch being filled
 * @frame: the frame
 *
 * Return: 0; -EBUSY if it is picked already; -ENOENT if the page left meanwhile;
 * -EXDEV if the walk need not know: what is picked now is not its any more
 */
int mage_walk_pick(struct mage_batch *batch, struct mage_frame *frame)
{
	struct mage_list_walk *walk = batch->walk;
	unsigned int i;

	if (mage_walk_pick_shown(batch, frame))
		return 0;
	for (i = 0; walk && i < walk->at; i++) {
		if (walk->row[i] != frame)
			continue;
		if (walk->picked & BIT(i)) {
			if (frame->state == MAGE_FRAME_WALKED)
				return -EBUSY;
			/* It was moved since, which took the pick back. */
			walk->picked &= ~BIT(i);
			mage_batch_drop(batch, frame);
			return -EXDEV;
		}
		return READ_ONCE(frame->owner) ? -EXDEV : -ENOENT;
	}
	return -EXDEV;
}

/* Ends the row and takes the next one of this shard, of @most frames at most. */
static void mage_walk_next_row(struct mage_list_walk *walk, unsigned int most)
{
	struct mage_shard *shard = mage_walk_shard(walk);
	struct mage_batch *batch = walk->batch;
	unsigned int want = min3(MAGE_WALK_ROW, batch->walk_budget, most);
	struct folio_batch isolated;
	unsigned long flags;

	if (!batch->scan)
		want = min(want, batch->max - batch->nr);
	if (!walk->nr && (!want || !walk->left))
		return;
	folio_batch_init(&isolated);
	spin_lock_irqsave(&shard->lock, flags);
	mage_walk_put_row(walk, shard, &isolated);
	if (walk->flags & MAGE_WALK_STAY)
		mage_walk_take_stay(walk, shard, want);
	else
		mage_walk_take_turn(walk, shard, want);
	spin_unlock_irqrestore(&shard->lock, flags);
	mage_isolated_put(&isolated);
	batch->walk_budget -= walk->nr;
}

/**
 * mage_batch_may_look() - whether there is a budget left for what begins
 * @batch: the batch of the callback that begins it
 * @left: what is left of the budget
 * @budget: what there was of it
 * @what: what begins, in the plural
 *
 * Who goes on beginning such things without a budget is ejected.
 */
bool mage_batch_may_look(struct mage_batch *batch, u32 left, u32 budget, const char *what)
{
	if (likely(left))
		return true;
	if (++batch->refusals == MAGE_WALK_REFUSALS)
		mage_policy_eject(batch->domain, batch->policy, MAGE_EXIT_OVER_BUDGET,
				  "began %d %s after it had looked at %u frames in one call",
				  MAGE_WALK_REFUSALS, what, budget);
	return false;
}

/**
 * mage_walk_may_begin() - whether there is a budget left for a walk, or what is like one
 * @batch: the batch of the callback that begins it
 * @what: what begins, in the plural
 */
bool mage_walk_may_begin(struct mage_batch *batch, const char *what)
{
	return mage_batch_may_look(batch, batch->walk_budget, MAGE_WALK_BUDGET, what);
}

/**
 * mage_walk_begin() - start to walk a list
 * @walk: filled
 * @batch: the batch of the callback that does
 * @list: 0 to MAGE_LISTS - 1
 * @flags: enum mage_walk_flags, good ones
 */
void mage_walk_begin(struct mage_list_walk *walk, struct mage_batch *batch, u32 list, u32 flags)
{
	*walk = (struct mage_list_walk){
		.batch = batch,
		.list = list,
		.to = list,
		.picked_to = MAGE_LISTS,
		.flags = flags,
		.epoch = READ_ONCE(batch->domain->shards.epoch),
		.span = mage_shards_span(&batch->domain->shards, mage_batch_nid(batch)),
	};
	walk->start = mage_turn_shard(batch, &walk->span, list);
	mage_walk_enter_shard(walk);
}

/**
 * mage_walk_take_row() - end the row of a walk, and take the next one that has any frames
 * @walk: the walk
 * @most: frames that it is to have at most, not 0
 *
 * Return: false at the end, or if the callback has used its time
 */
bool mage_walk_take_row(struct mage_list_walk *walk, unsigned int most)
{
	struct mage_batch *batch = walk->batch;

	for (;;) {
		if (!mage_batch_goes_on(batch))
			return false;
		mage_walk_next_row(walk, most);
		if (walk->nr)
			return true;
		if (!batch->walk_budget || ++walk->shard > walk->span.mask)
			return false;
		mage_walk_enter_shard(walk);
	}
}

/**
 * mage_walk_end() - end a walk
 * @walk: the walk
 */
void mage_walk_end(struct mage_list_walk *walk)
{
	struct mage_shard *shard = mage_walk_shard(walk);
	/* Frames that were taken and not shown were not looked at. */
	u32 unseen = walk->nr - walk->at;
	struct folio_batch isolated;
	unsigned long flags;

	if (!walk->nr)
		return;
	folio_batch_init(&isolated);
	spin_lock_irqsave(&shard->lock, flags);
	mage_walk_put_row(walk, shard, &isolated);
	spin_unlock_irqrestore(&shard->lock, flags);
	mage_isolated_put(&isolated);
	walk->batch->walk_budget += unseen;
}

/* The first frame of the next row.  Apart, as most calls do not come here. */
static noinline struct mage_frame *mage_walk_go_on(struct mage_list_walk *walk)
{
	unsigned int most = walk->flags & MAGE_WALK_STAY ? 1 : MAGE_WALK_ROW;

	while (mage_walk_take_row(walk, most)) {
		struct mage_frame *frame = mage_walk_show(walk);

		if (!frame)
			continue;
		walk->batch->walk = walk;
		return frame;
	}
	return NULL;
}

__bpf_kfunc_start_defs();

/**
 * bpf_iter_mage_list_new() - start to walk a list
 * @it: the iterator
 * @batch: the batch that select or tick was given
 * @list: 0 to MAGE_LISTS - 1
 * @flags: enum mage_walk_flags
 *
 * The walk goes through the list's shards; larger ones come first more often.
 * Within a shard it sees each frame at most once.  It ends when the batch is
 * full, and after MAGE_WALK_BUDGET frames, counted over all walks of one call.
 * A program that goes on to begin walks after that breaks a rule
 * (MAGE_EXIT_OVER_BUDGET).
 *
 * Where there are several nodes and reclaim wants pages of one, the walk sees only those.
 *
 * Return: 0, or -EINVAL for a bad list or bad flags; the walk is empty then
 */
__bpf_kfunc int bpf_iter_mage_list_new(struct bpf_iter_mage_list *it, struct mage_batch *batch,
				       u32 list, u32 flags)
{
	struct mage_list_walk *walk = (void *)it;

	if (list >= MAGE_LISTS || !mage_walk_can(flags)) {
		memset(it, 0, sizeof(*it));
		return -EINVAL;
	}
	mage_walk_may_begin(batch, "walks");
	mage_walk_begin(walk, batch, list, flags);
	return 0;
}

/**
 * bpf_iter_mage_list_next() - the next frame of a walk
 * @it: the iterator
 *
 * The frame before, if it was neither added to the batch nor moved, goes to the
 * other end of its list, or stays, as the walk's flags say; at the latest when
 * the walk ends.
 *
 * Return: a frame, or NULL at the end
 */
__bpf_kfunc struct mage_frame *bpf_iter_mage_list_next(struct bpf_iter_mage_list *it)
{
	struct mage_list_walk *walk = (void *)it;
	struct mage_batch *batch = walk->batch;

	struct mage_frame *frame;

	if (!batch || mage_walk_is_over(walk))
		return NULL;
	frame = mage_walk_show(walk);
	if (!frame)
		return mage_walk_go_on(walk);
	batch->walk = walk;
	return frame;
}

/**
 * bpf_iter_mage_list_destroy() - end a walk
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_mage_list_destroy(struct bpf_iter_mage_list *it)
{
	struct mage_list_walk *walk = (void *)it;

	if (walk->batch)
		mage_walk_end(walk);
	if (walk->batch && walk->batch->walk == walk)
		walk->batch->walk = NULL;
	memset(it, 0, sizeof(*it));
}

/**
 * bpf_iter_mage_sample_new() - start to take samples
 * @it: the iterator
 * @batch: the batch that select or tick was given
 * @nr: how many frames to look at; they count against MAGE_WALK_BUDGET
 *
 * As walks do, samples see only pages of the node that reclaim wants some of, if so.
 *
 * Return: 0
 */
__bpf_kfunc int bpf_iter_mage_sample_new(struct bpf_iter_mage_sample *it,
					 struct mage_batch *batch, u32 nr)
{
	struct mage_sample *sample = (void *)it;

	memset(it, 0, sizeof(*it));
	mage_walk_may_begin(batch, "samples");
	sample->batch = batch;
	sample->left = nr;
	sample->span = mage_shards_span(&batch->domain->shards, mage_batch_nid(batch));
	sample->pfn = READ_ONCE(batch->domain->sample_pfn);
	return 0;
}

/* Whether a frame is on the node that the batch is for, if it is for one. */
static bool mage_sample_has(const struct mage_sample *sample, const struct mage_frame *frame)
{
	return likely(!sample->batch->node) ||
	       mage_span_has(&sample->span, READ_ONCE(frame->owner));
}

/* A frame at an end of some list, to start from. */
static struct mage_frame *mage_sample_any(const struct mage_sample *sample)
{
	const struct mage_shards *shards = &sample->batch->domain->shards;
	u32 at = get_random_u32(), i, j;
	unsigned long flags;

	for (i = 0; i <= sample->span.mask; i++) {
		struct mage_shard *shard = mage_span_shard(shards, &sample->span, at + i);

		if (!READ_ONCE(shard->frames))
			continue;
		for (j = 0; j < MAGE_LISTS; j++) {
			u32 list = ((at >> 16) + j) % MAGE_LISTS;
			struct mage_frame *frame = NULL;

			if (!READ_ONCE(shard->nr[list]))
				continue;
			spin_lock_irqsave(&shard->lock, flags);
			if (!list_empty(&shard->lists[list]))
				frame = at >> 31 ? list_first_entry(&shard->lists[list],
								    struct mage_frame, link) :
						   list_last_entry(&shard->lists[list],
								   struct mage_frame, link);
			/* A walk that goes on may have picked it, and left it where it is. */
			if (frame && frame->state != MAGE_FRAME_LISTED)
				frame = NULL;
			spin_unlock_irqrestore(&shard->lock, flags);
			if (frame)
				return frame;
		}
	}
	return NULL;
}

/**
 * bpf_iter_mage_sample_next() - the next frame of a sample
 * @it: the iterator
 *
 * A list has no middle that could be reached at once, but memory has: the page
 * frame numbers around one of the domain's pages are tried at random, as a
 * domain's pages lie in clumps.  Where they do not, and every now and then, a
 * frame from an end of a list chosen at random takes their place.  So the
 * sample is not exactly uniform, and can show a frame twice.  The frames stay
 * where they are.
 *
 * Return: a frame that is no victim, or NULL at the end
 */
__bpf_kfunc struct mage_frame *bpf_iter_mage_sample_next(struct bpf_iter_mage_sample *it)
{
	struct mage_sample *sample = (void *)it;
	struct mage_batch *batch = sample->batch;
	struct mage_frame *frame = NULL;
	unsigned int try;

	if (!batch || !sample->left || !batch->walk_budget ||
	    (!batch->scan && batch->nr >= batch->max) || !mage_batch_goes_on(batch))
		return NULL;
	sample->left--;
	batch->walk_budget--;
	for (try = 0; sample->pfn && try < MAGE_SAMPLE_TRIES; try++) {
		u32 random = get_random_u32();

		if (!try && !(random >> 16 & (MAGE_SAMPLE_REBASE - 1)))
			break;
		/* Near and far, up to 16 MiB away. */
		frame = mage_frame_by_pfn(sample->pfn ^ ((random & 4095) >> (random >> 12 & 3)));
		if (frame && mage_frame_domain_id(frame) == batch->domain->shards.id &&
		    frame->state == MAGE_FRAME_LISTED && mage_sample_has(sample, frame))
			break;
		frame = NULL;
	}
	if (!frame)
		frame = mage_sample_any(sample);
	if (frame)
		sample->pfn = mage_frame_pfn(frame);
	return frame;
}

/**
 * bpf_iter_mage_sample_destroy() - end a sample
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_mage_sample_destroy(struct bpf_iter_mage_sample *it)
{
	struct mage_sample *sample = (void *)it;

	if (sample->batch)
		WRITE_ONCE(sample->batch->domain->sample_pfn, sample->pfn);
	memset(it, 0, sizeof(*it));
}

/**
 * bpf_iter_mage_victim_new() - start to look at victims
 * @it: the iterator
 * @batch: the batch that select or tick was given
 * @from: batch->nr before those in question were picked; those that a call before has
 *	picked are not shown
 *
 * Return: 0
 */
__bpf_kfunc int bpf_iter_mage_victim_new(struct bpf_iter_mage_victim *it,
					 struct mage_batch *batch, u32 from)
{
	struct mage_victims *victims = (void *)it;

	victims->batch = batch;
	victims->at = max(from, batch->begun);
	return 0;
}

/**
 * bpf_iter_mage_victim_next() - the next victim
 * @it: the iterator
 *
 * In the order in which they were picked, unless a pick was taken back meanwhile: then
 * the last one takes its place.
 *
 * Return: its frame, or NULL at the end
 */
__bpf_kfunc struct mage_frame *bpf_iter_mage_victim_next(struct bpf_iter_mage_victim *it)
{
	struct mage_victims *victims = (void *)it;
	struct mage_batch *batch = victims->batch;

	if (!batch || victims->at >= batch->nr ||
	    (batch->call && !mage_call_goes_on(batch->call)))
		return NULL;
	return batch->victim[victims->at++].frame;
}

/**
 * bpf_iter_mage_victim_destroy() - end to look at victims
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_mage_victim_destroy(struct bpf_iter_mage_victim *it)
{
	memset(it, 0, sizeof(*it));
}

__bpf_kfunc_end_defs();
