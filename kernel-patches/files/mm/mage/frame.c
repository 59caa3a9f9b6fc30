// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: frames and the lists they are on.
 *
 * A frame is found from its page without a hash (page_ext).  Its memory never
 * goes away while the page is in use, so a frame pointer can always be
 * dereferenced; whether it still stands for the same page of the same domain is
 * decided under the lock of its shard, from owner and state.
 */
#include <linux/rmap.h>
#include <linux/sched/clock.h>
#include <trace/events/mage.h>
#include "../internal.h"
#include "internal.h"

static bool mage_page_ext_need(void)
{
	return mage_enabled;
}

struct page_ext_operations mage_page_ext_ops = {
	.size = sizeof(struct mage_frame),
	.need = mage_page_ext_need,
};

/**
 * mage_frame_of() - frame of a folio
 * @folio: small folio in use
 *
 * Return: the frame; valid as long as the page stays in use, since page_ext
 * memory goes only with the memory it describes
 */
struct mage_frame *mage_frame_of(const struct folio *folio)
{
	struct page_ext *ext = page_ext_get(&folio->page);
	struct mage_frame *frame;

	if (!ext)
		return NULL;
	frame = page_ext_data(ext, &mage_page_ext_ops);
	page_ext_put(ext);
	return frame;
}

/**
 * mage_frame_by_pfn() - frame of a page frame number that a policy named
 * @pfn: any number
 *
 * Return: the frame, or NULL if no memory has this number
 */
struct mage_frame *mage_frame_by_pfn(u64 pfn)
{
	struct page *page = pfn <= MAGE_OWNER_PFN_MASK ? pfn_to_online_page(pfn) : NULL;

	return page ? mage_frame_of((struct folio *)page) : NULL;
}

/*
 * The shard that a page arriving now goes to: this CPU's, so that faulting CPUs
 * do not meet at its lock.  It does not matter if the task moves on meanwhile.
 */
static unsigned int mage_shard_here(struct mage_domain *domain)
{
	unsigned int nr = READ_ONCE(mage_knobs.shards), cpu = raw_smp_processor_id();

	return (nr ? cpu % nr : cpu) & (domain->nr_shards - 1);
}

/**
 * mage_frame_lock() - lock the shard of a frame
 * @domain: the domain that should own it
 * @frame: the frame
 * @flags: for spin_unlock_irqrestore()
 *
 * Return: the shard, or NULL, with nothing locked, if @domain does not own it
 */
struct mage_shard *mage_frame_lock(struct mage_domain *domain, struct mage_frame *frame,
				   unsigned long *flags)
{
	u64 owner = READ_ONCE(frame->owner);
	struct mage_shard *shard;

	if (owner >> MAGE_OWNER_ID_SHIFT != domain->id)
		return NULL;
	shard = mage_shard_of(domain, owner);
	spin_lock_irqsave(&shard->lock, *flags);
	/* The page may have left the domain before the lock was taken. */
	if (frame->owner == owner && frame->state != MAGE_FRAME_NONE)
		return shard;
	spin_unlock_irqrestore(&shard->lock, *flags);
	return NULL;
}

/* Puts a frame that is on no list on one; under the shard's lock. */
void mage_frame_link(struct mage_shard *shard, struct mage_frame *frame, u32 list, bool tail)
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
void mage_frame_unlink(struct mage_shard *shard, struct mage_frame *frame)
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

/**
 * mage_domain_frames() - pages under the policy of a domain
 * @domain: the domain
 *
 * Added up without locks: a page that comes or goes meanwhile may be missed.
 */
unsigned long mage_domain_frames(struct mage_domain *domain)
{
	unsigned long frames = 0;
	unsigned int i;

	for (i = 0; i < domain->nr_shards; i++)
		frames += READ_ONCE(domain->shards[i].frames);
	return frames;
}

/**
 * mage_domain_gone() - pages that have left a domain since its begin
 * @domain: the domain
 *
 * Added up like mage_domain_frames().
 */
unsigned long mage_domain_gone(struct mage_domain *domain)
{
	unsigned long gone = 0;
	unsigned int i;

	for (i = 0; i < domain->nr_shards; i++)
		gone += READ_ONCE(domain->shards[i].gone);
	return gone;
}

/**
 * mage_frame_insert() - a page arrives in a domain
 * @domain: the domain, under RCU
 * @frame: frame of a page that the caller holds a reference to
 * @pfn: its frame number
 *
 * Return: false if the domain takes no more pages, or the page is owned
 */
