// SPDX-License-Identifier: GPL-2.0-only
/* Huge pages, same-page merging, compaction: folios that change their size or their place. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.h"
#include "report.h"

#define KSM_PAGES 32u

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* newer than the C library */
#endif

/* Something that works on a part of a huge page, so that it must be split. */
static void cut(struct actor *a, const struct slice *s)
{
	uint32_t at = s->first + rng_below(&a->rng, s->count - 64);
	void *home = region_page(at);

	switch (rng_below(&a->rng, 3)) {
	case 0:
		madvise(home, 64 * PAGE_BYTES, MADV_PAGEOUT);
		break;
	case 1:
		if (!mprotect(home, 64 * PAGE_BYTES, PROT_READ) &&
		    mprotect(home, 64 * PAGE_BYTES, PROT_READ | PROT_WRITE))
			die_errno("mprotect back");
		break;
	}
}

/* Half of the huge pages stay so for a while, for the other operations to meet. */
static void maybe_small_again(struct actor *a, const struct slice *s)
{
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s->first), slice_bytes(s), MADV_NOHUGEPAGE);
}

int op_thp(struct actor *a)
{
	struct slice s = slice_pick_huge(a);
	void *home = region_page(s.first);
	int error = 0;

	slice_lock(&s, true);
	/* Other operations cut the mapping up; a huge page needs one mapping that spans it. */
	if (munmap(home, slice_bytes(&s))) {
		error = refused("munmap");
		goto out;
	}
	slice_map_again(&s);
	if (madvise(home, slice_bytes(&s), MADV_HUGEPAGE)) {
		error = errno == EINVAL ? EINVAL : refused("MADV_HUGEPAGE");
		goto out;
	}
	slice_rewrite(a, &s);
	cut(a, &s);
	slice_verify(a, &s);
	maybe_small_again(a, &s);
out:
	slice_unlock(&s);
	return error;
}

int op_collapse(struct actor *a)
{
	struct slice s = slice_pick_huge(a);
	int error = 0;

	slice_lock(&s, true);
	/* One mapping must span it: undo what op_ksm and op_thp advised for parts of it. */
	madvise(region_page(s.first), slice_bytes(&s), MADV_UNMERGEABLE);
	madvise(region_page(s.first), slice_bytes(&s), MADV_HUGEPAGE);
	if (madvise(region_page(s.first), slice_bytes(&s), MADV_COLLAPSE))
		error = errno == EINVAL ? EINVAL : refused("MADV_COLLAPSE");
	if (!error)
		cut(a, &s);
	slice_verify(a, &s);
	maybe_small_again(a, &s);
	slice_unlock(&s);
	return error;
}

/* Pages with the same bytes stay mergeable until they are written by whoever meets them. */
int op_ksm(struct actor *a)
{
	struct slice s = slice_pick(a, KSM_PAGES);
	void *home = region_page(s.first);
	int error = 0;

	slice_lock(&s, true);
	if (madvise(home, slice_bytes(&s), MADV_MERGEABLE)) {
		error = errno == EINVAL ? EINVAL : refused("MADV_MERGEABLE");
		goto out;
	}
	for (uint32_t i = s.first; i < s.first + s.count; i++)
		page_write_pattern(a, i);
	slice_verify(a, &s);
	if (rng_below(&a->rng, 4) == 0 && madvise(home, slice_bytes(&s), MADV_UNMERGEABLE))
		error = refused("MADV_UNMERGEABLE");
out:
	slice_unlock(&s);
	return error;
}

int op_compact(struct actor *a)
{
	int fd = open("/proc/sys/vm/compact_memory", O_WRONLY | O_CLOEXEC);
	int error = 0;

	(void)a;
	if (fd < 0)
		return errno == ENOENT ? ENOENT : refused("/proc/sys/vm/compact_memory");
	if (write(fd, "1", 1) != 1)
		error = refused("/proc/sys/vm/compact_memory");
	close(fd);
	return error;
}
