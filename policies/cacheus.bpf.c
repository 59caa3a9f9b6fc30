// SPDX-License-Identifier: GPL-2.0-only
/*
 * cacheus - lecar with experts for scans and for churn, that finds its rate of learning
 *
 * Algorithm:	CACHEUS. Two experts know a victim each, and which of them is heard is drawn, by
 *		their weights, as in lecar. SR-LRU has a part for pages that were used again, R,
 *		and one for those that were not, SR, out of which its victim is, the one used
 *		the longest ago. What R has no room for goes to the end of SR. SR grows when a
 *		page comes back that left it without having been used again, and shrinks when
 *		one is used that came from R. CR-LFU names the page used least often, and of
 *		several the one used last, so that of pages which are all alike some stay. What
 *		an expert evicted alone is remembered; if it comes back the other gains weight.
 *		How much is the rate of learning: it goes on the way on which hits became more,
 *		turns when they became fewer, and begins anew when that leads nowhere.
 * Source:	L. V. Rodriguez, F. Yusuf, S. Lyons, E. Paz, R. Rangaswami, J. Liu, M. Zhao,
 *		G. Narasimhan, "Learning Cache Replacement with CACHEUS", FAST 2021.
 * When:	it is not known what will come: phases for LRU, for LFU, scans, and loops over more
 *		than there is room for. A loop in which each page is used several times in a row
 *		may look like use again, and a hot set that moves takes it a while to forget.
 * Approximates: CR-LFU's victim is that of a sample of a few pages at random. A use is noticed
 *		when the page is in a sample, or next to leave SR or R; by then R is a clock.
 *		What is remembered is what left while the expert evicted half as many pages as are
 *		local, by its weight and the pages evicted in all; of those that were never used
 *		again their number is kept, as if they were forgotten evenly. Hits, for the rate of
 *		learning, are uses that were noticed. A page that is freed counts as one that came
 *		from R until SR has no more than are counted. Weights and rates are fractions of
 *		2^16, weights at least a hundredth. What is remembered is for one cgroup; load it
 *		for each.
 */
#include "arrivals.bpf.h"
#include "experts.bpf.h"
#include "prefetch.bpf.h"

enum list {
	RETURNED = ARRIVED + 1, /* arrived, and remembered */
	SR,
	R,
	UNNEEDED, /* as the application said */
};

/* Words of a frame: its last use; its uses and what follows, which outlive it. */
enum word {
	LAST,
	USES,
};

/* It has not come back from what SR-LRU remembers. */
#define NEW (1U << 29)
/* In SR, and came from R. */
#define DEMOTED (1U << 28)
#define USES_MASK (DEMOTED - 1)

/* Shares of the local pages are of this, as one page of many is to count. */
#define WHOLE (1ULL << 32)
/* 2 ln 2, of WHOLE. */
#define TWO_LN_2 5954088944ULL

#define RATE_LEAST (ONE / 1000)
#define IN_VAIN 10 /* periods after which the rate of learning begins anew */

MAGE_TUNABLE(u32, samples, 16, 1, 64, "pages of which the rarest is chosen for each victim");
MAGE_TUNABLE(u32, looks, 2048, 64, 4096,
	     "pages of R and SR looked at for a batch; then it takes what comes");

u64 capacity = 1;
u64 sr_share = WHOLE / 100;
u64 demoted; /* pages in SR that came from R */
u64 new_left; /* of those that SR-LRU remembers, new ones, times ONE */

/* Of this period, and what the last one was like, in thousandths. */
u64 hits, misses;
u32 hits_before;
u32 rate, rate_before, rate_first;
u32 no_hits, fewer_hits; /* periods in vain */

MAGE_COUNTER(u64, scan_mistakes, "pages", "came back that had left without use, so SR grew");
MAGE_COUNTER(u64, reuse_mistakes, "pages", "were used that R had no room for, so SR shrank");

static u64 sr_limit(void)
{
	return capacity * sr_share / WHOLE ?: 1;
}

static u64 r_limit(void)
{
	return capacity > sr_limit() ? capacity - sr_limit() : 1;
}

