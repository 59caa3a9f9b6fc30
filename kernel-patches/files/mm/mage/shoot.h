/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: TLB shootdowns.
 */
#ifndef _MM_MAGE_SHOOT_H
#define _MM_MAGE_SHOOT_H

#include <linux/cpumask.h>
#include <linux/smp.h>
#include <linux/types.h>

struct mage_batch;
struct mage_bell;
struct mm_struct;

/**
 * struct mage_shootdown - the TLB shootdowns of an evictor
 * @bell: rung when a round is over
 * @next: CPUs that the next round asks
 * @wanted: somebody waits for the next round
 * @sent: rounds started
 * @over: rounds that every CPU has answered
 * @unanswered: CPUs that have not answered yet
 * @interrupts: sent so far
 * @call: what asks each CPU; in use from being sent to being handled
 *
 * All but @over, @unanswered and @call are the evictor's alone.
 */
struct mage_shootdown {
	struct mage_bell *bell;
	struct cpumask next;
	bool wanted;
	u64 sent;
	u64 over;
	atomic_t unanswered;
	u64 interrupts;
	call_single_data_t __percpu *call;
};

int mage_shootdown_init(struct mage_shootdown *shoot, struct mage_bell *bell);
void mage_shootdown_free(struct mage_shootdown *shoot);
bool mage_shoots_twice(void);
void mage_tlb_add(struct mage_batch *batch, struct mm_struct *mm);
void mage_shoot_join(struct mage_batch *batch);
bool mage_shoot_is_over(const struct mage_batch *batch);
bool mage_shoot_send(struct mage_shootdown *shoot);

#endif /* _MM_MAGE_SHOOT_H */
