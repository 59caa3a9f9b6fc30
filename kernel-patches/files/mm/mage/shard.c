// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the lists that frames are on, by their node and the CPU that they came in on.
 */
#include <linux/log2.h>
#include <linux/memcontrol.h>
#include <linux/percpu.h>
#include <linux/slab.h>
#include <linux/topology.h>
#include <linux/vmstat.h>
#include "knobs.h"
#include "shard.h"

/* Frames that are gathered under one hold of a shard's lock. */
#define MAGE_GATHER_HOLD	256UL

/* No epoch is this. */
#define MAGE_NO_EPOCH		-1

unsigned int mage_shard_column_bits __ro_after_init;

/* The column of each CPU: its place among those of its node. */
static DEFINE_PER_CPU_READ_MOSTLY(unsigned int, mage_shard_column);

/* Rows: node numbers have few gaps if any. */
static unsigned int mage_shard_rows(void)
{
	return roundup_pow_of_two(nr_node_ids);
}

/**
 * mage_shard_columns() - columns of each row of shards
 * @cpus: most CPUs that a node has
 * @rows: how many rows there are, a power of two
 *
 * Return: a power of two: one a CPU, unless these are more than the owner of a frame can
 * tell apart
 */
unsigned int mage_shard_columns(unsigned int cpus, unsigned int rows)
{
	return min(roundup_pow_of_two(cpus), (1U << MAGE_OWNER_SHARD_BITS) / rows);
}

/**
 * mage_shards_start() - give each CPU a column
 *
 * CPUs take in pages of their own node mostly: so those of different nodes may share one,
 * and there are about as many shards as CPUs, however many nodes there are.
 */
void __init mage_shards_start(void)
{
	static unsigned int cpus[MAX_NUMNODES] __initdata;
	unsigned int cpu, columns, most = 1;

	for_each_possible_cpu(cpu) {
		/* One that is not there may have no node yet. */
		int nid = max(cpu_to_node(cpu), 0);

		per_cpu(mage_shard_column, cpu) = cpus[nid]++;
		most = max(most, cpus[nid]);
	}
	columns = mage_shard_columns(most, mage_shard_rows());
	for_each_possible_cpu(cpu)
		per_cpu(mage_shard_column, cpu) &= columns - 1;
	mage_shard_column_bits = ilog2(columns);
}

/**
 * mage_shards_init() - make empty lists
 * @shards: zeroed; those of a domain to be
 *
 * Return: 0 or -ENOMEM
 */
int mage_shards_init(struct mage_shards *shards)
{
	unsigned int i, list;

	shards->nr = mage_shard_rows() << mage_shard_column_bits;
	shards->shard = kvcalloc(shards->nr, sizeof(*shards->shard), GFP_KERNEL);
	if (!shards->shard)
		return -ENOMEM;
	for (i = 0; i < shards->nr; i++) {
		spin_lock_init(&shards->shard[i].lock);
		for (list = 0; list < MAGE_LISTS; list++)
			INIT_LIST_HEAD(&shards->shard[i].lists[list]);
		shards->shard[i].nid = i >> mage_shard_column_bits;
	}
	shards->epoch = MAGE_EPOCH_NOBODY + 1;
	return 0;
}

/**
 * mage_shards_free() - the end of a domain's lists
 * @shards: what mage_shards_init() made, or zeroed; no frame is there
 */
void mage_shards_free(struct mage_shards *shards)
{
	kvfree(shards->shard);
}

/**
 * mage_shards_close() - no frame is put in any more
 * @shards: those of a domain that ends
 */
void mage_shards_close(struct mage_shards *shards)
{
	unsigned int i;

	for (i = 0; i < shards->nr; i++) {
		/* Under each lock in turn: then no insertion is half done. */
		spin_lock_irq(&shards->shard[i].lock);
		shards->closing = true;
		spin_unlock_irq(&shards->shard[i].lock);
	}
}

/**
 * mage_shard_tell() - bring the statistics up to date
 * @shards: the domain's
 * @shard: one of them, locked
 */
void mage_shard_tell(const struct mage_shards *shards, struct mage_shard *shard)
{
	struct pglist_data *pgdat = NODE_DATA(shard->nid);
	enum zone_type zone;
	long sum = 0;

	for (zone = 0; zone < MAX_NR_ZONES; zone++) {
		if (shard->held[zone] && shards->memcg)
			mod_zone_page_state(&pgdat->node_zones[zone], NR_ZONE_INACTIVE_ANON,
					    shard->held[zone]);
		sum += shard->held[zone];
		shard->held[zone] = 0;
	}
	if (sum && shards->memcg)
		mod_lruvec_state(mem_cgroup_lruvec(shards->memcg, pgdat), NR_INACTIVE_ANON,
				 sum);
}

