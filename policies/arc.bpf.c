// SPDX-License-Identifier: GPL-2.0-only
/*
 * arc - adaptive replacement: recency and frequency, balanced by what comes back
 *
 * Algorithm:	CAR, the form of ARC for accessed bits. Pages that arrive are on the
 *		clock "recent", those that were used again or came back soon are on
 *		the clock "frequent". What leaves either is remembered, together as
 *		many pages as are local. A page that comes back and left "recent"
 *		makes the share that "recent" aims for larger, one that left
 *		"frequent" makes it smaller.
 * Source:	S. Bansal, D. S. Modha, "CAR: Clock with Adaptive Replacement", FAST
 *		2004; ARC: N. Megiddo, D. S. Modha, FAST 2003.
 * When:	scans mixed with a hot set, or work that changes its character.
 * Approximates: with one evictor, one shard and batches of one page it is CAR with
 *		its steps reckoned in whole numbers and the number of local pages as
 *		its capacity, but that uses of a page before the first look at it,
 *		which is at the next selection after it arrived, count as its arrival.
 *		Otherwise a batch is selected with one aim, and CPUs that change the
 *		aim at once may miss each other's change. It remembers 2^20 pages of
 *		each clock at most.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 *		What is remembered, and the aim, are for one cgroup; load it for each.
 */
#include "arrivals.bpf.h"
#include "ghosts.bpf.h"
#include "prefetch.bpf.h"

enum list {
	RETURNED = ARRIVED + 1, /* arrived, and remembered */
	RECENT,
	FREQUENT,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");

/* What is remembered, of each clock. The bit in the half word tells of which. */
#define GHOST_FREQUENT (1U << 31)

struct ghosts recent, frequent;

MAGE_COUNTER(s64, aim, "pages", "local pages that \"recent\" is to have");
MAGE_COUNTER(u64, recent_hits, "pages", "came back that had left \"recent\": its aim grew");
MAGE_COUNTER(u64, frequent_hits, "pages", "came back that had left \"frequent\": the aim shrank");

/* Local pages in all. */
u64 capacity;

/* Forgets the one that a half word names; false if it names none. */
static bool ghost_take(u32 word)
{
	if (!word)
		return false;
	return ghosts_take(word & GHOST_FREQUENT ? &frequent : &recent, word & GHOST_NUMBER);
}

static s64 step(u64 others, u64 own)
{
	return own && others > own ? others / own : 1;
}

void MAGE_OP(arc_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	u64 nr_recent = recent.nr, nr_frequent = frequent.nr;
	s64 next;

	if (why == MAGE_PAGE_IN_TAKEOVER) {
		mage_frame_move(domain, frame, RECENT, true);
		return;
	}
	/* One that was prefetched came back because of a guess. */
	if (!ghost_take(ghost->word) || why == MAGE_PAGE_IN_PREFETCH)
		return;
	mage_frame_move(domain, frame, RETURNED, true);
	if (ghost->word & GHOST_FREQUENT) {
		next = aim - step(nr_recent, nr_frequent);
		aim = next > 0 ? next : 0;
		__sync_fetch_and_add(&frequent_hits, 1);
	} else {
		next = aim + step(nr_frequent, nr_recent);
		aim = next < (s64)capacity ? next : (s64)capacity;
		__sync_fetch_and_add(&recent_hits, 1);
	}
}

static void select_recent(struct mage_domain *domain, struct mage_batch *batch, s64 least,
			  u32 *left)
{
	s64 nr = mage_list_size(domain, RECENT) + mage_list_size(domain, ARRIVED);
	u32 before = batch->nr;
	struct mage_frame *frame;

	if (nr < least)
		return;
	add_unused(batch, RECENT, nr - least + 1, FREQUENT, left);
	mage_for_each_victim(frame, batch, before)
		mage_frame_set_word(domain, frame, 1, ghosts_add(&recent));
}

static void select_frequent(struct mage_domain *domain, struct mage_batch *batch, u32 *left)
{
	u32 before = batch->nr;
	struct mage_frame *frame;

	add_unused(batch, FREQUENT, MAGE_WALK_BUDGET, FREQUENT, left);
	mage_for_each_victim(frame, batch, before)
		mage_frame_set_word(domain, frame, 1, ghosts_add(&frequent) | GHOST_FREQUENT);
}

void MAGE_OP(arc_select, struct mage_domain *domain, struct mage_batch *batch)
{
	s64 frames = mage_frames(domain);
	u32 left = looks;

	capacity = frames;
	mage_list_move(batch, ARRIVED, ARRIVALS_MAX, RECENT, RECENT);
	mage_list_move(batch, RETURNED, ARRIVALS_MAX, FREQUENT, FREQUENT);
	/*
	 * CAR forgets when a page arrives that it does not remember; here that is
	 * made up for before the next one leaves.
	 */
	ghosts_trim(domain, &recent, frames - (s64)mage_list_size(domain, RECENT));
	ghosts_trim(domain, &frequent, frames - (s64)recent.nr);
	select_recent(domain, batch, aim > 1 ? aim : 1, &left);
	select_frequent(domain, batch, &left);
	/* After a round of second chances the first is next, wherever it is. */
	if (!batch->nr)
		select_frequent(domain, batch, &left);
	if (!batch->nr)
		select_recent(domain, batch, 1, &left);
}

/* It stays, whatever came in its way: so it is no ghost. */
void MAGE_OP(arc_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome == MAGE_OUTCOME_EVICTED || outcome == MAGE_OUTCOME_CLEAN)
		return;
	ghost_take(mage_frame_word(domain, frame, 1));
	rescued(domain, frame, outcome, FREQUENT);
}

void MAGE_OP(arc_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, FREQUENT, RECENT);
}

MAGE_OPTIONAL void MAGE_OP(arc_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	mage_dump(dump, "recent:   %llu pages and %llu new ones, aim %lld of %llu\n",
		  mage_list_size(domain, RECENT), mage_list_size(domain, ARRIVED), aim, capacity);
	mage_dump(dump, "frequent: %llu pages\n", mage_list_size(domain, FREQUENT));
	mage_dump(dump, "remembered: %llu that left recent, %llu that left frequent\n", recent.nr,
		  frequent.nr);
}

MAGE_POLICY(arc, MAGE_PREFETCH, .page_in = (void *)arc_page_in, .select = (void *)arc_select,
	    .outcome = (void *)arc_outcome, .hint = (void *)arc_hint, .dump = (void *)arc_dump,
	    .flags = MAGE_OPS_GHOST | MAGE_OPS_TAKEOVER);
