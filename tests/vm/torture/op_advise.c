// SPDX-License-Identifier: GPL-2.0-only
/* The madvise operations on small pages. */
#define _GNU_SOURCE
#include <errno.h>
#include <sys/mman.h>

#include "ops.h"
#include "report.h"

#define SLICE_PAGES 64u

int op_dontneed(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);
	int error = 0;

	slice_lock(&s, true);
	if (madvise(region_page(s.first), slice_bytes(&s), MADV_DONTNEED)) {
		error = refused("MADV_DONTNEED");
		goto out;
	}
	for (uint32_t i = s.first; i < s.first + s.count; i++)
		page_expect_zero(i);
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		page_verify(a, i, true);
		if (rng_below(&a->rng, 8))
			page_rewrite(a, i);
	}
out:
	slice_unlock(&s);
	return error;
}

/*
 * After MADV_FREE a page holds its latest version or reads as zero. The first store keeps
 * whichever it finds: a word is stored, and the rest of the page must still be all of one kind.
 */
static void store_after_free(struct actor *a, uint32_t index)
{
	union page *p = region_page(index);
	const size_t at = PAGE_WORDS - 1;
	uint64_t mark = rng_next(&a->rng) | 1, old;

	page_expect_lazy(index);
	old = __atomic_exchange_n(&p->word[at], mark, __ATOMIC_RELAXED);
	if (__atomic_exchange_n(&p->word[at], old, __ATOMIC_RELAXED) != mark)
		die("free: page %u at %p: a store after MADV_FREE was lost", index, (void *)p);
	page_verify(a, index, true);
	page_rewrite(a, index);
}

int op_free(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);
	int error = 0;

	slice_lock(&s, true);
	slice_verify(a, &s);
	/* The state of a page that nobody wrote since the last time says too little. */
	slice_rewrite(a, &s);
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s.first), slice_bytes(&s), MADV_PAGEOUT);
	if (madvise(region_page(s.first), slice_bytes(&s), MADV_FREE)) {
		error = refused("MADV_FREE");
		goto out;
	}
	for (uint32_t i = s.first; i < s.first + s.count; i++)
		page_expect_lazy(i);
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s.first), slice_bytes(&s), MADV_PAGEOUT);
	/* A third is read, a third is stored to, a third is left for the workers to find. */
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		switch (rng_below(&a->rng, 3)) {
		case 0:
			page_verify(a, i, true);
			break;
		case 1:
			store_after_free(a, i);
			break;
		}
	}
out:
	slice_unlock(&s);
	return error;
}

/*
 * Advice that may not change a byte: half of the time nobody is kept away from the slice. Another
 * operation may then have made a hole in it or locked it.
 */
static int advise(struct actor *a, int advice, const char *what)
{
	struct slice s = slice_pick(a, HUGE_PAGES);
	bool alone = rng_next(&a->rng) & 1;
	int error = 0;

	if (alone)
		slice_lock(&s, false);
	if (madvise(region_page(s.first), slice_bytes(&s), advice)) {
		if (!alone && (errno == EINVAL || errno == EFAULT))
			error = errno;
		else
			error = refused(what);
	}
	if (alone) {
		page_verify(a, s.first + rng_below(&a->rng, s.count), false);
		slice_unlock(&s);
	}
	return error;
}

int op_pageout(struct actor *a)
{
	return advise(a, MADV_PAGEOUT, "MADV_PAGEOUT");
}

int op_cold(struct actor *a)
{
	return advise(a, MADV_COLD, "MADV_COLD");
}

int op_willneed(struct actor *a)
{
	return advise(a, MADV_WILLNEED, "MADV_WILLNEED");
}

/* Faults pages in, to read or to write, at the same moment as the workers do. */
int op_populate(struct actor *a)
{
	if (rng_next(&a->rng) & 1)
		return advise(a, MADV_POPULATE_READ, "MADV_POPULATE_READ");
	return advise(a, MADV_POPULATE_WRITE, "MADV_POPULATE_WRITE");
}
