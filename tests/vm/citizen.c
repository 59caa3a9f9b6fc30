// SPDX-License-Identifier: GPL-2.0-only
/*
 * Memory on which the rest of mm is to work as on any other.
 *
 *	citizen MIB
 *
 * Fills so much memory with numbers that tell the address and a version.  Then each line of
 * the standard input names something to do, with an argument perhaps; what was done is told by
 * one line on the standard output that begins with "ok" or "wrong".  All of the memory is
 * verified each time.
 *
 *	verify, write	no more than that; "write" goes on to the next version
 *	lock, unlock	mlock() and munlock()
 *	pageout		MADV_PAGEOUT; no page may be left in memory
 *	node N		move_pages() to a node; every page has to get there
 *	bind N		mbind() to a node with MPOL_MF_MOVE; every page has to be there
 *	idle		marks all pages idle and uses every other one; page_idle has to tell
 *			them apart
 *	soft		MADV_SOFT_OFFLINE of some pages, whose content moves then
 *	poison		MADV_HWPOISON of the last page, which raises SIGBUS then; it is replaced
 *	collapse	MADV_COLLAPSE of the first 2 MiB
 *	block N		says in which memory block page N is
 *
 * Exit status: 0 at the end of the input; 2 if it could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/mempolicy.h>
#include <linux/mman.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define HUGE (2ul << 20)
#define PFN_BITS 55
#define SOFT_PAGES 4

enum {
	EXIT_SETUP = 2
};

static char *memory;
static size_t pages;
static uint64_t version;
static sigjmp_buf on_sigbus;
static volatile sig_atomic_t expects_sigbus;

_Noreturn static void setup_failed(const char *what)
{
	fprintf(stderr, "citizen: %s: %s\n", what, strerror(errno));
	exit(EXIT_SETUP);
}

/* Says what went wrong, once for each command. */
__attribute__((format(printf, 1, 2))) static bool wrong(const char *format, ...)
{
	va_list args;

	printf("wrong: ");
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	printf("\n");
	return false;
}

static char *at(size_t page)
{
	return memory + page * PAGE;
}

static uint64_t expected(size_t page, size_t word)
{
	return (page * WORDS + word) * 0x9e3779b97f4a7c15ull ^ version;
}

static void write_page(size_t page)
{
	uint64_t *words = (uint64_t *)at(page);

	for (size_t i = 0; i < WORDS; i++)
		words[i] = expected(page, i);
}

static bool verify(void)
{
	for (size_t page = 0; page < pages; page++) {
		const uint64_t *words = (const uint64_t *)at(page);

		for (size_t i = 0; i < WORDS; i++)
			if (words[i] != expected(page, i))
				return wrong("page %zu, word %zu: %#llx instead of %#llx", page, i,
					     (unsigned long long)words[i],
					     (unsigned long long)expected(page, i));
	}
	return true;
}

static bool write_all(void)
{
	version++;
	for (size_t page = 0; page < pages; page++)
		write_page(page);
	return true;
}

/* Page frame number, or 0 if the page is not in memory. */
static uint64_t pfn_of(size_t page)
{
	static int fd = -1;
	uint64_t entry;

	if (fd < 0)
		fd = open("/proc/self/pagemap", O_RDONLY);
	if (pread(fd, &entry, sizeof(entry), (off_t)((uintptr_t)at(page) / PAGE * sizeof(entry))) !=
	    sizeof(entry))
		return 0;
	return entry >> 63 ? entry & ((1ull << PFN_BITS) - 1) : 0;
}

static bool lock(bool on)
{
	if ((on ? mlock : munlock)(memory, pages * PAGE))
		return wrong("%s: %s", on ? "mlock" : "munlock", strerror(errno));
	for (size_t page = 0; on && page < pages; page++)
		if (!pfn_of(page))
			return wrong("page %zu is locked and not in memory", page);
	return true;
}

static bool pageout(void)
{
	size_t left = 0;

	if (madvise(memory, pages * PAGE, MADV_PAGEOUT))
		return wrong("MADV_PAGEOUT: %s", strerror(errno));
	for (size_t page = 0; page < pages; page++)
		left += pfn_of(page) != 0;
	return !left || wrong("%zu of %zu pages are left", left, pages);
}

/* Pages that are not on a node; what is far is read first. */
static size_t strangers(int node, int *one)
{
	size_t nr = 0;

	for (size_t page = 0; page < pages; page++) {
		void *address = at(page);
		int status = -ENOENT;

		(void)*(volatile char *)address;
		if (syscall(SYS_move_pages, 0, 1ul, &address, NULL, &status, 0) || status != node) {
			*one = status;
			nr++;
		}
	}
	return nr;
}

static bool all_on(int node)
{
	int status = 0;
	size_t nr = strangers(node, &status);

	return !nr || wrong("%zu of %zu pages are not on node %d; of one it says %d", nr, pages,
			    node, status);
}

static bool move_to(int node)
{
	for (size_t page = 0; page < pages; page++) {
		void *address = at(page);
		int status;

		(void)*(volatile char *)address;
		if (syscall(SYS_move_pages, 0, 1ul, &address, &node, &status, MPOL_MF_MOVE) < 0)
			return wrong("move_pages: %s", strerror(errno));
	}
	return all_on(node);
}

static bool bind_to(int node)
{
	unsigned long mask = 1ul << node;

	if (syscall(SYS_mbind, memory, pages * PAGE, MPOL_BIND, &mask, 8 * sizeof(mask) + 1,
		    MPOL_MF_MOVE | MPOL_MF_STRICT))
		return wrong("mbind: %s", strerror(errno));
	return all_on(node);
}