static void grow_sr(u64 pages)
{
	u64 share = sr_share + (pages ?: 1) * WHOLE / capacity;

	sr_share = share < WHOLE ? share : WHOLE - 1;
}

static void shrink_sr(u64 pages)
{
	u64 share = (pages ?: 1) * WHOLE / capacity;

	sr_share = share < sr_share ? sr_share - share : 0;
}

/* As many as there are can have come from R; what was freed was not told of. */
static void bound_demoted(struct mage_domain *domain)
{
	u64 most = mage_list_size(domain, SR);

	if (demoted > most)
		demoted = most;
}

static u32 rooted(u64 square)
{
	u64 root = 1ULL << 32;
	u32 i;

	/* Newton's, from above: each round halves it at least until it is near. */
	for (i = 0; i < 40; i++)
		root = (root + square / (root ?: 1)) / 2;
	return root;
}

/* As the paper has it, for periods of so many references. */
static u32 first_rate(void)
{
	u64 first = rooted(TWO_LN_2 / capacity);

	return first < RATE_LEAST ? RATE_LEAST : first > ONE ? ONE : first;
}

static u32 in_thousandths(u32 fraction)
{
	return ((u64)fraction * 1000 + ONE / 2) / ONE;
}

static u32 bounded_rate(s64 now)
{
	return now < RATE_LEAST ? RATE_LEAST : now > ONE ? ONE : now;
}

static u32 stray_rate(u32 now)
{
	if (now >= ONE)
		return now * 9 / 10;
	if (now <= RATE_LEAST)
		return now * 5;
	return bounded_rate(bpf_get_prandom_u32() & 1 ? (s64)now * 5 / 4 : (s64)now * 3 / 4);
}

/* The rate of the next period. */
static u32 next_rate(s32 change, s32 step, bool none)
{
	s64 by = (s64)rate * (step < 0 ? -step : step) / 1000;

	if (change && step) {
		no_hits = 0;
		fewer_hits = 0;
		return bounded_rate((change > 0) == (step > 0) ? rate + by : rate - by);
	}
	no_hits += change < 0 || (!change && none);
	fewer_hits += change < 0;
	if (no_hits >= IN_VAIN) {
		no_hits = 0;
		return rate_first;
	}
	if (change >= 0)
		return rate;
	if (fewer_hits >= IN_VAIN) {
		fewer_hits = 0;
		return rate_first;
	}
	return stray_rate(rate);
}

/* At the end of a period, of as many references as pages are local. */
static void adapt(void)
{
	u64 missed = misses, hit = hits;
	u32 share, before = rate;

	if (!rate)
		rate = rate_first = first_rate();
	if (missed + hit < capacity || __sync_val_compare_and_swap(&misses, missed, 0) != missed)
		return;
	hits = 0;
	share = hit * 1000 / (missed + hit);
	before = rate;
	rate = next_rate((s32)share - (s32)hits_before,
			 (s32)in_thousandths(rate) - (s32)in_thousandths(rate_before), !share);
	rate_before = before;
	hits_before = share;
}

/* Whether what an expert evicted is remembered still. */
static bool is_remembered(u32 word, u64 distance)
{
	u64 weight = word & BY_RECENCY ? recency : ONE - recency;

	if (!(word & (BY_RECENCY | BY_FREQUENCY)) || distance == MAGE_NO_DISTANCE)
		return false;
	return distance * weight <= capacity / 2 * ONE;
}

/* A new page left by SR-LRU, which forgets one then. */
static void remember(bool new)
{
	u64 history = capacity / 2 ?: 1;

	new_left += (new ? ONE : 0) - new_left / history;
}

static void came_back(u32 word)
{
	u64 left = new_left, among = left / ONE ?: 1;

	if (word & BY_RECENCY && word & NEW) {
		new_left = left > ONE ? left - ONE : 0;
		grow_sr((demoted + among / 2) / among);
		__sync_fetch_and_add(&scan_mistakes, 1);
	}
	regret(word & BY_RECENCY, rate);
}

