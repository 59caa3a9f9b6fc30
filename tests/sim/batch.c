// SPDX-License-Identifier: GPL-2.0-only
/*
 * A batch from the selection of its victims to their outcomes, as mm/mage/batch.c.  It takes no
 * time, so no victim is rescued and nothing else can become of one than to be evicted, cleaned or
 * spared.
 */
#include <errno.h>

#include "internal.h"

/* Times that a batch may be filled up after victims of it were spared. */
#define REFILLS_MAX 8U

/* Selections in a row that may pick nothing. */
#define FRUITLESS_MAX 64

bool frame_accessed(struct mage_domain *domain, struct mage_frame *frame)
{
	struct entry *entry = &domain->entries[frame->page];

	if (frame->state == FRAME_FREE || !entry->accessed)
		return false;
	entry->accessed = false;
	prefetch_used(domain, frame);
	return true;
}

void batch_push(struct mage_batch *seen, struct mage_frame *frame)
{
	struct batch *batch = (struct batch *)seen;

	batch->clean_to[seen->nr] = MAGE_LISTS;
	batch->victim[seen->nr++] = frame;
}

/* Takes the last pick of a frame back. */
void batch_drop(struct mage_batch *seen, const struct mage_frame *frame)
{
	struct batch *batch = (struct batch *)seen;

	for (u32 i = seen->nr; i-- > batch->armed;) {
		if (batch->victim[i] == frame) {
			batch->victim[i] = batch->victim[--seen->nr];
			batch->clean_to[i] = batch->clean_to[seen->nr];
			return;
		}
	}
}

static int pick(struct mage_batch *seen, struct mage_frame *frame)
{
	int err = walk_pick(seen, frame);

	if (err != -EXDEV)
		return err;
	if (frame->state == FRAME_FREE)
		return -ENOENT;
	if (frame->state == FRAME_VICTIM)
		return -EBUSY;
	frame_unlink(seen->domain, frame);
	frame->state = FRAME_VICTIM;
	batch_push(seen, frame);
	return 0;
}

int batch_take(struct mage_batch *seen, struct mage_frame *frame)
{
	int err;

	if (seen->nr >= seen->max)
		return -ENOSPC;
	err = pick(seen, frame);
	if (err == -EBUSY)
		machine_break(seen->domain, "select picked a page that is a victim already");
	return err;
}

int batch_take_to_clean(struct mage_batch *seen, struct mage_frame *frame, u32 list)
{
	struct mage_domain *domain = seen->domain;
	int err;

	if (list >= MAGE_LISTS)
		return -EINVAL;
	if (domain->cleaned < domain->clock)
		domain->cleaned = domain->clock;
	if (domain->cleaned - domain->clock >= MAGE_CLEAN_AHEAD)
		return -EDQUOT;
	err = batch_take(seen, frame);
	if (err)
		return err;
	domain->cleaned++;
	((struct batch *)seen)->clean_to[seen->nr - 1] = (u8)list;
	return 0;
}

int batch_take_list(struct mage_batch *seen, u32 list, u32 nr)
{
	u32 before = seen->nr;

	if (list >= MAGE_LISTS)
		return -EINVAL;
	if (!walk_may_begin(seen))
		return 0;
	while (nr-- && seen->walk_budget && seen->nr < seen->max && seen->domain->lists[list].nr) {
		struct mage_frame *frame = list_first(&seen->domain->lists[list]);

		/* One that a walk shows just now stays on the list. */
		while (frame && frame->state != FRAME_LISTED)
			frame = list_after(&seen->domain->lists[list], frame);
		if (!frame)
			break;
		frame_unlink(seen->domain, frame);
		frame->state = FRAME_VICTIM;
		batch_push(seen, frame);
		seen->walk_budget--;
	}
	return (int)(seen->nr - before);
}

/* A victim by its number; NULL if there are not so many. */
struct mage_frame *batch_victim(struct mage_batch *seen, u32 at)
{
	return at < seen->nr ? ((struct batch *)seen)->victim[at] : NULL;
}

/* The built-in selection: the heads of list 0, then of list 1, and so on. */
static void select_builtin(struct mage_domain *domain, struct mage_batch *seen)
{
	for (u32 list = 0; list < MAGE_LISTS; list++)
		while (seen->nr < seen->max && domain->lists[list].nr)
			batch_take(seen, list_first(&domain->lists[list]));
}

static void report(struct mage_domain *domain, struct mage_frame *frame, u32 outcome)
{
	if (domain->policy->outcome)
		domain->policy->outcome(domain, frame, outcome);
}

/* The page has a far copy that equals it.  One that had that already is not written. */
static void clean_page(struct mage_domain *domain, struct mage_frame *frame, u32 list)
{
	struct entry *entry = &domain->entries[frame->page];

	domain->counts.cleaned += entry->slot == NO_SLOT || entry->dirty;
	if (entry->slot == NO_SLOT)
		entry->slot = domain->slots_used++;
	entry->dirty = false;
	frame_link(domain, frame, list, true);
	report(domain, frame, MAGE_OUTCOME_CLEANED);
}

/* What is only cleaned leaves the batch, for the list that was named. */
static void clean_victims(struct mage_domain *domain, struct batch *batch)
{
	u32 keep = batch->armed;

	for (u32 i = keep; i < batch->seen.nr; i++) {
		if (batch->clean_to[i] < MAGE_LISTS)
			clean_page(domain, batch->victim[i], batch->clean_to[i]);
		else
			batch->victim[keep++] = batch->victim[i];
	}
	batch->seen.nr = keep;
}

