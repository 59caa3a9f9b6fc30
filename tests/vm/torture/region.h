/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The region under test and the side table that knows what each of its pages must contain.
 *
 * A page is read under its stripe's lock held shared and written under the lock held exclusively;
 * only bumps are made shared, several at once. Operations lock whole slices. A thread holds one
 * slice at a time and locks it upwards, so nothing deadlocks.
 */
#ifndef TORTURE_REGION_H
#define TORTURE_REGION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "page.h"
#include "rng.h"

#define STRIPE_PAGES 16u
#define HUGE_PAGES 512u
#define BOUNCE_PAGES 64u

/* What one thread needs; children of a fork use the copy of the thread that forked. */
struct actor {
	struct rng rng;
	unsigned int number;
	uint32_t owner;
	const char *_Atomic doing;
	_Atomic uint64_t steps; /* so that a thread that hangs is noticed */
	_Atomic uint64_t verified;
	union page *bounce;  /* BOUNCE_PAGES pages outside of the region */
	void *away;   /* HUGE_PAGES pages of free address space, of this thread */
	union page want;
	union page got;
};

struct slice {
	uint32_t first;
	uint32_t count;
	bool exclusive;
};

void region_create(size_t bytes, uint64_t seed);
uint32_t region_pages(void);
union page *region_page(uint32_t index);
/* The page that contains @address, or -1. */
long region_index(const void *address);
/* Address space next to the region where nothing else is ever mapped. */
void *region_away(unsigned int number);

void actor_init(struct actor *a, unsigned int number, uint64_t seed, bool with_bounce);

struct slice slice_pick(struct actor *a, uint32_t max_pages);
struct slice slice_pick_huge(struct actor *a);
void slice_lock(struct slice *s, bool exclusive);
void slice_unlock(struct slice *s);
size_t slice_bytes(const struct slice *s);
/* After munmap: fresh, zero pages where the slice was. */
void slice_map_again(const struct slice *s);

/*
 * Compares the page's bytes, read at @at, with what the table expects; does not return if wrong. A
 * page that cannot be read (see guard.h) has its turn when it can.
 */
void page_verify_at(struct actor *a, uint32_t index, const union page *at, bool exclusive);
void page_verify(struct actor *a, uint32_t index, bool exclusive);
void slice_verify(struct actor *a, const struct slice *s);

/*
 * Three ways to write; what cannot be patched or bumped is rewritten or only read instead. A write
 * to a page that cannot be read may be made in part: whoever writes to it next completes it.
 */
void page_rewrite(struct actor *a, uint32_t index);
void page_patch_in_place(struct actor *a, uint32_t index);
bool page_bump(uint32_t index);
void slice_rewrite(struct actor *a, const struct slice *s);

/* Writes by other means: makes the next version's image, then notes that it was written. */
void page_next(struct actor *a, uint32_t index, union page *image);
void page_written(struct actor *a, uint32_t index);

/* The page must now read as zero. */
void page_expect_zero(uint32_t index);
/* The page may read as zero from now on, or as its latest version, until it is rewritten. */
void page_expect_lazy(uint32_t index);
void page_write_pattern(struct actor *a, uint32_t index);
/* It has been written and not given back, so the kernel must have it somewhere. */
bool page_is_kept(uint32_t index);

/* Deliberate corruption behind the table's back: see break.c. */
void page_break(struct actor *a, uint32_t index, enum page_fault how);

#endif