/**
 * mage_shards_tell() - bring the statistics up to date for all shards
 * @shards: a domain's
 */
void mage_shards_tell(struct mage_shards *shards)
{
	unsigned int i;

	for (i = 0; i < shards->nr; i++) {
		spin_lock_irq(&shards->shard[i].lock);
		mage_shard_tell(shards, &shards->shard[i]);
		spin_unlock_irq(&shards->shard[i].lock);
	}
}

/*
 * The shard that a page arriving now goes to: of its own node, and this CPU's, so that
 * faulting CPUs do not meet at its lock.  It does not matter if the task moves on
 * meanwhile.
 */
static unsigned int mage_shard_here(const struct folio *folio)
{
	unsigned int nr = READ_ONCE(mage_knobs.shards);
	unsigned int column = raw_cpu_read(mage_shard_column);

	return folio_nid(folio) << mage_shard_column_bits | (nr ? column % nr : column);
}

/**
 * mage_frame_lock() - lock the shard of a frame
 * @shards: the domain's that should own it
 * @frame: the frame
 * @flags: for spin_unlock_irqrestore()
 *
 * Return: the shard, or NULL, with nothing locked, if that does not own it
 */
struct mage_shard *mage_frame_lock(const struct mage_shards *shards, struct mage_frame *frame,
				   unsigned long *flags)
{
	u64 owner = READ_ONCE(frame->owner);
	struct mage_shard *shard;

	if (owner >> MAGE_OWNER_ID_SHIFT != shards->id)
		return NULL;
	shard = mage_shard_of(shards, owner);
	spin_lock_irqsave(&shard->lock, *flags);
	/* The page may have left the domain before the lock was taken. */
	if (frame->owner == owner && frame->state != MAGE_FRAME_NONE)
		return shard;
	spin_unlock_irqrestore(&shard->lock, *flags);
	return NULL;
}

/**
 * mage_span_frames() - pages under the policy of a domain, in some of its shards
 * @shards: its shards
 * @span: which of them
 *
 * Return: the sum, added up without locks: a page that comes or goes meanwhile may
 * be missed
 */
unsigned long mage_span_frames(const struct mage_shards *shards, const struct mage_span *span)
{
	unsigned long frames = 0;
	unsigned int i;

	for (i = 0; i <= span->mask; i++)
		frames += READ_ONCE(shards->shard[span->first + i].frames);
	return frames;
}

/**
 * mage_shards_frames() - pages under the policy of a domain
 * @shards: its shards
 *
 * Return: the sum
 */
unsigned long mage_shards_frames(const struct mage_shards *shards)
{
	return mage_shards_on_node(shards, NUMA_NO_NODE);
}

/**
 * mage_shards_list_size() - pages on one list of a domain
 * @shards: its shards
 * @list: 0 to MAGE_LISTS - 1
 *
 * Return: the sum, each shard read at another moment
 */
u64 mage_shards_list_size(const struct mage_shards *shards, u32 list)
{
	u64 size = 0;
	unsigned int i;

	for (i = 0; i < shards->nr; i++)
		size += READ_ONCE(shards->shard[i].nr[list]);
	return size;
}

/**
 * mage_shards_on_node() - those of them that are on one node
 * @shards: its shards
 * @nid: the node, NUMA_NO_NODE for all
 *
 * Return: the sum
 */
unsigned long mage_shards_on_node(const struct mage_shards *shards, int nid)
{
	struct mage_span span = mage_shards_span(shards, nid);

	return mage_span_frames(shards, &span);
}

/**
 * mage_frame_insert() - a page arrives in a domain
 * @shards: its shards, under RCU
 * @frame: frame of a page that the caller holds a reference to, or whose free waits
 *	for the LRU lock that the caller holds
 * @pfn: its frame number
 *
 * Until PG_lru is set, by the caller, nobody takes the page away.
 *
 * Return: false if the domain takes no more pages, or the page is owned
 */
