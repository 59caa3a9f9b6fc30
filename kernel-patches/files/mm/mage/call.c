// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: a call of a policy's callback, and the time that it may use.
 *
 * Nothing can end a program from outside.  But all that can go round in one for long are
 * loops and walks of Mage's (program.c sees to that), and those ask here whether
 * they may go on.  How long the way is from one such question to the next, and
 * what is on it, are bounded, too; but that may come for each page, so it is timed as well.
 */
#include <linux/array_size.h>
#include <linux/irqflags.h>
#include <linux/minmax.h>
#include <linux/preempt.h>
#include <linux/sched.h>
#include <linux/sched/clock.h>
#include <linux/sched/cputime.h>
#include "call.h"
#include "effort.h"
#include "knobs.h"
#include "policy.h"

DEFINE_PER_CPU(u32, mage_call_turn);

/**
 * mage_callback_name() - what a callback is called in struct mage_ops
 * @callback: enum mage_callback
 *
 * Return: its name, also if it is none
 */
const char *mage_callback_name(unsigned int callback)
{
	static const char *const names[] = {
		[MAGE_CALLBACK_PAGE_IN] = "page_in",
		[MAGE_CALLBACK_PAGE_OUT] = "page_out",
		[MAGE_CALLBACK_HINT] = "hint",
		[MAGE_CALLBACK_PREFETCH] = "prefetch",
		[MAGE_CALLBACK_NO_ROOM] = "no_room",
		[MAGE_CALLBACK_EVICTORS] = "evictors",
		[MAGE_CALLBACK_DEPTH] = "depth",
		[MAGE_CALLBACK_HEADROOM] = "headroom",
		[MAGE_CALLBACK_BATCH_SIZE] = "batch_size",
		[MAGE_CALLBACK_SELECT] = "select",
		[MAGE_CALLBACK_OUTCOME] = "outcome",
		[MAGE_CALLBACK_TICK] = "tick",
		[MAGE_CALLBACK_DUMP] = "dump",
		[MAGE_CALLBACK_RESERVE] = "reserve",
	};

	static_assert(ARRAY_SIZE(names) == MAGE_CALLBACKS);
	return callback < ARRAY_SIZE(names) ? names[callback] : "a callback";
}

/**
 * mage_call_measured() - a call is over, while programs are measured
 * @call: the call; the caller is in an RCU read-side section unless it is apart
 *
 * One that had begun before that was switched on is not counted.
 */
void mage_call_measured(const struct mage_call *call)
{
	u64 now = sched_clock();

	/* The thread may be on another CPU by now, whose clock may be behind. */
	if (call->kind != MAGE_CALL_APART && call->began && now > call->began)
		mage_call_count(call->domain, call->callback, ns, now - call->began);
}

/*
 * The time by which a call is measured: that of the task in the kernel as the accounting of
 * CPU time has it, which the clock's ticks add to.  The scheduler's clock would be finer,
 * but it goes on while a hypervisor does not run the CPU, and a policy is not to blame for
 * that.  Without interrupts there are no ticks, and nothing better than that clock.
 */
static u64 mage_call_clock(const struct mage_call *call)
{
	u64 utime, stime;

	if (call->still)
		return local_clock();
	task_cputime(current, &utime, &stime);
	return stime;
}

/**
 * mage_call_ms() - what a call may use
 * @call: the call, which has been looked at
 *
 * Return: milliseconds of CPU time
 */
unsigned int mage_call_ms(const struct mage_call *call)
{
	u32 ms = READ_ONCE(mage_knobs.callback_ms);

	if (call->still)
		return ms / MAGE_CALL_STILL_PART;
	return call->kind == MAGE_CALL_LOCKED ? ms / MAGE_CALL_LOCKED_PART : ms;
}

/**
 * mage_call_begin() - the time of a call begins
 * @call: the call, which was not looked at before
 */
void mage_call_begin(struct mage_call *call)
{
	call->timed = true;
	call->still = irqs_disabled() || in_interrupt();
	call->looked_at = mage_call_clock(call);
}

/* Adds what has passed since the last look to what the call has used. */
static void mage_call_add(struct mage_call *call)
{
	u64 now, step;

	if (!call->timed) {
		mage_call_begin(call);
		return;
	}
	now = mage_call_clock(call);
	/* Where ticks do not account for it, what a hypervisor took is taken back later. */
	step = now > call->looked_at ? now - call->looked_at : 0;
	/* So a single pause of the CPU is no fault. */
	if (call->still)
		step = min(step, (u64)mage_call_ms(call) * NSEC_PER_MSEC / MAGE_CALL_STEP_PART);
	call->looked_at = now;
	call->used += step;
}

/**
 * mage_call_look() - look at what a call has used
 * @call: the call, which is being made by this task
 *
 * The first look begins the time, if it has not begun.  It is the task's CPU time that
 * counts, so that a policy is not blamed for other tasks, nor for other guests of a host.
 * A policy that governs and has used too much is ejected.
 *
 * Return: whether it may go on; false also if its policy does not govern any more
 */
bool mage_call_look(struct mage_call *call)
{
	bool late;

	mage_call_add(call);
	late = mage_call_used_ms(call) > mage_call_ms(call);
	if (call->kind == MAGE_CALL_APART) {
		call->over = late;
		return !late;
	}
	if (unlikely(late))
		mage_policy_eject(call->domain, call->policy, MAGE_EXIT_OVER_BUDGET,
				  "%s used %llu ms of CPU time; it may use %u",
				  mage_callback_name(call->callback), mage_call_used_ms(call),
				  mage_call_ms(call));
	rcu_read_lock();
	if (unlikely(late && !call->over))
		mage_call_count(call->domain, call->callback, errors, 1);
	call->over = late || mage_policy(call->domain) != call->policy;
	rcu_read_unlock();
	return !call->over;
}

/**
 * mage_call_end() - a call that was looked at is over
 * @call: the call, @work filled
 */
void mage_call_end(struct mage_call *call)
{
	/* All that loop are timed. */
	unsigned int weight = call->steps ? 1 : call->weight;

	mage_call_look(call);
	if (call->kind == MAGE_CALL_APART)
		return;
	rcu_read_lock();
	mage_effort_spent(call->domain, call->policy, mage_callback_name(call->callback),
			  call->used * weight, (unsigned long)call->work * weight);
	rcu_read_unlock();
}
