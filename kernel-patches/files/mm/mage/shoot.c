// SPDX-License-Identifier: GPL-2.0-only
/*
 * Mage: the stage "shoot", and which processors need a second one.
 *
 * The first shootdown stands between clearing the accessed and dirty bits and
 * copying the page: a CPU with an old translation could write without setting
 * the dirty bit.
 *
 * A PTE that is still old when it is replaced after that is in no TLB, if the
 * processor sets the accessed bit before it caches a translation.  Intel says
 * so: SDM vol. 3A, 4.10.2.2 "Caching Translation Information in TLBs and
 * Paging-Structure Caches", "the processor does not cache a translation for a
 * page number unless the accessed flag is 1 in each of the paging-structure
 * entries used during the translation".  Where the vendor says no such thing, a
 * second shootdown goes between replacing the PTEs and freeing the pages.
 */
#define pr_fmt(fmt) "mage: " fmt

#include <linux/kstrtox.h>
#include <linux/init.h>
#include <asm/cpufeature.h>
#include <asm/processor.h>
#include <asm/tlbflush.h>
#include "../internal.h"
#include "internal.h"

static int mage_second_shootdown __ro_after_init = -1;

static int __init mage_second_shootdown_setup(char *value)
{
	bool on;
	int err = kstrtobool(value, &on);

	if (!err)
		mage_second_shootdown = on;
	return err;
}
early_param("mage_second_shootdown", mage_second_shootdown_setup);

int __init mage_shoot_init(void)
{
	if (mage_second_shootdown < 0)
		mage_second_shootdown = boot_cpu_data.x86_vendor != X86_VENDOR_INTEL;
	pr_info("%s shootdown a batch\n", mage_second_shootdown ? "a second" : "one");
	return 0;
}

/**
 * mage_tlb_add() - a PTE changed whose translation CPUs may have cached
 * @batch: whose shootdown shall cover it
 * @mm: the address space
 * @address: the address
 *
 * Under the page table lock.  CPUs that do not run the mm flush before they
 * next do, because its generation is raised; stock paths that rely on there
 * being no stale translation flush themselves while one is pending.
 */
void mage_tlb_add(struct mage_batch *batch, struct mm_struct *mm, unsigned long address)
{
	arch_tlbbatch_add_pending(&batch->tlb, mm, address);
	set_tlb_flush_batched(mm);
}

/**
 * mage_batch_shoot() - make every CPU forget the translations of a batch
 * @batch: the batch; all CPUs have answered when this returns
 */
void mage_batch_shoot(struct mage_batch *batch)
{
	arch_tlbbatch_flush(&batch->tlb);
}

/**
 * mage_batch_shoot_again() - between replacing the PTEs and freeing the pages
 * @batch: the batch
 */
void mage_batch_shoot_again(struct mage_batch *batch)
{
	if (mage_second_shootdown)
		arch_tlbbatch_flush(&batch->tlb);
	else
		cpumask_clear(&batch->tlb.cpumask);
}