void MAGE_OP(cacheus_page_in, struct mage_domain *domain, struct mage_frame *frame, u32 why,
	     const struct mage_ghost *ghost)
{
	u32 word = ghost->word, uses = NEW;

	if (why == MAGE_PAGE_IN_TAKEOVER) {
		mage_frame_set_word(domain, frame, USES, NEW | 1);
		mage_frame_move(domain, frame, SR, true);
		return;
	}
	/* One that was prefetched came back because of a guess. */
	if (why != MAGE_PAGE_IN_PREFETCH) {
		__sync_fetch_and_add(&misses, 1);
		uses |= 1;
		if (is_remembered(word, ghost->distance)) {
			came_back(word);
			uses = word & USES_MASK;
			if (uses < USES_MASK)
				uses++;
			if (word & BY_FREQUENCY)
				uses |= word & NEW;
			mage_frame_move(domain, frame, RETURNED, true);
		}
	}
	mage_frame_set_word(domain, frame, USES, uses);
	mage_frame_set_word(domain, frame, LAST, mage_clock(domain));
}

/* A use was noticed; who had named it as a victim has not. */
static void use(struct mage_domain *domain, struct mage_frame *frame, u64 now)
{
	u32 word = mage_frame_word(domain, frame, USES) & ~(BY_RECENCY | BY_FREQUENCY);

	__sync_fetch_and_add(&hits, 1);
	if (word & DEMOTED) {
		u64 among = demoted ?: 1;

		shrink_sr((new_left / ONE + among / 2) / among);
		demoted = among - 1;
		__sync_fetch_and_add(&reuse_mistakes, 1);
		word &= ~DEMOTED;
	}
	if ((word & USES_MASK) < USES_MASK)
		word++;
	mage_frame_set_word(domain, frame, USES, word);
	mage_frame_set_word(domain, frame, LAST, now);
	mage_frame_move(domain, frame, R, true);
}

static void demote(struct mage_domain *domain, struct mage_frame *frame)
{
	u32 word = mage_frame_word(domain, frame, USES);

	if (!(word & DEMOTED))
		demoted++;
	mage_frame_set_word(domain, frame, USES, word | DEMOTED);
	mage_frame_move(domain, frame, SR, true);
}

/* While R has room and nothing had to go to SR, what arrives is as good as used again. */
static void place_arrivals(struct mage_domain *domain, struct mage_batch *batch)
{
	u64 r = mage_list_size(domain, R), limit = r_limit();

	mage_list_move(batch, RETURNED, ARRIVALS_MAX, R, R);
	if (r < limit && !mage_list_size(domain, SR)) {
		u64 room = limit - r;

		mage_list_move(batch, ARRIVED, room < ARRIVALS_MAX ? room : ARRIVALS_MAX, R, R);
	}
	mage_list_move(batch, ARRIVED, ARRIVALS_MAX, SR, SR);
}

/* What is too much in R goes to SR, the one used the longest ago first. */
static void limit_r(struct mage_domain *domain, struct mage_batch *batch, u32 *left, u64 now)
{
	u64 nr = mage_list_size(domain, R), limit = r_limit();
	struct mage_frame *frame;

	if (nr < limit)
		return;
	nr -= limit - 1;
	mage_for_each (frame, batch, R) {
		if (used_again_in(batch, frame, left)) {
			use(domain, frame, now);
			continue;
		}
		demote(domain, frame);
		if (!--nr)
			break;
	}
}

/* SR-LRU's victim; NULL if there is none. */
static struct mage_frame *oldest_of(struct mage_domain *domain, struct mage_batch *batch, u32 *left,
				    u64 now)
{
	struct mage_frame *frame;

	mage_walk(frame, batch, SR, MAGE_WALK_STAY)
	{
		if (!used_again_in(batch, frame, left))
			return frame;
		use(domain, frame, now);
	}
	return NULL;
}

/* CR-LFU's victim; NULL if there is none. */
static struct mage_frame *rarest_of(struct mage_domain *domain, struct mage_batch *batch, u64 now)
{
	struct mage_frame *frame, *rarest = NULL;
	u64 rarest_last = 0;
	u32 least = 0;

