/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what it needs of the architecture.
 */
#ifndef _ASM_X86_MAGE_H
#define _ASM_X86_MAGE_H

#include <linux/cpufeature.h>
#include <linux/processor.h>
#include <linux/types.h>

void arch_tlbbatch_flush_this_cpu(void);
bool arch_tlbbatch_cpu_is_lazy(int cpu);

/**
 * arch_page_tables_are_ours() - whether the kernel changes its page tables itself
 *
 * Not in a Xen PV guest: to the guest they are read-only, and the hypervisor makes
 * the changes.  Mage exchanges entries where the processor sets bits in them, and
 * sends its own interrupts to flush translations.
 */
static inline bool arch_page_tables_are_ours(void)
{
	return !cpu_feature_enabled(X86_FEATURE_XENPV);
}

/**
 * arch_tlb_sets_accessed_first() - whether a CPU sets the accessed bit of a page
 *	table entry before it caches the translation
 *
 * Intel promises it: SDM volume 3, "Caching Translation Information".  No such
 * promise was found in the manuals of others.
 */
static inline bool arch_tlb_sets_accessed_first(void)
{
	return boot_cpu_data.x86_vendor == X86_VENDOR_INTEL;
}

#endif /* _ASM_X86_MAGE_H */
