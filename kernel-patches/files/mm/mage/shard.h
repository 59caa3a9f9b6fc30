/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the lists that frames are on.
 */
#ifndef _MM_MAGE_SHARD_H
#define _MM_MAGE_SHARD_H

#include <linux/mage_policy.h>
#include <linux/mmzone.h>
#include <linux/pagevec.h>
#include <linux/spinlock.h>
#include "frame.h"

struct mem_cgroup;

/**
 * struct mage_shard - the frames of a domain that are on one node, and came in on one CPU
 * @lock: protects the lists, the counts, and link, owner, list and state of
 *	every frame that belongs here.  Taken with interrupts off, since
 *	the last reference to a page can be dropped in an interrupt; also inside
 *	an LRU lock.
 * @lists: the policy's lists
 * @nr: frames on each list
 * @hand: for each list the frame that a walk which resumes looks at next; NULL
 *	for the head
 * @frames: frames that belong here, on a list or not
 * @held: by zone of node @nid, what @frames has gained and the statistics of the
 *	memory cgroup and the zone do not know yet; less than MAGE_SHARD_HOLDS, and
 *	nothing while @frames is 0
 * @nid: the node
 */
struct mage_shard {
	spinlock_t lock;	/* lists and frames, see above */
	struct list_head lists[MAGE_LISTS];
	unsigned long nr[MAGE_LISTS];
	struct mage_frame *hand[MAGE_LISTS];
	unsigned long frames;
	s8 held[MAX_NR_ZONES];
	int nid;
} ____cacheline_aligned_in_smp;

/* Frames that a shard counts before it tells the statistics. */
#define MAGE_SHARD_HOLDS	32

/**
 * struct mage_shards - the frames of a domain
 * @shard: the shards, row after row; a row is of one node and has a column for each of
 *	its CPUs, see mage_shard_column_bits
 * @nr: how many; a power of two
 * @id: the domain's, by which the owners of frames name it: 1 to
 *	MAGE_DOMAIN_IDS - 1
 * @memcg: memory cgroup whose statistics know the frames, NULL for nobody's
 * @epoch: changes with the policy, so that frame words of an earlier one read as 0: 1 to
 *	MAGE_EPOCH_MOST, round and round, see epoch.c
 * @epochs: how often it has changed
 * @swept: what that was when the last sweep began that has ended
 * @sweeping: what it was when the last one began
 * @closing: no page is taken in any more; set under each shard's lock in turn
 *
 * Only read by those who put frames in and take frames out.
 */
struct mage_shards {
	struct mage_shard *shard;
	unsigned int nr;
	unsigned int id;
	struct mem_cgroup *memcg;
	u8 epoch;
	bool closing;
	u16 epochs;
	u16 swept;
	u16 sweeping;
};

#define MAGE_EPOCH_MOST		U8_MAX

/* The columns of each row, a power of two: two to the power of this. */
extern unsigned int mage_shard_column_bits;

/**
 * struct mage_span - the shards that pages are taken from
 * @first: index of the first
 * @mask: one less than how many there are, which is a power of two; @first is a multiple
 *	of that
 */
struct mage_span {
	u16 first;
	u16 mask;
};

static_assert(MAGE_OWNER_SHARD_BITS <= 16);

/* The shards of one node; of all nodes for NUMA_NO_NODE. */
static inline struct mage_span mage_shards_span(const struct mage_shards *shards, int nid)
{
	if (nid == NUMA_NO_NODE)
		return (struct mage_span){ .mask = shards->nr - 1 };
	return (struct mage_span){
		.first = nid << mage_shard_column_bits,
		.mask = (1U << mage_shard_column_bits) - 1,
	};
}

/* Whether they include that of a page, by the owner in its frame. */
static inline bool mage_span_has(const struct mage_span *span, u64 owner)
{
	return (owner >> MAGE_OWNER_PFN_BITS & MAGE_OWNER_SHARD_MASK & ~(u64)span->mask) ==
	       span->first;
}

/* One of them, counted round and round from any. */
static inline struct mage_shard *mage_span_shard(const struct mage_shards *shards,
						 const struct mage_span *span, unsigned int i)
{
	return &shards->shard[span->first | (i & span->mask)];
}

/*
 * The shard that keeps a page, by the owner in its frame: so whoever frees the
 * page finds the lock.
 */
static inline struct mage_shard *mage_shard_of(const struct mage_shards *shards, u64 owner)
{
	return &shards->shard[owner >> MAGE_OWNER_PFN_BITS & MAGE_OWNER_SHARD_MASK];
}

