// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "shoot", and the second shootdown of a batch.
 *
 * The first shootdown stands between clearing the accessed and dirty bits and
 * copying the page: with an old translation a CPU could write without setting
 * the dirty bit.
 *
 * The second stands between replacing the PTEs and freeing the pages, and is left
 * out where it can be.  A PTE that is still old when it is replaced is in no
 * TLB, if the processor sets the accessed bit before it caches a translation, as
 * Intel's does (SDM vol. 3, "Caching Translation Information"), and if nobody
 * cleared the bit since the first shootdown.  The kernel does clear accessed
 * bits without a shootdown in many places: page aging of both LRUs, idle page
 * tracking, DAMON, MADV_COLD, clear_refs, and a policy that asks for them.  All
 * go by ptep_test_and_clear_young(), which marks the frame (mage_pte_aged()),
 * under the page table lock; commit takes a marked page for used, which it is.
 * MADV_FREE, which does not always go that way, marks the frame as spoiled.
 *
 * On other processors a CPU may still have a translation of a page whose PTE is
 * old.  What it reads before the second shootdown is right, since the page is not
 * freed yet, and faults wait until then, so that no other page is in its place (see
 * mage_slot_take()); a write makes it look at the PTE again, to set the dirty bit, and
 * fault.
 *
 * An evictor shoots in rounds.  A round sends one interrupt to each CPU and
 * serves every batch that waits for a shootdown, first or second, when it is
 * sent.  It is not waited for: the evictor goes on with other batches while
 * CPUs answer.
 *
 * A CPU answers after it has flushed, not before.  What the evictor does next is
 * safe only once no CPU can use an old translation: it copies pages, and a write
 * by an old translation would set no dirty bit and be lost; or it frees them,
 * and a read would see what their next owner has put there.  An answer given
 * before the flush would leave that window open for as long as it takes.
 */
#include <linux/smp.h>
#include <asm/mage.h>
#include "../internal.h"
#include "shoot.h"
#include "batch.h"
#include "bell.h"
#include "knobs.h"

/**
 * mage_shoots_twice() - whether a batch needs a shootdown between commit and free, too
 *
 * Return: true where the processor, or the switch, asks for it
 */
bool mage_shoots_twice(void)
{
	return !arch_tlb_sets_accessed_first() || !READ_ONCE(mage_knobs.one_shootdown);
}

/**
 * mage_tlb_add() - PTEs changed whose translations CPUs may have cached
 * @batch: whose shootdown shall cover them
 * @mm: the address space
 *
 * After the changes and under the page table lock that they were made under.
 * CPUs that do not run the mm flush before they next do, because its generation
 * is raised; stock paths that rely on there being no stale translation flush
 * themselves while one is pending.
 */
void mage_tlb_add(struct mage_batch *batch, struct mm_struct *mm)
{
	arch_tlbbatch_add_pending(&batch->tlb, mm, 0);
	set_tlb_flush_batched(mm);
}

static void mage_shoot_answered(struct mage_shootdown *shoot)
{
	struct mage_bell *bell = shoot->bell;

	/*
	 * The atomic decrement orders each CPU's flush before it, so that the
	 * last to answer, and the evictor by the acquire in
	 * mage_shoot_is_over(), come after all flushes.
	 */
	if (!atomic_dec_and_test(&shoot->unanswered))
		return;
	/* Pairs with the acquire in mage_shoot_is_over(). */
	smp_store_release(&shoot->over, shoot->sent);
	mage_bell_ring(bell);
}

/*
 * In the interrupt, which is an RCU read-side section: the evictor, which may
 * end as soon as it has the last answer, is freed after a grace period.
 */
static void mage_shoot_ipi(void *info)
{
	arch_tlbbatch_flush_this_cpu();
	mage_shoot_answered(info);
}