bool mage_frame_insert(struct mage_shards *shards, struct mage_frame *frame, u64 pfn)
{
	struct folio *folio = mage_owner_folio(pfn);
	unsigned int index = mage_shard_here(folio);
	struct mage_shard *shard = &shards->shard[index];
	unsigned long flags;
	bool taken = false;

	spin_lock_irqsave(&shard->lock, flags);
	if (!shards->closing && frame->state == MAGE_FRAME_NONE) {
		WRITE_ONCE(frame->owner, pfn | (u64)index << MAGE_OWNER_PFN_BITS |
			   (u64)shards->id << MAGE_OWNER_ID_SHIFT);
		memset(frame->word, 0, sizeof(frame->word));
		frame->epoch = shards->epoch;
		frame->marks = 0;
		frame->prefetched = false;
		mage_frame_link(shard, frame, 0, true);
		mage_shard_count(shards, shard, folio, 1);
		/* On no list but ours: see mage_folio_is_listed(). */
		INIT_LIST_HEAD(&folio->lru);
		taken = true;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return taken;
}

/**
 * mage_frame_remove() - a page leaves its domain
 * @shards: its shards
 * @frame: its frame
 * @even_victim: the caller is the batch it is in, or it has no reference left
 *
 * The frame keeps its slot; the caller sees to it.
 *
 * Return: false if the page is not the domain's, or in a batch
 */
bool mage_frame_remove(struct mage_shards *shards, struct mage_frame *frame, bool even_victim)
{
	struct mage_shard *shard;
	unsigned long flags;
	bool removed = false;

	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard)
		return false;
	if (even_victim || frame->state != MAGE_FRAME_VICTIM) {
		mage_frame_unlink(shard, frame);
		mage_shard_count(shards, shard, mage_frame_folio(frame), -1);
		frame->state = MAGE_FRAME_NONE;
		WRITE_ONCE(frame->owner, 0);
		removed = true;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return removed;
}

/**
 * mage_frame_pick() - make a frame a victim, with a reference to its page
 * @shards: its shards
 * @frame: its frame
 *
 * Return: 0; -EBUSY if it is a victim already; -EXDEV if it is another
 * domain's; -ENOENT if it is nobody's, or its page is being freed or isolated
 */
int mage_frame_pick(struct mage_shards *shards, struct mage_frame *frame)
{
	struct folio_batch isolated;
	struct mage_shard *shard;
	unsigned long flags;
	int err = 0;

	folio_batch_init(&isolated);
	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard) {
		unsigned int id = mage_frame_domain_id(frame);

		/* One that is ours now, but was not, is a page that came just now. */
		return id && id != shards->id ? -EXDEV : -ENOENT;
	}
	if (frame->state == MAGE_FRAME_VICTIM) {
		err = -EBUSY;
	} else if (!mage_frame_hold(frame, &isolated)) {
		err = -ENOENT;
	} else {
		mage_frame_unlink(shard, frame);
		frame->state = MAGE_FRAME_VICTIM;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	mage_isolated_put(&isolated);
	return err;
}

/**
 * mage_frame_set_list() - put a frame on a list
 * @shards: its shards
 * @frame: its frame, on a list or walked
 * @list: 0 to MAGE_LISTS - 1
 * @tail: at the tail, else at the head
 *
 * Return: 0; -EINVAL for a bad list; -ENOENT if the page is not the domain's
 * any more; -EBUSY if it is in a batch
 */
int mage_frame_set_list(struct mage_shards *shards, struct mage_frame *frame, u32 list, bool tail)
{
	struct mage_shard *shard;
	unsigned long flags;
	int err = 0;

	if (list >= MAGE_LISTS)
		return -EINVAL;
	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard)
		return -ENOENT;
	if (frame->state == MAGE_FRAME_VICTIM) {
		err = -EBUSY;
	} else {
		mage_frame_unlink(shard, frame);
		mage_frame_link(shard, frame, list, tail);
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return err;
}

/**
 * mage_frame_walk() - take the head of a list to look at it
 * @shard: the shard
 * @list: 0 to MAGE_LISTS - 1
 *
 * The frame belongs to no list until it is moved, picked or unwalked.  It may
 * be freed at any time, whereupon those fail.
 *
 * Return: the frame, or NULL
 */
struct mage_frame *mage_frame_walk(struct mage_shard *shard, u32 list)
{
	struct mage_frame *frame;
	unsigned long flags;

	spin_lock_irqsave(&shard->lock, flags);
	frame = list_first_entry_or_null(&shard->lists[list], struct mage_frame, link);
	if (frame) {
		mage_frame_unlink(shard, frame);
		frame->state = MAGE_FRAME_WALKED;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return frame;
}

/**
 * mage_frame_unwalk() - put a frame that nobody wanted back on its list
 * @shards: its shards
 * @frame: what mage_frame_walk() returned
 */
void mage_frame_unwalk(struct mage_shards *shards, struct mage_frame *frame)
{
	struct mage_shard *shard;
	unsigned long flags;

	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard)
		return;
	/* One that is on a list by now was moved there, and another walk looks at it. */
	if (frame->state == MAGE_FRAME_WALKED && list_empty(&frame->link))
		mage_frame_link(shard, frame, frame->list, true);
	spin_unlock_irqrestore(&shard->lock, flags);
}

/*
 * Those that are on a list now go to list 0, a few under each hold of the lock; of those with
 * words of @known, if that is an epoch, each goes to the tail of its list, so that the head
 * is another.
 */
static void mage_shard_gather(struct mage_shard *shard, unsigned int list, int known)
{
	unsigned long left = READ_ONCE(shard->nr[list]), flags;
	struct mage_frame *frame;

	while (left) {
		unsigned long nr = min(left, MAGE_GATHER_HOLD);

		left -= nr;
		spin_lock_irqsave(&shard->lock, flags);
		shard->hand[list] = NULL;
		while (nr-- && !list_empty(&shard->lists[list])) {
			frame = list_first_entry(&shard->lists[list], struct mage_frame, link);
			if (READ_ONCE(frame->epoch) == known) {
				list_move_tail(&frame->link, &shard->lists[list]);
				continue;
			}
			list_move_tail(&frame->link, &shard->lists[0]);
			frame->list = 0;
			shard->nr[list]--;
			shard->nr[0]++;
		}
		spin_unlock_irqrestore(&shard->lock, flags);
		cond_resched();
	}
}

static void mage_shards_gather_but(struct mage_shards *shards, int known)
{
	unsigned long flags;
	unsigned int i, list;

	for (i = 0; i < shards->nr; i++) {
		struct mage_shard *shard = &shards->shard[i];

		spin_lock_irqsave(&shard->lock, flags);
		memset(shard->hand, 0, sizeof(shard->hand));
		spin_unlock_irqrestore(&shard->lock, flags);
		for (list = 1; list < MAGE_LISTS; list++)
			mage_shard_gather(shard, list, known);
		cond_resched();
	}
}

/**
 * mage_shards_gather() - put all frames on list 0
 * @shards: its shards
 *
 * For a new policy, to which the lists of the old one mean nothing.  What was
 * next to go stays next to go: list 0 first, then list 1, and so on.  Hands go home.
 * May sleep.  The caller holds the domain's lists_mutex.
 */
void mage_shards_gather(struct mage_shards *shards)
{
	mage_shards_gather_but(shards, MAGE_NO_EPOCH);
}

/**
 * mage_shards_gather_unknown() - put those on list 0 that what governs does not know
 * @shards: its shards
 *
 * As mage_shards_gather(), but those that arrived in the present epoch, or were given a
 * word in it, stay on their lists.
 */
void mage_shards_gather_unknown(struct mage_shards *shards)
{
	mage_shards_gather_but(shards, READ_ONCE(shards->epoch));
}

/**
 * mage_shards_next_epoch() - words that are in frames now are another policy's from now on
 * @shards: the shards; one caller at a time
 */
void mage_shards_next_epoch(struct mage_shards *shards)
{
	WRITE_ONCE(shards->epochs, shards->epochs + 1);
	WRITE_ONCE(shards->epoch, shards->epoch == MAGE_EPOCH_MOST ? MAGE_EPOCH_NOBODY + 1 :
								     shards->epoch + 1);
}

/**
 * mage_frame_forget_words() - the words of a frame are nobody's, unless they are those of what
 *	governs
 * @shards: a domain's
 * @frame: a frame, perhaps that domain's
 */
void mage_frame_forget_words(struct mage_shards *shards, struct mage_frame *frame)
{
	u8 epoch = READ_ONCE(frame->epoch);
	struct mage_shard *shard;
	unsigned long flags;

	if (epoch == MAGE_EPOCH_NOBODY || epoch == READ_ONCE(shards->epoch))
		return;
	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard)
		return;
	/*
	 * So it does not become another domain's.  The policy writes words without the lock: if
	 * it has just done so they are its own.
	 */
	cmpxchg(&frame->epoch, epoch, MAGE_EPOCH_NOBODY);
	spin_unlock_irqrestore(&shard->lock, flags);
}

/**
 * mage_frame_mark_prefetched() - a page was prefetched, and nobody has used it yet
 * @shards: its domain's
 * @frame: its frame
 */
void mage_frame_mark_prefetched(struct mage_shards *shards, struct mage_frame *frame)
{
	struct mage_shard *shard;
	unsigned long flags;

	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard)
		return;
	frame->prefetched = true;
	spin_unlock_irqrestore(&shard->lock, flags);
}

/* See mage_frame_used(). */
bool __mage_frame_used(struct mage_shards *shards, struct mage_frame *frame)
{
	struct mage_shard *shard;
	unsigned long flags;
	bool first;

	shard = mage_frame_lock(shards, frame, &flags);
	if (!shard)
		return false;
	first = frame->prefetched;
	frame->prefetched = false;
	spin_unlock_irqrestore(&shard->lock, flags);
	return first;
}
