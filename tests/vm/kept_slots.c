// SPDX-License-Identifier: GPL-2.0-only
/*
 * kept_slots: readahead of slots that frames keep must not bring old bytes back.
 *
 * A page that came back from far memory keeps its slot as a clean far copy.  Readahead of
 * neighbouring slots knows nothing of that, and puts what such a slot holds into the swap cache.
 * When the page is written to and goes out to the same slot again, the swap cache has the old
 * bytes, and the next fault finds them there.  This does exactly that, one step after the other:
 *
 *   1  pages are filled and go out; by the slot that each got, it is shared or kept
 *   2  a child shares the "shared" ones, whose slots therefore have two owners
 *   3  the "kept" ones are read, and keep their slots
 *   4  the "shared" ones are read in the order of their slots: readahead takes the kept slots along
 *   5  the "kept" ones are written to, go out, come back, and are compared
 *
 * Runs as root in a domain with a limit of LIMIT bytes and a policy that evicts in order of
 * arrival, on a machine where readahead goes by slots (/sys/kernel/mm/swap/vma_ra_enabled is
 * false).
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
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
#define LIMIT (16ul << 20)
#define PRESSURE (LIMIT + LIMIT / 2)
#define PRESSES 50
#define PAGES 512u

/* Of as many slots side by side as readahead takes (page-cluster 3), so many are kept. */
#define WINDOW 8u
#define KEPT_A_WINDOW 2u

/* The first windows have none: readahead has to find its stride. */
#define FIRST_WINDOWS 8u

#define PAGEMAP_SWAPPED (1ull << 62)
#define PAGEMAP_PRESENT (1ull << 63)
#define PAGEMAP_TYPE_BITS 5
#define PAGEMAP_SLOT_MASK ((1ull << 55) - 1)

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1,
	EXIT_SETUP = 2
};

struct page {
	uint64_t *words;
	uint64_t slot;
	uint64_t version;
	bool kept;
};

static struct page pages[PAGES];
static int pagemap;

_Noreturn static void setup_failed(const char *what, const char *why)
{
	fprintf(stderr, "kept_slots: %s: %s\n", what, why);
	exit(EXIT_SETUP);
}

static uint64_t word(const struct page *page, unsigned int i)
{
	return (uint64_t)(uintptr_t)&page->words[i] * 0x9e3779b97f4a7c15ull + page->version;
}

static void page_write(struct page *page)
{
	page->version++;
	for (unsigned int i = 0; i < PAGE / sizeof(uint64_t); i++)
		page->words[i] = word(page, i);
}

static bool page_is_right(const struct page *page)
{
	for (unsigned int i = 0; i < PAGE / sizeof(uint64_t); i++)
		if (page->words[i] != word(page, i))
			return false;
	return true;
}

static uint64_t page_entry(const struct page *page)
{
	uint64_t entry;
	off_t at = (off_t)((uintptr_t)page->words / PAGE * sizeof(entry));

	if (pread(pagemap, &entry, sizeof(entry), at) != sizeof(entry))
		setup_failed("/proc/self/pagemap", strerror(errno));
	return entry;
}

/* Pages with a flag in the page table; those that are kept, or all. */
static unsigned int count(uint64_t flag, bool only_kept)
{
	unsigned int nr = 0;

	for (unsigned int i = 0; i < PAGES; i++)
		if ((pages[i].kept || !only_kept) && page_entry(&pages[i]) & flag)
			nr++;
	return nr;
}

