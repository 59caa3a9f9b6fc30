// SPDX-License-Identifier: GPL-2.0-only
/*
 * lhd - least hit density first
 *
 * Algorithm:	pages are told apart by how old they were when they were used last,
 *		and by their age since. For each kind it is counted how many pages of
 *		that age were used again and how many were evicted, old counts fading.
 *		From that follows how many hits a page will bring for each unit of
 *		time that it is kept, its hit density. Each victim is the one with the
 *		least of a few pages taken at random.
 * Source:	N. Beckmann, H. Chen, A. Cidon, "LHD: Improving Cache Hit Rate by
 *		Maximizing Hit Density", NSDI 2018.
 * When:	how soon pages are used again follows a pattern, even an odd one, such
 *		as a loop beside a hot set: it learns it.
 * Approximates: a use is noticed when the page is in a sample, so ages at hits are
 *		those at the look. Time is counted in pages evicted, in 64 steps of a
 *		sixteenth of the local pages. Samples are smaller than the paper's
 *		32, and there are no explorers: ticks take samples that evict nothing
 *		instead.
 */
#include "prefetch.bpf.h"
#include "sampled.bpf.h"

/* Words of a frame: when it was last seen to be used, and its class. */
enum word {
	USED,
	CLASS
};

#define AGES 64
/* Never used again, and by the logarithm of the age at the last use. */
#define CLASSES 8

/* What one event counts, so that counts can fade by parts. */
#define EVENT 256

#define DENSITY_SHIFT 16

MAGE_TUNABLE(u32, samples, 16, 1, 64,
	     "pages of which each victim is the one with the least density");
MAGE_TUNABLE(u32, looks, 256, 0, 8192, "pages looked at in each tick");

struct kind {
	u64 hits;
	u64 evictions;
	u64 density;
};

struct kind kinds[CLASSES][AGES];

/* Evictions in a step of age, as a power of two; when all that was reckoned last. */
u32 step_shift;
u64 reckoned;

/* The verifier is to see that the numbers are in range, wherever they come from. */
static struct kind *kind_at(u32 class, u32 age)
{
	barrier_var(class);
	barrier_var(age);
	return &kinds[class & (CLASSES - 1)][age & (AGES - 1)];
}

static struct kind *kind_of(struct mage_domain *domain, struct mage_frame *frame, u64 now, u32 *age)
{
	u64 used = mage_frame_word(domain, frame, USED);
	u64 steps = now > used ? (now - used) >> (step_shift & 63) : 0;

	*age = steps < AGES ? steps : AGES - 1;
	return kind_at(mage_frame_word(domain, frame, CLASS), *age);
}

/* 1 at age 0, then one more for each doubling. */
static u32 class_of(u32 age)
{
	return 32 - __builtin_clz(2 * age + 1);
}

static void hit(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	u32 age;
	struct kind *kind = kind_of(domain, frame, now, &age);

	__sync_fetch_and_add(&kind->hits, EVENT);
	mage_frame_set_word(domain, frame, USED, now);
	mage_frame_set_word(domain, frame, CLASS, class_of(age));
}

/*
 * The density at an age: hits from that age on, for each page that gets so old,
 * by the time that these pages stay from that age on.
 */
static void reckon_class(u32 class)
{
	u64 hits = 0, events = 0, time = 0;
	u32 i;

	mage_for (i, 0, AGES) {
		u32 age = AGES - 1 - i;
		struct kind *kind = kind_at(class, age);

		hits += kind->hits;
		events += kind->hits + kind->evictions;
		time += events;
		/* With nothing to go by, the older the worse. */
		kind->density = time > EVENT ? (hits << DENSITY_SHIFT) / time :
					       (1 << DENSITY_SHIFT) / (age + 2);
		kind->hits -= kind->hits >> 3;
		kind->evictions -= kind->evictions >> 3;
	}
}

/* Time and again: whenever a quarter of the local pages has been evicted. */
static void reckon(struct mage_domain *domain, u64 now)
{
	u64 before = reckoned, frames = mage_frames(domain);
	u32 shift = 0, i;

	if (before && now - before < frames / 4)
		return;
	if (__sync_val_compare_and_swap(&reckoned, before, now + 1) != before)
		return;
	mage_for (i, 1, 32) {
		if (frames >> 4 >> i)
			shift = i;
	}
	step_shift = shift;
	mage_for (i, 0, CLASSES)
		reckon_class(i);
}

/* The use that brought the page in is no hit. */
static void place(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	mage_frame_set_word(domain, frame, USED, now);
	mage_frame_move(domain, frame, KEPT, true);
}

static struct worth look(struct mage_domain *domain, struct mage_batch *batch,
			 struct mage_frame *frame, u64 now)
{
	u32 age;

	if (used_again(batch, frame))
		hit(domain, frame, now);
	return (struct worth){ kind_of(domain, frame, now, &age)->density, 1 };
}

static void evict(struct mage_domain *domain, struct mage_batch *batch, struct mage_frame *frame,
		  u64 now)
{
	u32 age;
	struct kind *kind = kind_of(domain, frame, now, &age);

	if (!mage_batch_add(batch, frame))
		__sync_fetch_and_add(&kind->evictions, EVENT);
}

void MAGE_OP(lhd_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 now = mage_clock(domain);

	reckon(domain, now);
	take_in(domain, batch, place, now);
	select_unneeded(batch);
	select_sampled(domain, batch, samples, look, evict, now);
}

void MAGE_OP(lhd_tick, struct mage_domain *domain, const struct mage_rates *rates,
	     struct mage_batch *scan)
{
	u64 now = mage_clock(domain);
	struct mage_frame *frame;

	mage_for_each_sample(frame, scan, looks)
	{
		if (mage_frame_list(frame) == KEPT && used_again(scan, frame))
			hit(domain, frame, now);
	}
}

void MAGE_OP(lhd_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (rescued(domain, frame, outcome, KEPT))
		hit(domain, frame, mage_clock(domain));
}

void MAGE_OP(lhd_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, ARRIVED, UNNEEDED);
}

MAGE_POLICY(lhd, MAGE_PREFETCH, .select = (void *)lhd_select, .tick = (void *)lhd_tick,
	    .outcome = (void *)lhd_outcome, .hint = (void *)lhd_hint);
