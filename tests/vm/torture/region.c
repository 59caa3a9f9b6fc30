// SPDX-License-Identifier: GPL-2.0-only
/* The region, its locks, and the side table of what every page must contain. */
#define _GNU_SOURCE
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "guard.h"
#include "region.h"
#include "report.h"

/*
 * Far below where the kernel places mappings by itself: a hole that an operation makes for a
 * moment (munmap, mremap) is never filled by another thread's mmap.
 */
#define REGION_BASE ((char *)0x100000000000ull)
#define AWAY_STRIDE (4ull * HUGE_PAGES * PAGE_BYTES)

enum state {
	STATE_ZERO, /* never written, or given back */
	STATE_LIVE,
	STATE_LAZY, /* MADV_FREE: the latest version, or zero */
	STATE_PATTERN, /* the same bytes as other pages, for same-page merging */
};

/* A write that SIGBUS has cut short: each byte may be the old one or the new one. */
enum cut {
	CUT_NONE,
	CUT_REWRITE,
	CUT_PATCH,
};

struct entry {
	uint32_t version;
	uint32_t owner;
	_Atomic uint32_t bumps;
	uint8_t patches;
	uint8_t state;
	uint8_t cut; /* only the same write may follow */
};

static uint32_t pages;
static uint64_t seed_id;
static struct entry *table;
static pthread_rwlock_t *stripes;

static void *map_locked(size_t bytes)
{
	void *p = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (p == MAP_FAILED)
		bad_setup("mmap of %zu bytes: %s", bytes, strerror(errno));
	if (mlock(p, bytes))
		dprintf(STDERR_FILENO, "torture: the side table is not locked: %s\n",
			strerror(errno));
	return p;
}

/* Where the rest of the program is locked, the region is not. */
static void make_evictable(void *home, size_t bytes)
{
	if (guard_is_on() && munlock(home, bytes))
		die_errno("munlock");
}

