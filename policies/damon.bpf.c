// SPDX-License-Identifier: GPL-2.0-only
/*
 * damon - regions of the address space, as large as what is used alike
 *
 * Algorithm:	the address space is cut into regions, and of what is local in each a few pages are
 *		watched: their accessed bits are cleared, and looked at a tick later. The part of
 *		them that was used is the region's frequency, and its age for how long that has
 *		been much the same. Every few ticks neighbours that are alike become one, and each
 *		region is cut in two at random, so that borders are found where use differs.
 *		Pages are on a list by the heat of their region, which is its frequency, and its
 *		age: what has been used for long is the hotter for it, what has not the colder.
 *		Victims are of the coldest list that has pages that were not used since they came
 *		up last.
 * Source:	S. J. Park, Y. Lee, H. Y. Yeom, "Profiling Dynamic Data Access Patterns with
 *		Controlled Overhead and Quality", Middleware Industrial Track 2019; S. J. Park,
 *		M. Bhowmik, A. Uta, "DAOS: Data Access-aware Operating System", HPDC 2022; the
 *		kernel's DAMON (Documentation/mm/damon), whose order for cold pages this is.
 * When:	use differs by address, as between tables, arenas and logs of one process, and
 *		pages are too many to look at each: looks are those that are set, however large
 *		memory is.
 * Approximates: DAMON watches a page of each region every 5 ms, and takes regions from the areas of
 *		a process. Here watched pages are of all that are local, at random, so a region has
 *		as many as its local pages are worth, a tick is 100 ms, and a region is cut
 *		between pages that were watched in it, so that gaps fall off by themselves.
 *		Frequency is relative to that of the region used most. A page that comes back
 *		before as many were evicted as are local counts as one that was watched and used,
 *		or else a region that gets hot while all of it leaves at once would not be found
 *		out. Processes of a cgroup have their regions in common, by address, as have
 *		cgroups under one policy: load it for each.
 */
#include "prefetch.bpf.h"

/* Lists by heat, of their number; then others. */
enum list {
	COLDEST,
	CLASSES = 8,
	WATCHED = CLASSES,
	UNNEEDED, /* as the application said */
};

enum {
	REGIONS = 256, /* a power of two */
	REGIONS_LEAST = 10,
	/* Each half has some 20 looks a round then, as a region of DAMON's has. */
	WATCHED_LEAST = 40,
	UNSEEN_MAX = 10, /* rounds after which a region without local pages is none */
	AGE_LOG_MAX = 7,
	MILLE = 1000,
};

/* Page numbers end before. */
#define PAGES_END (1ULL << 52)

MAGE_TUNABLE(u32, watched, 1024, 16, 4096, "pages watched at a time, an eighth of all at most");
MAGE_TUNABLE(u32, round_ticks, 5, 1, 600, "ticks after which regions are joined and cut");
MAGE_TUNABLE(u32, alike_mille, 100, 1, 1000,
	     "regions whose frequencies differ by no more of the highest are alike");
MAGE_TUNABLE(u32, sorted, 4096, 0, 4096,
	     "pages in each tick that are looked up whether their region is as hot as it was");
MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages looked at to choose the victims of a batch; then it takes what comes");

/* It begins where the one before ends. */
struct heat_region {
	u64 end;
	u64 low, high; /* pages watched in this round lie between */
	u32 watched, used; /* in this round */
	u32 frequency; /* of the last round, of MILLE */
	u32 age; /* rounds */
	u32 unseen; /* rounds */
	u32 class;
};

/* Those behind the last end where pages end. */
struct heat_map {
	u32 nr;
	struct heat_region region[REGIONS];
};

/*
 * A round ends with others in the place of what is there, and the next with others there again: who
 * looks that long sees some of both, which is as good as any.
 */
struct heat_map maps[2], joined;
u32 now_at;
u32 ticks;
u32 busy; /* a tick, as those of several cgroups may meet here */

MAGE_COUNTER(u64, watched_used, "pages", "were found used when they were watched");
MAGE_COUNTER(u64, watched_unused, "pages", "were not");

static struct heat_map *now(void)
{
	return &maps[now_at & 1];
}

/* Halves what is left without a branch, which would double what the verifier has to look at. */
static struct heat_region *find(u64 page)
{
	struct heat_map *regions = now();
	u32 at = 0, step;

	for (step = REGIONS / 2; step; step /= 2) {
		u64 end = regions->region[(at + step - 1) & (REGIONS - 1)].end;

		/* One that ends before the page makes this negative. */
		at += ((end - page - 1) >> 63) * step;
	}
	return &regions->region[at & (REGIONS - 1)];
}

static u64 page_of(struct mage_frame *frame)
{
	return mage_frame_address(frame) >> PAGE_SHIFT;
}

