// SPDX-License-Identifier: GPL-2.0-only
/*
 * Plays a page trace: the references become loads and stores of a mapping, whose every page holds
 * a number that is verified whenever it is referenced.  The last so many references are played.
 *
 *   trace_play TRACE CGROUP NUMBER
 *
 * Only the mapping is charged to the cgroup: what the program itself needs is there before it
 * enters.  Prints how many pages of the mapping were local, on average over the second half, waits
 * for the end of its input so that somebody can look at the domain, and verifies all pages.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "tracing/file.h"

#define PAGE 4096U
#define WORDS (PAGE / sizeof(uint64_t))

/* Counts of the local pages, in the second half of the references. */
#define SAMPLES 64

struct play {
	struct trace trace;
	uint64_t *mapping;
	uint32_t *version; /* by page: how often it was written to */
	uint64_t *pagemap;
	int pagemap_fd;
};

static void fail(const char *what, const char *why)
{
	fprintf(stderr, "trace_play: %s: %s\n", what, why);
	exit(1);
}

static void *memory(size_t size)
{
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);

	if (memory == MAP_FAILED)
		fail("memory", strerror(errno));
	return memory;
}

static void enter(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(path, strerror(errno));
	close(fd);
}

static uint64_t content(uint32_t page, uint32_t version)
{
	return ((uint64_t)page << 32 | version) * 0x9e3779b97f4a7c15ULL + version;
}

static void verify(const struct play *play, uint32_t page)
{
	const volatile uint64_t *word = play->mapping + page * WORDS;
	uint64_t expected = content(page, play->version[page]);

	if (word[0] == expected && word[WORDS - 1] == ~expected)
		return;
	fprintf(stderr, "trace_play: page %u: %" PRIx64 " and %" PRIx64 " instead of %" PRIx64 "\n",
		page, word[0], ~word[WORDS - 1], expected);
	exit(1);
}

static void store(struct play *play, uint32_t page)
{
	volatile uint64_t *word = play->mapping + page * WORDS;
	uint64_t value = content(page, ++play->version[page]);

	word[0] = value;
	word[WORDS - 1] = ~value;
}

/* The first reference to a page stores: a load would find the kernel's one page of zeroes. */
static void refer(struct play *play, const struct trace_reference *reference)
{
	if (play->version[reference->page])
		verify(play, reference->page);
	if (reference->write || !play->version[reference->page])
		store(play, reference->page);
}

static uint32_t count_local(const struct play *play)
{
	size_t size = play->trace.pages * sizeof(uint64_t);
	off_t at = (off_t)((uintptr_t)play->mapping / PAGE * sizeof(uint64_t));
	uint32_t local = 0;

	if (pread(play->pagemap_fd, play->pagemap, size, at) != (ssize_t)size)
		fail("/proc/self/pagemap", strerror(errno));
	for (uint32_t i = 0; i < play->trace.pages; i++)
		local += play->pagemap[i] >> 63;
	return local;
}

static void run(struct play *play, size_t nr)
{
	const struct trace_reference *last = play->trace.reference + play->trace.nr - nr;
	size_t every = nr / 2 / SAMPLES + 1;
	uint64_t local = 0, samples = 0;

	for (size_t i = 0; i < nr; i++) {
		refer(play, &last[i]);
		if (i >= nr / 2 && i % every == 0) {
			local += count_local(play);
			samples++;
		}
	}
	printf("%" PRIu64 "\n", samples ? local / samples : 0);
	fflush(stdout);
}

static void verify_all(const struct play *play)
{
	for (uint32_t page = 0; page < play->trace.pages; page++)
		if (play->version[page])
			verify(play, page);
}

int main(int argc, char **argv)
{
	struct play play = { 0 };
	size_t nr;
	int err;

	if (argc != 4) {
		fprintf(stderr, "usage: trace_play TRACE CGROUP NUMBER\n");
		return 2;
	}
	err = trace_load(&play.trace, argv[1]);
	if (err)
		fail(argv[1], strerror(-err));
	play.version = memory(play.trace.pages * sizeof(*play.version));
	play.pagemap = memory(play.trace.pages * sizeof(*play.pagemap));
	play.pagemap_fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	play.mapping = mmap(NULL, (size_t)play.trace.pages * PAGE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (play.mapping == MAP_FAILED)
		fail("the mapping", strerror(errno));
	enter(argv[2]);
	nr = strtoul(argv[3], NULL, 10);
	run(&play, nr < play.trace.nr ? nr : play.trace.nr);
	while (getchar() != EOF)
		;
	verify_all(&play);
	return 0;
}
