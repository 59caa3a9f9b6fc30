/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Prefetchers for any policy.
 *
 * A policy includes this file and puts MAGE_PREFETCH into its table; whoever
 * loads it then chooses: "mage policy load NAME --set prefetch=2 ...".
 *
 * readahead:	the pages beside the one faulted on, in the direction of the last
 *		step.  A window that was of use grows to the next power of two, 4 or
 *		more; one that was not halves.
 * Source:	Linux' readahead of swap by address (mm/swap_state.c).
 * When:	scans, whole or in pieces.
 *
 * leap:	the step that is the majority of the last 4, or else 8, 16, 32
 *		accesses, by the vote of Boyer and Moore; along it as many pages as were
 *		of use the last time and one more, rounded up to a power of two.  Without
 *		a majority the pages around, and after a time in vain none.
 * Source:	H. Al Maruf, M. Chowdhury, "Effectively Prefetching Remote Memory with
 *		Leap", USENIX ATC 2020.
 * When:	regular accesses that irregular ones come between.
 *
 * stride:	a step that was right twice in a row is followed.  The window doubles
 *		when all of it was of use and halves when less than half was.
 * Source:	T.-F. Chen, J.-L. Baer, "Effective Hardware-Based Data Prefetching for
 *		High-Performance Processors", IEEE Transactions on Computers, 1995.
 * When:	columns of matrices, records larger than a page; the least waste.
 *
 * adaptive:	the steps of stride, with a window of its own: as many pages as the thread
 *		uses while twice the far device's read of late lasts; twice as many as
 *		before if all of them were of use; and no more than that, nor than half of
 *		what there is room for.  Where less than half is of use it rests, each time
 *		for twice as many faults, 1,024 at most, and then tries again with a few
 *		pages.
 * Source:	the distance that hides a read is that of T. C. Mowry, M. S. Lam, A. Gupta,
 *		"Design and Evaluation of a Compiler Algorithm for Prefetching", ASPLOS
 *		1992, section 2.3; resting is ours.
 * When:	nothing is known of the program, or of the far device.
 *
 * Approximates: the originals are called at every access that is not mapped, or
 *		by every instruction that loads.  Here a window of prefetched pages is
 *		mapped when the first of them is touched.  That fault names the window
 *		after those on their way, and learns of other hits by looking at the pages
 *		named before, which are taken as accesses in the order in which they were
 *		named.  A thread has a state of its own for each mapping, in a table where
 *		two may displace each other; Leap has one for each process, Linux for each
 *		mapping.
 */
#ifndef _PREFETCH_BPF_H
#define _PREFETCH_BPF_H

#include "mage.bpf.h"

enum prefetcher {
	PREFETCH_NONE,
	PREFETCH_READAHEAD,
	PREFETCH_LEAP,
	PREFETCH_STRIDE,
	PREFETCH_ADAPTIVE,
};

enum {
	PREFETCH_STREAMS = 1024, /* a power of two */
	PREFETCH_HISTORY = 32, /* a power of two */
	PREFETCH_HISTORY_LEAST = 4,
	READAHEAD_LEAST = 4,
	ADAPTIVE_LEAST = 8,
	ADAPTIVE_TRY = 2, /* pages that are named after a rest */
	ADAPTIVE_JUDGED = 8, /* pages after which it is said whether they were of use */
	ADAPTIVE_HEARD = 64, /* pages after which old ones count half */
	ADAPTIVE_REST = 8, /* faults of the first rest */
	ADAPTIVE_RESTS = 7, /* how often a rest doubles */
};

/* What is thought of a step, after Chen and Baer. */
enum stride_state {
	STRIDE_INITIAL,
	STRIDE_TRANSIENT,
	STRIDE_STEADY,
	STRIDE_NONE,
};

MAGE_TUNABLE_AT_LOAD(u32, prefetch, 0, 0, 4, "0 none, 1 readahead, 2 leap, 3 stride, 4 adaptive");
MAGE_TUNABLE(u32, prefetch_window, 8, 1, 64,
	     "pages that are prefetched at a time, at most; adaptive decides itself");

/*
 * What a thread does in a mapping. Pages are counted from address 0. A run is what was named and
 * not yet looked at: run_pages positions, run_step apart, of which bit 0 of run_named is run_at.
 */
struct prefetch_stream {
	u64 mm;
	u64 start;
	u32 thread;
	u32 window;
	u64 last; /* page accessed last */
	s64 step; /* that is followed, or was seen last */
	u32 state; /* enum stride_state */
	u32 recorded; /* steps ever recorded in history */
	u64 run_at;
	s64 run_step;
	u64 run_named;
	u32 run_pages;
	u32 rest; /* faults of a rest that are to come, of adaptive */
	u32 rests; /* how many there were without a success between them */
	u32 named; /* pages judged of late */
	u32 hits; /* of these, those of use */
	u64 paced_at; /* when the pace was last looked at, and at which page */
	u64 paced_page;
	u64 pace; /* ns a page of the stream, a running mean */
	s64 history[PREFETCH_HISTORY];
};

