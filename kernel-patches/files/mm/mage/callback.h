/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: the calls of a policy's callbacks.
 */
#ifndef _MM_MAGE_CALLBACK_H
#define _MM_MAGE_CALLBACK_H

#include "domain.h"

struct mage_call;

/* Batches that an evictor has in flight when nobody says. */
#define MAGE_DEPTH_DEFAULT	4

/* mage_domain.hears: callbacks, called for every page, that a policy has. */
#define MAGE_HEARS_PAGE_OUT	BIT(0)
#define MAGE_HEARS_OUTCOME	BIT(1)
#define MAGE_HEARS_PAGE_IN	BIT(2)
#define MAGE_HEARS_PREFETCH	BIT(3)

static inline u8 mage_policy_hears(const struct mage_ops *policy)
{
	return (policy->page_out ? MAGE_HEARS_PAGE_OUT : 0) |
	       (policy->outcome ? MAGE_HEARS_OUTCOME : 0) |
	       (policy->page_in || policy->flags & MAGE_OPS_GHOST ? MAGE_HEARS_PAGE_IN : 0) |
	       (policy->prefetch ? MAGE_HEARS_PREFETCH : 0);
}

void __mage_policy_page_in(struct mage_domain *domain, struct mage_frame *frame, u32 why,
			   swp_entry_t from);
void __mage_policy_page_out(struct mage_domain *domain, struct mage_frame *frame, u32 why);
void __mage_policy_outcome(struct mage_domain *domain, struct mage_frame *frame, u32 outcome);

/*
 * A page arrived, in its frame on list 0; @why is an enum mage_page_in_reason, @from
 * where it was read from, or an entry of 0.  The page table lock is held.
 */
static inline void mage_policy_page_in(struct mage_domain *domain, struct mage_frame *frame,
				       u32 why, swp_entry_t from)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_PAGE_IN)
		__mage_policy_page_in(domain, frame, why, from);
}

/* A page left: tells a policy that wants to hear of it. */
static inline void mage_policy_page_out(struct mage_domain *domain, struct mage_frame *frame,
					u32 why)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_PAGE_OUT)
		__mage_policy_page_out(domain, frame, why);
}

/* What became of a victim: tells a policy that wants to hear of it. */
static inline void mage_policy_outcome(struct mage_domain *domain, struct mage_frame *frame,
				       u32 outcome)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_OUTCOME)
		__mage_policy_outcome(domain, frame, outcome);
}

void mage_policy_hint(struct mage_domain *domain, struct mage_frame *frame, u32 what);
bool mage_answer_is_good(const struct mage_call *call, u64 answer, u64 least, u64 most);
u32 mage_policy_evictors(struct mage_domain *domain);
u32 mage_policy_depth(struct mage_domain *domain);
void mage_policy_ask_headroom(struct mage_domain *domain);
u32 mage_policy_no_room(struct mage_domain *domain, u32 nr);
u32 mage_policy_reserve(struct mage_domain *domain, u32 nr);

#endif /* _MM_MAGE_CALLBACK_H */
