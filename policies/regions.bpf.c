// SPDX-License-Identifier: GPL-2.0-only
/*
 * regions - what a program says of its mappings decides
 *
 * Algorithm:	a mapping's name puts its pages into a class.  What is scanned leaves first, in
 *		the order in which it came, used or not; then what is cold, then what is normal,
 *		both with a second chance; what is to be kept leaves when there is nothing else.
 *		Names that begin with "scan", "cold" or "keep" say so themselves; of others
 *		says the map regions_classes, and of the heap, of stacks and of what has no name
 *		say tunables.
 * Source:	after PageFlex, whose policies are set for regions of a process' memory; names are
 *		those of prctl(PR_SET_VMA_ANON_NAME).
 * When:	who wrote a program, or runs it, knows which of its memory must be near and which
 *		need not.
 * Approximates: a name is looked at when a page has arrived, and again every recheck_s seconds,
 *		so that one that is given or changed later takes effect in that time.  Nothing
 *		is kept at all costs: when all other pages are gone those go.
 */
#include "arrivals.bpf.h"
#include "prefetch.bpf.h"

enum region_class {
	NORMAL,
	KEEP,
	COLD,
	SCAN,
	CLASSES,
};

/* Pages of a class are on the list of its number and one. */
enum list {
	NORMALS = ARRIVED + 1 + NORMAL,
	KEPT = ARRIVED + 1 + KEEP,
	COLDS = ARRIVED + 1 + COLD,
	SCANNED = ARRIVED + 1 + SCAN,
};

enum {
	NAME_BYTES = 80, /* of the longest that can be set, with its end */
	WORD_BYTES = 4,
	NAMES = 1024,
	S = 1000000000,
};

MAGE_TUNABLE(u32, unnamed, 0, 0, 3, "what has no name is: 0 normal, 1 kept, 2 cold, 3 scanned");
MAGE_TUNABLE(u32, heap, 0, 0, 3, "the heap is: 0 normal, 1 kept, 2 cold, 3 scanned");
MAGE_TUNABLE(u32, stack, 1, 0, 3, "stacks are: 0 normal, 1 kept, 2 cold, 3 scanned");
MAGE_TUNABLE(u32, recheck_s, 30, 1, 86400, "time between two looks at a page's name");

/* Classes of other names, which are filled up with zeroes: whoever wants fills it. */
struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, NAMES);
	__type(key, char[NAME_BYTES]);
	__type(value, u32);
} regions_classes SEC(".maps");

MAGE_COUNTER(u64, kept, "pages", "were found in mappings that are to be kept");
MAGE_COUNTER(u64, cold, "pages", "were found in mappings that are cold");
MAGE_COUNTER(u64, scanned, "pages", "were found in mappings that are scanned");

static __always_inline bool begins(const char *name, const char *word)
{
	return !__builtin_memcmp(name, word, WORD_BYTES);
}

static __always_inline u32 class_of_name(const char *name)
{
	u32 *class = bpf_map_lookup_elem(&regions_classes, name);

	if (class)
		return *class;
	if (begins(name, "keep"))
		return KEEP;
	if (begins(name, "cold"))
		return COLD;
	if (begins(name, "scan"))
		return SCAN;
	if (begins(name, "[hea"))
		return heap;
	if (begins(name, "[sta"))
		return stack;
	return NORMAL;
}

/* Where a page belongs; where it is, if that cannot be told now. */
static __always_inline u32 list_of(struct mage_batch *batch, struct mage_frame *frame)
{
	u32 now = mage_frame_list(frame), class = unnamed;
	char name[NAME_BYTES] = {};
	int len = mage_frame_name(batch, frame, name, sizeof(name));

	if (len < 0)
		return now == ARRIVED ? NORMALS : now;
	if (len)
		class = class_of_name(name);
	if (class >= CLASSES)
		class = NORMAL;
	return ARRIVED + 1 + class;
}

static void count(u32 list)
{
	switch (list) {
	case KEPT:
		__sync_fetch_and_add(&kept, 1);
		break;
	case COLDS:
		__sync_fetch_and_add(&cold, 1);
		break;
	case SCANNED:
		__sync_fetch_and_add(&scanned, 1);
		break;
	}
}

/* Puts pages that have arrived where they belong. */
static __always_inline void place_arrivals(struct mage_domain *domain, struct mage_batch *batch)
{
	struct mage_frame *frame;
	u32 placed = 0;

	mage_for_each (frame, batch, ARRIVED) {
		u32 list = list_of(batch, frame);

		/* The fault that brings a page in is no use of it. */
		if (list != SCANNED)
			mage_frame_accessed(batch, frame);
		count(list);
		mage_frame_move(domain, frame, list, true);
		if (++placed == ARRIVALS_MAX)
			break;
	}
}

/*
 * Picks from a list if nothing that is better was: those that were not used, or else whatever is
 * there. A class does not fill up the batch of another, as it would leave before that is gone.
 */
static __always_inline void pick(struct mage_batch *batch, u32 list)
{
	if (batch->nr)
		return;
	mage_batch_add_unused(batch, list, batch->max * 4, list, 0);
	if (!batch->nr)
		mage_batch_add_list(batch, list, batch->max);
}

void MAGE_OP(regions_select, struct mage_domain *domain, struct mage_batch *batch)
{
	place_arrivals(domain, batch);
	mage_batch_add_list(batch, SCANNED, batch->max);
	pick(batch, COLDS);
	pick(batch, NORMALS);
	/* Of those that could not be placed yet some may be kept; of the others all are. */
	pick(batch, ARRIVED);
	pick(batch, KEPT);
}

/* Looks again at a share of the pages on a list that makes once each in recheck_s. */
static __always_inline void recheck(struct mage_domain *domain, struct mage_batch *scan, u64 ns,
				    u32 list)
{
	u64 nr = mage_list_size(domain, list) * ns / ((u64)recheck_s * S) + 1;
	struct mage_frame *frame;
	u64 done = 0;

	mage_walk(frame, scan, list, MAGE_WALK_STAY | MAGE_WALK_RESUME)
	{
		u32 to = list_of(scan, frame);

		if (to != list) {
			count(to);
			mage_frame_move(domain, frame, to, true);
		}
		if (++done >= nr)
			break;
	}
}

void MAGE_OP(regions_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	place_arrivals(domain, scan);
	recheck(domain, scan, rates->ns, KEPT);
	recheck(domain, scan, rates->ns, NORMALS);
	recheck(domain, scan, rates->ns, COLDS);
	recheck(domain, scan, rates->ns, SCANNED);
}

MAGE_POLICY(regions, .select = (void *)regions_select, .tick = (void *)regions_tick,
	    .flags = MAGE_OPS_IDLE_TICK, MAGE_PREFETCH);
