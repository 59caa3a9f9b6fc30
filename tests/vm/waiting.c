// SPDX-License-Identifier: GPL-2.0-only
/*
 * Processes that allocate at the limit of their cgroup while they hold what others need: a
 * transaction of a file system, or their address space.
 *
 *	waiting CGROUP touch KIB
 *		uses so much memory, all of it again and again, until SIGTERM
 *	waiting CGROUP files DIRECTORY ROUNDS
 *		creates files, writes, syncs, reads and removes them
 *	waiting CGROUP move KIB TABLES ROUNDS
 *		moves so much memory, and so many page tables with a page each, to where it needs
 *		new page tables; and unmaps every other page of some other memory
 *	waiting CGROUP fork KIB TABLES ROUNDS
 *		forks with such memory, which the child looks at and the process changes
 *	waiting CGROUP storm KIB PROCESSES ROUNDS
 *		so many processes of so much memory fork, while a thread of each uses half of it
 *
 * All are in the cgroup.  Every page holds numbers that tell which it is, and is verified whenever
 *it is read.  Printed is how long the longest step took.
 *
 * Exit status: 0 all right; 1 a byte was wrong, or an operation failed; 2 it could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096ul
#define WORDS (PAGE / sizeof(uint64_t))
#define TABLE (512 * PAGE) /* what a page table maps */
#define FILE_PAGES 16ul
#define HOLED_PAGES 1024ul

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1,
	EXIT_SETUP = 2
};

/* Pages at equal distances. */
struct area {
	char *start;
	size_t pages;
	size_t distance;
	uint64_t seed;
};

static volatile sig_atomic_t over;

/* The longest step of any process, ns. */
static _Atomic uint64_t *longest;

_Noreturn static void fail(int status, const char *what)
{
	fprintf(stderr, "waiting: %s: %s\n", what, strerror(errno));
	exit(status);
}

static void on_term(int signal)
{
	(void)signal;
	over = true;
}

static uint64_t now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

/* A step that began then is over. */
static void took(uint64_t begin)
{
	uint64_t ns = now() - begin, old = *longest;

	while (ns > old && !atomic_compare_exchange_weak(longest, &old, ns))
		;
}

static void page_fill(void *page, uint64_t seed)
{
	uint64_t *word = page;

	for (size_t i = 0; i < WORDS; i++)
		word[i] = seed * 0x9e3779b97f4a7c15ull + i;
}

static void page_verify(const void *page, uint64_t seed, const char *where)
{
	const uint64_t *word = page;

	for (size_t i = 0; i < WORDS; i++) {
		uint64_t want = seed * 0x9e3779b97f4a7c15ull + i;

		if (word[i] == want)
			continue;
		fprintf(stderr, "waiting: %s: word %zu is %" PRIx64 " and not %" PRIx64 "\n", where,
			i, word[i], want);
		exit(EXIT_WRONG);
	}
}

static void *map(size_t size)
{
	void *start = mmap(NULL, size, PROT_READ | PROT_WRITE,
			   MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (start == MAP_FAILED || madvise(start, size, MADV_NOHUGEPAGE))
		fail(EXIT_SETUP, "memory");
	return start;
}

static void *area_page(const struct area *area, size_t i)
{
	return area->start + i * area->distance;
}

static size_t area_size(const struct area *area)
{
	return area->pages * area->distance;
}

static void area_fill(struct area *area, uint64_t seed)
{
	area->seed = seed;
	for (size_t i = 0; i < area->pages; i++)
		page_fill(area_page(area, i), seed + i);
}

static void area_verify(const struct area *area, const char *where)
{
	for (size_t i = 0; i < area->pages; i++)
		page_verify(area_page(area, i), area->seed + i, where);
}

static struct area area_new(size_t pages, size_t distance, uint64_t seed)
{
	struct area area = { .pages = pages, .distance = distance };

	area.start = map(area_size(&area));
	area_fill(&area, seed);
	return area;
}

static void enter(const char *cgroup)
{
	char path[4096];
	int fd;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0 || write(fd, "0", 1) != 1)
		fail(EXIT_SETUP, path);
	close(fd);
}

static void touch(size_t pages)
{
	struct area area = area_new(pages, PAGE, 1);

	for (uint64_t round = 2; !over; round++) {
		area_verify(&area, "memory");
		area_fill(&area, round * pages);
	}
}

