// SPDX-License-Identifier: GPL-2.0-only
/* Building a page from its key, and telling apart the ways in which a page can be wrong. */
#include <string.h>

#include "page.h"
#include "rng.h"

#define MAGIC 0x54524f5445474d41ull /* "AMGETORT" in a dump */
#define PATTERN 0x5a5aa5a55a5aa5a5ull

static uint64_t page_sum(const union page *p)
{
	const size_t bumps = offsetof(struct page_head, bumps) / 8;
	const size_t sum = offsetof(struct page_head, sum) / 8;
	uint64_t h = MAGIC;

	for (size_t i = 0; i < PAGE_WORDS; i++) {
		if (i == bumps || i == sum)
			continue;
		h = (h ^ p->word[i]) * 0x9fb21c651e98df25ull;
		h ^= h >> 29;
	}
	return h;
}

void page_patch(const struct page_key *key, uint32_t version, struct page_patch *patch)
{
	struct rng r;
	uint64_t bytes[2];

	rng_seed(&r, key->id ^ key->owner, ((uint64_t)version << 32) | key->index);
	patch->length = 1 + rng_below(&r, sizeof(patch->byte));
	patch->offset =
		HEAD_WORDS * 8 + rng_below(&r, PAGE_BYTES - HEAD_WORDS * 8 - patch->length + 1);
	bytes[0] = rng_next(&r);
	bytes[1] = rng_next(&r);
	memcpy(patch->byte, bytes, sizeof(patch->byte));
}

void page_build(union page *p, const struct page_key *key)
{
	uint32_t base = key->version - key->patches;
	struct page_patch patch;
	struct rng r;

	memset(&p->head, 0, sizeof(p->head));
	p->head.magic = MAGIC;
	p->head.id = key->id;
	p->head.index = key->index;
	p->head.version = key->version;
	p->head.owner = key->owner;
	p->head.patches = key->patches;
	p->head.bumps = key->bumps;

	rng_seed(&r, key->id + key->owner, ((uint64_t)base << 32) | key->index);
	for (size_t i = HEAD_WORDS; i < PAGE_WORDS; i++)
		p->word[i] = rng_next(&r);
	for (uint32_t v = base + 1; v <= key->version; v++) {
		page_patch(key, v, &patch);
		memcpy(&p->byte[patch.offset], patch.byte, patch.length);
	}
	p->head.sum = page_sum(p);
}

/* The same bytes at every index, so that same-page merging finds something to merge. */
void page_build_pattern(union page *p, uint32_t version)
{
	uint64_t word = mix64(PATTERN + (version & 1));

	for (size_t i = 0; i < PAGE_WORDS; i++)
		p->word[i] = word;
}

bool page_is_zero(const union page *p)
{
	uint64_t any = 0;

	for (size_t i = 0; i < PAGE_WORDS; i++)
		any |= p->word[i];
	return !any;
}

bool page_same(const union page *a, const union page *b, bool bumps_too)
{
	const size_t at = offsetof(struct page_head, bumps);
	const size_t after = at + sizeof(a->head.bumps);

	if (bumps_too)
		return !memcmp(a, b, PAGE_BYTES);
	return !memcmp(a, b, at) && !memcmp(&a->byte[after], &b->byte[after], PAGE_BYTES - after);
}

enum page_fault page_classify(const union page *want, const union page *got, uint32_t owner)
{
	static const union page zero;

	/* A page that was lost may have been bumped since. */
	if (want && page_same(got, &zero, false))
		return PAGE_LOST;
	if (got->head.magic == MAGIC && got->head.sum == page_sum(got)) {
		if (got->head.owner != owner)
			return PAGE_FOREIGN;
		if (!want)
			return PAGE_STALE;
		if (got->head.id != want->head.id)
			return PAGE_MISPLACED;
		if (got->head.version > want->head.version)
			return PAGE_NEWER;
		/* The same version with another count of bumps has lost one. */
		return PAGE_STALE;
	}
	return PAGE_TORN;
}

const char *page_fault_name(enum page_fault fault)
{
	static const char *const name[] = {
		[PAGE_RIGHT] = "right",
		[PAGE_LOST] = "lost (reads as zero)",
		[PAGE_STALE] = "stale (an older version)",
		[PAGE_TORN] = "torn (checksum mismatch)",
		[PAGE_FOREIGN] = "foreign (another owner)",
		[PAGE_MISPLACED] = "misplaced (the page of another address)",
		[PAGE_NEWER] = "newer than anything written",
	};

	return name[fault];
}