struct {
	__uint(type, BPF_MAP_TYPE_ARRAY);
	__uint(max_entries, PREFETCH_STREAMS);
	__type(key, u32);
	__type(value, struct prefetch_stream);
} prefetch_streams SEC(".maps");

static __always_inline struct prefetch_stream *prefetch_stream_of(struct mage_fault *fault)
{
	u32 thread = (u32)bpf_get_current_pid_tgid();
	u64 hash = (fault->mm ^ (fault->start >> PAGE_SHIFT) ^ ((u64)thread << 32)) *
		   11400714819323198485ULL;
	u32 index = hash >> 54 & (PREFETCH_STREAMS - 1);
	struct prefetch_stream *stream = bpf_map_lookup_elem(&prefetch_streams, &index);

	if (stream && (stream->mm != fault->mm || stream->start != fault->start ||
		       stream->thread != thread)) {
		__builtin_memset(stream, 0, sizeof(*stream));
		stream->mm = fault->mm;
		stream->start = fault->start;
		stream->thread = thread;
	}
	return stream;
}

/* Notes an access; Leap wants to know the steps, too. */
static __always_inline void prefetch_record(struct prefetch_stream *stream, u64 page)
{
	if (prefetch == PREFETCH_LEAP)
		stream->history[stream->recorded++ & (PREFETCH_HISTORY - 1)] = page - stream->last;
	stream->last = page;
}

/*
 * 0, but the verifier does not know that. It follows a loop for every number that it knows, and
 * has seen enough of one that counts from an unknown number after a round or two.
 */
u32 prefetch_zero;

/* What became of pages that were named before. */
struct prefetch_verdict {
	u32 named;
	u32 hits;
};

/* Pages to be named: @pages, @step apart, from @from on. */
struct prefetch_plan {
	u64 from;
	s64 step;
	u32 pages;
};

/*
 * Looks at what was named before, up to @page, which was just faulted on: what comes after it in
 * the run is still to be used. If it is not in the run the run is over.
 */
static __always_inline struct prefetch_verdict
prefetch_judge(struct mage_fault *fault, struct prefetch_stream *stream, u64 page)
{
	struct prefetch_verdict verdict = { .named = prefetch_zero, .hits = prefetch_zero };

	mage_repeat (MAGE_PREFETCH_MAX) {
		u64 at = stream->run_at;

		if (!stream->run_pages)
			break;
		if (stream->run_named & 1 && at != page) {
			verdict.named++;
			if (mage_fault_look(fault, at << PAGE_SHIFT) == 2) {
				verdict.hits++;
				prefetch_record(stream, at);
			}
		}
		if (at == page && fault->hit) {
			verdict.named++;
			verdict.hits++;
		}
		stream->run_pages--;
		stream->run_named >>= 1;
		stream->run_at += stream->run_step;
		if (at == page)
			break;
	}
	return verdict;
}

/*
 * What is left of a run in the same direction counts, and is made longer. While it is on its way
 * another window follows it, so that the first page of that one has come when it is wanted.
 */
static __always_inline void prefetch_name(struct mage_fault *fault, struct prefetch_stream *stream,
					  struct prefetch_plan plan)
{
	if (!stream->run_pages || stream->run_step != plan.step || stream->run_at != plan.from) {
		stream->run_at = plan.from;
		stream->run_step = plan.step;
		stream->run_named = 0;
		stream->run_pages = 0;
	}
	if (fault->hit)
		plan.pages *= 2;
	if (plan.pages > MAGE_PREFETCH_MAX)
		plan.pages = MAGE_PREFETCH_MAX;
	mage_repeat (MAGE_PREFETCH_MAX) {
		u32 pages = stream->run_pages;
		int err;

		if (pages >= plan.pages)
			break;
		err = mage_prefetch_address(fault, (plan.from + pages * plan.step) << PAGE_SHIFT);
		if (err == -ENOSPC)
			break;
		if (!err)
			stream->run_named |= 1ULL << (pages & (MAGE_PREFETCH_MAX - 1));
		stream->run_pages++;
	}
}

/* The next power of two, of a number up to 64. */
static __always_inline u32 prefetch_round_up(u32 pages)
{
	pages--;
	pages |= pages >> 1;
	pages |= pages >> 2;
	pages |= pages >> 4;
	return pages + 1;
}

