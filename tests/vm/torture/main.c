// SPDX-License-Identifier: GPL-2.0-only
/* torture: makes far memory prove that no byte is ever wrong. */
#define _GNU_SOURCE
#include <errno.h>
#include <getopt.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "break.h"
#include "clock.h"
#include "guard.h"
#include "kill.h"
#include "ops.h"
#include "region.h"
#include "report.h"
#include "worker.h"

#define TICK_NS 100000000l
#define HUGE_BYTES ((size_t)HUGE_PAGES * PAGE_BYTES)
#define MAX_THREADS 256u

struct options {
	size_t size;
	unsigned int threads;
	unsigned int op_threads;
	unsigned int seconds;
	uint64_t seed;
	const char *ops;
	const char *direct_file;
	bool strict;
	bool may_sigbus;
	bool kill_test;
	bool quiet;
};

static void usage(FILE *out)
{
	fprintf(out,
		"usage: torture [OPTION...]\n"
		"\n"
		"Reads and writes random pages of a private mapping, every one of which carries its\n"
		"address, version and owner, while other threads do to the mapping what programs do.\n"
		"The first wrong byte ends it.\n"
		"\n"
		"  --size BYTES        the mapping (K, M, G; a multiple of 2M; default 64M)\n"
		"  --threads N         threads that read and write (default 2)\n"
		"  --op-threads N      threads that do operations (default 2)\n"
		"  --seconds S         how long, after the mapping is filled (default 10)\n"
		"  --ops LIST          operations, with commas; all (default) or none\n"
		"  --seed X            the same decisions again (default $MAGE_TORTURE_SEED, else 1)\n"
		"  --direct-file PATH  a file or block device that is OVERWRITTEN, for O_DIRECT\n"
		"  --strict            operations with * but collapse have to succeed, too\n"
		"  --may-sigbus        the far store may fail: see below\n"
		"  --kill-test         instead: N processes that are killed again and again\n"
		"  --quiet             no progress on standard error\n"
		"\n"
		"It says when the mapping is filled, and the seed. SIGTERM ends the load early;\n"
		"everything is verified all the same.\n"
		"\n"
		"With --may-sigbus it is told by signals when the far store may fail, and says when it has\n"
		"taken note: from SIGUSR1 on a page that raises SIGBUS is counted, and tried again like any\n"
		"other; from SIGUSR2 on a SIGBUS is an error again, and at once every page is verified.\n"
		"Only operations with + are made. At the end it says how many SIGBUS there were (sigbus), of\n"
		"how many pages, and how many pages were unreadable when they were touched last.\n"
		"\n"
		"Exit status: 0 all right; 1 something was wrong; 2 it could not start; 3 an operation\n"
		"never succeeded. Operations (those with * may be missing in the kernel):\n");
	ops_print_names(out);
}

static uint64_t parse_number(const char *text, const char *name)
{
	unsigned long long n;
	char *end;

	errno = 0;
	n = strtoull(text, &end, 0);
	if (errno || end == text || *text == '-')
		bad_setup("--%s: '%s' is no number", name, text);
	switch (*end) {
	case 'G':
		n <<= 10;
		/* fallthrough */
	case 'M':
		n <<= 10;
		/* fallthrough */
	case 'K':
		n <<= 10;
		end++;
	}
	if (*end)
		bad_setup("--%s: '%s' is no number", name, text);
	return n;
}

static unsigned int parse_count(const char *text, const char *name)
{
	uint64_t n = parse_number(text, name);

	if (!n || n > MAX_THREADS)
		bad_setup("--%s: %s is not in 1..%u", name, text, MAX_THREADS);
	return (unsigned int)n;
}

