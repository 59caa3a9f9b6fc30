// SPDX-License-Identifier: GPL-2.0-only
/*
 * Pages that go in bulk, not by eviction, while evictors choose among them.
 *
 *	exiting CGROUP KIB exit ROUNDS PROCESSES
 *		so many processes at a time use so much memory each, and end all at once as
 *		soon as one of them is done; again and again
 *	exiting CGROUP KIB drop [ROUNDS]
 *		one process uses its memory and gives it back in one go, so often or until
 *		SIGTERM
 *	exiting CGROUP KIB stay
 *		one process uses its memory until SIGTERM
 *
 * In the first two the process that does it has some more memory, which stays.  All are in the
 * cgroup.  Every page holds numbers that tell its address, its process and how often it was
 * written, and is verified whenever it is read.
 *
 * Exit status: 0 all right; 1 a byte was wrong; 2 it could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define KEPT_PAGES 128ul

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1,
	EXIT_SETUP = 2
};

struct region {
	uint64_t *memory;
	size_t pages;
	uint64_t version;
};

static volatile sig_atomic_t over;

/* Whether a byte was wrong somewhere: the process that found it may be killed. */
static atomic_bool *wrong;

_Noreturn static void setup_failed(const char *what)
{
	fprintf(stderr, "exiting: %s: %s\n", what, strerror(errno));
	exit(EXIT_SETUP);
}

static void on_term(int signal)
{
	(void)signal;
	over = true;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static size_t below(size_t bound)
{
	static uint64_t state;

	state += 0x9e3779b97f4a7c15ull;
	return mix(state + (uint64_t)getpid()) % bound;
}

static void region_make(struct region *region, size_t pages)
{
	region->pages = pages;
	region->memory = mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (region->memory == MAP_FAILED || madvise(region->memory, pages * PAGE, MADV_NOHUGEPAGE))
		setup_failed("memory");
}

/* The first of a page's numbers; the others follow. */
static uint64_t content(const struct region *region, const uint64_t *page)
{
	return mix((uint64_t)(uintptr_t)page + ((uint64_t)getpid() << 48) + region->version);
}

static void fill(struct region *region, size_t pages)
{
	region->version++;
	for (size_t at = 0; at < pages; at++) {
		uint64_t *page = region->memory + at * WORDS, first = content(region, page);

		for (size_t i = 0; i < WORDS; i++)
			page[i] = first + i;
	}
}

static void verify(const struct region *region, size_t pages)
{
	for (size_t at = 0; at < pages; at++) {
		const uint64_t *page = region->memory + at * WORDS;
		uint64_t first = content(region, page);

		for (size_t i = 0; i < WORDS; i++) {
			if (page[i] == first + i)
				continue;
			*wrong = true;
			fprintf(stderr,
				"exiting: page %zu, word %zu is %" PRIx64 " and not %" PRIx64 "\n",
				at, i, page[i], first + i);
			exit(EXIT_WRONG);
		}
	}
}

/*
 * In order, so that what is to be evicted next is also what is freed next.  Every other time the
 * pages are read too, and have far copies then.
 */
static void use(struct region *region, unsigned long round)
{
	size_t pages = region->pages - below(region->pages / 8);

	fill(region, pages);
	if (round % 2)
		verify(region, pages);
}

static void enter(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		setup_failed(path);
	close(fd);
}

/* One of a group that ends with the first of it that is done: the others are not ready for it. */
_Noreturn static void process(struct region *region, pid_t group, unsigned long round)
{
	if (setpgid(0, group))
		setup_failed("setpgid");
	use(region, round);
	kill(0, SIGKILL);
	_exit(EXIT_SETUP);
}

static void processes(struct region *region, unsigned long nr, unsigned long round)
{
	pid_t group = 0;
	int status;

	for (unsigned long i = 0; i < nr; i++) {
		pid_t child = fork();

		if (child < 0)
			setup_failed("fork");
		if (!child)
			process(region, group, round);
		if (!group)
			group = child;
		/* Both see to it: neither knows which of them comes first. */
		setpgid(child, group);
	}
	while (wait(&status) > 0)
		if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL)
			exit(WIFEXITED(status) ? WEXITSTATUS(status) : EXIT_SETUP);
}

/* Rounds with processes that end, or, with none, within this process. */
static void rounds(struct region *region, unsigned long nr, unsigned long nr_processes)
{
	struct region kept = {};

	region_make(&kept, KEPT_PAGES);
	if (madvise(kept.memory, KEPT_PAGES * PAGE, MADV_DONTFORK))
		setup_failed("MADV_DONTFORK");
	fill(&kept, KEPT_PAGES);
	for (unsigned long round = 0; !over && !*wrong && (!nr || round < nr); round++) {
		if (nr_processes)
			processes(region, nr_processes, round);
		else
			use(region, round);
		if (madvise(region->memory, region->pages * PAGE, MADV_DONTNEED))
			setup_failed("MADV_DONTNEED");
		verify(&kept, KEPT_PAGES);
		fill(&kept, KEPT_PAGES);
	}
}

static void stay(struct region *region)
{
	for (unsigned long round = 1; !over; round++)
		use(region, round);
}

int main(int argc, char **argv)
{
	unsigned long nr = argc > 4 ? strtoul(argv[4], NULL, 10) : 0;
	unsigned long nr_processes = argc > 5 ? strtoul(argv[5], NULL, 10) : 0;
	const struct sigaction term = { .sa_handler = on_term };
	struct region region = {};

	if (argc < 4) {
		fprintf(stderr,
			"usage: exiting CGROUP KIB exit ROUNDS PROCESSES | drop [ROUNDS] | stay\n");
		return EXIT_SETUP;
	}
	wrong = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (wrong == MAP_FAILED || sigaction(SIGTERM, &term, NULL))
		setup_failed("cannot start");
	*wrong = false;
	region_make(&region, strtoul(argv[2], NULL, 10) * 1024 / PAGE);
	enter(argv[1]);

	if (!strcmp(argv[3], "exit") && nr && nr_processes) {
		rounds(&region, nr, nr_processes);
	} else if (!strcmp(argv[3], "drop")) {
		rounds(&region, nr, 0);
	} else if (!strcmp(argv[3], "stay")) {
		stay(&region);
	} else {
		errno = EINVAL;
		setup_failed(argv[3]);
	}
	return *wrong ? EXIT_WRONG : EXIT_RIGHT;
}
