// SPDX-License-Identifier: GPL-2.0-only
/*
 * new_policy - one line that says what it does
 *
 * Algorithm:	a page that arrives goes to the tail of list 0, and victims are taken from
 *		its head: first in, first out.  Pages that were faulted in stay longer,
 *		on list 1.
 * Source:	the paper or the system that it is after
 * When:	the workloads that it is good for
 * Approximates: what it gives up for speed
 *
 * Every callback may be left out; struct mage_ops in include/linux/mage_policy.h of the
 * kernel documents each of them, its default, and what it may call.  They run at the same
 * time on all CPUs.  Loops of more than a few rounds are written with mage_for(), as those
 * of helpers and other iterators are refused.  A policy that breaks a rule is ejected, and
 * the kernel's own takes over; "mage policy log" says why.
 */
#include "mage.bpf.h"

/* Lists have numbers, and the meaning that the policy gives them. */
#define ARRIVED 0
#define RETURNED 1

/*
 * What may be set by "mage policy load --set share=50" and by "mage policy tune", with
 * its range and its meaning for "mage policy show".
 */
MAGE_TUNABLE(u32, share, 75, 0, 100, "percent of the victims that come from new pages first");

/* A page arrived: it is new (MAGE_PAGE_IN_NEW), or a thread needed it again. */
void MAGE_OP(new_policy_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why)
{
	if (why == MAGE_PAGE_IN_FAULT)
		mage_frame_move(domain, frame, RETURNED, true);
}

/*
 * Room is needed: name up to batch->max victims.  A frame that the loop comes by and leaves
 * alone goes to the tail of its list; with mage_walk() and MAGE_WALK_STAY it would stay.
 */
void MAGE_OP(new_policy_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 wanted = batch->max * share / 100;
	struct mage_frame *frame;

	if (wanted)
		mage_for_each (frame, batch, ARRIVED)
			if (!mage_batch_add(batch, frame) && !--wanted)
				break;
	mage_for_each (frame, batch, RETURNED)
		mage_batch_add(batch, frame);
	/* Somebody waits for room, so whatever is there is better than nothing. */
	mage_for_each (frame, batch, ARRIVED)
		mage_batch_add(batch, frame);
}

/* .name is what tools call it; it is the name of the table unless set. */
MAGE_POLICY(new_policy, .page_in = (void *)new_policy_page_in, .select = (void *)new_policy_select);
