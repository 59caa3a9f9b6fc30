/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Mage: prefetch.
 */
#ifndef _MM_MAGE_PREFETCH_H
#define _MM_MAGE_PREFETCH_H

#include <linux/hash.h>
#include <linux/mm_types.h>
#include "callback.h"
#include "domain.h"

struct vm_fault;

/* A number that tells address spaces apart while they live, for policies and traces. */
static inline u64 mage_mm_number(const struct mm_struct *mm)
{
	return mm ? hash_ptr(mm, 32) : 0;
}

bool mage_prefetching(void);
bool mage_prefetch_start(struct mage_domain *domain, struct mm_struct *mm,
			 const unsigned long *address, unsigned int nr);
void __mage_policy_prefetch(struct mage_domain *domain, struct vm_fault *vmf, swp_entry_t entry,
			    bool hit);

/*
 * A demand fault found @entry, in far memory: asks a policy that has it in mind what
 * to prefetch.  @hit: the page is in flight.  In an RCU read-side section; the lock of
 * the fault's mapping is held, its page table is not.
 */
static inline void mage_policy_prefetch(struct mage_domain *domain, struct vm_fault *vmf,
					swp_entry_t entry, bool hit)
{
	if (READ_ONCE(domain->hears) & MAGE_HEARS_PREFETCH)
		__mage_policy_prefetch(domain, vmf, entry, hit);
}

int mage_prefetch_address(struct mage_fault *fault, u64 address);
int mage_prefetch_slot(struct mage_fault *fault, u32 slot);
int mage_fault_look(struct mage_fault *fault, u64 address);
int mage_fault_name(struct mage_fault *fault, char *name, u32 name__sz);

#endif /* _MM_MAGE_PREFETCH_H */