static struct options parse(int argc, char **argv)
{
	enum {
		SIZE = 1,
		THREADS,
		OP_THREADS,
		SECONDS,
		OPS,
		SEED,
		DIRECT,
		STRICT,
		MAY_SIGBUS,
		KILL,
		QUIET,
		BREAK,
		EXEC,
		HELP
	};
	static const struct option long_options[] = {
		{ "size", required_argument, NULL, SIZE },
		{ "threads", required_argument, NULL, THREADS },
		{ "op-threads", required_argument, NULL, OP_THREADS },
		{ "seconds", required_argument, NULL, SECONDS },
		{ "ops", required_argument, NULL, OPS },
		{ "seed", required_argument, NULL, SEED },
		{ "direct-file", required_argument, NULL, DIRECT },
		{ "strict", no_argument, NULL, STRICT },
		{ "may-sigbus", no_argument, NULL, MAY_SIGBUS },
		{ "kill-test", no_argument, NULL, KILL },
		{ "quiet", no_argument, NULL, QUIET },
		{ "break", required_argument, NULL, BREAK },
		{ "exec-child", required_argument, NULL, EXEC },
		{ "help", no_argument, NULL, HELP },
		{ 0 },
	};
	struct options o = { .size = 64u << 20,
			     .threads = 2,
			     .op_threads = 2,
			     .seconds = 10,
			     .seed = 1,
			     .ops = "all" };
	const char *seed = getenv("MAGE_TORTURE_SEED");
	int c;

	if (seed && *seed)
		o.seed = parse_number(seed, "seed");
	while ((c = getopt_long(argc, argv, "", long_options, NULL)) != -1) {
		switch (c) {
		case SIZE:
			o.size = parse_number(optarg, "size");
			break;
		case THREADS:
			o.threads = parse_count(optarg, "threads");
			break;
		case OP_THREADS:
			o.op_threads = parse_count(optarg, "op-threads");
			break;
		case SECONDS:
			o.seconds = (unsigned int)parse_number(optarg, "seconds");
			break;
		case OPS:
			o.ops = optarg;
			break;
		case SEED:
			o.seed = parse_number(optarg, "seed");
			break;
		case DIRECT:
			o.direct_file = optarg;
			break;
		case STRICT:
			o.strict = true;
			break;
		case MAY_SIGBUS:
			o.may_sigbus = true;
			break;
		case KILL:
			o.kill_test = true;
			break;
		case QUIET:
			o.quiet = true;
			break;
		case BREAK:
			break_choose(optarg);
			break;
		case EXEC:
			exit(exec_child(parse_number(optarg, "exec-child")));
		case HELP:
			usage(stdout);
			exit(EXIT_RIGHT);
		default:
			usage(stderr);
			exit(EXIT_SETUP);
		}
	}
	if (optind < argc)
		bad_setup("'%s' is not an option (see --help)", argv[optind]);
	if (!o.size || o.size % HUGE_BYTES || o.size >> 40)
		bad_setup("--size must be a multiple of 2M, below 1T");
	if (o.kill_test && o.size / o.threads < HUGE_BYTES)
		bad_setup("--size must give each of %u processes 2M", o.threads);
	if (o.kill_test && o.may_sigbus)
		bad_setup(
			"--may-sigbus is not for --kill-test: its processes are to meet no error");
	return o;
}

static void progress(double since, uint64_t *last)
{
	struct worker_counts w = workers_counts();

	fprintf(stderr, "torture: %.0f s, %llu visits (+%llu), %llu operations, %llu verified\n",
		clock_seconds() - since, (unsigned long long)w.visits,
		(unsigned long long)(w.visits - *last), (unsigned long long)ops_done(),
		(unsigned long long)(w.verified + ops_verified()));
	*last = w.visits;
	workers_report_stuck();
	ops_report_stuck();
}

/* In every thread, so that only supervise() takes them. */
static void block_signals(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGTERM);
	sigaddset(set, SIGINT);
	if (guard_is_on()) {
		sigaddset(set, SIGUSR1);
		sigaddset(set, SIGUSR2);
	}
	sigprocmask(SIG_BLOCK, set, NULL);
}