static u32 class_of(struct mage_frame *frame)
{
	u32 class = find(page_of(frame))->class;

	return class < CLASSES ? class : CLASSES - 1;
}

static void note(struct heat_region *region, u64 page, bool used)
{
	region->watched++;
	region->used += used;
	if (region->low > page)
		region->low = page;
	if (region->high < page)
		region->high = page;
}

void MAGE_OP(damon_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	u64 page = page_of(frame);
	struct heat_region *region = find(page);
	u32 class = region->class;

	if (why == MAGE_PAGE_IN_FAULT && ghost->distance < mage_frames(domain))
		note(region, page, true);
	if (class && class < CLASSES)
		mage_frame_move(domain, frame, class, true);
}

/* Pages of a list that were not used; one whose region has another heat goes where that is. */
static __always_inline void pick(struct mage_domain *domain, struct mage_batch *batch, u32 list,
				 u32 *left)
{
	struct mage_frame *frame;

	if (!*left)
		return;
	mage_for_each (frame, batch, list) {
		u32 class = class_of(frame);

		if (class != list)
			mage_frame_move(domain, frame, class, true);
		else if (!mage_frame_accessed(batch, frame))
			mage_batch_add(batch, frame);
		if (!--*left)
			break;
	}
}

void MAGE_OP(damon_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u32 left = looks, list;

	mage_batch_add_unused(batch, UNNEEDED, MAGE_WALK_BUDGET, COLDEST, MAGE_PASS_AGAIN);
	if (batch->nr)
		return;
	mage_for (list, COLDEST, CLASSES) {
		pick(domain, batch, list, &left);
		/* What is hotter does not fill up the batch of what is cold. */
		if (batch->nr)
			return;
	}
	/* All were used. Which is the next of the coldest is as good as any. */
	mage_for (list, COLDEST, WATCHED + 1) {
		mage_batch_add_list(batch, list, batch->max);
		if (batch->nr)
			return;
	}
}

/* Were they used in the time since they are watched? */
static void look(struct mage_domain *domain, struct mage_batch *scan)
{
	struct mage_frame *frame;

	mage_for_each (frame, scan, WATCHED) {
		u64 page = page_of(frame);
		bool used = mage_frame_accessed(scan, frame);

		note(find(page), page, used);
		__sync_fetch_and_add(used ? &watched_used : &watched_unused, 1);
		mage_frame_move(domain, frame, class_of(frame), true);
	}
}

static void watch(struct mage_domain *domain, struct mage_batch *scan)
{
	u64 nr = mage_frames(domain) / 8;
	struct mage_frame *frame;

	if (nr > watched)
		nr = watched;
	mage_for_each_sample(frame, scan, nr)
	{
		mage_frame_accessed(scan, frame);
		mage_frame_move(domain, frame, WATCHED, true);
	}
}

/* Pages of a list, another one in each tick, go where their region has got to. */
static void sort(struct mage_domain *domain, struct mage_batch *scan)
{
	u32 list = ticks % CLASSES, left = sorted;
	struct mage_frame *frame;

	if (!left)
		return;
	mage_walk(frame, scan, list, MAGE_WALK_STAY | MAGE_WALK_RESUME)
	{
		u32 class = class_of(frame);

		if (class != list)
			mage_frame_move(domain, frame, class, true);
		if (!--left)
			break;
	}
}

static u32 difference(u32 a, u32 b)
{
	return a > b ? a - b : b - a;
}

/* What a round has shown of a region. */
static void settle(struct heat_region *region, u32 alike)
{
	u32 frequency;

	if (!region->watched) {
		region->unseen++;
		return;
	}
	frequency = (u64)region->used * MILLE / region->watched;
	region->age = difference(frequency, region->frequency) > alike ? 0 : region->age + 1;
	region->frequency = frequency;
	region->unseen = 0;
}

/* The mean of both, by the pages that were watched. */
static void join(struct heat_region *to, const struct heat_region *from)
{
	u64 sum = (u64)to->watched + from->watched;

	if (sum) {
		to->frequency =
			((u64)to->frequency * to->watched + (u64)from->frequency * from->watched) /
			sum;
		to->age = ((u64)to->age * to->watched + (u64)from->age * from->watched) / sum;
	}
	to->watched = sum;
	if (to->low > from->low)
		to->low = from->low;
	if (to->high < from->high)
		to->high = from->high;
	if (to->unseen > from->unseen)
		to->unseen = from->unseen;
	to->end = from->end;
}

