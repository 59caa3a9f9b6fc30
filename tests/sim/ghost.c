// SPDX-License-Identifier: GPL-2.0-only
/* What is remembered of pages that were evicted, by slot, as mm/mage/ghost.c. */
#include <errno.h>

#include "internal.h"

void ghost_remember(struct mage_domain *domain, const struct mage_frame *frame, u32 out)
{
	domain->ghosts[domain->entries[frame->page].slot] = (struct ghost){
		.stamp = domain->clock + out,
		.word = (u32)frame->word[1],
		.page = frame->page,
		.valid = true,
	};
}

int ghost_read(struct mage_domain *domain, u32 slot, struct mage_ghost *ghost)
{
	const struct ghost *record = slot < domain->slots_used ? &domain->ghosts[slot] : NULL;

	*ghost = (struct mage_ghost){ .distance = MAGE_NO_DISTANCE, .slot = slot };
	if (!record || !record->valid)
		return -ENOENT;
	/* The clock does not yet count the batch that is being evicted. */
	ghost->distance = domain->clock > record->stamp ? domain->clock - record->stamp : 0;
	ghost->word = record->word;
	ghost->address = MACHINE_ADDRESS + ((u64)record->page << PAGE_BITS);
	return 0;
}

void ghost_recall(struct mage_domain *domain, u32 page, u32 why, struct mage_ghost *ghost)
{
	*ghost = (struct mage_ghost){ .distance = MAGE_NO_DISTANCE };
	if (why == MAGE_PAGE_IN_NEW)
		return;
	ghost->slot = domain->entries[page].slot;
	if (!(domain->policy->flags & MAGE_OPS_GHOST) || ghost_read(domain, ghost->slot, ghost))
		return;
	domain->counts.refaults++;
	domain->counts.refault_distance += ghost->distance;
}
