// SPDX-License-Identifier: GPL-2.0-only
/* Operations on the mapping itself: moving it, protecting it, taking it away, locking it. */
#define _GNU_SOURCE
#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ops.h"
#include "pagemap.h"
#include "report.h"

#define SLICE_PAGES 64u
#define LOCKED_PAGES 32u

static void maybe_pageout(struct actor *a, void *at, size_t bytes)
{
	if (rng_next(&a->rng) & 1)
		madvise(at, bytes, MADV_PAGEOUT);
}

static int move_and_back(struct actor *a, const struct slice *s)
{
	size_t bytes = slice_bytes(s);
	bool keep = rng_next(&a->rng) & 1;
	union page *home = region_page(s->first), *away = a->away;
	int flags = MREMAP_MAYMOVE | MREMAP_FIXED | (keep ? MREMAP_DONTUNMAP : 0);

	if (mremap(home, bytes, bytes, flags, away) != away)
		return errno == EFAULT ? EFAULT : refused("mremap");
	/* Where it was left, it must read as zero meanwhile. */
	if (keep && !page_is_zero(&home[rng_below(&a->rng, s->count)]))
		die("mremap: page %u and up: what was moved away is still there", s->first);
	maybe_pageout(a, away, bytes);
	for (uint32_t i = 0; i < s->count; i++)
		page_verify_at(a, s->first + i, &away[i], true);
	maybe_pageout(a, away, bytes);
	if (mremap(away, bytes, bytes, MREMAP_MAYMOVE | MREMAP_FIXED, home) != home)
		die_errno("mremap back");
	return 0;
}

int op_mremap(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES), part = s;
	int error;

	slice_lock(&s, true);
	/* Older kernels move no more than one mapping at once; a page is always within one. */
	do {
		error = move_and_back(a, &part);
		part.count /= 2;
	} while (error == EFAULT && part.count);
	if (error == EFAULT) {
		errno = error;
		die_errno("mremap of a single page");
	}
	slice_verify(a, &s);
	slice_unlock(&s);
	return error;
}

/* A page that may not be written must not take a write by another way either. */
static void must_not_write(void *at)
{
	char byte = 1;
	struct iovec local = { &byte, 1 }, remote = { at, 1 };

	if (process_vm_writev(getpid(), &local, 1, &remote, 1, 0) != -1)
		die("mprotect: a read-only page at %p was written", at);
	if (errno != EFAULT && errno != EPERM && errno != ENOSYS)
		die_errno("process_vm_writev to a read-only page");
}

int op_mprotect(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);
	size_t bytes = slice_bytes(&s);
	bool hidden = rng_next(&a->rng) & 1;
	union page *home = region_page(s.first);
	int error = 0;

	slice_lock(&s, true);
	if (mprotect(home, bytes, hidden ? PROT_NONE : PROT_READ)) {
		error = refused("mprotect");
		goto out;
	}
	maybe_pageout(a, home, bytes);
	if (!hidden) {
		slice_verify(a, &s);
		must_not_write(home);
	}
	maybe_pageout(a, home, bytes);
	if (mprotect(home, bytes, PROT_READ | PROT_WRITE))
		die_errno("mprotect back");
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		page_verify(a, i, true);
		page_patch_in_place(a, i);
	}
out:
	slice_unlock(&s);
	return error;
}

int op_munmap(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);
	int error = 0;

	slice_lock(&s, true);
	if (munmap(region_page(s.first), slice_bytes(&s))) {
		error = refused("munmap");
		goto out;
	}
	slice_map_again(&s);
	/* What is not written again here stays for a worker to find zero. */
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
 * Migration unmaps a locked page for a moment, and puts an entry of another kind than that of
 * a swap device in its place; eviction would put one of a swap device there, for good.
 */
static void must_stay(uint32_t index)
{
	for (;;) {
		uint64_t entry = pagemap_read(index);

		if (entry & PAGEMAP_PRESENT)
			return;
		if (!(entry & PAGEMAP_SWAPPED) || (entry & PAGEMAP_TYPE_MASK) < SWAP_DEVICES)
			die("mlock: page %u at %p is locked and was evicted", index,
			    (void *)region_page(index));
		sched_yield();
	}
}

int op_mlock(struct actor *a)
{
	struct slice s = slice_pick(a, LOCKED_PAGES);
	size_t bytes = slice_bytes(&s);
	union page *home = region_page(s.first);
	bool on_fault = rng_next(&a->rng) & 1;
	int error = 0;

	slice_lock(&s, true);
	if (mlock2(home, bytes, on_fault ? MLOCK_ONFAULT : 0)) {
		error = refused("mlock");
		/* It may have locked the range and failed to populate it. */
		munlock(home, bytes);
		goto out;
	}
	slice_verify(a, &s);
	slice_rewrite(a, &s);
	for (unsigned int round = 0; round < 8; round++) {
		for (uint32_t i = s.first; i < s.first + s.count; i++)
			must_stay(i);
		sched_yield();
	}
	slice_verify(a, &s);
	if (munlock(home, bytes))
		die_errno("munlock");
	slice_verify(a, &s);
out:
	slice_unlock(&s);
	return error;
}