static void one_file(const char *path, uint64_t seed)
{
	static char buffer[FILE_PAGES * PAGE] __attribute__((aligned(4096)));
	uint64_t begin = now();
	int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

	if (fd < 0)
		fail(EXIT_WRONG, path);
	took(begin);
	for (size_t i = 0; i < FILE_PAGES; i++)
		page_fill(buffer + i * PAGE, seed + i);
	begin = now();
	if (pwrite(fd, buffer, sizeof(buffer), 0) != sizeof(buffer))
		fail(EXIT_WRONG, "write");
	took(begin);
	begin = now();
	if (fsync(fd))
		fail(EXIT_WRONG, "fsync");
	took(begin);
	posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	memset(buffer, 0, sizeof(buffer));
	begin = now();
	if (pread(fd, buffer, sizeof(buffer), 0) != sizeof(buffer))
		fail(EXIT_WRONG, "read");
	took(begin);
	for (size_t i = 0; i < FILE_PAGES; i++)
		page_verify(buffer + i * PAGE, seed + i, path);
	close(fd);
}

/* Each stays for some rounds, so that there are inodes, and pages, to be reclaimed. */
static void files(const char *directory, uint64_t rounds)
{
	const uint64_t stay = 32;
	char path[4096];

	for (uint64_t round = 0; round < rounds + stay; round++) {
		if (round < rounds) {
			snprintf(path, sizeof(path), "%s/%d.%" PRIu64, directory, (int)getpid(),
				 round);
			one_file(path, round * FILE_PAGES);
		}
		if (round >= stay) {
			uint64_t begin = now();

			snprintf(path, sizeof(path), "%s/%d.%" PRIu64, directory, (int)getpid(),
				 round - stay);
			if (unlink(path))
				fail(EXIT_WRONG, path);
			took(begin);
		}
	}
}

/* Every other page of an area goes, which leaves an area for each of the others. */
static void holes(uint64_t seed)
{
	struct area area = area_new(HOLED_PAGES, PAGE, seed);
	struct area rest = { area.start, area.pages / 2, 2 * PAGE, seed };

	for (size_t i = 0; i < rest.pages; i++)
		page_fill(area_page(&rest, i), seed + i);
	for (size_t i = 1; i < area.pages; i += 2) {
		uint64_t begin = now();

		if (munmap(area_page(&area, i), PAGE))
			fail(EXIT_WRONG, "munmap");
		took(begin);
	}
	area_verify(&rest, "what holes left");
	if (munmap(area.start, area_size(&area)))
		fail(EXIT_WRONG, "munmap");
}

/*
 * Memory in one area of the kernel's: many page tables with a page each, which is not in use, and
 * after them what is.  Where the page tables are needed again there is no other room than that.
 */
struct memory {
	char *start;
	size_t size;
	struct area tables;
	struct area used;
};

static void memory_set_start(struct memory *memory, char *start)
{
	memory->start = start;
	memory->tables.start = start;
	memory->used.start = start + area_size(&memory->tables);
}

/* What was written last stays longest. */
static void memory_fill(struct memory *memory, uint64_t seed)
{
	area_fill(&memory->tables, seed);
	area_fill(&memory->used, seed + memory->tables.pages);
}

static void memory_verify(const struct memory *memory, const char *where)
{
	area_verify(&memory->used, where);
	area_verify(&memory->tables, where);
}

static struct memory memory_new(size_t pages, size_t tables)
{
	struct memory memory = {
		.tables = { .pages = tables, .distance = TABLE },
		.used = { .pages = pages, .distance = PAGE },
	};

	memory.size = area_size(&memory.tables) + area_size(&memory.used);
	memory_set_start(&memory, map(memory.size));
	return memory;
}

static void move(size_t pages, size_t tables, uint64_t rounds)
{
	struct memory memory = memory_new(pages, tables);
	char *other = map(memory.size + 2 * TABLE);

	/* At an odd distance, so that page tables cannot be moved whole. */
	other += TABLE - (uintptr_t)other % TABLE + (uintptr_t)memory.start % TABLE + PAGE;
	for (uint64_t round = 0; round < rounds; round++) {
		char *from = memory.start;
		uint64_t begin;

		memory_fill(&memory, round * (pages + tables));
		begin = now();
		if (mremap(from, memory.size, memory.size, MREMAP_MAYMOVE | MREMAP_FIXED, other) ==
		    MAP_FAILED)
			fail(EXIT_WRONG, "mremap");
		took(begin);
		memory_set_start(&memory, other);
		other = from;
		holes(round);
		memory_verify(&memory, "what was moved");
	}
}

