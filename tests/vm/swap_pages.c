// SPDX-License-Identifier: GPL-2.0-only
/*
 * swap_pages: takes pages through what a test wants, and knows what each must hold.
 *
 *   swap_pages STEP...
 *
 *   zero:R:MIB    region R (a letter) is mapped, and each page touched with zeroes
 *   fill:R:MIB    region R is mapped, and each page filled
 *   again:R:N     every N-th page of R is filled anew
 *   free:R        R is given up by MADV_FREE
 *   pageout:R     R is sent away by MADV_PAGEOUT
 *   shuffle:R:N   N times over, each page of R is by chance filled anew, read, sent away by
 *                 MADV_PAGEOUT, or left alone
 *   drop:R        R is unmapped
 *   fork          from now on a child has all pages as they are, and does nothing
 *   reap          the child ends
 *   check:R       each page of R holds what it must; one that was given up and not filled
 *                 since may be all zeroes instead
 *   lossy:R       the same, but a page may be one that raises SIGBUS: of each it prints "lost"
 *                 and its slot.  If there is such a step what is not a region is locked
 *   wait          prints "ready", and goes on when it has read a line
 *
 * What a page is filled with tells it from others, and from what it held before; it can be
 * compressed.  Ends with 1 if a page was wrong.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define MIB_PAGES 256ul

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1,
	EXIT_SETUP = 2
};

struct region {
	uint64_t *words;
	unsigned long pages;
	uint32_t *version; /* 0 is zeroes */
	bool *given_up;
};

static struct region regions[26];
static unsigned long wrong;
static pid_t child;
static uint64_t chance = 88172645463325252ull;

_Noreturn static void setup_failed(const char *what, const char *why)
{
	fprintf(stderr, "swap_pages: %s: %s\n", what, why);
	exit(EXIT_SETUP);
}

static unsigned int roll(unsigned int sides)
{
	chance ^= chance << 13;
	chance ^= chance >> 7;
	chance ^= chance << 17;
	return (unsigned int)(chance >> 33) % sides;
}

static uint64_t *page_at(const struct region *region, unsigned long i)
{
	return region->words + i * WORDS;
}

/* Sixteen words in a row are the same. */
static uint64_t word(const uint64_t *page, uint32_t version, unsigned int i)
{
	if (!version)
		return 0;
	return ((uint64_t)(uintptr_t)page ^ (uint64_t)version << 48 ^ i / 16) | 1;
}

static void page_fill(struct region *region, unsigned long i)
{
	uint64_t *page = page_at(region, i);

	region->version[i]++;
	region->given_up[i] = false;
	for (unsigned int w = 0; w < WORDS; w++)
		page[w] = word(page, region->version[i], w);
}

static bool page_is(const uint64_t *page, uint32_t version)
{
	for (unsigned int w = 0; w < WORDS; w++)
		if (page[w] != word(page, version, w))
			return false;
	return true;
}

static void page_check(const struct region *region, unsigned long i)
{
	const uint64_t *page = page_at(region, i);
	uint64_t first = page[0], last = page[WORDS - 1];

	if (page_is(page, region->version[i]) || (region->given_up[i] && page_is(page, 0)))
		return;
	if (!wrong++)
		fprintf(stderr,
			"swap_pages: page %lu of version %u begins with %llx, ends with %llx\n", i,
			region->version[i], (unsigned long long)first, (unsigned long long)last);
}

static sigjmp_buf unreadable;

static void on_sigbus(int signal)
{
	(void)signal;
	siglongjmp(unreadable, 1);
}

/* The slot of a page that is swapped out (Documentation/admin-guide/mm/pagemap.rst). */
static unsigned long long page_slot(const uint64_t *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	uint64_t entry;

	if (fd < 0 || pread(fd, &entry, sizeof(entry),
			    (off_t)((uintptr_t)page / PAGE * sizeof(entry))) != sizeof(entry))
		setup_failed("pagemap", strerror(errno));
	close(fd);
	if (!(entry & 1ull << 62))
		setup_failed("a page raised SIGBUS", "and is not swapped out");
	return (entry & ((1ull << 55) - 1)) >> 5;
}

static void region_check_lossy(const struct region *region)
{
	const struct sigaction action = { .sa_handler = on_sigbus }, usual = { 0 };

	sigaction(SIGBUS, &action, NULL);
	for (volatile unsigned long i = 0; i < region->pages; i++) {
		if (sigsetjmp(unreadable, 1))
			printf("lost %llu\n", page_slot(page_at(region, i)));
		else
			page_check(region, i);
	}
	sigaction(SIGBUS, &usual, NULL);
}

