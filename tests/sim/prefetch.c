// SPDX-License-Identifier: GPL-2.0-only
/*
 * Prefetch, as mm/mage/prefetch.c; but what is named is there at once, while in the kernel another
 * thread reads it.
 */
#include <errno.h>

#include "internal.h"

#define PAGE_BITS 12

/* Pages that one call may name in vain after its budget is spent. */
#define REFUSALS 1024

struct call {
	struct mage_fault fault; /* first, so that what the policy has is the call */
	struct mage_domain *domain;
	u32 refusals;
	u32 page[MAGE_PREFETCH_MAX];
};

void prefetch_used(struct mage_domain *domain, struct mage_frame *frame)
{
	if (!frame->prefetched)
		return;
	frame->prefetched = false;
	domain->counts.prefetch_hits++;
}

/* The budget leaves room for the faults that come next. */
static u32 budget(const struct mage_domain *domain)
{
	s64 room = (machine_room(domain) - (s64)BATCH_LEAST) / 2;

	if (room < 0)
		return 0;
	return room < MAGE_PREFETCH_MAX ? (u32)room : MAGE_PREFETCH_MAX;
}

void prefetch_fault(struct mage_domain *domain, u32 page)
{
	struct call call = { .domain = domain };

	call.fault = (struct mage_fault){
		.address = MACHINE_ADDRESS + ((u64)page << PAGE_BITS),
		.start = MACHINE_ADDRESS,
		.end = MACHINE_ADDRESS + ((u64)domain->setup.pages << PAGE_BITS),
		.mm = 1,
		.slot = domain->entries[page].slot,
		.budget = budget(domain),
	};
	if (domain->policy->prefetch)
		domain->policy->prefetch(domain, &call.fault);
	machine_page_in(domain, page, MAGE_PAGE_IN_FAULT);
	for (u32 i = 0; i < call.fault.nr; i++)
		if (machine_page_is_far(domain, call.page[i]) &&
		    machine_room(domain) > (s64)BATCH_LEAST)
			machine_page_in(domain, call.page[i], MAGE_PAGE_IN_PREFETCH);
}

/* The page at an address, or a negative errno. */
static s64 page_at(const struct mage_fault *fault, u64 address)
{
	if (address < fault->start || address >= fault->end)
		return -EINVAL;
	return (s64)((address - fault->start) >> PAGE_BITS);
}

int prefetch_page(struct mage_fault *fault, u64 address)
{
	struct call *call = (struct call *)fault;
	s64 page = page_at(fault, address);

	if (page < 0)
		return (int)page;
	if (fault->nr >= fault->budget) {
		if (++call->refusals == REFUSALS)
			machine_break(
				call->domain,
				"prefetch named %d pages more than its budget of %u in one call",
				REFUSALS, fault->budget);
		return -ENOSPC;
	}
	if (page == page_at(fault, fault->address))
		return -EEXIST;
	for (u32 i = 0; i < fault->nr; i++)
		if (call->page[i] == page)
			return -EEXIST;
	if (call->domain->entries[page].frame != NO_FRAME)
		return -EEXIST;
	if (!machine_page_is_far(call->domain, (u32)page))
		return -ENOENT;
	call->page[fault->nr++] = (u32)page;
	return 0;
}

int prefetch_slot(struct mage_fault *fault, u32 slot)
{
	struct call *call = (struct call *)fault;
	struct mage_ghost ghost;

	if (ghost_read(call->domain, slot, &ghost) || page_at(fault, ghost.address) < 0 ||
	    !machine_page_is_far(call->domain, (u32)page_at(fault, ghost.address)))
		return -ENOENT;
	return prefetch_page(fault, ghost.address);
}

int prefetch_look(struct mage_fault *fault, u64 address)
{
	struct mage_domain *domain = ((struct call *)fault)->domain;
	s64 page = page_at(fault, address);

	if (page < 0)
		return (int)page;
	if (domain->entries[page].frame == NO_FRAME)
		return 0;
	if (!domain->entries[page].accessed)
		return 1;
	prefetch_used(domain, &domain->frames[domain->entries[page].frame]);
	return 2;
}
