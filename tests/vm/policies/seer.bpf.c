// SPDX-License-Identifier: GPL-2.0-only
/*
 * A good policy that counts what it is told of pages that were there before it, of a cgroup in
 * which nothing happens, of nodes, and of far memory. The test reads the counts.
 */
#include "mage.bpf.h"

enum list {
	ARRIVED,
	KNOWN,
};

u64 told, untold, ticks, idle, slowest_read, fault_ns, psi;
u64 wrong_word, wrong_node, wrong_batch;

void MAGE_OP(seer_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	if (why == MAGE_PAGE_IN_TAKEOVER)
		__sync_fetch_and_add(&told, 1);
	if (mage_frame_word(domain, frame, 0))
		__sync_fetch_and_add(&wrong_word, 1);
	mage_frame_set_word(domain, frame, 0, 1);
	mage_frame_move(domain, frame, KNOWN, true);
}

void MAGE_OP(seer_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	if (mage_batch_node(batch) != -1)
		wrong_batch++;
	mage_for_each (frame, batch, ARRIVED)
		mage_batch_add(batch, frame);
	mage_for_each (frame, batch, KNOWN)
		mage_batch_add(batch, frame);
}

void MAGE_OP(seer_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	u64 read = mage_far_read_ns(), strangers = 0;
	struct mage_frame *frame;

	ticks++;
	if (!rates->faults && !rates->new && !rates->evictions)
		idle++;
	if (read > slowest_read)
		slowest_read = read;
	fault_ns += rates->fault_ns;
	psi = mage_psi_ns(domain, false);
	if (mage_psi_ns(domain, true) > psi)
		wrong_batch++;
	mage_walk(frame, scan, ARRIVED, MAGE_WALK_STAY) if (!mage_frame_word(domain, frame, 0))
		strangers++;
	untold = strangers;
	mage_walk(frame, scan, KNOWN, MAGE_WALK_STAY)
		/* There is one node; -1 is for a page that has just left. */
		if (mage_frame_node(frame) > 0) wrong_node++;
}

MAGE_POLICY(seer, .page_in = (void *)seer_page_in, .select = (void *)seer_select,
	    .tick = (void *)seer_tick, .flags = MAGE_OPS_IDLE_TICK | MAGE_OPS_TAKEOVER);
