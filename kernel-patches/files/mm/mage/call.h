/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a call of a policy's callback, and the time that it may use.
 */
#ifndef _MM_MAGE_CALL_H
#define _MM_MAGE_CALL_H

#include <linux/bpf.h>
#include <linux/hash.h>
#include <linux/jump_label.h>
#include <linux/mage_policy.h>
#include <linux/math64.h>
#include <linux/percpu.h>
#include <linux/sched/clock.h>
#include <linux/time64.h>
#include <linux/types.h>
#include "domain.h"

/**
 * enum mage_call_kind - what a callback's time is measured against
 * @MAGE_CALL_USUAL: what the knob callback_ms says
 * @MAGE_CALL_EACH: the same, but it is called for each page: one call in MAGE_CALL_SAMPLE is
 *	timed from its begin, and stands for the others that do not loop
 * @MAGE_CALL_LOCKED: as for each page, but a part of the time, as a lock is held on which
 *	others spin
 * @MAGE_CALL_APART: as usual, but its policy does not govern yet, or not any more: there
 *	is nothing to eject
 */
enum mage_call_kind {
	MAGE_CALL_USUAL,
	MAGE_CALL_EACH,
	MAGE_CALL_LOCKED,
	MAGE_CALL_APART,
};

/*
 * What a callback under a lock may use of the time of others, and what one with interrupts
 * off: page_in and page_out may be called thousands of times in a row under an LRU lock.
 */
#define MAGE_CALL_LOCKED_PART	10
#define MAGE_CALL_STILL_PART	20

/* With interrupts off, time between two looks that counts, as a part of what may be used. */
#define MAGE_CALL_STEP_PART	8

/* linux/filter.h has it, too, but also a macro by the name of a callback (prefetch). */
DECLARE_STATIC_KEY_FALSE(bpf_stats_enabled_key);

/*
 * Rounds of a loop between two looks at the clock.  With interrupts off there is a look in each,
 * as of what is between two no more counts than the part above.
 */
#define MAGE_CALL_STEPS		16

/* Of the calls for each page, one in so many is timed though it does not loop. */
#define MAGE_CALL_SAMPLE	16

/**
 * struct mage_call - a call of a policy's callback, on the stack of who makes it
 * @run_ctx: by which functions that the program calls find the call
 * @outer: what there was in its place before
 * @domain: the domain that it is about
 * @policy: whose callback it is
 * @callback: enum mage_callback; MAGE_CALLBACKS for init and exit
 * @began: when, if programs are being measured, ns; else 0
 * @looked_at: the time when it was looked at last
 * @used: what the call has used since it was looked at first, ns
 * @steps: rounds of its loops so far
 * @work: pages that it is about, or has looked at and picked: see effort.c
 * @kind: enum mage_call_kind
 * @weight: calls that this one stands for, unless it loops
 * @timed: it has been looked at
 * @still: interrupts are off, and with them the clock by which others are measured
 * @over: its loops and walks end at once from now on
 */
struct mage_call {
	struct bpf_run_ctx run_ctx;
	struct bpf_run_ctx *outer;
	struct mage_domain *domain;
	struct mage_ops *policy;
	u64 began;
	u64 looked_at;
	u64 used;
	u32 steps;
	u32 work;
	u8 callback;
	u8 kind;
	u8 weight;
	bool timed;
	bool still;
	bool over;
};

void mage_call_begin(struct mage_call *call);
void mage_call_end(struct mage_call *call);
void mage_call_measured(const struct mage_call *call);
const char *mage_callback_name(unsigned int callback);
unsigned int mage_call_ms(const struct mage_call *call);
bool mage_call_look(struct mage_call *call);

DECLARE_PER_CPU(u32, mage_call_turn);

/*
 * Whether a call for a page is one of those that are timed.  The golden ratio's share of the
 * circle, added again and again, is in each part of it as often as in any other, and in
 * step with no pattern of calls.
 */
static inline bool mage_call_is_sampled(void)
{
	return this_cpu_add_return(mage_call_turn, GOLDEN_RATIO_32) < U32_MAX / MAGE_CALL_SAMPLE;
}

/*
 * Of the root of a domain, so what is counted is of the policy.  No lock: each CPU adds to
 * its own.  The caller is in an RCU read-side section.
 */
#define mage_call_count(domain, callback_, what, n)						\
	this_cpu_add(mage_domain_root(domain)->root_stats->callback[callback_].what, n)

/*
 * A callback is about to be called, by this task.  What is apart is not counted: it is called
 * once, or after what was counted has been read.
 */
static __always_inline void mage_call_enter(struct mage_call *call, struct mage_domain *domain,
					    struct mage_ops *policy, enum mage_callback callback,
					    enum mage_call_kind kind)
{
	*call = (struct mage_call){
		.domain = domain,
		.policy = policy,
		.callback = callback,
		.kind = kind,
		.weight = 1,
	};
	if (kind != MAGE_CALL_APART)
		mage_call_count(domain, callback, calls, 1);
	/* The kernel's own switch, and its own clock, for what programs cost. */
	if (static_branch_unlikely(&bpf_stats_enabled_key))
		call->began = sched_clock();
	call->outer = bpf_set_run_ctx(&call->run_ctx);
	if (kind == MAGE_CALL_EACH || kind == MAGE_CALL_LOCKED) {
		if (likely(!mage_call_is_sampled()))
			return;
		call->weight = MAGE_CALL_SAMPLE;
	}
	mage_call_begin(call);
}

static inline void mage_call_leave(struct mage_call *call)
{
	bpf_reset_run_ctx(call->outer);
	if (static_branch_unlikely(&bpf_stats_enabled_key))
		mage_call_measured(call);
	/* One for a page that has no loop is mostly not worth a look at the clock. */
	if (unlikely(call->timed))
		mage_call_end(call);
}

static inline u64 mage_call_used_ms(const struct mage_call *call)
{
	return div_u64(call->used, NSEC_PER_MSEC);
}

/* Whether a loop of the program that is being called may go on for another round. */
static inline bool mage_call_goes_on(struct mage_call *call)
{
	if (unlikely(call->over))
		return false;
	return call->steps++ % MAGE_CALL_STEPS && !call->still ? true : mage_call_look(call);
}

#endif /* _MM_MAGE_CALL_H */