static void say_sigbus(const char *what)
{
	struct guard_counts c = guard_counts();

	fprintf(stderr, "torture: %s; until now sigbus=%llu of %llu pages, unreadable %llu\n", what,
		(unsigned long long)c.signals, (unsigned long long)c.pages,
		(unsigned long long)c.unreadable);
}

/* The far store is said to fail, or to be all right again. */
static void change_phase(struct actor *a, bool errors)
{
	if (!errors)
		break_calm();
	guard_expect(errors);
	if (errors) {
		say_sigbus("errors may happen");
		return;
	}
	for (uint32_t i = 0; i < region_pages(); i++) {
		struct slice s = { .first = i, .count = 1 };

		slice_lock(&s, false);
		page_verify(a, i, false);
		slice_unlock(&s);
	}
	say_sigbus("every page is right");
}

/* Until the time is over, or somebody asks for an early end: the final pass is made either way. */
static void supervise(const struct options *o, const sigset_t *signals, struct actor *a)
{
	double start = clock_seconds(), line = start + PROGRESS_SECONDS;
	const struct timespec tick = { .tv_nsec = TICK_NS };
	uint64_t last = 0;

	while (clock_seconds() < start + o->seconds) {
		int sig = sigtimedwait(signals, NULL, &tick);

		if (sig == SIGUSR1 || sig == SIGUSR2)
			change_phase(a, sig == SIGUSR1);
		else if (sig > 0)
			break;
		break_some(a);
		if (!o->quiet && clock_seconds() >= line) {
			progress(start, &last);
			line += PROGRESS_SECONDS;
		}
	}
}

static void summary(const struct options *o, double seconds)
{
	struct worker_counts w = workers_counts();

	printf("torture: ok: %u pages, %u threads, %.0f s: visits=%llu rewrites=%llu patches=%llu"
	       " bumps=%llu operations=%llu verified=%llu longest_ms=%.0f",
	       region_pages(), o->threads, seconds, (unsigned long long)w.visits,
	       (unsigned long long)w.rewrites, (unsigned long long)w.patches,
	       (unsigned long long)w.bumps, (unsigned long long)ops_done(),
	       (unsigned long long)(w.verified + ops_verified()), w.longest * 1e3);
	if (o->may_sigbus) {
		struct guard_counts c = guard_counts();

		printf(" sigbus=%llu pages=%llu unreadable=%llu", (unsigned long long)c.signals,
		       (unsigned long long)c.pages, (unsigned long long)c.unreadable);
	}
	printf(";");
	ops_print_counts(stdout);
	printf("\n");
}

static int torture(const struct options *o)
{
	static struct actor supervisor;
	double start = clock_seconds();
	sigset_t signals;

	report_signals();
	if (o->may_sigbus)
		guard_on();
	block_signals(&signals);
	ops_select(o->ops, o->direct_file, o->strict);
	region_create(o->size, o->seed);
	proc_open();
	if (o->direct_file)
		direct_open(o->direct_file, o->op_threads);
	actor_init(&supervisor, MAX_THREADS, o->seed, false);
	supervisor.doing = "pass over every page";
	workers_start(o->threads, o->seed);
	ops_start(o->op_threads, o->seed);
	fprintf(stderr, "torture: filled: %u pages, seed %llu\n", region_pages(),
		(unsigned long long)o->seed);
	supervise(o, &signals, &supervisor);
	/* The workers keep up the pressure until the last operation is over. */
	ops_stop();
	workers_stop();
	workers_final_pass();
	if (!ops_all_worked())
		return EXIT_NEVER;
	summary(o, clock_seconds() - start);
	return EXIT_RIGHT;
}

int main(int argc, char **argv)
{
	struct options o = parse(argc, argv);

	if (!o.kill_test)
		return torture(&o);
	report_signals();
	fprintf(stderr, "torture: kill-test, seed %llu\n", (unsigned long long)o.seed);
	return kill_test(&(struct kill_test){
		.size = o.size,
		.processes = o.threads,
		.seconds = o.seconds,
		.seed = o.seed,
		.broken = break_is_chosen(),
		.quiet = o.quiet,
	});
}