static void fill(struct mage_domain *domain, struct batch *batch)
{
	batch->seen.walk_budget = MAGE_WALK_BUDGET;
	batch->seen.region_budget = MAGE_REGION_BUDGET;
	batch->seen.refusals = 0;
	batch->seen.around_from = 0;
	batch->seen.around_to = 0;
	batch->seen.begun = batch->seen.nr;
	batch->seen.walk = NULL;
	if (domain->policy->select)
		domain->policy->select(domain, &batch->seen);
	else
		select_builtin(domain, &batch->seen);
	clean_victims(domain, batch);
}

static u32 clamp(u64 value, u32 least, u32 most)
{
	if (value < least)
		return least;
	return value > most ? most : (u32)value;
}

/* How many victims the batch may have: the knob, or the policy, or the default says. */
static u32 batch_size(struct mage_domain *domain)
{
	u32 size = clamp(domain->headroom / 2, BATCH_LEAST, BATCH_DEFAULT);

	if (domain->policy->evictors)
		domain->policy->evictors(domain);
	if (domain->policy->depth)
		domain->policy->depth(domain);
	if (domain->policy->batch_size) {
		size = domain->policy->batch_size(domain, size);
		if (size < 1 || size > BATCH_MAX) {
			machine_break(domain, "batch_size answered %u; it must be 1 to %u", size,
				      BATCH_MAX);
			return 1;
		}
	}
	return domain->setup.batch ? domain->setup.batch : size;
}

/* Victims that were used leave the batch, for the tail of list 0. */
static void spare_young(struct mage_domain *domain, struct batch *batch)
{
	struct mage_frame *spared[BATCH_MAX];
	u32 keep = batch->armed, nr = 0;

	for (u32 i = batch->armed; i < batch->seen.nr; i++) {
		struct mage_frame *frame = batch->victim[i];
		bool used = frame_accessed(domain, frame);

		if (used && batch->spare_young)
			spared[nr++] = frame;
		else
			batch->victim[keep++] = frame;
	}
	for (u32 i = 0; i < nr; i++)
		frame_link(domain, spared[i], 0, true);
	for (u32 i = 0; i < nr; i++)
		report(domain, spared[i], MAGE_OUTCOME_SPARED);
	domain->counts.spared += nr;
	batch->seen.nr = keep;
	batch->armed = keep;
}

/* The page now is in far memory only. */
static void commit(struct mage_domain *domain, struct mage_frame *frame, u32 out)
{
	struct entry *entry = &domain->entries[frame->page];

	if (entry->slot == NO_SLOT) {
		entry->slot = domain->slots_used++;
		entry->dirty = true;
	}
	entry->frame = NO_FRAME;
	if (domain->policy->flags & MAGE_OPS_GHOST)
		ghost_remember(domain, frame, out);
}

static void free_victim(struct mage_domain *domain, struct mage_frame *frame)
{
	struct link *first = domain->free.next;

	frame->state = FRAME_FREE;
	domain->frames_used--;
	if (domain->policy->page_out)
		domain->policy->page_out(domain, frame, MAGE_PAGE_OUT_EVICTED);
	frame->link.next = first;
	domain->free.next = &frame->link;
}

static void evict_victims(struct mage_domain *domain, struct batch *batch)
{
	u32 nr = batch->seen.nr;

	for (u32 i = 0; i < nr; i++)
		commit(domain, batch->victim[i], i);
	domain->clock += nr;
	domain->counts.evictions += nr;
	for (u32 i = 0; i < nr; i++) {
		struct mage_frame *frame = batch->victim[i];
		struct entry *entry = &domain->entries[frame->page];

		domain->counts.writes += entry->dirty;
		domain->counts.prefetch_waste += frame->prefetched;
		report(domain, frame, entry->dirty ? MAGE_OUTCOME_EVICTED : MAGE_OUTCOME_CLEAN);
		entry->dirty = false;
		if (domain->evicted)
			domain->evicted(domain->context, frame->page);
	}
	for (u32 i = 0; i < nr; i++)
		free_victim(domain, batch->victim[i]);
}

static void evict_batch(struct mage_domain *domain)
{
	struct batch *batch = &domain->batch;
	u32 max = batch_size(domain);

	batch->seen = (struct mage_batch){ .domain = domain, .max = max };
	batch->armed = 0;
	batch->refills = 0;
	batch->spare_young = !domain->waiting && (!domain->policy->select ||
						  domain->policy->flags & MAGE_OPS_SPARE_YOUNG);
	fill(domain, batch);
	domain->waiting = !batch->seen.nr;
	domain->fruitless = batch->seen.nr ? 0 : domain->fruitless + 1;
	while (batch->seen.nr > batch->armed) {
		spare_young(domain, batch);
		if (!batch->spare_young || batch->armed >= max / 8 * 7 ||
		    batch->refills == REFILLS_MAX)
			break;
		batch->refills++;
		fill(domain, batch);
	}
	evict_victims(domain, batch);
}

void batch_evict(struct mage_domain *domain)
{
	u32 most = FRUITLESS_MAX + 2 * domain->setup.frames / MAGE_WALK_BUDGET;

	while (domain->frames_used > domain->setup.frames && !*domain->broken) {
		evict_batch(domain);
		if (domain->fruitless > most)
			machine_break(domain,
				      "select picked nothing %u times while %u pages are there",
				      most, domain->frames_used);
	}
	domain->waiting = false;
	domain->fruitless = 0;
}
