/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: a call of a policy's callback, and the time that it may use.
 */
#ifndef _MM_MAGE_CALL_H
#define _MM_MAGE_CALL_H

#include <linux/bpf.h>
#include <linux/mage_policy.h>
#include <linux/math64.h>
#include <linux/time64.h>
#include <linux/types.h>

struct mage_domain;

/**
 * enum mage_call_kind - what a callback's time is measured against
 * @MAGE_CALL_USUAL: what the knob callback_ms says
 * @MAGE_CALL_LOCKED: a part of that, as a lock is held on which others spin
 * @MAGE_CALL_APART: as usual, but its policy does not govern yet, or not any more: there
 *	is nothing to eject
 */
enum mage_call_kind {
	MAGE_CALL_USUAL,
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

/* Rounds of a loop between two looks at the clock. */
#define MAGE_CALL_STEPS		16

/**
 * struct mage_call - a call of a policy's callback, on the stack of who makes it
 * @run_ctx: by which functions that the program calls find the call
 * @outer: what there was in its place before
 * @domain: the domain that it is about
 * @policy: whose callback it is
 * @callback: its name
 * @looked_at: the time when it was looked at last
 * @used: what the call has used since it was looked at first, ns
 * @steps: rounds of its loops so far
 * @work: pages that it is about, or has looked at and picked: see effort.c
 * @kind: enum mage_call_kind
 * @timed: it has been looked at
 * @still: interrupts are off, and with them the clock by which others are measured
 * @over: its loops and walks end at once from now on
 */
struct mage_call {
	struct bpf_run_ctx run_ctx;
	struct bpf_run_ctx *outer;
	struct mage_domain *domain;
	struct mage_ops *policy;
	const char *callback;
	u64 looked_at;
	u64 used;
	u32 steps;
	u32 work;
	u8 kind;
	bool timed;
	bool still;
	bool over;
};

/* A callback is about to be called, by this task. */
static inline void mage_call_enter(struct mage_call *call, struct mage_domain *domain,
				   struct mage_ops *policy, const char *callback,
				   enum mage_call_kind kind)
{
	*call = (struct mage_call){
		.domain = domain,
		.policy = policy,
		.callback = callback,
		.kind = kind,
	};
	call->outer = bpf_set_run_ctx(&call->run_ctx);
}

void mage_call_end(struct mage_call *call);

static inline void mage_call_leave(struct mage_call *call)
{
	bpf_reset_run_ctx(call->outer);
	/* One that has no loop is not worth a look at the clock. */
	if (unlikely(call->timed))
		mage_call_end(call);
}

static inline u64 mage_call_used_ms(const struct mage_call *call)
{
	return div_u64(call->used, NSEC_PER_MSEC);
}

unsigned int mage_call_ms(const struct mage_call *call);
bool mage_call_look(struct mage_call *call);

/* Whether a loop of the program that is being called may go on for another round. */
static inline bool mage_call_goes_on(struct mage_call *call)
{
	if (unlikely(call->over))
		return false;
	return call->steps++ % MAGE_CALL_STEPS ? true : mage_call_look(call);
}

#endif /* _MM_MAGE_CALL_H */
