/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: what it needs of the architecture.
 */
#ifndef _ASM_X86_MAGE_H
#define _ASM_X86_MAGE_H

#include <linux/types.h>

void arch_tlbbatch_flush_this_cpu(void);
bool arch_tlbbatch_cpu_is_lazy(int cpu);

#endif /* _ASM_X86_MAGE_H */