/* Not above what the operator allows; never below half of what it was. */
static __always_inline u32 prefetch_next_window(struct prefetch_stream *stream, u32 window)
{
	u32 most = prefetch_window;

	if (window < stream->window / 2)
		window = stream->window / 2;
	if (window > most)
		window = most;
	stream->window = window;
	return window;
}

static __always_inline struct prefetch_plan
prefetch_readahead(struct mage_fault *fault, struct prefetch_stream *stream, u64 page)
{
	u64 start = stream->run_at, end = start + stream->run_pages * stream->run_step;
	u32 hits = prefetch_judge(fault, stream, page).hits, window = 0;
	s64 step = page - stream->last, run_step = stream->run_step;
	s64 ahead = (page - end) * run_step, behind = (start - page) * run_step;
	bool beside = step == 1 || step == -1;

	if (hits || beside)
		window = prefetch_round_up(hits + 1);
	if (window && window < READAHEAD_LEAST)
		window = READAHEAD_LEAST;
	window = prefetch_next_window(stream, window);
	prefetch_record(stream, page);
	/*
	 * Pages that were local all the time cause no fault, and may lie between; and in which
	 * order the pages around a fault were used is not known.
	 */
	if (!beside && hits) {
		if (ahead >= 0 && ahead < window)
			step = run_step;
		else if (behind > 0 && behind <= window)
			step = -run_step;
		beside = step == run_step || step == -run_step;
	}
	if (beside)
		return (struct prefetch_plan){ page + step, step, window };
	return (struct prefetch_plan){ page - window / 2, 1, window };
}

/* The step that more than half of the last @size accesses had; 0 if there is none. */
static __always_inline s64 leap_majority(struct prefetch_stream *stream, u32 size)
{
	u32 i, votes = prefetch_zero, count = prefetch_zero;
	s64 candidate = prefetch_zero;

	mage_for (i, 0, size) {
		s64 step = stream->history[(stream->recorded - 1 - i) & (PREFETCH_HISTORY - 1)];

		if (!votes)
			candidate = step;
		votes += step == candidate ? 1 : -1;
	}
	mage_for (i, 0, size) {
		if (stream->history[(stream->recorded - 1 - i) & (PREFETCH_HISTORY - 1)] ==
		    candidate)
			count++;
	}
	return count > size / 2 ? candidate : 0;
}

static __always_inline s64 leap_trend(struct prefetch_stream *stream)
{
	u32 size = PREFETCH_HISTORY_LEAST + prefetch_zero;
	s64 step = prefetch_zero;

	mage_repeat (4) {
		step = leap_majority(stream, size);
		size *= 2;
		if (step || size > PREFETCH_HISTORY)
			break;
	}
	return step;
}

static __always_inline struct prefetch_plan prefetch_leap(struct mage_fault *fault,
							  struct prefetch_stream *stream, u64 page)
{
	u32 hits = prefetch_judge(fault, stream, page).hits, window = 0;
	s64 step = page - stream->last, trend;
	s64 before = stream->history[(stream->recorded - 1) & (PREFETCH_HISTORY - 1)];

	/* The vote costs, so it waits for a step that repeats what is known. */
	if (hits)
		window = prefetch_round_up(hits + 1);
	else if (step == before || (stream->step && step == stream->step))
		window = 1;
	window = prefetch_next_window(stream, window);
	prefetch_record(stream, page);
	if (!window)
		return (struct prefetch_plan){};
	trend = leap_trend(stream);
	if (trend) {
		stream->step = trend;
		return (struct prefetch_plan){ page + trend, trend, window };
	}
	trend = stream->step ?: 1;
	return (struct prefetch_plan){ page - trend * (window / 2), trend, window };
}

/* Learns of the step to a page. Returns whether there is one to be followed. */
static __always_inline bool stride_learn(struct prefetch_stream *stream, u64 page)
{
	s64 step = page - stream->last;
	bool right = step == stream->step;

	prefetch_record(stream, page);
	switch (stream->state) {
	case STRIDE_INITIAL:
		stream->state = right ? STRIDE_STEADY : STRIDE_TRANSIENT;
		break;
	case STRIDE_TRANSIENT:
		stream->state = right ? STRIDE_STEADY : STRIDE_NONE;
		break;
	case STRIDE_STEADY:
		stream->state = right ? STRIDE_STEADY : STRIDE_INITIAL;
		break;
	default:
		stream->state = right ? STRIDE_TRANSIENT : STRIDE_NONE;
		break;
	}
	/* One miss does not make a steady step wrong. */
	if (!right && stream->state != STRIDE_INITIAL)
		stream->step = step;
	return stream->state == STRIDE_STEADY && stream->step;
}