bool mage_frame_insert(struct mage_domain *domain, struct mage_frame *frame, u64 pfn)
{
	unsigned int index = mage_shard_here(domain);
	struct mage_shard *shard = &domain->shards[index];
	unsigned long flags;
	bool taken = false;

	spin_lock_irqsave(&shard->lock, flags);
	if (!domain->closing && frame->state == MAGE_FRAME_NONE) {
		WRITE_ONCE(frame->owner, pfn | (u64)index << MAGE_OWNER_PFN_BITS |
			   (u64)domain->id << MAGE_OWNER_ID_SHIFT);
		memset(frame->word, 0, sizeof(frame->word));
		frame->epoch = domain->epoch;
		frame->marks = 0;
		frame->prefetched = false;
		mage_frame_link(shard, frame, 0, true);
		shard->frames++;
		taken = true;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return taken;
}

/**
 * mage_frame_remove() - a page leaves its domain
 * @domain: the domain
 * @frame: its frame
 * @even_victim: the caller is the batch it is in, or it has no reference left
 *
 * The frame keeps its slot; the caller sees to it.
 *
 * Return: false if the page is not the domain's, or in a batch
 */
bool mage_frame_remove(struct mage_domain *domain, struct mage_frame *frame, bool even_victim)
{
	struct mage_shard *shard;
	unsigned long flags;
	bool removed = false;

	shard = mage_frame_lock(domain, frame, &flags);
	if (!shard)
		return false;
	if (even_victim || frame->state != MAGE_FRAME_VICTIM) {
		mage_frame_unlink(shard, frame);
		frame->state = MAGE_FRAME_NONE;
		WRITE_ONCE(frame->owner, 0);
		shard->frames--;
		shard->gone++;
		removed = true;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return removed;
}

/**
 * mage_frame_pick() - make a frame a victim, with a reference to its page
 * @domain: the domain
 * @frame: its frame
 *
 * Return: 0; -EBUSY if it is a victim already; -EXDEV if it is another
 * domain's; -ENOENT if it is nobody's, or its page is being freed
 */
int mage_frame_pick(struct mage_domain *domain, struct mage_frame *frame)
{
	struct mage_shard *shard;
	unsigned long flags;
	int err = 0;

	shard = mage_frame_lock(domain, frame, &flags);
	if (!shard) {
		unsigned int id = mage_frame_domain_id(frame);

		/* One that is ours now, but was not, is a page that came just now. */
		return id && id != domain->id ? -EXDEV : -ENOENT;
	}
	if (frame->state == MAGE_FRAME_VICTIM) {
		err = -EBUSY;
	} else if (!folio_try_get(mage_frame_folio(frame))) {
		/* Its free waits for our lock, to take the frame off the list. */
		err = -ENOENT;
	} else {
		mage_frame_unlink(shard, frame);
		frame->state = MAGE_FRAME_VICTIM;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
	return err;
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
	unsigned long flags;
	unsigned int got = 0;

	spin_lock_irqsave(&shard->lock, flags);
	list_for_each_entry_safe(frame, next, &shard->lists[list], link) {
		if (got == nr)
			break;
		/* One that is being freed leaves the list by itself. */
		if (frame->state != MAGE_FRAME_LISTED ||
		    !folio_try_get(mage_frame_folio(frame)))
			continue;
		mage_frame_unlink(shard, frame);
		frame->state = MAGE_FRAME_VICTIM;
		mage_batch_push(batch, frame);
		got++;
	}
	spin_unlock_irqrestore(&shard->lock, flags);
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
	struct mage_shard *shard = mage_shard_of(domain, frame->owner);

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
		frame->state = MAGE_FRAME_NONE;
		WRITE_ONCE(frame->owner, 0);
		shard->frames--;
		shard->gone++;
		removed++;
	}
	mage_row_end(&row);
	return removed;
}

/**
 * mage_victims_relist() - the victims that stay go to the tail of list 0
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
		mage_frame_link(shard, frame, 0, true);
	}
	mage_row_end(&row);
}

/**
 * mage_frame_set_list() - put a frame on a list
 * @domain: the domain
 * @frame: its frame, on a list or walked
 * @list: 0 to MAGE_LISTS - 1
 * @tail: at the tail, else at the head
 *
 * Return: 0; -EINVAL for a bad list; -ENOENT if the page is not the domain's
 * any more; -EBUSY if it is in a batch
 */
int mage_frame_set_list(struct mage_domain *domain, struct mage_frame *frame, u32 list, bool tail)
{
	struct mage_shard *shard;
	unsigned long flags;
	int err = 0;

	if (list >= MAGE_LISTS)
		return -EINVAL;
	shard = mage_frame_lock(domain, frame, &flags);
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
 * @domain: the domain
 * @shard: one of its shards
 * @list: 0 to MAGE_LISTS - 1
 *
 * The frame belongs to no list until it is moved, picked or unwalked.  It may
 * be freed at any time, whereupon those fail.
 */
struct mage_frame *mage_frame_walk(struct mage_domain *domain, struct mage_shard *shard,
				   u32 list)
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
 * @domain: the domain
 * @frame: what mage_frame_walk() returned
 */
void mage_frame_unwalk(struct mage_domain *domain, struct mage_frame *frame)
{
	struct mage_shard *shard;
	unsigned long flags;

	shard = mage_frame_lock(domain, frame, &flags);
	if (!shard)
		return;
	if (frame->state == MAGE_FRAME_WALKED)
		mage_frame_link(shard, frame, frame->list, true);
	spin_unlock_irqrestore(&shard->lock, flags);
}

/**
 * mage_frames_gather() - put all frames on list 0
 * @domain: the domain
 *
 * For a new policy, to which the lists of the old one mean nothing.  What was
 * next to go stays next to go: list 0 first, then list 1, and so on.
 */
void mage_frames_gather(struct mage_domain *domain)
{
	struct mage_frame *frame;
	unsigned long flags;
	unsigned int i, list;

	for (i = 0; i < domain->nr_shards; i++) {
		struct mage_shard *shard = &domain->shards[i];

		spin_lock_irqsave(&shard->lock, flags);
		memset(shard->hand, 0, sizeof(shard->hand));
		for (list = 1; list < MAGE_LISTS; list++) {
			list_for_each_entry(frame, &shard->lists[list], link)
				frame->list = 0;
			list_splice_tail_init(&shard->lists[list], &shard->lists[0]);
			shard->nr[0] += shard->nr[list];
			shard->nr[list] = 0;
		}
		spin_unlock_irqrestore(&shard->lock, flags);
	}
}

/* Under RCU: @domain takes in a page that is not on the LRU, if it can. */
static bool mage_domain_take_in(struct mage_domain *domain, struct mage_frame *frame,
				struct folio *folio, enum mage_page_in_reason why,
				swp_entry_t from)
{
	if (folio_test_lru(folio) || !mage_folio_is_eligible(folio) ||
	    !mage_frame_insert(domain, frame, folio_pfn(folio)))
		return false;
	/* Left by the stock LRU; a page must not be freed with it. */
	if (folio_test_active(folio))
		folio_clear_active(folio);
	if (mage_frame_has_slot(frame))
		mage_count(domain, MAGE_STAT_CLEAN_COPIES);
	mage_policy_page_in(domain, frame, why, from);
	if (!(this_cpu_inc_return(domain->stats->arrivals) % MAGE_ROOM_CHECK_EVERY))
		mage_room_check(domain);
	return true;
}

/**
 * mage_folio_enter() - a page comes under the policy of its domain
 * @folio: page that is not on the LRU; the caller holds a reference
 * @why: reason
 *
 * Return: false if it has no domain, or is not of a kind that Mage manages
 */
bool mage_folio_enter(struct folio *folio, enum mage_page_in_reason why)
{
	struct mage_domain *domain;
	struct mage_frame *frame;
	bool taken = false;

	/* Only a small one has a frame of its own. */
	if (folio_test_large(folio))
		return false;
	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	frame = domain ? mage_frame_of(folio) : NULL;
	if (frame)
		taken = mage_domain_take_in(domain, frame, folio, why, (swp_entry_t){});
	if (taken && why == MAGE_PAGE_IN_NEW)
		mage_count(domain, MAGE_STAT_FIRST_TOUCHES);
	if (taken)
		trace_mage_page_in(domain->cgroup_id,
				   mage_mm_number(why == MAGE_PAGE_IN_NEW ? current->mm : NULL),
				   (u64)folio->index << PAGE_SHIFT, why);
	rcu_read_unlock();
	return taken;
}

bool __mage_folio_add(struct folio *folio)
{
	return mage_folio_enter(folio, MAGE_PAGE_IN_NEW);
}

/* What was prefetched is to look unused, and to be known again. */
static void mage_frame_mark_prefetched(struct mage_domain *domain, struct mage_frame *frame,
				       struct vm_fault *vmf)
{
	struct mage_shard *shard;
	unsigned long flags;

	ptep_test_and_clear_young(vmf->vma, vmf->address, vmf->pte);
	mage_count(domain, MAGE_STAT_PREFETCHED);
	shard = mage_frame_lock(domain, frame, &flags);
	if (!shard)
		return;
	frame->prefetched = true;
	spin_unlock_irqrestore(&shard->lock, flags);
}

void __mage_swapin_done(struct vm_fault *vmf, struct mage_frame *frame, struct folio *folio,
			swp_entry_t entry, u64 begin)
{
	enum mage_page_in_reason why = mage_prefetching() ? MAGE_PAGE_IN_PREFETCH :
							    MAGE_PAGE_IN_FAULT;
	struct mage_domain *domain;
	bool taken;

	rcu_read_lock();
	domain = mage_domain_of(folio_memcg(folio));
	taken = domain && mage_domain_take_in(domain, frame, folio, why, entry);
	if (taken)
		trace_mage_page_in(domain->cgroup_id, mage_mm_number(vmf->vma->vm_mm),
				   vmf->address, why);
	if (taken && why == MAGE_PAGE_IN_PREFETCH) {
		mage_frame_mark_prefetched(domain, frame, vmf);
	} else if (taken) {
		u64 ns = local_clock() - begin;

		mage_count(domain, MAGE_STAT_FAULTS);
		this_cpu_inc(domain->stats->latency[mage_latency_bucket(ns)]);
		trace_mage_fault_in(domain->cgroup_id, mage_mm_number(vmf->vma->vm_mm),
				    vmf->address, swp_offset(entry),
				    pte_dirty(vmf->orig_pte) || vmf->flags & FAULT_FLAG_WRITE, ns);
	}
	rcu_read_unlock();
	if (taken)
		return;
	/* The domain ended meanwhile, or the page is mlocked. */
	if (mage_frame_has_slot(frame)) {
		mage_slot_free_later(frame->slot_type - 1, frame->slot);
		frame->slot_type = 0;
	}
	__folio_add_lru(folio);
}

/* Takes a folio out of its domain, for good or for the stock LRU. */
static bool mage_folio_leave(struct folio *folio, bool even_victim, u32 why)
{
	struct mage_frame *frame = mage_frame_of(folio);
	struct mage_domain *domain;
	bool left = false;

	/* Nobody but the owner of a private page can make it Mage's. */
	if (!frame || !READ_ONCE(frame->owner))
		return false;
	rcu_read_lock();
	domain = mage_domain_by_id(mage_frame_domain_id(frame));
	if (domain && mage_frame_remove(domain, frame, even_victim)) {
		mage_frame_drop_slot(domain, frame);
		mage_policy_page_out(domain, frame, why);
		left = true;
	}
	rcu_read_unlock();
	return left;
}

bool __mage_folio_isolate(struct folio *folio)
{
	if (folio_test_large(folio) || !folio_test_anon(folio) ||
	    !mage_folio_leave(folio, false, MAGE_PAGE_OUT_TAKEN))
		return false;
	folio_get(folio);
	return true;
}

void __mage_folio_free(struct folio *folio)
{
	if (!folio_test_large(folio) && folio_test_anon(folio))
		mage_folio_leave(folio, true, MAGE_PAGE_OUT_FREED);
}

void __mage_folio_lazyfree(struct folio *folio)
{
	struct mage_frame *frame;

	if (folio_test_large(folio) || !folio_test_anon(folio))
		return;
	frame = mage_frame_of(folio);
	/* Arm and commit read it under the page table lock, which is held. */
	if (frame && READ_ONCE(frame->owner))
		frame->marks |= MAGE_MARK_SPOILED;
}

/*
 * Arm and commit look at the mark under the page table lock, which is held.  For
 * a page that is not armed it means nothing.
 */
void __mage_pte_aged(pte_t pte)
{
	struct mage_frame *frame;

	if (pte_special(pte) || !pte_present(pte))
		return;
	frame = mage_frame_by_pfn(pte_pfn(pte));
	if (frame && READ_ONCE(frame->owner))
		frame->marks |= MAGE_MARK_AGED;
}

/**
 * mage_folio_take() - take a victim out of its domain
 * @folio: the page; the caller is its batch and keeps the reference
 *
 * Return: false if the page is not a domain's any more
 */
bool mage_folio_take(struct folio *folio)
{
	return mage_folio_leave(folio, true, MAGE_PAGE_OUT_TAKEN);
}

/**
 * mage_folio_give_to_lru() - hand a page to the stock LRU
 * @domain: its domain
 * @folio: the page; the caller holds a reference, for itself or as its batch
 *
 * Return: false if the page is not the domain's any more
 */
bool mage_folio_give_to_lru(struct mage_domain *domain, struct folio *folio)
{
	if (!mage_folio_leave(folio, true, MAGE_PAGE_OUT_TAKEN))
		return false;
	__folio_add_lru(folio);
	return true;
}
