// SPDX-License-Identifier: GPL-2.0-only
/*
 * wtinylfu - a page must be used more often than the one whose place it takes
 *
 * Algorithm:	W-TinyLFU. Pages arrive in a small window. The main part is segmented: pages
 *		are on probation until they are used again, and then protected, up to a
 *		share of it. What comes to the end of the window and the one that is next on
 *		probation are compared: that with fewer uses leaves. Uses of pages, also of
 *		those that left, are counted in a sketch, and halved from time to time.
 * Source:	G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache
 *		Admission Policy", ACM Transactions on Storage 13(4), 2017.
 * When:	how often a page is used differs much, and frequent pages leave and come back.
 * Approximates: with one evictor, one shard and batches of one page it is the algorithm with
 *		clocks for its three LRU lists, and with uses that are counted when a page is
 *		looked at, which is when its turn comes. Uses before the first look at it,
 *		at the next selection after it arrived, count as its arrival. Protected pages
 *		that are too many go on probation before a victim is chosen. There is no
 *		doorkeeper. A page is known by its address, so what is at the same address
 *		of two processes is counted together. The sketch has 2 MiB; with more than 2^17
 *		local pages these share its counters more and more.
 *		More than 1024 local pages are taken in, or looked at, in parts.
 *		The sketch is for one cgroup; load it for each.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

enum list {
	WINDOW = ARRIVED + 1,
	PROBATION,
	PROTECTED,
};

MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");
MAGE_TUNABLE(u32, window_percent, 1, 1, 90, "share of the local pages that the window may have");
MAGE_TUNABLE(u32, protected_percent, 80, 0, 99, "share of the others that may be protected");

/* The sketch: a byte for each counter, eight of them in a word. */
#define ROWS 4
#define COUNTERS_LEAST (1 << 16)
#define COUNTERS_MAX (1 << 19)
#define USES_MAX 15
/* So many counters in a row for each local page, and uses until all are halved. */
#define COUNTERS_A_PAGE 4
#define USES_A_PAGE 10

u8 sketch[ROWS][COUNTERS_MAX] __attribute__((aligned(8)));
u32 counters = COUNTERS_LEAST;
u64 uses;

static u8 *counter_of(u64 address, u32 row)
{
	/* Four odd numbers: the golden ratio, and powers of it. */
	u64 factor = 0x9e3779b97f4a7c15ULL;
	u32 i, column;

	for (i = 0; i < row; i++)
		factor *= 0x9e3779b97f4a7c15ULL;
	column = ((address >> PAGE_SHIFT) * factor) >> 40;
	column &= counters - 1;
	barrier_var(column);
	return &sketch[row & (ROWS - 1)][column & (COUNTERS_MAX - 1)];
}

static u32 uses_of(struct mage_frame *frame)
{
	u64 address = mage_frame_address(frame);
	u32 row, least = USES_MAX;

	for (row = 0; row < ROWS; row++) {
		u32 count = *counter_of(address, row);

		if (count < least)
			least = count;
	}
	return least;
}

static void count(struct mage_frame *frame)
{
	u64 address = mage_frame_address(frame);
	u32 row;

	for (row = 0; row < ROWS; row++) {
		u8 *counter = counter_of(address, row);

		if (*counter < USES_MAX)
			++*counter;
	}
	__sync_fetch_and_add(&uses, 1);
}

static void halve(struct mage_domain *domain)
{
	u32 row, i;

	for (row = 0; row < ROWS; row++) {
		mage_for (i, 0, counters / 8) {
			u64 *word = (u64 *)sketch[row] + (i & (COUNTERS_MAX / 8 - 1));

			*word = *word >> 1 & 0x7f7f7f7f7f7f7f7fULL;
		}
	}
}

