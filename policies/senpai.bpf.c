// SPDX-License-Identifier: GPL-2.0-only
/*
 * senpai - proactive reclaim: memory is given back until it begins to cost
 *
 * Algorithm:	pages that were not used for a while are evicted ahead of need, however far
 *		the limit is: of the pages in use a fraction each interval, times one less
 *		pressure / target, so none when the pressure is as high as the target.
 *		Pressure is the part of the time that threads were stalled for want of memory.
 *		Victims are pages that two looks in a row, a look_ms apart, have found unused;
 *		at the limit, when there are none, the others, oldest first, with a second
 *		chance.
 * Source:	J. Weiner, N. Agarwal, D. Schatzberg, L. Yang, H. Wang, B. Sanouillet,
 *		B. Sharma, T. Heo, M. Jain, C. Tang, D. Skarlatos, "TMO: Transparent Memory
 *		Offloading in Datacenters", ASPLOS 2022; its user-space part is Senpai.
 * When:	memory that an application does not use is wanted by others, or costs money,
 *		and nobody knows how much it needs.
 * Approximates: TMO takes 0.05 % of the pages every 6 s, with a target of 0.1 %, by
 *		pressure stall information; here, as a look at a page is cheap and far memory
 *		fast, more and more often by default, and pressure is what faults on far memory
 *		and waits for room took, of all threads, as a part of the time: news of the
 *		last interval instead of a mean over some seconds.  Stock reclaim gives its share
 *		of page cache as always, but TMO's I/O pressure is not looked at.
 */
#include "prefetch.bpf.h"

enum list {
	USED, /* or arrived of late */
	UNUSED,
};

enum {
	PPM = 1000000,
	/* A batch costs a shootdown whatever its size: fewer pages are saved up. */
	LEAST = 32,
	CGROUPS = 4096,
	MS = 1000000,
};

MAGE_TUNABLE(u32, interval_ms, 1000, 100, 60000, "time between two decisions");
MAGE_TUNABLE(u32, target_ppm, 10000, 1, 1000000,
	     "pressure at which nothing is given back, millionths of the time");
MAGE_TUNABLE(u32, step_ppm, 50000, 1, 1000000,
	     "pages given back an interval without pressure, millionths of those in use");
MAGE_TUNABLE(u32, look_ms, 1000, 100, 600000,
	     "time between two looks at a page; one that two find unused may go");

/* What a cgroup did in this interval; a tick is not concurrent with itself. */
struct period {
	u64 ns;
	u64 stall_ns;
	u64 owed; /* pages, times PPM */
};

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, CGROUPS);
	__type(key, u64); /* its domain */
	__type(value, struct period);
} periods SEC(".maps");

/* Pages given back, for whoever looks. */
u64 asked_for;

void MAGE_OP(senpai_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	/* What nobody has asked for has to prove itself; else a page is as one just used. */
	if (why == MAGE_PAGE_IN_PREFETCH)
		mage_frame_set_word(domain, frame, 0, 1);
}

void MAGE_OP(senpai_select, struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;

	mage_for_each (frame, batch, UNUSED)
		mage_batch_add(batch, frame);
	/* A few will do, unless it is for the limit or for who waits. */
	if (batch->nr && !mage_waiting(domain) && mage_room(domain) >= (s64)mage_headroom(domain))
		return;
	mage_for_each (frame, batch, USED)
		mage_batch_add(batch, frame);
}

void MAGE_OP(senpai_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	mage_frame_set_word(domain, frame, 0, 0);
	mage_frame_move(domain, frame, what == MAGE_HINT_WILLNEED ? USED : UNUSED,
			what == MAGE_HINT_WILLNEED);
}

void MAGE_OP(senpai_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	/* It was used, and is on the list of those that were. */
	if (outcome == MAGE_OUTCOME_SPARED || outcome == MAGE_OUTCOME_RESCUED)
		mage_frame_set_word(domain, frame, 0, 0);
}

/* Looks at as many pages as makes one look at each in look_ms. */
static void look(struct mage_domain *domain, u64 ns, struct mage_batch *scan)
{
	u64 nr = mage_list_size(domain, USED) * ns / ((u64)look_ms * MS) + 1;
	struct mage_frame *frame;
	u64 done = 0;

	/* It ends with the budget, too. */
	mage_for_each (frame, scan, USED) {
		if (++done > nr)
			break;
		if (mage_frame_accessed(scan, frame))
			mage_frame_set_word(domain, frame, 0, 0);
		else if (mage_frame_word(domain, frame, 0))
			mage_frame_move(domain, frame, UNUSED, true);
		else
			mage_frame_set_word(domain, frame, 0, 1);
	}
}

/* Pages to give back for an interval, times PPM. */
static u64 step(const struct period *last, u64 frames)
{
	u64 pressure = last->stall_ns * PPM / last->ns;

	if (pressure >= target_ppm)
		return 0;
	return frames * step_ppm * (target_ppm - pressure) / target_ppm;
}

void MAGE_OP(senpai_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	struct period zero = {}, *now;
	u64 key = (u64)domain, unused, nr;

	look(domain, rates->ns, scan);
	now = bpf_map_lookup_elem(&periods, &key);
	if (!now) {
		bpf_map_update_elem(&periods, &key, &zero, BPF_ANY);
		return;
	}
	now->ns += rates->ns;
	now->stall_ns += rates->fault_ns + rates->wait_ns;
	if (now->ns < (u64)interval_ms * MS)
		return;
	now->owed += step(now, rates->frames);
	now->ns = 0;
	now->stall_ns = 0;
	unused = mage_list_size(domain, UNUSED);
	nr = now->owed / PPM;
	if (nr > unused)
		nr = unused;
	if (nr >= LEAST)
		asked_for += mage_reclaim_ahead(domain, nr);
	/* What could not be had is not made up for. */
	if (nr >= LEAST || now->owed / PPM >= LEAST)
		now->owed = 0;
}

MAGE_POLICY(senpai, .page_in = (void *)senpai_page_in, .select = (void *)senpai_select,
	    .hint = (void *)senpai_hint, .outcome = (void *)senpai_outcome,
	    .tick = (void *)senpai_tick, MAGE_PREFETCH,
	    .flags = MAGE_OPS_SPARE_YOUNG | MAGE_OPS_IDLE_TICK);