/* Neighbours become one that are alike, and not a tenth of all together. */
static void join_alike(u32 highest)
{
	struct heat_map *from = now();
	u32 alike = highest * alike_mille / MILLE ?: 1, i;
	u64 sum = 0, most;

	mage_for (i, 0, from->nr)
		sum += from->region[i & (REGIONS - 1)].watched;
	most = sum / REGIONS_LEAST;
	joined.nr = 0;
	mage_for (i, 0, from->nr) {
		struct heat_region *next = &from->region[i & (REGIONS - 1)];
		struct heat_region *last = &joined.region[(joined.nr - 1) & (REGIONS - 1)];

		settle(next, alike);
		if (joined.nr && (next->unseen > UNSEEN_MAX || last->unseen > UNSEEN_MAX ||
				  (difference(last->frequency, next->frequency) <= alike &&
				   (u64)last->watched + next->watched <= most))) {
			join(last, next);
			continue;
		}
		joined.region[joined.nr & (REGIONS - 1)] = *next;
		joined.nr++;
	}
}

static u32 log2_of(u32 nr)
{
	u32 log = 0, i;

	for (i = 1; i <= AGE_LOG_MAX; i++)
		log += nr >> i > 0;
	return log;
}

/* As DAMON's: the half of it frequency, the half age, which counts against what is not used. */
static u32 heat(const struct heat_region *region, u32 highest)
{
	u32 frequency = (u64)region->frequency * MILLE / highest;
	u32 log = log2_of(region->age);
	u32 age = (region->frequency ? AGE_LOG_MAX + log : AGE_LOG_MAX - log) * MILLE /
		  (2 * AGE_LOG_MAX);

	return ((frequency < MILLE ? frequency : MILLE) + age) * CLASSES / (2 * MILLE + 1);
}

static void put(struct heat_map *to, const struct heat_region *region, u64 end)
{
	struct heat_region *next = &to->region[to->nr & (REGIONS - 1)];

	*next = *region;
	next->end = end;
	next->low = PAGES_END;
	next->high = 0;
	next->watched = 0;
	next->used = 0;
	to->nr++;
}

/* Each in two, between pages that were watched, while there is room for that. */
static void cut(struct heat_map *to, u32 highest)
{
	bool may_cut = joined.nr * 2 <= REGIONS;
	u32 i;

	to->nr = 0;
	mage_for (i, 0, joined.nr) {
		struct heat_region *from = &joined.region[i & (REGIONS - 1)];

		from->class = heat(from, highest);
		if (may_cut && from->watched >= WATCHED_LEAST && from->high > from->low)
			put(to, from,
			    from->low + 1 + bpf_get_prandom_u32() % (from->high - from->low));
		put(to, from, from->end);
	}
	mage_for (i, to->nr, REGIONS)
		to->region[i & (REGIONS - 1)].end = PAGES_END;
}

static void end_round(void)
{
	struct heat_map *regions = now();
	u32 highest = 1, i;

	mage_for (i, 0, regions->nr) {
		const struct heat_region *region = &regions->region[i & (REGIONS - 1)];
		u32 frequency = region->watched ? (u64)region->used * MILLE / region->watched :
						  region->frequency;

		if (highest < frequency)
			highest = frequency;
	}
	join_alike(highest);
	cut(&maps[~now_at & 1], highest);
	now_at = ~now_at & 1;
}

/* One region is all there is. */
static void begin(void)
{
	struct heat_map *regions = now();
	u32 i;

	mage_for (i, 0, REGIONS)
		regions->region[i & (REGIONS - 1)].end = PAGES_END;
	regions->region[0].low = PAGES_END;
	regions->nr = 1;
}

void MAGE_OP(damon_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	if (__sync_val_compare_and_swap(&busy, 0, 1))
		return;
	if (!now()->nr)
		begin();
	look(domain, scan);
	if (++ticks % (round_ticks ?: 1) == 0)
		end_round();
	watch(domain, scan);
	sort(domain, scan);
	busy = 0;
}

/* Used on its way out, and on list 0 for that. */
void MAGE_OP(damon_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (outcome == MAGE_OUTCOME_RESCUED)
		mage_frame_move(domain, frame, class_of(frame), true);
}

void MAGE_OP(damon_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	bool needed = what == MAGE_HINT_WILLNEED;

	mage_frame_move(domain, frame, needed ? class_of(frame) : UNNEEDED, needed);
}

MAGE_OPTIONAL void MAGE_OP(damon_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	const struct heat_map *regions = now();
	u32 i;

	mage_dump(dump, "%u regions: the page after, frequency of 1000, rounds, heat of 8\n",
		  regions->nr);
	mage_for (i, 0, regions->nr) {
		const struct heat_region *region = &regions->region[i & (REGIONS - 1)];

		mage_dump(dump, "%llx %u %u %u\n", region->end, region->frequency, region->age,
			  region->class);
	}
}

MAGE_POLICY(damon, MAGE_PREFETCH, .page_in = (void *)damon_page_in, .select = (void *)damon_select,
	    .tick = (void *)damon_tick, .outcome = (void *)damon_outcome,
	    .hint = (void *)damon_hint, .dump = (void *)damon_dump,
	    .flags = MAGE_OPS_GHOST | MAGE_OPS_IDLE_TICK);