void region_create(size_t bytes, uint64_t seed)
{
	void *p = mmap(REGION_BASE, bytes, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	uint32_t count;

	if (p != REGION_BASE)
		bad_setup("mmap of the region: %s", strerror(errno));
	make_evictable(p, bytes);
	pages = (uint32_t)(bytes / PAGE_BYTES);
	seed_id = seed;
	table = map_locked(pages * sizeof(*table));
	count = pages / STRIPE_PAGES;
	stripes = map_locked(count * sizeof(*stripes));
	for (uint32_t i = 0; i < count; i++)
		pthread_rwlock_init(&stripes[i], NULL);
	guard_create(pages);
}

uint32_t region_pages(void)
{
	return pages;
}

union page *region_page(uint32_t index)
{
	return (union page *)(REGION_BASE + (size_t)index * PAGE_BYTES);
}

long region_index(const void *address)
{
	const char *at = address;

	if (at < REGION_BASE || at >= REGION_BASE + (size_t)pages * PAGE_BYTES)
		return -1;
	return (at - REGION_BASE) / PAGE_BYTES;
}

void *region_away(unsigned int number)
{
	return REGION_BASE + (size_t)pages * PAGE_BYTES + (number + 1) * AWAY_STRIDE;
}

void actor_init(struct actor *a, unsigned int number, uint64_t seed, bool with_bounce)
{
	memset(a, 0, sizeof(*a));
	rng_seed(&a->rng, seed, number);
	a->number = number;
	a->owner = (uint32_t)getpid();
	a->doing = "starting";
	if (!with_bounce)
		return;
	a->away = region_away(number);
	a->bounce = mmap(NULL, BOUNCE_PAGES * PAGE_BYTES, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (a->bounce == MAP_FAILED)
		bad_setup("mmap: %s", strerror(errno));
}

struct slice slice_pick(struct actor *a, uint32_t max_pages)
{
	struct slice s;

	s.count = 1 + rng_below(&a->rng, max_pages);
	s.first = rng_below(&a->rng, pages - s.count + 1);
	s.exclusive = false;
	return s;
}

struct slice slice_pick_huge(struct actor *a)
{
	return (struct slice){
		.first = rng_below(&a->rng, pages / HUGE_PAGES) * HUGE_PAGES,
		.count = HUGE_PAGES,
	};
}

void slice_lock(struct slice *s, bool exclusive)
{
	uint32_t last = (s->first + s->count - 1) / STRIPE_PAGES;

	s->exclusive = exclusive;
	for (uint32_t i = s->first / STRIPE_PAGES; i <= last; i++) {
		if (exclusive)
			pthread_rwlock_wrlock(&stripes[i]);
		else
			pthread_rwlock_rdlock(&stripes[i]);
	}
}

void slice_unlock(struct slice *s)
{
	uint32_t last = (s->first + s->count - 1) / STRIPE_PAGES;

	for (uint32_t i = s->first / STRIPE_PAGES; i <= last; i++)
		pthread_rwlock_unlock(&stripes[i]);
}

size_t slice_bytes(const struct slice *s)
{
	return (size_t)s->count * PAGE_BYTES;
}

void slice_map_again(const struct slice *s)
{
	void *home = region_page(s->first);

	if (mmap(home, slice_bytes(s), PROT_READ | PROT_WRITE,
		 MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) != home)
		die_errno("mmap after munmap");
	make_evictable(home, slice_bytes(s));
	for (uint32_t i = s->first; i < s->first + s->count; i++)
		page_expect_zero(i);
}

static struct page_key entry_key(uint32_t index)
{
	const struct entry *e = &table[index];

	return (struct page_key){
		.id = mix64(seed_id ^ (uintptr_t)region_page(index)),
		.index = index,
		.version = e->version,
		.owner = e->owner,
		.patches = e->patches,
		.bumps = e->bumps,
	};
}

/* Fills @want with what the page must contain; false if it must be zero. */
static bool page_expected(uint32_t index, union page *want)
{
	struct page_key key;

	switch (table[index].state) {
	case STATE_ZERO:
		return false;
	case STATE_PATTERN:
		page_build_pattern(want, table[index].version);
		return true;
	}
	key = entry_key(index);
	page_build(want, &key);
	return true;
}

/*
 * A page after MADV_FREE may vanish while it is being read: each word is then the latest version's
 * or zero. It cannot come back, so a second look at the page itself must find nothing but zero.
 */
static bool lazy_is_right(const struct actor *a, uint32_t index, const union page *at)
{
	union page again;

	if (page_is_zero(&a->got))
		return true;
	for (size_t i = 0; i < PAGE_WORDS; i++) {
		if (a->got.word[i] && a->got.word[i] != a->want.word[i])
			return false;
	}
	if (at != region_page(index))
		return true;
	memcpy(&again, at, sizeof(again));
	return page_is_zero(&again);
}

/* The key of a page after a write that makes it as a whole, or after a patch. */
static struct page_key key_rewritten(const struct actor *a, uint32_t index)
{
	struct page_key key = entry_key(index);

	key.version++;
	key.owner = a->owner;
	key.patches = 0;
	key.bumps = 0;
	return key;
}

static struct page_key key_patched(uint32_t index)
{
	struct page_key key = entry_key(index);

	key.version++;
	key.patches++;
	return key;
}

/* @want is what the page was before the write that was cut short, NULL if it was zero. */
static bool cut_is_right(const struct actor *a, uint32_t index, const union page *want)
{
	struct page_key key = table[index].cut == CUT_PATCH ? key_patched(index) :
							      key_rewritten(a, index);
	union page image;

	page_build(&image, &key);
	for (size_t i = 0; i < PAGE_BYTES; i++) {
		if (a->got.byte[i] != image.byte[i] && a->got.byte[i] != (want ? want->byte[i] : 0))
			return false;
	}
	return true;
}

void page_verify_at(struct actor *a, uint32_t index, const union page *at, bool exclusive)
{
	bool filled = page_expected(index, &a->want);
	const struct entry *e = &table[index];

	if (!guard_copy(index, at, &a->got, at, sizeof(a->got)))
		return;
	a->verified++;
	if (filled && page_same(&a->want, &a->got, exclusive))
		return;
	if (!filled && page_is_zero(&a->got))
		return;
	if (e->state == STATE_LAZY && lazy_is_right(a, index, at))
		return;
	if (e->cut && cut_is_right(a, index, filled ? &a->want : NULL))
		return;
	die_page(&(struct page_report){
		.doing = a->doing,
		.address = region_page(index),
		.index = index,
		.owner = filled ? e->owner : a->owner,
		.want = filled ? &a->want : NULL,
		.got = &a->got,
		.again = at,
	});
}

void page_verify(struct actor *a, uint32_t index, bool exclusive)
{
	page_verify_at(a, index, region_page(index), exclusive);
}

void slice_verify(struct actor *a, const struct slice *s)
{
	for (uint32_t i = s->first; i < s->first + s->count; i++)
		page_verify(a, i, s->exclusive);
}

void page_next(struct actor *a, uint32_t index, union page *image)
{
	struct page_key key = key_rewritten(a, index);

	page_build(image, &key);
}

void page_written(struct actor *a, uint32_t index)
{
	struct entry *e = &table[index];

	e->version++;
	e->owner = a->owner;
	e->patches = 0;
	e->bumps = 0;
	e->state = STATE_LIVE;
	e->cut = CUT_NONE;
}

static bool page_store(uint32_t index, void *to, const void *from, size_t bytes)
{
	return guard_copy(index, region_page(index), to, from, bytes);
}

void page_rewrite(struct actor *a, uint32_t index)
{
	if (table[index].cut == CUT_PATCH) {
		page_patch_in_place(a, index);
		return;
	}
	page_next(a, index, &a->want);
	if (page_store(index, region_page(index), &a->want, sizeof(a->want)))
		page_written(a, index);
	else
		table[index].cut = CUT_REWRITE;
}

void slice_rewrite(struct actor *a, const struct slice *s)
{
	for (uint32_t i = s->first; i < s->first + s->count; i++)
		page_rewrite(a, i);
}

void page_patch_in_place(struct actor *a, uint32_t index)
{
	struct entry *e = &table[index];
	union page *p = region_page(index);
	struct page_patch patch;
	struct page_key key;

	if (e->state != STATE_LIVE || e->patches == MAX_PATCHES || e->owner != a->owner ||
	    e->cut == CUT_REWRITE) {
		page_rewrite(a, index);
		return;
	}
	key = key_patched(index);
	page_build(&a->want, &key);
	page_patch(&key, key.version, &patch);
	if (page_store(index, &p->byte[patch.offset], patch.byte, patch.length) &&
	    page_store(index, &p->head.version, &a->want.head.version, sizeof(p->head.version)) &&
	    page_store(index, &p->head.patches, &a->want.head.patches, sizeof(p->head.patches)) &&
	    page_store(index, &p->head.sum, &a->want.head.sum, sizeof(p->head.sum))) {
		e->version++;
		e->patches++;
		e->cut = CUT_NONE;
	} else {
		e->cut = CUT_PATCH;
	}
}

bool page_bump(uint32_t index)
{
	struct entry *e = &table[index];
	union page *p = region_page(index);

	if (e->state != STATE_LIVE || e->cut)
		return false;
	if (!guard_add_one(index, p, &p->head.bumps))
		return false;
	e->bumps++;
	return true;
}

void page_expect_zero(uint32_t index)
{
	table[index].state = STATE_ZERO;
	table[index].cut = CUT_NONE;
}

void page_expect_lazy(uint32_t index)
{
	if (table[index].state == STATE_LIVE)
		table[index].state = STATE_LAZY;
}

void page_write_pattern(struct actor *a, uint32_t index)
{
	page_build_pattern(&a->want, table[index].version + 1);
	memcpy(region_page(index), &a->want, sizeof(a->want));
	page_written(a, index);
	table[index].state = STATE_PATTERN;
}

bool page_is_kept(uint32_t index)
{
	return table[index].state == STATE_LIVE || table[index].state == STATE_PATTERN;
}

void page_break(struct actor *a, uint32_t index, enum page_fault how)
{
	union page *p = region_page(index);
	union page older;

	page_rewrite(a, index);
	memcpy(&older, p, sizeof(older));
	page_rewrite(a, index);
	switch (how) {
	case PAGE_LOST:
		memset(p, 0, sizeof(*p));
		break;
	case PAGE_TORN:
		memcpy(&p->byte[PAGE_BYTES / 2], &older.byte[PAGE_BYTES / 2], PAGE_BYTES / 2);
		break;
	case PAGE_FOREIGN: {
		struct page_key key = entry_key(index);

		key.owner++;
		page_build(p, &key);
		break;
	}
	default:
		memcpy(p, &older, sizeof(older));
	}
}