static void page_advise(const struct region *region, unsigned long i, unsigned long nr, int advice)
{
	if (madvise(page_at(region, i), nr * PAGE, advice))
		setup_failed("madvise", strerror(errno));
}

static void region_map(struct region *region, unsigned long mib)
{
	unsigned long pages = mib * MIB_PAGES;

	if (region->words)
		setup_failed("a region", "is there already");
	region->words = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			     MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region->words == MAP_FAILED)
		setup_failed("mmap", strerror(errno));
	region->pages = pages;
	region->version = calloc(pages, sizeof(*region->version));
	region->given_up = calloc(pages, sizeof(*region->given_up));
	if (!region->version || !region->given_up)
		setup_failed("calloc", "no memory");
	if (munlock(region->words, pages * PAGE))
		setup_failed("munlock", strerror(errno));
	page_advise(region, 0, pages, MADV_NOHUGEPAGE);
}

static void region_drop(struct region *region)
{
	munmap(region->words, region->pages * PAGE);
	free(region->version);
	free(region->given_up);
	*region = (struct region){ 0 };
}

static void page_shuffle(struct region *region, unsigned long i)
{
	switch (roll(4)) {
	case 0:
		page_fill(region, i);
		break;
	case 1:
		page_check(region, i);
		break;
	case 2:
		page_advise(region, i, 1, MADV_PAGEOUT);
		break;
	}
}

static void take_step(struct region *region, const char *what, unsigned long number)
{
	unsigned long i;

	if (!strcmp(what, "zero") || !strcmp(what, "fill"))
		region_map(region, number);
	if (!region->pages)
		setup_failed(what, "there is no such region");
	if (!strcmp(what, "zero")) {
		for (i = 0; i < region->pages; i++)
			*(volatile uint64_t *)page_at(region, i) = 0;
	} else if (!strcmp(what, "fill")) {
		for (i = 0; i < region->pages; i++)
			page_fill(region, i);
	} else if (!strcmp(what, "again")) {
		for (i = 0; i < region->pages; i += number)
			page_fill(region, i);
	} else if (!strcmp(what, "free")) {
		page_advise(region, 0, region->pages, MADV_FREE);
		memset(region->given_up, true, region->pages * sizeof(*region->given_up));
	} else if (!strcmp(what, "pageout")) {
		page_advise(region, 0, region->pages, MADV_PAGEOUT);
	} else if (!strcmp(what, "shuffle")) {
		for (i = 0; i < number * region->pages; i++)
			page_shuffle(region, i % region->pages);
	} else if (!strcmp(what, "check")) {
		for (i = 0; i < region->pages; i++)
			page_check(region, i);
	} else if (!strcmp(what, "lossy")) {
		region_check_lossy(region);
	} else if (!strcmp(what, "drop")) {
		region_drop(region);
	} else {
		setup_failed(what, "what is that?");
	}
}

static void child_start(void)
{
	child = fork();
	if (child < 0)
		setup_failed("fork", strerror(errno));
	if (child)
		return;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	for (;;)
		pause();
}

static void child_end(void)
{
	if (!child || kill(child, SIGKILL) || waitpid(child, NULL, 0) != child)
		setup_failed("reap", "there is no child");
	child = 0;
}

static void wait_for_line(void)
{
	int c;

	puts("ready");
	fflush(stdout);
	do {
		c = getchar();
	} while (c != '\n' && c != EOF);
}

/* A page of its own that cannot be read would end the program. */
static void lock_for_lossy(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (strncmp(argv[i], "lossy:", strlen("lossy:")))
			continue;
		if (mlockall(MCL_CURRENT | MCL_FUTURE | MCL_ONFAULT))
			setup_failed("mlockall", strerror(errno));
		return;
	}
}

int main(int argc, char **argv)
{
	lock_for_lossy(argc, argv);
	for (int i = 1; i < argc; i++) {
		unsigned long number = 1;
		char what[16], name = 0;

		if (!strcmp(argv[i], "wait")) {
			wait_for_line();
			continue;
		}
		if (!strcmp(argv[i], "fork")) {
			child_start();
			continue;
		}
		if (!strcmp(argv[i], "reap")) {
			child_end();
			continue;
		}
		if (sscanf(argv[i], "%15[a-z]:%c:%lu", what, &name, &number) < 2 || name < 'A' ||
		    name > 'Z' || !number)
			setup_failed(argv[i], "is no step");
		take_step(&regions[name - 'A'], what, number);
	}
	printf("%lu pages were wrong\n", wrong);
	return wrong ? EXIT_WRONG : EXIT_RIGHT;
}
