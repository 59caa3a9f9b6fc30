// SPDX-License-Identifier: GPL-2.0-only
/* Regions of the address space, page by page, as mm/mage/region.c: of one area of one process. */
#include <assert.h>
#include <errno.h>
#include <string.h>

#include "internal.h"

/* As of mm/mage/region.c. */
#define PART 32
#define CALL 8U
#define ROW 16U

/* Addresses that processes have end here. */
#define ADDRESSES_END 0x7ffffffff000ULL

#define PAGES_OF_TABLE 512U

struct frames {
	struct mage_batch *batch;
	u64 at, end;
	u32 process;
	u32 left; /* entries of the row that is paid for */
};

static_assert(sizeof(struct frames) <= sizeof(struct bpf_iter_mage_region), "see mm/mage/region.c");

u32 region_budget(const struct mage_domain *domain)
{
	u32 part = domain->frames_used / PART;

	if (part > MAGE_REGION_MOST)
		return MAGE_REGION_MOST;
	return part > MAGE_REGION_BUDGET ? part : MAGE_REGION_BUDGET;
}

static void charge(struct mage_batch *batch, u32 entries)
{
	batch->region_budget -= entries < batch->region_budget ? entries : batch->region_budget;
}

static bool may_begin(struct mage_batch *batch)
{
	return batch_may_look(batch, batch->region_budget, region_budget(batch->domain),
			      "looks at regions");
}

static bool cut(u64 start, u64 end, u64 *from, u64 *to)
{
	const u64 in_page = (1ULL << PAGE_BITS) - 1;

	*to = ((end < ADDRESSES_END ? end : ADDRESSES_END) + in_page) & ~in_page;
	*from = (start < ADDRESSES_END ? start : ADDRESSES_END) & ~in_page;
	return *from < *to;
}

/* The entry of an address, or of the first one after it; NULL behind the area. */
static struct entry *find(struct mage_domain *domain, u64 *at, u64 end)
{
	u64 page;

	if (*at < MACHINE_ADDRESS)
		*at = MACHINE_ADDRESS;
	page = (*at - MACHINE_ADDRESS) >> PAGE_BITS;
	if (*at >= end || page >= domain->setup.pages) {
		*at = end;
		return NULL;
	}
	return &domain->entries[page];
}

/* The next entry, which is paid for; NULL at the end. */
static struct entry *next(struct mage_batch *batch, u64 *at, u64 end, bool first)
{
	struct entry *entry = batch->region_budget ? find(batch->domain, at, end) : NULL;

	if (!entry)
		return NULL;
	if (first || !((*at >> PAGE_BITS) % PAGES_OF_TABLE))
		charge(batch, 1);
	if (!batch->region_budget)
		return NULL;
	charge(batch, 1);
	*at += 1ULL << PAGE_BITS;
	return entry;
}

static void count(struct mage_domain *domain, const struct entry *entry, struct mage_region *seen)
{
	if (entry->frame == NO_FRAME) {
		seen->far += entry->slot != NO_SLOT;
		return;
	}
	seen->local++;
	seen->used += frame_accessed(domain, &domain->frames[entry->frame]);
}

int region_look(struct mage_batch *batch, u32 process, u64 start, u64 end, struct mage_region *seen)
{
	u32 before = batch->region_budget;
	const struct entry *entry;
	bool first = true;
	u64 at, last;

	*seen = (struct mage_region){ .next = start >> PAGE_BITS << PAGE_BITS };
	if (!cut(start, end, &at, &last))
		return -EINVAL;
	if (!may_begin(batch))
		return -ENOSPC;
	charge(batch, CALL);
	if (process == MACHINE_PROCESS) {
		while ((entry = next(batch, &at, last, first))) {
			count(batch->domain, entry, seen);
			first = false;
		}
	}
	seen->next = at;
	seen->looks = before - batch->region_budget;
	return process == MACHINE_PROCESS ? 0 : -ESRCH;
}

int region_new(struct bpf_iter_mage_region *it, struct mage_batch *batch, u32 process, u64 start,
	       u64 end)
{
	struct frames *frames = (struct frames *)it;

	memset(it, 0, sizeof(*it));
	if (!cut(start, end, &frames->at, &frames->end))
		return -EINVAL;
	if (process == MACHINE_PROCESS && may_begin(batch) && walk_may_begin(batch))
		frames->batch = batch;
	return 0;
}

struct mage_frame *region_next(struct bpf_iter_mage_region *it)
{
	struct frames *frames = (struct frames *)it;
	struct mage_batch *batch = frames->batch;
	const struct entry *entry;

	if (!batch || !batch->walk_budget || (!batch->scan && batch->nr >= batch->max))
		return NULL;
	for (;;) {
		bool first = !frames->left;

		if (first) {
			charge(batch, CALL);
			frames->left = ROW;
		}
		entry = next(batch, &frames->at, frames->end, first);
		if (!entry)
			return NULL;
		if (entry->frame == NO_FRAME ||
		    batch->domain->frames[entry->frame].state != FRAME_LISTED)
			continue;
		frames->left--;
		batch->walk_budget--;
		return &batch->domain->frames[entry->frame];
	}
}
