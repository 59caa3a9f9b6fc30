/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the state of a local page.
 */
#ifndef _MM_MAGE_FRAME_H
#define _MM_MAGE_FRAME_H

#include <linux/mage_policy.h>
#include <linux/mm.h>
#include <linux/swap.h>
#include <linux/swapops.h>

/**
 * enum mage_frame_state - where a frame is
 * @MAGE_FRAME_NONE: the page is not Mage's
 * @MAGE_FRAME_LISTED: on a list of its domain
 * @MAGE_FRAME_WALKED: a select callback is looking at it
 * @MAGE_FRAME_VICTIM: in a batch, which holds a reference to the page
 */
enum mage_frame_state {
	MAGE_FRAME_NONE,
	MAGE_FRAME_LISTED,
	MAGE_FRAME_WALKED,
	MAGE_FRAME_VICTIM,
};

/* struct mage_frame.owner: domain id, shard, page frame number, high to low. */
#define MAGE_OWNER_PFN_BITS	40
#define MAGE_OWNER_PFN_MASK	((1ULL << MAGE_OWNER_PFN_BITS) - 1)
#define MAGE_OWNER_SHARD_BITS	14
#define MAGE_OWNER_SHARD_MASK	((1ULL << MAGE_OWNER_SHARD_BITS) - 1)
#define MAGE_OWNER_ID_SHIFT	(MAGE_OWNER_PFN_BITS + MAGE_OWNER_SHARD_BITS)
#define MAGE_DOMAIN_IDS		1024

static_assert(52 - PAGE_SHIFT <= MAGE_OWNER_PFN_BITS);	/* x86: 52 bits at most */
static_assert(2 * MAX_NUMNODES <= 1 << MAGE_OWNER_SHARD_BITS);
static_assert((MAGE_DOMAIN_IDS - 1ULL) << MAGE_OWNER_ID_SHIFT >> MAGE_OWNER_ID_SHIFT ==
	      MAGE_DOMAIN_IDS - 1);

/* MADV_FREE met the page since it was armed: its far copy is not to be used. */
#define MAGE_MARK_SPOILED	BIT(0)
/* Its accessed bit was set since it was armed, and somebody has cleared it. */
#define MAGE_MARK_AGED		BIT(1)
/* MADV_FREE met it: unless it is dirty again, its content is of no more use. */
#define MAGE_MARK_LAZY		BIT(2)
/* What may happen to a page that is armed, and makes it one that was used. */
#define MAGE_MARKS_OF_USE	(MAGE_MARK_SPOILED | MAGE_MARK_AGED | MAGE_MARK_CLEANING)
/* Nobody's, as its domain could not evict it: the stock way is next.  Under PG_lru. */
#define MAGE_MARK_GIVEN		BIT(3)
/* It was armed to be cleaned only, so that commit lets it stay as one that was used. */
#define MAGE_MARK_CLEANING	BIT(4)

/* No policy's epoch is this: what frames have whose words are of one that has left. */
#define MAGE_EPOCH_NOBODY	0

/**
 * struct mage_frame - state of one local page
 * @link: on a list of a shard, or empty; under the shard's lock
 * @owner: page frame number, and above it the number of its shard and the
 *	domain's id; 0 when not owned.  Written under the shard's lock; read
 *	without it to find that lock, and checked again under it.
 * @slot: offset of the far copy on swap device @slot_type - 1.  The frame owns
 *	the swap entry's one count.  The copy equals the page's content unless
 *	a dirty bit (PTE or folio) is set.
 * @slot_type: 0 for no far copy
 * @list: number of the list it is on, or was on before it was walked; under
 *	the shard's lock
 * @state: enum mage_frame_state, under the shard's lock
 * @prefetched: it was prefetched, and not yet found to have been used; under the
 *	shard's lock
 * @marks: MAGE_MARK_*, under the page table lock
 * @epoch: policy epoch that @word belongs to, or MAGE_EPOCH_NOBODY
 * @word: the policy's
 */
struct mage_frame {
	struct list_head link;
	u64 owner;
	u32 slot;
	u8 slot_type;
	u8 list : 4;
	u8 state : 2;
	u8 prefetched : 1;
	u8 marks;
	u8 epoch;
	u64 word[MAGE_FRAME_WORDS];
};

static_assert(sizeof(struct mage_frame) == 48);
static_assert(MAGE_LISTS <= 1 << 4);

struct mage_frame *mage_frame_of(const struct folio *folio);
struct mage_frame *mage_frame_by_pfn(u64 pfn);

static inline u64 mage_frame_pfn(const struct mage_frame *frame)
{
	return READ_ONCE(frame->owner) & MAGE_OWNER_PFN_MASK;
}

/* The page that an owner is of: a small folio, so there is no head to look up. */
static inline struct folio *mage_owner_folio(u64 owner)
{
	return (struct folio *)pfn_to_page(owner & MAGE_OWNER_PFN_MASK);
}

/* The page of a frame that is owned. */
static inline struct folio *mage_frame_folio(const struct mage_frame *frame)
{
	return mage_owner_folio(READ_ONCE(frame->owner));
}

static inline unsigned int mage_frame_domain_id(const struct mage_frame *frame)
{
	return READ_ONCE(frame->owner) >> MAGE_OWNER_ID_SHIFT;
}

static inline bool mage_frame_has_slot(const struct mage_frame *frame)
{
	return frame->slot_type;
}

static inline swp_entry_t mage_frame_entry(const struct mage_frame *frame)
{
	return swp_entry(frame->slot_type - 1, frame->slot);
}

static inline void mage_frame_set_slot(struct mage_frame *frame, swp_entry_t entry)
{
	frame->slot = swp_offset(entry);
	frame->slot_type = swp_type(entry) + 1;
}

/*
 * Whether a page is of the kind that Mage manages: private, anonymous, small, and
 * with nothing in the way.  One look at each of the two words that tell.
 */
static inline bool mage_folio_is_eligible(const struct folio *folio)
{
	const unsigned long must = BIT(PG_swapbacked);
	const unsigned long must_not = BIT(PG_head) | BIT(PG_swapcache) | BIT(PG_unevictable) |
				       __PG_MLOCKED | __PG_HWPOISON;

	/* What is anonymous and nothing else: KSM has another flag beside it. */
	return ((unsigned long)READ_ONCE(folio->mapping) & PAGE_MAPPING_FLAGS) ==
		       PAGE_MAPPING_ANON &&
	       (READ_ONCE(folio->flags) & (must | must_not)) == must;
}

#endif /* _MM_MAGE_FRAME_H */