static pid_t fork_child(void)
{
	uint64_t begin = now();
	pid_t pid = fork();

	if (pid < 0)
		fail(EXIT_WRONG, "fork");
	if (pid)
		took(begin);
	return pid;
}

/* Waits for children; whoever was killed was not all right. */
static void end_children(size_t nr)
{
	int status;

	while (nr--) {
		if (wait(&status) < 0)
			fail(EXIT_WRONG, "wait");
		if (!WIFEXITED(status) || WEXITSTATUS(status) != EXIT_RIGHT) {
			fprintf(stderr, "waiting: a child ended with status %x\n",
				(unsigned)status);
			exit(EXIT_WRONG);
		}
	}
}

static void forks(size_t pages, size_t tables, uint64_t rounds)
{
	struct memory memory = memory_new(pages, tables);

	for (uint64_t round = 0; round < rounds; round++) {
		memory_fill(&memory, 2 * round * (pages + tables));
		if (!fork_child()) {
			memory_verify(&memory, "what a child has");
			_exit(EXIT_RIGHT);
		}
		area_fill(&memory.tables, (2 * round + 1) * (pages + tables));
		end_children(1);
		memory_verify(&memory, "what a parent has");
	}
}

/* What a thread of a process in the storm does. */
static void *storm_thread(void *arg)
{
	struct area *area = arg;

	for (uint64_t round = 1; !over; round++) {
		area_fill(area, round * area->pages);
		area_verify(area, "what a thread wrote");
	}
	return NULL;
}

_Noreturn static void storm_process(size_t pages, uint64_t rounds)
{
	struct area shared = area_new(pages / 2, PAGE, (uint64_t)getpid() << 32);
	struct area own = area_new(pages / 2, PAGE, 1);
	pthread_t thread;

	if (pthread_create(&thread, NULL, storm_thread, &own))
		fail(EXIT_SETUP, "a thread");
	for (uint64_t round = 0; round < rounds; round++) {
		if (!fork_child()) {
			area_verify(&shared, "what a child has");
			area_fill(&shared, shared.seed + 12345);
			area_verify(&shared, "what a child wrote");
			_exit(EXIT_RIGHT);
		}
		area_fill(&shared, shared.seed + round);
		end_children(1);
		area_verify(&shared, "what a parent wrote");
	}
	over = true;
	pthread_join(thread, NULL);
	exit(EXIT_RIGHT);
}

static void storm(size_t pages, size_t processes, uint64_t rounds)
{
	for (size_t i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail(EXIT_WRONG, "fork");
		if (!pid)
			storm_process(pages, rounds);
	}
	end_children(processes);
}

static uint64_t number(const char *text)
{
	return strtoull(text, NULL, 10);
}

int main(int argc, char **argv)
{
	const char *what = argc > 2 ? argv[2] : "";
	size_t pages = argc > 3 ? number(argv[3]) * 1024 / PAGE : 0;
	struct sigaction term = { .sa_handler = on_term };

	if (argc < 4)
		fail(EXIT_SETUP, "arguments");
	sigaction(SIGTERM, &term, NULL);
	longest = mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (longest == MAP_FAILED)
		fail(EXIT_SETUP, "memory");
	enter(argv[1]);
	if (!strcmp(what, "touch") && argc == 4)
		touch(pages);
	else if (!strcmp(what, "files") && argc == 5)
		files(argv[3], number(argv[4]));
	else if (!strcmp(what, "move") && argc == 6)
		move(pages, number(argv[4]), number(argv[5]));
	else if (!strcmp(what, "fork") && argc == 6)
		forks(pages, number(argv[4]), number(argv[5]));
	else if (!strcmp(what, "storm") && argc == 6)
		storm(pages, number(argv[4]), number(argv[5]));
	else
		fail(EXIT_SETUP, what);
	printf("the longest step took %" PRIu64 " ms\n", *longest / 1000000);
	return EXIT_RIGHT;
}