/* Asks one CPU; false if it need not be asked. */
static bool mage_shoot_cpu(struct mage_shootdown *shoot, unsigned int cpu)
{
	/*
	 * A lazy CPU runs in a kernel thread or idle and uses no translation; it
	 * flushes when it goes back to the mm, because the generation was raised.
	 */
	if (arch_tlbbatch_cpu_is_lazy(cpu))
		return false;
	atomic_inc(&shoot->unanswered);
	/*
	 * A CPU that is offline has left its mm, and will flush when it loads
	 * one.  One that goes offline handles what was sent to it first, see
	 * smpcfd_dying_cpu().
	 */
	if (!smp_call_function_single_async(cpu, per_cpu_ptr(shoot->call, cpu)))
		return true;
	atomic_dec(&shoot->unanswered);
	return false;
}

/**
 * mage_shoot_join() - a batch asks for a shootdown
 * @batch: after its PTEs were changed
 */
void mage_shoot_join(struct mage_batch *batch)
{
	struct mage_shootdown *shoot = batch->shoot;

	if (!READ_ONCE(mage_knobs.async_shootdown)) {
		arch_tlbbatch_flush(&batch->tlb);
		batch->round = shoot->over;
		return;
	}
	if (cpumask_empty(&batch->tlb.cpumask)) {
		batch->round = shoot->over;
		return;
	}
	cpumask_or(&shoot->next, &shoot->next, &batch->tlb.cpumask);
	cpumask_clear(&batch->tlb.cpumask);
	shoot->wanted = true;
	batch->round = shoot->sent + 1;
}

/**
 * mage_shoot_is_over() - whether every CPU has forgotten a batch's translations
 * @batch: a batch that asked for it
 */
bool mage_shoot_is_over(const struct mage_batch *batch)
{
	/* Pairs with the release in mage_shoot_answered(). */
	return smp_load_acquire(&batch->shoot->over) >= batch->round;
}

/**
 * mage_shoot_send() - start a round if batches wait for one
 * @shoot: an evictor's shootdowns
 *
 * One round at a time; what asks meanwhile has its turn in the next, so that
 * the slower the CPUs answer the more batches a round serves.
 *
 * Return: whether a round was started
 */
bool mage_shoot_send(struct mage_shootdown *shoot)
{
	unsigned int cpu, this_cpu;

	/* Pairs with the release in mage_shoot_answered(). */
	if (!shoot->wanted || smp_load_acquire(&shoot->over) != shoot->sent)
		return false;
	shoot->wanted = false;
	/* One for us, so that the round is not over before all were asked. */
	atomic_set(&shoot->unanswered, 1);
	shoot->sent++;

	this_cpu = get_cpu();
	for_each_cpu(cpu, &shoot->next) {
		if (cpu == this_cpu) {
			local_irq_disable();
			arch_tlbbatch_flush_this_cpu();
			local_irq_enable();
		} else {
			shoot->interrupts += mage_shoot_cpu(shoot, cpu);
		}
	}
	put_cpu();
	cpumask_clear(&shoot->next);
	mage_shoot_answered(shoot);
	return true;
}

/**
 * mage_shootdown_init() - prepare an evictor's shootdowns
 * @shoot: zeroed
 * @bell: rung when a round is over
 *
 * Return: 0 or -ENOMEM
 */
int mage_shootdown_init(struct mage_shootdown *shoot, struct mage_bell *bell)
{
	unsigned int cpu;

	shoot->bell = bell;
	shoot->call = alloc_percpu(call_single_data_t);
	if (!shoot->call)
		return -ENOMEM;
	for_each_possible_cpu(cpu)
		INIT_CSD(per_cpu_ptr(shoot->call, cpu), mage_shoot_ipi, shoot);
	return 0;
}

/**
 * mage_shootdown_free() - the end of an evictor's shootdowns
 * @shoot: none of which is under way
 */
void mage_shootdown_free(struct mage_shootdown *shoot)
{
	free_percpu(shoot->call);
}