/* The bits of page_idle are 64 to a word, and a page alone is set or read by its word. */
static bool idle_word(int fd, uint64_t pfn, uint64_t *word, bool set)
{
	off_t where = (off_t)(pfn / 64 * sizeof(*word));

	return (set ? pwrite(fd, word, sizeof(*word), where) :
		      pread(fd, word, sizeof(*word), where)) == sizeof(*word);
}

static bool idle(void)
{
	int fd = open("/sys/kernel/mm/page_idle/bitmap", O_RDWR);
	size_t away = 0, used = 0, unused = 0;

	if (fd < 0)
		return wrong("page_idle: %s", strerror(errno));
	for (size_t page = 0; page < pages; page++) {
		uint64_t pfn, word;

		(void)*(volatile char *)at(page);
		pfn = pfn_of(page);
		word = 1ull << pfn % 64;
		/* The bitmap has whole words only, and may end before the last page. */
		away += !pfn || !idle_word(fd, pfn, &word, true);
	}
	/* Processors keep what they have translated: this makes them forget. */
	if (mprotect(memory, pages * PAGE, PROT_READ) ||
	    mprotect(memory, pages * PAGE, PROT_READ | PROT_WRITE))
		return wrong("mprotect: %s", strerror(errno));
	for (size_t page = 0; page < pages; page += 2)
		(void)*(volatile char *)at(page);
	for (size_t page = 0; page < pages; page++) {
		uint64_t pfn = pfn_of(page), word;
		bool is_idle;

		if (!pfn || !idle_word(fd, pfn, &word, false))
			continue;
		is_idle = word >> pfn % 64 & 1;
		used += is_idle && !(page % 2);
		unused += !is_idle && page % 2;
	}
	close(fd);
	/* Some may have been paged out meanwhile, and come back without a mark. */
	return (!used && away < pages / 4 && unused <= 2 * away + pages / 64) ||
	       wrong("of %zu pages %zu were away, %zu were used and are idle, %zu are not idle",
		     pages, away, used, unused);
}

static bool soft(void)
{
	for (size_t i = 0; i < SOFT_PAGES; i++) {
		size_t page = i * pages / SOFT_PAGES;
		uint64_t before;

		(void)*(volatile char *)at(page);
		before = pfn_of(page);
		if (madvise(at(page), PAGE, MADV_SOFT_OFFLINE))
			return wrong("MADV_SOFT_OFFLINE: %s", strerror(errno));
		if (pfn_of(page) == before)
			return wrong("page %zu is where it was", page);
	}
	return true;
}

static void sigbus(int signal)
{
	(void)signal;
	/* The kernel tells of the page when it is poisoned, too. */
	if (expects_sigbus)
		siglongjmp(on_sigbus, 1);
}

static bool poison(void)
{
	char *address = at(pages - 1);

	if (madvise(address, PAGE, MADV_HWPOISON))
		return wrong("MADV_HWPOISON: %s", strerror(errno));
	if (!sigsetjmp(on_sigbus, 1)) {
		expects_sigbus = true;
		(void)*(volatile char *)address;
		expects_sigbus = false;
		return wrong("a poisoned page can be read");
	}
	expects_sigbus = false;
	if (mmap(address, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1,
		 0) != address)
		return wrong("mmap: %s", strerror(errno));
	write_page(pages - 1);
	return true;
}

static bool collapse(void)
{
	if (madvise(memory, HUGE, MADV_COLLAPSE))
		return wrong("MADV_COLLAPSE: %s", strerror(errno));
	for (size_t page = 1; page < HUGE / PAGE; page++)
		if (pfn_of(page) != pfn_of(0) + page)
			return wrong("page %zu is somewhere else", page);
	return true;
}

static bool command(const char *name, int argument)
{
	if (!strcmp(name, "verify"))
		return true;
	if (!strcmp(name, "write"))
		return write_all();
	if (!strcmp(name, "lock") || !strcmp(name, "unlock"))
		return lock(name[0] == 'l');
	if (!strcmp(name, "pageout"))
		return pageout();
	if (!strcmp(name, "node"))
		return move_to(argument);
	if (!strcmp(name, "bind"))
		return bind_to(argument);
	if (!strcmp(name, "idle"))
		return idle();
	if (!strcmp(name, "soft"))
		return soft();
	if (!strcmp(name, "poison"))
		return poison();
	if (!strcmp(name, "collapse"))
		return collapse();
	if (!strcmp(name, "block"))
		return true;
	return wrong("there is no command %s", name);
}

static unsigned long block_of(size_t page)
{
	unsigned long bytes = 0;
	FILE *file = fopen("/sys/devices/system/memory/block_size_bytes", "r");

	if (file && fscanf(file, "%lx", &bytes) != 1)
		bytes = 0;
	if (file)
		fclose(file);
	return bytes ? pfn_of(page) * PAGE / bytes : 0;
}

int main(int argc, char **argv)
{
	char line[64], name[64];

	if (argc != 2 || !strtoul(argv[1], NULL, 10)) {
		fprintf(stderr, "usage: citizen MIB\n");
		return EXIT_SETUP;
	}
	pages = (strtoul(argv[1], NULL, 10) << 20) / PAGE;
	memory = mmap(NULL, pages * PAGE + HUGE, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (memory == MAP_FAILED)
		setup_failed("mmap");
	memory += HUGE - (uintptr_t)memory % HUGE;
	if (signal(SIGBUS, sigbus) == SIG_ERR)
		setup_failed("signal");
	setvbuf(stdout, NULL, _IOLBF, 0);
	write_all();
	printf("ok: %zu pages\n", pages);
	while (fgets(line, sizeof(line), stdin)) {
		int argument = 0;

		if (sscanf(line, "%63s %d", name, &argument) < 1)
			continue;
		if (command(name, argument) && verify())
			printf("ok: %s, block %lu\n", name, block_of((size_t)argument));
	}
	return 0;
}