static __always_inline struct prefetch_plan
prefetch_stride(struct mage_fault *fault, struct prefetch_stream *stream, u64 page)
{
	struct prefetch_verdict verdict = prefetch_judge(fault, stream, page);
	u32 window = stream->window ?: 1;

	if (verdict.named && verdict.hits == verdict.named)
		window *= 2;
	else if (verdict.hits < verdict.named / 2)
		window /= 2;
	if (!stride_learn(stream, page))
		return (struct prefetch_plan){};
	window = prefetch_next_window(stream, window ?: 1);
	return (struct prefetch_plan){ page + stream->step, stream->step, window };
}

/* Adds to what is known of the use of what was named. Returns whether that is worth it. */
static __always_inline bool adaptive_pays(struct prefetch_stream *stream,
					  struct prefetch_verdict verdict)
{
	stream->named += verdict.named;
	stream->hits += verdict.hits;
	if (stream->named >= ADAPTIVE_HEARD) {
		stream->named /= 2;
		stream->hits /= 2;
	}
	if (stream->named < ADAPTIVE_JUDGED)
		return true;
	if (stream->hits >= stream->named / 2) {
		stream->rests = 0;
		return true;
	}
	stream->rest = ADAPTIVE_REST << (stream->rests & ADAPTIVE_RESTS);
	if (stream->rests < ADAPTIVE_RESTS)
		stream->rests++;
	stream->window = 0;
	stream->named = 0;
	stream->hits = 0;
	stream->pace = 0;
	return false;
}

/*
 * How long the thread takes for a page, from one fault at the first page of a flight to the next.
 * Where it waited the far device was slower than it, and the window has to grow as well.
 */
static __always_inline void adaptive_pace(struct prefetch_stream *stream, u64 page, bool hit)
{
	u64 now = bpf_ktime_get_ns();
	s64 pages = (s64)(page - stream->paced_page);

	if (stream->step < 0)
		pages = -pages;
	if (hit && stream->paced_at && pages > 0) {
		u64 pace = (now - stream->paced_at) / (u64)pages;

		stream->pace = stream->pace ? (3 * stream->pace + pace) / 4 : pace;
	}
	stream->paced_at = now;
	stream->paced_page = page;
}

/*
 * Pages of a window, between two of which the step may be larger than a page. Where all of the
 * last one was of use it is twice as large, as each window costs a fault; else it is no larger
 * than reads need.
 */
static __always_inline u32 adaptive_window(struct prefetch_stream *stream, u32 budget, bool all)
{
	u64 step = stream->step < 0 ? -stream->step : stream->step;
	u64 pace = stream->pace * step, window = ADAPTIVE_TRY, twice = 2 * stream->window;

	if (pace)
		window = 2 * mage_far_read_ns() / pace + 1;
	if (stream->window && window < ADAPTIVE_LEAST)
		window = ADAPTIVE_LEAST;
	if (twice && (all || window > twice))
		window = twice;
	/* One flight is on its way while the next one is named. */
	if (window > MAGE_PREFETCH_MAX / 2)
		window = MAGE_PREFETCH_MAX / 2;
	if (window > budget / 2)
		window = budget / 2;
	stream->window = window;
	return prefetch_round_up(window ?: 1);
}

static __always_inline struct prefetch_plan
prefetch_adaptive(struct mage_fault *fault, struct prefetch_stream *stream, u64 page)
{
	struct prefetch_verdict verdict = prefetch_judge(fault, stream, page);
	bool all = verdict.named && verdict.hits == verdict.named;
	bool steady = stride_learn(stream, page);

	if (stream->rest) {
		stream->rest--;
		return (struct prefetch_plan){};
	}
	if (!adaptive_pays(stream, verdict) || !steady)
		return (struct prefetch_plan){};
	adaptive_pace(stream, page, fault->hit);
	return (struct prefetch_plan){ page + stream->step, stream->step,
				       adaptive_window(stream, fault->budget, all) };
}

void MAGE_OP(prefetch_pages, struct mage_domain *domain, struct mage_fault *fault)
{
	struct prefetch_stream *stream;
	struct prefetch_plan plan;
	u64 page;

	/* Known at load, so the rest is gone then. */
	if (prefetch == PREFETCH_NONE)
		return;
	if (!fault->budget)
		return;
	stream = prefetch_stream_of(fault);
	if (!stream)
		return;
	page = fault->address >> PAGE_SHIFT;
	if (prefetch == PREFETCH_READAHEAD)
		plan = prefetch_readahead(fault, stream, page);
	else if (prefetch == PREFETCH_LEAP)
		plan = prefetch_leap(fault, stream, page);
	else if (prefetch == PREFETCH_STRIDE)
		plan = prefetch_stride(fault, stream, page);
	else
		plan = prefetch_adaptive(fault, stream, page);
	prefetch_name(fault, stream, plan);
}

#define MAGE_PREFETCH .prefetch = (void *)prefetch_pages

#endif /* _PREFETCH_BPF_H */
