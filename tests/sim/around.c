// SPDX-License-Identifier: GPL-2.0-only
/* Looks at the neighbours of a page that was used, as mm/mage/around.c. */
#include <assert.h>

#include "internal.h"

/* Pages that a page table maps; the first begins where the area does. */
#define TABLE 512U

/* Entries that count as one frame. */
#define ENTRIES 8

static_assert(MACHINE_ADDRESS % (TABLE << PAGE_BITS) == 0, "see above");

u32 around_list(u64 to, u32 list)
{
	return (u32)(to >> (4 * list)) & 15;
}

static bool may_move(const struct around *around, const struct mage_frame *frame)
{
	return frame->state == FRAME_LISTED &&
	       around_list(around->to, frame->list) != frame->list &&
	       !(around->again && frame->prefetched);
}

static bool look_at(const struct around *around, struct mage_frame *frame)
{
	struct mage_domain *domain = around->batch->domain;
	u32 list = frame->list;

	if (!may_move(around, frame) || !frame_accessed(domain, frame))
		return false;
	if (around->left && *around->left && list == around->walked)
		--*around->left;
	frame_move(domain, frame, around_list(around->to, list), around->tail);
	return true;
}

static u32 least(u32 a, u32 b)
{
	return a < b ? a : b;
}

/* The first page that the page table of a page maps, and how many there are of the area. */
static u32 mapped_with(const struct mage_domain *domain, u32 page, u32 *nr)
{
	u32 first = page - page % TABLE;

	*nr = least(TABLE, domain->setup.pages - first);
	return first;
}

u32 around_look(const struct around *around, const struct mage_frame *frame)
{
	struct mage_batch *batch = around->batch;
	struct mage_domain *domain = batch->domain;
	u32 page = frame->page, mapped, first = mapped_with(domain, page, &mapped);
	u32 nr = least(least(MAGE_AROUND_MAX, mapped), ENTRIES * batch->walk_budget + 1);
	u32 here = page - first, from = here > nr / 2 ? here - nr / 2 : 0;
	u32 before = batch->walk_budget;

	if (page >= batch->around_from && page < batch->around_to)
		return 0;
	from = first + least(from, mapped - nr);
	batch->around_from = from;
	batch->around_to = from + nr;
	batch->walk_budget -= (nr - 1 + ENTRIES - 1) / ENTRIES;
	for (u32 i = from; i < from + nr && batch->walk_budget; i++)
		if (domain->entries[i].frame != NO_FRAME)
			batch->walk_budget -=
				look_at(around, &domain->frames[domain->entries[i].frame]);
	return before - batch->walk_budget;
}
