// SPDX-License-Identifier: GPL-2.0-only
/*
 * What the test of the policy interface does to memory: passes over a mapping
 * in order, and the hints of madvise().  Every page carries its address and the
 * number of the pass that wrote it, and is verified whenever it is read.
 *
 *	policy_probe MIB scan PASSES [NAME] | pageout | willneed | cold | hint MAP |
 *		use PERCENT [NAME [late]]
 *
 * "scan 0" goes on until SIGTERM, and then to the end of the pass.  "hint" writes the addresses of
 * all pages into a map that is pinned, before it touches them: see hinted.bpf.c.  "use" writes all
 * pages and says so, reads a word of each of the first PERCENT of them all the time, and no other,
 * until SIGTERM.  Then it says how many of each kind are local, before it verifies all.  A name is
 * that of the mapping: "late", it gets it on SIGUSR1.
 *
 * Exit status: 0 all right; 1 a byte was wrong, or a hint had no effect; 2 it
 * could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <linux/bpf.h>

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define PRESENT (1ull << 63)
#define SWAPPED (1ull << 62)

static uint64_t *memory;
static size_t pages;
static int pagemap;

static void die(int status, const char *what)
{
	fprintf(stderr, "policy_probe: %s%s%s\n", what, errno ? ": " : "",
		errno ? strerror(errno) : "");
	exit(status);
}

static void fill(uint64_t pass)
{
	for (size_t i = 0; i < pages; i++)
		for (size_t w = 0; w < WORDS; w++)
			memory[i * WORDS + w] = (uint64_t)(uintptr_t)&memory[i * WORDS + w] ^ pass;
}

static void verify(uint64_t pass)
{
	for (size_t i = 0; i < pages; i++) {
		for (size_t w = 0; w < WORDS; w++) {
			uint64_t *word = &memory[i * WORDS + w];

			if (*word != ((uint64_t)(uintptr_t)word ^ pass)) {
				fprintf(stderr, "policy_probe: page %zu, word %zu is %#llx\n", i, w,
					(unsigned long long)*word);
				exit(1);
			}
		}
	}
}

/* Pages from @first to before @end whose entry in /proc/self/pagemap has a bit set. */
static size_t count_of(uint64_t bit, size_t first, size_t end)
{
	size_t n = 0;

	for (size_t i = first; i < end; i++) {
		off_t at = (off_t)(((uintptr_t)memory / PAGE + i) * sizeof(uint64_t));
		uint64_t entry;

		if (pread(pagemap, &entry, sizeof(entry), at) != sizeof(entry))
			die(2, "/proc/self/pagemap");
		n += !!(entry & bit);
	}
	return n;
}

static size_t count(uint64_t bit)
{
	return count_of(bit, 0, pages);
}

static void advise(int advice)
{
	if (madvise(memory, pages * PAGE, advice))
		die(1, "madvise");
}

static void page_out(void)
{
	fill(1);
	advise(MADV_PAGEOUT);
	errno = 0;
	/* A page that somebody holds at this moment may stay. */
	if (count(SWAPPED) < pages * 3 / 4)
		die(1, "MADV_PAGEOUT left most pages where they were");
}

static void will_need(void)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	size_t local = 0;

	page_out();
	/* Reading happens in the background; a hint may be dropped when much is under way. */
	for (int i = 0; i < 3000 && local < pages / 2; i++) {
		if (i % 100 == 0)
			advise(MADV_WILLNEED);
		nanosleep(&pause, NULL);
		local = count(PRESENT);
	}
	errno = 0;
	if (local < pages / 2)
		die(1, "MADV_WILLNEED brought too few pages");
	/* Of what is local the policy is told. */
	advise(MADV_WILLNEED);
	verify(1);
}

static void hint(const char *path)
{
	union bpf_attr at = { .pathname = (uintptr_t)path };
	long map = syscall(SYS_bpf, BPF_OBJ_GET, &at, sizeof(at));

	if (map < 0)
		die(2, path);
	for (size_t i = 0; i < pages; i++) {
		uint64_t address = (uintptr_t)memory + i * PAGE;
		uint8_t value = 1;
		union bpf_attr pair = { .map_fd = (uint32_t)map,
					.key = (uintptr_t)&address,
					.value = (uintptr_t)&value };

		if (syscall(SYS_bpf, BPF_MAP_UPDATE_ELEM, &pair, sizeof(pair)))
			die(1, "cannot write a hint");
	}
}

static void set_name(const char *name)
{
	if (prctl(PR_SET_VMA, PR_SET_VMA_ANON_NAME, memory, pages * PAGE, name))
		die(2, "the mapping cannot be named");
}

static volatile sig_atomic_t over, named;

static void end(int signal)
{
	(void)signal;
	over = 1;
}

static void name_it(int signal)
{
	(void)signal;
	named = 1;
}

static void use(size_t used, const char *late)
{
	const volatile uint64_t *word = memory;

	if (signal(SIGTERM, end) == SIG_ERR || signal(SIGUSR1, name_it) == SIG_ERR)
		die(2, "signal");
	fill(1);
	puts("filled");
	fflush(stdout);
	while (!over) {
		for (size_t i = 0; i < used; i++)
			if (word[i * WORDS] != ((uint64_t)(uintptr_t)&memory[i * WORDS] ^ 1))
				die(1, "a page that is used is wrong");
		if (late && named) {
			set_name(late);
			late = NULL;
			puts("named");
			fflush(stdout);
		}
	}
	printf("used: %zu of %zu local\n", count_of(PRESENT, 0, used), used);
	printf("unused: %zu of %zu local\n", count_of(PRESENT, used, pages), pages - used);
	verify(1);
	puts("verified");
}

int main(int argc, char **argv)
{
	if (argc < 3)
		die(2,
		    "usage: policy_probe MIB scan PASSES [NAME] | pageout | willneed | cold | hint MAP | use PERCENT [NAME [late]]");
	pages = strtoul(argv[1], NULL, 10) * 256;
	memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1,
		      0);
	if (memory == MAP_FAILED || madvise(memory, pages * PAGE, MADV_NOHUGEPAGE))
		die(2, "mmap");
	pagemap = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	if (pagemap < 0)
		die(2, "/proc/self/pagemap");

	if (!strcmp(argv[2], "scan")) {
		uint64_t passes = argc > 3 ? strtoul(argv[3], NULL, 10) : 1;

		if (argc > 4)
			set_name(argv[4]);
		if (!passes && signal(SIGTERM, end) == SIG_ERR)
			die(2, "signal");
		for (uint64_t pass = 1; passes ? pass <= passes : !over; pass++) {
			fill(pass);
			verify(pass);
			verify(pass);
		}
	} else if (!strcmp(argv[2], "pageout")) {
		page_out();
		verify(1);
	} else if (!strcmp(argv[2], "willneed")) {
		will_need();
	} else if (!strcmp(argv[2], "cold")) {
		fill(1);
		advise(MADV_COLD);
		verify(1);
	} else if (!strcmp(argv[2], "hint") && argc > 3) {
		hint(argv[3]);
		fill(1);
		verify(1);
	} else if (!strcmp(argv[2], "use") && argc > 3) {
		if (argc == 5)
			set_name(argv[4]);
		use(pages * strtoul(argv[3], NULL, 10) / 100, argc > 5 ? argv[4] : NULL);
	} else {
		die(2, "no such action");
	}
	return 0;
}
