// SPDX-License-Identifier: GPL-2.0-only
/*
 * The load that the policies are loaded under.
 *
 * A page is all numbers that follow from its place and its version.  Some are rewritten at a visit,
 * and now and then an application says something about a few of them, so that hints come.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../torture/rng.h"
#include "load.h"

#define PAGE_BYTES 4096u
#define WORDS (PAGE_BYTES / sizeof(uint64_t))

/* One visit of so many is followed by a word of advice. */
#define ADVISE_EVERY 64u
#define ADVISE_PAGES 16u

/* What the process is told: a number of visits, or this. */
#define ALL 0u

static pid_t child;
static int to_child, from_child;

static uint64_t (*memory)[WORDS];
static uint32_t *version;
static uint32_t pages;
static struct rng rng;

static void fail(const char *what)
{
	fprintf(stderr, "generated: the load cannot %s: %s\n", what, strerror(errno));
	exit(2);
}

static uint64_t word(uint32_t page, uint32_t at)
{
	return mix64((uint64_t)page << 32 | version[page]) + at;
}

static void fill(uint32_t page)
{
	for (uint32_t i = 0; i < WORDS; i++)
		memory[page][i] = word(page, i);
}

static void verify(uint32_t page)
{
	for (uint32_t i = 0; i < WORDS; i++) {
		if (memory[page][i] == word(page, i))
			continue;
		fprintf(stderr,
			"generated: page %u of the load, version %u, word %u: %016" PRIx64
			" instead of %016" PRIx64 "\n",
			page, version[page], i, memory[page][i], word(page, i));
		_exit(1);
	}
}

static void advise(uint32_t page)
{
	static const int advice[] = { MADV_COLD, MADV_PAGEOUT, MADV_WILLNEED };
	uint32_t nr = pages - page < ADVISE_PAGES ? pages - page : ADVISE_PAGES;

	/* It is advice: none has to be taken. */
	madvise(memory[page], nr * PAGE_BYTES, advice[rng_below(&rng, 3)]);
}

/* Two visits of three are near the one before, for prefetchers to see something in them. */
static void visit(void)
{
	static uint32_t page;

	page = rng_below(&rng, 3) ? (page + 1) % pages : rng_below(&rng, pages);
	verify(page);
	if (rng_below(&rng, 2)) {
		version[page]++;
		fill(page);
	}
	if (!rng_below(&rng, ADVISE_EVERY))
		advise(page);
}

_Noreturn static void serve(int in, int out)
{
	uint32_t visits;

	for (uint32_t i = 0; i < pages; i++)
		fill(i);
	while (read(in, &visits, sizeof(visits)) == sizeof(visits)) {
		for (uint32_t i = 0; i < visits; i++)
			visit();
		for (uint32_t i = 0; visits == ALL && i < pages; i++)
			verify(i);
		if (write(out, &visits, sizeof(visits)) != sizeof(visits))
			break;
	}
	_exit(0);
}

static void enter(const char *cgroup)
{
	char path[4096];
	FILE *procs;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	procs = fopen(path, "w");
	if (!procs || fprintf(procs, "0\n") < 0 || fclose(procs))
		fail("enter the cgroup");
}

void load_start(const char *cgroup, uint32_t nr, uint64_t seed)
{
	int in[2], out[2];

	/* That it is no more is said by what it does not answer. */
	signal(SIGPIPE, SIG_IGN);
	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		fail("make pipes");
	child = fork();
	if (child < 0)
		fail("fork");
	if (child) {
		close(in[0]);
		close(out[1]);
		to_child = in[1];
		from_child = out[0];
		return;
	}
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	close(in[1]);
	close(out[0]);
	enter(cgroup);
	pages = nr;
	rng_seed(&rng, seed, 0);
	memory = mmap(NULL, (size_t)nr * PAGE_BYTES, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	version = calloc(nr, sizeof(*version));
	if (memory == MAP_FAILED || !version)
		fail("have memory");
	serve(in[0], out[1]);
}

static bool tell(uint32_t visits)
{
	uint32_t done;

	return write(to_child, &visits, sizeof(visits)) == sizeof(visits) &&
	       read(from_child, &done, sizeof(done)) == sizeof(done);
}

bool load_visit(uint32_t visits)
{
	return tell(visits);
}

bool load_end(void)
{
	bool verified = tell(ALL);
	int status;

	close(to_child);
	return waitpid(child, &status, 0) == child && !status && verified;
}