/* Makes the sketch as large as the domain asks for, and old uses count less. */
static void keep_sketch(struct mage_domain *domain, u64 frames)
{
	u64 before = uses;

	if (counters < COUNTERS_MAX && counters < frames * COUNTERS_A_PAGE)
		counters *= 2;
	if (before >= frames * USES_A_PAGE &&
	    __sync_val_compare_and_swap(&uses, before, before / 2) == before)
		halve(domain);
}

static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	count(frame);
	mage_frame_move(domain, frame, WINDOW, true);
}

/* True, and counted, for a page that was used. */
static bool counted(struct mage_batch *batch, struct mage_frame *frame, u32 *left)
{
	if (!used_again_in(batch, frame, left))
		return false;
	count(frame);
	return true;
}

/* What the window has too many goes on probation, while there is room in the main part. */
static void shrink_window(struct mage_domain *domain, struct mage_batch *batch, u64 most, u32 *left)
{
	u64 nr = mage_list_size(domain, WINDOW);
	struct mage_frame *frame;

	if (nr <= most)
		return;
	mage_for_each (frame, batch, WINDOW) {
		if (counted(batch, frame, left))
			continue;
		mage_frame_move(domain, frame, PROBATION, true);
		if (--nr <= most)
			break;
	}
}

static void shrink_protected(struct mage_domain *domain, struct mage_batch *batch, u64 most,
			     u32 *left)
{
	u64 nr = mage_list_size(domain, PROTECTED);
	struct mage_frame *frame;

	if (nr <= most)
		return;
	mage_for_each (frame, batch, PROTECTED) {
		if (counted(batch, frame, left))
			continue;
		mage_frame_move(domain, frame, PROBATION, true);
		if (--nr <= most)
			break;
	}
}

/* The one of a list that is to leave, those that were used having gone elsewhere; or NULL. */
static __always_inline struct mage_frame *
next_of(struct mage_domain *domain, struct mage_batch *batch, u32 list, u32 used, u32 *left)
{
	struct mage_frame *frame, *next = NULL;

	mage_walk(frame, batch, list, MAGE_WALK_STAY)
	{
		if (!counted(batch, frame, left)) {
			next = frame;
			break;
		}
		mage_frame_move(domain, frame, used, true);
	}
	return next;
}

/* False if there is none. */
static bool select_one(struct mage_domain *domain, struct mage_batch *batch, u32 *left)
{
	struct mage_frame *candidate = next_of(domain, batch, WINDOW, WINDOW, left);
	struct mage_frame *victim = next_of(domain, batch, PROBATION, PROTECTED, left);

	if (!victim) {
		if (!candidate)
			return false;
		victim = candidate;
	} else if (candidate) {
		if (uses_of(candidate) <= uses_of(victim))
			victim = candidate;
		else
			mage_frame_move(domain, candidate, PROBATION, true);
	}
	mage_batch_add(batch, victim);
	return true;
}

void MAGE_OP(wtinylfu_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 frames = mage_frames(domain), stay, window, main;
	u32 left = looks, wanted, i;

	keep_sketch(domain, frames);
	take_in(domain, batch, place, 0);
	stay = frames > batch->max ? frames - batch->max : 0;
	window = stay * window_percent / 100 ?: 1;
	main = stay > window ? stay - window : 0;
	shrink_window(domain, batch, window + batch->max, &left);
	shrink_protected(domain, batch, main * protected_percent / 100, &left);
	/* Reckoned once: mage_for() looks at its end in each round. */
	wanted = batch->max - batch->nr;
	mage_for (i, 0, wanted) {
		if (!select_one(domain, batch, &left))
			break;
	}
}

void MAGE_OP(wtinylfu_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (rescued(domain, frame, outcome, PROTECTED))
		count(frame);
}

void MAGE_OP(wtinylfu_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, PROTECTED, PROBATION);
}

MAGE_POLICY(wtinylfu, MAGE_PREFETCH, .select = (void *)wtinylfu_select,
	    .outcome = (void *)wtinylfu_outcome, .hint = (void *)wtinylfu_hint);
