// SPDX-License-Identifier: GPL-2.0-only
/*
 * Programs in cgroups of their own that share memory of which there is too little.
 *
 *	sharing MIB SEED CGROUP...
 *
 * In each cgroup a process fills so much memory.  When all have, each uses its pages in random
 * order, each as likely as any other; one in four is written.  Whenever one has used an eighth
 * as many as it has, it looks what each of the cgroups has in memory; those looks count that it
 * takes after half and before one and a half times as many.  Then it goes on until all are that
 * far, so that nobody is left with more room before he is.  Nothing is done by time.  At the end
 * the average of all looks is printed, in KiB for each cgroup.
 *
 * Every page holds numbers that tell its place, its process and how often it was written, and is
 * verified whenever it is read, and once more at the end.
 *
 * Exit status: 0 all right; 1 a byte was wrong, or a process was killed; 2 it could not start.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
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
#define MOST 16

/* Looks before which no balance is expected, and up to the last. */
#define FIRST_LOOK 4
#define LAST_LOOK 12
#define LOOK_EVERY(pages) ((pages) / 8)

enum {
	EXIT_RIGHT = 0,
	EXIT_WRONG = 1,
	EXIT_SETUP = 2
};

/* What all processes see. */
struct looks {
	atomic_ullong number;
	atomic_ullong kib[MOST];
};

/* The parent's ends are "says", from which a process is heard, and the writing one of @go. */
struct process {
	pid_t pid;
	int says;
};

static uint64_t *memory;
static size_t pages;
static uint64_t seed;
static uint32_t *versions;
static struct looks *looks;
static char **cgroups;
static volatile sig_atomic_t over;

_Noreturn static void setup_failed(const char *what)
{
	fprintf(stderr, "sharing: %s: %s\n", what, strerror(errno));
	exit(EXIT_SETUP);
}

static void on_term(int signal)
{
	(void)signal;
	over = 1;
}

static uint64_t mix(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ull;
	x = (x ^ x >> 27) * 0x94d049bb133111ebull;
	return x ^ x >> 31;
}

static uint64_t first_word(size_t page)
{
	return mix(seed << 48 ^ (uint64_t)versions[page] << 32 ^ page);
}

static void write_page(size_t page)
{
	uint64_t *words = memory + page * WORDS;
	uint64_t first;

	versions[page]++;
	first = first_word(page);
	for (size_t i = 0; i < WORDS; i++)
		words[i] = first + i;
}

static void read_page(size_t page)
{
	const uint64_t *words = memory + page * WORDS;
	uint64_t first = first_word(page);

	for (size_t i = 0; i < WORDS; i++) {
		if (words[i] == first + i)
			continue;
		printf("wrong: page %zu, word %zu: %#llx instead of %#llx\n", page, i,
		       (unsigned long long)words[i], (unsigned long long)(first + i));
		exit(EXIT_WRONG);
	}
}

static FILE *open_file(const char *cgroup, const char *name, const char *mode)
{
	char *path;
	FILE *f;

	if (asprintf(&path, "%s/%s", cgroup, name) < 0)
		setup_failed(cgroup);
	f = fopen(path, mode);
	if (!f)
		setup_failed(path);
	free(path);
	return f;
}

static void join(const char *cgroup)
{
	FILE *f = open_file(cgroup, "cgroup.procs", "w");

	if (fprintf(f, "0\n") < 0 || fclose(f))
		setup_failed(cgroup);
}

static void look(void)
{
	for (int i = 0; cgroups[i]; i++) {
		FILE *f = open_file(cgroups[i], "memory.current", "r");
		unsigned long long bytes;

		if (fscanf(f, "%llu", &bytes) != 1)
			setup_failed(cgroups[i]);
		fclose(f);
		atomic_fetch_add(&looks->kib[i], bytes / 1024);
	}
	atomic_fetch_add(&looks->number, 1);
}

static void say(int to)
{
	if (write(to, "", 1) != 1)
		setup_failed("write");
}