	mage_for_each_sample(frame, batch, samples)
	{
		u32 list = mage_frame_list(frame), uses;
		u64 last;

		if (list != SR && list != R)
			continue;
		if (used_again(batch, frame))
			use(domain, frame, now);
		uses = mage_frame_word(domain, frame, USES) & USES_MASK;
		last = mage_frame_word(domain, frame, LAST);
		if (!rarest || uses < least || (uses == least && last > rarest_last)) {
			rarest = frame;
			least = uses;
			rarest_last = last;
		}
	}
	return rarest;
}

/* False if no victim was found. */
static bool select_one(struct mage_domain *domain, struct mage_batch *batch, u32 *left, u64 now)
{
	struct mage_frame *rarest = rarest_of(domain, batch, now);
	struct mage_frame *oldest = oldest_of(domain, batch, left, now);
	struct mage_frame *frame = oldest;

	if (!oldest || (rarest && oldest != rarest && !draw_recency()))
		frame = rarest;
	if (!frame)
		return false;
	if (oldest && rarest && oldest != rarest)
		mage_frame_set_word(domain, frame, USES,
				    mage_frame_word(domain, frame, USES) |
					    (frame == oldest ? BY_RECENCY : BY_FREQUENCY));
	mage_batch_add(batch, frame);
	return true;
}

void MAGE_OP(cacheus_select, struct mage_domain *domain, struct mage_batch *batch)
{
	u64 now = mage_clock(domain);
	u32 left = looks, wanted, i;

	capacity = mage_frames(domain) ?: 1;
	adapt();
	bound_demoted(domain);
	place_arrivals(domain, batch);
	limit_r(domain, batch, &left, now);
	/* What was used since is as good as new. */
	mage_batch_add_unused(batch, UNNEEDED, MAGE_WALK_BUDGET, ARRIVED, MAGE_PASS_AGAIN);
	wanted = batch->max - batch->nr;
	mage_for (i, 0, wanted) {
		if (!select_one(domain, batch, &left, now))
			break;
	}
	/* Few pages are here, or they are hard to find. */
	if (!batch->nr)
		mage_batch_add_unused(batch, R, MAGE_WALK_BUDGET, R, MAGE_PASS_AGAIN);
	if (!batch->nr)
		mage_batch_add_unused(batch, ARRIVED, MAGE_WALK_BUDGET, ARRIVED, MAGE_PASS_AGAIN);
}

void MAGE_OP(cacheus_outcome, struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	u32 word = mage_frame_word(domain, frame, USES);

	if (outcome == MAGE_OUTCOME_EVICTED || outcome == MAGE_OUTCOME_CLEAN) {
		if (word & DEMOTED && demoted)
			demoted--;
		if (word & BY_RECENCY)
			remember(word & NEW);
		return;
	}
	/* Nobody's mistake yet; touched on its way out it was used. */
	if (outcome == MAGE_OUTCOME_RESCUED)
		use(domain, frame, mage_clock(domain));
	else
		mage_frame_set_word(domain, frame, USES, word & ~(BY_RECENCY | BY_FREQUENCY));
}

void MAGE_OP(cacheus_hint, struct mage_domain *domain, struct mage_frame *frame, u32 what)
{
	follow_hint(domain, frame, what, ARRIVED, UNNEEDED);
}

MAGE_OPTIONAL void MAGE_OP(cacheus_dump, struct mage_domain *domain, struct mage_dump *dump)
{
	mage_dump(dump, "SR: %llu pages, %llu of them from R, aim %llu of %llu\n",
		  mage_list_size(domain, SR), demoted, sr_limit(), capacity);
	mage_dump(dump, "R:  %llu pages\n", mage_list_size(domain, R));
	mage_dump(dump, "weight of SR-LRU %u, rate of learning %u, of %u\n", recency, rate, ONE);
}

MAGE_POLICY(cacheus, MAGE_PREFETCH, .page_in = (void *)cacheus_page_in,
	    .select = (void *)cacheus_select, .outcome = (void *)cacheus_outcome,
	    .hint = (void *)cacheus_hint, .dump = (void *)cacheus_dump,
	    .flags = MAGE_OPS_GHOST | MAGE_OPS_TAKEOVER);