/* Puts a frame that is on no list on one; under the shard's lock. */
static inline void mage_frame_link(struct mage_shard *shard, struct mage_frame *frame, u32 list,
				   bool tail)
{
	if (tail)
		list_add_tail(&frame->link, &shard->lists[list]);
	else
		list_add(&frame->link, &shard->lists[list]);
	frame->list = list;
	frame->state = MAGE_FRAME_LISTED;
	shard->nr[list]++;
}

/* Takes a frame off its list, if it is on one; under the shard's lock. */
static inline void mage_frame_unlink(struct mage_shard *shard, struct mage_frame *frame)
{
	if (list_empty(&frame->link))
		return;
	/* The hand that points at it goes on to the next, and after the tail home. */
	if (unlikely(shard->hand[frame->list] == frame))
		shard->hand[frame->list] =
			list_is_last(&frame->link, &shard->lists[frame->list]) ?
				NULL : list_next_entry(frame, link);
	shard->nr[frame->list]--;
	list_del_init(&frame->link);
}

void mage_shard_tell(const struct mage_shards *shards, struct mage_shard *shard);

/*
 * Counts a frame that comes (@nr is 1) or goes (-1); under the shard's lock.  To the
 * rest of mm it is an inactive anonymous page on the LRU.
 */
static inline void mage_shard_count(const struct mage_shards *shards, struct mage_shard *shard,
				    const struct folio *folio, int nr)
{
	s8 *held = &shard->held[folio_zonenum(folio)];

	shard->frames += nr;
	*held += nr;
	/* When the last frame goes the memory cgroup may be going, too. */
	if (unlikely(abs(*held) >= MAGE_SHARD_HOLDS || !shard->frames))
		mage_shard_tell(shards, shard);
}

/*
 * Takes a reference to a frame's page and PG_lru off it, which only one can: whoever
 * isolates pages from the LRU keeps away from victims, and they from what is isolated.
 * Under the shard's lock.  @isolated has room; its pages are to be put without that
 * lock, as the reference may have become the last one.
 */
static inline bool mage_frame_hold(struct mage_frame *frame, struct folio_batch *isolated)
{
	struct folio *folio = mage_frame_folio(frame);

	/* The free of a page waits for our lock, to take the frame off the list. */
	if (!folio_test_lru(folio) || !folio_try_get(folio))
		return false;
	if (folio_test_clear_lru(folio))
		return true;
	folio_batch_add(isolated, folio);
	return false;
}

static inline void mage_isolated_put(struct folio_batch *isolated)
{
	if (unlikely(folio_batch_count(isolated)))
		folios_put(isolated);
}

unsigned int mage_shard_columns(unsigned int cpus, unsigned int rows);
void mage_shards_start(void);
int mage_shards_init(struct mage_shards *shards);
void mage_shards_free(struct mage_shards *shards);
void mage_shards_close(struct mage_shards *shards);
void mage_shards_tell(struct mage_shards *shards);
unsigned long mage_shards_frames(const struct mage_shards *shards);
u64 mage_shards_list_size(const struct mage_shards *shards, u32 list);
unsigned long mage_span_frames(const struct mage_shards *shards, const struct mage_span *span);
unsigned long mage_shards_on_node(const struct mage_shards *shards, int nid);
void mage_shards_next_epoch(struct mage_shards *shards);
void mage_shards_gather(struct mage_shards *shards);
void mage_shards_gather_unknown(struct mage_shards *shards);

struct mage_shard *mage_frame_lock(const struct mage_shards *shards, struct mage_frame *frame,
				   unsigned long *flags);
bool mage_frame_insert(struct mage_shards *shards, struct mage_frame *frame, u64 pfn);
bool mage_frame_remove(struct mage_shards *shards, struct mage_frame *frame, bool even_victim);
int mage_frame_pick(struct mage_shards *shards, struct mage_frame *frame);
int mage_frame_set_list(struct mage_shards *shards, struct mage_frame *frame, u32 list,
			bool tail);
struct mage_frame *mage_frame_walk(struct mage_shard *shard, u32 list);
void mage_frame_unwalk(struct mage_shards *shards, struct mage_frame *frame);
void mage_frame_forget_words(struct mage_shards *shards, struct mage_frame *frame);
void mage_frame_mark_prefetched(struct mage_shards *shards, struct mage_frame *frame);
bool __mage_frame_used(struct mage_shards *shards, struct mage_frame *frame);

/**
 * mage_frame_used() - a page was used
 * @shards: its domain's
 * @frame: its frame
 *
 * Return: true if it was prefetched, and nobody had noticed a use of it before
 */
static inline bool mage_frame_used(struct mage_shards *shards, struct mage_frame *frame)
{
	return unlikely(frame->prefetched) && __mage_frame_used(shards, frame);
}

#endif /* _MM_MAGE_SHARD_H */