/* Other pages come until those are out that came before; then there is room again. */
static void press_out(bool only_kept)
{
	for (int i = 0; i < PRESSES && count(PAGEMAP_PRESENT, only_kept); i++) {
		char *other = mmap(NULL, PRESSURE, PROT_READ | PROT_WRITE,
				   MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

		if (other == MAP_FAILED)
			setup_failed("mmap", strerror(errno));
		for (unsigned long at = 0; at < PRESSURE; at += PAGE)
			other[at] = 1;
		munmap(other, PRESSURE);
	}
	if (count(PAGEMAP_PRESENT, only_kept))
		setup_failed("pages", "do not go out");
}

static uint64_t vmstat(const char *name)
{
	FILE *f = fopen("/proc/vmstat", "r");
	unsigned long long value;
	char key[64];

	if (!f)
		setup_failed("/proc/vmstat", strerror(errno));
	while (fscanf(f, "%63s %llu", key, &value) == 2) {
		if (!strcmp(key, name)) {
			fclose(f);
			return value;
		}
	}
	setup_failed("/proc/vmstat has no", name);
}

static int by_slot(const void *a, const void *b)
{
	const struct page *x = a, *y = b;

	return x->slot < y->slot ? -1 : x->slot > y->slot;
}

static void pages_fill(void)
{
	char *region = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
			    -1, 0);

	if (region == MAP_FAILED)
		setup_failed("mmap", strerror(errno));
	madvise(region, PAGES * PAGE, MADV_NOHUGEPAGE);
	for (unsigned int i = 0; i < PAGES; i++) {
		pages[i].words = (uint64_t *)(void *)(region + i * PAGE);
		page_write(&pages[i]);
	}
}

static void pages_sort_by_slot(void)
{
	for (unsigned int i = 0; i < PAGES; i++) {
		uint64_t entry = page_entry(&pages[i]);

		if (!(entry & PAGEMAP_SWAPPED))
			setup_failed("a page", "has no slot");
		pages[i].slot = (entry & PAGEMAP_SLOT_MASK) >> PAGEMAP_TYPE_BITS;
	}
	qsort(pages, PAGES, sizeof(pages[0]), by_slot);
}

static void pages_choose_kept(void)
{
	for (unsigned int i = FIRST_WINDOWS * WINDOW; i < PAGES; i++) {
		pages[i].kept = pages[i].slot % WINDOW >= WINDOW - KEPT_A_WINDOW;
		if (pages[i].kept && madvise(pages[i].words, PAGE, MADV_DONTFORK))
			setup_failed("MADV_DONTFORK", strerror(errno));
	}
}

/* It only has to be there: its page table is the second owner. */
static pid_t share(void)
{
	pid_t child = fork();

	if (child < 0)
		setup_failed("fork", strerror(errno));
	if (!child) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (;;)
			pause();
	}
	return child;
}

/* All of them, shared or kept: the number of those that are wrong. */
static unsigned int verify(bool kept)
{
	unsigned int wrong = 0;

	for (unsigned int i = 0; i < PAGES; i++) {
		if (pages[i].kept == kept && !page_is_right(&pages[i])) {
			fprintf(stderr, "kept_slots: the page of slot %llu is wrong\n",
				(unsigned long long)pages[i].slot);
			wrong++;
		}
	}
	return wrong;
}

int main(void)
{
	unsigned int kept = 0, wrong = 0;
	uint64_t taken;
	pid_t child;

	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		setup_failed("/proc/self/pagemap", strerror(errno));
	pages_fill();
	press_out(false);
	pages_sort_by_slot();
	pages_choose_kept();
	for (unsigned int i = 0; i < PAGES; i++)
		kept += pages[i].kept;

	child = share();
	wrong += verify(true);
	taken = vmstat("swap_ra") - vmstat("swap_ra_hit");
	wrong += verify(false);
	/* What was read ahead and not asked for since: the kept slots, as all others were. */
	taken = vmstat("swap_ra") - vmstat("swap_ra_hit") - taken;

	for (unsigned int i = 0; i < PAGES; i++)
		if (pages[i].kept)
			page_write(&pages[i]);
	press_out(true);
	wrong += verify(true);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);

	printf("%u pages kept their slots, readahead took %llu of them, %u pages were wrong\n",
	       kept, (unsigned long long)taken, wrong);
	if (wrong)
		return EXIT_WRONG;
	if (taken < kept / 2)
		setup_failed("readahead", "passed over most of the kept slots: nothing was tested");
	return EXIT_RIGHT;
}
