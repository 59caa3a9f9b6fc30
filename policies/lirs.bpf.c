// SPDX-License-Identifier: GPL-2.0-only
/*
 * lirs - pages whose last two uses were close to each other stay
 *
 * Algorithm:	LIRS. Nearly all local pages are of low inter-reference recency (LIR),
 *		the others wait in a short queue to leave (HIR). All pages, those that
 *		left included, are in a stack by their last uses; it ends with the LIR
 *		page whose use is the longest ago. A HIR page that is used while it is in
 *		the stack was used again sooner than that one: it becomes LIR, and the
 *		last LIR page HIR.
 * Source:	S. Jiang, X. Zhang, "LIRS: An Efficient Low Inter-reference Recency Set
 *		Replacement Policy to Improve Buffer Cache Performance", SIGMETRICS 2002.
 * When:	loops over more than there is room for, scans beside a hot set.
 * Approximates: the stack is no list: a use gives a page the next number, and a page is
 *		in the stack while its number is not below that of the last LIR page, which
 *		pages that left keep, too. With one evictor, one shard and batches of one
 *		page it is the algorithm with uses that are noticed late: that of a LIR page
 *		when it is the last one and would become HIR, that of a HIR page when it is
 *		next to leave. LIR pages that are too many become HIR before the next
 *		victim is chosen. Uses before the first look at a page, which is at the
 *		next selection after it arrived, count as its arrival. With several shards
 *		the last LIR page is that of one of them. The queue has room for a batch
 *		more than the paper says, and with batches of more than one page those
 *		that arrive become LIR only while there is the evictors' headroom more.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 *		The stack is for one cgroup; load it for each.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

enum list {
	HIR = ARRIVED + 1,
	LIR,
};

/* Words of a frame: that it arrived to be LIR, and its number in the stack, which outlives it. */
enum word {
	IS_LIR,
	NUMBER,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");
MAGE_TUNABLE(u32, hir_percent, 1, 1, 50, "share of the local pages that the queue may have");

/* Numbers of the page used last, and of the last page of the stack. */
u32 top, bottom;

static bool in_stack(u32 number)
{
	return number && (s32)(number - bottom) >= 0;
}

static void put_on_top(struct mage_domain *domain, struct mage_frame *frame)
{
	mage_frame_set_word(domain, frame, NUMBER, (u32)(__sync_fetch_and_add(&top, 1) + 1));
}

void MAGE_OP(lirs_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	if (why == MAGE_PAGE_IN_TAKEOVER) {
		put_on_top(domain, frame);
		mage_frame_move(domain, frame, HIR, true);
		return;
	}
	/* One that was prefetched came back because of a guess. */
	if (why != MAGE_PAGE_IN_PREFETCH)
		mage_frame_set_word(domain, frame, IS_LIR, in_stack(ghost->word));
}

/* @most: LIR pages that there may be; while there are fewer all that arrive are. */
static void place(struct mage_domain *domain, struct mage_frame *frame, u64 most)
{
	bool lir = mage_frame_word(domain, frame, IS_LIR) || mage_list_size(domain, LIR) < most;

	put_on_top(domain, frame);
	mage_frame_move(domain, frame, lir ? LIR : HIR, true);
}

/* A HIR page was used. */
static void use(struct mage_domain *domain, struct mage_frame *frame)
{
	bool lir = in_stack(mage_frame_word(domain, frame, NUMBER));

	put_on_top(domain, frame);
	mage_frame_move(domain, frame, lir ? LIR : HIR, true);
}

/* The last page of the stack is LIR. */
static void prune(struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_walk(frame, batch, LIR, MAGE_WALK_STAY)
	{
		bottom = mage_frame_word(domain, frame, NUMBER);
		break;
	}
}

static void shrink_lir(struct mage_domain *domain, struct mage_batch *batch, u64 most, u32 *left)
{
	u64 nr = mage_list_size(domain, LIR);
	struct mage_frame *frame;

	if (nr <= most)
		return;
	mage_for_each (frame, batch, LIR) {
		if (used_again_in(batch, frame, left)) {
			put_on_top(domain, frame);
			continue;
		}
		mage_frame_move(domain, frame, HIR, true);
		if (--nr <= most)
			break;
	}
	prune(domain, batch);
}

static void select_hir(struct mage_domain *domain, struct mage_batch *batch, u32 *left)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, HIR) {
		if (used_again_in(batch, frame, left))
			use(domain, frame);
		else
			mage_batch_add(batch, frame);
	}
}

void MAGE_OP(lirs_select, struct mage_domain *domain, struct mage_batch *batch)
{
	/* Not what mage_frames() says: victims on their way out are no part of either share. */
	u64 frames = mage_list_size(domain, ARRIVED) + mage_list_size(domain, HIR) +
		     mage_list_size(domain, LIR);
	u64 hir = frames * hir_percent / 100, band = batch->max > 1 ? mage_headroom(domain) : 0;
	u32 left = looks, i;
	u64 most, lir;

	hir = (hir ?: 1) + batch->max;
	most = frames > hir ? frames - hir : 0;
	/* Room comes and goes with the batches; what is LIR because there was some must not. */
	take_in(domain, batch, place, most > band ? most - band : 0);
	/* After a round of second chances the first is next, be it of one list or the other. */
	mage_for (i, 0, 2) {
		shrink_lir(domain, batch, most, &left);
		shrink_lir(domain, batch, most, &left);
		select_hir(domain, batch, &left);
		if (batch->nr)
			break;
	}
	/* When memory fills all are LIR, and those that are too many are still to be taken in. */
	if (!batch->nr && mage_list_size(domain, ARRIVED) >= ARRIVALS_MAX) {
		lir = mage_list_size(domain, LIR);
		shrink_lir(domain, batch, lir > batch->max ? lir - batch->max : 0, &left);
		select_hir(domain, batch, &left);
	}
}

/* Touched on its way out: used. */
void MAGE_OP(lirs_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome == MAGE_OUTCOME_RESCUED)
		use(domain, frame);
}

void MAGE_OP(lirs_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	if (what == MAGE_HINT_WILLNEED)
		put_on_top(domain, frame);
	follow_hint(domain, frame, what, LIR, HIR);
}

MAGE_POLICY(lirs, MAGE_PREFETCH, .page_in = (void *)lirs_page_in, .select = (void *)lirs_select,
	    .outcome = (void *)lirs_outcome, .hint = (void *)lirs_hint,
	    .flags = MAGE_OPS_GHOST | MAGE_OPS_TAKEOVER);
