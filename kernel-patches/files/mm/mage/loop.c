// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the loops of a policy.
 *
 * An open-coded iterator over numbers for programs, as the kernel's own is.  Unlike that
 * it ends when the callback has used the time it may, however loops are nested.
 */
#include <linux/bpf.h>
#include <linux/btf.h>
#include <linux/container_of.h>
#include <linux/sched.h>
#include "loop.h"
#include "call.h"

/**
 * struct mage_for - what the iterator holds
 * @call: the call of the callback that it is in
 * @at: the number of this round
 * @end: the first number that has no round
 */
struct mage_for {
	struct mage_call *call;
	int at;
	int end;
};

static_assert(sizeof(struct mage_for) <= sizeof(struct bpf_iter_mage_for));

/*
 * The call that the program which is running is in.  The trampoline has put a context of
 * its own on top of what mage_call_enter() has left.
 */
static struct mage_call *mage_call_now(void)
{
	struct bpf_tramp_run_ctx *tramp = container_of(current->bpf_ctx, struct bpf_tramp_run_ctx,
						       run_ctx);

	return container_of(tramp->saved_run_ctx, struct mage_call, run_ctx);
}

__bpf_kfunc_start_defs();

/**
 * bpf_iter_mage_for_new() - start to count
 * @it: the iterator
 * @begin: the first number
 * @end: the one after the last; none if it is not above @begin
 *
 * Return: 0
 */
__bpf_kfunc int bpf_iter_mage_for_new(struct bpf_iter_mage_for *it, int begin, int end)
{
	struct mage_for *loop = (void *)it;

	loop->call = mage_call_now();
	/* One before the first, wrapped around if there is none. */
	loop->at = (u32)begin - 1;
	loop->end = max(begin, end);
	return 0;
}

/**
 * bpf_iter_mage_for_next() - the next number
 * @it: the iterator
 *
 * When the callback has used the time that it may, or its policy does not govern any
 * more, all its loops end.
 *
 * Return: where the number is, or NULL at the end
 */
__bpf_kfunc int *bpf_iter_mage_for_next(struct bpf_iter_mage_for *it)
{
	struct mage_for *loop = (void *)it;
	int next = (u32)loop->at + 1;

	if (next >= loop->end || !mage_call_goes_on(loop->call)) {
		loop->at = 0;
		loop->end = 0;
		return NULL;
	}
	loop->at = next;
	return &loop->at;
}

/**
 * bpf_iter_mage_for_destroy() - end to count
 * @it: the iterator
 */
__bpf_kfunc void bpf_iter_mage_for_destroy(struct bpf_iter_mage_for *it)
{
	memset(it, 0, sizeof(*it));
}

__bpf_kfunc_end_defs();
