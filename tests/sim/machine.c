// SPDX-License-Identifier: GPL-2.0-only
/* References, and what they make of the page table. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "internal.h"

struct mage_domain *machine_now;

void machine_break(struct mage_domain *domain, const char *format, ...)
{
	va_list args;

	/* What was wrong first counts. */
	if (*domain->broken)
		return;
	va_start(args, format);
	vsnprintf(domain->broken, sizeof(domain->broken), format, args);
	va_end(args);
}

const char *machine_broken(const struct mage_domain *domain)
{
	return *domain->broken ? domain->broken : NULL;
}

const struct machine_counts *machine_counts(const struct mage_domain *domain)
{
	return &domain->counts;
}

void machine_watch(struct mage_domain *domain, void (*evicted)(void *context, u32 page),
		   void *context)
{
	domain->evicted = evicted;
	domain->context = context;
}

u64 machine_nanoseconds(const struct mage_domain *domain)
{
	return domain->counts.references * MAGE_TICK_MS * 1000000 / domain->setup.tick;
}

u64 machine_limit(const struct mage_domain *domain)
{
	return domain->setup.frames + domain->headroom;
}

s64 machine_room(const struct mage_domain *domain)
{
	return (s64)machine_limit(domain) - domain->frames_used;
}

bool machine_page_is_far(const struct mage_domain *domain, u32 page)
{
	const struct entry *entry = &domain->entries[page];

	return entry->frame == NO_FRAME && entry->slot != NO_SLOT;
}

static void setup_frames(struct mage_domain *domain)
{
	struct link **end = &domain->free.next;

	for (u32 i = 0; i < domain->frames_nr; i++) {
		*end = &domain->frames[i].link;
		end = &domain->frames[i].link.next;
	}
	for (u32 i = 0; i < domain->setup.pages; i++)
		domain->entries[i] = (struct entry){ .frame = NO_FRAME, .slot = NO_SLOT };
}

struct mage_domain *machine_new(const struct mage_ops *policy, const struct machine_setup *setup)
{
	struct mage_domain *domain = calloc(1, sizeof(*domain));

	if (!domain)
		return NULL;
	domain->policy = policy;
	domain->setup = *setup;
	/* A batch is half of the room that is kept free, or the other way round. */
	domain->headroom = setup->batch ? 2 * setup->batch : setup->frames / 8 + 1;
	domain->next_tick = setup->tick;
	/* A page arrives, and then there is one too many. */
	domain->frames_nr = setup->frames + 1;
	domain->frames = calloc(domain->frames_nr, sizeof(*domain->frames));
	domain->entries = calloc(setup->pages, sizeof(*domain->entries));
	domain->ghosts = calloc(setup->pages, sizeof(*domain->ghosts));
	random_seed(&domain->random, setup->seed);
	lists_init(domain);
	machine_now = domain;
	if (domain->frames && domain->entries && domain->ghosts) {
		setup_frames(domain);
		if (!policy->init || !policy->init(domain))
			return domain;
	}
	machine_free(domain);
	return NULL;
}

void machine_free(struct mage_domain *domain)
{
	free(domain->frames);
	free(domain->entries);
	free(domain->ghosts);
	free(domain);
	machine_now = NULL;
}

/* Maps a page; evictors see to it that no more than so many are. */
void machine_page_in(struct mage_domain *domain, u32 page, u32 why)
{
	struct mage_frame *frame = (struct mage_frame *)domain->free.next;
	struct entry *entry = &domain->entries[page];
	struct mage_ghost ghost;

	domain->free.next = frame->link.next;
	domain->frames_used++;
	*frame = (struct mage_frame){ .page = page };
	frame_link(domain, frame, 0, true);
	entry->frame = (u32)(frame - domain->frames);
	ghost_recall(domain, page, why, &ghost);
	if (domain->policy->page_in)
		domain->policy->page_in(domain, frame, why, &ghost);
	if (why == MAGE_PAGE_IN_PREFETCH) {
		frame->prefetched = true;
		entry->accessed = false;
		domain->counts.prefetched++;
	} else {
		entry->accessed = true;
	}
	batch_evict(domain);
}

bool machine_reference(struct mage_domain *domain, u32 page, bool write)
{
	struct entry *entry = &domain->entries[page];

	domain->counts.references++;
	/* Before the page can be evicted again: what is written to is dirty. */
	entry->dirty |= write;
	if (entry->frame != NO_FRAME) {
		entry->accessed = true;
	} else if (entry->slot == NO_SLOT) {
		domain->counts.first_touches++;
		machine_page_in(domain, page, MAGE_PAGE_IN_NEW);
	} else {
		domain->counts.faults++;
		prefetch_fault(domain, page);
	}
	tick_maybe(domain);
	return !*domain->broken;
}
