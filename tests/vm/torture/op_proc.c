// SPDX-License-Identifier: GPL-2.0-only
/* /proc/self: pagemap, smaps and friends, clear_refs. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ops.h"
#include "pagemap.h"
#include "report.h"

#define SLICE_PAGES 256u
#define DIRTY_PAGES 64u

static int pagemap = -1;
static bool soft_dirty_works;
/* Two clearings at once would each hide what the other looks for. */
static pthread_mutex_t clearing = PTHREAD_MUTEX_INITIALIZER;

static uint64_t pagemap_at(const void *address)
{
	off_t offset = (off_t)((uintptr_t)address / PAGE_BYTES * sizeof(uint64_t));
	uint64_t word;

	if (pread(pagemap, &word, sizeof(word), offset) != sizeof(word))
		die_errno("/proc/self/pagemap");
	return word;
}

uint64_t pagemap_read(uint32_t index)
{
	return pagemap_at(region_page(index));
}

void proc_open(void)
{
	static char probe[PAGE_BYTES] __attribute__((aligned(PAGE_BYTES)));

	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		bad_setup("/proc/self/pagemap: %s", strerror(errno));
	*(volatile char *)probe = 1;
	/* A page just written is soft-dirty, unless the kernel was built without it. */
	soft_dirty_works = pagemap_at(probe) & PAGEMAP_SOFT_DIRTY;
}

/* A page that was written and not given back is in memory or in far memory, never nowhere. */
int op_pagemap(struct actor *a)
{
	struct slice s = slice_pick(a, SLICE_PAGES);

	slice_lock(&s, false);
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		uint64_t word = pagemap_read(i);

		if (page_is_kept(i) && !(word & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)))
			die("pagemap: page %u at %p is lost: neither present nor swapped (%#llx)",
			    i, (void *)region_page(i), (unsigned long long)word);
	}
	slice_unlock(&s);
	return 0;
}

static int read_through(const char *path)
{
	char buffer[16384];
	ssize_t n;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return errno == ENOENT ? 0 : refused(path);
	while ((n = read(fd, buffer, sizeof(buffer))) > 0)
		;
	if (n < 0)
		die_errno(path);
	close(fd);
	return 0;
}

int op_smaps(struct actor *a)
{
	static const char *const path[] = {
		"/proc/self/smaps", "/proc/self/smaps_rollup", "/proc/self/numa_maps",
		"/proc/self/maps",  "/proc/self/status",
	};

	return read_through(path[rng_below(&a->rng, sizeof(path) / sizeof(path[0]))]);
}

static int clear_refs(const char *what)
{
	int fd = open("/proc/self/clear_refs", O_WRONLY | O_CLOEXEC);
	int error = 0;

	if (fd < 0)
		return refused("/proc/self/clear_refs");
	if (write(fd, what, strlen(what)) < 0)
		error = refused("/proc/self/clear_refs");
	close(fd);
	return error;
}

/* What is written after the bits were cleared must be marked, wherever the page is by then. */
int op_soft_dirty(struct actor *a)
{
	struct slice s = slice_pick(a, DIRTY_PAGES);
	int error;

	/* "1" clears the accessed bits: the policy's picture of what is hot, not a byte. */
	if (rng_next(&a->rng) & 1)
		clear_refs("1");
	if (!soft_dirty_works)
		return ENOSYS;
	slice_lock(&s, true);
	pthread_mutex_lock(&clearing);
	error = clear_refs("4");
	if (error)
		goto out;
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s.first), slice_bytes(&s), MADV_PAGEOUT);
	slice_rewrite(a, &s);
	if (rng_next(&a->rng) & 1)
		madvise(region_page(s.first), slice_bytes(&s), MADV_PAGEOUT);
	for (uint32_t i = s.first; i < s.first + s.count; i++) {
		uint64_t word = pagemap_read(i);

		if (!(word & PAGEMAP_SOFT_DIRTY))
			die("soft-dirty: page %u at %p was written and is not marked (%#llx)", i,
			    (void *)region_page(i), (unsigned long long)word);
	}
	slice_verify(a, &s);
out:
	pthread_mutex_unlock(&clearing);
	slice_unlock(&s);
	return error;
}