/* Returns at SIGTERM only. */
static void use(int says)
{
	uint64_t step = 0;

	for (unsigned int n = 1; !over; n++) {
		for (size_t i = 0; i < LOOK_EVERY(pages) && !over; i++) {
			uint64_t random = mix(seed ^ ++step * 0x9e3779b97f4a7c15ull);
			size_t page = (random >> 8) % pages;

			read_page(page);
			if (random % 4 == 0)
				write_page(page);
		}
		if (n > FIRST_LOOK && n <= LAST_LOOK)
			look();
		if (n == LAST_LOOK)
			say(says);
	}
}

static void *map(size_t bytes, int how)
{
	void *area = mmap(NULL, bytes, PROT_READ | PROT_WRITE, how | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		setup_failed("mmap");
	return area;
}

/* One of the processes: says when it is filled, waits for the end of @go, says when it is done. */
_Noreturn static void run(const char *cgroup, int go, int says)
{
	const struct sigaction term = { .sa_handler = on_term };
	char c;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	join(cgroup);
	sigaction(SIGTERM, &term, NULL);
	memory = map(pages * PAGE, MAP_PRIVATE);
	if (madvise(memory, pages * PAGE, MADV_NOHUGEPAGE))
		setup_failed("madvise");
	versions = map(pages * sizeof(*versions), MAP_PRIVATE);
	/* They are looked at for each page, and are to cost nobody a fault. */
	if (mlock(versions, pages * sizeof(*versions)))
		setup_failed("mlock");

	for (size_t page = 0; page < pages; page++)
		write_page(page);
	say(says);
	while (read(go, &c, 1) > 0)
		;
	use(says);
	for (size_t page = 0; page < pages; page++)
		read_page(page);
	exit(EXIT_RIGHT);
}

static void start(struct process *process, const char *cgroup, const int go[2])
{
	int says[2];

	if (pipe(says))
		setup_failed("pipe");
	process->pid = fork();
	if (process->pid < 0)
		setup_failed("fork");
	if (process->pid == 0) {
		close(go[1]);
		close(says[0]);
		run(cgroup, go[0], says[1]);
	}
	close(says[1]);
	process->says = says[0];
	seed++;
}

/* All have said something once more; one that has ended is found out later. */
static void hear(const struct process *processes, int number)
{
	char c;

	for (int i = 0; i < number; i++)
		if (read(processes[i].says, &c, 1) < 0)
			setup_failed("read");
}

static int end(const struct process *process)
{
	int status;

	kill(process->pid, SIGTERM);
	if (waitpid(process->pid, &status, 0) < 0)
		setup_failed("waitpid");
	if (WIFEXITED(status))
		return WEXITSTATUS(status);
	printf("killed by signal %d\n", WTERMSIG(status));
	return EXIT_WRONG;
}

int main(int argc, char **argv)
{
	struct process processes[MOST];
	int number = argc - 3, status = EXIT_RIGHT;
	int go[2];

	if (number < 1 || number > MOST) {
		fprintf(stderr, "usage: sharing MIB SEED CGROUP...\n");
		return EXIT_SETUP;
	}
	pages = (strtoul(argv[1], NULL, 10) << 20) / PAGE;
	seed = strtoull(argv[2], NULL, 10);
	cgroups = argv + 3;
	setvbuf(stdout, NULL, _IOLBF, 0);
	looks = map(sizeof(*looks), MAP_SHARED);
	if (pipe(go))
		setup_failed("pipe");
	for (int i = 0; i < number; i++)
		start(&processes[i], cgroups[i], go);
	hear(processes, number);
	close(go[1]);
	hear(processes, number);
	for (int i = 0; i < number; i++) {
		int ended = end(&processes[i]);

		status = status > ended ? status : ended;
	}
	printf("shares");
	for (int i = 0; i < number && looks->number; i++)
		printf(" %llu", looks->kib[i] / looks->number);
	printf("\n");
	return status;
}
