/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The simulated kernel: one address space of so many pages, in one domain under one policy, one
 * shard, one evictor whose batches take no time.  References come one by one.
 */
#ifndef SIM_MACHINE_H
#define SIM_MACHINE_H

#include "vmlinux.h"

/* Of pages that are mapped side by side. */
#define MACHINE_ADDRESS 0x100000000ULL

/* Of the one process that there is. */
#define MACHINE_PROCESS 1

struct machine_setup {
	u32 pages;
	u32 frames; /* pages that may be local once evictors have done their work */
	u32 batch; /* victims in a batch; 0 for what the policy asks for */
	u32 tick; /* references from one tick to the next */
	u64 seed;
};

struct machine_counts {
	u64 references;
	u64 first_touches;
	u64 faults; /* references that had to wait for far memory */
	u64 evictions;
	u64 writes; /* of these, pages that had no valid far copy */
	u64 cleaned; /* pages that were written and stayed */
	u64 spared;
	u64 prefetched;
	u64 prefetch_hits;
	u64 prefetch_waste;
	u64 refaults;
	u64 refault_distance;
};

/* NULL without memory, or if the policy's init refused. */
struct mage_domain *machine_new(const struct mage_ops *policy, const struct machine_setup *setup);
void machine_free(struct mage_domain *domain);

/* False once the policy has broken a rule, and machine_broken() then says which. */
bool machine_reference(struct mage_domain *domain, u32 page, bool write);
const char *machine_broken(const struct mage_domain *domain);

const struct machine_counts *machine_counts(const struct mage_domain *domain);

/* Is told of each page that is evicted. */
void machine_watch(struct mage_domain *domain, void (*evicted)(void *context, u32 page),
		   void *context);

#endif
