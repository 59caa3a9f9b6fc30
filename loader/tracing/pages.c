// SPDX-License-Identifier: GPL-2.0-only
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tracing/pages.h"

#define LEAST_ROOM 1024
#define PAGE_BITS 12

static uint64_t page_hash(const struct trace_page *page)
{
	uint64_t hash = page->address >> PAGE_BITS ^ page->mm << 32 ^ page->mm >> 32;

	hash *= 0x9e3779b97f4a7c15ULL;
	return hash ^ hash >> 32;
}

/* The place of a page in the table, or a free one for it. */
static uint32_t *find_slot(const struct trace_pages *pages, const struct trace_page *page)
{
	size_t at = page_hash(page) & (pages->slots - 1);

	while (pages->slot[at]) {
		const struct trace_page *there = &pages->page[pages->slot[at] - 1];

		if (there->mm == page->mm && there->address == page->address)
			break;
		at = (at + 1) & (pages->slots - 1);
	}
	return &pages->slot[at];
}

/* At most half of the table is ever in use. */
static int grow(struct trace_pages *pages)
{
	uint32_t room = pages->room ? 2 * pages->room : LEAST_ROOM;
	size_t slots = 2 * (size_t)room;
	struct trace_page *page = reallocarray(pages->page, room, sizeof(*page));
	uint32_t *slot;

	if (!page)
		return -ENOMEM;
	pages->page = page;
	slot = calloc(slots, sizeof(*slot));
	if (!slot)
		return -ENOMEM;
	free(pages->slot);
	pages->slot = slot;
	pages->slots = slots;
	pages->room = room;
	for (uint32_t i = 0; i < pages->nr; i++)
		*find_slot(pages, &page[i]) = i + 1;
	return 0;
}

int trace_pages_number(struct trace_pages *pages, uint64_t mm, uint64_t address, uint32_t *number)
{
	const struct trace_page page = { mm, address >> PAGE_BITS << PAGE_BITS };
	uint32_t *slot;

	if (pages->nr == pages->room) {
		int err = pages->nr > UINT32_MAX / 2 - 1 ? -ERANGE : grow(pages);

		if (err)
			return err;
	}
	slot = find_slot(pages, &page);
	if (!*slot) {
		pages->page[pages->nr++] = page;
		*slot = pages->nr;
	}
	*number = *slot - 1;
	return 0;
}

/* A page with what it is sorted by. */
struct sorted_page {
	uint32_t space; /* of its address space, in the order of their first pages */
	uint32_t number;
	uint64_t address;
};

static int compare_pages(const void *a, const void *b)
{
	const struct sorted_page *x = a, *y = b;

	if (x->space != y->space)
		return x->space < y->space ? -1 : 1;
	return (x->address > y->address) - (x->address < y->address);
}

/* The address spaces, each as a page at 0, are few: they get numbers like pages. */
static int fill(const struct trace_pages *pages, struct sorted_page *sorted)
{
	struct trace_pages spaces = { 0 };
	int err = 0;

	for (uint32_t i = 0; i < pages->nr && !err; i++) {
		sorted[i].number = i;
		sorted[i].address = pages->page[i].address;
		err = trace_pages_number(&spaces, pages->page[i].mm, 0, &sorted[i].space);
	}
	trace_pages_free(&spaces);
	return err;
}

int trace_pages_sort(const struct trace_pages *pages, struct trace *trace)
{
	struct sorted_page *sorted = calloc((size_t)pages->nr + 1, sizeof(*sorted));
	uint32_t *rank = calloc((size_t)pages->nr + 1, sizeof(*rank));
	int err = -ENOMEM;

	if (sorted && rank)
		err = fill(pages, sorted);
	if (!err) {
		qsort(sorted, pages->nr, sizeof(*sorted), compare_pages);
		for (uint32_t i = 0; i < pages->nr; i++)
			rank[sorted[i].number] = i;
		for (size_t i = 0; i < trace->nr; i++)
			trace->reference[i].page = rank[trace->reference[i].page];
		trace->pages = pages->nr;
	}
	free(sorted);
	free(rank);
	return err;
}

void trace_pages_free(struct trace_pages *pages)
{
	free(pages->page);
	free(pages->slot);
	memset(pages, 0, sizeof(*pages));
}
